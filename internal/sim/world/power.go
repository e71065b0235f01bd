package world

import (
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
)

// power is the charger and the battery. The level is in units of which a rate of one
// thousandth of a percent an hour moves one in a microsecond, so that nothing is
// rounded.
type power struct {
	plugged bool
	until   int64 // when it is unplugged
	planned [10]interval
	plans   uint8
	done    uint8 // of the plans

	level   int64
	since   int64 // when the level was that
	rate    int64
	mark    int64 // level at which something is told next; -1: none
	low     bool
	saving  bool // Low Power Mode
	use     [2]int64
	idle    [2]int64 // drain, without and with Low Power Mode
	stepSum int64    // the level of one step
}

type interval struct{ from, to int64 }

const (
	percent = 1000 * hour
	full    = 100 * percent
)

func (d *Device) beginPower() {
	v := d.v
	for i := range d.use {
		keep := int64(100)
		if i == 1 {
			keep -= v[LowPowerSaving]
		}
		d.use[i] = max(1, v[DrainUse]*d.who.Drain/1000*keep/100)
		d.idle[i] = max(1, v[DrainIdle]*d.who.Drain/1000*keep/100)
	}
	d.stepSum = v[BatteryStep] * percent
	d.level = d.dice[forStart].Between(40, 100) * percent
	d.since, d.mark = d.now, -1
	d.saving = d.who.LowPower
	d.aim()
}

// planPower draws when the phone is on the charger.
func (d *Device) planPower() {
	s, v := &d.dice[forPlan], d.v
	d.plans, d.done = 0, 0
	for n := chance.Poisson(s, v[TopUpsPerDay]); n > 0; n-- {
		from := d.local(s.Between(v[TopUpFrom]*minute, max(v[TopUpFrom], v[TopUpTo])*minute) + d.who.Late)
		length := int64(0)
		if s.Chance(v[DeskShare]) {
			length = chance.LogNormal(s, v[DeskMedian]*minute, v[DeskSigma])
		} else {
			length = chance.LogNormal(s, v[TopUpMedian]*minute, v[TopUpSigma])
		}
		d.planCharge(from, from+length)
	}
	if s.Chance(v[NightPlug]) {
		from := chance.Normal(s, v[NightPlugAt]*minute, v[NightPlugSD]*minute)
		to := chance.Normal(s, day+v[NightUnplugAt]*minute, v[NightUnplugSD]*minute)
		d.planCharge(d.local(from+d.who.Late), d.local(to+d.who.Late))
	}
	d.aimPower()
}

// planCharge adds an interval to the plan. What has begun before the device did goes
// on.
func (d *Device) planCharge(from, to int64) {
	from = max(from, d.now)
	if to <= from || from >= d.dawn+day || int(d.plans) == len(d.planned) {
		return
	}
	i := d.plans
	for ; i > 0 && d.planned[i-1].from > from; i-- {
		d.planned[i] = d.planned[i-1]
	}
	d.planned[i] = interval{from, to}
	d.plans++
}

func (d *Device) aimPower() {
	next := never
	if d.plugged {
		next = d.until
	}
	if d.done < d.plans {
		next = min(next, d.planned[d.done].from)
	}
	d.set(onPower, next)
}

// powerStep plugs in or out. An interval that begins in another one prolongs it.
func (d *Device) powerStep() {
	for ; d.done < d.plans && d.planned[d.done].from <= d.now; d.done++ {
		d.plug(d.planned[d.done].to)
	}
	if d.plugged && d.until <= d.now {
		d.unplug()
	}
	d.aimPower()
}

func (d *Device) plug(until int64) {
	if d.plugged {
		d.until = max(d.until, until)
		return
	}
	d.settle()
	d.plugged, d.until = true, until
	d.set(onRescue, never)
	if d.on {
		var ev Event
		ev.put(record.Charging, 1)
		ev.put(record.BatteryLevel, d.percent())
		d.add(ev)
	} else if d.empty {
		d.bootAt(d.now + bootDelay)
	}
	d.aim()
	if d.who.Airplane && d.night() {
		d.airplane = true
		d.linkChanged()
	}
}

// bootDelay is how long an empty phone is charged before it can be turned on.
const bootDelay = 4 * minute

// night tells whether it is a time to go to sleep.
func (d *Device) night() bool {
	t := floorMod(d.now+d.shift-d.who.Late, day)
	return t >= 20*hour || t < 4*hour
}

func (d *Device) unplug() {
	d.settle()
	d.plugged = false
	if d.on {
		var ev Event
		ev.put(record.Charging, 0)
		ev.put(record.BatteryLevel, d.percent())
		if d.who.LowPower && !d.saving {
			d.saving = true
			ev.put(record.LowPower, 1)
		}
		d.add(ev)
	} else if d.empty {
		d.bootAt(never)
		d.lookForCharger()
	}
	d.aim()
	if d.airplane {
		d.airplane = false
		d.linkChanged()
	}
	d.catchUp()
}

// lookForCharger lets somebody with an empty battery find a charger, when they are
// awake.
func (d *Device) lookForCharger() {
	if d.at(onRescue) != never {
		return
	}
	at := d.now + chance.Exponential(&d.dice[forPower], d.v[RescueDelay]*minute)
	const wake, sleep = 7 * hour, 23*hour + 30*minute
	if t := floorMod(at+d.shift-d.who.Late, day); t < wake {
		at += wake - t
	} else if t > sleep {
		at += day + wake - t
	}
	d.set(onRescue, at)
}

func (d *Device) rescue() {
	d.set(onRescue, never)
	if d.plugged {
		return
	}
	d.plug(d.now + 5*minute + chance.LogNormal(&d.dice[forPower], d.v[RescueMedian]*minute, d.v[TopUpSigma]))
	d.aimPower()
}

// percent returns the level as it is shown.
func (d *Device) percent() int8 { return int8(d.level / percent) }

// settle brings the level up to now. It is not beyond the next mark: that is reached
// at a whole microsecond, which may be a little late.
func (d *Device) settle() {
	low, top := int64(0), full
	if d.mark >= 0 {
		if d.rate < 0 {
			low = d.mark
		} else {
			top = d.mark
		}
	}
	d.level = max(low, min(d.level+d.rate*(d.now-d.since), top))
	d.since = d.now
}

// aim settles the level, and finds out when it crosses the next mark.
func (d *Device) aim() {
	d.settle()
	rate := int64(0)
	if d.on {
		if rate = -d.idle[yes(d.saving)]; d.light != dark {
			rate = -d.use[yes(d.saving)]
		}
	}
	if d.plugged {
		rate += d.v[ChargeRate]
	}
	if d.mark < 0 || rate == 0 || rate > 0 != (d.rate > 0) {
		d.mark = d.nextMark(rate)
	}
	d.rate = rate
	if d.mark < 0 {
		d.set(onBattery, never)
		return
	}
	way := d.mark - d.level
	if rate < 0 {
		way, rate = -way, -rate
	}
	d.set(onBattery, d.now+(way+rate-1)/rate)
}

// nextMark returns the level at which something is told next: a step, or where
// something begins or ends. -1: none.
func (d *Device) nextMark(rate int64) int64 {
	v := d.v
	if rate == 0 || rate < 0 && d.level == 0 || rate > 0 && d.level == full {
		return -1
	}
	if rate < 0 {
		mark := (d.level - 1) / d.stepSum * d.stepSum
		for _, p := range [...]Param{BatteryLowAt, LowPowerOffer, RescueAt} {
			if m := v[p] * percent; m < d.level {
				mark = max(mark, m)
			}
		}
		return mark
	}
	mark := min((d.level/d.stepSum+1)*d.stepSum, full)
	for _, p := range [...]Param{BatteryOkayAt, LowPowerEnd} {
		if m := v[p] * percent; m > d.level {
			mark = min(mark, m)
		}
	}
	return mark
}

// levelStep is a mark being reached.
func (d *Device) levelStep() {
	d.settle()
	rising, n := d.rate > 0, int64(d.percent())
	d.mark = -1
	if d.on {
		d.tellLevel(n, rising)
	}
	if !rising && !d.plugged && n <= d.v[RescueAt] {
		d.lookForCharger()
	}
	if !rising && n == 0 && d.on {
		d.empty = true
		d.turnOff()
		if d.plugged {
			d.bootAt(d.now + bootDelay)
		}
		return
	}
	d.aim()
}

func (d *Device) tellLevel(n int64, rising bool) {
	v := d.v
	var ev Event
	ev.put(record.BatteryLevel, int8(n))
	if low := isLow(d.low, n, v[BatteryLowAt], v[BatteryOkayAt]); low != d.low {
		d.low = low
		ev.put(record.BatteryLow, yes(low))
	}
	saving := d.saving
	switch {
	case rising && d.plugged && n >= v[LowPowerEnd]:
		saving = false
	case !rising && !d.plugged && !saving && n == v[LowPowerOffer]:
		saving = d.dice[forBattery].Chance(v[LowPowerTaken])
	}
	if saving != d.saving {
		d.saving = saving
		ev.put(record.LowPower, yes(saving))
	}
	d.add(ev)
}

// isLow tells whether a battery is low: from one level on, until it has reached
// another one.
func isLow(was bool, level, low, okay int64) bool { return was && level < okay || level <= low }

// tellPower tells all of it.
func (d *Device) tellPower() {
	d.settle()
	n := int64(d.percent())
	d.low = n <= d.v[BatteryLowAt]
	var ev Event
	ev.put(record.Charging, yes(d.plugged))
	ev.put(record.BatteryLevel, int8(n))
	ev.put(record.BatteryLow, yes(d.low))
	ev.put(record.LowPower, yes(d.saving))
	d.add(ev)
}
