package ios

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Sense takes in what happened on the phone.
func (s *System) Sense(at int64, e core.Sense, f *record.Facts) bool {
	s.reviewed = never
	changed := s.look(at, f)
	s.until(at)
	on := e.Value != 0
	switch e.Kind {
	case core.SenseFacts:
		return changed && s.react(at)
	case core.SenseScreen:
		s.Screened = true
		if on == s.ToldInUse {
			return changed && s.react(at)
		}
		if len(s.Runs) == 0 {
			s.use(at, on)
			if s.quiet {
				s.observeUse()
			}
			return s.react(at)
		}
		before := s.Dev
		s.use(at, on)
		s.interrupt(&before)
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
	case core.SenseAppDied:
		s.Terminate()
	case core.SenseAppCrashed:
		s.end(cause{work.StopUnknown, e.Kind.String()}, nil)
	case core.SenseUpdated:
		s.lose(cause{work.StopUnknown, e.Kind.String()}, nil)
	case core.SenseInstalled:
		s.installed(at)
	case core.SenseShutdown:
		if !s.Process.Alive && !s.Off {
			s.gone("shutdown")
		}
		s.Off = true
		s.ends("shutdown")
	case core.SenseBooted:
		s.booted(at)
		if len(s.Notes.List) > 0 { // they may have waited for that, too
			s.tell(at)
		}
	case core.SenseLocalTime:
		s.travel(at, e.Value)
	case core.SenseRefresh:
		_ = s.SetRefresh(on, s.Dev.RefreshAll)
	case core.SenseRefreshAll:
		s.WiFiOnly = e.Value == core.OnWiFi
		_ = s.SetRefresh(s.Dev.RefreshApp, on)
	case core.SenseWidgetSeen:
		s.Looks.mark(s.Reloads.Slot)
		return changed && s.react(at)
	case core.SenseMedia:
		s.Media = on && s.Process.Alive
		s.stale |= outside
	case core.SenseThermal:
		s.Hot = on
	case core.SenseCPUBusy:
		s.Busy = on
	case core.SenseUserCancels:
		s.userCancels(e.Task)
	case core.SenseStalled:
		s.stalled(at, e.Task)
	case core.SenseDebugLaunch:
		s.stale = allKinds
		for _, p := range s.Waits {
			p.Debug = p.Debug || p.Task == e.Task
		}
	case core.SenseDebugExpire:
		for i := range s.Runs {
			if r := &s.Runs[i]; r.Task == e.Task && r.Debug {
				s.SimulateExpiration(r.ID)
			}
		}
	case core.SenseDebugger:
		s.Dev.Debugger = on
		s.stale |= outside
	default: // Android's, and what iOS does not heed
		return changed && s.react(at)
	}
	s.quiet = false
	return s.react(at)
}

// react reviews what waits after something happened, and reports whether there is
// anything that it may matter to.
func (s *System) react(at int64) bool {
	s.heed()
	if len(s.Waits)+len(s.Runs)+len(s.Process.Assertions)+len(s.Ordered) == 0 {
		s.Due = record.Never
		return s.unsaid()
	}
	s.elapse(at)
	return s.told(at)
}

// use tells that somebody begins or ceases to use the phone.
func (s *System) use(at int64, on bool) {
	s.account(at)
	s.ToldInUse = on
	s.derive()
	if !on {
		s.Left = at
		return
	}
	s.Used = at
	if s.Uses.mark(s.Slots.Slot) {
		s.relearn()
	}
}

// plug tells that the charger is plugged in or out.
func (s *System) plug(at int64, in bool) {
	s.account(at)
	if s.Dev.Charging = in; in {
		s.Plugged = at
	}
}

// unlocked tells that the user unlocked the phone, and reports whether that matters.
func (s *System) unlocked(at int64) bool {
	matters := s.Locked
	s.Locked = false
	for i := range s.Runs {
		if r := &s.Runs[i]; r.Type == kindRefresh && s.m.RefreshInUse > 0 {
			s.cut(r, at+s.m.RefreshInUse)
			matters = true
		}
	}
	return matters
}

// cut lets a run end before its limit.
func (s *System) cut(r *run, at int64) {
	if !r.Expired && !r.Debug && at < r.Ends {
		r.Ends, r.Cut = at, true
	}
}

// opened tells that the app comes to the front.
func (s *System) opened(at int64) {
	s.Opens.mark(s.Slots.Slot)
	s.relearn()
	s.Locked, s.LastUse = false, at
	_ = s.Open() // nothing begins by itself here
	if len(s.Process.Assertions) > 0 {
		s.EndAssertion(timers)
	}
}

// left tells that the app goes to the background. Its timers keep its process from being
// suspended, for a while only.
func (s *System) left(at int64) {
	if !s.Process.Front {
		return
	}
	s.LastUse = at
	s.Backgrounded()
	ticks := false
	for _, p := range s.Waits {
		ticks = ticks || p.Type == kindTimer
	}
	for i := range s.Runs {
		ticks = ticks || s.Runs[i].Type == kindTimer
	}
	if ticks {
		_ = s.BeginAssertion(timers) // the process runs
	}
}

// swiped tells that the user removed the app from the switcher.
func (s *System) swiped(at int64) {
	if s.Dev.Focal {
		s.LastUse = at
	}
	s.ForceQuit()
}

// ends tells that nothing runs any more. What was handed to the system is still there.
func (s *System) ends(why string) {
	s.lose(cause{work.StopUnknown, why}, nil)
	s.killRest(why)
}

// installed tells that the app is new on the phone.
func (s *System) installed(at int64) {
	s.ends("installed")
	s.CancelTransfers("installed")
	s.drop("installed", func(*pending) bool { return true })
	s.relearn()
	s.Opens.begin()
	s.Looks.begin()
	s.Widgets = s.Widgets[:0]
	for _, n := range s.Notes.List {
		s.order(core.OrderDrop, work.ID(n.ID), work.StopSystem, "installed")
	}
	s.Notes.List = s.Notes.List[:0]
	s.Dev.Quit, s.Dev.RefreshApp = false, true
	s.Installed, s.LastUse = at, at
	s.Launched, s.Processed, s.Pushed, s.PushTurn = never, never, never, never
}

// booted tells that the phone is on again.
func (s *System) booted(at int64) {
	if !s.Process.Alive && !s.Off {
		s.gone("reboot")
	}
	s.ends("reboot")
	s.Off, s.Locked = false, true
	if s.Screened {
		s.ToldInUse = false
		s.derive()
	}
	s.Left = at
	s.refill()
	s.connected()
}

// userCancels tells that the user cancels what goes on of a task.
func (s *System) userCancels(task string) {
	for _, p := range s.Waits {
		if p.Task == task && p.Type == kindContinued {
			s.CancelContinued(p.ID)
			break
		}
	}
	for i := range s.Runs {
		if r := &s.Runs[i]; r.Task == task && r.Type == kindContinued && !r.Expired {
			s.CancelContinued(r.ID)
		}
	}
}

// stalled tells that a run makes no progress. Continued work may do so for a while.
func (s *System) stalled(at int64, task string) {
	for i := range s.Runs {
		if r := &s.Runs[i]; r.Task == task && r.Type == kindContinued {
			s.cut(r, at+s.m.ContinuedStall)
		}
	}
}
