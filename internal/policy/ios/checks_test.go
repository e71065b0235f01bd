package ios

import (
	"slices"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// The tests of this file hold whatever the calibration.

// month lets a person's device live through the warm-up and a month more.
func month(t testing.TB, p person, seed uint64, c Config, set func(*app)) *app {
	t.Helper()
	c.Seed = seed
	a := newApp(t, c, spec(work.KindRefresh), spec(work.KindProcessing))
	if set != nil {
		set(a)
	}
	a.live(t, trace(p, warmUp+counted, seed))
	return a
}

// calibrations are the defaults, and what is far from them.
func calibrations(t *testing.T) map[string]Config {
	out := map[string]Config{"defaults": {}}
	for name, percent := range map[string]int64{"half": 50, "three halves": 150} {
		var c Config
		for _, n := range Assumed() {
			if err := c.Params.Scale(n, percent); err != nil {
				t.Fatal(err)
			}
		}
		out[name] = c
	}
	var eager Config
	for name, v := range map[string]string{
		"theta0": "0", "theta1": "0", "p_slot_refresh": "1", "p_slot_processing": "1", "processing_spacing_s": "0",
		"idle_before_processing_s": "0", "budget_refresh_cost": "0", "budget_other_use_per_day": "0",
	} {
		if err := eager.Params.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	out["eager"] = eager
	return out
}

func TestChecks(t *testing.T) {
	for name, c := range calibrations(t) {
		t.Run(name, func(t *testing.T) {
			for i, p := range people[:2] {
				a := month(t, p, uint64(i+1), c, func(a *app) {
					a.due = func(at int64) int64 { return at + a.seq%5*hour }
				})
				refreshes := checkRuns(t, a)
				t.Logf("%s: %d refreshes, %d runs, held %v", p.name, refreshes, len(a.ran), a.held)
				if name != "half" && refreshes == 0 { // the slots of half a calibration may be too few
					t.Errorf("%s: no refresh at all", p.name)
				}
			}
		})
	}
}

// checkRuns looks at every run, and returns how many refreshes there are.
func checkRuns(t *testing.T, a *app) (refreshes int) {
	t.Helper()
	for _, r := range a.ran {
		if r.at < r.job.Work.LastEnqueue+450*second || r.at < r.job.Due {
			t.Errorf("%s at %d, submitted at %d, due at %d", r.kind, r.at, r.job.Work.LastEnqueue, r.job.Due)
		}
		if r.kind == work.KindProcessing && (!r.in.Charging || r.in.InUse) {
			t.Errorf("processing at %d on %+v", r.at, r.in)
		}
		if r.kind == work.KindRefresh {
			refreshes++
			if r.in.LowPower && !r.in.Charging || r.in.Quit || r.in.Focal || !r.in.RefreshApp || r.in.Network == NetworkNone {
				t.Errorf("refresh at %d on %+v", r.at, r.in)
			}
		}
	}
	return refreshes
}

func TestOneRefreshPending(t *testing.T) {
	a := newApp(t, Config{})
	first, other := spec(work.KindRefresh), spec(work.KindRefresh)
	other.Phone.Identifier = "com.ex.other"
	for _, c := range []struct {
		sp   *record.Spec
		code int
	}{{first, 0}, {other, CodeTooMany}, {first, 0}} {
		err := a.sys.Admit(a.now, a.job(c.sp, 0), &a.facts)
		if r, _ := err.(*core.Refusal); (err == nil) != (c.code == 0) || err != nil && (r.Code != c.code || r.Domain != Domain) {
			t.Errorf("%s: %v", c.sp.Phone.Identifier, err)
		}
		if err == nil && len(a.jobs) == 0 {
			a.wait(a.job(c.sp, 0))
		}
	}
	for i := range 11 {
		sp := spec(work.KindProcessing)
		sp.Phone.Identifier += string(rune('a' + i))
		err := a.sys.Admit(a.now, a.job(sp, 0), &a.facts)
		if (err != nil) != (i == 10) {
			t.Errorf("request %d for processing: %v", i+1, err)
		}
		if err == nil {
			a.wait(a.job(sp, 0))
		}
	}
}

// TestNothingRuns has worlds in which nothing may run after the warm-up.
func TestNothingRuns(t *testing.T) {
	for name, event := range map[string]core.SenseKind{"switch off": core.SenseRefresh, "switch off for all": core.SenseRefreshAll, "force quit": core.SenseAppSwiped} {
		t.Run(name, func(t *testing.T) {
			events := trace(people[1], warmUp+counted, 3)
			i := slices.IndexFunc(events, func(h happening) bool { return h.at > warmUp*day })
			from := events[i].at
			events = slices.Insert(events, i, happening{at: from, sense: core.Sense{Kind: event}, facts: events[i].facts})
			if event == core.SenseAppSwiped { // and never opened again
				events = slices.DeleteFunc(events, func(h happening) bool { return h.at > from && h.sense.Kind == core.SenseAppOpened })
			}
			a := newApp(t, Config{}, spec(work.KindRefresh), spec(work.KindProcessing))
			a.live(t, events)
			before, after := 0, 0
			for _, r := range a.ran {
				if r.at < from {
					before++
				} else {
					after++
				}
			}
			if before == 0 || after > 0 {
				t.Errorf("%d runs before, %d after", before, after)
			}
		})
	}
	t.Run("low power mode off the charger", func(t *testing.T) {
		events := trace(people[0], warmUp+counted, 4)
		for i := range events {
			events[i].facts[4] = 1
			events[i].facts[0] = 0
		}
		a := newApp(t, Config{}, spec(work.KindRefresh), spec(work.KindProcessing))
		a.live(t, events)
		if len(a.ran) > 0 || a.held[GateLowPower] == 0 {
			t.Errorf("%d runs, held %v", len(a.ran), a.held)
		}
	})
	t.Run("dormant", func(t *testing.T) {
		a := month(t, people[4], 5, Config{}, nil)
		for _, r := range a.ran {
			if r.at > 15*day {
				t.Errorf("%s on day %d", r.kind, r.at/day)
			}
		}
		if a.held[GateUnused] == 0 {
			t.Errorf("held %v", a.held)
		}
	})
}

func TestSameSeedSameSchedule(t *testing.T) {
	runs := func(seed uint64) (out []int64) {
		for _, r := range month(t, people[0], seed, Config{}, nil).ran {
			out = append(out, r.at, r.took)
		}
		return out
	}
	a, b, c := runs(1), runs(1), runs(2)
	if !slices.Equal(a, b) || slices.Equal(a, c) || len(a) < 100 {
		t.Errorf("%d, %d and %d runs", len(a)/2, len(b)/2, len(c)/2)
	}
}

// TestEveryReasonIsNamed has a month in which every work that waits has a reason of the
// list.
func TestEveryReasonIsNamed(t *testing.T) {
	names := []work.Code{
		GateTooEarly, GateForceQuit, GateRefreshOff, GateLowPower, GateForeground, GateNoNetwork, GateUnused, GateBattery,
		GateInUse, GateNotCharging, GateRunning, GateSpacing, GateBudget, GateScore, GateSlot,
	}
	seen := map[work.Code]bool{}
	for i, p := range people {
		month(t, p, uint64(i), Config{}, func(a *app) {
			a.seen = func(at int64, j core.Job, gates []core.Gate) {
				last := -1
				for _, g := range gates {
					n := slices.Index(names, g.Code)
					again := g.Code == GateInUse && j.Spec.Phone.Kind == work.KindProcessing // left alone for too short a time
					if n < 0 || n <= last && !again {
						t.Fatalf("%s after %d of %v", g.Code, last, gates)
					}
					if !again {
						last = n
					}
					seen[g.Code] = true
					if m, fix := a.sys.Explain(at, j, g, &a.facts); m == "" || fix == "" {
						t.Fatalf("%s: %q, %q", g.Code, m, fix)
					}
				}
			}
		})
	}
	if len(seen) < 9 {
		t.Errorf("only %v", seen)
	}
}

func TestPushes(t *testing.T) {
	for name, c := range calibrations(t) {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, c)
			sp := spec(work.KindPush)
			l := &luck{a.sys.chance.Fork(9)}
			next := int64(day)
			events := trace(people[1], 28, 6)
			sent := 0
			for i := range events {
				for ; next < events[i].at; next += int64(l.exponential() * 10 * float64(minute)) {
					a.until(t, next)
					a.now = next
					a.wait(a.job(sp, next))
					a.look(t)
					sent++
				}
				a.live(t, events[i:i+1])
			}
			var last, launches []int64
			for _, r := range a.ran {
				if r.in.Focal {
					continue
				}
				launches = append(launches, r.at)
				if n := len(launches); n > 1 && r.at-launches[n-2] < a.sys.m.PushSpacing {
					t.Errorf("launches %d µs apart", r.at-launches[n-2])
				}
				last = append(slices.DeleteFunc(last, func(at int64) bool { return at <= r.at-hour }), r.at)
				if name == "defaults" && len(last) > 4 {
					t.Errorf("%d launches within an hour", len(last))
				}
			}
			t.Logf("%d pushes, %d launches", sent, len(launches))
			if len(launches) < sent/8 {
				t.Errorf("%d launches of %d pushes", len(launches), sent)
			}
		})
	}
}
