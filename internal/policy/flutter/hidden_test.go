package flutter

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/work"
)

// uses are tasks of every kind, through every layer, that ask for much and for little.
func uses() []Use {
	kinds := []work.Kind{
		work.KindWork, work.KindUserInitiated, work.KindAlarm, work.KindService, work.KindRefresh, work.KindProcessing, work.KindHealth,
		work.KindContinued, work.KindTransfer, work.KindAssertion, work.KindTimer, work.KindPush, work.KindNotification, work.KindWidget,
	}
	var out []Use
	for _, platform := range []string{"android", "ios", "linux"} {
		for _, l := range Layers() {
			for _, k := range kinds {
				u := Use{Platform: platform, Layer: LayerFor(l.Name, k), Flutter: l.Name != Native, Kind: k}
				out = append(out, u)
				u.Periodic, u.Delay, u.Every, u.Others, u.Count, u.Clock, u.Mode = true, time.Minute, time.Hour, 2, 600, true, "exact"
				u.Needs.Network, u.Backoff, u.Policy = work.Unmetered, work.Backoff{Delay: time.Minute}, work.Update
				out = append(out, u)
				u.Periodic = false
				out = append(out, u)
			}
		}
	}
	return out
}

func TestEverythingHiddenAppliesSomewhere(t *testing.T) {
	names := map[string]bool{}
	for _, h := range AllHidden() {
		if names[h.Name] || h.Name == "" || h.When == "" || h.Seen == "" || h.Source == "" || len(h.Platforms) == 0 || len(h.Layers) == 0 {
			t.Errorf("incomplete, or there twice: %+v", h)
		}
		names[h.Name] = true
		for _, family := range h.Layers {
			in, out := 0, 0
			for _, u := range uses() {
				layer := strings.HasPrefix(u.Layer.Name, family) || family == LocalNotifications && u.Flutter && u.Kind == work.KindNotification
				switch applies := h.Applies(&u); {
				case applies && (!layer || !slices.Contains(h.Platforms, u.Platform)):
					if !slices.ContainsFunc(h.Layers, func(name string) bool { return strings.HasPrefix(u.Layer.Name, name) }) {
						t.Errorf("%s is hidden by %s on %s", h.Name, u.Layer.Name, u.Platform)
					}
				case applies:
					in++
				default:
					out++
				}
			}
			if in == 0 || out == 0 {
				t.Errorf("%s of %s applies to %d tasks and not to %d", h.Name, family, in, out)
			}
		}
	}
}

func TestNativeHidesNothing(t *testing.T) {
	native, _ := LayerOf(Native)
	for _, u := range uses() {
		if u.Layer, u.Flutter = native, false; len(HiddenFrom(&u)) > 0 {
			t.Errorf("%+v hides %+v", u, HiddenFrom(&u))
		}
	}
}

// TestLayersGoWithKinds says which layer a task goes through.
func TestLayersGoWithKinds(t *testing.T) {
	for _, c := range []struct {
		name string
		kind work.Kind
		want string
	}{
		{"workmanager@0.10", work.KindWork, "workmanager@0.10"},
		{"workmanager@0.9", work.KindRefresh, "workmanager@0.9"},
		{"workmanager@0.10", work.KindWidget, Native},
		{"workmanager@0.10", work.KindNotification, Native},
		{"workmanager@0.10", work.KindPush, Native},
		{"workmanager@0.10", work.KindTransfer, Native},
		{"firebase", work.KindPush, "firebase"},
		{"firebase", work.KindRefresh, Native},
		{"native", work.KindRefresh, Native},
		{"unheard of", work.KindRefresh, Native},
	} {
		if got := LayerFor(c.name, c.kind); got.Name != c.want {
			t.Errorf("%s for %q is %s, want %s", c.name, c.kind, got.Name, c.want)
		}
	}
}

// TestEachTraitIsOfSomeLayer: a trait that no layer has decides nothing, and native has none.
func TestEachTraitIsOfSomeLayer(t *testing.T) {
	kind := reflect.TypeFor[Layer]()
	for i := range kind.NumField() {
		some := 0
		for _, l := range Layers() {
			if zero := reflect.ValueOf(l).Field(i).IsZero(); !zero {
				some++
				if l.Name == Native && kind.Field(i).Name != "Name" {
					t.Errorf("native has %s", kind.Field(i).Name)
				}
			}
		}
		if some == 0 {
			t.Errorf("no layer has %s", kind.Field(i).Name)
		}
	}
}

func TestNetworkOfProcessing(t *testing.T) {
	ten, _ := LayerOf("workmanager@0.10")
	native, _ := LayerOf(Native)
	for n, want := range map[work.Network]work.Network{
		work.NoNetwork: work.NoNetwork, work.Connected: work.Connected, work.Metered: work.Connected, work.Unmetered: work.NoNetwork, work.NotRoaming: work.NoNetwork,
	} {
		if got := ten.Network(n); got != want {
			t.Errorf("workmanager makes %s of %s", got, n)
		}
		if got := native.Network(n); got != n {
			t.Errorf("native makes %s of %s", got, n)
		}
	}
}
