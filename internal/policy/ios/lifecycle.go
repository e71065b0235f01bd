package ios

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/work"
)

// order asks for something to be done about a work.
func (s *System) order(k core.OrderKind, w work.ID, stop work.StopReason, text string) {
	s.Ordered = append(s.Ordered, core.Order{Kind: k, Work: w, Stop: stop, Text: text})
}

// heed turns what the contract tells into orders. It is called where that may be: a process
// does not begin and end without a word.
func (s *System) heed() {
	if len(s.events) > 0 {
		s.translate()
	}
}

// translate is out of line, as heed is everywhere and this is rare.
//
//go:noinline
func (s *System) translate() {
	if s.Process.Launching {
		_ = s.FinishLaunching(false) // it takes no time here, and nothing waits for it
	}
	for i := 0; i < len(s.events); i++ {
		switch e := &s.events[i]; e.Kind {
		case processGone:
			s.endings = append(s.endings, *e)
		case TaskLost:
			s.order(core.OrderKill, e.Work, e.Stop, e.Why)
		case Completed, ExpirationCalled:
			switch {
			case e.Stop == 0:
			case e.Why == textLimit:
				s.order(core.OrderExpire, e.Work, e.Stop, e.Why)
			default:
				s.order(core.OrderStop, e.Work, e.Stop, e.Why)
			}
		case AssertionExpired:
			s.assertionOver(e.ID)
		case PushSuperseded:
			s.order(core.OrderDrop, e.Work, work.StopSystem, "superseded")
		case PushNotLaunched:
			if e.Why == string(GateRefreshOff) {
				s.order(core.OrderDrop, e.Work, work.StopSystem, e.Why)
			}
		case PushDiscarded, requestDropped:
			s.order(core.OrderDrop, e.Work, work.StopSystem, e.Why)
		case TransferCancelled:
			if e.Stop != 0 {
				s.order(core.OrderKill, e.Work, e.Stop, e.Why)
			} else {
				s.order(core.OrderDrop, e.Work, work.StopSystem, e.Why)
			}
		}
	}
	s.events = s.events[:0]
	if s.Media && !s.Process.Alive {
		s.Media = false
		s.stale |= outside
	}
}

// Told yields what has ended the app's process since it was asked last.
func (s *System) Told(yield func(text string)) {
	if len(s.endings) > 0 {
		s.narrate(yield)
	}
}

func (s *System) narrate(yield func(text string)) {
	for i := range s.endings {
		switch e := &s.endings[i]; {
		case yield == nil:
		case e.OK:
			yield("the app's process is gone: " + endings[e.Why])
		default:
			yield(endings[e.Why])
		}
	}
	s.endings = s.endings[:0]
}

// timers is the background task by which the app keeps its timers going for a while.
const timers = " timers"

// assertionOver ends what a background task was begun for.
func (s *System) assertionOver(id string) {
	if id == timers {
		s.EndAssertion(timers)
		return
	}
	for i := range s.Runs {
		if r := &s.Runs[i]; r.Type == kindAssertion && r.ID == id {
			s.timeUp(r, cause{})
			s.order(core.OrderStop, r.Work, work.StopTimeout, textOver)
		}
	}
}

// graceOver ends the process of a run that did not end within its grace. An extension has
// one of its own.
func (s *System) graceOver(r *run) {
	switch {
	case !r.inApp():
		s.forget(r)
	case r.Type == kindAssertion && s.leaked():
		s.Watchdog()
	default:
		s.die(DiedGrace, r)
	}
}

// wakeUp starts the app's process, if it does not run.
func (s *System) wakeUp() {
	if s.wake(); s.Process.Launching {
		_ = s.FinishLaunching(false)
	}
}

// killRest ends what goes on outside the app's process, but for transfers.
func (s *System) killRest(why string) {
	for i := 0; i < len(s.Runs); i++ {
		if r := &s.Runs[i]; r.Type != kindTransfer {
			s.kill(r, why)
			i--
		}
	}
}

// kill takes a run as lost.
func (s *System) kill(r *run, why string) {
	s.order(core.OrderKill, r.Work, work.StopUnknown, why)
	s.forget(r)
}

// Alive reports whether the app's process exists.
func (s *System) Alive() bool { return s.Process.Alive }

// executes reports whether the app's process runs: in front, or for what goes on in it.
func (s *System) executes() bool { return s.Process.Alive && !s.Suspended() }

// freeze drops the timers of a process that is suspended now.
func (s *System) freeze() {
	if s.ticks && s.Suspended() {
		s.dropTimers()
	}
}

func (s *System) dropTimers() {
	s.ticks = false
	for i := 0; i < len(s.Runs); i++ {
		if r := &s.Runs[i]; r.Type == kindTimer {
			s.kill(r, "suspended")
			i--
		}
	}
	for _, p := range s.Waits {
		if p.Type == kindTimer {
			s.drop("suspended", func(p *pending) bool { return p.Type == kindTimer })
			break
		}
	}
}

// until lets it be an instant: what ends by then does so with the next Tick.
func (s *System) until(at int64) { s.now = max(s.now, at) }

// elapse ends what time has come for.
func (s *System) elapse(at int64) {
	if len(s.Runs)+len(s.Process.Assertions)+len(s.Notes.List) > 0 {
		s.quiet = false
		s.AdvanceTo(at)
		s.heed()
		s.endRuns(at)
	}
	s.until(at)
	if s.ticks {
		s.freeze()
	}
	if at >= s.unusedFrom() && len(s.Waits) > 0 && at >= s.unusedCheck() {
		s.drop(string(GateUnused), func(p *pending) bool { return p.Type == kindRefresh })
	}
	s.heed()
}

// endRuns ends the runs whose grace is over, and those that the phone is too hot for.
func (s *System) endRuns(at int64) {
	for i := 0; i < len(s.Runs); i++ {
		switch r := &s.Runs[i]; {
		case r.Expired && at >= r.Kill:
			s.graceOver(r)
			i = -1 // others are gone with it
		case r.Type == kindContinued && s.Hot && !r.Expired && s.tooHot(r, at):
			s.expire(r, cause{work.StopDeviceState, "the phone is hot"})
		}
	}
}

// tooHot draws, once a minute, whether a hot phone ends continued work.
func (s *System) tooHot(r *run, at int64) bool {
	turn := floorDiv(at, minute)
	if turn == floorDiv(r.Begun, minute) {
		return false
	}
	draw := s.chance.Fork(chanceThermal).Fork(r.Key).Fork(uint64(turn))
	return draw.Chance(s.m.ContinuedThermal)
}

// unusedFrom is from when on the app counts as one that is not used any more.
func (s *System) unusedFrom() int64 { return s.LastUse + s.m.unusedRefresh }

// unusedCheck is when refresh requests are dropped because the app is not used any more.
func (s *System) unusedCheck() int64 {
	every := max(s.m.UnusedCheck, second)
	return (floorDiv(s.unusedFrom()-1, every) + 1) * every
}

// room reports whether one more continued run can begin.
func (s *System) room(p *pending) bool {
	if p != nil && p.Room {
		return true
	}
	n := int64(0)
	for i := range s.Runs {
		if s.Runs[i].Type == kindContinued {
			n++
		}
	}
	return !s.Busy && n < s.m.ContinuedRoom
}

// FilesLocked reports whether files that are protected until the first unlock after a boot
// cannot be read.
func (s *System) FilesLocked() bool { return s.Locked }

// Monitor is the share of a processor, in millionths, that a run of a kind may use on
// average over a window of time, µs: with more the system kills the app. A window of 0: any.
func (s *System) Monitor(k work.Kind, power bool) (share, window int64) {
	if k == work.KindRefresh || k == work.KindProcessing && !power {
		return s.m.MonitorShare, s.m.MonitorWindow
	}
	return 0, 0
}
