package core_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// reference is a scheduler without any memory: from all rows, all facts and all
// runs it says why each work does not run. It knows nothing of the machine's
// groups, heaps, pages and counts.
type reference struct {
	facts  [record.Signals]int64
	next   [record.Signals]int64
	settle [record.Signals]int64
	offset int64
	jobs   int
	tasks  []record.TaskRow // nil: all
	asleep bool
	given  map[work.Layer]bool
}

func newReference() *reference {
	f := &reference{jobs: 1, given: map[work.Layer]bool{}}
	for i := range f.facts {
		f.facts[i] = record.Unknown
	}
	return f
}

// see takes in what an event says of the world.
func (f *reference) see(at int64, ev core.Event) {
	f.settled(at)
	switch ev := ev.(type) {
	case core.FactsRead:
		for _, x := range ev.Facts {
			f.facts[x.Signal], f.next[x.Signal], f.settle[x.Signal] = x.Value, x.Next, x.Settles
		}
		f.settled(at)
	case core.ClockSet:
		f.offset = ev.Offset
	case core.JobsSet:
		f.jobs = ev.Jobs
	case core.TasksKnown:
		f.tasks = ev.Tasks
	case core.LayersKnown:
		for _, l := range ev.Layers {
			f.given[l.Name] = l.Given == record.GivenYes
		}
	case core.Suspend:
		f.asleep = true
	case core.Woke, core.Recover:
		f.asleep = false
	}
}

func (f *reference) settled(at int64) {
	for i, t := range f.settle {
		if t != 0 && t <= at {
			f.facts[i], f.settle[i] = f.next[i], 0
		}
	}
}

// has says whether a fact has a value: met, unmet or unknown.
func (f *reference) has(facts [record.Signals]int64, s record.Signal, v int64) record.CondState {
	switch facts[s] {
	case record.Unknown:
		return record.NotKnown
	case v:
		return record.Met
	}
	return record.Unmet
}

// network says so for what a work needs of the network.
func (f *reference) network(facts [record.Signals]int64, n work.Network) record.CondState {
	if c := f.has(facts, record.Connected, 1); c != record.Met || n == work.Connected {
		return c
	}
	return f.has(facts, record.Metered, 0)
}

// need gives the code of a need of the device, "" if it is met.
func (f *reference) need(code work.Code, state func([record.Signals]int64) record.CondState) work.Code {
	now := state(f.facts)
	if now == record.Met {
		return ""
	}
	facts := f.facts
	for { // let what settles do so, one time after the other
		first := int64(0)
		for i := range facts {
			if t := f.settle[i]; t != 0 && facts[i] != f.next[i] && (first == 0 || t < first) {
				first = t
			}
		}
		if first == 0 {
			break
		}
		for i := range facts {
			if f.settle[i] == first {
				facts[i] = f.next[i]
			}
		}
		if state(facts) == record.Met {
			return work.ReasonSettling
		}
	}
	if now == record.NotKnown {
		return work.ReasonUnknown
	}
	return code
}

// due computes when a work may run, from its history alone.
func (f *reference) due(w *record.Work, sp *record.Spec) int64 {
	switch {
	case w.Override != record.Never:
		return max(w.Override, w.LastEnqueue) // the user stopped its run
	case w.Lane == record.LaneCalendar:
		return w.Due - f.offset // calendars have tests of their own
	case sp.Cron != "" && w.Failures == 0:
		return w.LastEnqueue
	case w.Failures > 0:
		return w.LastEnqueue + min(5*hour, sp.Delay*int64(w.Failures))
	case sp.Every > 0 && w.Periods > 0:
		return w.LastEnqueue + sp.Every
	}
	return w.LastEnqueue + w.InitialDelay
}

// reasons says why an ENQUEUED work does not run.
func (f *reference) reasons(s *script, w *record.Work) []work.Code {
	sp, runs := s.M.SpecOf(w), s.M.Runs()
	var codes []work.Code
	add := func(c work.Code) {
		if c != "" {
			codes = append(codes, c)
		}
	}
	past := sp.Missed == work.MissedSkip && w.Lane == record.LaneCalendar && f.due(w, sp) <= s.At-minute
	if f.due(w, sp) > s.At || past {
		if w.Failures > 0 && w.Override == record.Never {
			add(work.ReasonBackoff)
		} else {
			add(work.ReasonDelay)
		}
	}
	busy := false
	for _, r := range runs {
		if r.Work == w.ID || r.Orphan && r.Name != "" && r.Name == w.Name {
			add(work.ReasonPreviousRun)
			break
		}
	}
	for _, r := range runs {
		busy = busy || sp.Group != "" && s.groups[r.Spec] == sp.Group
	}
	if f.tasks != nil {
		add(f.task(sp.Task))
	}
	if sp.Needs.Charging {
		add(f.need(work.ReasonCharging, func(x [record.Signals]int64) record.CondState { return f.has(x, record.Charging, 1) }))
	}
	if n := sp.Needs.Network; n != work.NoNetwork {
		add(f.need(work.ReasonNetwork, func(x [record.Signals]int64) record.CondState { return f.network(x, n) }))
	}
	if sp.Needs.Between != "" {
		t := time.UnixMicro(s.At + f.offset).UTC()
		if t.Hour() != 0 || t.Minute() < 1 || t.Minute() >= 3 {
			add(work.ReasonHours)
		}
	}
	for _, l := range sp.Require { // what nobody has told of is not given
		if !f.given[l] {
			add(work.ReasonIsolation)
		}
	}
	if busy {
		add(work.ReasonGroup)
	}
	if len(runs) >= f.jobs {
		add(work.ReasonSlots)
	}
	if f.asleep {
		add(work.ReasonAsleep)
	}
	return codes
}

func (f *reference) task(name string) work.Code {
	for _, t := range f.tasks {
		if t.Name == name {
			return work.Code(t.Held)
		}
	}
	return work.ReasonNoEntryPoint
}

// TestMachineAgreesWithReference checks after each event that the machine and the
// reference give the same reasons, that nothing waits without one, that works
// start in their order, and that what runs may run.
func TestMachineAgreesWithReference(t *testing.T) {
	scripts(t, 200)
	rapid.Check(t, func(rt *rapid.T) {
		s := newScript(rt)
		s.ref = newReference()
		s.Check = func() { compare(s) }
		for _, x := range s.steps {
			s.ref.see(x.at, x.ev)
		}
		s.Every = pick(s, "steps a commit", 1, 7)
		for range rapid.IntRange(1, 60).Draw(rt, "events") {
			s.next()
		}
	})
}

func compare(s *script) {
	rows := s.Unfinished()
	for _, w := range rows {
		s.groups[w.Spec] = s.M.SpecOf(w).Group
	}
	started, waiting := s.Effects[s.checked:], map[work.ID]place{}
	s.checked = len(s.Effects)
	for _, w := range rows {
		got := s.Codes(s.At, w.ID)
		switch {
		case w.State == work.Running && len(got) > 0:
			s.rt.Fatalf("%s is RUNNING and has the reasons %v", w.ID, got)
		case w.State == work.Blocked && len(got) == 0:
			s.rt.Fatalf("%s is BLOCKED without a reason", w.ID)
		}
		if w.State != work.Enqueued {
			continue
		}
		sp := s.M.SpecOf(w)
		if want := s.ref.reasons(s, w); !slices.Equal(got, want) {
			s.rt.Fatalf("%s (%+v) does not run because of %v, the reference says %v: %+v", w.ID, *sp, got, want, *w)
		}
		if len(got) == 0 {
			s.rt.Fatalf("%s could run and does not: %+v", w.ID, *w)
		}
		waiting[w.ID] = place{w.Lane == record.LaneExpedited, record.Key{Due: s.ref.due(w, sp), Seq: w.Seq}}
		if slices.Equal(got, []work.Code{work.ReasonSlots}) && s.places[w.ID] == waiting[w.ID] {
			inTurn(s, w.ID, waiting[w.ID], started)
		}
	}
	s.places = waiting
	if n := len(s.M.Runs()); n > s.ref.jobs && slices.ContainsFunc(started, func(e core.Effect) bool { return e.Kind == core.StartRun }) {
		s.rt.Fatalf("%d runs with %d slots", n, s.ref.jobs)
	}
}

// place is where a work stands in line.
type place struct {
	expedited bool
	key       record.Key
}

func (p place) before(o place) bool {
	return p.expedited && !o.expedited || p.expedited == o.expedited && p.key.Less(o.key)
}

// inTurn checks that no work was started whose turn is after that of id, which
// only waits for a slot.
func inTurn(s *script, id work.ID, mine place, started []core.Effect) {
	switch s.steps[len(s.steps)-1].ev.(type) {
	case core.Tick, core.Reaped, core.FactsRead, core.JobsSet, core.TasksKnown, core.Woke:
	default:
		return // it may have moved works first
	}
	for _, e := range started {
		if p, ok := s.places[e.Work]; ok && e.Kind == core.StartRun && mine.before(p) {
			s.rt.Fatalf("%s was started before %s: %+v before %+v", e.Work, id, p, mine)
		}
	}
}
