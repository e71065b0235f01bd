package android_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestNothingIsOverlooked looks, in random worlds, at all works after each thing that
// happens: those that nobody had looked at are as they were taken to be.
func TestNothingIsOverlooked(t *testing.T) {
	worlds := 15
	if *long {
		worlds = 5000
	}
	for seed := range worlds {
		w := newWorld(t, uint64(2_000_000+seed))
		w.check = func(w *world) {
			if text := w.sys.Drifted(w.At); text != "" {
				t.Errorf("world %d at %s: %s", seed, clock(w.At), text)
			}
			if text := w.sys.Overlooked(w.At); text != "" {
				t.Errorf("world %d at %s: %s", seed, clock(w.At), text)
			}
		}
		for range 150 {
			w.step()
		}
		if t.Failed() {
			return
		}
	}
}

// TestWatchedDoesTheSame plays random worlds once so that the System comes up to each
// instant at which it changes, and once so that it puts off what counts for no work: the
// same runs, and the same state comes of it, and whoever watches hears the same of what
// holds each work.
func TestWatchedDoesTheSame(t *testing.T) {
	worlds := 10
	if *long {
		worlds = 2000
	}
	for seed := range worlds {
		play := func(watched bool) (*world, int, string, []heard) {
			w, ticks := newWorld(t, uint64(4_000_000+seed)), 0
			all := w.hear()
			if watched {
				w.sys.Watched()
			}
			w.Check = func() { ticks++ }
			for range 150 {
				w.step()
			}
			w.until(w.At)
			w.sys.CatchUp(w.At)
			state, err := w.sys.Save()
			if err != nil {
				t.Fatal(err)
			}
			return w, ticks, string(nextLook.ReplaceAll(state, nil)), *all
		}
		a, many, was, aHeard := play(true)
		b, few, is, bHeard := play(false)
		if !slices.Equal(a.runs, b.runs) || was != is {
			t.Fatalf("world %d: watched, %d runs and\n%s\nelse %d runs and\n%s", seed, len(a.runs), was, len(b.runs), is)
		}
		if !slices.Equal(aHeard, bHeard) {
			i := 0
			for i < min(len(aHeard), len(bHeard)) && aHeard[i] == bHeard[i] {
				i++
			}
			t.Fatalf("world %d: of %d and %d things, watched, %v is heard, else %v", seed, len(aHeard), len(bHeard), aHeard[i:min(i+2, len(aHeard))], bHeard[i:min(i+2, len(bHeard))])
		}
		if few > many {
			t.Errorf("world %d: %d steps, and %d when it is watched", seed, few, many)
		}
	}
}

// nextLook is when something changes next that counts for a work: who is watched goes by
// what changes at all.
var nextLook = regexp.MustCompile(`"next":[0-9]+`)

// heard is what holds a work first, and whether that is all.
type heard struct {
	at    int64
	id    work.ID
	first core.Hold
	alone bool
}

// hear notes what holds each work, as often as it is another thing than before.
func (w *world) hear() *[]heard {
	all, last := new([]heard), map[work.ID]heard{}
	w.M.Watch(func(row *record.Work, _ core.Mark, what func() (core.Hold, bool)) {
		if row == nil {
			return
		}
		first, alone := what()
		now := heard{last[row.ID].at, row.ID, first, alone}
		if now != last[row.ID] {
			now.at = w.At
			last[row.ID] = now
			*all = append(*all, now)
		}
	})
	return all
}

// TestNextTellsAll asks again, after each step of worlds in which windows of Doze end early,
// when the System has to be woken: the machine has asked once.
func TestNextTellsAll(t *testing.T) {
	for _, seed := range []uint64{309, 343, 413, 441} {
		w := newWorld(t, 7_000_000+seed)
		w.Check = func() {
			if next := w.sys.Next(); next < w.Wake {
				t.Errorf("world %d at %s: it wakes at %s, and the machine knows of %s", seed, clock(w.At), clock(next), clock(w.Wake))
			}
		}
		for range 150 {
			w.step()
		}
	}
}

// TestMarksStandForGates compares, in random worlds, what marks stand for with what the
// gates tell, and what may be free with what is held.
func TestMarksStandForGates(t *testing.T) {
	worlds := 40
	if *long {
		worlds = 3000
	}
	seen, free := 0, 0
	for seed := range worlds {
		w := newWorld(t, uint64(3_000_000+seed))
		w.check = func(w *world) {
			f := w.currentFacts()
			for _, j := range w.waiting() {
				var want []core.Hold
				for _, g := range gatesOf(w.sys, w.At, j, f) {
					want = append(want, core.Hold{Code: g.Code, Assumed: g.Assumed})
				}
				mark := w.sys.Mark(w.At, j)
				if (mark == 0) != (len(want) == 0) {
					t.Errorf("world %d at %s: %s is marked %x, and held by %v", seed, clock(w.At), j.Work.ID, mark, want)
				} else if mark != 0 {
					if first, alone := w.sys.Marked(mark); first != want[0] || alone != (len(want) == 1) {
						t.Errorf("world %d at %s: %s is marked %v, alone %v, and held by %v", seed, clock(w.At), j.Work.ID, first, alone, want)
					}
				}
				kind := j.Spec.Phone.Kind
				if len(want) == 0 && !w.sys.Free(w.At, kind) {
					t.Errorf("world %d at %s: nothing holds %s, and no work of its kind %q is free", seed, clock(w.At), j.Work.ID, kind)
				}
				if w.sys.Free(w.At, kind) {
					free++
				}
				seen++
			}
		}
		for range 120 {
			w.step()
		}
		if t.Failed() {
			return
		}
	}
	if t.Logf("%d works, of %d a kind was free", seen, free); seen < 100 || free == 0 || free == seen {
		t.Error("these worlds show little")
	}
}

// TestNewsOfOneStartIsNotLostOverTheNext rings two alarms at one instant. The first gives
// the app a process, in which a work runs that the battery saver holds: at that instant.
func TestNewsOfOneStartIsNotLostOverTheNext(t *testing.T) {
	p := openedWith(t, allowed(profiles(t), "16"), android.Setting{Name: "doze.light", Value: "no"}, android.Setting{Name: "doze.deep", Value: "no"})
	p.facts(minute, map[record.Signal]int64{record.LowPower: 1})
	p.leave(minute)
	p.sense(2*minute, core.SenseAppDied)
	p.must(3*minute, work.Request{Task: "held"})
	p.wantCodes("held-1", android.ReasonBatterySaver)
	for range 2 {
		p.must(3*minute, alarm("exact-idle", 10*minute))
	}
	p.until(20 * minute)
	if got := p.starts("held"); len(got) != 1 || got[0] != 13*minute {
		t.Errorf("it starts at %v, not as the alarms ring at %s", clocks(got), clock(13*minute))
	}
}
