package population

import (
	"github.com/lullwork/lull/internal/core"
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
	tape  world.Tape // what is left of it
	facts [4]record.Fact
}

// Next implements phone.Source.
func (e *events) Next() (int64, []record.Fact, core.Sense, bool) {
	if len(e.tape) == 0 {
		return 0, nil, core.Sense{}, false
	}
	ev := &e.tape[0]
	e.tape = e.tape[1:]
	if ev.Kind != core.SenseFacts {
		return ev.At, nil, ev.Sense(), true
	}
	facts := e.facts[:0]
	for i := range ev.Changes() {
		signal, value := ev.Change(i)
		facts = append(facts, record.Fact{Signal: signal, Value: value})
	}
	return ev.At, facts, core.Sense{}, true
}
