package core_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/host"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

const (
	ms     = int64(1_000)
	second = 1_000 * ms
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

func rig(tb coretest.TB) *coretest.Rig {
	tb.Helper()
	return coretest.New(tb, host.Policy{})
}

// add enqueues one work.
func add(r *coretest.Rig, at int64, q work.Request, u ...work.Unique) core.Reply {
	r.TB.Helper()
	if q.Task == "" {
		q.Task = "t"
	}
	ev := core.Enqueue{Nodes: []work.Node{{Request: q}}}
	if len(u) > 0 {
		ev.Unique = u[0]
	}
	reply := r.Do(at, ev)
	if reply.Err != nil {
		r.TB.Fatalf("enqueue %s: %v", q.ID, reply.Err)
	}
	return reply
}

// chain enqueues nodes; after holds, for each, the places of those before it.
func chain(r *coretest.Rig, at int64, u work.Unique, qs []work.Request, after [][]int) core.Reply {
	r.TB.Helper()
	ev := core.Enqueue{Unique: u}
	for i, q := range qs {
		if q.Task == "" {
			q.Task = "t"
		}
		ev.Nodes = append(ev.Nodes, work.Node{Request: q, After: after[i]})
	}
	reply := r.Do(at, ev)
	if reply.Err != nil {
		r.TB.Fatalf("enqueue: %v", reply.Err)
	}
	return reply
}

func want(r *coretest.Rig, id work.ID, s work.State, due int64) {
	r.TB.Helper()
	w := r.Row(id)
	switch {
	case w == nil:
		r.TB.Errorf("%s: no row, want %v", id, s)
	case w.State != s:
		r.TB.Errorf("%s is %v, want %v (last run: %s %s)", id, w.State, s, w.Last.Outcome, w.Last.Message)
	case w.Due != due:
		r.TB.Errorf("%s is due at %d, want %d", id, w.Due, due)
	}
}

func wantState(r *coretest.Rig, id work.ID, s work.State) {
	r.TB.Helper()
	if w := r.Row(id); w == nil || w.State != s {
		r.TB.Errorf("%s is not %v: %+v", id, s, w)
	}
}

func wantStarts(r *coretest.Rig, ids ...work.ID) {
	r.TB.Helper()
	if got := r.Starts(); !slices.Equal(got, ids) {
		r.TB.Errorf("started %v, want %v", got, ids)
	}
}

func wantCodes(r *coretest.Rig, at int64, id work.ID, codes ...work.Code) {
	r.TB.Helper()
	if got := r.Codes(at, id); !slices.Equal(got, codes) {
		r.TB.Errorf("%s does not run because of %v, want %v", id, got, codes)
	}
}

// checks are of the host's rules. They take the policy so that another test can
// show that each rule matters.
var checks = []struct {
	name string
	run  func(tb coretest.TB, p core.Policy)
}{
	{"failures, not attempts, count", checkFailures},
	{"attempts are capped", checkAttempts},
	{"attempts can be set", checkOwnAttempts},
	{"a crash loop ends", checkCrashes},
	{"runs lost with the engine end", checkLosses},
	{"a cap ends the period of periodic work", checkPeriodicCap},
	{"an error is tried again", checkErrors},
	{"delays are clamped", checkDelays},
	{"periods are clamped", checkPeriods},
	{"budget and grace have defaults", checkBudget},
	{"deleted runs are stopped", checkDeleted},
	{"works start without an offer", checkUnoffered},
	{"calendars are there", checkCalendar},
	{"content URIs are not there", checkContentURIs},
	{"works have only their own tags", checkTags},
	{"exponential delays are exact", checkExact},
	{"overrides have no floor", checkOverride},
	{"works wait that the user stopped", checkStopped},
	{"errors name the policy", checkName},
	{"what is required holds", checkRequired},
	{"the clock moves no delay and no period", checkClock},
}

func TestHostRules(t *testing.T) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) { c.run(t, host.Policy{}) })
	}
}

func checkFailures(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	add(r, 0, work.Request{ID: "a", Needs: work.Constraints{Charging: true}})
	charging := func(at, v int64) {
		r.Do(at, core.FactsRead{Facts: []record.Fact{{Signal: record.Charging, Value: v}}})
	}
	charging(0, 1)
	charging(second, 0) // stopped: no failure
	r.Reap(second, "a")
	want(r, "a", work.Enqueued, 0)
	charging(2*second, 1)
	r.End(3*second, "a", work.Retry)
	want(r, "a", work.Enqueued, 33*second)
	if w := r.Row("a"); w.Attempts != 2 || w.Failures != 1 {
		tb.Errorf("%d attempts and %d failures, want 2 and 1", w.Attempts, w.Failures)
	}
}

func checkClock(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	add(r, day, work.Request{ID: "delay", Delay: time.Hour})
	add(r, day, work.Request{ID: "every", Every: time.Hour})
	r.End(day, "every", work.Success)
	for _, offset := range []int64{-hour / 2, 2 * day} {
		r.Do(day, core.ClockSet{Offset: offset})
		want(r, "delay", work.Enqueued, day+hour)
		want(r, "every", work.Enqueued, day+hour)
	}
}

func checkStopped(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	add(r, 0, work.Request{ID: "a"})
	r.Do(second, core.StopRun{Work: "a", Reason: work.StopUser})
	r.Reap(second, "a")
	want(r, "a", work.Enqueued, 31*second)
}

func checkAttempts(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	add(r, 0, work.Request{ID: "a", Backoff: work.Backoff{Policy: work.Linear, Delay: time.Second}})
	at := int64(0)
	for i := range int64(9) {
		r.End(at, "a", work.Retry)
		want(r, "a", work.Enqueued, at+(i+1)*second)
		at += (i + 1) * second
		r.Do(at, core.Tick{})
	}
	r.End(at, "a", work.Retry)
	wantState(r, "a", work.Failed)
	if w := r.Row("a"); w.Failures != 10 || w.Last.Message != "no more attempts: 10 failed" {
		tb.Errorf("after %d failures: %q", w.Failures, w.Last.Message)
	}
}

func checkOwnAttempts(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	add(r, 0, work.Request{ID: "two", Attempts: 2})
	add(r, 0, work.Request{ID: "free", Attempts: -1, Backoff: work.Backoff{Policy: work.Linear, Delay: time.Millisecond}})
	add(r, 0, work.Request{ID: "fail", OnFailure: work.OnFailureFail})
	add(r, 0, work.Request{ID: "hard"})
	add(r, 0, work.Request{ID: "none"})
	r.End(0, "two", work.Retry)
	r.Do(minute, core.Tick{})
	r.End(minute, "two", work.Retry)
	wantState(r, "two", work.Failed)
	at := minute
	for range 50 {
		r.End(at, "free", work.Retry)
		at += minute
		r.Do(at, core.Tick{})
	}
	wantState(r, "free", work.Running)
	r.End(at, "fail", work.Errored)
	wantState(r, "fail", work.Failed)
	r.End(at, "hard", work.Failure)
	wantState(r, "hard", work.Failed)
	r.End(at, "none", work.NotStarted)
	wantState(r, "none", work.Failed)
}

func checkCrashes(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	q := work.Request{ID: "a", Backoff: work.Backoff{Policy: work.Linear, Delay: time.Millisecond}}
	add(r, 0, q)
	crashes := []work.Outcome{work.Crashed, work.Signalled, work.OutOfMemory, work.OutputLimit}
	for i, o := range crashes {
		r.End(int64(i)*minute, "a", o)
		wantState(r, "a", work.Enqueued)
		r.Do(int64(i+1)*minute, core.Tick{})
	}
	run, _ := r.Run("a")
	r.Do(5*minute, core.BudgetSpent{Work: "a", Epoch: run.Epoch})
	wantState(r, "a", work.Failed)
	if w := r.Row("a"); w.Crashes != 5 || w.StopReason != work.StopTimeout {
		tb.Errorf("%+v", w)
	}
	if got := r.Stops(); len(got) != 1 {
		tb.Errorf("stops: %v", got)
	}

	q.ID = "b"
	add(r, hour, q)
	for i := range int64(9) { // a retry between crashes breaks the streak
		o := work.Crashed
		if i%4 == 3 {
			o = work.Retry
		}
		r.End(hour+i*minute, "b", o)
		wantState(r, "b", work.Enqueued)
		r.Do(hour+(i+1)*minute, core.Tick{})
	}

	q.ID = "c"
	add(r, day, q)
	r.End(day, "c", work.Crashed)
	r.Do(day+minute, core.Tick{})
	r.End(day+minute, "c", work.Success)
	if w := r.Row("c"); w.State != work.Succeeded || w.Crashes != 0 {
		tb.Errorf("after a success: %+v", w)
	}
}

func checkLosses(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	add(r, 0, work.Request{ID: "a"})
	for i := range int64(19) {
		r.Restart(i * second)
		want(r, "a", work.Running, 0) // due at once
		if w := r.Row("a"); w.Losses != int32(i+1) || w.Failures != 0 || w.Attempts != int32(i+2) {
			tb.Errorf("after %d losses: %+v", i+1, w)
		}
	}
	r.Restart(20 * second)
	wantState(r, "a", work.Failed)
	if w := r.Row("a"); w.StopReason != work.StopUnknown || w.Last.Outcome != work.Lost {
		tb.Errorf("%+v", w)
	}
	add(r, 21*second, work.Request{ID: "b"})
	for i := range int64(15) {
		r.Restart((22 + i) * second)
	}
	r.End(40*second, "b", work.Retry) // breaks the streak
	r.Do(80*second, core.Tick{})
	for i := range int64(15) {
		r.Restart((81 + i) * second)
	}
	wantState(r, "b", work.Running)
}

func checkPeriodicCap(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	add(r, 0, work.Request{ID: "a", Every: time.Hour, Attempts: 2, Backoff: work.Backoff{Delay: time.Second}})
	r.End(0, "a", work.Errored)
	want(r, "a", work.Enqueued, second)
	r.Do(second, core.Tick{})
	r.End(2*second, "a", work.Errored)
	want(r, "a", work.Enqueued, 2*second+hour)
	if w := r.Row("a"); w.Failures != 0 || w.Attempts != 0 || w.Periods != 1 || w.Last.Outcome != work.Errored {
		tb.Errorf("%+v", w)
	}
	add(r, 0, work.Request{ID: "b", Every: time.Hour, Backoff: work.Backoff{Policy: work.Linear, Delay: time.Millisecond}})
	for i := range int64(5) {
		r.End(second*(3+i), "b", work.Crashed)
		r.Do(second*(4+i), core.Tick{})
	}
	want(r, "b", work.Enqueued, 7*second+hour)
	add(r, 0, work.Request{ID: "c", Every: time.Hour})
	for i := range int64(20) {
		r.Restart(hour/2 + i*second)
	}
	want(r, "c", work.Enqueued, hour/2+19*second+hour)
}

func checkErrors(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	add(r, 0, work.Request{ID: "a"})
	r.End(0, "a", work.Errored)
	want(r, "a", work.Enqueued, 30*second) // the default delay
	r.Do(30*second, core.Tick{})
	r.End(30*second, "a", work.Errored)
	want(r, "a", work.Enqueued, 90*second)
}

func checkDelays(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	for id, d := range map[work.ID]struct {
		asked time.Duration
		wait  int64
	}{
		"low": {time.Microsecond, ms}, "edge": {time.Millisecond, ms}, "high": {99 * time.Hour, 5 * hour}, "fits": {5 * time.Second, 5 * second},
	} {
		add(r, 0, work.Request{ID: id, Backoff: work.Backoff{Delay: d.asked}})
		r.End(0, id, work.Retry)
		want(r, id, work.Enqueued, d.wait)
	}
}

func checkPeriods(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	add(r, 0, work.Request{ID: "low", Every: time.Millisecond})
	r.End(0, "low", work.Success)
	want(r, "low", work.Enqueued, second)
	add(r, 0, work.Request{ID: "flex", Every: time.Minute, Flex: time.Microsecond})
	want(r, "flex", work.Enqueued, minute-1)
}

func checkBudget(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	add(r, 0, work.Request{ID: "a"})
	add(r, 0, work.Request{ID: "b", Budget: time.Minute, Grace: time.Second})
	add(r, 0, work.Request{ID: "c", Budget: -1})
	for i, x := range [][2]int64{{6 * hour, 10 * second}, {minute, second}, {0, 10 * second}} {
		if e := r.Effects[i]; e.Budget != x[0] || e.Grace != x[1] {
			tb.Errorf("%s: budget %d and grace %d, want %d and %d", e.Work, e.Budget, e.Grace, x[0], x[1])
		}
	}
}

func checkDeleted(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	add(r, 0, work.Request{ID: "a"}, work.Unique{Name: "n"})
	add(r, 0, work.Request{ID: "b"}, work.Unique{Name: "n", Policy: work.Append})
	r.Do(0, core.Cancel{ID: "b"})
	add(r, 0, work.Request{ID: "c"}, work.Unique{Name: "n", Policy: work.AppendOrReplace})
	if r.Row("a") != nil || !slices.Equal(r.Stops(), []work.ID{"a"}) {
		tb.Errorf("a: %+v, stops %v", r.Row("a"), r.Stops())
	}
}

func checkUnoffered(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	add(r, 0, work.Request{ID: "a"})
	wantStarts(r, "a")
}

func checkCalendar(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	zone(r, "Local", utc)
	add(r, 0, work.Request{ID: "a", Cron: "0 3 * * *"})
	want(r, "a", work.Enqueued, 3*hour)
}

func checkContentURIs(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	for _, n := range []work.Constraints{{ContentURIs: 1}, {NetworkRequest: "x"}} {
		reply := r.Do(0, core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "a", Task: "t", Needs: n}}}})
		if !errors.Is(reply.Err, work.ErrUnsupported) {
			tb.Errorf("%+v: %v", n, reply.Err)
		}
	}
}

func checkTags(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	add(r, 0, work.Request{ID: "a", Tags: []string{"y", "x", "y"}})
	if got := r.Row("a").Tags; !slices.Equal(got, []string{"x", "y"}) {
		tb.Errorf("tags %q", got)
	}
}

func checkExact(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	add(r, 0, work.Request{ID: "a", Backoff: work.Backoff{Delay: 16777217 * time.Millisecond}})
	r.End(0, "a", work.Retry)
	want(r, "a", work.Enqueued, 16777217*ms)
}

func checkOverride(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	q := work.Request{ID: "a", Every: time.Hour}
	add(r, 0, q)
	r.End(0, "a", work.Success)
	q.Task, q.NextRun = "t", time.UnixMicro(5*second)
	r.Do(second, core.Change{Request: q})
	want(r, "a", work.Enqueued, 5*second)
}

func checkName(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	reply := r.Do(0, core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "a", Task: "t", Needs: work.Constraints{ContentURIs: 1}}}}})
	const text = "enqueue t: unsupported change: host has no content URI triggers and no network requests"
	if reply.Err == nil || reply.Err.Error() != text {
		tb.Errorf("%v", reply.Err)
	}
}
