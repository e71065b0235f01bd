package android_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/policy/promise"
	"github.com/lullwork/lull/work"
)

// onVendors is what vendors do to a request, as lines of effect, vendor and time; and the
// classes that they leave of it.
func onVendors(t *testing.T, q work.Request, set ...android.Setting) (effects, classes []string) {
	t.Helper()
	var list []*android.Profile
	for _, name := range android.Vendors() {
		p := profiles(t)("16", name)
		p.Permissions |= android.UseExactAlarm | android.RunUserInitiatedJobs | android.ReceiveBootCompleted | android.ForegroundService | android.PostNotifications
		if err := p.Apply(set); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	asks := []promise.Ask{{Task: q.Task, Request: q, Front: true}}
	out := android.Promises(list[0], asks)
	android.OnVendors(list, asks, out)
	for _, v := range out[0].Vendors {
		if v.When == "" || v.Gets == "" || v.Source == "" {
			t.Errorf("%s says nothing: %+v", v.Effect, v)
		}
		for _, y := range v.By {
			mark := ""
			if y.Assumed {
				mark = "~"
			}
			effects = append(effects, fmt.Sprintf("%s %s %s%s", v.Effect, y.Vendor, mark, y.After))
		}
	}
	for _, l := range out[0].Lesser {
		classes = append(classes, string(l.Class)+" "+strings.Join(l.Vendors, " "))
	}
	return effects, classes
}

// TestOnVendors: what each vendor does to a call is what its phones do to it in a
// simulation, and AOSP does none of it.
func TestOnVendors(t *testing.T) {
	transfer := work.Request{Task: "up", Needs: work.Constraints{Network: work.Connected}, Phone: work.Traits{Kind: work.KindUserInitiated}}
	exact := work.Request{Task: "a", Every: 24 * time.Hour, Phone: work.Traits{Kind: work.KindAlarm, Mode: "exact-idle", Rearm: true}}
	for _, c := range []struct {
		name      string
		q         work.Request
		has, none []string
		classes   []string
	}{
		{
			"periodic",
			work.Request{Task: "p", Every: time.Hour},
			[]string{
				"screen-off-held oppo ~0s", "screen-off-held xiaomi ~10m0s", "screen-off-held vivo ~1h0m0s", "screen-off-stopped huawei 1h0m0s", "boot-stopped blackview 0s",
				"unused-stopped samsung 72h0m0s", "unused-stopped tecno ~24h0m0s", "exemption-undone oneplus ~336h0m0s", "exemption-undone samsung ~720h0m0s",
			},
			[]string{" aosp ", " google ", " nokia ", " sony ", " htc ", " lenovo ", "swipe-", "dropped", "screen-off-held huawei"},
			nil,
		},
		{
			"exact alarm", exact,
			[]string{"screen-off-dropped huawei 1h0m0s", "screen-off-held asus ~1m0s", "boot-stopped xiaomi 0s"},
			[]string{" aosp ", "boot-stopped samsung"},
			[]string{"deferred asus blackview meizu motorola oneplus oppo realme samsung tecno unihertz vivo wiko xiaomi", "opportunistic huawei"},
		},
		{"transfer", transfer, []string{"screen-off-dropped huawei 1h0m0s", "screen-off-held xiaomi ~10m0s"}, []string{" aosp ", "boot-"}, []string{"opportunistic huawei"}},
		{
			"message of high priority",
			work.Request{Task: "m", Phone: work.Traits{Kind: work.KindPush, Priority: "high", Visible: true}},
			[]string{"screen-off-ended xiaomi ~10m0s", "screen-off-stopped huawei 1h0m0s", "unused-stopped samsung 72h0m0s"},
			[]string{"screen-off-held", "dropped", " aosp "},
			nil,
		},
		{
			"service",
			work.Request{Task: "s", Phone: work.Traits{Kind: work.KindService, Mode: "other"}},
			[]string{"swipe-ended lenovo 0s", "swipe-ended xiaomi 0s", "screen-off-held meizu ~30m0s"},
			[]string{"swipe-ended samsung", " aosp "},
			[]string{"deferred asus blackview huawei meizu motorola oneplus oppo realme samsung tecno unihertz vivo wiko xiaomi"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			effects, classes := onVendors(t, c.q)
			for _, want := range c.has {
				if !slices.Contains(effects, want) {
					t.Errorf("it lacks %q:\n%s", want, strings.Join(effects, "\n"))
				}
			}
			for _, not := range c.none {
				if i := slices.IndexFunc(effects, func(e string) bool { return strings.Contains(e, not) }); i >= 0 {
					t.Errorf("there is %q", effects[i])
				}
			}
			if !slices.Equal(classes, c.classes) {
				t.Errorf("classes are %q, not %q", classes, c.classes)
			}
		})
	}
}

// TestOnVendorsElsewhere: other values of a vendor's parameters make another promise.
func TestOnVendorsElsewhere(t *testing.T) {
	q := work.Request{Task: "p", Every: time.Hour}
	effects, _ := onVendors(t, q,
		android.Setting{Name: "vendor.kill-on-screen-off", Value: "7m"}, android.Setting{Name: "vendor.no-autostart-after-boot", Value: "no"},
		android.Setting{Name: "vendor.sleep-after-unused", Value: "never"}, android.Setting{Name: "vendor.setting-reverts", Value: "never"},
		android.Setting{Name: "vendor.kill-is-force-stop", Value: "no"}, android.Setting{Name: "vendor.kill-on-swipe", Value: "no"})
	if len(effects) != len(android.Vendors()) {
		t.Errorf("not one thing of each vendor: %q", effects)
	}
	for _, e := range effects {
		if !strings.HasPrefix(e, "screen-off-held ") || !strings.HasSuffix(e, "7m0s") {
			t.Errorf("there is %q", e)
		}
	}
	if effects, classes := onVendors(t, work.Request{Task: "r", Phone: work.Traits{Kind: work.KindRefresh}}); len(effects)+len(classes) > 0 {
		t.Errorf("what Android has not is treated: %q %q", effects, classes)
	}
}
