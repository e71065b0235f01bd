package population

import (
	"slices"
	"sync"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/internal/sim/world"
)

// stretch is how much of what happens to a phone is kept at a time, so that memory does not
// grow with the days that are simulated.
const stretch = 64 * day

// past is what happened to one phone. The next one may have the same user, who does the same
// on another platform: then it is made up once, unless it is longer than a stretch.
type past struct {
	config world.Config
	tape   world.Tape
	rest   *world.Device // makes up what comes after the tape; nil: nothing does
}

// of returns what happens to a device: what comes up to an instant at the least, and what
// makes up the rest. It is valid until the next call.
func (p *past) of(c world.Config, known int64) (world.Tape, *world.Device) {
	if c != p.config || p.rest != nil {
		p.config = c
		p.rest = world.New(c)
		if !p.tape.Record(p.rest, max(stretch, known-c.Start)) {
			p.rest = nil
		}
	}
	return p.tape, p.rest
}

// mostPasts is how many are kept. At some 10 KB for each day, those of weeks are 8 MB.
const mostPasts = 24

// Pasts are what happened to phones that are simulated again and again: the last of them are
// kept, but for what is longer than a stretch.
type Pasts struct {
	mu   sync.Mutex
	kept []*keptPast
}

type keptPast struct {
	config world.Config
	once   sync.Once
	tape   world.Tape
}

// of is [past.of]. What it returns stays valid.
func (p *Pasts) of(c world.Config, known int64) (world.Tape, *world.Device) {
	if c.End-c.Start > stretch {
		return new(past).of(c, known)
	}
	x := p.find(c)
	x.once.Do(func() { x.tape.Record(world.New(c), stretch) })
	return x.tape, nil
}

func (p *Pasts) find(c world.Config) *keptPast {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.kept {
		if x.config == c {
			return x
		}
	}
	if len(p.kept) == mostPasts {
		p.kept = slices.Delete(p.kept, 0, 1)
	}
	x := &keptPast{config: c}
	p.kept = append(p.kept, x)
	return x
}

// Events plays a tape as a phone takes it, and then what a device makes up, in place of it.
func Events(t world.Tape, rest *world.Device) phone.Source { return &events{tape: t, rest: rest} }

type events struct {
	tape   world.Tape
	rest   *world.Device // nil: nothing comes after the tape
	played int
	facts  [4]record.Fact
	out    phone.Happening
}

// Next implements phone.Source.
func (e *events) Next() *phone.Happening {
	for e.played == len(e.tape) {
		if e.rest == nil {
			return nil
		}
		e.more()
	}
	ev, out := &e.tape[e.played], &e.out
	e.played++
	out.At, out.Sense.Kind, out.Sense.Value = ev.At, ev.Kind, ev.Value
	if n := ev.Changes(); n > 0 || len(out.Facts) > 0 {
		out.Facts = e.facts[:n]
		for i := range out.Facts {
			out.Facts[i].Signal, out.Facts[i].Value = ev.Change(i)
		}
	}
	return out
}

// more records the next stretch.
func (e *events) more() {
	e.played = 0
	if !e.tape.Record(e.rest, stretch) {
		e.rest = nil
	}
}
