package core_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

func fact(s record.Signal, v int64) core.FactsRead {
	return core.FactsRead{Facts: []record.Fact{{Signal: s, Value: v}}}
}

func TestGroupsAreExclusive(t *testing.T) {
	r := rig(t)
	for _, x := range []struct {
		id    work.ID
		task  string
		group string
	}{{"a", "x", "g"}, {"b", "y", "g"}, {"c", "x", "g"}, {"d", "x", "h"}, {"e", "x", ""}} {
		add(r, 0, work.Request{ID: x.id, Task: x.task, Group: x.group})
	}
	wantStarts(r, "a", "d", "e")
	wantCodes(r, 0, "b", work.ReasonGroup)
	run, _ := r.Run("a")
	r.Do(second, core.Ended{Work: "a", Epoch: run.Epoch, Outcome: work.Success})
	wantStarts(r, "a", "d", "e") // until it is reaped, its place is taken
	r.Do(second, core.Reaped{Work: "a", Epoch: run.Epoch})
	wantStarts(r, "a", "d", "e", "b")
	r.Restart(2 * second) // b and the others were lost: the first in order is b again
	wantState(r, "b", work.Running)
	wantState(r, "c", work.Enqueued)
	r.End(3*second, "b", work.Success)
	wantState(r, "c", work.Running)
}

func TestParallelWorks(t *testing.T) {
	r := rig(t)
	r.Do(0, core.JobsSet{Jobs: 2})
	for i := range 5 {
		add(r, 0, work.Request{ID: id("w", i)})
	}
	wantStarts(r, "w0000", "w0001")
	wantCodes(r, 0, "w0002", work.ReasonSlots)
	r.Do(second, core.JobsSet{Jobs: 3})
	wantStarts(r, "w0000", "w0001", "w0002")
	r.Do(second, core.JobsSet{Jobs: 1}) // stops nothing
	if len(r.Stops()) > 0 {
		t.Errorf("stops %v", r.Stops())
	}
	r.End(second, "w0000", work.Success)
	r.End(second, "w0001", work.Success)
	wantStarts(r, "w0000", "w0001", "w0002")
	r.End(second, "w0002", work.Success)
	wantStarts(r, "w0000", "w0001", "w0002", "w0003")
	r.Restart(minute)
	if got := r.M.Meta().Jobs; got != 1 {
		t.Errorf("%d jobs after a restart", got)
	}
}

func TestConditionsAreLevelTriggered(t *testing.T) {
	for _, c := range []struct {
		needs work.Constraints
		met   core.FactsRead
		lost  core.FactsRead
		stop  work.StopReason
		code  work.Code
	}{
		{work.Constraints{Charging: true}, fact(record.Charging, 1), fact(record.Charging, 0), work.StopCharging, work.ReasonCharging},
		{work.Constraints{BatteryNotLow: true}, fact(record.BatteryLow, 0), fact(record.BatteryLow, 1), work.StopBatteryLow, work.ReasonBattery},
		{work.Constraints{StorageNotLow: true}, fact(record.StorageLow, 0), fact(record.StorageLow, 1), work.StopStorage, work.ReasonStorage},
		{work.Constraints{Network: work.Connected}, fact(record.Connected, 1), fact(record.Connected, 0), work.StopConnectivity, work.ReasonNetwork},
		{work.Constraints{Idle: true}, fact(record.Idle, 1), fact(record.Idle, 0), work.StopDeviceIdle, work.ReasonIdle},
		{work.Constraints{LowPowerOff: true}, fact(record.LowPower, 0), fact(record.LowPower, 1), work.StopDeviceState, work.ReasonLowPower},
	} {
		r := rig(t)
		add(r, 0, work.Request{ID: "a", Needs: c.needs})
		wantCodes(r, 0, "a", work.ReasonUnknown)
		r.Do(0, c.lost)
		wantCodes(r, 0, "a", c.code)
		r.Do(second, c.met)
		wantState(r, "a", work.Running)
		r.Do(2*second, core.FactsRead{Facts: []record.Fact{{Signal: c.met.Facts[0].Signal, Value: record.Unknown}}})
		wantState(r, "a", work.Running) // not known is not lost
		r.Do(2*second, c.met)
		r.Do(2*second, c.lost)
		w := r.Row("a")
		if w.State != work.Enqueued || w.StopReason != c.stop || w.Last.Outcome != work.Stopped || w.LastEnqueue != 0 {
			t.Errorf("%+v: %+v", c.needs, w)
		}
		wantCodes(r, 2*second, "a", work.ReasonPreviousRun, c.code)
		r.Do(2*second, c.met) // back before the run is gone
		wantCodes(r, 2*second, "a", work.ReasonPreviousRun)
		r.Reap(3*second, "a")
		wantState(r, "a", work.Running)
		if run, _ := r.Run("a"); run.Epoch != 2 {
			t.Errorf("epoch %d", run.Epoch)
		}
		wantStarts(r, "a", "a")
	}
}

func TestLoadHoldsButStopsNothing(t *testing.T) {
	r := rig(t)
	for i := range 2 {
		add(r, 0, work.Request{ID: id("w", i), Needs: work.Constraints{LoadLow: true}, Delay: time.Duration(i) * time.Second})
	}
	r.Do(0, fact(record.LoadHigh, 0))
	r.Do(second/2, fact(record.LoadHigh, 1)) // may be its own
	wantState(r, "w0000", work.Running)
	r.Do(second, core.Tick{})
	wantCodes(r, second, "w0001", work.ReasonLoad)
	r.Do(second, fact(record.LoadHigh, 0))
	wantState(r, "w0001", work.Running)
}

func TestUnmeteredNetwork(t *testing.T) {
	r := rig(t)
	for i, n := range []work.Network{work.Unmetered, work.TemporarilyUnmetered, work.NotRoaming, work.Metered} {
		add(r, 0, work.Request{ID: id("n", i), Needs: work.Constraints{Network: n}})
	}
	r.Do(0, fact(record.Connected, 1))
	for i := range 4 {
		wantCodes(r, 0, id("n", i), work.ReasonUnknown)
	}
	r.Do(0, fact(record.Metered, 1))
	r.Do(0, fact(record.Roaming, 1))
	wantStarts(r, "n0003")
	r.Do(0, fact(record.Roaming, 0))
	wantStarts(r, "n0003", "n0002")
	r.Do(0, fact(record.Metered, 0))
	wantStarts(r, "n0003", "n0002", "n0000", "n0001")
	if got := r.Stops(); !slices.Equal(got, []work.ID{"n0003"}) {
		t.Errorf("stops %v", got)
	}
}

func TestSettlingFacts(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "a", Needs: work.Constraints{Network: work.Unmetered}})
	r.Do(0, core.FactsRead{Facts: []record.Fact{
		{Signal: record.Connected, Value: 0, Next: 1, Settles: 5 * second},
		{Signal: record.Metered, Value: 1, Next: 0, Settles: 7 * second},
	}})
	wantCodes(r, 0, "a", work.ReasonSettling)
	if r.M.Idle() {
		t.Error("idle while a fact settles")
	}
	r.Do(5*second, core.Tick{})
	wantCodes(r, 5*second, "a", work.ReasonSettling)
	if r.Wake != 7*second {
		t.Errorf("woken at %d", r.Wake)
	}
	r.Do(7*second, core.Tick{})
	wantState(r, "a", work.Running)
	// What settles for the worse stops as well, and on time.
	r.Do(8*second, core.FactsRead{Facts: []record.Fact{{Signal: record.Metered, Value: 0, Next: 1, Settles: 9 * second}}})
	if r.Wake != 9*second {
		t.Errorf("woken at %d", r.Wake)
	}
	r.Do(9*second, core.Tick{})
	wantState(r, "a", work.Enqueued)
}

func TestPreviousRunOccupiesItsWork(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "a", Backoff: work.Backoff{Delay: time.Millisecond}})
	run, _ := r.Run("a")
	r.Do(0, core.BudgetSpent{Work: "a", Epoch: run.Epoch})
	want(r, "a", work.Enqueued, ms)
	wantCodes(r, ms, "a", work.ReasonPreviousRun)
	r.Do(second, core.Tick{})
	wantStarts(r, "a")
	r.Restart(2*second, record.RunKey{Seq: 1, Epoch: 1}) // it is still dying
	wantStarts(r, "a")
	wantCodes(r, 2*second, "a", work.ReasonPreviousRun)
	r.Reap(3*second, "a")
	wantStarts(r, "a", "a")
}

func TestOrphanOccupiesItsName(t *testing.T) {
	for _, policy := range []work.Policy{work.Replace, work.AppendOrReplace} {
		for _, restart := range []bool{false, true} {
			r := rig(t)
			add(r, 0, work.Request{ID: "a"}, work.Unique{Name: "n"})
			if policy == work.AppendOrReplace {
				add(r, 0, work.Request{ID: "x"}, work.Unique{Name: "n", Policy: work.Append})
				r.Do(0, core.Cancel{ID: "x"})
			}
			add(r, second, work.Request{ID: "b"}, work.Unique{Name: "n", Policy: policy})
			add(r, second, work.Request{ID: "other"})
			if r.Row("a") != nil {
				t.Fatal("a is there")
			}
			if restart {
				r.Restart(second, record.RunKey{Seq: 1, Epoch: 1})
			}
			wantCodes(r, second, "b", work.ReasonPreviousRun)
			if reply := r.Do(second, core.Ended{Work: "a", Epoch: 1, Outcome: work.Success}); !errors.Is(reply.Err, work.ErrLate) {
				t.Errorf("a result of a deleted work: %v", reply.Err)
			}
			wantState(r, "b", work.Enqueued)
			r.Do(second, core.Reaped{Work: "a", Epoch: 1})
			wantState(r, "b", work.Running)
			// The same ID again: epochs of deleted works must not come back while they matter.
			add(r, minute, work.Request{ID: "a"}, work.Unique{Name: "n", Policy: policy})
		}
	}
}

func TestSameIDWhileItsOrphanRuns(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "a"}, work.Unique{Name: "n"})
	add(r, 0, work.Request{ID: "b"}, work.Unique{Name: "n", Policy: work.Replace})
	add(r, 0, work.Request{ID: "a"})
	wantCodes(r, 0, "a", work.ReasonPreviousRun)
	if reply := r.Do(0, core.Ended{Work: "a", Epoch: 1, Outcome: work.Success}); !errors.Is(reply.Err, work.ErrLate) {
		t.Errorf("%+v", reply)
	}
	r.Do(0, core.Reaped{Work: "a", Epoch: 1})
	wantState(r, "a", work.Running)
	if run, _ := r.Run("a"); run.Epoch != 2 {
		t.Errorf("epoch %d is not new", run.Epoch)
	}
}

func TestLateResultsChangeNothing(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "a", Every: time.Hour})
	r.End(0, "a", work.Success)
	r.Do(hour, core.Tick{})
	before := *r.Row("a")
	for _, ev := range []core.Event{
		core.Ended{Work: "a", Epoch: 1, Outcome: work.Failure},
		core.Ended{Work: "nobody", Epoch: 1, Outcome: work.Success},
		core.Progressed{Work: "a", Epoch: 1, Data: []byte(`1`)},
	} {
		if reply := r.Do(hour, ev); !errors.Is(reply.Err, work.ErrLate) {
			t.Errorf("%+v: %v", ev, reply.Err)
		}
	}
	for _, ev := range []core.Event{
		core.BudgetSpent{Work: "a", Epoch: 1},
		core.Reaped{Work: "a", Epoch: 1},
		core.StopRun{Work: "nobody", Reason: work.StopUser},
		core.Offer{Work: "nobody"},
	} {
		r.Do(hour, ev)
	}
	if run, ok := r.Run("a"); !ok || run.Epoch != 2 || run.State != record.Going {
		t.Errorf("%+v", run)
	}
	if after := *r.Row("a"); after.State != work.Running || after.Epoch != before.Epoch || after.Progress != nil {
		t.Errorf("%+v", after)
	}
}

func TestReapedWithoutAResultIsACrash(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "a"})
	r.Do(second, core.Reaped{Work: "a", Epoch: 1})
	want(r, "a", work.Enqueued, 31*second)
	if w := r.Row("a"); w.Last.Outcome != work.Crashed || w.Crashes != 1 {
		t.Errorf("%+v", w)
	}
}

func TestCancelAndResultInOrder(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "a"})
	add(r, 0, work.Request{ID: "b"})
	r.Do(second, core.Cancel{ID: "a"}) // the cancel is first
	if reply := r.Do(second, core.Ended{Work: "a", Epoch: 1, Outcome: work.Success}); !errors.Is(reply.Err, work.ErrLate) {
		t.Errorf("%+v", reply)
	}
	wantState(r, "a", work.Cancelled)
	r.Do(second, core.Ended{Work: "b", Epoch: 1, Outcome: work.Success}) // the result is first
	if reply := r.Do(second, core.Cancel{ID: "b"}); reply.Result != core.ResultNotDone {
		t.Errorf("%+v", reply)
	}
	wantState(r, "b", work.Succeeded)
}

func TestShutdown(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "a", BackoffOnInterruption: true})
	add(r, 0, work.Request{ID: "b"})
	r.Do(second, core.Shutdown{})
	if got := r.Stops(); !slices.Equal(got, []work.ID{"a", "b"}) {
		t.Errorf("stops %v", got)
	}
	for _, id := range []work.ID{"a", "b"} {
		w := r.Row(id)
		if w.State != work.Enqueued || w.StopReason != work.StopSystem || w.Failures != 0 {
			t.Errorf("%+v", w)
		}
		wantCodes(r, second, id, work.ReasonPreviousRun, work.ReasonShutdown)
		r.Reap(second, id)
	}
	wantStarts(r, "a", "b")
	r.Do(2*second, core.Shutdown{}) // asked for again
	told := 0
	for _, e := range r.Journal() {
		if e.Kind == record.EntryEngine && e.Text == "shutdown" {
			told++
		}
	}
	if since := r.M.Meta().Stopped; told != 1 || since != second {
		t.Errorf("told %d times; down since %d", told, since)
	}
	r.Restart(minute)
	wantStarts(r, "a", "b", "a", "b")
	r.Do(minute, core.Shutdown{})
	if got := r.Stops(); !slices.Equal(got, []work.ID{"a", "b", "a", "b"}) {
		t.Errorf("stops %v", got)
	}
}

func TestBackoffOnInterruption(t *testing.T) {
	r := rig(t)
	for _, q := range []work.Request{{ID: "one"}, {ID: "periodic", Every: time.Hour}} {
		q.BackoffOnInterruption, q.Needs.Charging = true, true
		add(r, 0, q)
	}
	r.Do(0, charge)
	r.End(0, "periodic", work.Success)
	r.Do(hour, core.Tick{})
	r.Do(hour+second, fact(record.Charging, 0))
	for _, id := range []work.ID{"one", "periodic"} {
		want(r, id, work.Enqueued, hour+31*second)
		r.Reap(hour+second, id)
	}
	r.Do(hour+2*second, charge)
	r.Do(hour+32*second, core.Tick{})
	r.Do(hour+33*second, core.StopRun{Work: "one", Reason: work.StopUser})
	want(r, "one", work.Enqueued, hour+63*second) // by the user: no interruption by the system
	if w := r.Row("one"); w.Failures != 1 {
		t.Errorf("%d failures", w.Failures)
	}
}

func TestExpeditedLane(t *testing.T) {
	r := rig(t)
	r.Do(0, core.JobsSet{Jobs: 1})
	add(r, 0, work.Request{ID: "first"})
	for i := range 3 {
		add(r, int64(i), work.Request{ID: id("n", i)})
	}
	add(r, 5, work.Request{ID: "e1", Expedited: true})
	add(r, 6, work.Request{ID: "e2", Expedited: true, Task: "u"})
	r.End(second, "first", work.Success)
	r.End(second, "e1", work.Retry) // a retry is never expedited
	r.End(second, "e2", work.Success)
	r.Do(minute, core.Tick{})
	for len(r.M.Runs()) > 0 {
		r.End(minute, r.M.Runs()[0].Work, work.Success)
	}
	wantStarts(r, "first", "e1", "e2", "n0000", "n0001", "n0002", "e1")
}

func TestWorkIsStartedInTheStepThatMakesIt(t *testing.T) {
	r := rig(t)
	ev := core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "a", Task: "t"}}}, Fresh: true}
	if needs := r.M.Needs(ev); len(needs) != 0 {
		t.Errorf("needs %+v", needs)
	}
	out := r.M.Step(0, ev, record.Rows{})
	if len(out.Effects) != 1 || len(out.Tx.Runs) != 1 || out.Effects[0].Kind != core.StartRun || out.Reply.Result != core.ResultEnqueued {
		t.Errorf("%+v", out)
	}
}

func TestHeldTasks(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "a", Task: "gone", Delay: time.Second})
	r.Do(0, core.TasksKnown{Tasks: []record.TaskRow{{Name: "other"}, {Name: "gone", Held: string(work.ReasonNotInPlan)}}})
	wantCodes(r, second, "a", work.ReasonNotInPlan)
	r.Do(0, core.TasksKnown{Tasks: []record.TaskRow{{Name: "other"}}})
	wantCodes(r, second, "a", work.ReasonNoEntryPoint)
	r.Do(second, core.Tick{})
	wantState(r, "a", work.Enqueued)
	reply := r.Do(second, core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "b", Task: "gone"}}}})
	if !errors.Is(reply.Err, work.ErrUnknownTask) {
		t.Errorf("%+v", reply)
	}
	r.Restart(second)
	wantCodes(r, second, "a", work.ReasonNoEntryPoint)
	r.Do(second, core.TasksKnown{Tasks: []record.TaskRow{{Name: "gone"}}})
	wantState(r, "a", work.Running)
	r.Do(second, core.TasksKnown{}) // a run of a task that is held goes on
	wantState(r, "a", work.Running)
}

func TestRequestsThatAreRefused(t *testing.T) {
	r := rig(t)
	zone(r, "Local", utc)
	long := string(make([]byte, 200))
	node := func(q work.Request) []work.Node { q.Task = "t"; return []work.Node{{Request: q}} }
	periodic := work.Request{ID: "x", Every: time.Hour, Task: "t"}
	for name, ev := range map[string]core.Event{
		"no nodes":            core.Enqueue{},
		"no ID":               core.Enqueue{Nodes: node(work.Request{})},
		"no task":             core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "x"}}}},
		"long ID":             core.Enqueue{Nodes: node(work.Request{ID: work.ID(long)})},
		"ID with a space":     core.Enqueue{Nodes: node(work.Request{ID: "x y"})},
		"ID twice":            core.Enqueue{Nodes: append(node(work.Request{ID: "x"}), node(work.Request{ID: "x"})...)},
		"empty tag":           core.Enqueue{Nodes: node(work.Request{ID: "x", Tags: []string{""}})},
		"control in group":    core.Enqueue{Nodes: node(work.Request{ID: "x", Group: "a\nb"})},
		"bad JSON":            core.Enqueue{Nodes: node(work.Request{ID: "x", Input: []byte(`{"a":`)})},
		"flex alone":          core.Enqueue{Nodes: node(work.Request{ID: "x", Flex: time.Hour})},
		"negative every":      core.Enqueue{Nodes: node(work.Request{ID: "x", Every: -1})},
		"negative delay":      core.Enqueue{Nodes: node(work.Request{ID: "x", Delay: -1})},
		"negative grace":      core.Enqueue{Nodes: node(work.Request{ID: "x", Grace: -1})},
		"every and cron":      core.Enqueue{Nodes: node(work.Request{ID: "x", Every: time.Hour, Cron: "* * * * *"})},
		"bad cron":            core.Enqueue{Nodes: node(work.Request{ID: "x", Cron: "61 * * * *"})},
		"zone alone":          core.Enqueue{Nodes: node(work.Request{ID: "x", Zone: "Local"})},
		"zone unread":         core.Enqueue{Nodes: node(work.Request{ID: "x", Cron: "* * * * *", Zone: "Mars"})},
		"bad window":          core.Enqueue{Nodes: node(work.Request{ID: "x", Needs: work.Constraints{Between: "25:00-26:00"}})},
		"window zone alone":   core.Enqueue{Nodes: node(work.Request{ID: "x", Needs: work.Constraints{Zone: "Local"}})},
		"unknown network":     core.Enqueue{Nodes: node(work.Request{ID: "x", Needs: work.Constraints{Network: 99}})},
		"unknown merger":      core.Enqueue{Nodes: node(work.Request{ID: "x", Merger: "m"})},
		"unknown on-failure":  core.Enqueue{Nodes: node(work.Request{ID: "x", OnFailure: "m"})},
		"unknown missed":      core.Enqueue{Nodes: node(work.Request{ID: "x", Cron: "* * * * *", Missed: "m"})},
		"unknown backoff":     core.Enqueue{Nodes: node(work.Request{ID: "x", Backoff: work.Backoff{Policy: "m"}})},
		"unknown policy":      core.Enqueue{Nodes: node(work.Request{ID: "x"}), Unique: work.Unique{Name: "n", Policy: "m"}},
		"next run one-time":   core.Enqueue{Nodes: node(work.Request{ID: "x", NextRun: time.Unix(1, 0)})},
		"chain one-time":      core.Enqueue{Nodes: node(work.Request{ID: "x", Chain: node(work.Request{})})},
		"chain long ID":       core.Enqueue{Nodes: node(work.Request{ID: work.ID(id(string(make([]byte, 0)), 1)) + work.ID(repeat("x", 100)), Every: time.Hour, Chain: node(work.Request{})})},
		"chain of periodic":   core.Enqueue{Nodes: node(work.Request{ID: "x", Every: time.Hour, Chain: node(periodic)})},
		"periodic in a chain": core.Enqueue{Nodes: append(node(work.Request{ID: "y"}), work.Node{Request: periodic, After: []int{0}})},
		"periodic appended":   core.Enqueue{Nodes: node(periodic), Unique: work.Unique{Name: "n", Policy: work.Append}},
		"cycle": core.Enqueue{Nodes: []work.Node{
			{Request: work.Request{ID: "x", Task: "t"}, After: []int{1}}, {Request: work.Request{ID: "y", Task: "t"}, After: []int{0}},
		}},
		"after nothing":      core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "x", Task: "t"}, After: []int{3}}}},
		"after itself":       core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "x", Task: "t"}, After: []int{0}}}},
		"change unknown":     core.Change{Request: work.Request{ID: "x", Task: "t"}},
		"cancel unknown":     core.Cancel{ID: "x"},
		"cancel nothing":     core.Cancel{},
		"expedited periodic": core.Enqueue{Nodes: node(work.Request{ID: "x", Every: time.Hour, Expedited: true})},
		"bad zone":           core.ZoneRead{Zone: record.Zone{Name: "z", Table: []byte(`{`)}},
	} {
		reply := r.Do(0, ev)
		if reply.Err == nil {
			t.Errorf("%s: not refused: %+v", name, reply)
		} else if len(reply.Err.Error()) > 400 {
			t.Errorf("%s: %v", name, reply.Err)
		}
	}
	if rows := r.Rows(); len(rows) != 0 {
		t.Errorf("%d works were made", len(rows))
	}
}

func repeat(s string, n int) string { return string(slices.Repeat([]byte(s), n)) }

func TestAppendAfterPeriodicIsRefused(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "p", Every: time.Hour}, work.Unique{Name: "n"})
	reply := r.Do(0, core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "x", Task: "t"}}}, Unique: work.Unique{Name: "n", Policy: work.Append}})
	if !errors.Is(reply.Err, work.ErrPeriodicInChain) || r.Row("x") != nil {
		t.Errorf("%+v: it would wait for ever", reply)
	}
}

func TestEnqueueIsIdempotent(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "a"})
	r.End(0, "a", work.Success)
	reply := r.Do(0, core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "a", Task: "t"}}}})
	if reply.Result != core.ResultExists || len(r.Starts()) != 1 {
		t.Errorf("%+v", reply)
	}
	r.Do(day, core.Prune{FinishedBefore: hour})
	if r.Row("a") != nil {
		t.Error("not pruned")
	}
	if reply := add(r, day, work.Request{ID: "a"}); reply.Result != core.ResultEnqueued {
		t.Errorf("%+v", reply)
	}
}

func TestPrunedAfterRestart(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "a"})
	r.Do(0, core.Cancel{ID: "a"})
	r.Restart(second, record.RunKey{Seq: 1, Epoch: 1}) // finished, and its run is dying
	r.Reap(2*second, "a")
	r.Do(day, core.Prune{FinishedBefore: hour})
	if reply := add(r, day, work.Request{ID: "a"}); reply.Result != core.ResultEnqueued {
		t.Errorf("%+v", reply)
	}
}

func TestOutputsAreKept(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "a", Input: []byte(`{"x":1}`)})
	if in := r.Effects[0].Input; string(in) != `{"x":1}` {
		t.Errorf("input %s", in)
	}
	r.Do(0, core.Progressed{Work: "a", Epoch: 1, Data: []byte(`{"p":1}`)})
	if w := r.Row("a"); string(w.Progress) != `{"p":1}` {
		t.Errorf("progress %s", w.Progress)
	}
	r.End(0, "a", work.Success, `{"y":2}`)
	if w := r.Row("a"); string(w.Output) != `{"y":2}` || w.Progress != nil {
		t.Errorf("%+v", w)
	}
}

// TestUnusedSpecsAreForgotten: what nobody refers to goes with the works, from the
// store and from memory, and comes back as new.
func TestUnusedSpecsAreForgotten(t *testing.T) {
	r := rig(t)
	for i := range 50 {
		id := work.ID(fmt.Sprint("w", i))
		add(r, 0, work.Request{ID: id, Group: fmt.Sprint("g", i), Needs: work.Constraints{Charging: true}})
		if i != 7 {
			r.Do(0, core.Cancel{ID: id})
		}
	}
	rows := func() (specs, conds int) {
		s, err := r.Store.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(s.Specs), len(s.Conds)
	}
	r.Do(day, core.Prune{FinishedBefore: hour})
	r.Do(day, core.Prune{FinishedBefore: hour}) // the specs of what the first one deleted
	if specs, conds := rows(); specs != 1 || conds != 1 {
		t.Errorf("%d specs and %d conditions are left, want those of the one work that waits", specs, conds)
	}
	r.Do(day, core.Cancel{ID: "w7"})
	r.Do(3*day, core.Prune{FinishedBefore: 2 * day})
	r.Do(3*day, core.Prune{FinishedBefore: 2 * day})
	if specs, conds := rows(); specs != 0 || conds != 0 {
		t.Errorf("%d specs and %d conditions are left of nothing", specs, conds)
	}
	add(r, 3*day, work.Request{ID: "new", Group: "g7", Needs: work.Constraints{Charging: true}})
	if why := r.M.Explain(3*day, r.Row("new"), nil); len(why) == 0 {
		t.Error("it waits for nothing")
	}
	r.Do(3*day, core.FactsRead{Facts: []record.Fact{{Signal: record.Charging, Value: 1, Source: "test"}}})
	if run, ok := r.Run("new"); !ok || run.Epoch != 1 {
		t.Errorf("not started: %+v", run)
	}
	r.Restore()
	if specs, _ := rows(); specs != 1 {
		t.Errorf("%d specs", specs)
	}
}
