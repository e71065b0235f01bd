package population

import (
	"slices"
	"strconv"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim"
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/world"
	"github.com/lullwork/lull/work"
)

// happening is one thing that happens in a random world: to the phone, or the app asks.
type happening struct {
	at    int64
	facts []record.Fact
	sense core.Sense
	ask   int // which task; -1: none
}

// life is what happens to one phone for some days, with requests between.
type life struct {
	make  func() core.Platform
	tasks []app.Task
	all   []happening
}

func newLife(t *testing.T, p *plan.Plan, platform string, seed uint64) *life {
	t.Helper()
	c := Config{Plan: p, Platforms: []string{platform}, Seed: seed}
	c.defaults()
	s, err := newStage(&c, platform)
	if err != nil {
		t.Fatal(err)
	}
	who := c.Mix.Member(seed, 0)
	l := &life{tasks: s.tasks, make: func() core.Platform {
		m, err := s.make()
		if err != nil {
			t.Fatal(err)
		}
		pf, err := m(who)
		if err != nil {
			t.Fatal(err)
		}
		return pf
	}}
	dice := chance.New(seed).Fork(77)
	src := Events(new(past).of(world.Config{Of: who.Of, Seed: who.Seed, Start: sim.DefaultStart, End: sim.DefaultStart + 3*day}, 0))
	for {
		x := src.Next()
		if x == nil {
			return l
		}
		l.all = append(l.all, happening{x.At, slices.Clone(x.Facts), x.Sense, -1})
		if dice.Chance(30_000) {
			l.all = append(l.all, happening{at: x.At, ask: int(dice.Below(int64(len(l.tasks))))})
		}
	}
}

// scene is a machine in the middle of a life.
type scene struct {
	*coretest.Rig
	pf    core.Platform
	facts record.Facts
	asked []work.ID
	seen  int // effects that were carried out
}

// play lets the first n things happen. Runs end at the next thing.
func (l *life) play(t *testing.T, n int) *scene {
	t.Helper()
	pf := l.make()
	s := &scene{Rig: coretest.New(t, pf), pf: pf, facts: record.NewFacts()}
	s.Do(sim.DefaultStart, core.Tick{})
	for i, h := range l.all[:n] {
		s.tick(t, h.at)
		if h.ask >= 0 {
			task := &l.tasks[h.ask]
			q := task.Request
			q.ID = work.ID("w" + strconv.Itoa(i))
			u := task.Unique
			if reply := s.Do(h.at, core.Enqueue{Nodes: []work.Node{{Request: q}}, Unique: u}); reply.Err == nil {
				s.asked = append(s.asked, q.ID)
			}
		} else {
			s.read(h.at, h.facts)
			if h.sense.Kind != core.SenseFacts {
				s.Do(h.at, core.Sensed{Sense: h.sense})
			}
		}
		s.runsEnd(h.at)
	}
	s.tick(t, s.At)
	return s
}

// tick lets time alone bring what it brings, up to an instant.
func (s *scene) tick(t *testing.T, to int64) {
	t.Helper()
	for n := 0; s.Wake <= to; n++ {
		if n > 100_000 {
			t.Fatalf("asked for a tick at %d over and over", s.Wake)
		}
		at := max(s.At, s.Wake)
		s.Do(at, core.Tick{})
		s.runsEnd(at)
	}
}

func (s *scene) read(at int64, facts []record.Fact) {
	for _, f := range facts {
		s.facts[f.Signal].Value = f.Value
	}
	if len(facts) > 0 {
		s.Do(at, core.FactsRead{Facts: facts})
	}
}

func (s *scene) runsEnd(at int64) {
	for ; s.seen < len(s.Effects); s.seen++ {
		e := s.Effects[s.seen]
		out := work.Success
		if e.Kind != core.StartRun {
			out = work.Stopped
		}
		s.Do(at, core.Ended{Work: e.Work, Epoch: e.Epoch, Outcome: out})
		s.Do(at, core.Reaped{Work: e.Work, Epoch: e.Epoch})
	}
}

// waiting returns a work that is due and held by more than other runs, if there is one.
func (s *scene) waiting(pick uint64) (*record.Work, []work.Code) {
	for k := range s.asked {
		w := s.Row(s.asked[(k+int(pick%uint64(len(s.asked))))%len(s.asked)])
		if w == nil || w.State != work.Enqueued || w.Due > s.At {
			continue
		}
		codes := s.Codes(s.At, w.ID)
		if len(codes) == 0 || slices.Contains(codes, work.ReasonPreviousRun) || slices.Contains(codes, work.ReasonGroup) {
			continue
		}
		slices.Sort(codes)
		return w, slices.Compact(codes)
	}
	return nil, nil
}

// conditions are the facts that meet a condition of the machine itself.
var conditions = map[work.Code][]record.Fact{
	work.ReasonNetwork: {
		{Signal: record.Connected, Value: 1}, {Signal: record.Validated, Value: 1}, {Signal: record.Metered}, {Signal: record.Roaming},
	},
	work.ReasonCharging: {{Signal: record.Charging, Value: 1}},
	work.ReasonBattery:  {{Signal: record.BatteryLow}},
	work.ReasonStorage:  {{Signal: record.StorageLow}},
}

// clear makes the edits of all reasons of a work but those of one code, and lets the
// platform be asked once more. It reports whether it plugged the phone in: that changes
// more than the one gate.
func (s *scene) clear(w *record.Work, platform string, but work.Code) (plugged bool) {
	at := s.At
	job := core.Job{Work: w, Spec: s.M.SpecOf(w), Due: w.Due}
	var gates []core.Gate
	s.pf.Gates(at, job, &s.facts, func(g core.Gate) bool {
		gates = append(gates, g)
		return true
	})
	codes := s.Codes(at, w.ID)
	var facts []record.Fact
	for _, g := range gates {
		if g.Code == but {
			continue
		}
		s.pf.Clear(at, job, g.Edit)
		if g.Edit.Kind == core.EditFact && platform == scenario.IOS {
			facts = append(facts, record.Fact{Signal: g.Edit.Signal, Value: g.Edit.Value})
		}
	}
	for _, c := range codes {
		if c != but && platform == scenario.Android {
			facts = append(facts, conditions[c]...)
		}
	}
	s.read(at, facts)
	s.M.Watch(func(w *record.Work, _ core.Mark, _ func() (core.Hold, bool)) {})
	s.Do(at, core.Tick{})
	return slices.ContainsFunc(facts, func(f record.Fact) bool { return f.Signal == record.Charging })
}

func (s *scene) started(id work.ID) bool {
	return slices.ContainsFunc(s.Effects, func(e core.Effect) bool { return e.Kind == core.StartRun && e.Work == id })
}

// TestClearingStarts clears, in random worlds and through the machine, every reason that
// holds a work: it starts at the next evaluation. Of all but one, that one still holds it.
func TestClearingStarts(t *testing.T) {
	p, worlds := example(t), 4
	if *long {
		worlds = 200
	}
	for _, platform := range []string{scenario.Android, scenario.IOS} {
		held := map[work.Code]int{}
		for seed := range uint64(worlds) {
			l := newLife(t, p, platform, seed)
			dice := chance.New(seed).Fork(78)
			for range 4 {
				n := 1 + int(dice.Below(int64(len(l.all))))
				pick := uint64(dice.Below(1000))
				w, codes := l.play(t, n).waiting(pick)
				if w == nil {
					continue
				}
				before := len(l.play(t, n).Effects)
				s := l.play(t, n)
				if s.clear(s.Row(w.ID), platform, "") && !s.started(w.ID) {
					s.clear(s.Row(w.ID), platform, "") // what begins as it is plugged in: the wait until nobody has used it for long
				}
				if !s.started(w.ID) && len(s.Effects) == before {
					t.Errorf("%s, world %d after %d: %s is held by %v, and by %v when all is cleared", platform, seed, n, s.M.SpecOf(w).Task, codes, s.Codes(s.At, w.ID))
				}
				for _, c := range codes {
					held[c]++
					s := l.play(t, n)
					runs := s.Row(w.ID).Attempts
					if s.clear(s.Row(w.ID), platform, c) || len(s.Effects) > before && !s.started(w.ID) {
						continue // a fact has let another work start, which may hold this one
					}
					left := s.Codes(s.At, w.ID)
					if row := s.Row(w.ID); row.State != work.Enqueued || row.Attempts != runs || len(left) == 0 || slices.ContainsFunc(left, func(x work.Code) bool { return x != c }) {
						t.Errorf("%s, world %d after %d: %s is held by %v, and by %v when all but %s is cleared", platform, seed, n, s.M.SpecOf(w).Task, codes, left, c)
					}
				}
			}
		}
		t.Logf("%s: %v", platform, held)
		if len(held) < 4 {
			t.Errorf("%s: only %v were seen", platform, held)
		}
	}
}
