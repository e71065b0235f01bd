package platform

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/ios"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

func setups() []Setup {
	return []Setup{
		{Name: IOS, Seed: 7, App: ios.App{Permitted: []string{"com.ex.sync"}, Modes: []string{}}, Set: []Setting{{"theta0", "0.7"}}},
		{Name: Android, Seed: 7, Vendor: "samsung", Target: 34, Permissions: []string{"post-notifications"}},
	}
}

func TestStateTellsWhatItIs(t *testing.T) {
	for _, s := range setups() {
		p, err := s.Policy()
		if err != nil {
			t.Fatal(err)
		}
		a := p.(core.Platform)
		if a.Rules().Name == "" {
			t.Errorf("%s has no rules", s.Name)
		}
		if err := a.Load(nil); err != nil {
			t.Fatalf("%s: of no state: %v", s.Name, err)
		}
		f := record.NewFacts()
		a.Sense(1_000_000, core.Sense{Kind: core.SenseInstalled}, &f)
		a.Sense(2_000_000, core.Sense{Kind: core.SenseAppOpened}, &f)
		state, err := a.Save()
		if err != nil {
			t.Fatal(err)
		}
		of, err := Of(string(state))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, of); diff != "" {
			t.Errorf("%s: -want +got\n%s", s.Name, diff)
		}
		b, err := of.Policy()
		if err != nil {
			t.Fatal(err)
		}
		if err := b.(core.Platform).Load(state); err != nil {
			t.Fatal(err)
		}
		if again, err := b.(core.Platform).Save(); err != nil || !bytes.Equal(again, state) {
			t.Errorf("%s: saved, loaded and saved: %v\n%s\n%s", s.Name, err, state, again)
		}
		if err := b.(core.Platform).Load(nil); err != nil {
			t.Fatal(err)
		}
		if fresh, _ := b.(core.Platform).Save(); bytes.Equal(fresh, state) {
			t.Errorf("%s: of no state it did not begin anew", s.Name)
		}
		for _, other := range setups() {
			if other.Name == s.Name {
				continue
			}
			o, err := other.Policy()
			if err != nil {
				t.Fatal(err)
			}
			if err := o.(core.Platform).Load(state); err == nil || !strings.Contains(err.Error(), Title(s.Name)) {
				t.Errorf("%s took the state of %s: %v", other.Name, s.Name, err)
			}
		}
	}
}

func TestSetupMistakes(t *testing.T) {
	for _, s := range []Setup{
		{Name: "palm"},
		{Name: IOS, Set: []Setting{{"no-such", "1"}}},
		{Name: Android, Set: []Setting{{"no-such", "1"}}},
		{Name: Android, Version: "android-3"},
		{Name: Android, Vendor: "no-such"},
		{Name: Android, Permissions: []string{"no-such"}},
	} {
		if _, err := s.Policy(); err == nil {
			t.Errorf("%+v was taken", s)
		}
	}
	for _, state := range []string{"", "{", "{}", `{"setup":{"name":"palm"}}`} {
		if _, err := Of(state); err == nil {
			t.Errorf("%q was taken", state)
		}
	}
}

// TestNeedsAreJudgedByTheirSignals shows that no policy judges a need by other facts than
// those of its signals: the machine looks at it again when one of these changes, and only then.
func TestNeedsAreJudgedByTheirSignals(t *testing.T) {
	needs := []core.Need{{Kind: core.NeedNetwork, Network: work.Connected, Request: "internet,validated,not-metered,not-roaming"}}
	for k := core.NeedNetwork; k <= core.NeedLowPowerOff; k++ {
		for _, n := range []work.Network{work.Connected, work.Unmetered, work.NotRoaming, work.Metered, work.TemporarilyUnmetered} {
			needs = append(needs, core.Need{Kind: k, Network: n})
		}
	}
	for _, setup := range []Setup{{}, {Name: Android}, {Name: Android, Version: "11"}, {Name: IOS}} {
		p, err := setup.Policy()
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range needs {
			for own := range 81 { // all values of up to four signals of its own
				f, left := record.NewFacts(), own
				for s := range f {
					if n.Kind.Minds(record.Signal(s)) {
						f[s].Value = int64(left%3) - 1
						left /= 3
					}
				}
				v := p.Judge(n, &f)
				for s := range f {
					if n.Kind.Minds(record.Signal(s)) {
						continue
					}
					for f[s].Value = -1; f[s].Value < 2; f[s].Value++ {
						if got := p.Judge(n, &f); got != v {
							t.Fatalf("%+v: %+v is judged by %s: %+v, want %+v", setup, n, record.Signal(s), got, v)
						}
					}
				}
			}
		}
	}
}
