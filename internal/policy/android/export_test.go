package android

import "fmt"

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

// Overlooked works out anew what holds each work where the last look had taken that for
// granted, and tells of the first one that it had been wrong about.
func (s *System) Overlooked(at int64) string {
	if s.catchUp(at); !s.fresh(at) || !s.calm {
		return "" // it will look by itself
	}
	type held struct {
		now, own gateSet
		wake     int64
	}
	was, wake, open := map[int64]held{}, s.wake, s.open
	for i := range s.Slots {
		x := &s.Slots[i]
		was[x.Seq] = held{x.now, x.own, x.wake}
	}
	s.moved, s.pileOwn = true, [2]gateSet{^gateSet(0)}
	if s.reckon(at, true); s.wake != wake || s.open != open || !s.calm {
		return fmt.Sprintf("it wakes at %d, not at %d; free are %v, not %v; calm: %v", s.wake, wake, s.open, open, s.calm)
	}
	for i := range s.Slots {
		x := &s.Slots[i]
		if y := was[x.Seq]; x.now != y.now || x.wake != y.wake {
			return fmt.Sprintf("work %d is held by %b until %d, not by %b until %d", x.Seq, x.now, x.wake, y.now, y.wake)
		}
	}
	return ""
}
