package android_test

import (
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

func TestWorkRunsAtOnceInFront(t *testing.T) {
	p := used(t, "16", "")
	id := p.must(mins, work.Request{Task: "t"})
	if got := p.starts("t"); !slices.Equal(got, []int64{mins}) {
		t.Errorf("started at %v", clocks(got))
	}
	p.until(2 * mins)
	if !p.gone(id) {
		t.Errorf("%+v", p.Row(id))
	}
}

// TestProcessThatLivesAsksNoQuota shows the two ways to a start: the job of the system,
// and the library's own scheduler as long as the app's process gets time.
func TestProcessThatLivesAsksNoQuota(t *testing.T) {
	// The bucket has no quota at all, so that only the library can run something.
	none := []android.Setting{{Name: "quota.active.jobs", Value: "0"}, {Name: "quota.working-set.jobs", Value: "0"}, {Name: "process.freeze", Value: "10m"}}
	p := used(t, "15", "", none...)
	p.sense(mins, core.SenseAppLeft)
	p.must(2*mins, work.Request{Task: "alive"})
	if got := p.starts("alive"); !slices.Equal(got, []int64{2 * mins}) {
		t.Errorf("while the process lives: started at %v", clocks(got))
	}
	if b := p.last().budget; b != 90*mins {
		t.Errorf("in process a run may take %s", clock(b))
	}
	held := p.must(3*mins, work.Request{Task: "constrained", Needs: work.Constraints{Charging: true}})
	p.wantCodes(held, work.ReasonCharging)
	p.facts(4*mins, map[record.Signal]int64{record.Charging: 1})
	if got := p.starts("constrained"); !slices.Equal(got, []int64{4 * mins}) {
		t.Errorf("constrained: started at %v", clocks(got))
	}
	p.facts(5*mins, map[record.Signal]int64{record.Charging: 0})
	idle := p.must(6*mins, work.Request{Task: "idle", Needs: work.Constraints{Idle: true}})
	p.wantCodes(idle, work.ReasonIdle, android.ReasonQuota)
	// Ten minutes after it went to the background the process is frozen.
	frozen := p.must(12*mins, work.Request{Task: "frozen"})
	p.wantCodes(frozen, android.ReasonQuota)
	p.sense(13*mins, core.SenseAppDied)
	p.wantCodes(frozen, android.ReasonQuota)
	p.sense(14*mins, core.SenseAppOpened)
	if got := p.starts("frozen"); !slices.Equal(got, []int64{14 * mins}) {
		t.Errorf("frozen: started at %v", clocks(got))
	}
}

func TestRunInProcessEnds(t *testing.T) {
	set := []android.Setting{{Name: "quota.active.jobs", Value: "0"}, {Name: "process.freeze", Value: "3h"}}
	p := used(t, "15", "", set...)
	p.sense(mins, core.SenseAppLeft)
	p.takes["t"] = 5 * hour
	id := p.must(2*mins, work.Request{Task: "t"})
	p.until(100 * mins)
	if r := p.runs[0]; r.end != 2*mins+90*mins || r.stop != work.StopTimeout || p.Row(id).StopReason != work.StopTimeout && p.Row(id).State != work.Running {
		t.Errorf("%+v, %+v", r, p.Row(id))
	}
	// A process that is frozen is as good as one that is gone.
	p.until(4 * hour)
	if r := p.last(); r.stop != work.StopDeviceState || r.end != 3*hour+mins {
		t.Errorf("%+v ended at %s", r, clock(r.end))
	}
	p.wantCodes(id, android.ReasonQuota)
}

func TestRetriesInOneProcessAreThrottled(t *testing.T) {
	p := used(t, "15", "", android.Setting{Name: "quota.active.jobs", Value: "0"}, android.Setting{Name: "process.freeze", Value: "10h"})
	p.sense(mins, core.SenseAppLeft)
	id := p.must(2*mins, work.Request{Task: "t", Backoff: work.Backoff{Policy: work.Linear, Delay: 10 * time.Second}})
	at := 2 * mins
	for n := int64(1); n < 10; n++ {
		if got := p.starts("t"); len(got) != int(n) || got[n-1] != at {
			t.Fatalf("start %d at %v, want %s", n, clocks(got), clock(at))
		}
		p.do(p.At, core.Ended{Work: id, Epoch: n, Outcome: work.Retry})
		p.do(p.At, core.Reaped{Work: id, Epoch: n})
		p.runs[n-1].stop = work.NotStopped
		at += 10 * sec * n
		// After five retries the library waits 30 s more for each, from first sight.
		at = max(at, 2*mins+30*sec*max(0, n-5))
		p.until(at)
	}
}

func TestSchedulerSlots(t *testing.T) {
	p := used(t, "16", "", android.Setting{Name: "quota.active.jobs", Value: "0"})
	p.sense(mins, core.SenseAppLeft)
	p.sense(2*mins, core.SenseAppDied)
	for range 22 {
		p.must(3*mins, work.Request{Task: "later", Delay: time.Hour})
	}
	late := p.must(3*mins, work.Request{Task: "late"})
	p.wantCodes(late, android.ReasonSchedulerSlots, android.ReasonQuota)
	trigger := p.must(3*mins, work.Request{Task: "uri", Needs: work.Constraints{ContentURIs: 1}})
	p.wantCodes(trigger, android.ReasonQuota)
	if len(p.Codes(p.At, "later-20")) == 0 {
		t.Error("the works do not wait")
	}
	// Three of them end: the two others that wait for a slot go first.
	for _, id := range []work.ID{"later-1", "later-2", "later-3"} {
		p.do(p.At, core.Cancel{ID: id})
	}
	p.wantCodes(late, android.ReasonQuota)
}

func TestDroppedWithoutQuota(t *testing.T) {
	p := used(t, "16", "", android.Setting{Name: "expedited.active.time", Value: "0s"}, android.Setting{Name: "expedited.working-set.time", Value: "0s"})
	p.sense(mins, core.SenseAppLeft)
	p.sense(2*mins, core.SenseAppDied)
	drop := p.must(5*mins, work.Request{Task: "drop", Expedited: true, DropWithoutQuota: true})
	p.wantCodes(drop, android.ReasonExpeditedQuota)
	run := p.must(5*mins, work.Request{Task: "run", Expedited: true})
	p.until(6 * mins)
	if got := p.starts("run"); !slices.Equal(got, []int64{5 * mins}) || !p.gone(run) {
		t.Errorf("as regular: started at %v", clocks(got))
	}
	// The process that it started runs what waits too, without asking.
	if got := p.starts("drop"); !slices.Equal(got, []int64{5 * mins}) {
		t.Errorf("dropped: started at %v", clocks(got))
	}
}
