package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"
)

// Zone is a time zone as a table. It is exact for instants in [From, To]; outside
// it the nearest offset is assumed, so that a sparse expression still has a next
// occurrence, and Covers tells that it is an estimate. The zero value behaves as
// UTC. A Zone is a value: its slice is never changed after it was built.
type Zone struct {
	Name        string       `json:"name"`
	From        int64        `json:"from"`                  // unix seconds
	To          int64        `json:"to"`                    // unix seconds, inclusive
	Initial     int32        `json:"initial"`               // seconds east of UTC before the first transition
	Transitions []Transition `json:"transitions,omitempty"` // ascending; may start before From, for context
}

// Transition is a change of a zone's offset: Offset holds from At on.
type Transition struct {
	At     int64 `json:"at"`     // unix seconds
	Offset int32 `json:"offset"` // seconds east of UTC
}

const (
	// maxOffset bounds |offset|: RFC 8536 allows up to 26 h.
	maxOffset = 26 * 60 * minuteSec
	// lookBack is how far back a transition can matter: local time cannot be
	// passed again more than the largest difference of two offsets later.
	lookBack = 2 * maxOffset
	// maxTransitions bounds a table; 4,096 are 2,000 years of DST.
	maxTransitions = 4096
)

// ErrZone marks a zone table that Validate refuses.
var ErrZone = errors.New("invalid zone table")

// UTC returns the zone without an offset, exact for all instants.
func UTC() Zone { return Fixed("UTC", 0) }

// Fixed returns a zone whose offset, in seconds east of UTC, never changes.
func Fixed(name string, offset int32) Zone {
	return Zone{Name: name, From: minSec, To: maxSec, Initial: offset}
}

// ZoneOf tabulates loc for [fromUnix, toUnix]; a nil loc is UTC. The range is
// clamped to what microseconds can express, and To is lowered to where the table
// is full (4,096 transitions).
func ZoneOf(loc *time.Location, fromUnix, toUnix int64) Zone {
	if loc == nil {
		loc = time.UTC
	}
	from := min(max(fromUnix, minSec), maxSec)
	to := min(max(toUnix, from), maxSec)
	z := Zone{Name: loc.String(), From: from, To: to}

	at := time.Unix(max(from-lookBack, minSec), 0).In(loc)
	z.Initial = offsetOf(at)
	last := z.Initial
	// A bound need not change the offset (a new abbreviation, a year's end), so
	// bounds are limited as well as transitions.
	for range 8 * maxTransitions {
		end, ok := nextBound(at)
		if !ok || end.Unix() > to {
			return z
		}
		at = end
		if offset := offsetOf(at); offset != last {
			if len(z.Transitions) == maxTransitions {
				break
			}
			z.Transitions = append(z.Transitions, Transition{At: at.Unix(), Offset: offset})
			last = offset
		}
	}
	z.To = max(from, at.Unix()-1)
	return z
}

// nextBound returns an instant after at up to which the offset stays as it is.
func nextBound(at time.Time) (time.Time, bool) {
	_, end := at.ZoneBounds()
	if end.IsZero() || end.After(at) {
		return end, !end.IsZero()
	}
	// Past its table time takes a year for 365 days, so that on the last day of a
	// leap year the end is not after at: probe.
	const hour = 60 * minuteSec
	offset := offsetOf(at)
	seconds := sort.Search(hour, func(i int) bool { return offsetOf(at.Add(time.Duration(i)*time.Second)) != offset })
	return at.Add(time.Duration(seconds) * time.Second), true
}

func offsetOf(at time.Time) int32 {
	_, offset := at.Zone()
	return int32(offset)
}

// Covers reports whether the zone's table is exact at an instant.
func (z Zone) Covers(at int64) bool {
	sec := floorDiv(at, microSec)
	return z.From <= sec && sec <= z.To
}

// Validate checks a table that came from outside. The functions of this package
// neither panic nor hang on an invalid one, but their answers mean nothing.
func (z Zone) Validate() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: %q: %s", ErrZone, z.Name, fmt.Sprintf(format, args...))
	}
	if z.From > z.To {
		return bad("from %d is after to %d", z.From, z.To)
	}
	if z.From < minSec || z.To > maxSec {
		return bad("range %d to %d exceeds what microseconds can express", z.From, z.To)
	}
	if n := len(z.Transitions); n > maxTransitions {
		return bad("%d transitions, at most %d are allowed", n, maxTransitions)
	}
	if outOfRange(z.Initial) {
		return bad("initial offset %d s is not within 26 h", z.Initial)
	}
	for i, t := range z.Transitions {
		switch {
		case outOfRange(t.Offset):
			return bad("transition %d: offset %d s is not within 26 h", i, t.Offset)
		case t.At < minSec || t.At > z.To:
			return bad("transition %d: instant %d is outside of the table's range", i, t.At)
		case i > 0 && t.At <= z.Transitions[i-1].At:
			return bad("transition %d: instant %d is not after the one before it", i, t.At)
		}
	}
	return nil
}

func outOfRange(offset int32) bool { return offset < -maxOffset || offset > maxOffset }

// span is a stretch of constant offset: the unix seconds [start, end). Local
// times in [floor, start+offset) were jumped over by the transition at start; if
// floor is above start+offset, local times below floor occur for a second time.
type span struct {
	start, end int64
	offset     int64
	floor      int64
}

// spans are numbered 0 to len(Transitions).
func (z Zone) span(i int) span {
	s := span{start: minSec, end: maxSec + 1, offset: int64(z.Initial)}
	if i < len(z.Transitions) {
		s.end = z.Transitions[i].At
	}
	if i == 0 {
		s.floor = s.start + s.offset
		return s
	}
	s.start, s.offset = z.Transitions[i-1].At, int64(z.Transitions[i-1].Offset)
	// The floor is the highest end of a span before, in that span's local time.
	s.floor = s.start + z.offsetBefore(i-1)
	for j := i - 2; j >= 0 && z.Transitions[j].At > s.start-lookBack; j-- {
		s.floor = max(s.floor, z.Transitions[j].At+z.offsetBefore(j))
	}
	return s
}

// offsetBefore returns the offset that transition i ends.
func (z Zone) offsetBefore(i int) int64 {
	if i == 0 {
		return int64(z.Initial)
	}
	return int64(z.Transitions[i-1].Offset)
}

// spanAt returns the number of the span that holds a unix second.
func (z Zone) spanAt(sec int64) int {
	i, found := slices.BinarySearchFunc(z.Transitions, sec, func(t Transition, sec int64) int {
		return cmp.Compare(t.At, sec)
	})
	if found {
		i++
	}
	return i
}
