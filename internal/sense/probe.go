package sense

import (
	"context"
	"slices"
	"time"

	"github.com/lullwork/lull/internal/record"
)

// rank orders the probes of a signal: the lowest that answers wins.
type rank uint8

const (
	byService rank = iota // a service on the system bus
	byKernel              // files and system calls
	ranks
)

// reading is what one probe says of one signal. The zero value says nothing.
type reading struct {
	value        int64
	source, note string
	ok           bool // false: ask the next probe; the note says why
	hung         bool // the service exists and does not answer
	rare         bool // nobody waits for it: it is read at polls and needs no settling
}

type readings [record.Signals]reading

// yes returns a known reading of a signal that is on or off.
func yes(on bool, source string) reading {
	var v int64
	if on {
		v = 1
	}
	return known(v, source)
}

func known(v int64, source string) reading { return reading{value: v, source: source, ok: true} }

// unknown is an answer: the probe is in charge and the value cannot be known.
func unknown(source, note string) reading {
	return reading{value: record.Unknown, source: source, note: note, ok: true}
}

// assume is the last resort for an unknown signal: the user's own word for it.
func assume(s record.Signal, value string) string {
	return "write `assume: {" + s.String() + ": " + value + "}` in the plan"
}

// merge joins the ranks: for each signal the first that has an answer.
func merge(said *[ranks]readings) readings {
	var out readings
	for i := range out {
		first, second := said[byService][i], said[byKernel][i]
		r := first
		if !first.ok {
			r = second
			switch {
			case !second.ok:
				r.value, r.note = record.Unknown, "nothing has answered yet"
			case second.value == record.Unknown && first.note != "" && second.source != noBattery:
				r.note = first.note + "; " + second.note
			case first.hung:
				r.source += " (" + first.note + ")"
			}
		}
		out[i] = r
	}
	return out
}

// probe reads some signals: at start, when poked, and when it asked for it.
type probe struct {
	rank    rank
	signals []record.Signal
	// read must return within the timeout of a call or at the end of ctx. The duration is
	// after what time it wants to read again by itself; 0: not at all.
	read func(ctx context.Context) (readings, time.Duration)
	// pause is the shortest time between two readings, for sources that can
	// change thousands of times a second.
	pause time.Duration
	kick  chan struct{}
}

type update struct {
	probe  *probe
	values readings
	first  bool
}

func newProbe(r rank, read func(ctx context.Context) (readings, time.Duration), signals ...record.Signal) *probe {
	return &probe{rank: r, signals: signals, read: read, kick: make(chan struct{}, 1)}
}

// poke asks for a reading and never blocks. A reading that starts after poke
// returns serves it.
func (p *probe) poke() { signal(p.kick) }

func (p *probe) shares(q *probe) bool {
	return slices.ContainsFunc(p.signals, func(s record.Signal) bool { return slices.Contains(q.signals, s) })
}

func (p *probe) run(ctx context.Context, out chan<- update) {
	for first := true; ; first = false {
		values, again := p.read(ctx)
		select {
		case out <- update{p, values, first}:
		case <-ctx.Done():
			return
		}
		if !sleepFor(ctx, p.pause) {
			return
		}
		var timer <-chan time.Time
		if again > 0 {
			timer = time.After(again)
		}
		select {
		case <-p.kick:
		case <-timer:
		case <-ctx.Done():
			return
		}
	}
}

// sleepFor waits and tells whether ctx still lives.
func sleepFor(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
