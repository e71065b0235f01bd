package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/world"
)

// TestWorldSkips shows that whoever the phone is of, its past is passed over and leaves
// it in a state, at any time of day.
func TestWorldSkips(t *testing.T) {
	const hour = 3600 * 1_000_000
	for _, a := range world.Archetypes() {
		open, err := checkWorld(a.Name, "", func(of *world.Archetype) *world.Archetype { return of })
		if err != nil {
			t.Fatal(err)
		}
		screens := map[int64]bool{}
		for h := range int64(24) {
			now := 1_767_571_200_000_000 + h*hour
			w := open(uint64(h), now, 2*hour)
			is := w.skip(now)
			if at := w.due(); at <= now || at > now+24*hour {
				t.Errorf("%s at %d h: the next event is in %d s", a.Name, h, (at-now)/1_000_000)
			}
			for _, s := range []record.Signal{record.Charging, record.BatteryLevel, record.Connected, record.LowPower} {
				if w.facts[s].Value == record.Unknown {
					t.Errorf("%s at %d h: %s is unknown", a.Name, h, s)
				}
			}
			i := slices.IndexFunc(is, func(s core.Sense) bool { return s.Kind == core.SenseScreen })
			if i < 0 {
				t.Fatalf("%s at %d h: nobody knows whether the screen is on", a.Name, h)
			}
			screens[is[i].Value] = true
			if slices.ContainsFunc(is, func(s core.Sense) bool { return s.Kind == core.SenseAppOpened || s.Kind == core.SenseInstalled }) {
				t.Errorf("%s at %d h: %v", a.Name, h, is)
			}
			for range 100 {
				before := w.due()
				if w.take(); w.due() < before {
					t.Fatalf("%s: time goes back", a.Name)
				}
			}
		}
		if !screens[0] {
			t.Errorf("%s: the screen is always on", a.Name)
		}
	}
}

// TestFactsLaidOver shows whose word counts.
func TestFactsLaidOver(t *testing.T) {
	d := deskFacts{told: map[record.Signal]int64{}, name: "daily"}
	says := record.NewFacts()
	says[record.Charging].Value, says[record.BatteryLevel].Value = 0, 40
	d.set(&says)
	is := func(want string) {
		t.Helper()
		f := record.NewFacts()
		f[record.Charging] = record.Fact{Signal: record.Charging, Value: 1, Source: "UPower"}
		d.lay(&f)
		var got string
		for _, s := range []record.Signal{record.Charging, record.BatteryLevel, record.Idle} {
			got += fmt.Sprintf("%s %d %s; ", s, f[s].Value, f[s].Source)
		}
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	is("charging 1 UPower; battery-level 40 world daily; idle -1 ; ")
	d.tell(false, record.Fact{Signal: record.Charging}, record.Fact{Signal: record.BatteryLevel, Value: 4})
	is("charging 0 lull app; battery-level 4 lull app; idle -1 ; ")
	d.tell(true, record.Fact{Signal: record.Charging})
	is("charging 1 UPower; battery-level 4 lull app; idle -1 ; ")
}

func TestCompareJournals(t *testing.T) {
	line := func(seq int) string {
		return fmt.Sprintf(`{"seq":%d,"time":"2026-01-05T00:00:00.000000Z","at":1,"kind":"engine"}`+"\n", seq)
	}
	whole := line(1) + line(2) + line(3)
	for _, x := range []struct{ got, want, what string }{
		{whole, whole, ""},
		{"", "", ""},
		{whole, line(2) + line(3), ""}, // the first one was dropped for its age
		{whole, line(1) + line(2), "the run log ends before line 3"},
		{line(1), whole, "the replay ends before line 2"},
		{whole, line(1) + line(3), "line 2"},
		{whole, line(4), "the replay ends before line 1"},
		{whole, "no journal\n", "line 1"},
		{whole, whole[:len(whole)-3], "the run log ends before line 3"},
	} {
		what := ""
		d := compareJournals([]byte(x.got), []byte(x.want))
		if d != nil {
			what = d.what
		}
		if what != x.what || d != nil && d.short != strings.Contains(what, "ends before") {
			t.Errorf("%q against %q: %q, want %q", x.got, x.want, what, x.what)
		}
	}
}
