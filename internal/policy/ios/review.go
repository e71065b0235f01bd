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
	s.Round++
	s.age(at)
	due := int64(record.Never)
	shut := s.m.shuts(&s.Dev)
	for _, p := range s.Waits {
		h, next := s.reviewOne(p, at, shut)
		if due = min(due, next); h != p.Told {
			p.Told, changed = h, true
		}
	}
	for i := range s.Runs {
		due = min(due, s.lookAgain(&s.Runs[i], at))
	}
	s.Due = min(due, s.Contract.Next())
	s.reviewed = at
	return changed
}

// told reports whether the machine is to ask again: it is about to be told so.
func (s *System) told(changed bool) bool {
	changed = changed || s.News || len(s.Ordered) > 0
	s.News = false
	return changed
}

// tell makes the machine ask again as soon as it can.
func (s *System) tell(at int64) { s.News, s.Due = true, min(s.Due, at) }

// reviewOne decides anew about one work. It returns what holds it, and when that may change
// by time alone. Of a work that something holds for sure the rest is left out.
func (s *System) reviewOne(p *pending, at int64, shut gateSet) (h gateSet, due int64) {
	m := s.m
	due = record.Never
	soon := func(t int64) {
		if t > at && t < due {
			due = t
		}
	}
	if p.Debug {
		return 0, due
	}
	h = s.sure(at, p, shut)
	if p.Type.requested() && at < p.StartAfter {
		return h | open, p.StartAfter
	}
	var held int64 // until then, for what happened before
	switch p.Type {
	case kindRefresh:
		if from := s.unusedFrom(); at < from {
			soon(from) // the check is later
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
		soon(s.widgetDue(p, at))
	case kindTimer, kindAssertion:
		soon(p.StartAfter)
	}
	if p.Type.drawn() {
		shut = h &^ (1 << gateRunning)
		if shut&^(1<<gateSpacing|1<<gateNotIdle) == 0 {
			if soon(held); held <= at {
				soon((floorDiv(at, m.Rescore) + 1) * m.Rescore)
			}
		}
		if shut == 0 {
			if !p.Fixed {
				p.outlook, p.Round = s.forecast(p, at), s.Round
			}
			h |= s.chosen(at, p)
		} else {
			h |= open
		}
	}
	return h, due
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
func (s *System) age(at int64) { s.Dev.DaysSinceUse = (at - s.LastUse + day - 1) / day }

// forecast works out a request's outlook.
func (s *System) forecast(p *pending, at int64) outlook {
	o := outlook{Open: s.affords(), Lost: s.lost(p, at)}
	if p.Type == kindRefresh {
		o.Score = s.rate(p, at)
	}
	return o
}

// outlook is how a request stood in the last review. One that something held for sure was
// not looked at, and gets what a review would come to.
func (s *System) outlook(at int64, p *pending) outlook {
	if p.Fixed || p.Round == s.Round {
		return p.outlook
	}
	return s.forecast(p, at)
}

// rate scores a refresh request.
func (s *System) rate(p *pending, at int64) Score {
	m := s.m
	r := rated{
		likely: m.DefaultUse, inUse: s.Uses.likely(s.Slots.Slot, m.slots, m.PredictorCentre),
		battery: s.Dev.Battery, plugged: s.Dev.Charging, locked: s.Locked,
		overdue: at > p.StartBefore, recent: at-s.LastUse <= m.recent,
		passed: at - p.StartAfter, window: p.StartBefore - p.StartAfter,
	}
	if at-s.Installed >= m.LearnDays*day {
		ahead := s.chance.Fork(chanceAhead).Fork(uint64(floorDiv(at, m.LookaheadRedraw)))
		clock := at + s.Shift + m.LookaheadMin + ahead.Below(m.LookaheadJitter+1)
		r.likely = s.Opens.likely(slotOf(clock, m.slotLength), m.slots, m.PredictorCentre)
	}
	for _, q := range s.Waits {
		if q != p && (q.Type == kindRefresh || q.silent()) {
			r.pending++
		}
	}
	return m.score(&r)
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
