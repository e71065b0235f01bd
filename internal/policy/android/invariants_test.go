package android_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// stateOf is what a test reads of a saved state.
type stateOf struct {
	App struct {
		Front, Exempt, Allowed bool
		Blocks                 int
	}
	Doze struct {
		Deep  android.DeepState
		Light android.LightState
	}
}

func (p *phone) state() (s stateOf) {
	p.TB.Helper()
	p.sys.CatchUp(p.At)
	b, err := p.sys.Save()
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		p.TB.Fatal(err)
	}
	return s
}

func (s *stateOf) dozing() bool {
	return s.Doze.Deep == android.DeepIdle || s.Doze.Light == android.LightIdle || s.Doze.Light == android.LightWaiting
}

// TestInvariants watches random worlds for what must never happen.
func TestInvariants(t *testing.T) {
	worlds := 10
	if *long {
		worlds = 3000
	}
	inDoze := 0
	for seed := range worlds {
		w := newWorld(t, uint64(1_000_000+seed))
		stopped, seen := false, 0
		var suspects []int // runs that began as the device was dozing once their step was over
		w.check = func(w *world) {
			for _, i := range suspects {
				// One that was stopped in the same step began before Doze: it let Doze go on.
				if r := &w.runs[i]; r.end > r.at {
					t.Errorf("world %d: %s starts at %s in Doze", seed, r.id, clock(r.at))
				}
			}
			suspects = suspects[:0]
			s := w.state()
			const forceStop = 1
			if s.App.Blocks&forceStop != 0 && s.App.Front {
				t.Errorf("world %d: in front and stopped", seed)
			}
			if s.App.Blocks&forceStop == 0 {
				stopped = false
			}
			for ; seen < len(w.runs); seen++ {
				if stopped {
					t.Errorf("world %d: %s ran at %s after a force-stop", seed, w.runs[seen].id, clock(w.runs[seen].at))
				}
			}
			stopped = s.App.Blocks&forceStop != 0
		}
		w.started = func(r *ranOnce) {
			s, spec := w.state(), w.M.SpecOf(w.Row(r.id))
			if spec.Phone.Kind != work.KindWork || !s.dozing() {
				return
			}
			inDoze++
			if !s.App.Exempt && !s.App.Allowed && !spec.Expedited {
				suspects = append(suspects, len(w.runs)-1)
			}
		}
		for range 150 {
			w.step()
		}
	}
	t.Logf("%d jobs started in Doze, all of them exempt", inDoze)
}

// TestNeverMoreThanQuota lets an app that nobody opens ask for more than it gets, and adds
// up what ran in every window.
func TestNeverMoreThanQuota(t *testing.T) {
	worlds := 12
	if *long {
		worlds = 400
	}
	for seed := range worlds {
		rnd := rand.New(rand.NewPCG(uint64(seed), 3))
		version := []string{"12", "13", "14", "15", "16.0", "16"}[rnd.IntN(6)]
		bucket := []android.Bucket{android.WorkingSet, android.Frequent, android.Rare, android.Restricted}[rnd.IntN(4)]
		p := opened(t, profiles(t), version, "", android.Setting{Name: "greedy.rows", Value: "0"}, android.Setting{Name: "batch.wait", Value: "1s"})
		p.M.Quiet()
		pr := profile(t, version, "")
		p.leave(minute)
		predicted := int64(-day)
		for at := 2 * hour; at < 5*day; at += rnd.Int64N(40 * minute) {
			if at-predicted > 6*hour { // what the system predicted is soon forgotten
				predicted = at
				p.sense(at, core.SenseBucket, bucket.Number())
			}
			q := work.Request{Task: fmt.Sprint("task", p.count)}
			p.takes[q.Task] = rnd.Int64N(int64(1+rnd.IntN(3)) * 5 * minute)
			p.must(at, q)
		}
		if bucket == android.Restricted {
			continue // the predictor puts no app there
		}
		name := bucketWord(bucket)
		window, allowed := pr.Value(param(t, "quota."+name+".window")), pr.Value(param(t, "quota."+name+".time"))
		jobs, sessions := pr.Value(param(t, "quota."+name+".jobs")), pr.Value(param(t, "quota."+name+".sessions"))
		p.checkWindows(2*hour+window, window, allowed, jobs)
		p.checkWindows(2*hour+day, day, 4*hour, 1<<40)
		if n := int64(len(p.runs)); n == 0 || n > 5*day/window*jobs+jobs {
			t.Errorf("world %d: %d runs", seed, n)
		}
		t.Logf("world %d: Android %s, %s: %d runs, %d sessions a window", seed, version, bucket, len(p.runs), sessions)
	}
}

func bucketWord(b android.Bucket) string {
	return map[android.Bucket]string{android.WorkingSet: "working-set", android.Frequent: "frequent", android.Rare: "rare", android.Restricted: "restricted"}[b]
}

// checkWindows adds up the runs in each window that ends with a run.
func (p *phone) checkWindows(from, window, allowed, jobs int64) {
	p.TB.Helper()
	for _, last := range p.runs {
		end := min(last.end, p.At)
		if end < from {
			continue
		}
		var stretches []ranOnce
		count := int64(0)
		for _, r := range p.runs {
			if r.at < end && r.end > end-window {
				stretches = append(stretches, r)
			}
			if r.at <= last.at && r.at > last.at-window {
				count++
			}
		}
		// Runs overlap: what counts is when any of them ran. They are in order of their start.
		total, until := int64(0), end-window
		for _, r := range stretches {
			total += max(0, min(r.end, end)-max(r.at, until))
			until = max(until, min(r.end, end))
		}
		if total > allowed || count > jobs {
			p.TB.Errorf("in the %s before %s jobs ran %s of %s, %d of %d", clock(window), clock(end), clock(total), clock(allowed), count, jobs)
			return
		}
	}
}

// TestNobodyStartsWhileOff holds everything from a shutdown on until the phone is unlocked.
func TestNobodyStartsWhileOff(t *testing.T) {
	p := opened(t, profiles(t), "15", "")
	p.leave(minute)
	p.must(90*second, work.Request{Task: "t", Every: time.Hour})
	p.sense(2*minute, core.SenseShutdown)
	runs := len(p.runs)
	p.sense(3*hour, core.SenseBooted)
	p.facts(3*hour, map[record.Signal]int64{record.Charging: 1})
	p.until(9 * hour)
	if len(p.runs) != runs {
		t.Errorf("%+v", p.runs[runs:])
	}
	p.wantCodes("t-1", android.ReasonBoot)
	p.look(10 * hour)
	p.until(10*hour + 5*minute)
	if got := p.starts("t"); len(got) != 2 || got[1] != 10*hour+30*second {
		t.Errorf("started at %v", clocks(got))
	}
}

func (p *phone) bucketIs(b android.Bucket) bool {
	p.TB.Helper()
	var s struct {
		Standby struct{ Bucket android.Bucket }
	}
	p.sys.CatchUp(p.At)
	j, err := p.sys.Save()
	if err == nil {
		err = json.Unmarshal(j, &s)
	}
	if err != nil {
		p.TB.Fatal(err)
	}
	return s.Standby.Bucket == b
}
