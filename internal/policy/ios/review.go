package ios

import (
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// outlook is what a review comes to for one request.
type outlook struct {
	Score
	Open bool // there is energy left
	Lost bool // it does not get a slot
}

// review decides anew about everything that waits, and when to do so again.
func (s *System) review(at int64) {
	if at >= s.Edge {
		s.cross(at)
	}
	s.Reviewed = at
	s.age(at)
	due := int64(record.Never)
	for i := range s.Pending {
		if p := &s.Pending[i]; at < p.StartAfter {
			due = min(due, p.StartAfter)
		} else {
			due = min(due, s.reviewOne(p, at))
		}
	}
	for i := range s.Running {
		due = min(due, s.endOf(&s.Running[i], at))
	}
	if s.Linger > at {
		due = min(due, s.Linger)
	}
	s.Due = due
}

// reviewOne decides anew about one work, and returns when that may change by time alone.
func (s *System) reviewOne(p *pending, at int64) int64 {
	m, due := s.m, int64(record.Never)
	soon := func(t int64) {
		if t > at && t < due {
			due = t
		}
	}
	switch p.Type {
	case kindRefresh, kindProcessing:
		var held int64 // until then, for what happened before
		if p.Type == kindRefresh {
			soon(s.LastUse + m.UnusedRefresh*day + 1)
			soon(s.unusedCheck())
			held = s.Launched + m.LaunchSpacing
		} else {
			soon(s.LastUse + m.UnusedProcessing*day + 1)
			held = max(s.Processed+m.ProcessingSpacing, s.untilIdle())
		}
		if s.shut(p, at) {
			break
		}
		if !p.Fixed {
			p.outlook, p.At = s.forecast(p, at), at
		}
		if soon(held); held <= at {
			soon((floorDiv(at, m.Rescore) + 1) * m.Rescore)
		}
	case kindHealth:
		soon(s.Launched + m.LaunchSpacing)
	case kindPush:
		soon(s.Pushed + m.PushSpacing)
		soon(s.pushTurn())
	case kindTransfer:
		soon(p.StartBefore)
	case kindWidget:
		soon(s.widgetDue(p, at))
	}
	return due
}

// endOf is when a run is looked at next.
func (s *System) endOf(a *active, at int64) int64 {
	switch {
	case a.Stopping:
		return record.Never
	case a.Type == kindContinued && s.Hot:
		return min(a.Ends, (floorDiv(at, minute)+1)*minute)
	}
	return a.Ends
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

// outlook is what the last review came to. A request that something held then and does
// now was not reviewed, and gets what a review would come to.
func (s *System) outlook(at int64, held bool, p *pending) outlook {
	if p.Fixed || !held && p.At == s.Reviewed {
		return p.outlook
	}
	return s.forecast(p, at)
}

// shut reports whether a request cannot start whatever its score.
func (s *System) shut(p *pending, at int64) bool {
	shut := false
	s.m.HardGates(&s.Dev, &p.Request, at, func(work.Code) bool {
		shut = true
		return false
	})
	return shut
}

// held reports whether a request cannot start, for what the phone is like or because it
// is too soon.
func (s *System) held(p *pending, at int64) bool {
	switch {
	case s.shut(p, at):
		return true
	case p.Type == kindRefresh:
		return at < s.Launched+s.m.LaunchSpacing
	}
	return p.Type == kindProcessing && at < max(s.Processed+s.m.ProcessingSpacing, s.untilIdle())
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
	for i := range s.Pending {
		if q := &s.Pending[i]; q != p && (q.Type == kindRefresh || q.silent()) {
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
	odds := s.m.RefreshSlot
	if p.Type == kindProcessing {
		odds = s.m.ProcessingSlot
	}
	draw := s.chance.Fork(chanceSlot).Fork(p.Key).Fork(uint64(floorDiv(as, s.m.Rescore)))
	return !draw.Chance(odds)
}
