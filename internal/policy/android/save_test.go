package android_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestRestartChangesNothing plays the same random world twice, the second time with a
// restart of the engine now and then: the same must run. In some of these worlds a state
// that was read back had once led to something else.
func TestRestartChangesNothing(t *testing.T) {
	seeds := []uint64{0, 1, 2, 162, 319, 383, 441, 503, 1618}
	if *long {
		for seed := uint64(2000); seed < 3000; seed++ {
			seeds = append(seeds, seed)
		}
	}
	for _, seed := range seeds {
		a, b := playRestarted(t, seed, false), playRestarted(t, seed, true)
		if i, x, y := coretest.Parting(a, b); i >= 0 {
			t.Fatalf("world %d, line %d:\n%s\nand with restarts\n%s", seed, i, x, y)
		}
	}
}

// playRestarted plays a world, with restarts or without, and returns what was decided.
func playRestarted(t *testing.T, seed uint64, restart bool) []string {
	w := newWorld(t, 5_000_000+seed)
	w.M = core.New(w.sys) // with a journal, and so with a state that is kept
	w.Do(0, core.JobsSet{Jobs: 1000})
	w.Do(0, core.Recover{})
	w.sys.Load(nil)
	w.facts(0, w.now)
	w.sense(second, core.SenseAppOpened)
	rnd := w.rnd
	for i := range 80 {
		w.rnd = rnd
		w.step()
		w.rnd = rand.New(rand.NewPCG(seed, uint64(i))) // the world stays as it is without this
		w.meddle()
		now, quiet := w.chance(25), w.chance(25)
		if restart && now { // before what follows from it
			w.restart()
		}
		w.until(w.At)
		if w.until(w.At + w.rnd.Int64N(hour)); restart && quiet {
			w.restart()
		}
	}
	decided := w.Decided()
	for _, r := range w.runs {
		decided = append(decided, fmt.Sprintf("%+v", r))
	}
	return decided
}

// meddle cancels or changes a work, or lets a run end badly, or does nothing.
func (w *world) meddle() {
	works := w.Unfinished()
	if len(works) == 0 {
		return
	}
	row := works[w.rnd.IntN(len(works))]
	switch w.rnd.IntN(12) {
	case 0:
		w.do(w.At, core.Cancel{ID: row.ID})
	case 1, 2:
		sp := w.M.SpecOf(row)
		q := work.Request{ID: row.ID, Task: sp.Task, Phone: sp.Phone, Delay: time.Duration(w.rnd.IntN(7200)) * time.Second}
		q.Needs.Network, q.Needs.Charging = work.Network(w.rnd.IntN(4)), w.chance(20)
		if sp.Phone.Kind == work.KindWork && w.chance(30) {
			q.Needs.ContentURIs = 1
		}
		w.do(w.At, core.Change{Request: q}) // it may be refused
	case 3, 4, 5:
		for i := range w.runs {
			if r := &w.runs[i]; r.id == row.ID && r.stop == 0 && row.State == work.Running {
				r.end, r.stop = w.At, work.NotStopped
				o := []work.Outcome{work.Retry, work.Failure, work.Crashed, work.Lost}[w.rnd.IntN(4)]
				w.do(w.At, core.Ended{Work: r.id, Epoch: r.epoch, Outcome: o})
				w.do(w.At, core.Reaped{Work: r.id, Epoch: r.epoch})
				return
			}
		}
	}
}

// restart ends the engine, but no run, and begins another one. What holds works is the same
// as before, and so is when they are looked at next.
func (p *phone) restart() {
	p.TB.Helper()
	before, next := p.held(), max(p.At, p.sys.Next())
	var alive []record.RunKey
	for _, r := range p.M.Runs() {
		alive = append(alive, record.RunKey{Seq: r.Seq, Epoch: r.Epoch})
	}
	p.Restore()
	if after, then := p.held(), max(p.At, p.sys.Next()); !slices.Equal(before, after) || next != then {
		p.TB.Errorf("at %s, before a restart:\n%s, until %s\nand after it:\n%s, until %s", clock(p.At), before, clock(next), after, clock(then))
	}
	p.do(p.At, core.Recover{Alive: alive})
}

// held says what the system holds each work that waits by.
func (p *phone) held() (out []string) {
	for _, row := range p.Unfinished() {
		if row.State == work.Enqueued {
			j := core.Job{Work: row, Spec: p.M.SpecOf(row), Due: p.M.DueAt(row)}
			out = append(out, fmt.Sprint(row.ID, " ", codesOf(gatesOf(p.sys, p.At, j, nil))))
		}
	}
	return out
}

// TestOrdersOutliveARestart: what the system wanted done as the engine ended is done by the
// next one.
func TestOrdersOutliveARestart(t *testing.T) {
	p := newPhone(t, profile(t, "16", ""))
	p.facts(0, ordinary)
	p.facts(minute, map[record.Signal]int64{record.Connected: 0})
	for range 101 { // one more than the server keeps
		p.must(minute, push("m", "normal", false))
	}
	p.restart()
	p.until(minute)
	if n := len(p.Unfinished()); n != 0 {
		t.Errorf("of 101 %d wait", n)
	}
}

// TestBatchesOutliveARestart: a job that is not due would find as many others ready after a
// restart as before.
func TestBatchesOutliveARestart(t *testing.T) {
	p := batchPhone(t, func(version, vendor string) *android.Profile { return profile(t, version, vendor) }, "12")
	for i := range 4 {
		p.must(p.At, work.Request{Task: fmt.Sprint("t", i)})
	}
	last := p.must(p.At, work.Request{Task: "last", Delay: time.Hour})
	p.until(p.At)
	if held := p.held(); len(held) != 5 || held[0] != "t0-1 [batching]" || held[4] != fmt.Sprint(last, " []") {
		t.Errorf("held: %q", held)
	}
	p.restart()
}

// TestAlarmClockAfterRestart sets an alarm clock right after a restart, before works are
// looked at: this comes no earlier and no later than without the restart.
func TestAlarmClockAfterRestart(t *testing.T) {
	sooner := 0
	for seed := range uint64(300) {
		w := newWorld(t, 7_000_000+seed)
		for range 60 {
			w.step()
		}
		w.until(w.At)
		b, err := w.sys.Save()
		if err != nil {
			t.Fatal(err)
		}
		s := android.NewSystem(w.profile, chance.New(7))
		if err := s.Load(b); err != nil {
			t.Fatal(err)
		}
		before := w.sys.Next()
		rings := core.Sense{Kind: core.SenseAlarmClock, Value: min(before, w.At+day) - hour + w.rnd.Int64N(2*hour)}
		w.sys.Sense(w.At, rings, w.currentFacts())
		s.Sense(w.At, rings, w.currentFacts())
		next := w.sys.Next()
		if got := s.Next(); got != next {
			t.Errorf("world %d: it looks at %s, without a restart at %s", seed, clock(got), clock(next))
		}
		if next < before {
			sooner++
		}
	}
	if sooner == 0 {
		t.Error("no alarm clock ever brings a look forward")
	}
}

func TestBadStatesAreRefused(t *testing.T) {
	s := android.NewSystem(profile(t, "16", ""), chance.New(1))
	for _, b := range []string{
		`{`, `[]`, `{"works":[{"kind":99}]}`, `{"works":[{"mode":9}]}`, `{"works":[{"job":7}]}`, `{"standby":{"bucket":77}}`, `{"account":{"app":{"Bucket":9}}}`,
		`{"found":{"works":[{}]}}`, `{"works":[{"seq":1}],"found":{"works":[{"held":33554432}]}}`, `{"works":[{"seq":1}],"found":{"works":[{"pool":3}]}}`,
	} {
		if err := s.Load([]byte(b)); err == nil {
			t.Errorf("%s is taken", b)
		}
	}
	if err := s.Load(nil); err != nil {
		t.Error(err)
	}
}

// TestStateWithoutFindings takes back a state that does not tell how works stood: all are
// looked at at once, and stand as they do after such a look.
func TestStateWithoutFindings(t *testing.T) {
	for seed := range uint64(30) {
		w := newWorld(t, 6_000_000+seed)
		for range 60 {
			w.step()
		}
		w.senseTask(w.At, core.SenseDebugLaunch, "nobody") // it looks at all anew
		w.until(w.At)
		b, err := w.sys.Save()
		if err != nil {
			t.Fatal(err)
		}
		var state map[string]json.RawMessage
		if err := json.Unmarshal(b, &state); err != nil || state["found"] == nil {
			t.Fatalf("%s: %v", b, err)
		}
		delete(state, "found")
		if b, err = json.Marshal(state); err != nil {
			t.Fatal(err)
		}
		s := android.NewSystem(w.profile, chance.New(7))
		if err := s.Load(b); err != nil {
			t.Fatal(err)
		}
		if s.Next() > w.At {
			t.Fatalf("world %d: it looks at %s, and not at once", seed, clock(s.Next()))
		}
		s.Tick(w.At, w.currentFacts())
		for _, j := range w.waiting() {
			if got, want := codesOf(gatesOf(s, w.At, j, nil)), codesOf(gatesOf(w.sys, w.At, j, nil)); !slices.Equal(got, want) {
				t.Errorf("world %d: %s is held by %v, not by %v", seed, j.Work.ID, got, want)
			}
		}
	}
}

// FuzzLoad looks for a state that makes the System crash or stand still.
func FuzzLoad(f *testing.F) {
	w := newWorld(f, 3)
	for range 60 {
		w.step()
	}
	b, err := w.sys.Save()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"begun":true,"timers":[0,0,0,0,0,0,0,0,0,0],"works":[{"seq":1,"waiting":true},{"seq":2,"running":true,"hosted":true}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := android.NewSystem(profile(t, "16", "xiaomi"), chance.New(1))
		if s.Load(b) != nil {
			return
		}
		facts := record.NewFacts()
		at := 100 * day
		for i := range 50 {
			s.Tick(at, &facts)
			s.Orders()
			if s.Next() <= at && i > 20 {
				t.Fatalf("it wants to be ticked at %d again and again", s.Next())
			}
			at = max(at, min(s.Next(), at+day))
		}
		j := core.Job{Work: &record.Work{Seq: 1, ID: "a"}, Spec: &record.Spec{Phone: work.Traits{Kind: work.KindPush}}, Due: at}
		s.Waiting(at, j)
		s.Gates(at, j, &facts, func(g core.Gate) bool {
			s.Explain(at, j, g, &facts)
			return true
		})
		s.Start(at, j, &facts)
		s.End(at+1, j, work.Success)
		s.Gone(at+2, j)
		if _, err := s.Save(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestWorksAreToldApart keeps few and many works at a time, and looks whether what is
// told of one is kept with that one.
func TestWorksAreToldApart(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	s, f := android.NewSystem(profile(t, "16", ""), chance.New(1)), record.NewFacts()
	s.Tick(0, &f)
	running, jobs := map[int64]bool{}, map[int64]core.Job{}
	var seqs []int64
	for i := range int64(4000) {
		at := i * second
		grow := i/200%2 == 0 // for a while there are more and more works, then fewer
		switch n := rnd.IntN(10); {
		case len(seqs) == 0 || n < 6 && grow || n < 2:
			j := core.Job{Work: &record.Work{Seq: i + 1, ID: work.ID(fmt.Sprint("w", i+1))}, Spec: &record.Spec{Task: "t"}, Due: at}
			jobs[i+1], running[i+1] = j, false
			seqs = append(seqs, i+1)
			s.Waiting(at, j)
		case n < 8 && !grow:
			k := rnd.IntN(len(seqs))
			s.Gone(at, jobs[seqs[k]])
			delete(running, seqs[k])
			seqs = slices.Delete(seqs, k, k+1)
		default:
			seq := seqs[rnd.IntN(len(seqs))]
			if running[seq] {
				s.End(at, jobs[seq], work.Stopped)
			} else {
				s.Start(at, jobs[seq], &f)
			}
			running[seq] = !running[seq]
		}
		s.Tick(at, &f)
		s.Orders()
		if i%20 != 0 {
			continue
		}
		var state struct {
			Works []struct {
				Seq     int64
				Running bool
			}
		}
		b, err := s.Save()
		if err == nil {
			err = json.Unmarshal(b, &state)
		}
		got := map[int64]bool{}
		for _, w := range state.Works {
			got[w.Seq] = w.Running
		}
		if err != nil || !maps.Equal(got, running) {
			t.Fatalf("step %d: %v, want %v (%v)", i, got, running, err)
		}
	}
}
