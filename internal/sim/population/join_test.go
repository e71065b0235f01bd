package population

import (
	"context"
	"testing"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/sim"
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/world"
)

// TestShortWay compares phones whose apps have works for the last of the settling days only
// with phones whose apps have them for all. They are the same people, who open their app at
// the same times; what runs is drawn anew, so that only sums can be compared.
func TestShortWay(t *testing.T) {
	devices, within := 16, int64(12) // percent
	if *long {
		devices, within = 600, 2
	}
	for _, platform := range []string{scenario.Android, scenario.IOS} {
		c := Config{Plan: example(t), Platforms: []string{platform}, Devices: devices, Days: 7, Seed: 5}
		short, err := Run(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		c.Whole = true
		whole, err := Run(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		if short.Events*5 > whole.Events*3 {
			t.Errorf("%s: %d events, and %d on the long way", platform, short.Events, whole.Events)
		}
		var a, b phone.Tally
		for i := range short.Groups {
			a.Merge(&short.Groups[i].Tally)
		}
		for i := range whole.Groups {
			b.Merge(&whole.Groups[i].Tally)
		}
		if a.Opens != b.Opens || a.Devices != b.Devices || a.Days != b.Days {
			t.Errorf("%s: %d openings in %d days of %d phones, and %d in %d of %d", platform, a.Opens, a.Days, a.Devices, b.Opens, b.Days, b.Devices)
		}
		when := map[string]app.When{}
		for _, x := range scenario.Tasks(c.Plan, platform) {
			when[x.Name] = x.When
		}
		for i := range a.Tasks {
			x, y := &a.Tasks[i], &b.Tasks[i]
			for _, v := range []struct {
				what         string
				short, whole int64
			}{{"runs", x.Runs, y.Runs}, {"runs that succeed", x.Succeeded, y.Succeeded}, {"days without a run", x.IdleDays, y.IdleDays}, {"waiting", x.Waited, y.Waited}} {
				// A share of what there is, or of what there could be: days without a run may be few.
				expected, of, share := v.whole, v.whole, within
				switch arrives := when[x.Name] == app.Arrival; {
				case v.what == "days without a run":
					of = y.Days
				case arrives && v.what == "waiting":
					// Most of it is that of a few works: it may differ by some hours of a thousand.
					if hours := y.Days * 24 * 3600 * 1_000_000; max(v.short-v.whole, v.whole-v.short) <= hours/300 {
						continue
					}
					share = max(share, 10)
				case arrives: // how many there are is drawn anew, too
					expected = v.whole * x.Asked / max(1, y.Asked)
				}
				if d := v.short - expected; max(d, -d)*100 > share*of+300 {
					t.Errorf("%s on %s, %s: %d, and %d on the long way", x.Name, platform, v.what, v.short, v.whole)
				}
			}
		}
	}
}

// TestJoin looks at by when apps have works.
func TestJoin(t *testing.T) {
	start := int64(sim.DefaultStart)
	for _, c := range []struct {
		name, task string
		settle     int
		want       int // days before counting; 0: from the start
	}{
		{"hourly", "every: 1h\n    submit: {when: app-start}\n    android: {as: periodic}", 28, 2},
		{"each third day", "every: 3d\n    submit: {when: app-start}\n    android: {as: periodic}", 28, 6},
		{"too long", "every: 15d\n    submit: {when: app-start}\n    android: {as: periodic}", 28, 0},
		{"asked for once", "every: 1h\n    submit: {when: once}\n    android: {as: periodic}", 28, 0},
		{"messages that nobody sees", "submit: {when: arrival, rate: 1/day}\n    android: {as: push, priority: high}", 28, 8},
		{"few days", "every: 1h\n    submit: {when: app-start}\n    android: {as: periodic}", 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := plan.Parse("lull.yaml", []byte("app:\n  via: native\n  android: {target: 36}\ntasks:\n  t:\n    "+c.task+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			s, err := newStage(&Config{Plan: p, Mix: new(world.Mix)}, scenario.Android)
			if err != nil {
				t.Fatal(err)
			}
			want := int64(0)
			if c.want > 0 {
				want = start + int64(c.settle-c.want)*day
			}
			if got := s.join(start, start+int64(c.settle)*day); got != want {
				t.Errorf("by %d, not by %d", got, want)
			}
		})
	}
}
