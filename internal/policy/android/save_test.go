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
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestRestartChangesNothing plays the same random world twice, the second time with a
// restart of the engine after every third step: the same must run. In some of these worlds
// a state that was read back had once led to something else. Something still does, in world
// 1618 of a thousand: the system sees quota.buffer late that quota is back, and at once where
// it was read back, so that a run which it takes over ends by as much earlier.
func TestRestartChangesNothing(t *testing.T) {
	seeds := []uint64{0, 1, 2, 162, 319, 383, 441, 503}
	if *long {
		for seed := uint64(1000); seed < 2000; seed++ {
			seeds = append(seeds, seed)
		}
	}
	const buffer = 30 * second
	parted := 0
	for _, seed := range seeds {
		play := func(restart bool) []ranOnce {
			w := newWorld(t, 5_000_000+seed)
			w.M = core.New(w.sys) // with a journal, and so with a state that is kept
			w.Do(0, core.JobsSet{Jobs: 1000})
			w.Do(0, core.Recover{})
			w.sys.Load(nil)
			w.facts(0, w.now)
			w.sense(second, core.SenseAppOpened)
			for i := range 80 {
				w.step()
				w.until(w.At)
				if restart && i%3 == 2 {
					var alive []record.RunKey
					for _, r := range w.M.Runs() {
						alive = append(alive, record.RunKey{Seq: r.Seq, Epoch: r.Epoch})
					}
					w.Restart(w.At, alive...)
					w.Do(w.At, core.Tick{})
				}
			}
			return w.runs
		}
		a, b := play(false), play(true)
		i := 0
		for i < len(a) && i < len(b) && a[i] == b[i] {
			i++
		}
		if i == len(a) && i == len(b) {
			continue
		}
		if i == len(a) || i == len(b) {
			t.Fatalf("world %d: %d runs, and %d with restarts", seed, len(a), len(b))
		}
		late := a[i]
		late.end = b[i].end
		if parted++; late != b[i] || a[i].end < b[i].end || a[i].end-b[i].end > buffer || parted > len(seeds)/100 {
			t.Fatalf("world %d, run %d: %+v, and %+v with restarts", seed, i, a[i], b[i])
		}
		t.Logf("world %d, run %d ends %v earlier with restarts", seed, i, time.Duration(a[i].end-b[i].end)*time.Microsecond)
	}
}

func TestBadStatesAreRefused(t *testing.T) {
	s := android.NewSystem(profile(t, "16", ""), chance.New(1))
	for _, b := range []string{
		`{`, `[]`, `{"works":[{"kind":99}]}`, `{"works":[{"mode":9}]}`, `{"works":[{"job":7}]}`, `{"standby":{"bucket":77}}`, `{"account":{"app":{"Bucket":9}}}`,
	} {
		if err := s.Load([]byte(b)); err == nil {
			t.Errorf("%s is taken", b)
		}
	}
	if err := s.Load(nil); err != nil {
		t.Error(err)
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
