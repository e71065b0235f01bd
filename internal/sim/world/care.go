package world

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
)

// care is what happens seldom.
type care struct {
	next     [rareThings]int64
	updating bool // the system
	using    bool // somebody waits for the phone to be on again
}

const (
	appUpdate = iota
	systemUpdate
	reboot
	forceStop
	alarmClock
	booted
	rareThings
)

func (d *Device) careDice() *chance.Stream { return &d.dice[forCare] }

func (d *Device) beginCare() {
	for i := range d.next {
		d.next[i] = never
	}
	s, v := d.careDice(), d.v
	// Updates are as likely to be near as far when the app is installed.
	if n := v[UpdateDays]; n > 0 {
		d.next[appUpdate] = d.afterNight(d.now + s.Below(n*day))
	}
	if n := v[SystemUpdateDays]; n > 0 {
		d.next[systemUpdate] = d.afterNight(d.now + s.Below(n*day))
	}
	d.next[reboot] = d.arrival(s, dayMass*v[RebootDays])
	d.next[forceStop] = d.arrival(s, massOf(v[ForceStopsPerYear])*year)
	if d.who.Alarm {
		d.setAlarm()
	}
	d.aimCare()
}

// afterNight returns an instant in the next night after another.
func (d *Device) afterNight(at int64) int64 {
	return at + day - floorMod(at+d.shift-2*hour, day) + d.careDice().Below(2*hour)
}

func (d *Device) aimCare() {
	next := never
	for _, at := range d.next {
		next = min(next, at)
	}
	d.set(onCare, next)
}

// bootAt says when the phone is on again.
func (d *Device) bootAt(at int64) {
	d.next[booted] = at
	d.aimCare()
}

func (d *Device) careStep() {
	for i, at := range d.next {
		if at <= d.now {
			d.next[i] = never
			d.rare(i)
			break
		}
	}
	d.aimCare()
}

func (d *Device) rare(thing int) {
	s, v := d.careDice(), d.v
	idle := d.on && d.light == dark
	switch thing {
	case booted:
		d.boot()
	case appUpdate:
		if !idle || d.link == noLink {
			d.next[appUpdate] = d.now + hour
			return
		}
		d.tell(core.SenseUpdated, 0)
		d.set(onMemory, never)
		d.next[appUpdate] = d.afterNight(d.now + max(day, chance.Normal(s, v[UpdateDays]*day, v[UpdateDays]*day/5)))
	case systemUpdate:
		if !idle || !d.plugged || d.link == noLink {
			d.next[systemUpdate] = d.afterNight(d.now)
			return
		}
		d.turnOff()
		d.updating = true
		d.next[booted] = d.now + s.Between(3*minute, 6*minute)
		d.next[systemUpdate] = d.afterNight(d.now + max(day, chance.Normal(s, v[SystemUpdateDays]*day, v[SystemUpdateDays]*day/5)))
	case reboot:
		d.next[reboot] = d.arrival(s, dayMass*v[RebootDays])
		if d.on {
			d.turnOff()
			d.using = true
			d.next[booted] = d.now + 20*second + chance.Exponential(s, v[RebootMean]*second)
		}
	case forceStop:
		d.next[forceStop] = d.arrival(s, massOf(v[ForceStopsPerYear])*year)
		if d.on && d.stage == away {
			d.tell(core.SenseForceStop, 0)
			d.set(onMemory, never)
		}
	case alarmClock:
		d.setAlarm()
		d.bout()
	}
}

// boot turns the phone on, once there is something in its battery.
func (d *Device) boot() {
	if d.settle(); d.level < percent {
		if d.empty = true; d.plugged {
			d.next[booted] = d.now + bootDelay
		} else {
			d.lookForCharger()
		}
		return
	}
	d.turnOn()
	if d.updating {
		d.updating = false
		d.tell(core.SenseSystemUpdated, 0)
	}
	if d.next[alarmClock] != never {
		d.tell(core.SenseAlarmClock, d.next[alarmClock])
	}
	if d.using {
		d.using = false
		d.bout()
	}
}

// setAlarm sets the alarm clock to the next morning of a weekday, somewhat before the
// phone is unplugged.
func (d *Device) setAlarm() {
	ring := d.v[NightUnplugAt]*minute + d.who.Late - 10*minute
	at := d.now + day - floorMod(d.now+d.shift-ring, day)
	for floorMod((at+d.shift)/day+3, 7) >= 5 {
		at += day
	}
	d.next[alarmClock] = at
	if d.on {
		d.tell(core.SenseAlarmClock, at)
	}
}
