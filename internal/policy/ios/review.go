package ios

import (
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
)

// outlook is what a review comes to for one request.
type outlook struct {
	Score
	Open bool // there is energy left
	Lost bool // it does not get a slot
}

// review decides anew about everything that waits, and when to do so again. It reports
// whether what holds a work is another thing than the machine was told. Once in the code is
// enough: it is long.
//
//go:noinline
func (s *System) review(at int64) (changed bool) {
	if at >= s.Edge {
		s.cross(at)
	}
	if at < s.seen.At {
		s.stale, s.aged, s.rescore = allKinds, never, never
		s.relearn()
	}
	s.seen.At = at
	if at >= s.rescore {
		s.rescore = (floorDiv(at, s.m.Rescore) + 1) * s.m.Rescore
	}
	s.age(at)
	if !s.quiet || s.stale&outside != 0 {
		s.observe()
	}
	anew := s.stale
	if anew&running != 0 {
		anew |= requests
	}
	due := int64(record.Never)
	if len(s.Runs)+len(s.Process.Assertions) > 0 {
		due = s.runsDue(at)
	}
	for _, p := range s.Waits {
		if at >= p.again || anew&p.of != 0 {
			if s.renew(at, p) {
				changed = true
			}
			if p.ripe {
				due = min(due, s.rescore)
			}
		}
		due = min(due, p.due)
	}
	s.stale &= others
	if s.Due = due; s.News {
		s.Due = min(due, at)
	}
	s.reviewed, s.quiet = at, true
	return changed
}

// renew decides anew about one work, and reports what a review does.
func (s *System) renew(at int64, p *pending) (changed bool) {
	if at >= p.ends || s.stale&p.of != 0 {
		s.stand(at, p, s.seen.Shut, &p.standing)
		p.Rated = false
	}
	h := p.sure
	h.addIf(gateRunning, len(s.Runs) > 0 && s.beside(p))
	if p.ripe {
		if !p.Fixed {
			s.forecast(p, at, &p.outlook)
			p.Rated = true
		}
		h |= s.standsBy(p, &p.outlook)
	}
	if changed = h != p.Told; changed || p.mark == 0 {
		p.Told, p.mark = h, markUnknown
		if sure := h &^ open; sure == h || sure.several() {
			p.mark = p.Type.mark(sure)
		}
	}
	return changed
}

// touched tells that something happens that works may depend on.
func (s *System) touched() { s.reviewed, s.quiet = never, false }

// told reviews, and reports whether the machine is to ask again: it is about to be told so.
func (s *System) told(at int64) bool {
	news := s.unsaid()
	return s.review(at) || news
}

// unsaid is told without a review.
func (s *System) unsaid() bool {
	news := s.News || len(s.Ordered) > 0
	s.News = false
	return news
}

// tell makes the machine ask again as soon as it can.
func (s *System) tell(at int64) { s.News, s.Due = true, min(s.Due, at) }

// runsDue is when time alone may end what goes on.
func (s *System) runsDue(at int64) int64 {
	due := s.Contract.Next()
	for i := range s.Runs {
		due = min(due, s.lookAgain(&s.Runs[i], at))
	}
	return due
}

// lookAgain is when a run is looked at next, but for the end of its time.
func (s *System) lookAgain(r *run, at int64) int64 {
	switch {
	case r.Expired:
		return r.Kill
	case r.Type == kindContinued && s.Hot:
		return (floorDiv(at, minute) + 1) * minute
	}
	return record.Never
}

// age counts the days since the app was used, one that has begun as one.
func (s *System) age(at int64) {
	if at > s.aged || s.LastUse != s.agedFrom {
		days := (at - s.LastUse + day - 1) / day
		s.Dev.DaysSinceUse, s.agedFrom, s.aged = days, s.LastUse, s.LastUse+days*day
	}
}

// forecast works out a request's outlook.
func (s *System) forecast(p *pending, at int64, o *outlook) {
	o.Open, o.Lost = s.affords(), s.lost(p, at)
	if p.Type == kindRefresh {
		s.rate(p, at, &o.Score)
	}
}

// outlook is how a request stood in the last review. One that something held for sure was
// not looked at, and gets what a review would come to.
func (s *System) outlook(at int64, p *pending) outlook {
	if p.Fixed || p.Rated {
		return p.outlook
	}
	var o outlook
	s.forecast(p, at, &o)
	return o
}

// rate scores a refresh request.
func (s *System) rate(p *pending, at int64, o *Score) {
	m := s.m
	if at >= s.likely.until {
		s.expect(at)
	}
	if s.stale&others != 0 {
		s.count()
	}
	x, d, overdue := &s.likely, &s.Dev, at > p.StartBefore
	recent := overdue && at-s.LastUse <= m.recent
	if r := &s.rated; r.likely != x.opens || r.inUse != x.inUse || r.pending != s.launches-1 || r.battery != d.Battery ||
		r.plugged != d.Charging || r.locked != s.Locked || r.overdue != overdue || r.recent != recent {
		*r = rated{x.opens, x.inUse, d.Battery, s.launches - 1, d.Charging, s.Locked, overdue, recent}
		m.score(r, &s.scored)
	}
	*o = s.scored
	o.Theta = m.theta(at-p.StartAfter, p.StartBefore-p.StartAfter)
}

// likelihoods are what habits tell, as long as nothing is added to them.
type likelihoods struct {
	opens int64 // of a launch by the user, at the time that is looked ahead to
	inUse int64 // of a use of the phone now
	until int64
	slot  int64 // until its end inUse stands
}

// relearn tells that habits are other ones, or what they are asked for.
func (s *System) relearn() { s.likely.until, s.likely.slot = never, never }

// expect works out how likely it is what habits tell of.
func (s *System) expect(at int64) {
	m, x := s.m, &s.likely
	turn := floorDiv(at, m.LookaheadRedraw)
	x.until = min((turn+1)*m.LookaheadRedraw, s.Slots.Ends)
	if x.opens = m.DefaultUse; x.slot != s.Slots.Ends {
		x.slot, x.inUse = s.Slots.Ends, s.Uses.likely(s.Slots.Slot, m.slots, m.PredictorCentre)
	}
	if left := m.LearnDays*day - (at - s.Installed); left > 0 {
		x.until = min(x.until, at+left)
		return
	}
	c := s.aheads.Fork(uint64(turn))
	ahead := at + s.Shift + m.LookaheadMin + c.Below(m.LookaheadJitter+1)
	clock := ahead - floorDiv(ahead, day)*day
	slot := clock / m.slotLength
	x.opens = s.Opens.likely(int(slot), m.slots, m.PredictorCentre)
	x.until = min(x.until, at-clock+min((slot+1)*m.slotLength, day))
}

// count counts what waits to launch the app.
func (s *System) count() {
	s.launches, s.stale = 0, s.stale&^others
	for _, p := range s.Waits {
		if p.Type == kindRefresh || p.silent() {
			s.launches++
		}
	}
}

// lost reports whether a request does not get a slot at an instant: draws are for
// periods of rescoring, however often something else makes for a review.
func (s *System) lost(p *pending, at int64) bool {
	d := &p.draw
	if at < d.from || at >= d.until {
		turn := floorDiv(at, s.m.Rescore)
		odds := s.m.RefreshSlot
		if p.Type == kindProcessing {
			odds = s.m.ProcessingSlot
		}
		if d.until == 0 {
			d.slots = s.chance.Fork(chanceSlot).Fork(p.Key)
		}
		c := d.slots.Fork(uint64(turn))
		d.from, d.until, d.lost = turn*s.m.Rescore, (turn+1)*s.m.Rescore, !c.Chance(odds)
	}
	return d.lost || s.Busy
}

// draw is the last one of a work: a period of rescoring sees many reviews.
type draw struct {
	from, until int64 // of an empty period is none
	lost        bool
	slots       chance.Stream
}
