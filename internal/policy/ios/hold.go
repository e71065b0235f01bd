package ios

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// What keeps a work from starting that no hard gate holds, in the order in which it is
// told, and what keeps other kinds than requests.
const (
	GateSpacing work.Code = "spacing"               // too soon after the last one
	GateBudget  work.Code = "budget_exhausted"      // of energy, cellular data, pushes or reloads
	GateScore   work.Code = "score_below_threshold" // the user is not likely to open the app soon
	GateSlot    work.Code = "slot_contention"       // other apps go first

	GateRunning    work.Code = "still_running"   // the last run of the identifier
	GateNoRoom     work.Code = "no_room"         // for more continued work
	GateNotRunning work.Code = "app_not_running" // a timer or an assertion lives in the app's process
	GateSuspended  work.Code = "app_suspended"
	GateOff        work.Code = "device_off"
)

// Gates yields everything that keeps a work from starting. What holds a request that no
// hard gate holds is as of the last Tick or Sense that reported something new, and
// stands still until the next one.
func (s *System) Gates(at int64, j core.Job, f *record.Facts, yield func(core.Gate) bool) {
	if !s.Begun {
		s.look(at, f)
	}
	if at >= s.Edge {
		s.cross(at)
	}
	s.age(at)
	p := s.find(j)
	switch {
	case p != nil:
		s.gates(at, p, yield)
	case kindOf(j.Spec.Phone.Kind) != kindNotification:
		yield(core.Gate{Code: GateNotPending, Until: record.Never, Edit: core.Edit{Kind: core.EditSubmit, Code: GateNotPending}})
	case s.Off:
		yield(s.sense(GateOff, core.SenseBooted, 0))
	}
}

// gates yields what holds a work.
func (s *System) gates(at int64, p *pending, yield func(core.Gate) bool) {
	if p.Debug || s.Off && !yield(s.sense(GateOff, core.SenseBooted, 0)) {
		return
	}
	held := false
	if p.Type.requested() {
		var on bool
		if held, on = s.hardGates(at, p, yield); !on {
			return
		}
	}
	s.otherGates(at, p, held, yield)
}

// otherGates yields what holds a work besides hard gates. Held tells whether one of those
// does.
func (s *System) otherGates(at int64, p *pending, held bool, yield func(core.Gate) bool) {
	if len(s.Runs) > 0 && p.Type.requested() && !p.Beside && s.running(p.ID) != nil &&
		!yield(core.Gate{Code: GateRunning, Until: record.Never, Edit: core.Edit{Kind: core.EditOneFewer, Code: GateRunning}}) {
		return
	}
	switch p.Type {
	case kindRefresh:
		s.refreshGates(at, held, p, yield)
	case kindProcessing:
		s.processingGates(at, held, p, yield)
	case kindHealth:
		s.healthGates(at, p, yield)
	case kindContinued:
		if !s.room(p) {
			yield(core.Gate{Code: GateNoRoom, Until: record.Never, Edit: core.Edit{Kind: core.EditOneFewer, Code: GateNoRoom}, Assumed: true})
		}
	case kindTransfer:
		s.transferGates(at, p, yield)
	case kindAssertion, kindTimer:
		switch {
		case !s.Process.Alive:
			yield(s.sense(GateNotRunning, core.SenseAppOpened, 0))
		case !s.executes():
			yield(s.sense(GateSuspended, core.SenseAppOpened, 0))
		}
	case kindPush:
		s.pushGates(at, p, yield)
	case kindWidget:
		s.widgetGates(at, p, yield)
	}
}

// hardGates yields what holds a request whatever its score, and reports whether
// anything does, and whether to go on.
func (s *System) hardGates(at int64, p *pending, yield func(core.Gate) bool) (held, on bool) {
	on = true
	s.m.HardGates(&s.Dev, &p.Request, at, func(c work.Code) bool {
		if c == GateNotCharging && p.Exempt {
			return true
		}
		held = true
		on = yield(s.gate(p, c))
		return on
	})
	return held, on
}

// refreshGates yields what else holds a refresh request.
func (s *System) refreshGates(at int64, held bool, p *pending, yield func(core.Gate) bool) {
	if t := s.Launched + s.m.LaunchSpacing; at < t {
		held = true
		if !yield(s.wait(GateSpacing, t, true)) {
			return
		}
	}
	o := s.outlook(at, held, p)
	if !o.Open && !yield(core.Gate{Code: GateBudget, Until: record.Never, Edit: core.Edit{Kind: core.EditRefill, Code: GateBudget}, Assumed: true}) {
		return
	}
	if s.Metered && p.Bytes > s.Accounts.Cell {
		g := s.fact(GateBudget, record.Metered, 0)
		g.Assumed = true
		if !yield(g) {
			return
		}
	}
	if o.Total < o.Theta && !yield(core.Gate{
		Code: GateScore, Until: record.Never, Edit: core.Edit{Kind: core.EditLift, Code: GateScore, Value: o.Theta}, Assumed: true,
	}) {
		return
	}
	slotGate(o, yield)
}

// processingGates yields what else holds a processing request.
func (s *System) processingGates(at int64, held bool, p *pending, yield func(core.Gate) bool) {
	if t := s.Processed + s.m.ProcessingSpacing; at < t {
		held = true
		if !yield(s.wait(GateSpacing, t, true)) {
			return
		}
	}
	if t := s.untilIdle(); at < t && !s.Dev.InUse {
		held = true
		if !yield(s.wait(GateInUse, t, true)) {
			return
		}
	}
	slotGate(s.outlook(at, held, p), yield)
}

// slotGate yields that other apps go first.
func slotGate(o outlook, yield func(core.Gate) bool) {
	if o.Lost {
		yield(core.Gate{Code: GateSlot, Until: record.Never, Edit: core.Edit{Kind: core.EditWinDraw, Code: GateSlot}, Assumed: true})
	}
}

// healthGates yields what else holds a health research request.
func (s *System) healthGates(at int64, p *pending, yield func(core.Gate) bool) {
	if t := s.Launched + s.m.LaunchSpacing; at < t && !yield(s.wait(GateSpacing, t, true)) {
		return
	}
	if d := &s.Dev; !p.Power && !d.Charging && d.Battery < s.m.UtilityPercent {
		yield(s.gate(p, GateBattery))
	}
}

// wait is a gate that time opens.
func (s *System) wait(c work.Code, until int64, assumed bool) core.Gate {
	return core.Gate{Code: c, Until: until, Edit: core.Edit{Kind: core.EditAdvance, Code: c, Value: until}, Assumed: assumed}
}

// sense is a gate that something opens which happens.
func (s *System) sense(c work.Code, k core.SenseKind, value int64) core.Gate {
	return core.Gate{Code: c, Until: record.Never, Edit: core.Edit{Kind: core.EditSense, Sense: k, Code: c, Value: value}}
}

// fact is a gate that a fact opens.
func (s *System) fact(c work.Code, signal record.Signal, value int64) core.Gate {
	return core.Gate{Code: c, Until: record.Never, Edit: core.Edit{Kind: core.EditFact, Signal: signal, Code: c, Value: value}}
}

// gate is a hard gate with what opens it.
func (s *System) gate(p *pending, c work.Code) core.Gate {
	switch c {
	case GateTooEarly:
		return s.wait(c, p.StartAfter, false)
	case GateForceQuit:
		return s.sense(c, core.SenseAppOpened, 0)
	case GateRefreshOff:
		if !s.Dev.RefreshAll {
			return s.sense(c, core.SenseRefreshAll, 1)
		}
		return s.sense(c, core.SenseRefresh, 1)
	case GateLowPower:
		return s.fact(c, record.LowPower, 0)
	case GateForeground:
		return s.sense(c, core.SenseAppLeft, 0)
	case GateNoNetwork:
		return s.fact(c, record.Connected, 1)
	case GateUnused:
		g := s.sense(c, core.SenseAppOpened, 0)
		g.Assumed = p.Type == kindRefresh
		return g
	case GateBattery:
		if p.Type == kindHealth {
			return s.fact(c, record.BatteryLevel, s.m.UtilityPercent)
		}
		return s.fact(c, record.BatteryLevel, s.m.CriticalPercent)
	case GateInUse:
		if !s.Screened {
			return s.fact(c, record.Idle, 1)
		}
		return s.sense(c, core.SenseScreen, 0)
	case GateNotCharging:
		if s.m.SavesPower(&s.Dev) {
			// Plugging in would end what Low Power Mode keeps from it as well.
			return core.Gate{Code: c, Until: record.Never, Edit: core.Edit{Kind: core.EditExempt, Code: c}}
		}
		return s.fact(c, record.Charging, 1)
	}
	return core.Gate{Code: c, Until: record.Never}
}
