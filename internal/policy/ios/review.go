package ios

import "github.com/lullwork/lull/internal/record"

// outlook is what a review comes to for one request.
type outlook struct {
	Score
	Open bool // there is energy left
	Lost bool // it does not get a slot
}

// review decides anew about everything that waits, and when to do so again. It reports
// whether what holds a work is another thing than the machine was told.
func (s *System) review(at int64) (changed bool) {
	if at >= s.Edge {
		s.cross(at)
	}
	s.age(at)
	if at < s.seen.At {
		s.stale = allKinds
	}
	if !s.quiet {
		s.observe()
	}
	s.seen.At = at
	due := int64(record.Never)
	for _, p := range s.Waits {
		if at >= p.ends || s.stale>>p.Type&1 != 0 {
			s.stand(at, p)
		}
		h := p.sure
		if len(s.Runs) > 0 {
			h.addIf(gateRunning, s.beside(p))
		}
		if p.ripe {
			if !p.Fixed {
				s.forecast(p, at, &p.outlook)
				p.Rated = true
			}
			h |= s.standsBy(p, &p.outlook)
		}
		if due = min(due, p.due); h != p.Told {
			p.Told, changed = h, true
		}
	}
	s.stale &= others
	for i := range s.Runs {
		due = min(due, s.lookAgain(&s.Runs[i], at))
	}
	s.Due = min(due, s.Contract.Next())
	s.reviewed, s.quiet = at, true
	return changed
}

// touched tells that something happens that works may depend on.
func (s *System) touched() { s.reviewed, s.quiet = never, false }

// told reports whether the machine is to ask again: it is about to be told so.
func (s *System) told(changed bool) bool {
	changed = changed || s.News || len(s.Ordered) > 0
	s.News = false
	return changed
}

// tell makes the machine ask again as soon as it can.
func (s *System) tell(at int64) { s.News, s.Due = true, min(s.Due, at) }

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
func (s *System) age(at int64) { s.Dev.DaysSinceUse = (at - s.LastUse + day - 1) / day }

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
	r := rated{
		likely: m.DefaultUse, inUse: s.Uses.likely(s.Slots.Slot, m.slots, m.PredictorCentre),
		battery: s.Dev.Battery, plugged: s.Dev.Charging, locked: s.Locked,
		overdue: at > p.StartBefore, recent: at-s.LastUse <= m.recent,
	}
	if at-s.Installed >= m.LearnDays*day {
		r.likely = s.Opens.likely(s.ahead(at), m.slots, m.PredictorCentre)
	}
	if s.stale&others != 0 {
		s.count()
	}
	r.pending = s.launches - 1
	if r != s.rated {
		s.rated, s.score = r, m.score(&r)
	}
	*o = s.score
	o.Theta = m.theta(at-p.StartAfter, p.StartBefore-p.StartAfter)
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

// ahead is the slot of the day for which the system asks whether the user will open the app.
func (s *System) ahead(at int64) int {
	m := s.m
	if turn := floorDiv(at, m.LookaheadRedraw); turn != s.redrawn || !s.drawn {
		c := s.chance.Fork(chanceAhead).Fork(uint64(turn))
		s.redrawn, s.drawn, s.lookahead = turn, true, m.LookaheadMin+c.Below(m.LookaheadJitter+1)
	}
	return slotOf(at+s.Shift+s.lookahead, m.slotLength)
}

// lost reports whether a request does not get a slot at an instant: draws are for
// periods of rescoring, however often something else makes for a review.
func (s *System) lost(p *pending, as int64) bool {
	if s.Busy {
		return true
	}
	turn := floorDiv(as, s.m.Rescore)
	if d := &p.draw; !d.made || d.turn != turn {
		odds := s.m.RefreshSlot
		if p.Type == kindProcessing {
			odds = s.m.ProcessingSlot
		}
		c := s.chance.Fork(chanceSlot).Fork(p.Key).Fork(uint64(turn))
		*d = draw{true, turn, !c.Chance(odds)}
	}
	return p.draw.lost
}

// draw is the last one of a work: a period of rescoring sees many reviews.
type draw struct {
	made bool
	turn int64
	lost bool
}
