package measured

import (
	"testing"
	"time"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/runlog"
)

func rowOfRuns(runs ...runlog.Run) []Row {
	return []Row{{device: &runlog.Device{Runs: runs}}}
}

func ran(task string, took time.Duration, o runlog.Outcome) runlog.Run {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return runlog.Run{Task: task, Started: at, Ended: at.Add(took), Outcome: o}
}

func TestModel(t *testing.T) {
	s := time.Second
	runs := []runlog.Run{
		ran("a", 2*s, runlog.Success), ran("a", 4*s, runlog.Success), ran("a", 4*s, runlog.Retry), ran("a", 6*s, runlog.Success),
		ran("b", time.Hour, runlog.Success), ran("a", time.Hour, runlog.Killed), ran("a", 9*s, runlog.Stopped), ran("a", 9*s, runlog.Running),
	}
	if m := modelOf(rowOfRuns(runs...), "a"); m != nil {
		t.Errorf("four runs make %+v", *m)
	}
	m := modelOf(append(rowOfRuns(runs...), rowOfRuns(ran("a", 4*s, runlog.Failure))...), "a")
	if m == nil || m.Runs != 5 || m.Cut != 2 || m.Takes != 4 || m.Varies != 0.32 || m.Succeeds != 0.6 {
		t.Fatalf("got %+v", m)
	}
	if got := m.words(); got != "{takes: 4s, varies: 0.32, succeeds: 0.6}" {
		t.Errorf("got %s", got)
	}
	if got := m.beside(&plan.Model{Takes: 4 * s, Varies: 320_000, Succeeds: 600_000}); got != "of 5 runs; 2 more were cut short, and would have taken longer" {
		t.Errorf("beside the same: %s", got)
	}
	// Nothing took any time, and a plan wants some.
	if m := modelOf(rowOfRuns(ran("a", 0, runlog.Success), ran("a", 0, runlog.Success), ran("a", -s, runlog.Success), ran("a", 0, runlog.Success), ran("a", 0, runlog.Success)), "a"); m.words() != "{takes: 1ms}" {
		t.Errorf("got %s", m.words())
	}
}
