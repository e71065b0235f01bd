package phone

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

// acquaint lets the phone get to know its user while the app has no works: what happens
// early is told to the platform alone, which steps no machine. It returns the facts that
// are known then.
func (p *Phone) acquaint() (known []record.Fact, err error) {
	pf, facts := p.cfg.Platform, record.NewFacts()
	for n := p.cfg.Early; n > 0 && p.next != nil; n-- {
		x := p.next
		if pf.Next() <= x.At {
			if err := p.tickAlone(x.At, &facts); err != nil {
				return nil, err
			}
		}
		p.now = max(p.now, x.At)
		for i := range x.Facts {
			f := &x.Facts[i]
			if old := &facts[f.Signal]; f.Value != old.Value {
				*old = record.Fact{Signal: f.Signal, Value: f.Value, Since: x.At}
			}
		}
		if len(x.Facts) > 0 {
			pf.Sense(x.At, core.Sense{Kind: core.SenseFacts}, &facts)
		}
		if x.Sense.Kind != core.SenseFacts {
			pf.Sense(x.At, x.Sense, &facts)
		}
		if x.Sense.Kind == core.SenseLocalTime {
			p.app.Sees(x.At, x.Sense)
		}
		p.advance()
	}
	if t, ok := pf.(core.Narrator); ok {
		t.Told(nil) // before there is a journal
	}
	for _, f := range facts {
		if f.Value != record.Unknown {
			known = append(known, f)
		}
	}
	return known, nil
}

// tickAlone lets time pass for the platform alone.
func (p *Phone) tickAlone(at int64, f *record.Facts) error {
	pf, ticks := p.cfg.Platform, 0
	for next := pf.Next(); next <= at; next = pf.Next() {
		if next <= p.now {
			next = p.now
			if ticks++; ticks > mostTicks {
				return tooManyTicks(next)
			}
		} else {
			ticks = 0
		}
		p.now = next
		pf.Tick(next, f)
		pf.Orders() // there is nothing that they could be about
	}
	return nil
}
