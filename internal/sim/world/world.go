// Package world makes up what happens to phones and what people do with them, or
// reads it from recorded traces. It decides nothing: what a phone's system makes of it
// is the business of a policy.
//
// A [Device] is a generator of one seed: the same seed gives the same events on every
// machine. It computes in integers, takes chance from streams of its own, one for each
// thing that it makes up, and has no clock. Instants are engine time, µs; a person's
// day is in local time, which is engine time plus a shift.
package world

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

// Source is a sequence of events of one device.
type Source interface {
	// Next returns the next event and its instant, which is not before that of the last
	// one. When there is none any more, ok is false.
	Next() (at int64, ev Event, ok bool)
}

// Event is one thing that happens. If its kind is [core.SenseFacts], some facts
// change; otherwise it is a sense. It fits into registers.
type Event struct {
	Value int64  // of the sense
	facts uint64 // 16 bits each: the signal, and its new value
	Kind  core.SenseKind
	count uint8
}

// maxChanges is how many facts change in one event, at most.
const maxChanges = 4

// Sense returns the event as what a platform is told.
func (e Event) Sense() core.Sense { return core.Sense{Kind: e.Kind, Value: e.Value} }

// Changes returns how many facts change.
func (e Event) Changes() int { return int(e.count) }

// Change returns one of them, from 0 on.
func (e Event) Change(i int) (s record.Signal, value int64) {
	x := e.facts >> (16 * i)
	return record.Signal(x >> 8 & 0xff), int64(int8(x))
}

// Apply writes the changed facts.
func (e Event) Apply(at int64, f *record.Facts) {
	for i := range e.Changes() {
		s, v := e.Change(i)
		if x := &f[s]; v != x.Value {
			x.Value, x.Since = v, at
		}
	}
}

func (e *Event) put(s record.Signal, value int8) {
	e.facts |= (uint64(s)<<8 | uint64(uint8(value))) << (16 * e.count)
	e.count++
}

const (
	second int64 = 1_000_000 // µs
	minute       = 60 * second
	hour         = 60 * minute
	day          = 24 * hour
)

func yes(b bool) int8 {
	if b {
		return 1
	}
	return 0
}

// floorMod returns what is left of x above a multiple of m.
func floorMod(x, m int64) int64 {
	if x %= m; x < 0 {
		x += m
	}
	return x
}
