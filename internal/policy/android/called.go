package android

import (
	"math"
	"slices"
)

// This file is which works reckon looks at, and what it knows of the others: of most, each
// time, nothing that counts has become another.

// always is the call of a work that has to be looked at, whenever that is.
const always = math.MinInt64

// sums are how many works there are that are not in the pile.
type sums struct {
	lively int // that have to be looked at each time
	held   int // jobs that only their batch holds
	free   int // jobs that nothing holds, which start now
}

// outlook is when works that are not in the pile have to be looked at, and what they mind. It
// is that of all, but while some are looked at that of the others; its wake is always if
// something was told since then.
type outlook struct {
	wake  int64
	cares world
}

func (o *outlook) add(x *slot) { o.wake, o.cares = min(o.wake, x.wake), o.cares|x.cares }

// lively reports whether a work has to be looked at each time: messages take quota from
// each other.
func (x *slot) lively() bool { return x.Kind == kindPush && x.Waiting && !x.Running }

// callOf returns from when on a work has to be looked at.
func (x *slot) callOf() int64 {
	if x.told || x.lively() {
		return always
	}
	return x.wake
}

// spot is where a work is looked at.
type spot uint8

const (
	nowhere spot = iota // it is new
	inFew
	inPile
	aside // in no list: a message that is delivered, or was, minds nothing
)

// spotOf returns where a work belongs: messages that wait, of which there may be many, are
// looked at together.
func (x *slot) spotOf(at int64) spot {
	switch {
	case x.Kind != kindPush:
		return inFew
	case x.Running || !x.Waiting:
		return aside
	case x.Cleared == 0 && x.Due <= at:
		return inPile
	}
	return inFew
}

// sort puts all works where they belong.
func (s *System) sort(at int64) {
	s.few, s.pile, s.joined = s.few[:0], s.pile[:0], s.joined[:0]
	s.sums, s.moved, s.again, s.crowds, s.outlook.wake = sums{}, false, true, true, always
	for i := range s.Slots {
		x := &s.Slots[i]
		x.index = int32(i)
		switch x.spot = x.spotOf(at); x.spot {
		case inPile:
			s.pile = append(s.pile, x)
			continue
		case aside:
			x.rest()
			continue
		}
		if x.call != always {
			x.call = x.callOf()
		}
		s.few = append(s.few, x)
		s.sums.add(x)
	}
}

// place puts a work where it belongs, of which something was told. It leaves that to sort
// where others may belong elsewhere as well.
func (s *System) place(at int64, x *slot) {
	spot := x.spotOf(at)
	switch {
	case s.sums.lively > 0 || spot == inFew && x.lively():
		s.moved = true
		return
	case spot == x.spot:
		s.again = s.again || spot == inPile
		return
	}
	s.displace(x)
	switch x.spot = spot; spot {
	case inPile:
		x.open, x.wake = false, never
		s.pile, s.joined = insert(s.pile, x), append(s.joined, x)
		if x.High {
			s.pileHigh++
		}
	case aside:
		x.rest()
	default:
		s.few, s.outlook.wake = insert(s.few, x), always
		s.sums.add(x)
	}
}

// rest is that nobody has to look at a work.
func (x *slot) rest() { x.open, x.told, x.wake, x.cares = false, false, never, 0 }

// displace takes a work away from where it is looked at.
func (s *System) displace(x *slot) {
	switch x.spot {
	case inFew:
		s.few, s.outlook.wake = without(s.few, x), always
	case inPile:
		s.pile = without(s.pile, x)
		s.joined = without(s.joined, x)
		if x.High {
			s.pileHigh--
		}
		if x.open {
			s.pileOpen--
		}
		if x.wake == s.pileWake {
			s.pileWake = never
			for _, y := range s.pile {
				s.pileWake = min(s.pileWake, y.wake)
			}
		}
	}
}

// forsake takes a work away that is forgotten, and makes room for the last in its slot.
func (s *System) forsake(x, last *slot) {
	switch {
	case s.moved:
	case s.sums.lively > 0 || x.isJob() || x.spot == nowhere:
		s.moved = true
	default:
		s.displace(x)
		if x == last {
			return
		}
		index := x.index
		*x = *last
		switch x.index = index; x.spot {
		case inFew:
			s.few = insert(without(s.few, last), x)
		case inPile:
			s.pile = insert(without(s.pile, last), x)
			if slices.Contains(s.joined, last) {
				s.joined = append(without(s.joined, last), x)
			}
		}
		return
	}
	*x = *last
}

// insert puts a work among others, in the order of their slots.
func insert(list []*slot, x *slot) []*slot {
	list = append(list, x)
	for k := len(list) - 1; k > 0 && list[k-1].index > x.index; k-- {
		list[k-1], list[k] = x, list[k-1]
	}
	return list
}

// without returns a list without a work.
func without(list []*slot, x *slot) []*slot {
	for k, y := range list {
		if y == x {
			return append(list[:k], list[k+1:]...)
		}
	}
	return list
}

// countHigh counts the messages of high priority in the pile.
func (s *System) countHigh() {
	s.pileHigh = 0
	for _, x := range s.pile {
		if x.High {
			s.pileHigh++
		}
	}
}

// add counts a work.
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
func (s *System) heard(at int64, x *slot) {
	x.told = true
	if (x.spot == nowhere || x.Kind == kindPush) && !s.moved {
		s.place(at, x)
	}
	s.call(x)
}

// call makes reckon look at a work.
func (s *System) call(x *slot) {
	if x.call = always; x.spot <= inFew {
		s.outlook.wake = always
	}
}

// called lists the works that have to be looked at, in order, weighs the jobs of them, and
// finds what the others come to.
func (s *System) called(at int64, turned world) (list []*slot, jobs bool) {
	if turned == 0 && at < s.outlook.wake && s.sums.lively == 0 {
		return nil, false
	}
	list = s.list[:0]
	wake, cares := int64(never), world(0)
	for _, x := range s.few {
		if call := x.call; call > at && x.cares&turned == 0 {
			wake, cares = min(wake, call), cares|x.cares
			continue
		}
		if list = append(list, x); x.isJob() {
			jobs = true
			s.weigh(at, x)
		}
	}
	s.list, s.outlook = list, outlook{wake, cares}
	return list, jobs
}

// crowd is called with all jobs besides that are due or run, but for transfers where there is
// room for any.
func (s *System) crowd(at int64, turned world) []*slot {
	s.list = s.list[:0]
	wake, cares, crowded := int64(never), world(0), s.crowded()
	for _, x := range s.few {
		if x.call <= at || x.cares&turned != 0 || (x.Running || x.Due <= at) && (x.ordinary() || crowded && x.isJob()) {
			s.list = append(s.list, x)
		} else {
			wake, cares = min(wake, x.wake), cares|x.cares
		}
	}
	s.outlook = outlook{wake, cares}
	return s.list
}
