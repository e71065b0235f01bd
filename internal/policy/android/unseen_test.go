package android_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestBatchWaitRunsOutWhileTheEngineHolds lets the wait of a job run out that could start
// already, but for the engine, all of whose slots are taken. From then on the system takes
// it for one that starts now, and so holds no batch any more.
func TestBatchWaitRunsOutWhileTheEngineHolds(t *testing.T) {
	p := openedWith(t, allowed(profiles(t), "16"),
		android.Setting{Name: "batch.network.ready", Value: "1"}, android.Setting{Name: "batch.cpu.ready", Value: "4"}, android.Setting{Name: "batch.others", Value: "never"},
		android.Setting{Name: "doze.light", Value: "no"}, android.Setting{Name: "doze.deep", Value: "no"}, android.Setting{Name: "process.freeze", Value: "never"})
	p.facts(0, map[record.Signal]int64{record.Metered: 1})
	p.do(0, core.JobsSet{Jobs: 1})
	p.takes["timer"] = 5 * hour
	p.must(minute, work.Request{Task: "timer", Phone: work.Traits{Kind: work.KindTimer}})
	p.leave(2 * minute)
	p.sense(2*hour, core.SenseBucket, 30)
	content := func(n work.Network) work.Constraints { return work.Constraints{ContentURIs: 1, Network: n} }
	p.must(2*hour, work.Request{Task: "first", Needs: content(work.Connected)}) // the library does not run it in process
	second := p.must(2*hour+10*minute, work.Request{Task: "second", Needs: content(work.NoNetwork)})
	p.until(2*hour + 30*minute)
	holds := func() []work.Code {
		return slices.DeleteFunc(p.Codes(p.At, second), func(c work.Code) bool { return c == work.ReasonSlots })
	}
	if got := holds(); !slices.Equal(got, []work.Code{android.ReasonBatching}) {
		t.Fatalf("before, it is held by %v", got)
	}
	p.until(2*hour + 32*minute)
	if got := holds(); len(got) > 0 {
		t.Errorf("the first has waited for 31m, and the second is held by %v", got)
	}
}

// TestRunOfAWholeWindowGoesOn: where a bucket's quota is all of its window, what runs does
// not use it up, whether or not somebody looks.
func TestRunOfAWholeWindowGoesOn(t *testing.T) {
	for _, look := range []bool{false, true} {
		p := opened(t, profiles(t), "13", "", android.Setting{Name: "doze.light", Value: "no"}, android.Setting{Name: "doze.deep", Value: "no"})
		p.takes["t"] = 25 * minute
		p.leave(minute)
		p.facts(2*minute, map[record.Signal]int64{record.Connected: 0})
		p.must(3*minute, work.Request{Task: "t", Needs: work.Constraints{ContentURIs: 1, Network: work.Connected}})
		p.facts(10*minute, map[record.Signal]int64{record.Connected: 1})
		p.until(25 * minute)
		if look {
			p.senseTask(25*minute, core.SenseDebugLaunch, "nobody")
		}
		p.until(hour)
		if r := p.runs[0]; r.at != 10*minute || r.end != 35*minute || r.stop != work.NotStopped {
			t.Errorf("looked at: %v: it runs from %s to %s, stopped for %v", look, clock(r.at), clock(r.end), r.stop)
		}
	}
}

// TestDebtOutlivesARestart: what has left the window of a day is not paid back once more
// when a state is read back.
func TestDebtOutlivesARestart(t *testing.T) {
	a := android.NewAccount(profile(t, "16", ""))
	a.Expedited.Add(android.Session{Start: 0, End: minute, Jobs: 1})
	a.Expedited.Add(android.Session{Start: 23 * hour, End: 23*hour + 5*minute, Jobs: 1})
	was := a.Expedited.Remaining(25*hour, android.Active)
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	again := new(android.Account)
	if err := json.Unmarshal(b, again); err != nil {
		t.Fatal(err)
	}
	again.Use(profile(t, "16", ""))
	if is := again.Expedited.Remaining(25*hour, android.Active); is != was || was != 25*minute {
		t.Errorf("%s are left, and %s after a restart", clock(was), clock(is))
	}
}

// TestJobTakesItsRunOver: the library runs a row in process whose job the system holds.
// As soon as the system lets the job start by time alone, it finds the row running.
func TestJobTakesItsRunOver(t *testing.T) {
	for _, seed := range []uint64{35, 6} {
		w := newWorld(t, 6_000_000+seed)
		w.check = func(w *world) { w.lookAgain() }
		for range 120 {
			w.step()
		}
	}
}

// lookAgain reads the state back and looks at all works: no run may be stopped by that, or
// become the system's.
func (w *world) lookAgain() {
	w.TB.Helper()
	w.sys.CatchUp(w.At)
	b, err := w.sys.Save()
	if err != nil {
		w.TB.Fatal(err)
	}
	s := android.NewSystem(w.profile, chance.New(7))
	if err := s.Load(b); err != nil {
		w.TB.Fatal(err)
	}
	s.Tick(w.At, w.currentFacts())
	orders := s.Orders()
	a, err := s.Save()
	if err != nil {
		w.TB.Fatal(err)
	}
	if was, is := worksOf(w.TB, b), worksOf(w.TB, a); !bytes.Equal(was, is) || len(orders) > 0 {
		w.TB.Errorf("at %s works were\n%s\nand are, looked at again,\n%s\nwith orders %v", clock(w.At), was, is, orders)
	}
}

// worksOf returns the works of a state.
func worksOf(t interface{ Fatal(...any) }, state []byte) json.RawMessage {
	var s struct{ Works json.RawMessage }
	if err := json.Unmarshal(state, &s); err != nil {
		t.Fatal(err)
	}
	return s.Works
}
