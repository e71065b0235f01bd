package ios

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Clear opens one gate of a work, as if the world had been such for long enough. It
// changes nothing else: the score, the budget and the draw of the work stay as they are.
// Where the edit is one of a fact, the fact is to be changed before.
func (s *System) Clear(at int64, j core.Job, e core.Edit) {
	s.touched()
	s.looked = false
	if !s.Begun {
		s.begins(at)
	}
	if e.Kind == core.EditSubmit {
		s.Waiting(at, j)
	}
	p := s.find(j.Work.Seq)
	if p == nil {
		if e.Code == GateOff {
			s.Off = false
			s.tell(at)
		}
		return
	}
	if !p.Fixed {
		p.outlook, p.Fixed = s.outlook(at, p), true
	}
	switch e.Kind {
	case core.EditSubmit:
		p.StartAfter = min(p.StartAfter, at)
	case core.EditAdvance:
		s.clearWait(at, p, e.Code)
	case core.EditFact:
		s.clearFact(at, e)
	case core.EditSense:
		s.clearSense(at, e)
	case core.EditRefill:
		s.clearBudget(at, p)
	case core.EditLift:
		p.Total = p.Theta
	case core.EditWinDraw:
		p.Lost = false
	case core.EditExempt:
		p.Exempt = true
	case core.EditOneFewer:
		if e.Code == GateRunning {
			p.Beside = true
		} else {
			p.Room = true
		}
	}
	s.stale = allKinds
	s.review(at)
	s.tell(at)
}

// clearWait makes the time come that a work waits for.
func (s *System) clearWait(at int64, p *pending, c work.Code) {
	switch {
	case c == GateTooEarly:
		p.StartAfter = min(p.StartAfter, at)
	case c == GateInUse:
		s.leaveAlone(at)
	case p.Type == kindProcessing:
		s.Processed = min(s.Processed, at-s.m.ProcessingSpacing)
	case p.Type == kindPush:
		s.Pushed = min(s.Pushed, at-s.m.PushSpacing)
	case p.Type == kindWidget:
		w := s.widgetOf(p)
		w.Reloaded = min(w.Reloaded, at-s.m.WidgetGap)
	case p.Type == kindTransfer:
		p.StartAfter = min(p.StartAfter, at)
	default:
		s.Launched = min(s.Launched, at-s.m.LaunchSpacing)
	}
}

// leaveAlone makes the phone one that nobody has used for long enough.
func (s *System) leaveAlone(at int64) {
	s.Left = min(s.Left, at-s.m.ProcessingIdle)
	s.Plugged = min(s.Plugged, at-s.m.ProcessingIdle)
}

func (s *System) clearFact(at int64, e core.Edit) {
	switch e.Signal {
	case record.LowPower:
		s.Dev.LowPower = false
	case record.Metered:
		s.Metered = false
		if s.Dev.Network == NetworkCell {
			s.Dev.Network = NetworkWiFi
		}
	case record.Connected:
		s.Dev.Network = NetworkWiFi
		if s.Metered {
			s.Dev.Network = NetworkCell
		}
	case record.BatteryLevel:
		s.Dev.Battery = max(s.Dev.Battery, e.Value)
	case record.Charging:
		s.Dev.Charging = true
		s.Plugged = min(s.Plugged, at-s.m.ProcessingIdle)
	case record.Idle:
		s.ToldInUse = false
		s.derive()
		s.leaveAlone(at)
	}
}

func (s *System) clearSense(at int64, e core.Edit) {
	switch e.Code {
	case GateForceQuit:
		s.Dev.Quit = false
	case GateRefreshOff:
		s.Dev.RefreshAll, s.Dev.RefreshApp = true, true
	case GateForeground:
		s.Process.Front, s.ToldFocal = false, false
		s.derive()
	case GateUnused:
		s.LastUse = at
	case GateInUse:
		s.ToldInUse = false
		s.derive()
		s.leaveAlone(at)
	case GateOff:
		s.Off = false
	case GateNotRunning, GateSuspended:
		s.Process.Alive, s.Process.Front = true, true
		s.derive()
	}
}

// clearBudget fills what a work is paid from.
func (s *System) clearBudget(at int64, p *pending) {
	switch p.Type {
	case kindPush:
		s.PushTurn = min(s.PushTurn, at)
	case kindWidget:
		w := s.widgetOf(p)
		w.Balance, w.Used = max(w.Balance, s.m.WidgetReloads*one), 0
	default:
		p.Open = true
	}
}
