package core_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/policy/host"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// obstacle is one reason for which work "a" of the test below does not run, and
// what clears it.
type obstacle struct {
	code  work.Code
	clear func(r *coretest.Rig)
}

// obstacles are in the order in which they are explained.
var obstacles = []obstacle{
	{work.ReasonBackoff, func(r *coretest.Rig) { r.Do(2*hour+second, core.Tick{}) }},
	{work.ReasonPreviousRun, func(r *coretest.Rig) { r.Do(r.At, core.Reaped{Work: "a", Epoch: 1}) }},
	{work.ReasonNoEntryPoint, func(r *coretest.Rig) {
		r.Do(r.At, core.TasksKnown{Tasks: []record.TaskRow{{Name: "t"}, {Name: "u"}}})
	}},
	{work.ReasonCharging, func(r *coretest.Rig) { r.Do(r.At, fact(record.Charging, 1)) }},
	{work.ReasonNetwork, func(r *coretest.Rig) { r.Do(r.At, fact(record.Connected, 1)) }},
	{work.ReasonHours, func(r *coretest.Rig) { r.Do(r.At, core.ClockSet{Offset: -84 * minute}) }},
	{work.ReasonIsolation, func(r *coretest.Rig) {
		r.Do(r.At, layers(record.Layer{Name: work.LayerFiles, Given: record.GivenYes, Means: "landlock"}))
	}},
	{work.ReasonGroup, func(r *coretest.Rig) {
		r.Do(r.At, core.Cancel{ID: "mate"})
		r.Do(r.At, core.Reaped{Work: "mate", Epoch: 1})
	}},
	{work.ReasonSlots, func(r *coretest.Rig) { r.Do(r.At, core.JobsSet{Jobs: 99}) }},
}

// held returns a rig whose work "a" has all of the obstacles.
func held(tb coretest.TB) *coretest.Rig {
	r := coretest.New(tb, host.Policy{})
	zone(r, "Local", utc)
	r.Do(0, charge)
	r.Do(0, fact(record.Connected, 1))
	r.Do(0, layers(record.Layer{Name: work.LayerFiles, Given: record.GivenYes, Means: "landlock"}))
	add(r, 0, work.Request{
		ID: "a", Group: "g", Require: []work.Layer{work.LayerFiles}, BackoffOnInterruption: true, Backoff: work.Backoff{Policy: work.Linear, Delay: 2 * time.Hour},
		Needs: work.Constraints{Charging: true, Network: work.Connected, Between: "00:00-01:00"},
	})
	add(r, 0, work.Request{ID: "blocker", Task: "u"})
	add(r, 0, work.Request{ID: "mate", Task: "u", Group: "g"})
	r.Do(0, core.JobsSet{Jobs: 2})
	for i := range 3 {
		add(r, 0, work.Request{ID: id("filler", i), Task: "u"}) // takes a slot that becomes free
	}
	r.Do(second, fact(record.Charging, 0)) // stops it
	r.Do(second, fact(record.Connected, 0))
	r.Do(second, core.TasksKnown{Tasks: []record.TaskRow{{Name: "u"}}})
	r.Do(second, layers(record.Layer{Name: work.LayerFiles, Given: "no", Why: "no landlock"}))
	r.Do(90*minute, core.Tick{})
	return r
}

// TestEveryReasonMatters: clearing all reasons makes a work start at once,
// clearing all but any one does not, and at each moment exactly those are given
// that are left.
func TestEveryReasonMatters(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := held(rt)
		left := make([]bool, len(obstacles))
		for i := range left {
			left[i] = true
		}
		order := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8}).Draw(rt, "order")
		for n := range order {
			var codes []work.Code
			for i, o := range obstacles {
				// Its own last run is one of its group as well.
				if left[i] || o.code == work.ReasonGroup && left[1] {
					codes = append(codes, o.code)
				}
			}
			wantCodes(r, r.At, "a", codes...)
			for _, x := range r.Explain(r.At, "a") {
				if x.Fix == "" || x.Message == "" || x.Since.IsZero() {
					rt.Errorf("an incomplete reason: %+v", x)
				}
			}
			wantState(r, "a", work.Enqueued)
			obstacles[order[n]].clear(r)
			left[order[n]] = false
		}
		wantState(r, "a", work.Running)
		wantCodes(r, r.At, "a")
	})
}

func TestReasonsAreTheSameForColdRowsAndRestored(t *testing.T) {
	r := held(t)
	before := r.Explain(r.At, "a")
	r.Restore()
	after := r.Explain(r.At, "a")
	last := after[len(after)-1]
	if last.Code != work.ReasonEngineDown {
		t.Errorf("the engine is down, and yet the reason is %+v", last)
	}
	if a, b := codesOf(before), codesOf(after[:len(after)-1]); !slices.Equal(a, b) {
		t.Errorf("%v, and after a restore %v", a, b)
	}
}

func codesOf(rs []work.Reason) []work.Code {
	var cs []work.Code
	for _, r := range rs {
		cs = append(cs, r.Code)
	}
	return cs
}

func TestUntil(t *testing.T) {
	r := held(t)
	for _, x := range r.Explain(r.At, "a") {
		var until int64
		switch x.Code {
		case work.ReasonBackoff:
			until = 2*hour + second
		case work.ReasonHours:
			until = day
		}
		if got := x.Until; got.IsZero() && until != 0 || !got.IsZero() && got.UnixMicro() != until {
			t.Errorf("%s: until %v, want %v", x.Code, got, until)
		}
	}
}

func TestWaitingOnThePlatformIsAReason(t *testing.T) {
	r := coretest.New(t, android.Policy{})
	add(r, 0, work.Request{ID: "a", Needs: work.Constraints{Charging: true}})
	wantCodes(r, 0, "a", work.ReasonCharging)
	r.Do(0, core.Offer{Work: "a"})
	wantState(r, "a", work.Enqueued)
	r.Do(0, charge)
	wantCodes(r, 0, "a", work.ReasonPlatformEvent)
	r.Do(0, core.Offer{Work: "a"})
	wantState(r, "a", work.Running)
}

func TestBlockedExplainsItsParents(t *testing.T) {
	r := rig(t)
	chain(r, 0, work.Unique{}, []work.Request{{ID: "a"}, {ID: "b"}, {ID: "c"}}, [][]int{nil, {0}, {0, 1}})
	got := r.Explain(0, "c")
	if len(got) != 2 || got[0].Message != "it comes after t (a), which is RUNNING" || got[1].Message != "it comes after t (b), which is BLOCKED" {
		t.Errorf("%+v", got)
	}
	r.End(0, "a", work.Success)
	if got := r.Explain(0, "c"); len(got) != 1 {
		t.Errorf("%+v", got)
	}
}
