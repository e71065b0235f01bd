package core_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestDebugLaunch shows that what a debugger launches is due at once, but for what
// repeats.
func TestDebugLaunch(t *testing.T) {
	r, _ := newDoor(t, core.Rules{Name: "door", Consumes: true})
	put := func(id work.ID, q work.Request) {
		t.Helper()
		q.ID = id
		if reply := r.Do(sec, core.Enqueue{Nodes: []work.Node{{Request: q}}}); reply.Err != nil {
			t.Fatal(reply.Err)
		}
	}
	put("later", work.Request{Task: "t", Delay: time.Hour})
	put("other", work.Request{Task: "u", Delay: time.Hour})
	put("every", work.Request{Task: "v", Every: time.Hour, Flex: time.Minute})
	launch := func(task string) {
		r.Do(10*sec, core.Sensed{Sense: core.Sense{Kind: core.SenseDebugLaunch, Task: task}})
		r.Do(10*sec, core.Tick{})
	}
	if len(r.Starts()) != 0 {
		t.Fatalf("started: %v", r.Starts())
	}
	launch("t")
	if got := r.Starts(); !slices.Equal(got, []work.ID{"later"}) {
		t.Fatalf("started: %v", got)
	}
	launch("v")
	launch("nobody's")
	if got := r.Starts(); len(got) != 1 {
		t.Errorf("started: %v", got)
	}
	told := slices.ContainsFunc(r.Journal(), func(e record.Entry) bool {
		return e.Kind == record.EntryUpdated && e.Work == "later" && *e.Due == 10*sec && strings.Contains(e.Text, "debugger")
	})
	if !told {
		t.Error("the run log does not tell of it")
	}
}

// TestAbsent shows what is said of a task that nothing waits for.
func TestAbsent(t *testing.T) {
	r, _ := newDoor(t, core.Rules{Name: "door", Consumes: true})
	says := func(m *core.Machine, id work.ID, want string) {
		t.Helper()
		var w *record.Work
		if id != "" {
			w = r.Row(id)
		}
		if x, ok := m.Absent(w); !ok || x.Code != core.NotPending || !strings.Contains(x.Message, want) || x.Fix == "" {
			t.Errorf("%s: %+v", id, x)
		}
	}
	says(r.M, "", "never asked for it")
	ask(r, "a", "")
	r.Do(5*sec, core.Tick{})
	r.Do(6*sec, core.Ended{Work: "a", Epoch: 1, Outcome: work.Success})
	r.Reap(7*sec, "a")
	says(r.M, "a", "consumed it")
	ask(r, "b", "")
	r.Do(r.At, core.Sensed{Sense: core.Sense{Kind: core.SenseForceStop, Task: "b"}})
	says(r.M, "b", "was dropped (dropped)")
	keeps, _ := newDoor(t, core.Rules{Name: "door"})
	says(keeps.M, "a", "its last work is over")
	if x, ok := coretest.New(t, plainPolicy{}).M.Absent(nil); ok {
		t.Errorf("on a host: %+v", x)
	}
}

// TestGateSince shows that a gate is not said to have held a work before it was due.
func TestGateSince(t *testing.T) {
	r, _ := newDoor(t, core.Rules{Name: "door"})
	r.Do(sec, sense(core.SenseScreen, 1))
	ask(r, "a", "") // due after 5 s
	for _, at := range []int64{2 * sec, 9 * sec} {
		why := r.M.Explain(at, r.Row("a"), nil)
		i := slices.IndexFunc(why, func(x work.Reason) bool { return x.Code == "screen" })
		if i < 0 {
			t.Fatalf("%+v", why)
		}
		if since := why[i].Since; since.IsZero() != (at < 6*sec) {
			t.Errorf("at %d: since %v", at, since)
		}
	}
}
