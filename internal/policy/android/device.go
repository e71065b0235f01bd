package android

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// device is what counts of the device.
type device struct {
	Seen     seen  `json:"seen"`
	Screen   bool  `json:"screen,omitempty"`
	ScreenAt int64 `json:"screen_at"` // since when
	Idle     bool  `json:"idle,omitempty"`
	Charging bool  `json:"charging,omitempty"` // as jobs see it: for long enough, or full enough
	Hot      bool  `json:"hot,omitempty"`
	Locked   bool  `json:"locked,omitempty"` // it was booted, and nobody has unlocked it
}

// seen are facts as they were told last.
type seen struct {
	Plugged   int8 `json:"plugged"`
	Full      bool `json:"full,omitempty"` // enough to count as charging as soon as it is plugged in
	Low       int8 `json:"low"`
	Storage   int8 `json:"storage"`
	Online    int8 `json:"online"`
	Validated int8 `json:"validated"`
	Metered   int8 `json:"metered"`
	Roaming   int8 `json:"roaming"`
	Saver     int8 `json:"saver"`
}

// unseen are facts of which nothing was told.
var unseen = seen{Plugged: -1, Low: -1, Storage: -1, Online: -1, Validated: -1, Metered: -1, Roaming: -1, Saver: -1}

// timer is one of the instants at which something happens by time alone.
type timer uint8

const (
	timerFreeze    timer = iota // the process of the app, which nobody needs
	timerIdle                   // the device counts as idle
	timerCharging               // it counts as charging
	timerKill                   // the vendor's battery saver strikes
	timerBoot                   // the app is told that the device was booted
	timerSleep                  // the vendor puts the app to sleep, as it was not used
	timerHibernate              // the system does
	timerRevert                 // the vendor takes the exemption back
	timerAllowList              // the app leaves the temporary allow-list
	timerStarts                 // it may no longer start services
	timers
)

// readFacts takes in facts, and reports whether one counts that changed.
func (s *System) readFacts(at int64, f *record.Facts) bool {
	now := seen{
		Plugged: int8(f[record.Charging].Value), Full: f[record.BatteryLevel].Value >= s.p.values[factChargingLevel],
		Low: int8(f[record.BatteryLow].Value), Storage: int8(f[record.StorageLow].Value), Online: int8(f[record.Connected].Value),
		Validated: int8(f[record.Validated].Value), Metered: int8(f[record.Metered].Value), Roaming: int8(f[record.Roaming].Value),
		Saver: int8(f[record.LowPower].Value),
	}
	d := &s.Device
	if now == d.Seen {
		return false
	}
	s.turns()
	was := d.Seen
	d.Seen = now
	if now.Plugged != was.Plugged {
		s.set(timerCharging, never)
		if d.Charging = false; now.Plugged == 1 {
			s.set(timerCharging, at+s.p.values[factChargingAfter])
		}
	}
	if now.Plugged == 1 && now.Full {
		d.Charging = true
		s.set(timerCharging, never)
	}
	s.mirror()
	v := s.Doze.Seen
	v.Charging, v.Saver, v.Network = now.Plugged == 1, now.Saver == 1, now.Online == 1
	s.Doze.Sense(at, &v)
	return true
}

// setScreen takes in that the screen goes on or off.
func (s *System) setScreen(at int64, on bool) bool {
	d := &s.Device
	if on == d.Screen {
		return false
	}
	d.Screen, d.ScreenAt, d.Idle = on, at, false
	s.shows(worldScreen, on)
	s.shows(worldFront, s.top())
	s.shows(worldIdle, false)
	s.Standby.SetScreen(at, on)
	s.Doze.SetScreen(at, on)
	if on {
		s.set(timerIdle, never)
		s.set(timerKill, never)
		s.App.Blocks &^= blockKiller
		s.shows(world(blockKiller)<<worldBlocks, false)
	} else {
		dice := s.dice.Fork(forkIdle).Fork(uint64(at))
		s.set(timerIdle, at+s.p.values[factIdleAfter]+dice.Below(s.p.values[factIdleWindow]+1))
		s.armKiller(at)
	}
	return true
}

// met reports whether all that a work needs of the device is so, as the machine sees
// it.
func (s *System) met(x *slot) bool {
	d := &s.Device.Seen
	return (!x.Needs.has(needCharging) || d.Plugged == 1) && (!x.Needs.has(needBattery) || d.Low != 1) &&
		(!x.Needs.has(needStorage) || d.Storage != 1) &&
		s.connected(x)
}

// connected reports whether there is a network of the kind that a work needs.
func (s *System) connected(x *slot) bool {
	if x.Request == "" {
		return x.Network == work.NoNetwork || s.networkType(x.Network, &s.facts)
	}
	return s.network(core.Need{Kind: core.NeedNetwork, Network: x.Network, Request: x.Request}, &s.facts).State == record.Met
}

// mirror makes facts of what was told last.
func (s *System) mirror() {
	d := &s.Device.Seen
	s.told = d.sum()
	f := &s.facts
	f[record.Connected].Value, f[record.Validated].Value = int64(d.Online), int64(d.Validated)
	f[record.Metered].Value, f[record.Roaming].Value = int64(d.Metered), int64(d.Roaming)
}

// dozed takes in whether Doze took a step.
func (s *System) dozed(step bool) bool {
	if step {
		s.current = false
	}
	return step
}

// sense takes in what happened, and reports whether something changed.
func (s *System) sense(at int64, x core.Sense, f *record.Facts) bool {
	// These reach works only by what look sees of them.
	switch x.Kind {
	case core.SenseFacts:
		return s.readFacts(at, f)
	case core.SenseScreen:
		return s.setScreen(at, x.Value == 1)
	case core.SenseMotion:
		return s.dozed(s.Doze.SetMoving(at, x.Value == 1))
	case core.SenseUnlocked:
		return s.unlocked(at)
	case core.SenseAlarmClock:
		v := s.Doze.Seen
		v.AlarmClock = x.Value
		dozed := s.dozed(s.Doze.Sense(at, &v))
		s.next = min(s.next, s.dozes(at, s.cares)) // it may end Doze before
		return dozed
	case core.SenseThermal:
		s.turns()
		s.Device.Hot = x.Value == 1
		return true
	}
	s.turns()
	s.calm = false
	switch x.Kind {
	case core.SenseAppOpened:
		s.opened(at)
	case core.SenseAppLeft:
		s.left(at)
	case core.SenseAppSwiped:
		s.swiped(at)
	case core.SenseAppDied:
		s.die(at, "the system needed its memory")
	case core.SenseAppCrashed:
		s.die(at, "its process crashed")
	case core.SenseForceStop:
		s.forceStopped(at)
	case core.SenseInstalled:
		s.installed(at)
	case core.SenseUpdated:
		s.die(at, "a new version of the app was installed")
	case core.SenseShutdown:
		s.shutDown(at)
	case core.SenseBooted:
		s.booted(at)
	case core.SenseRefresh:
		return s.restrict(at, x.Value == 0)
	case core.SenseRestricted:
		return s.restrict(at, x.Value == 1)
	case core.SenseExempt:
		return s.exempt(at, x.Value == 1)
	case core.SenseNotified:
		s.Account.Expedited.Seen(at)
		return s.Standby.Held(at, NotificationSeen)
	case core.SenseInteracted:
		s.touched(at)
	case core.SenseMedia:
		s.App.Media = x.Value == 1
		s.rest(at)
	case core.SenseBucket:
		b, ok := BucketByNumber(x.Value)
		return ok && s.Standby.Predict(at, b)
	case core.SenseSystemUpdated:
		s.systemUpdated(at)
	case core.SenseUserCancels:
		s.userCancels(at, x.Task)
	case core.SenseStalled:
		s.stalled(at, x.Task)
	case core.SenseDebugLaunch:
		s.debugLaunch(x.Task)
	case core.SenseDebugExpire:
		s.debugExpire(x.Task)
	default:
		return false // of iOS, or of no consequence here
	}
	return true
}
