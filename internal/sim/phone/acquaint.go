package phone

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// acquaintance is the time in which a phone gets to know its user, and the app has no works
// yet: all that happens is told to the platform alone, which steps no machine. It ends as
// the app is started by its user, which is when an app asks anew for what it wants.
type acquaintance struct {
	*Room
	facts  record.Facts
	alive  bool // the app's process
	played int  // of kept
}

// Room is memory that phones may use one after the other.
type Room struct {
	kept  []happening // since the last start of the app
	given []record.Fact
	ids   []work.ID // of works: they are the same on each phone
}

// happening is something that the source has given.
type happening struct {
	at    int64
	from  int // its facts in given
	to    int
	sense core.Sense
}

// acquaint lets the phone get to know its user, until the last start of the app that the
// user made by Join. What has happened since is played again, to the machine.
func (p *Phone) acquaint() error {
	a := &acquaintance{Room: p.cfg.Room, facts: record.NewFacts()}
	a.kept, a.given = a.kept[:0], a.given[:0]
	for p.next.ok && p.next.at <= p.cfg.Join {
		s := p.next.sense
		if s.Kind == core.SenseAppOpened && !a.alive {
			if err := p.introduce(a); err != nil {
				return err
			}
		}
		switch s.Kind {
		case core.SenseAppOpened:
			a.alive = true
		case core.SenseAppSwiped, core.SenseAppDied, core.SenseAppCrashed, core.SenseForceStop, core.SenseShutdown, core.SenseUpdated:
			a.alive = false
		}
		from := len(a.given)
		a.given = append(a.given, p.next.facts...)
		a.kept = append(a.kept, happening{p.next.at, from, len(a.given), s})
		p.advance()
	}
	if p.next.ok {
		a.kept = append(a.kept, happening{p.next.at, len(a.given), len(a.given) + len(p.next.facts), p.next.sense})
		a.given = append(a.given, p.next.facts...)
	}
	p.past = a
	p.advance()
	return nil
}

// known returns the facts that were told so far.
func (a *acquaintance) known() (out []record.Fact) {
	for _, f := range a.facts {
		if f.Value != record.Unknown {
			out = append(out, f)
		}
	}
	return out
}

// introduce tells the platform what was kept, and forgets it.
func (p *Phone) introduce(a *acquaintance) error {
	for i := range a.kept {
		h := &a.kept[i]
		if err := p.tickAlone(h.at, &a.facts); err != nil {
			return err
		}
		for _, f := range a.given[h.from:h.to] {
			if old := &a.facts[f.Signal]; f.Value != old.Value {
				*old = record.Fact{Signal: f.Signal, Value: f.Value, Since: h.at}
			}
		}
		if h.to > h.from {
			p.cfg.Platform.Sense(h.at, core.Sense{Kind: core.SenseFacts}, &a.facts)
		}
		if h.sense.Kind != core.SenseFacts {
			p.cfg.Platform.Sense(h.at, h.sense, &a.facts)
		}
		if h.sense.Kind == core.SenseLocalTime {
			p.app.Sees(h.at, h.sense)
		}
	}
	if t, ok := p.cfg.Platform.(core.Narrator); ok {
		t.Told(nil) // before there is a journal
	}
	a.kept, a.given = a.kept[:0], a.given[:0]
	return nil
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
	p.now = max(p.now, at)
	return nil
}
