package ios

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Sense takes in what happened on the phone.
func (s *System) Sense(at int64, e core.Sense, f *record.Facts) bool {
	changed := s.look(at, f)
	on := e.Value != 0
	switch e.Kind {
	case core.SenseFacts:
		return changed && s.react(at)
	case core.SenseScreen:
		s.Screened = true
		if on == s.Dev.InUse {
			return changed && s.react(at)
		}
		s.use(at, on)
	case core.SenseUnlocked:
		if !s.unlocked(at) {
			return changed && s.react(at)
		}
	case core.SenseAppOpened:
		s.opened(at)
	case core.SenseAppLeft:
		s.left(at)
	case core.SenseAppSwiped:
		s.swiped(at)
	case core.SenseAppDied, core.SenseAppCrashed, core.SenseUpdated:
		s.dies(e.Kind.String(), work.StopUnknown)
	case core.SenseInstalled:
		s.installed(at)
	case core.SenseShutdown:
		s.Off = true
		s.dies("shutdown", work.StopUnknown)
		s.killRest("shutdown")
	case core.SenseBooted:
		s.booted(at)
	case core.SenseLocalTime:
		s.travel(at, e.Value)
	case core.SenseRefresh:
		s.allow(&s.Dev.RefreshApp, on)
	case core.SenseRefreshAll:
		s.allow(&s.Dev.RefreshAll, on)
	case core.SenseWidgetSeen:
		s.Looks.mark(s.Reloads.Slot)
		return changed && s.react(at)
	case core.SenseMedia:
		s.Media = on
	case core.SenseThermal:
		s.Hot = on
	case core.SenseCPUBusy:
		s.Busy = on
	case core.SenseUserCancels:
		s.stopTask(e.Task, work.StopUser, "the user cancelled it")
	case core.SenseStalled:
		s.stalled(at, e.Task)
	case core.SenseDebugLaunch:
		for _, p := range s.Pending {
			p.Debug = p.Debug || p.Task == e.Task
		}
	case core.SenseDebugExpire:
		for i := range s.Running {
			if a := &s.Running[i]; a.Task == e.Task && a.Debug {
				s.stop(a, work.StopTimeout, "a debugger expired it")
			}
		}
	case core.SenseDebugger:
		s.Dev.Debugger = on
	default: // Android's, and what iOS does not heed
		return changed && s.react(at)
	}
	return s.react(at)
}

// react reviews what waits after something happened, and reports whether there is
// anything that it may matter to.
func (s *System) react(at int64) bool {
	if len(s.Pending)+len(s.Running)+len(s.Ordered) == 0 {
		s.Reviewed, s.Due = at, record.Never
		return false
	}
	s.expire(at)
	return s.told(s.review(at))
}

// use tells that somebody begins or ceases to use the phone.
func (s *System) use(at int64, on bool) {
	s.account(at)
	s.Dev.InUse = on
	if !on {
		s.Left = at
		return
	}
	s.Used = at
	s.Uses.mark(s.Slots.Slot)
	for i := range s.Running {
		if a := &s.Running[i]; a.Type == kindProcessing || a.Type == kindHealth {
			s.stop(a, work.StopDeviceState, "the user began to use the phone")
		}
	}
}

// plug tells that the charger is plugged in or out.
func (s *System) plug(at int64, in bool) {
	s.account(at)
	s.Dev.Charging = in
	if in {
		s.Plugged = at
		return
	}
	for i := range s.Running {
		if a := &s.Running[i]; a.Power && (a.Type == kindProcessing || a.Type == kindHealth) {
			s.stop(a, work.StopCharging, "the charger was unplugged")
		}
	}
}

// unlocked tells that the user unlocked the phone, and reports whether that matters.
func (s *System) unlocked(at int64) bool {
	matters := s.Locked
	s.Locked = false
	for i := range s.Running {
		if a := &s.Running[i]; a.Type == kindRefresh && s.m.RefreshInUse > 0 {
			a.Ends = min(a.Ends, at+s.m.RefreshInUse)
			matters = true
		}
	}
	return matters
}

// opened tells that the app comes to the front.
func (s *System) opened(at int64) {
	s.Opens.mark(s.Slots.Slot)
	s.Dev.Focal, s.Dev.Quit, s.Alive, s.Locked = true, false, true, false
	s.LastUse, s.Linger = at, never
	s.Transfers = TransferLimiter{}
	for i := range s.Running {
		if a := &s.Running[i]; a.Type == kindAssertion {
			a.Ends = record.Never
		}
	}
}

// left tells that the app goes to the background. What keeps its process from being
// suspended does so for a while only.
func (s *System) left(at int64) {
	if !s.Dev.Focal {
		return
	}
	s.Dev.Focal = false
	s.LastUse = at
	timers := false
	for _, p := range s.Pending {
		timers = timers || p.Type == kindTimer
	}
	for i := range s.Running {
		a := &s.Running[i]
		timers = timers || a.Type == kindTimer
		if a.Type == kindAssertion {
			a.Ends = at + s.m.AssertionLimit
		}
	}
	if timers {
		s.Linger = at + s.m.AssertionLimit
	}
	s.suspend(at)
}

// swiped tells that the user removed the app from the switcher.
func (s *System) swiped(at int64) {
	if s.Dev.Focal {
		s.LastUse = at
	}
	s.dies(string(GateForceQuit), work.StopUser)
	s.Dev.Quit = true
	s.dropAll(string(GateForceQuit), func(p *pending) bool {
		return p.Type == kindRefresh || p.Type == kindTransfer || p.silent()
	})
	for i := range s.Running {
		if a := &s.Running[i]; a.Type == kindTransfer {
			s.kill(a, work.StopUser, CancelledQuit)
		}
	}
}

// installed tells that the app is new on the phone.
func (s *System) installed(at int64) {
	s.dies("installed", work.StopUnknown)
	s.killRest("installed")
	s.dropAll("installed", func(*pending) bool { return true })
	s.Opens.begin()
	s.Looks.begin()
	s.Widgets = s.Widgets[:0]
	for _, n := range s.Shown {
		s.order(core.OrderDrop, n.Work, work.StopSystem, "installed")
	}
	s.Shown = s.Shown[:0]
	s.Dev.Quit, s.Dev.RefreshApp = false, true
	s.Installed, s.LastUse = at, at
	s.Launched, s.Processed, s.Pushed, s.PushTurn = never, never, never, never
}

// booted tells that the phone is on again. What was handed to the system is still there.
func (s *System) booted(at int64) {
	s.dies("reboot", work.StopUnknown)
	s.killRest("reboot")
	s.Off, s.Locked = false, true
	if s.Screened {
		s.Dev.InUse = false
	}
	s.Left = at
	s.Media = false
	s.refill()
}

// allow sets one of the switches of Background App Refresh.
func (s *System) allow(which *bool, on bool) {
	*which = on
	if on {
		return
	}
	s.dropAll(string(GateRefreshOff), func(p *pending) bool {
		return p.Type == kindRefresh || p.Type == kindProcessing || p.silent()
	})
	s.dropAll(CancelledUpdatesOff, func(p *pending) bool { return p.Type == kindTransfer && p.Discretionary })
}

// stalled tells that a run makes no progress. Continued work may do so for a while.
func (s *System) stalled(at int64, task string) {
	for i := range s.Running {
		if a := &s.Running[i]; a.Task == task && a.Type == kindContinued {
			a.Ends = min(a.Ends, at+s.m.ContinuedStall)
		}
	}
}
