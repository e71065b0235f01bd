package ios

import (
	"slices"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// order asks for something to be done about a work.
func (s *System) order(k core.OrderKind, w work.ID, stop work.StopReason, text string) {
	s.Ordered = append(s.Ordered, core.Order{Kind: k, Work: w, Stop: stop, Text: text})
}

// stop expires a run, once.
func (s *System) stop(a *active, why work.StopReason, text string) {
	if !a.Stopping {
		a.Stopping, a.Ends = true, record.Never
		s.order(core.OrderStop, a.Work, why, text)
	}
}

// kill tells that a run is lost with what it ran in.
func (s *System) kill(a *active, why work.StopReason, text string) {
	a.Stopping, a.Ends = true, record.Never
	s.order(core.OrderKill, a.Work, why, text)
}

// stopTask expires the continued runs of a task.
func (s *System) stopTask(task string, why work.StopReason, text string) {
	for i := range s.Running {
		if a := &s.Running[i]; a.Task == task && a.Type == kindContinued {
			s.stop(a, why, text)
		}
	}
}

// dropAll drops waiting works.
func (s *System) dropAll(why string, which func(*pending) bool) {
	if !slices.ContainsFunc(s.Pending, which) {
		return
	}
	kept := s.Pending[:0]
	for _, p := range s.Pending {
		if which(p) {
			s.order(core.OrderDrop, p.Work, work.StopSystem, why)
			s.spare = append(s.spare, p)
		} else {
			kept = append(kept, p)
		}
	}
	clear(s.Pending[len(kept):])
	s.Pending = kept
}

// take forgets that a work waits, and returns it; nil: it does not. It is valid until the
// next one waits.
func (s *System) take(j core.Job) *pending {
	for i, p := range s.Pending {
		if p.Seq == j.Work.Seq {
			s.Pending = slices.Delete(s.Pending, i, i+1)
			s.spare = append(s.spare, p)
			return p
		}
	}
	return nil
}

// put keeps what waits. Requests come and go: their memory is used again.
func (s *System) put(p pending) *pending {
	var to *pending
	if n := len(s.spare); n > 0 {
		to, s.spare = s.spare[n-1], s.spare[:n-1]
	} else {
		to = new(pending)
	}
	*to = p
	s.Pending = append(s.Pending, to)
	return to
}

// dies tells that the app's process is gone, and what was in it only.
func (s *System) dies(why string, stop work.StopReason) {
	s.Alive, s.Dev.Focal, s.Media = false, false, false
	s.Linger = never
	for i := range s.Running {
		if a := &s.Running[i]; a.inApp() {
			s.kill(a, stop, why)
		}
	}
	s.dropAll(why, func(p *pending) bool {
		return p.Type == kindTimer || p.Type == kindAssertion || p.Type == kindContinued
	})
}

// killRest ends what goes on outside the app's process.
func (s *System) killRest(why string) {
	for i := range s.Running {
		if a := &s.Running[i]; !a.inApp() && a.Type != kindTransfer {
			s.kill(a, work.StopUnknown, why)
		}
	}
}

// executes reports whether the app's process runs: in front, or for what goes on in it.
func (s *System) executes(at int64) bool {
	if !s.Alive {
		return false
	}
	if s.Dev.Focal || at < s.Linger {
		return true
	}
	for i := range s.Running {
		if a := &s.Running[i]; a.inApp() && a.Type != kindTimer {
			return true
		}
	}
	return false
}

// suspend drops the timers of a process that is suspended now.
func (s *System) suspend(at int64) {
	if !s.Alive || s.executes(at) {
		return
	}
	s.Linger = never
	for i := range s.Running {
		if a := &s.Running[i]; a.Type == kindTimer && !a.Stopping {
			s.kill(a, work.StopTimeout, "suspended")
		}
	}
	s.dropAll("suspended", func(p *pending) bool { return p.Type == kindTimer })
}

// expire ends what time has come for.
func (s *System) expire(at int64) {
	for i := range s.Running {
		a := &s.Running[i]
		if a.Stopping {
			continue
		}
		if at >= a.Ends {
			s.stop(a, work.StopTimeout, "its time is over")
		}
		if a.Type == kindContinued && s.Hot && s.tooHot(a, at) {
			s.stop(a, work.StopDeviceState, "the phone is hot")
		}
	}
	s.suspend(at)
	if len(s.Pending) > 0 && at >= s.unusedCheck() {
		s.dropAll(string(GateUnused), func(p *pending) bool { return p.Type == kindRefresh })
	}
}

// tooHot draws, once a minute, whether a hot phone ends continued work.
func (s *System) tooHot(a *active, at int64) bool {
	turn := floorDiv(at, minute)
	if turn == floorDiv(a.Begun, minute) {
		return false
	}
	draw := s.chance.Fork(chanceThermal).Fork(a.Key).Fork(uint64(turn))
	return draw.Chance(s.m.ContinuedThermal)
}

// unusedCheck is when refresh requests are dropped because the app is not used any more.
func (s *System) unusedCheck() int64 {
	every := max(s.m.UnusedCheck, second)
	return (floorDiv(s.LastUse+s.m.UnusedRefresh*day, every) + 1) * every
}

// room reports whether one more continued run can begin.
func (s *System) room(p *pending) bool {
	if p != nil && p.Room {
		return true
	}
	n := int64(0)
	for i := range s.Running {
		if s.Running[i].Type == kindContinued {
			n++
		}
	}
	return !s.Busy && n < s.m.ContinuedRoom
}

// Locked reports whether files that are protected until the first unlock after a boot
// cannot be read.
func (s *System) FilesLocked() bool { return s.Locked }

// Monitor is the share of a processor, in millionths, that a run of a work may use on
// average over a window of time, µs, before the system kills the app; 0: any.
func (s *System) Monitor(j core.Job) (share, window int64) {
	switch kindOf(j.Spec.Phone.Kind) {
	case kindRefresh:
	case kindProcessing:
		if j.Spec.Needs.Charging {
			return 0, 0
		}
	default:
		return 0, 0
	}
	return s.m.MonitorShare, s.m.MonitorWindow
}
