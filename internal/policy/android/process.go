package android

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/work"
)

// app is what counts of the app.
type app struct {
	Front      bool   `json:"front,omitempty"`
	Alive      bool   `json:"alive,omitempty"`  // it has a process
	Frozen     bool   `json:"frozen,omitempty"` // which gets no time
	Media      bool   `json:"media,omitempty"`  // it plays, by a service of its own
	Used       int64  `json:"used"`             // when somebody last used it
	Blocks     blocks `json:"blocks,omitempty"`
	Restricted bool   `json:"restricted,omitempty"` // by the user
	Exempt     bool   `json:"exempt,omitempty"`     // from battery optimisation
	Allowed    bool   `json:"allowed,omitempty"`    // on the temporary allow-list
	Starts     bool   `json:"starts,omitempty"`     // it may start services from the background
}

// blocks are why nothing of an app runs, whatever it asked for.
type blocks uint8

const (
	blockForceStop blocks = 1 << iota
	blockHibernation
	blockVendorStop // the vendor has stopped the app
	blockKiller     // the vendor keeps it down while the screen is off
	blockAsleep     // the vendor has put it to sleep
	blockAutostart  // the vendor does not let it start by itself after a boot
	blockBoot       // it has not been told of the boot
)

// opened is that the app comes to the front.
func (s *System) opened(at int64) {
	a := &s.App
	a.Front, a.Used, a.Blocks = true, at, 0
	s.unlocked(at)
	s.set(timerBoot, never)
	s.armUnused(at)
	s.Standby.Opened(at)
	s.Service.reset()
	s.begin(at)
	s.rest(at)
}

// left is that it goes to the background.
func (s *System) left(at int64) {
	s.App.Front = false
	s.rest(at)
}

// touched is that the user touches a notification or a widget.
func (s *System) touched(at int64) {
	s.App.Used = at
	s.armUnused(at)
	s.Account.Expedited.Touched(at)
	s.Standby.Opened(at)
	s.App.Blocks &^= blockHibernation | blockAsleep
	s.allowStarts(at)
}

// allowStarts lets the app start services from the background for a moment.
func (s *System) allowStarts(at int64) {
	s.App.Starts = true
	s.shows(worldStarts, true)
	s.set(timerStarts, at+s.p.values[serviceStartGrace])
}

// allow puts the app on the temporary allow-list.
func (s *System) allow(at, d int64) {
	d = min(d, s.p.values[dozeAllowListMax])
	if !s.App.Allowed || s.Timers[timerAllowList] < at+d {
		s.set(timerAllowList, at+d)
	}
	s.App.Allowed = true
	s.shows(worldAllowed, true)
}

// begin gives the app a process, if it has none, and time.
func (s *System) begin(at int64) {
	a := &s.App
	if a.Frozen {
		a.Frozen = false
		s.shows(worldFrozen, false)
	}
	if !a.Alive {
		a.Alive, s.calm = true, false
		s.shows(worldAlive, true)
		s.reconcile(at)
		for i := range s.Slots {
			s.see(at, &s.Slots[i])
		}
	}
	s.set(timerFreeze, never)
}

// rest arms the freezer where nobody needs the process.
func (s *System) rest(at int64) {
	switch {
	case !s.App.Alive || s.App.Frozen || s.App.Front || s.App.Media || s.needed():
		s.set(timerFreeze, never)
	case s.Timers[timerFreeze] == never:
		s.set(timerFreeze, after(at, s.p.values[processFreeze]))
	}
}

// needed reports whether something runs for which the system keeps the process going.
// What the library runs in process is nothing to the system.
func (s *System) needed() bool { return s.running > s.loose }

// acting reports whether the system sees that something of the app runs, and not for the
// user's sake: Doze lets it end.
func (s *System) acting() bool { return s.running > s.loose+s.services }

// runs counts a run that begins, or no longer.
func (s *System) runs(x *slot, n int) {
	if s.running += n; x.Kind == kindWork && !x.Hosted {
		s.loose += n
	}
}

// freeze stops the process in its tracks. A run that only the library knows of is as
// good as stopped: when the process goes on, the library starts it anew.
func (s *System) freeze() {
	s.App.Frozen = true
	s.shows(worldFrozen, true)
	for i := 0; s.running > 0 && i < len(s.Slots); i++ {
		if x := &s.Slots[i]; x.Running && !x.Stopping {
			s.stop(x, work.StopDeviceState, "the system froze the app's process")
		}
	}
}

func (s *System) stop(x *slot, why work.StopReason, text string) {
	if x.Running && !x.Stopping {
		if x.Kind == kindWork && x.Hosted && s.API < apiStopReasons {
			why = work.StopUnknown // the system does not tell the library (SystemJobService onStopJob)
		}
		x.Stopping = true
		s.order(core.OrderStop, x, why, text)
	}
}

// die takes the app's process away, and says so.
func (s *System) die(at int64, why string) {
	if s.App.Alive {
		s.tellGone(why)
	}
	s.end(at, why)
}

// tellGone tells the journal why the app's process is gone, or why it may not run any
// more.
func (s *System) tellGone(why string) {
	s.gone = append(s.gone, demise{why, s.App.Alive})
}

// demise is what has ended the app's process, if it had one, or stopped the app.
type demise struct {
	why     string
	process bool
}

// Told yields what has ended the app's process since it was asked last.
func (s *System) Told(yield func(text string)) {
	if len(s.gone) == 0 {
		return
	}
	for _, e := range s.gone {
		switch {
		case yield == nil:
		case e.process:
			yield("the app's process is gone: " + e.why)
		default:
			yield(e.why)
		}
	}
	s.gone = s.gone[:0]
}

// end takes the app's process away, and with it all that runs there.
func (s *System) end(at int64, why string) {
	a := &s.App
	if a.Front {
		a.Front = false
	}
	a.Alive, a.Frozen, a.Media = false, false, false
	s.set(timerFreeze, never)
	for i := range s.Slots {
		x := &s.Slots[i]
		x.Seen = 0
		if x.Running {
			x.Stopping = true
			s.order(core.OrderKill, x, work.StopUnknown, why)
		}
		if x.Kind == kindTimer {
			s.order(core.OrderDrop, x, work.StopUnknown, why+": a timer ends with its process")
		}
	}
}

// forget drops what the system has forgotten: alarms, and jobs that nobody sets again.
func (s *System) forget(why string, dropped func(*slot) bool) {
	for i := range s.Slots {
		if x := &s.Slots[i]; dropped(x) {
			s.order(core.OrderDrop, x, work.StopUser, why)
		}
	}
}

func isAlarm(x *slot) bool { return x.Kind == kindAlarm || x.Kind == kindNotification }

// forceStopped is that the user stops the app in the settings.
func (s *System) forceStopped(at int64) { s.block(at, blockForceStop, "the user stopped the app") }

// block stops the app: nothing of it runs until it is opened.
func (s *System) block(at int64, b blocks, why string) {
	if s.App.Alive || s.App.Blocks&b == 0 {
		s.tellGone(why)
	}
	s.end(at, why)
	s.App.Blocks |= b
	s.App.Starts = false
	s.set(timerStarts, never)
	s.forget(why+": its alarms and transfers are gone", func(x *slot) bool { return isAlarm(x) || x.Kind == kindUser })
	s.scheduleAnew(at)
}

// swiped is that the user removes the app from the recent ones.
func (s *System) swiped(at int64) {
	const why = "the user swiped the app away"
	s.left(at)
	if s.p.on(vendorKillOnSwipe) {
		s.strike(at, why+", and the vendor ends such apps")
		return
	}
	for i := range s.Slots {
		if x := &s.Slots[i]; x.Running && x.Kind == kindService {
			return // its service goes on
		}
	}
	if !s.App.Media {
		s.die(at, why)
	}
}

func (s *System) installed(at int64) {
	s.App.Used = at
	s.armUnused(at)
	s.Standby.Installed(at)
}

// restrict is that the user restricts the app, or no longer.
func (s *System) restrict(at int64, on bool) bool {
	if s.App.Restricted == on {
		return false
	}
	if s.App.Restricted = on; on {
		s.exempt(at, false)
	}
	return true
}

// exempt is that the user exempts the app from battery optimisation, or no longer.
func (s *System) exempt(at int64, on bool) bool {
	if s.App.Exempt == on {
		return false
	}
	s.App.Exempt = on
	s.set(timerRevert, never)
	if on {
		s.App.Restricted = false
		s.set(timerRevert, after(at, s.p.values[vendorSettingReverts]))
	}
	s.Standby.SetExempt(at, on)
	return true
}

// userCancels is that the user ends something in the system's list of what is active.
func (s *System) userCancels(at int64, task string) {
	for i := range s.Slots {
		x := &s.Slots[i]
		if x.Task != task || !x.Running {
			continue
		}
		switch x.Kind {
		case kindService:
			s.die(at, "the user ended the app's service")
			return
		case kindUser:
			s.stop(x, work.StopUser, "the user ended the transfer")
			s.order(core.OrderDrop, x, work.StopUser, "the user ended the transfer")
		default:
			s.stop(x, work.StopUser, "the user ended it")
		}
	}
}

// stalled is that a job does not answer the system, which ends the process for it.
func (s *System) stalled(at int64, task string) {
	for i := range s.Slots {
		if x := &s.Slots[i]; x.Task == task && x.Running {
			if x.Hosted {
				s.blame(at, &s.Guard.ANRs, s.p.values[guardANRs], s.p.values[guardANRWindow])
			}
			s.die(at, "the app did not respond")
			return
		}
	}
}

// debugLaunch makes a work start whatever holds it, as adb shell cmd jobscheduler run -f
// does.
func (s *System) debugLaunch(task string) {
	for i := range s.Slots {
		if x := &s.Slots[i]; x.Task == task && x.Waiting {
			x.Cleared, s.moved = 1<<gateCount-1, true
			s.call(x)
		}
	}
}

// debugExpire ends the run of a job, as adb shell cmd jobscheduler timeout does.
func (s *System) debugExpire(task string) {
	for i := range s.Slots {
		if x := &s.Slots[i]; x.Task == task {
			s.stop(x, work.StopTimeout, "its time was ended by a debugger")
		}
	}
}
