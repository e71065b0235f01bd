package ios

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Gates yields everything that keeps a work from starting. How a request stands that
// chooses by score, budget and draw is as of the last Tick or Sense that reported
// something new, and stands still until the next one.
func (s *System) Gates(at int64, j core.Job, f *record.Facts, yield func(core.Gate) bool) {
	if !s.Begun {
		s.look(at, f)
	}
	p, h := s.asked(at, j, false)
	if p == nil && h == 0 && j.Spec.Phone.Kind != work.KindNotification {
		yield(core.Gate{Code: GateNotPending, Until: record.Never, Edit: core.Edit{Kind: core.EditSubmit, Code: GateNotPending}})
		return
	}
	for h != 0 {
		if !yield(s.gate(at, p, h.next())) {
			return
		}
	}
}

// asked returns what waits for a work, nil if nothing does, and what holds it; in brief,
// of what holds it the first and, if there are more, another one.
func (s *System) asked(at int64, j core.Job, brief bool) (p *pending, h gateSet) {
	if at >= s.Edge {
		s.cross(at)
	}
	s.age(at)
	if p = s.find(j.Work.Seq); p != nil {
		return p, s.holds(at, p, brief)
	}
	h.addIf(gateOff, s.Off && j.Spec.Phone.Kind == work.KindNotification)
	return nil, h
}

// Mark stands for the first thing that holds a work, and for whether it is the only one.
func (s *System) Mark(at int64, j core.Job) uint64 {
	if at == s.reviewed {
		if p := s.find(j.Work.Seq); p != nil && p.mark != markUnknown {
			return uint64(p.mark)
		}
	}
	return s.looksUp(at, j)
}

// looksUp is Mark where it is not known from the last review.
func (s *System) looksUp(at int64, j core.Job) uint64 {
	if at == s.reviewed {
		if p := s.find(j.Work.Seq); p != nil {
			return uint64(p.Type.mark(p.Told&^open | s.another(at, p)))
		}
	}
	switch p, h := s.asked(at, j, true); {
	case p != nil:
		return uint64(p.Type.mark(h))
	case h != 0 || j.Spec.Phone.Kind == work.KindNotification:
		return uint64(kindNone.mark(h))
	}
	return markMissing
}

// Marks are a gate, counted from 1, and what is known of it.
const (
	markGate    = 1<<8 - 1
	markAssumed = 1 << 8
	markMore    = 1 << 9
	markMissing = 1 << 10 // nothing waits for the work
	markUnknown = 1 << 11 // of a work that was not looked at to the end
)

// mark returns the mark of what holds a work of a kind.
func (k kind) mark(h gateSet) uint32 {
	if h == 0 {
		return 0
	}
	more := h.several()
	g := h.next()
	mark := uint32(g) + 1 + uint32(assumed[k]>>g&1)*markAssumed
	if more {
		mark += markMore
	}
	return mark
}

// Marked says what a mark stands for.
func (s *System) Marked(mark uint64) (first core.Hold, alone bool) {
	if mark == markMissing {
		return core.Hold{Code: GateNotPending}, true
	}
	return core.Hold{Code: gates[mark&markGate-1], Assumed: mark&markAssumed != 0}, mark&markMore == 0
}

// Free reports whether it may let a work of a kind start.
func (s *System) Free(int64, work.Kind) bool { return true }

// holds returns what holds a work; in brief, the first of it and another one at least, if
// there are more.
func (s *System) holds(at int64, p *pending, brief bool) gateSet {
	x := p.standing
	if !s.quiet || at < s.seen.At || at >= x.ends || s.stale&x.of != 0 {
		s.stand(at, p, s.shuts(), &x)
	}
	h := x.sure &^ open
	h.addIf(gateRunning, s.beside(p))
	if brief && h.several() {
		return h
	}
	if brief && h != 0 {
		return h | s.another(at, p)
	}
	return h | s.chosen(at, p)
}

// beside reports whether a run of the same identifier holds a request.
func (s *System) beside(p *pending) bool {
	return p.Type.requested() && !p.Beside && !p.Debug && s.running(p.ID) != nil
}

// chosen returns what holds a request for how it stands by score, budget and draw.
func (s *System) chosen(at int64, p *pending) gateSet {
	if p.Debug || !p.Type.drawn() {
		return 0
	}
	o := s.outlook(at, p)
	return s.standsBy(p, &o)
}

// standsBy returns what holds a request that stands so.
func (s *System) standsBy(p *pending, o *outlook) (h gateSet) {
	if p.Type == kindRefresh {
		h.addIf(gateBudget, !o.Open)
		h.addIf(gateData, s.Metered && !s.WiFiOnly && p.Bytes > s.Accounts.Cell)
		h.addIf(gateScore, o.Total < o.Theta)
	}
	h.addIf(gateSlot, o.Lost)
	return h
}

// another returns one thing at least of what chosen does, if there is any: a draw is told
// sooner than a score.
func (s *System) another(at int64, p *pending) gateSet {
	if !p.Fixed && !p.Rated && !p.Debug && p.Type.drawn() && s.lost(p, at) {
		return 1 << gateSlot
	}
	return s.chosen(at, p)
}

// assumed is what rests on a parameter that is an assumption of ours, by kind.
var assumed = [kindWidget + 1]gateSet{
	kindRefresh:    1<<gateUnused | 1<<gateSpacing | 1<<gateBudget | 1<<gateData | 1<<gateScore | 1<<gateSlot,
	kindProcessing: 1<<gateSpacing | 1<<gateNotIdle | 1<<gateSlot,
	kindHealth:     1 << gateSpacing,
	kindContinued:  1 << gateNoRoom,
	kindTransfer:   1<<gatePutOff | 1<<gateNoWiFi | 1<<gateNoPower,
	kindWidget:     1 << gateBudget,
}

// gate is a gate with what opens it. Of none that waits it is one of the phone.
func (s *System) gate(at int64, p *pending, g gate) core.Gate {
	if g == gateOff {
		return s.sense(g, core.SenseBooted, 0)
	}
	var out core.Gate
	switch g {
	case gateTooEarly, gatePutOff:
		out = s.wait(g, p.StartAfter)
	case gateForceQuit, gateUnused, gateNotRunning, gateSuspended:
		out = s.sense(g, core.SenseAppOpened, 0)
	case gateRefreshOff:
		out = s.sense(g, core.SenseRefresh, 1)
		if !s.Dev.RefreshAll {
			out = s.sense(g, core.SenseRefreshAll, 1)
		}
	case gateLowPower:
		out = s.fact(g, record.LowPower, 0)
	case gateForeground:
		out = s.sense(g, core.SenseAppLeft, 0)
	case gateNoNetwork:
		out = s.fact(g, record.Connected, 1)
	case gateNoWiFi:
		if out = s.fact(g, record.Metered, 0); p.Type == kindTransfer {
			out.Until = p.StartBefore
		}
	case gateBattery:
		out = s.fact(g, record.BatteryLevel, s.m.CriticalPercent)
	case gateInUse:
		out = s.sense(g, core.SenseScreen, 0)
		if !s.Screened {
			out = s.fact(g, record.Idle, 1)
		}
	case gateNotCharging:
		if out = s.fact(g, record.Charging, 1); s.m.SavesPower(&s.Dev) {
			// Plugging in would end what Low Power Mode keeps from it as well.
			out.Edit = core.Edit{Kind: core.EditExempt, Code: out.Code}
		}
	case gateNoPower:
		out = s.fact(g, record.Charging, 1)
		out.Until = p.StartBefore
	case gateRunning, gateNoRoom:
		out = s.other(g, core.EditOneFewer, 0)
	case gateSpacing:
		out = s.wait(g, s.spacedUntil(p))
	case gateNotIdle:
		out = s.wait(g, s.untilIdle())
	case gateBudget:
		if out = s.other(g, core.EditRefill, 0); p.Type == kindPush {
			out.Until = s.pushTurn()
		}
	case gateData:
		out = s.fact(g, record.Metered, 0)
	case gateReserve:
		out = s.fact(g, record.BatteryLevel, s.m.UtilityPercent)
	case gateScore:
		out = s.other(g, core.EditLift, s.outlook(at, p).Theta)
	case gateSlot:
		out = s.other(g, core.EditWinDraw, 0)
	}
	out.Assumed = assumed[p.Type].has(g)
	return out
}

// spacedUntil is when a work may start, for when the one before did.
func (s *System) spacedUntil(p *pending) int64 {
	switch p.Type {
	case kindProcessing:
		return s.Processed + s.m.ProcessingSpacing
	case kindPush:
		return s.Pushed + s.m.PushSpacing
	case kindWidget:
		return s.widgetOf(p).Reloaded + s.m.WidgetGap
	}
	return s.Launched + s.m.LaunchSpacing
}

// wait is a gate that time opens.
func (s *System) wait(g gate, until int64) core.Gate {
	return core.Gate{Code: gates[g], Until: until, Edit: core.Edit{Kind: core.EditAdvance, Code: gates[g], Value: until}}
}

// sense is a gate that something opens which happens.
func (s *System) sense(g gate, k core.SenseKind, value int64) core.Gate {
	return core.Gate{Code: gates[g], Until: record.Never, Edit: core.Edit{Kind: core.EditSense, Sense: k, Code: gates[g], Value: value}}
}

// fact is a gate that a fact opens.
func (s *System) fact(g gate, signal record.Signal, value int64) core.Gate {
	return core.Gate{Code: gates[g], Until: record.Never, Edit: core.Edit{Kind: core.EditFact, Signal: signal, Code: gates[g], Value: value}}
}

// other is a gate that nothing of these opens.
func (s *System) other(g gate, k core.EditKind, value int64) core.Gate {
	return core.Gate{Code: gates[g], Until: record.Never, Edit: core.Edit{Kind: k, Code: gates[g], Value: value}}
}
