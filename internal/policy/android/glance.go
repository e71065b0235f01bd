package android

import "math"

// This file is what reckon knows of the works that it does not look at: of most, each
// time, nothing that counts has become another.

// always is the call of a work that has to be looked at, whenever that is.
const always = math.MinInt64

// sums are what works that are not in the pile come to together.
type sums struct {
	wake   int64 // the first of theirs
	cares  world // all of theirs
	lively int   // that have to be looked at each time
	held   int   // jobs that only their batch holds
	free   int   // jobs that nothing holds, which start now
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

// sum finds when the first of them has to be looked at, and what they mind.
func (s *System) sum() {
	wake, cares := int64(never), world(0)
	for _, x := range s.few {
		wake, cares = min(wake, x.wake), cares|x.cares
	}
	s.sums.wake, s.sums.cares = wake, cares
}
