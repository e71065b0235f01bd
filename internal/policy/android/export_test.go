package android

import (
	"fmt"
)

// Rows returns how many rows the table of the system's values has.
func Rows() int { return len(table()) }

// Row returns a row: its parameter, and in words from when and for whom it holds.
func Row(i int) (x Param, holds string) {
	r := table()[i]
	return r.param, r.since.String() + " " + r.vendor
}

// BentProfile is a profile of a table in which one row has another value: a larger one
// or a smaller one.
func BentProfile(i int, larger bool, v Version, vendor string) *Profile {
	t := table()
	switch r := &t[i]; {
	case r.param.Unit() == unitFlag:
		r.value = 1 - r.value
	case r.value == never:
		r.value = hour
	case r.value == 0 && r.param.Unit() == unitTime:
		r.value = second
	case r.value == 0:
		r.value = 1
	case larger:
		r.value *= 2
	default:
		r.value /= 2
	}
	if vendor == "" {
		vendor = AOSP
	}
	return newProfile(t, v, vendor)
}

// CatchUp brings its state up to an instant.
func (s *System) CatchUp(at int64) { s.catchUp(at) }

// unheld counts the works that are due and that nothing holds, by kind.
func (s *System) unheld() [kinds]int32 {
	open := [kinds]int32{kindPush: s.pileOpen}
	for _, x := range s.few {
		if x.open {
			open[x.Kind]++
		}
	}
	return open
}

// Drifted compares what is kept of works and timers with the same worked out anew, and
// tells of what is not so.
func (s *System) Drifted(at int64) string {
	if s.catchUp(at); !s.fresh(at) {
		return ""
	}
	runs, kept, ahead := [...]int{s.running, s.loose}, s.sums, s.outlook
	first, sharp := s.first, s.sharp
	s.countRuns()
	s.rearrange()
	if now := [...]int{s.running, s.loose}; now != runs {
		return fmt.Sprintf("runs, of services and of rows that are loose, are %v, kept is %v", now, runs)
	}
	if s.first != first || s.sharp != sharp {
		return fmt.Sprintf("the timers end at %d and %d, kept is %d and %d", s.first, s.sharp, first, sharp)
	}
	if q := s.Account.Regular; q.last.known {
		q.Use(s.p)
		if u := s.Account.Regular.last; q.Used(u.at, u.bucket) != u.Use {
			return fmt.Sprintf("at %d %v of the quota was used, kept is %v", u.at, q.Used(u.at, u.bucket), u.Use)
		}
	}
	if q := s.Account.Regular; q.has(at, s.bucket()) {
		q.Use(s.p)
		if again, out := q.RegainsAt(at, s.bucket()); out {
			return fmt.Sprintf("quota is back at %d, kept is that there is some", again)
		}
	}
	if due := s.soon(at); s.current && due != s.due && at < s.due {
		return fmt.Sprintf("something changes at %d, kept is %d", due, s.due)
	}
	if r := s.reviewed; r.known {
		if s.reviewed.known = false; s.downgraded(at) != r.downgraded && firstDay(at, s.p.values[pushReview]) == r.from {
			return "high-priority messages fare otherwise than is kept"
		}
	}
	if s.current && at < s.due {
		now := s.look()
		if now |= s.lookAtDoze(at, now&worldFront != 0); now != s.bits {
			return fmt.Sprintf("the world is %b, kept is %b", now, s.bits)
		}
	}
	if s.moved {
		return ""
	}
	s.sums, s.outlook = sums{}, outlook{wake: never}
	for _, x := range s.few {
		s.sums.add(x)
		s.outlook.add(x)
		if x.call != x.callOf() {
			return fmt.Sprintf("work %d has to be looked at %d, kept is %d", x.Seq, x.callOf(), x.call)
		}
	}
	if s.sums != kept || s.outlook != ahead {
		return fmt.Sprintf("all come to %v and %v, kept is %v and %v", s.sums, s.outlook, kept, ahead)
	}
	for _, list := range [][]*slot{s.few, s.pile} {
		for k, x := range list {
			if x != &s.Slots[x.index] || k > 0 && list[k-1].index >= x.index {
				return fmt.Sprintf("work %d is in slot %d, and at %d of %d", x.Seq, x.index, k, len(list))
			}
			if x.spotOf(at) != x.spot && !x.lively() {
				return fmt.Sprintf("work %d belongs to %d, kept is %d", x.Seq, x.spotOf(at), x.spot)
			}
		}
	}
	if high := s.pileHigh; !s.again {
		if s.countHigh(); s.pileHigh != high {
			return fmt.Sprintf("%d messages that wait are of high priority, kept is %d", s.pileHigh, high)
		}
	}
	away := 0
	for i := range s.Slots {
		if x := &s.Slots[i]; x.spotOf(at) == aside {
			if away++; x.spot != aside {
				return fmt.Sprintf("nobody has to look at work %d, and it is at %d", x.Seq, x.spot)
			}
		}
	}
	if len(s.few)+len(s.pile)+away != len(s.Slots) {
		return fmt.Sprintf("%d and %d works of %d, and %d are nowhere", len(s.few), len(s.pile), len(s.Slots), away)
	}
	return ""
}

// Overlooked works out anew what holds each work where the last look had taken that for
// granted, and tells of the first one that it had been wrong about.
func (s *System) Overlooked(at int64) string {
	if s.catchUp(at); !s.fresh(at) || !s.calm {
		return "" // it will look by itself
	}
	type held struct {
		now   gateSet
		wake  int64
		again bool // it will be looked at
	}
	was, wake, wary, open := map[int64]held{}, s.wake, s.wary, s.unheld()
	for i := range s.Slots {
		x := &s.Slots[i]
		was[x.Seq] = held{x.now, x.wake, x.cares&wary != 0}
	}
	s.calm, s.moved, s.pileOwn = false, true, [2]gateSet{^gateSet(0)}
	for i := range s.Slots {
		s.Slots[i].call = always
	}
	if s.reckon(at, 0); wary == 0 && (s.wake != wake || s.unheld() != open || !s.calm || s.wary != 0) {
		return fmt.Sprintf("it wakes at %d, not at %d; free are %v, not %v; calm: %v", s.wake, wake, s.unheld(), open, s.calm)
	}
	for i := range s.Slots {
		x := &s.Slots[i]
		if y := was[x.Seq]; !y.again && (x.now != y.now || x.wake != y.wake) {
			return fmt.Sprintf("work %d is held by %b until %d, not by %b until %d", x.Seq, x.now, x.wake, y.now, y.wake)
		}
	}
	return ""
}
