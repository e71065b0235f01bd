package core_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/host"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

var long = flag.Bool("long", false, "run slow tests")

// script draws events for a rig, one after the other, from what can be seen of it.
type script struct {
	*coretest.Rig
	rt    *rapid.T
	n     int
	seen  []work.ID
	steps []step

	ref     *reference // nil: none
	groups  map[int64]string
	places  map[work.ID]place
	checked int // effects
}

type step struct {
	at int64
	ev core.Event
}

func newScript(rt *rapid.T) *script {
	s := &script{Rig: coretest.Idle(rt, host.Policy{}), rt: rt, groups: map[int64]string{}}
	z, err := json.Marshal(utc)
	if err != nil {
		rt.Fatal(err)
	}
	for _, ev := range []core.Event{
		core.ZoneRead{Zone: record.Zone{Name: "Local", Table: z}}, core.JobsSet{Jobs: 2}, core.Recover{},
	} {
		s.do(0, ev)
	}
	return s
}

func (s *script) do(at int64, ev core.Event) core.Reply {
	s.steps = append(s.steps, step{at, ev})
	if s.ref != nil {
		s.ref.see(max(at, s.At), ev)
	}
	return s.Do(at, ev)
}

func pick[T any](s *script, what string, of ...T) T { return rapid.SampledFrom(of).Draw(s.rt, what) }

func (s *script) some(what string, oneIn int) bool {
	return rapid.IntRange(0, oneIn-1).Draw(s.rt, what) == oneIn-1
}

func (s *script) newID() work.ID {
	s.n++
	id := work.ID(fmt.Sprintf("w%d", s.n))
	s.seen = append(s.seen, id)
	return id
}

func (s *script) oldID() work.ID {
	if len(s.seen) == 0 {
		return "nobody"
	}
	return pick(s, "old", s.seen...)
}

// request draws one that is mostly in order.
func (s *script) request(id work.ID, inChain bool) work.Request {
	q := work.Request{
		ID: id, Task: pick(s, "task", "t", "u"), Delay: pick(s, "delay", 0, 0, time.Second, 90*time.Second),
		Group: pick(s, "group", "", "", "g"), Attempts: pick(s, "attempts", 0, 1, 3),
		Backoff: work.Backoff{Policy: work.Linear, Delay: pick(s, "backoff", time.Second, 30*time.Second)},
		Needs: work.Constraints{
			Charging: s.some("charging", 4), Network: pick(s, "network", work.NoNetwork, work.NoNetwork, work.Connected, work.Unmetered),
			Between: pick(s, "between", "", "", "", "00:01-00:03"),
		},
		Merger: pick(s, "merger", "", work.ArrayCreating), BackoffOnInterruption: s.some("backoff stop", 5),
		OnFailure: pick(s, "on failure", "", work.OnFailureFail),
		Require:   pick(s, "require", nil, nil, nil, []work.Layer{work.LayerFiles}, []work.Layer{work.LayerNetwork, work.LayerFiles}),
	}
	if s.some("tag", 2) {
		q.Tags = []string{"x"}
	}
	if s.some("input", 3) {
		q.Input = pick(s, "data", json.RawMessage(`{"k":1}`), json.RawMessage(`[2]`))
	}
	switch kind := rapid.IntRange(0, 7).Draw(s.rt, "kind"); {
	case inChain:
	case kind == 0:
		q.Every = pick(s, "every", time.Second, time.Minute)
		if s.some("chain", 3) {
			q.Chain = []work.Node{{Request: work.Request{Task: "t"}}, {Request: work.Request{Task: "u"}, After: []int{0}}}
		}
	case kind == 1:
		q.Cron, q.Missed = pick(s, "cron", "* * * * *", "*/2 * * * *"), pick(s, "missed", work.MissedOnce, work.MissedSkip, work.MissedAll)
	case kind == 2:
		q.Expedited, q.Delay = true, 0
		q.Needs.Charging = false
	}
	return q
}

func (s *script) enqueue() core.Event {
	ev := core.Enqueue{}
	n := pick(s, "nodes", 1, 1, 1, 2, 4)
	for i := range n {
		node := work.Node{Request: s.request(s.newID(), n > 1)}
		for k := range i {
			if s.some("edge", 2) {
				node.After = append(node.After, k)
			}
		}
		ev.Nodes = append(ev.Nodes, node)
	}
	if s.some("unique", 2) {
		ev.Unique = work.Unique{
			Name:   pick(s, "name", "m", "n"),
			Policy: pick(s, "policy", work.Keep, work.Replace, work.Append, work.AppendOrReplace, work.Update),
		}
	}
	if s.some("again", 10) {
		ev.Nodes[0].Request.ID = s.oldID()
	}
	return ev
}

func (s *script) facts() core.Event {
	if s.some("layer", 4) {
		return core.LayersKnown{Layers: []record.Layer{{
			Name: pick(s, "of", work.LayerFiles, work.LayerNetwork), Given: pick(s, "given", record.GivenYes, record.GivenYes, record.GivenPartial, "no"),
		}}}
	}
	f := record.Fact{
		Signal: pick(s, "signal", record.Charging, record.Connected, record.Metered), Value: pick(s, "value", record.Unknown, 0, 1),
	}
	if f.Value >= 0 && s.some("settles", 3) {
		f.Next, f.Settles = 1-f.Value, s.At+pick(s, "in", second, 20*second)
	}
	return core.FactsRead{Facts: []record.Fact{f}}
}

// run draws an event of a run, mostly of one that is there.
func (s *script) run() core.Event {
	runs := s.M.Runs()
	if len(runs) == 0 {
		return core.Tick{}
	}
	r := pick(s, "run", runs...)
	epoch := r.Epoch
	if s.some("stale", 12) {
		epoch--
	}
	if r.State == record.Stopping || s.some("reap", 12) {
		return core.Reaped{Work: r.Work, Epoch: epoch}
	}
	switch rapid.IntRange(0, 9).Draw(s.rt, "what of it") {
	case 0, 1:
		return core.Progressed{Work: r.Work, Epoch: epoch, Data: json.RawMessage(`{"p":1}`)}
	case 2:
		return core.BudgetSpent{Work: r.Work, Epoch: epoch}
	case 3:
		return core.StopRun{Work: r.Work, Reason: work.StopUser}
	}
	return core.Ended{
		Work: r.Work, Epoch: epoch,
		Outcome: pick(s, "outcome", work.Success, work.Success, work.Retry, work.Failure, work.Errored, work.Crashed, work.NotStarted),
		Output:  pick(s, "output", nil, json.RawMessage(`{"k":2}`), json.RawMessage(`{"k":"s"}`), json.RawMessage(`3`)),
	}
}

// plan draws a plan with up to two root tasks.
func (s *script) plan() core.Event {
	ev := core.PlanRead{Again: s.some("again", 4)}
	for _, name := range []string{"pt", "pu"} {
		if s.some("left out", 3) {
			continue
		}
		q := s.request(s.newID(), s.some("one-time", 2))
		b, err := json.Marshal(q)
		if err != nil {
			s.rt.Fatal(err)
		}
		root := record.PlanRoot{Name: name, Hash: string(b[20:min(len(b), 60)]), Nodes: []work.Node{{Request: q}}}
		ev.Roots = append(ev.Roots, root)
	}
	return ev
}

// next draws and steps one event.
func (s *script) next() {
	at := s.At
	switch rapid.IntRange(0, 3).Draw(s.rt, "time") {
	case 0:
		at += pick(s, "later", ms, second, 10*second, minute, 5*minute)
	case 1:
		if s.Wake != record.Never && s.Wake < at+hour {
			at = max(at, s.Wake)
		}
	}
	s.do(at, s.draw())
}

func (s *script) draw() core.Event {
	switch rapid.IntRange(0, 23).Draw(s.rt, "event") {
	case 0, 1, 2, 3, 4, 5:
		return s.enqueue()
	case 6, 7, 8:
		return s.facts()
	case 9, 10, 11, 12, 13, 14:
		return s.run()
	case 15:
		return core.Change{Request: s.request(s.oldID(), s.some("one-time", 2))}
	case 16:
		return pick[core.Event](s, "cancel", core.Cancel{ID: s.oldID()}, core.Cancel{ID: s.oldID()}, core.Cancel{Name: "n"}, core.Cancel{Tag: "x"})
	case 17:
		return core.ClockSet{Offset: pick(s, "offset", 0, minute, -minute, hour, 30*day, -30*day)}
	case 18:
		return core.JobsSet{Jobs: pick(s, "jobs", 1, 2, 5)}
	case 19:
		return pick[core.Event](s, "sleep", core.Suspend{}, core.Woke{}, core.Woke{}, core.Woke{})
	case 20:
		return core.TasksKnown{Tasks: pick(s, "tasks", []record.TaskRow{{Name: "t"}, {Name: "u"}}, []record.TaskRow{{Name: "t"}}, []record.TaskRow{{Name: "t"}, {Name: "u", Held: string(work.ReasonNotInPlan)}})}
	case 21:
		return s.plan()
	case 22:
		return core.Prune{FinishedBefore: s.At - minute, JournalBefore: s.At - minute}
	}
	return core.Tick{}
}

// checks is how many random scripts a test runs.
func scripts(t *testing.T, n int) int {
	if *long {
		n *= 50
	}
	if err := flag.Set("rapid.checks", fmt.Sprint(n)); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRestoredMachineGoesOnAlike(t *testing.T) {
	scripts(t, 150)
	rapid.Check(t, func(rt *rapid.T) {
		s := newScript(rt)
		n := rapid.IntRange(1, 80).Draw(rt, "events")
		for range n {
			s.next()
			if s.some("recover", 8) {
				s.recover()
			}
		}
		// The same again, with a machine that is restored before each Recover.
		o := coretest.Idle(rt, host.Policy{})
		o.Every = pick(s, "steps a commit", 1, 3, 1000)
		for i, x := range s.steps {
			if _, ok := x.ev.(core.Recover); ok && i > 2 {
				o.Restore()
			}
			o.Do(x.at, x.ev)
		}
		sameJournal(rt, s.Journal(), o.Journal())
		sameRows(rt, s.Rows(), o.Rows())
		if len(s.Effects) != len(o.Effects) {
			rt.Fatalf("%d effects, and %d when restored", len(s.Effects), len(o.Effects))
		}
		for i := range s.Effects {
			if a, b := fmt.Sprintf("%+v", s.Effects[i]), fmt.Sprintf("%+v", o.Effects[i]); a != b {
				rt.Fatalf("effect %s, and when restored %s", a, b)
			}
		}
		if a, b := fmt.Sprintf("%+v", s.M.Runs()), fmt.Sprintf("%+v", o.M.Runs()); a != b {
			rt.Fatalf("runs %s, and when restored %s", a, b)
		}
		if s.Wake != o.Wake {
			rt.Fatalf("woken at %d, and when restored at %d", s.Wake, o.Wake)
		}
	})
}

// recover tells the machine that some of its runs died.
func (s *script) recover() {
	var alive []record.RunKey
	for _, r := range s.M.Runs() {
		if !s.some("died", 4) {
			alive = append(alive, record.RunKey{Seq: r.Seq, Epoch: r.Epoch})
		}
	}
	s.do(s.At, core.Recover{Alive: alive})
}

// sameJournal compares journals. A restored machine tells again that it runs.
func sameJournal(rt *rapid.T, a, b []record.Entry) {
	a, b = told(a), told(b)
	for i := range min(len(a), len(b)) {
		if x, y := asJSON(rt, a[i]), asJSON(rt, b[i]); x != y {
			rt.Fatalf("entry %d is\n%s, and when restored\n%s\nafter\n%s", i, x, y, asJSON(rt, a[max(0, i-8):i]))
		}
	}
	if len(a) != len(b) {
		rt.Fatalf("%d entries, and %d when restored: %+v %+v", len(a), len(b), a[min(len(a), len(b)):], b[min(len(a), len(b)):])
	}
}

func asJSON(rt *rapid.T, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		rt.Fatal(err)
	}
	return string(b)
}

func told(es []record.Entry) []record.Entry {
	es = slices.DeleteFunc(es, func(e record.Entry) bool { return e.Kind == record.EntryCondition && e.Cond == "engine" })
	for i := range es {
		es[i].Seq = 0
	}
	return es
}

func sameRows(rt *rapid.T, a, b []*record.Work) {
	if len(a) != len(b) {
		rt.Fatalf("%d rows, and %d when restored", len(a), len(b))
	}
	for i := range a {
		if x, y := fmt.Sprintf("%+v", a[i]), fmt.Sprintf("%+v", b[i]); x != y {
			rt.Fatalf("row\n%s, and when restored\n%s", x, y)
		}
	}
}
