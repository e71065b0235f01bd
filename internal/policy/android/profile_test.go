package android_test

import (
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
)

func profile(t testing.TB, version, vendor string) *android.Profile {
	t.Helper()
	v, err := android.VersionByName(version)
	if err != nil {
		t.Fatal(err)
	}
	p, err := android.NewProfile(v, vendor)
	if err != nil {
		t.Fatal(err)
	}
	// What most apps declare; tests of permissions take them away.
	p.Permissions = android.ReceiveBootCompleted | android.ForegroundService | android.ForegroundServiceDataSync
	return p
}

// profiles makes profiles as they are.
func profiles(t testing.TB) maker {
	return func(version, vendor string) *android.Profile { return profile(t, version, vendor) }
}

func param(t coretest.TB, name string) android.Param {
	t.Helper()
	x, err := android.ParamByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestParamsHaveNamesAndValues(t *testing.T) {
	p := profile(t, "11", "")
	seen := map[string]bool{}
	for x := range android.Params() {
		name := x.Name()
		if name == "" || seen[name] || x.Unit() == "" || strings.ContainsAny(name, "*_ ") {
			t.Errorf("parameter %d is named %q in %q", x, name, x.Unit())
		}
		seen[name] = true
		if y := param(t, strings.ReplaceAll(name, "-", "_")); y != x {
			t.Errorf("%s is parameter %d and %d", name, x, y)
		}
		if p.Tag(x) == "" {
			t.Errorf("%s has no value in Android 11", name)
		}
	}
}

func TestVersionsAndVendors(t *testing.T) {
	for _, c := range []struct {
		version, vendor, name string
		want                  int64
	}{
		{"12", "", "quota.active.window", 10 * 60e6},
		{"15", "aosp", "quota.working-set.window", 2 * 3600e6},
		{"16.0", "", "quota.active.window", 30 * 60e6},
		{"16", "google", "quota.active.window", 60 * 60e6},
		{"16", "", "quota.frequent.window", 12 * 3600e6},
		{"13", "", "doze.light.entry", 60e6},
		{"13", "xiaomi", "doze.light.entry", 4 * 60e6},
		{"12", "xiaomi", "doze.light.entry", 4 * 60e6},
		{"14", "samsung", "vendor.sleep-after-unused", 3 * 86400e6},
	} {
		if got := profile(t, c.version, c.vendor).Value(param(t, c.name)); got != c.want {
			t.Errorf("%s of %s %s is %d, want %d", c.name, c.version, c.vendor, got, c.want)
		}
	}
	for _, name := range []string{"10", "", "16.1"} {
		if _, err := android.VersionByName(name); err == nil || !strings.Contains(err.Error(), "16.0") {
			t.Errorf("version %q: %v", name, err)
		}
	}
	if _, err := android.NewProfile(android.Android16, "samsong"); err == nil || !strings.Contains(err.Error(), `"samsung"`) {
		t.Error(err)
	}
	for _, vendor := range android.Vendors() {
		if p := profile(t, "16", vendor); p.Vendor != vendor || p.Target != 36 {
			t.Errorf("%+v", p.Vendor)
		}
	}
}

func TestApply(t *testing.T) {
	p := profile(t, "16", "")
	if err := p.Apply([]android.Setting{
		{"quota.rare.time", "1h30m"},
		{"vendor.sleep_after_unused", "2d"},
		{"Vendor.Kill-On-Screen-Off", "never"},
		{"doze.deep", "no"},
		{"parallel.app.share", "25%"},
		{"quota.rare.jobs", "7"},
	}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int64{
		"quota.rare.time": 90 * 60e6, "vendor.sleep-after-unused": 2 * 86400e6, "doze.deep": 0, "parallel.app.share": 25, "quota.rare.jobs": 7,
		"vendor.kill-on-screen-off": 1<<63 - 1,
	} {
		if x := param(t, name); p.Value(x) != want || p.Tag(x) != "set" {
			t.Errorf("%s is %d (%s), want %d", name, p.Value(x), p.Tag(x), want)
		}
	}
	before := *p
	err := p.Apply([]android.Setting{
		{"quota.rare.time", "10m"},
		{"quota.rare.tme", "10m"},
		{"elephant", "10m"},
		{"quota.rare.jobs", "many"},
		{"quota.rare.jobs", "-1"},
		{"quota.rare.window", "yesterday"},
		{"quota.rare.window", "999999999d"},
		{"doze.deep", "maybe"},
		{"standby.check", "0s"},
		{"doze.idle", "never"},
		{"doze.idle.factor", "10001%"},
	})
	for _, want := range []string{
		`unknown parameter "quota.rare.tme" of Android: did you mean "quota.rare.time"?`, `unknown parameter "elephant" of Android`,
		`quota.rare.jobs: "many"`, "quota.rare.jobs: it must not be negative", `quota.rare.window: "yesterday" is no time`,
		`quota.rare.window: "999999999d" is no time`, `doze.deep: "maybe"`, "standby.check: it must be more than 0",
		"doze.idle: it must be at most 3650d", "doze.idle.factor: it must be at most 10000%",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != 10 {
		t.Errorf("%d errors: %v", n, err)
	}
	if *p != before {
		t.Error("a list with mistakes changed the profile")
	}
}

func FuzzApply(f *testing.F) {
	f.Add("quota.rare.time", "10m")
	f.Add("doze.idle.factor", "200%")
	f.Add("vendor.kill_on_swipe", "yes")
	f.Add("standby.check", "9223372036854775807d")
	f.Fuzz(func(t *testing.T, name, value string) {
		p := profile(t, "16", "")
		if p.Apply([]android.Setting{{name, value}}) != nil {
			return
		}
		if x := param(t, name); p.Value(x) < 0 || p.Tag(x) != "set" {
			t.Errorf("%s = %q gives %d", name, value, p.Value(x))
		}
	})
}

func TestPermissions(t *testing.T) {
	// All that a plan may name are known.
	all, err := android.Permissions("post-notifications", "run-user-initiated-jobs", "schedule-exact-alarm", "use-exact-alarm", "receive-boot-completed",
		"foreground-service", "foreground-service-data-sync", "ignore-battery-optimizations", "internet", "wake-lock")
	if err != nil || all != 1<<10-1 {
		t.Errorf("%b, %v", all, err)
	}
	set, err := android.Permissions("post-notifications", "use-exact-alarm")
	if err != nil || !set.Has(android.PostNotifications|android.UseExactAlarm) || set.Has(android.ScheduleExactAlarm) {
		t.Errorf("%b, %v", set, err)
	}
	if _, err := android.Permissions("post-notification"); err == nil || !strings.Contains(err.Error(), "post-notifications") {
		t.Error(err)
	}
}
