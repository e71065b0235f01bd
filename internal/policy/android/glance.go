package android

import "math"

// This file is what reckon knows of the works that it does not look at: of most, each
// time, nothing that counts has become another.

// always is the call of a work that has to be looked at, whenever that is.
const always = math.MinInt64

// sums are what works that are not in the pile come to together.
type sums struct {
	wake   int64        // the first of theirs
	cares  world        // all of theirs
	open   [kinds]int32 // that are due and that nothing holds, by kind
	acting int          // that the system sees run
	lively int          // that have to be looked at each time
	held   int          // jobs that only their batch holds
	free   int          // jobs that nothing holds, which start now
}

// lively reports whether a work has to be looked at each time: messages take quota from
// each other.
func (x *slot) lively() bool { return x.Kind == kindPush && x.Waiting }

// callOf returns from when on a work has to be looked at.
func (x *slot) callOf() int64 {
	if x.told || x.lively() {
		return always
	}
	return x.wake
}

// sort tells the messages that wait, of which there may be many, from the other works.
func (s *System) sort(at int64) {
	s.few, s.pile, s.calls = s.few[:0], s.pile[:0], s.calls[:0]
	s.sums = sums{}
	for i := range s.Slots {
		x := &s.Slots[i]
		if x.Kind == kindPush && x.Waiting && !x.Running && x.Cleared == 0 && x.Due <= at {
			s.pile = append(s.pile, x)
		} else {
			if x.call != always {
				x.call = x.callOf()
			}
			s.few = append(s.few, x)
			s.sums.add(x)
		}
	}
}

// add adds what a work comes to, but for when it has to be looked at and what it minds.
func (t *sums) add(x *slot) {
	if x.open {
		t.open[x.Kind]++
	}
	if x.acted {
		t.acting++
	}
	if x.lively() {
		t.lively++
	}
	if x.isJob() {
		t.pool(x.pool, 1)
	}
}

// pool counts a job that is in a pool, or no longer.
func (t *sums) pool(p pool, n int) {
	switch p {
	case poolHeld:
		t.held += n
	case poolFree:
		t.free += n
	}
}

// heard notes that something was told of a work.
func (s *System) heard(x *slot) {
	x.told = true
	s.call(x)
}

// call makes reckon look at a work.
func (s *System) call(x *slot) {
	x.call = always
	if !s.moved { // else they are looked through anyway
		s.calls = append(s.calls, x)
	}
}

// called lists the works that have to be looked at, in order.
func (s *System) called(at int64, turned world, sorted bool) []*slot {
	if !sorted && turned == 0 && at < s.sums.wake && s.sums.lively == 0 && len(s.calls) < 2 {
		return s.calls
	}
	list := s.list[:0]
	for _, x := range s.few {
		if x.call <= at || x.cares&turned != 0 {
			list = append(list, x)
		}
	}
	s.list = list
	return list
}

// crowd is called with all jobs besides that are due or run.
func (s *System) crowd(at int64, turned world) []*slot {
	s.list = s.list[:0]
	for _, x := range s.few {
		if x.call <= at || x.cares&turned != 0 || x.isJob() && (x.Running || x.Due <= at) {
			s.list = append(s.list, x)
		}
	}
	return s.list
}

// lookAt is reckonOne for works that are called.
func (s *System) lookAt(at int64, called []*slot, anew bool) (changed bool) {
	t := &s.sums
	for _, x := range called {
		if x.open {
			t.open[x.Kind]--
		}
		wake, cares := x.wake, x.cares
		if s.reckonOne(at, x) {
			changed = true
		}
		if x.open {
			t.open[x.Kind]++
		}
		if acts := x.acts(); acts != x.acted {
			if x.acted = acts; acts {
				t.acting++
			} else {
				t.acting--
			}
		}
		if x.call = x.wake; x.lively() {
			x.call = always
		}
		anew = anew || wake == t.wake && x.wake > wake || cares&^x.cares != 0
		t.wake, t.cares = min(t.wake, x.wake), t.cares|x.cares
	}
	if anew {
		t.wake, t.cares = never, 0
		for _, x := range s.few {
			t.wake, t.cares = min(t.wake, x.wake), t.cares|x.cares
		}
	}
	return changed
}
