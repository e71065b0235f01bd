package ios

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// copied is a system that goes on by itself.
func copied(s *System) *System {
	c := *s
	c.Runs, c.Widgets, c.Notes.List = slices.Clone(s.Runs), slices.Clone(s.Widgets), slices.Clone(s.Notes.List)
	c.Process.Assertions, c.Process.Done = slices.Clone(s.Process.Assertions), slices.Clone(s.Process.Done)
	c.Process.Queue, c.Waits, c.spare, c.events = nil, nil, nil, nil
	for _, p := range s.Waits {
		c.Waits = append(c.Waits, c.copied(p))
	}
	c.Ordered = slices.Clone(s.Ordered)
	return &c
}

func gatesOf(s *System, at int64, j core.Job, f *record.Facts) (out []core.Gate) {
	s.Gates(at, j, f, func(g core.Gate) bool {
		out = append(out, g)
		return true
	})
	return out
}

// ended tells that a run is over and that nothing is left of it.
func ended(s *System, at int64, j core.Job, o work.Outcome) {
	s.End(at, j, o)
	s.Reaped(at, j.Work.Seq)
}

// clearing makes the edits of gates, but for one.
func clearing(s *System, at int64, j core.Job, f record.Facts, gates []core.Gate, but int) []core.Gate {
	c := copied(s)
	for i, g := range gates {
		if i == but {
			continue
		}
		if g.Edit.Kind == core.EditFact {
			f[g.Edit.Signal].Value = g.Edit.Value
		}
		c.Clear(at, j, g.Edit)
	}
	return gatesOf(c, at, j, &f)
}

var kinds = []work.Kind{
	work.KindRefresh, work.KindProcessing, work.KindHealth, work.KindContinued, work.KindTransfer,
	work.KindAssertion, work.KindTimer, work.KindPush, work.KindNotification, work.KindWidget,
}

// chaos is a random world: facts, senses, works of every kind, runs.
type chaos struct {
	chance.Stream
	sys   *System
	facts record.Facts
	at    int64
	seq   int64
	jobs  []core.Job
	goes  []core.Job
	// Worlds differ: in some the user never opens the app, in some there is but one kind
	// of work.
	absent bool
	only   work.Kind
}

// copied is a copy of what waits.
func (c *Contract) copied(p *pending) *pending {
	q := c.fresh(p.Type)
	*q = *p
	q.standing = unseen
	return q
}

func newChaos(t interface{ Fatal(...any) }, seed uint64) *chaos {
	c := &chaos{Stream: chance.New(seed), facts: record.NewFacts(), at: 20_000 * day}
	s, err := NewSystem(Config{Seed: seed, Pad: c.Chance(300_000), App: App{Entitlements: []string{HealthEntitlement}}})
	if err != nil {
		t.Fatal(err)
	}
	c.sys = s
	c.absent = c.Chance(150_000)
	if c.Chance(400_000) {
		c.only = kinds[c.Below(10)]
	}
	return c
}

// step lets one thing happen, and reports whether answers may be new.
func (c *chaos) step() bool {
	steps := [...]int64{0, second, minute, 10 * minute, hour, 5 * hour, day}
	to := c.at + c.Below(steps[c.Below(int64(len(steps)))]+1)
	changed := false
	for next := c.sys.Next(); next <= to; next = c.sys.Next() {
		c.at = max(c.at, next)
		changed = c.sys.Tick(c.at, &c.facts) || changed
		c.obey()
	}
	c.at = to
	switch c.Below(8) {
	case 0, 1:
		values := [record.Signals]int64{2, 101, 2, 2, 2, 2, 2, 2, 2, 2, 2}
		s := record.Signal(c.Below(int64(record.Signals)))
		c.facts[s].Value = c.Below(values[s]+1) - 1
		changed = c.sys.Sense(c.at, core.Sense{Kind: core.SenseFacts}, &c.facts) || changed
	case 2, 3:
		s := core.Sense{Kind: core.SenseKind(c.Below(int64(core.SenseKinds))), Value: c.Below(2), Task: string(kinds[c.Below(10)])}
		switch { // or nothing would happen for long
		case c.sys.Off:
			s.Kind = core.SenseBooted
		case !c.sys.Process.Alive && c.Chance(300_000):
			s.Kind = core.SenseAppOpened
		case !c.sys.Dev.RefreshAll || !c.sys.Dev.RefreshApp:
			s.Kind, s.Value = core.SenseRefreshAll+core.SenseKind(c.Below(2))-1, c.Between(1, 2)
		}
		if s.Kind == core.SenseLocalTime {
			s.Value = c.Between(-12, 14) * hour
		}
		if c.absent && (s.Kind == core.SenseAppOpened || s.Kind == core.SenseInstalled) {
			break
		}
		changed = c.sys.Sense(c.at, s, &c.facts) || changed
	case 4, 5, 6:
		if len(c.jobs) < 12 {
			c.submit()
			changed = true
		}
	case 7:
		if len(c.goes) > 0 {
			i := int(c.Below(int64(len(c.goes))))
			ended(c.sys, c.at, c.goes[i], work.Success)
			c.goes = slices.Delete(c.goes, i, i+1)
			changed = true
		}
	}
	c.obey()
	return changed
}

func (c *chaos) submit() {
	sp := spec(kinds[c.Below(int64(len(kinds)))])
	if c.only != "" {
		sp = spec(c.only)
	}
	sp.Phone.Visible, sp.Phone.Fail = c.Chance(200_000), c.Chance(300_000)
	if sp.Phone.Kind == work.KindContinued {
		sp.Phone.Identifier += string(rune('a' + c.Below(4)))
	}
	sp.Phone.Bytes = c.Below(2) * c.Below(60_000_000)
	sp.Needs.Charging = c.Chance(300_000)
	if c.Chance(500_000) {
		sp.Needs.Network = work.Connected
	}
	c.seq++
	due := c.at + c.Below(2)*c.Below(day)
	j := core.Job{Work: &record.Work{Seq: c.seq, ID: work.ID(fmt.Sprint("w", c.seq)), LastEnqueue: c.at, Due: due}, Spec: sp, Due: due}
	if c.sys.Admit(c.at, j, &c.facts) != nil {
		return
	}
	c.jobs = slices.DeleteFunc(c.jobs, func(o core.Job) bool {
		same := sp.Phone.Kind == work.KindRefresh && o.Spec.Phone.Kind == work.KindRefresh
		if same {
			c.sys.Gone(c.at, o)
		}
		return same
	})
	c.jobs = append(c.jobs, j)
	c.sys.Waiting(c.at, j)
}

func (c *chaos) obey() {
	orders := slices.Clone(c.sys.Orders())
	defer func() {
		if len(orders) > 0 {
			c.obey()
		}
	}()
	for _, o := range orders {
		mine := func(j core.Job) bool { return j.Work.ID == o.Work }
		if o.Kind != core.OrderDrop {
			if i := slices.IndexFunc(c.goes, mine); i >= 0 {
				ended(c.sys, c.at, c.goes[i], work.Stopped)
				c.goes = slices.Delete(c.goes, i, i+1)
			}
			continue
		}
		if i := slices.IndexFunc(c.jobs, mine); i >= 0 {
			c.sys.Gone(c.at, c.jobs[i])
			c.jobs = slices.Delete(c.jobs, i, i+1)
		}
	}
}

// start starts the works that nothing holds.
func (c *chaos) start() {
	for i := 0; i < len(c.jobs); i++ {
		if j := c.jobs[i]; j.Due <= c.at && len(gatesOf(c.sys, c.at, j, &c.facts)) == 0 {
			c.sys.Start(c.at, j, &c.facts)
			c.goes = append(c.goes, j)
			c.jobs = slices.Delete(c.jobs, i, i+1)
			i--
		}
	}
}

// TestClearing: a work whose gates are all cleared starts, and one whose gates are all
// cleared but one is held by that one.
func TestClearing(t *testing.T) {
	seen := map[string]int{}
	worlds, steps := 100, 200
	if *long {
		worlds = 3000
	}
	for seed := range worlds {
		c := newChaos(t, uint64(seed))
		for range steps {
			c.step()
			if len(c.jobs) > 0 {
				j := c.jobs[c.Below(int64(len(c.jobs)))]
				if j.Due > c.at {
					continue
				}
				gates := gatesOf(c.sys, c.at, j, &c.facts)
				for _, g := range gates {
					if message, fix := c.sys.Explain(c.at, j, g, &c.facts); len(message) < 10 || fix == "" {
						t.Fatalf("%+v is explained by %q, %q", g, message, fix)
					}
					seen[string(j.Spec.Phone.Kind)+" "+string(g.Code)]++
				}
				if left := clearing(c.sys, c.at, j, c.facts, gates, -1); len(left) > 0 {
					t.Fatalf("world %d: %s has %+v, and %+v when all are cleared", seed, j.Spec.Phone.Kind, gates, left)
				}
				for i := range gates {
					left := clearing(c.sys, c.at, j, c.facts, gates, i)
					if len(left) != 1 || left[0].Code != gates[i].Code {
						t.Fatalf("world %d: %s has %+v, and %+v when all but %s are cleared", seed, j.Spec.Phone.Kind, gates, left, gates[i].Code)
					}
				}
			}
			c.start()
		}
	}
	t.Log(len(seen), seen)
	for _, want := range []string{
		"refresh too_early", "refresh force_quit", "refresh low_power_mode", "refresh app_in_foreground",
		"refresh no_network", "refresh app_unused", "refresh battery_critical", "refresh spacing", "refresh budget_exhausted",
		"refresh score_below_threshold", "refresh slot_contention", "processing device_in_use", "processing not_charging",
		"processing spacing", "processing slot_contention", "processing app_unused", "health battery_critical", "continued no_room",
		"transfer not_charging", "transfer no_network", "transfer spacing", "timer app_not_running", "assertion app_suspended", "push spacing",
		"push background_refresh_off", "widget budget_exhausted", "widget spacing", "notification device_off",
	} {
		if seen[want] == 0 {
			t.Errorf("never seen: %s", want)
		}
	}
}

// first is what a work waits for. After something for which it is not reviewed the gates are
// not kept up.
func first(gates []core.Gate) string {
	if i := slices.IndexFunc(gates, func(g core.Gate) bool { return slices.Contains(unreviewed, g.Code) }); i >= 0 {
		gates = gates[:i+1]
	}
	return fmt.Sprint(gates)
}

var unreviewed = []work.Code{
	GateTooEarly, GateForceQuit, GateRefreshOff, GateLowPower, GateForeground, GateNoNetwork, GateUnused, GateBattery, GateInUse,
	GateNotCharging, GateOff, GateSpacing,
}

// TestMarksStandForGates compares, in random worlds, what marks stand for with what the
// gates tell.
func TestMarksStandForGates(t *testing.T) {
	seen := map[bool]int{}
	for seed := range uint64(40) {
		c := newChaos(t, seed)
		for range 150 {
			c.step()
			for _, j := range c.jobs {
				gates := gatesOf(c.sys, c.at, j, &c.facts)
				mark := c.sys.Mark(c.at, j)
				if (mark == 0) != (len(gates) == 0) {
					t.Fatalf("world %d: %s is marked %x, and held by %+v", seed, j.Spec.Phone.Kind, mark, gates)
				}
				if mark == 0 {
					continue
				}
				first, alone := c.sys.Marked(mark)
				if want := (core.Hold{Code: gates[0].Code, Assumed: gates[0].Assumed}); first != want || alone != (len(gates) == 1) {
					t.Fatalf("world %d: %s is marked %+v, alone %v, and held by %+v", seed, j.Spec.Phone.Kind, first, alone, gates)
				}
				seen[alone]++
			}
			c.start()
		}
	}
	if seen[true] < 1000 || seen[false] < 1000 {
		t.Errorf("alone or not: %v", seen)
	}
}

// TestStandsStill: between two calls that report something new, answers do not change,
// and calls that report nothing change nothing.
func TestStandsStill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newChaos(t, rapid.Uint64().Draw(t, "seed"))
		for range 100 {
			c.step()
			quiet := min(c.sys.Next()-1, c.at+day)
			if quiet < c.at {
				continue
			}
			before := make([]string, len(c.jobs))
			for i, j := range c.jobs {
				before[i] = first(gatesOf(c.sys, c.at, j, &c.facts))
			}
			restless := copied(c.sys)
			for i, j := range c.jobs {
				at := c.at + c.Below(quiet-c.at+1)
				if restless.Tick(at, &c.facts) {
					t.Fatalf("something new at %d, before %d", at, restless.Next())
				}
				if j.Due <= c.at {
					if now := first(gatesOf(restless, at, j, &c.facts)); now != before[i] {
						t.Fatalf("%s: %s at %d, %s at %d", j.Spec.Phone.Kind, before[i], c.at, now, at)
					}
				}
			}
			c.start()
		}
	})
}

// TestAskedMoreOften: how often it is asked, and whether the machine asks about all that
// waits or only when it is told to, does not change what runs.
func TestAskedMoreOften(t *testing.T) {
	run := func(often bool) (out []int64) {
		a := newApp(t, Config{Seed: 5}, spec(work.KindRefresh), spec(work.KindProcessing), spec(work.KindTransfer), spec(work.KindWidget), spec(work.KindPush))
		l := chance.New(1)
		if often {
			a.after = func(*happening) {
				if a.sys.Next() > a.now && a.sys.Tick(a.now, &a.facts) {
					t.Fatal("something new")
				}
				a.look(t)
			}
		}
		for _, h := range trace(people[0], 40, 5) {
			if at := a.now + l.Below(max(h.at-a.now, 1)); often && at < a.sys.Next() {
				a.sys.Tick(at, &a.facts)
			}
			a.live(t, []happening{h})
		}
		for _, r := range a.ran {
			out = append(out, r.at, int64(len(r.kind)))
		}
		return out
	}
	if plain, often := run(false), run(true); !slices.Equal(plain, often) || len(plain) < 1000 {
		t.Errorf("%d runs, and %d when it is asked more often", len(plain), len(often))
	}
}
