package android_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestStartTakesQuotaFromOthers lets four jobs become ready at one instant, with quota for
// one. The library runs none of them in process.
func TestStartTakesQuotaFromOthers(t *testing.T) {
	p := opened(t, profiles(t), "13", "",
		android.Setting{Name: "quota.active.jobs", Value: "1"}, android.Setting{Name: "process.freeze", Value: "never"},
		android.Setting{Name: "doze.light", Value: "no"}, android.Setting{Name: "doze.deep", Value: "no"})
	p.leave(minute)
	p.facts(2*minute, map[record.Signal]int64{record.Connected: 0})
	for i := range 4 {
		task := fmt.Sprint("t", i)
		p.takes[task] = minute
		p.must(3*minute, work.Request{Task: task, Needs: work.Constraints{ContentURIs: 1, Network: work.Connected}})
	}
	p.facts(4*minute, map[record.Signal]int64{record.Connected: 1})
	if len(p.runs) != 1 {
		t.Errorf("%d jobs run: %v", len(p.runs), p.runs)
	}
}

// TestSlotGoesToTheNext ends the run of a job, which is tried again later, while another
// one goes on: its slot is the next row's.
func TestSlotGoesToTheNext(t *testing.T) {
	p := opened(t, profiles(t), "15", "")
	p.facts(minute, map[record.Signal]int64{record.Charging: 1, record.BatteryLevel: 100})
	p.takes["first"], p.takes["second"] = hour, hour
	first := p.must(minute, work.Request{Task: "first", Backoff: work.Backoff{Delay: time.Minute}})
	p.must(minute, work.Request{Task: "second"})
	var next work.ID
	for range 19 {
		next = p.must(2*minute, work.Request{Task: "idle", Needs: work.Constraints{Idle: true}})
	}
	if !slices.Contains(p.Codes(p.At, next), android.ReasonSchedulerSlots) {
		t.Fatalf("held by %v", p.Codes(p.At, next))
	}
	p.runs[0].stop = work.NotStopped
	p.do(3*minute, core.Ended{Work: first, Epoch: p.runs[0].epoch, Outcome: work.Retry})
	p.do(3*minute, core.Reaped{Work: first, Epoch: p.runs[0].epoch})
	if slices.Contains(p.Codes(p.At, next), android.ReasonSchedulerSlots) {
		t.Errorf("held by %v", p.Codes(p.At, next))
	}
}

// TestRowMovesUpInProcess starts the first of more rows than the library looks at in
// process: the last becomes one of these, and needs no slot.
func TestRowMovesUpInProcess(t *testing.T) {
	p := opened(t, profiles(t), "15", "", android.Setting{Name: "greedy.rows", Value: "30"})
	p.facts(minute, map[record.Signal]int64{record.Connected: 0})
	p.takes["first"] = hour
	p.must(minute, work.Request{Task: "first", Needs: work.Constraints{Network: work.Connected}})
	var last work.ID
	for range 30 {
		last = p.must(2*minute, work.Request{Task: "later", Needs: work.Constraints{Charging: true}})
	}
	if !slices.Contains(p.Codes(p.At, last), android.ReasonSchedulerSlots) {
		t.Fatalf("held by %v", p.Codes(p.At, last))
	}
	p.facts(3*minute, map[record.Signal]int64{record.Connected: 1})
	if slices.Contains(p.Codes(p.At, last), android.ReasonSchedulerSlots) {
		t.Errorf("held by %v", p.Codes(p.At, last))
	}
}
