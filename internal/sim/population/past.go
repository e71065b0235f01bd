package population

import (
	"slices"
	"sync"

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

// mostPasts is how many are kept. At some 10 KB for each day, those of weeks are 8 MB.
const mostPasts = 24

// Pasts are what happened to phones that are simulated again and again: the last of them are
// kept.
type Pasts struct {
	mu   sync.Mutex
	kept []*keptPast
}

type keptPast struct {
	past
	once sync.Once
}

// of returns what happens to a device.
func (p *Pasts) of(c world.Config) world.Tape {
	x := p.find(c)
	x.once.Do(func() { x.tape.Record(world.New(c)) })
	return x.tape
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
	x := &keptPast{past: past{config: c}}
	p.kept = append(p.kept, x)
	return x
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
