package android_test

import (
	"slices"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

func checkWorkRunsAtOnceInFront(t coretest.TB, profile maker) {
	p := opened(t, profile, "16", "")
	id := p.must(minute, work.Request{Task: "t"})
	if got := p.starts("t"); !slices.Equal(got, []int64{minute}) {
		t.Errorf("started at %v", clocks(got))
	}
	p.until(2 * minute)
	if !p.gone(id) {
		t.Errorf("%+v", p.Row(id))
	}
}

// checkProcessThatLivesAsksNoQuota shows the two ways to a start: the job of the system,
// and the library's own scheduler as long as the app's process gets time.
func checkProcessThatLivesAsksNoQuota(t coretest.TB, profile maker) {
	// The bucket has no quota at all, so that only the library can run something.
	none := []android.Setting{{Name: "quota.active.jobs", Value: "0"}, {Name: "quota.working-set.jobs", Value: "0"}, {Name: "process.freeze", Value: "10m"}}
	p := opened(t, profile, "15", "", none...)
	p.sense(minute, core.SenseAppLeft)
	p.must(2*minute, work.Request{Task: "alive"})
	if got := p.starts("alive"); !slices.Equal(got, []int64{2 * minute}) {
		t.Errorf("while the process lives: started at %v", clocks(got))
	}
	if b := p.last().budget; b != 90*minute {
		t.Errorf("in process a run may take %s", clock(b))
	}
	held := p.must(3*minute, work.Request{Task: "constrained", Needs: work.Constraints{Charging: true}})
	p.wantCodes(held, work.ReasonCharging)
	p.facts(4*minute, map[record.Signal]int64{record.Charging: 1})
	if got := p.starts("constrained"); !slices.Equal(got, []int64{4 * minute}) {
		t.Errorf("constrained: started at %v", clocks(got))
	}
	p.facts(5*minute, map[record.Signal]int64{record.Charging: 0})
	idle := p.must(6*minute, work.Request{Task: "idle", Needs: work.Constraints{Idle: true}})
	p.wantCodes(idle, work.ReasonIdle, android.ReasonQuota)
	// Ten minutes after it went to the background the process is frozen.
	frozen := p.must(12*minute, work.Request{Task: "frozen"})
	p.wantCodes(frozen, android.ReasonQuota)
	p.sense(13*minute, core.SenseAppDied)
	p.wantCodes(frozen, android.ReasonQuota)
	p.sense(14*minute, core.SenseAppOpened)
	if got := p.starts("frozen"); !slices.Equal(got, []int64{14 * minute}) {
		t.Errorf("frozen: started at %v", clocks(got))
	}
}

// checkNetworkOfARareApp shows that in process nothing gets a network while the app is
// hardly ever used, and that the system's jobs do.
func checkNetworkOfARareApp(t coretest.TB, profile maker) {
	alive := android.Setting{Name: "process.freeze", Value: "30h"}
	set := []android.Setting{alive}
	for _, bucket := range []string{"exempted", "working-set", "rare"} { // only the library can run something
		set = append(set, android.Setting{Name: "quota." + bucket + ".jobs", Value: "0"})
	}
	p := opened(t, profile, "16", "", set...)
	p.sense(minute, core.SenseAppLeft)
	at := 14 * hour
	p.takes["sync"] = 4 * hour
	sync := p.must(at, work.Request{Task: "sync", Needs: work.Constraints{Network: work.Connected}})
	if got := p.starts("sync"); !slices.Equal(got, []int64{at}) {
		t.Fatalf("bucket WORKING_SET: started at %v", clocks(got))
	}
	p.sense(at+minute, core.SenseBucket, android.Rare.Number())
	if r := p.last(); r.end != at+minute || r.stop != work.StopConnectivity {
		t.Errorf("bucket RARE: %+v", r)
	}
	p.wantCodes(sync, android.ReasonQuota)
	p.must(at+2*minute, work.Request{Task: "offline"})
	if got := p.starts("offline"); !slices.Equal(got, []int64{at + 2*minute}) {
		t.Errorf("without a network: started at %v", clocks(got))
	}
	for i, c := range []struct {
		what string
		kind core.SenseKind
	}{{"media", core.SenseMedia}, {"exempt", core.SenseExempt}, {"front", core.SenseAppOpened}} {
		at := at + int64(i+1)*10*minute
		if p.sense(at, c.kind, 1); len(p.starts("sync")) != i+2 || p.last().at != at {
			t.Errorf("%s: started at %v", c.what, clocks(p.starts("sync")))
		}
		if p.sense(at+minute, c.kind, 0); c.kind != core.SenseAppOpened && p.last().stop != work.StopConnectivity {
			t.Errorf("%s no longer: %+v", c.what, p.last())
		}
	}
	doze := opened(t, profile, "12", "", android.Setting{Name: "quota.active.jobs", Value: "0"})
	doze.takes["sync"] = hour
	doze.sense(minute, core.SenseAppLeft)
	doze.must(2*minute, work.Request{Task: "sync", Needs: work.Constraints{Network: work.Connected}})
	doze.leave(3 * minute)
	if doze.until(8 * minute); doze.runs[0].end != 7*minute || doze.runs[0].stop != work.StopConnectivity {
		t.Errorf("in Doze: %+v", doze.runs[0])
	}
	q := opened(t, profile, "16", "", alive)
	q.sense(minute, core.SenseAppLeft)
	q.sense(at, core.SenseBucket, android.Rare.Number())
	q.sense(at+minute, core.SenseAppDied)
	job := q.must(at+2*minute, work.Request{Task: "job", Needs: work.Constraints{Network: work.Connected}})
	if q.until(at + hour); !q.gone(job) {
		t.Errorf("the system's job: %v", q.Codes(q.At, job))
	}
}

func checkRunInProcessEnds(t coretest.TB, profile maker) {
	set := []android.Setting{{Name: "quota.active.jobs", Value: "0"}, {Name: "process.freeze", Value: "3h"}}
	p := opened(t, profile, "15", "", set...)
	p.sense(minute, core.SenseAppLeft)
	p.takes["t"] = 5 * hour
	id := p.must(2*minute, work.Request{Task: "t"})
	p.until(100 * minute)
	if r := p.runs[0]; r.end != 2*minute+90*minute || r.stop != work.StopTimeout || p.Row(id).StopReason != work.StopTimeout && p.Row(id).State != work.Running {
		t.Errorf("%+v, %+v", r, p.Row(id))
	}
	// A process that is frozen is as good as one that is gone.
	p.until(4 * hour)
	if r := p.last(); r.stop != work.StopDeviceState || r.end != 3*hour+minute {
		t.Errorf("%+v ended at %s", r, clock(r.end))
	}
	p.wantCodes(id, android.ReasonQuota)
}

func checkRetriesInOneProcessAreThrottled(t coretest.TB, profile maker) {
	p := opened(t, profile, "15", "", android.Setting{Name: "quota.active.jobs", Value: "0"}, android.Setting{Name: "process.freeze", Value: "10h"})
	p.sense(minute, core.SenseAppLeft)
	p.takes["t"] = hour
	id := p.must(2*minute, work.Request{Task: "t", Backoff: work.Backoff{Policy: work.Linear, Delay: 10 * time.Second}})
	for n := int64(1); n < 15; n++ {
		// A run that was stopped waits from when the row was enqueued. After five of them the
		// library waits for 30 s more each, from first sight.
		at := 2*minute + max(10*second*(n-1), 30*second*(n-6))
		if p.until(at); len(p.starts("t")) != int(n) || p.last().at != at {
			t.Fatalf("start %d at %v, want %s", n, clocks(p.starts("t")), clock(at))
		}
		p.do(p.At, core.StopRun{Work: id, Reason: work.StopPreempted})
	}
}

func checkSchedulerSlots(t coretest.TB, profile maker) {
	p := opened(t, profile, "16", "", android.Setting{Name: "quota.active.jobs", Value: "0"})
	p.sense(minute, core.SenseAppLeft)
	p.sense(2*minute, core.SenseAppDied)
	for range 22 {
		p.must(3*minute, work.Request{Task: "later", Delay: time.Hour})
	}
	late := p.must(3*minute, work.Request{Task: "late"})
	p.wantCodes(late, android.ReasonSchedulerSlots, android.ReasonQuota)
	trigger := p.must(3*minute, work.Request{Task: "uri", Needs: work.Constraints{ContentURIs: 1}})
	p.wantCodes(trigger, android.ReasonQuota)
	if len(p.Codes(p.At, "later-20")) == 0 {
		t.Errorf("the works do not wait")
	}
	// Three of them end: the two others that wait for a slot go first.
	for _, id := range []work.ID{"later-1", "later-2", "later-3"} {
		p.do(p.At, core.Cancel{ID: id})
	}
	p.wantCodes(late, android.ReasonQuota)
}

func checkDroppedWithoutQuota(t coretest.TB, profile maker) {
	p := opened(t, profile, "16", "", android.Setting{Name: "expedited.active.time", Value: "0s"}, android.Setting{Name: "expedited.working-set.time", Value: "0s"})
	p.sense(minute, core.SenseAppLeft)
	p.sense(2*minute, core.SenseAppDied)
	drop := p.must(5*minute, work.Request{Task: "drop", Expedited: true, DropWithoutQuota: true})
	p.wantCodes(drop, android.ReasonExpeditedQuota)
	run := p.must(5*minute, work.Request{Task: "run", Expedited: true})
	p.until(6 * minute)
	if got := p.starts("run"); !slices.Equal(got, []int64{5 * minute}) || !p.gone(run) {
		t.Errorf("as regular: started at %v", clocks(got))
	}
	// The process that it started runs what waits too, without asking.
	if got := p.starts("drop"); !slices.Equal(got, []int64{5 * minute}) {
		t.Errorf("dropped: started at %v", clocks(got))
	}
}

// checkGreedyRows: the library looks at the first 200 rows only.
func checkGreedyRows(t coretest.TB, profile maker) {
	p := opened(t, profile, "15", "", android.Setting{Name: "quota.active.jobs", Value: "0"}, android.Setting{Name: "process.freeze", Value: "10h"})
	p.M.Quiet()
	p.sense(minute, core.SenseAppLeft)
	for range 200 {
		p.must(2*minute, work.Request{Task: "held", Needs: work.Constraints{Charging: true}})
	}
	beyond := p.must(3*minute, work.Request{Task: "t"})
	p.wantCodes(beyond, android.ReasonSchedulerSlots, android.ReasonQuota)
	p.do(p.At, core.Cancel{ID: "held-1"})
	p.until(4 * minute)
	if got := p.starts("t"); !slices.Equal(got, []int64{3 * minute}) {
		t.Errorf("started at %v", clocks(got))
	}
}

// checkFreezing: when the system freezes the process of an app in the background.
func checkFreezing(t coretest.TB, profile maker) {
	for version, after := range map[string]int64{"11": 10 * minute, "13": 10 * minute, "14": 10 * second, "16": 10 * second} {
		p := opened(t, profile, version, "")
		p.sense(minute, core.SenseAppLeft)
		timer := func(after int64) work.ID {
			return p.must(minute, work.Request{Task: "t", Phone: work.Traits{Kind: work.KindTimer}, Delay: time.Duration(after) * time.Microsecond})
		}
		held := timer(after + second)
		p.until(minute + after + second)
		p.wantCodes(held, android.ReasonProcessFrozen)
		p.sense(hour, core.SenseAppOpened)
		p.sense(hour+minute, core.SenseAppLeft)
		p.must(hour+minute, work.Request{Task: "t", Phone: work.Traits{Kind: work.KindTimer}, Delay: time.Duration(after-second) * time.Microsecond})
		p.until(2 * hour)
		if got := p.starts("t"); len(got) != 2 || got[1] != hour+minute+after-second {
			t.Errorf("Android %s: timers ran at %v", version, clocks(got))
		}
	}
}
