package ios

import (
	"fmt"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

// TestStandings holds what reviews keep against what each would find if it kept nothing.
func TestStandings(t *testing.T) {
	worlds, looks := 200, map[kind]int{}
	if *long {
		worlds = 4000
	}
	for seed := range uint64(worlds) {
		c := newChaos(t, seed)
		for i := range 150 {
			for _, do := range [...]func(){func() { c.step() }, c.clear, c.start} {
				do()
				if err := standsAnew(c.sys, looks); err != nil {
					t.Fatalf("chaos %d, step %d: %v", seed, i, err)
				}
			}
		}
		x := newMess(t, seed)
		for i := range 150 {
			what := x.happen()
			err := standsAnew(x.sys, looks)
			if x.until(x.at, ""); err == nil {
				err = standsAnew(x.sys, looks)
			}
			if err != nil {
				t.Fatalf("world %d, step %d, %s: %v", seed, i, what, err)
			}
		}
	}
	for k := kindRefresh; k <= kindWidget; k++ {
		if looks[k] < 5*worlds && k != kindNotification {
			t.Errorf("looked at works of kind %d %d times only", k, looks[k])
		}
	}
}

// clear opens, now and then, what holds one of the works.
func (c *chaos) clear() {
	if len(c.jobs) == 0 || !c.Chance(100_000) {
		return
	}
	j := c.jobs[c.Below(int64(len(c.jobs)))]
	for _, g := range gatesOf(c.sys, c.at, j, &c.facts) {
		if g.Edit.Kind == core.EditFact {
			c.facts[g.Edit.Signal].Value = g.Edit.Value
			c.sys.Sense(c.at, core.Sense{}, &c.facts)
		}
		c.sys.Clear(c.at, j, g.Edit)
	}
}

// standsAnew returns what the last review has kept that it would not find.
func standsAnew(s *System, looks map[kind]int) error {
	system := *s
	defer func() { *s = system }()
	s.relearn()
	s.stale, s.aged = allKinds, never
	quiet, at := s.quiet, s.seen.At
	for _, later := range [...]int64{0, 1, second, minute, 14 * minute} {
		if at+later >= s.Edge {
			break
		}
		s.age(at + later)
		for _, p := range s.Waits {
			s.quiet, s.stale = quiet, system.stale
			kept := s.holds(at+later, p, false)
			s.quiet = false
			if anew := s.holds(at+later, p, false); anew != kept {
				return fmt.Errorf("%d later %+v is held by %x, not %x", later, p, anew, kept)
			}
		}
	}
	if s.reviewed == never {
		return nil
	}
	s.stale, s.aged = allKinds, never
	s.age(s.reviewed)
	due := s.Contract.Next()
	for _, p := range s.Waits {
		looks[p.Type]++
		kept := *p
		p.draw = draw{}
		s.relearn()
		s.rated.battery = never
		h, next := s.anew(p, s.reviewed)
		anew := *p
		*p = kept
		if h != p.Told {
			return fmt.Errorf("%+v is held by %x, and told as %x", p, h, p.Told)
		}
		if anew.Rated != p.Rated || anew.outlook != p.outlook {
			return fmt.Errorf("%+v stands as %t %+v", p, anew.Rated, anew.outlook)
		}
		due = min(due, next)
	}
	for i := range s.Runs {
		due = min(due, s.lookAgain(&s.Runs[i], s.reviewed))
	}
	if told := s.News && s.Due == s.reviewed; due != s.Due && !told {
		return fmt.Errorf("due at %d, and told as %d", due, s.Due)
	}
	return nil
}

// anew decides about one work, as a review does that keeps nothing.
func (s *System) anew(p *pending, at int64) (h gateSet, due int64) {
	m := s.m
	due = record.Never
	soon := func(t int64) {
		if t > at && t < due {
			due = t
		}
	}
	p.Rated = false
	if p.Debug {
		return 0, due
	}
	h = s.sure(at, p)
	if p.Type.requested() && at < p.StartAfter {
		return h | open, p.StartAfter
	}
	var held int64
	switch p.Type {
	case kindRefresh:
		if from := s.unusedFrom(); at < from {
			soon(from)
		} else {
			soon(s.unusedCheck())
		}
		held = s.spacedUntil(p)
	case kindProcessing:
		soon(s.LastUse + m.UnusedProcessing*day + 1)
		held = max(s.spacedUntil(p), s.untilIdle())
	case kindHealth:
		soon(s.spacedUntil(p))
	case kindPush:
		soon(s.spacedUntil(p))
		soon(s.pushTurn())
	case kindTransfer:
		soon(p.StartAfter)
		soon(p.StartBefore)
	case kindWidget:
		soon(s.widgetDue(at, s.widgetOf(p)))
	case kindTimer, kindAssertion:
		soon(p.StartAfter)
	}
	if !p.Type.drawn() {
		return h, due
	}
	shut := h &^ (1 << gateRunning)
	if shut&^(1<<gateSpacing|1<<gateNotIdle) == 0 {
		if soon(held); held <= at {
			soon((floorDiv(at, m.Rescore) + 1) * m.Rescore)
		}
	}
	if shut != 0 {
		return h | open, due
	}
	if !p.Fixed {
		s.forecast(p, at, &p.outlook)
		p.Rated = true
	}
	return h | s.standsBy(p, &p.outlook), due
}

// sure returns what holds a work for what the phone is like, for what runs, or because it
// is too soon.
func (s *System) sure(at int64, p *pending) (h gateSet) {
	if p.Debug {
		return 0
	}
	h.addIf(gateOff, s.Off)
	if p.Type.requested() {
		h |= s.shut(p, at)
		h.addIf(gateRunning, !p.Beside && s.running(p.ID) != nil)
	}
	switch p.Type {
	case kindRefresh:
		h.addIf(gateSpacing, at < s.spacedUntil(p))
	case kindProcessing:
		h.addIf(gateSpacing, at < s.spacedUntil(p))
		h.addIf(gateNotIdle, at < s.untilIdle() && !s.Dev.InUse)
	case kindHealth:
		h.addIf(gateSpacing, at < s.spacedUntil(p))
		h.addIf(gateReserve, !p.Power && !s.Dev.Charging && s.Dev.Battery < s.m.UtilityPercent)
	case kindContinued:
		h.addIf(gateNoRoom, !s.room(p))
	case kindTransfer:
		h |= s.transferHolds(at, p)
	case kindAssertion, kindTimer:
		h.addIf(gateNotRunning, !s.Process.Alive)
		h.addIf(gateSuspended, s.Process.Alive && !s.executes())
	case kindPush:
		h |= s.pushHolds(at, p, s.m.shuts(&s.Dev))
	case kindWidget:
		h |= s.widgetHolds(at, s.widgetOf(p))
	}
	return h
}

// shut is what holds a request whatever its score.
func (s *System) shut(p *pending, at int64) gateSet {
	h := s.m.hard(&s.Dev, p.Type, &p.Request, at)
	h.addIf(gateNoWiFi, s.WiFiOnly && s.Metered && (p.Type == kindRefresh || p.Type == kindPush))
	if p.Exempt {
		h &^= 1 << gateNotCharging
	}
	return h
}
