package population

import (
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/internal/sim/world"
)

// past is what happened to one phone. The next one may have the same user, who does the same
// on another platform: then it is made up once.
type past struct {
	config world.Config
	tape   world.Tape
}

// of returns what happens to a device. It is valid until the next call.
func (p *past) of(c world.Config) world.Tape {
	if c != p.config {
		p.tape.Record(world.New(c))
		p.config = c
	}
	return p.tape
}

// Events plays a tape as a phone takes it.
func Events(t world.Tape) phone.Source { return &events{tape: t} }

type events struct {
	tape   world.Tape
	played int
	facts  [4]record.Fact
	out    phone.Happening
}

// Next implements phone.Source.
func (e *events) Next() *phone.Happening {
	if e.played == len(e.tape) {
		return nil
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
