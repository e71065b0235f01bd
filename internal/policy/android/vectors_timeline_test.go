package android_test

import (
	"encoding/json"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// timelineOp is one thing that happens to the work.
type timelineOp struct {
	Op       string          `json:"op"`
	At       int64           `json:"at"`
	Result   string          `json:"result"`
	Reason   work.StopReason `json:"reason"`
	Progress json.RawMessage `json:"data"`
	// OverrideChanged sets the override anew while the work runs: to a time, or with
	// true to the one that it has.
	OverrideChanged any  `json:"override_changed_during_run"`
	BackoffStop     bool `json:"backoff_on_system_interruptions"`
}

var results = map[string]work.Outcome{
	"success": work.Success, "failure": work.Failure, "retry": work.Retry, "exception": work.Errored,
	"null": work.Errored, "cancellation": work.Errored,
}

func runTimeline(t coretest.TB, p core.Policy, in json.RawMessage) any {
	input := struct {
		Spec            rowSpec      `json:"spec"`
		Ops             []timelineOp `json:"ops"`
		OverrideChanged any          `json:"override_changed_during_run"`
		BackoffStop     bool         `json:"backoff_on_system_interruptions"`
	}{Spec: newRowSpec()}
	read(t, in, &input)
	input.Spec.BackoffStop = input.Spec.BackoffStop || input.BackoffStop
	if input.Spec.OverrideChanged == nil {
		input.Spec.OverrideChanged = input.OverrideChanged
	}
	for _, op := range input.Ops {
		input.Spec.BackoffStop = input.Spec.BackoffStop || op.BackoffStop
	}
	line := &timeline{t: t, rig: coretest.New(t, p), spec: input.Spec}
	after := []any{}
	for _, op := range input.Ops {
		after = append(after, line.do(op))
	}
	return map[string]any{"after": after}
}

type timeline struct {
	t    coretest.TB
	rig  *coretest.Rig
	spec rowSpec
}

// reach brings the rig's wall clock to a time: it passes or, if it is gone by, the
// clock is set back. It returns the engine time.
func reach(r *coretest.Rig, wall int64) int64 {
	if back := wall - wallTime(r, r.At); back < 0 {
		r.Do(r.At, core.ClockSet{Offset: r.M.Meta().Offset + back})
	}
	return wall - r.M.Meta().Offset
}

// wallTime turns engine time into wall time.
func wallTime(r *coretest.Rig, at int64) int64 {
	if at == record.Never || at == record.NotEnqueued {
		return at
	}
	return at + r.M.Meta().Offset
}

const theWork work.ID = "w"

// do carries out one op and returns the row after it.
func (l *timeline) do(op timelineOp) map[string]any {
	old := l.rig.Row(theWork)
	at := us(op.At) - l.rig.M.Meta().Offset
	if old == nil || !old.State.Finished() { // no time moves a work that is
		at = reach(l.rig, us(op.At))
		old = l.rig.Row(theWork)
	}
	running := old != nil && old.State == work.Running
	extra := map[string]any{}
	changed := op.OverrideChanged
	if changed == nil && op.Op == "finish" {
		changed = l.spec.OverrideChanged
	}
	if running && op.Op != "start" {
		l.changeOverride(at, changed)
	}
	switch op.Op {
	case "enqueue":
		l.enqueue(at)
	case "start":
		n := len(l.rig.Starts())
		l.rig.Do(at, core.Offer{Work: theWork})
		extra["started"] = len(l.rig.Starts()) > n
		if extra["started"] == true {
			l.changeOverride(at, changed)
		}
	case "finish":
		o, ok := results[op.Result]
		if !ok {
			l.t.Fatalf("unknown result %q", op.Result)
		}
		epoch := int64(0)
		if old != nil {
			epoch = old.Epoch
		}
		extra["applied"] = l.rig.Do(at, core.Ended{Work: theWork, Epoch: epoch, Outcome: o}).Err == nil
		l.reap(at)
	case "stop":
		l.rig.Do(at, core.StopRun{Work: theWork, Reason: op.Reason})
		extra["applied"] = running
		l.reap(at)
	case "progress":
		extra["applied"] = l.rig.Do(at, core.Progressed{Work: theWork, Epoch: old.Epoch, Data: op.Progress}).Err == nil
	case "process_restart":
		l.rig.Restart(at)
	case "cancel":
		r := l.rig.Do(at, core.Cancel{ID: theWork})
		extra["applied"] = r.Err == nil && r.Result == core.ResultCancelled
		l.reap(at)
	default:
		l.t.Fatalf("unknown op %q", op.Op)
	}
	return l.after(extra)
}

func (l *timeline) after(extra map[string]any) map[string]any {
	w := l.rig.Row(theWork)
	if w == nil {
		l.t.Fatal("the row is gone")
	}
	extra["state"], extra["run_attempt_count"], extra["period_count"] = w.State, w.Attempts, w.Periods
	wall := *w
	wall.LastEnqueue = wallTime(l.rig, w.LastEnqueue)
	extra["last_enqueue_ms"], extra["stop_reason"], extra["next_run_ms"] = enqueuedMS(&wall), w.StopReason, nil
	extra["override_ms"], extra["override_generation"], extra["generation"] = ms(wallTime(l.rig, w.Override)), w.OverrideGen, w.Generation
	extra["progress"] = dataOf(w.Progress)
	if w.State == work.Enqueued {
		extra["next_run_ms"] = ms(wallTime(l.rig, w.Due))
	}
	return extra
}

// dataOf writes what is not there as WorkManager does: empty.
func dataOf(b json.RawMessage) json.RawMessage {
	if len(b) == 0 {
		return json.RawMessage(`{}`)
	}
	return b
}

func (l *timeline) request() work.Request {
	s := &l.spec
	q := work.Request{
		ID: theWork, Task: noTask, Delay: span(s.InitialDelay), BackoffOnInterruption: s.BackoffStop,
		Backoff: work.Backoff{Policy: backoffPolicy(l.t, s.BackoffPolicy), Delay: span(s.BackoffDelay)},
	}
	if s.Periodic {
		q.Every = span(s.Interval)
		if s.Flex != nil {
			q.Flex = span(*s.Flex)
		}
	}
	if s.Override != nil {
		q.NextRun = time.UnixMicro(us(*s.Override))
	}
	return q
}

// enqueue enqueues the work; one that has a history is put into the store.
func (l *timeline) enqueue(at int64) {
	if l.spec.Attempts == 0 && l.spec.Periods == 0 {
		if r := l.rig.Do(at, core.Enqueue{Nodes: []work.Node{{Request: l.request()}}}); r.Err != nil {
			l.t.Fatal(r.Err)
		}
		return
	}
	rules, q := l.rig.M.Rules(), l.request()
	s, w, err := core.Normalize(&rules, at, &q)
	if err != nil {
		l.t.Fatal(err)
	}
	s.ID = 1
	w.Seq, w.Spec, w.LastEnqueue, w.Attempts, w.Periods = 1, 1, at, l.spec.Attempts, l.spec.Periods
	w.Due = core.NextRun(&rules, s, w)
	l.rig.Seed([]*record.Spec{s}, []*record.Work{w}, nil)
}

// changeOverride changes the override of the work while it runs, if it is to be.
func (l *timeline) changeOverride(at int64, to any) {
	if to == nil || to == false {
		return
	}
	q := l.request()
	switch to := to.(type) {
	case bool:
		q.NextRun = time.UnixMicro(wallTime(l.rig, l.rig.Row(theWork).Override))
	case float64:
		q.NextRun = time.UnixMicro(us(int64(to)))
	default:
		l.t.Fatalf("override_changed_during_run is %v", to)
	}
	if r := l.rig.Do(at, core.Change{Request: q}); r.Err != nil || r.Result != core.ResultNextRun {
		l.t.Fatalf("changing the override: %+v", r)
	}
}

// reap tells that nothing is left of the run: WorkManager knows no time in which
// a run is stopping.
func (l *timeline) reap(at int64) {
	if run, ok := l.rig.Run(theWork); ok && run.State == record.Stopping {
		l.rig.Reap(at, theWork)
	}
}
