package ios

import (
	"fmt"
	"hash/fnv"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// digests are of what a system with such numbers does in different scenes, in the order
// of what they cost.
func digests(t *testing.T) []func(Params) uint64 {
	lives := func(p person, days int, kinds ...work.Kind) func(Params) uint64 {
		events := trace(p, days, 11)
		return func(params Params) uint64 {
			h := fnv.New64a()
			var specs []*record.Spec
			for _, k := range kinds {
				sp := spec(k)
				sp.Phone.Bytes = 1 << 20
				specs = append(specs, sp)
			}
			a := newApp(t, Config{Seed: 3, Params: params, Pad: true}, specs...)
			a.live(t, events)
			for _, r := range a.ran {
				fmt.Fprintln(h, r.at, r.kind, r.took)
			}
			fmt.Fprintln(h, a.sys.Accounts)
			return h.Sum64()
		}
	}
	wild := func(seed uint64) func(Params) uint64 {
		return func(params Params) uint64 {
			h := fnv.New64a()
			c := newChaos(t, seed)
			s, err := NewSystem(Config{Seed: seed, Params: params, App: c.sys.app})
			if err != nil {
				t.Fatal(err)
			}
			c.sys = s
			for range 250 {
				c.step()
				for _, j := range c.jobs {
					share, window := s.Monitor(j.Spec.Phone.Kind, j.Spec.Needs.Charging)
					fmt.Fprintln(h, gatesOf(s, c.at, j, &c.facts), share, window)
				}
				c.start()
				fmt.Fprintln(h, len(c.jobs), len(c.goes))
			}
			return h.Sum64()
		}
	}
	hot := func(params Params) uint64 {
		h := fnv.New64a()
		var s *scene
		for seed := range uint64(6) {
			s = newScene(t, Config{Seed: seed, Params: params})
			s.run(spec(work.KindContinued))
			s.sense(core.SenseThermal, 1)
			for range 60 {
				s.pass(minute)
				fmt.Fprintln(h, s.orders)
				if len(s.orders) > 0 {
					ended(s.sys, s.now, core.Job{Work: &record.Work{Seq: 1}}, work.Stopped)
				}
			}
		}
		ended(s.sys, s.now, core.Job{Work: &record.Work{Seq: 1}}, work.Stopped)
		s.sense(core.SenseThermal, 0)
		s.run(spec(work.KindContinued))
		s.sys.Sense(s.now, core.Sense{Kind: core.SenseStalled, Task: string(work.KindContinued)}, &s.facts)
		j := s.run(spec(work.KindRefresh))
		s.sense(core.SenseUnlocked, 0)
		fmt.Fprintln(h, s.sys.Next()-s.now)
		ended(s.sys, s.now, j, work.Stopped)
		fmt.Fprintln(h, s.sys.Next()-s.now)
		return h.Sum64()
	}
	widgets := func(params Params) uint64 {
		h := fnv.New64a()
		s := newScene(t, Config{Params: params})
		s.leave()
		for m := range 3 * 24 * 60 {
			if m%50 == 0 {
				s.sense(core.SenseWidgetSeen, 0)
			}
			if len(s.jobs) == 0 {
				s.jobs = append(s.jobs, s.add(spec(work.KindWidget)))
			}
			if len(s.codes(s.jobs[0])) == 0 {
				s.start(s.jobs[0])
				ended(s.sys, s.now, s.jobs[0], work.Success)
				s.jobs = s.jobs[:0]
				fmt.Fprintln(h, m)
			}
			s.pass(minute)
		}
		return h.Sum64()
	}
	scores := func(params Params) uint64 {
		h := fnv.New64a()
		m, err := newModel(params, false)
		if err != nil {
			t.Fatal(err)
		}
		for likely := int64(0); likely < 70_000; likely += 1000 {
			for i := range int64(8) {
				var s Score
				m.score(&rated{
					likely: likely, inUse: i * 10_000, battery: 30 + 10*i, plugged: i%2 == 0, overdue: i%3 == 0, recent: i%2 == 1,
					pending: i / 7, locked: i == 6,
				}, &s)
				fmt.Fprintln(h, s, m.theta(i*hour, day))
			}
		}
		fmt.Fprintln(h, m.limits)
		return h.Sum64()
	}
	away := func(params Params) uint64 {
		h := fnv.New64a()
		s := newScene(t, Config{Params: params})
		s.leave()
		s.add(spec(work.KindRefresh))
		for d := int64(14 * day); d < 16*day; d += 5 * minute {
			j := s.add(spec(work.KindPush))
			if len(s.codes(j)) == 0 {
				s.start(j)
				ended(s.sys, s.now, j, work.Success)
			}
			s.pass(5 * minute)
			if d == 14*day {
				s.pass(d)
			}
			fmt.Fprintln(h, s.codes(j), s.orders)
		}
		return h.Sum64()
	}
	all := []func(Params) uint64{scores, hot, widgets, away}
	for seed := range uint64(6) {
		all = append(all, wild(seed))
	}
	rare := people[2]
	all = append(all, lives(people[0], 8, work.KindRefresh, work.KindProcessing), lives(people[1], 40, work.KindRefresh, work.KindPush), lives(rare, 60, work.KindRefresh, work.KindProcessing))
	return all
}

// TestEveryNumberMatters changes one number of the model after the other, with -long every
// one, else every third: what the system does must change.
func TestEveryNumberMatters(t *testing.T) {
	all := digests(t)
	base := make([]uint64, len(all))
	for i, f := range all {
		base[i] = f(Params{})
	}
	for i, c := range modelConstants() {
		if !*long && i%3 != 0 {
			continue
		}
		var p Params
		d, err := ParameterByName(c.name)
		if err != nil {
			t.Fatal(err)
		}
		v := d.Default * 3 / 2
		if _, most := d.bounds(); v > most {
			v = d.Default / 2
		}
		switch d.Unit {
		case unitSwitch:
			v = 1 - d.Default
		case "days", "apps", "tasks":
			v = d.Default * 2
		}
		d.put(&p, v)
		by := -1
		for i, f := range all {
			if f(p) != base[i] {
				by = i
				break
			}
		}
		if by < 0 {
			t.Errorf("nothing changes with %s at %s", d.Name, d.Text(v))
		}
	}
}
