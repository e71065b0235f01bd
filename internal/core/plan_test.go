package core_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// planner reads plans; it makes up IDs as a driver does.
type planner struct {
	*coretest.Rig
	n int
}

func newPlanner(t *testing.T) *planner { return &planner{Rig: rig(t)} }

// root is a task of a plan; its name is the task, its hash a word.
func root(hash string, qs ...work.Request) record.PlanRoot {
	x := record.PlanRoot{Name: qs[0].Task, Hash: hash}
	for i, q := range qs {
		n := work.Node{Request: q}
		if i > 0 {
			n.After = []int{i - 1}
		}
		x.Nodes = append(x.Nodes, n)
	}
	return x
}

// read reads a plan. The IDs are the task's name and the number of the reading.
func (p *planner) read(at int64, again bool, roots ...record.PlanRoot) core.Reply {
	p.TB.Helper()
	p.n++
	ev := core.PlanRead{Again: again}
	for _, x := range roots {
		x.Nodes = slices.Clone(x.Nodes)
		for i := range x.Nodes {
			x.Nodes[i].Request.ID = work.ID(x.Nodes[i].Request.Task + string(rune('0'+p.n)))
		}
		ev.Roots = append(ev.Roots, x)
	}
	return p.Do(at, ev)
}

// has checks which works there are.
func (p *planner) has(states map[work.ID]work.State) {
	p.TB.Helper()
	for _, w := range p.Rows() {
		if s, ok := states[w.ID]; !ok || s != w.State {
			p.TB.Errorf("%s is %v, want %v", w.ID, w.State, states[w.ID])
		}
		delete(states, w.ID)
	}
	if len(states) > 0 {
		p.TB.Errorf("missing: %v", states)
	}
}

var (
	once     = work.Request{Task: "once"}
	later    = work.Request{Task: "later", Delay: time.Hour}
	periodic = work.Request{Task: "per", Every: time.Hour}
)

func TestPlanIsReadOnce(t *testing.T) {
	p := newPlanner(t)
	plan := []record.PlanRoot{root("1", once, work.Request{Task: "next"}), root("1", later), root("1", periodic)}
	p.read(0, false, plan...)
	p.has(map[work.ID]work.State{"once1": work.Running, "next1": work.Blocked, "later1": work.Enqueued, "per1": work.Running})
	p.read(0, false, plan...)
	p.Restart(second)
	p.read(second, false, plan...)
	p.has(map[work.ID]work.State{"once1": work.Running, "next1": work.Blocked, "later1": work.Enqueued, "per1": work.Running})
	p.End(second, "once1", work.Success)
	p.End(second, "next1", work.Success)
	p.End(second, "per1", work.Success)
	p.Restart(2 * second)
	p.read(2*second, false, plan...)
	p.has(map[work.ID]work.State{"once1": work.Succeeded, "next1": work.Succeeded, "later1": work.Enqueued, "per1": work.Enqueued})
	p.read(2*second, true, plan...) // --again
	p.has(map[work.ID]work.State{"once5": work.Running, "next5": work.Blocked, "later1": work.Enqueued, "per1": work.Enqueued})
}

func TestPlanChangedWhileItWaits(t *testing.T) {
	p := newPlanner(t)
	p.read(0, false, root("1", later), root("1", work.Request{Task: "per", Every: time.Hour, Flex: time.Minute}))
	p.read(0, false, root("2", work.Request{Task: "later", Delay: 2 * time.Hour}), root("2", work.Request{Task: "per", Every: time.Hour, Flex: time.Second}))
	p.has(map[work.ID]work.State{"later1": work.Enqueued, "per1": work.Enqueued})
	want(p.Rig, "later1", work.Enqueued, 2*hour)
	want(p.Rig, "per1", work.Enqueued, hour-second)
	p.read(0, false, root("3", work.Request{Task: "later", Delay: time.Hour}, work.Request{Task: "next"}), root("2", periodic))
	p.has(map[work.ID]work.State{"later3": work.Enqueued, "next3": work.Blocked, "per1": work.Enqueued}) // a chain is made anew
}

func TestPlanChangedWhileItRuns(t *testing.T) {
	p := newPlanner(t)
	p.read(0, false, root("1", once), root("1", periodic))
	changed := []record.PlanRoot{root("2", work.Request{Task: "once", Group: "g"}), root("2", work.Request{Task: "per", Every: 2 * time.Hour})}
	p.read(0, false, changed...)
	p.has(map[work.ID]work.State{"once1": work.Running, "per1": work.Running})
	if len(p.Stops()) > 0 {
		t.Errorf("stops %v", p.Stops())
	}
	p.read(0, false, changed...) // read again, as after a restart: still to be done
	p.Restart(second, record.RunKey{Seq: 1, Epoch: 1}, record.RunKey{Seq: 2, Epoch: 1})
	p.read(second, false, changed...)
	p.End(2*second, "per1", work.Success)
	want(p.Rig, "per1", work.Enqueued, 2*second+2*hour)
	p.End(2*second, "once1", work.Success)
	p.has(map[work.ID]work.State{"once2": work.Running, "per1": work.Enqueued})
	p.End(2*second, "once2", work.Success)
	p.read(3*second, false, changed...)
	p.has(map[work.ID]work.State{"once2": work.Succeeded, "per1": work.Enqueued})
}

func TestPlanChangedWhileItRunsThenCancelled(t *testing.T) {
	p := newPlanner(t)
	p.read(0, false, root("1", once))
	p.read(0, false, root("2", once))
	p.Do(0, core.Cancel{ID: "once1"})
	wantCodes(p.Rig, 0, "once2", work.ReasonPreviousRun)
	p.Do(0, core.Reaped{Work: "once1", Epoch: 1})
	p.has(map[work.ID]work.State{"once2": work.Running})
}

func TestPlanChangedAfterItFinished(t *testing.T) {
	p := newPlanner(t)
	p.read(0, false, root("1", once))
	p.End(0, "once1", work.Failure)
	p.read(0, false, root("2", once))
	p.has(map[work.ID]work.State{"once2": work.Running})
}

func TestPlanOneTimeAndPeriodic(t *testing.T) {
	p := newPlanner(t)
	p.read(0, false, root("1", work.Request{Task: "x"}), root("1", work.Request{Task: "y", Every: time.Hour, Delay: time.Hour}))
	p.read(0, false, root("2", work.Request{Task: "x", Every: time.Hour}), root("2", work.Request{Task: "y"}))
	wantCodes(p.Rig, 0, "x2", work.ReasonPreviousRun)
	p.Reap(0, "x1")
	p.has(map[work.ID]work.State{"x2": work.Running, "y2": work.Running})
	if got := p.Stops(); !slices.Equal(got, []work.ID{"x1"}) {
		t.Errorf("stops %v", got)
	}
}

func TestPlanRemovedAndBack(t *testing.T) {
	p := newPlanner(t)
	p.read(0, false, root("1", later), root("1", periodic))
	p.read(0, false, root("1", later))
	p.has(map[work.ID]work.State{"later1": work.Enqueued, "per1": work.Running}) // never cancelled silently
	p.read(0, false, root("1", later), root("1", periodic))
	p.has(map[work.ID]work.State{"later1": work.Enqueued, "per1": work.Running})
	var told []string
	for _, e := range p.Journal() {
		if e.Kind == record.EntryPlan && e.Task == "per" {
			told = append(told, e.Text)
		}
	}
	if !slices.Equal(told, []string{"new", "removed", "back"}) {
		t.Errorf("told %q", told)
	}
	p.read(0, false, root("1", later))
	p.read(0, false, root("1", later), root("2", work.Request{Task: "per", Every: 2 * time.Hour}))
	p.End(0, "per1", work.Success)
	want(p.Rig, "per1", work.Enqueued, 2*hour)
}

func TestPlanRemovedAndBackWhileItRuns(t *testing.T) {
	p := newPlanner(t)
	p.read(0, false, root("1", once))
	p.read(0, false, root("2", once))
	p.read(0, false)
	p.read(0, false, root("2", once))
	p.End(0, "once1", work.Success)
	p.has(map[work.ID]work.State{"once4": work.Running})
}

func TestPlanPeriodicTaskNeverDisappears(t *testing.T) {
	p := newPlanner(t)
	p.read(0, false, root("1", periodic))
	p.Do(0, core.Cancel{ID: "per1"})
	p.Reap(0, "per1")
	p.read(0, false, root("1", periodic))
	p.has(map[work.ID]work.State{"per1": work.Cancelled}) // somebody asked for it
	p.Do(day, core.Prune{FinishedBefore: hour})
	p.read(day, false, root("1", periodic))
	p.has(map[work.ID]work.State{"per3": work.Running})
}

func TestPlanErrorsLeaveTheRestAlone(t *testing.T) {
	p := newPlanner(t)
	bad := work.Request{Task: "bad", Every: time.Hour, Cron: "* * * * *"}
	if reply := p.read(0, false, root("1", bad), root("1", later)); reply.Err == nil {
		t.Error("no error")
	}
	p.has(map[work.ID]work.State{"later1": work.Enqueued})
	p.read(0, false, root("2", work.Request{Task: "bad", Every: time.Hour}), root("1", later))
	p.has(map[work.ID]work.State{"later1": work.Enqueued, "bad2": work.Running})
	if reply := p.read(0, false, root("3", work.Request{Task: "bad", Every: -1}), root("1", later)); reply.Err == nil {
		t.Error("no error")
	}
	p.has(map[work.ID]work.State{"later1": work.Enqueued, "bad2": work.Running})
}

func TestPlanKeepsTheIDsOfWhatItIsAboutToMake(t *testing.T) {
	p := newPlanner(t)
	p.read(0, false, root("a", once))
	p.read(1, false, root("b", once)) // once2 comes when once1 has ended
	taken := core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "once2", Task: "other"}}}}
	if r := p.Do(2, taken); !errors.Is(r.Err, work.ErrInvalid) {
		t.Errorf("%+v, want a refusal", r)
	}
	p.Do(3, core.Ended{Work: "once1", Epoch: 1, Outcome: work.Success})
	if r := p.Do(4, taken); r.Result != core.ResultExists {
		t.Errorf("%+v, want the plan's work", r)
	}
	p.has(map[work.ID]work.State{"once2": work.Enqueued})
}
