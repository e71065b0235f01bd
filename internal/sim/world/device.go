package world

import (
	"math"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
)

// timer is what will happen next of one kind. Of what happens at one instant the
// first of this list comes first.
type timer int64

const (
	onDay     timer = iota // a day is planned
	onTrip                 // a flight begins or ends
	onPower                // the charger is plugged in or out
	onRescue               // a charger was found for an empty battery
	onBattery              // the level crosses a mark
	onPlace                // the phone comes to another place
	onDrop                 // the connection is lost or back
	onCare                 // updates, reboots, alarm clocks
	onMotion               // the phone is moved or lies still
	onNotice               // a notification of the app arrives
	onMemory               // the app's process is ended
	onHabit                // the app is opened by habit
	onLaunch               // the app is opened
	onBout                 // the phone is taken up
	onScreen               // the screen's next step
	onFront                // the app's next step
	timers
)

// never is the instant of what does not happen.
const never int64 = 1 << 58

// Config is what a device is made of.
type Config struct {
	Of   *Archetype // default: "daily"
	Seed uint64
	// Start is when it begins, engine time. The app is installed at that moment.
	Start int64
	// End is when it ends: no event is at it or after it. 0: never.
	End int64
	// Shift is local time minus engine time at home, µs.
	Shift int64
}

// Device makes up what happens to one phone and its user, with one app. It is a
// [Source]; it needs about 1.5 KB, and allocates nothing as it goes on.
type Device struct {
	due    [timers]int64 // the instant and the timer, in one number
	seldom int64         // the first of those that are not set often
	anew   bool          // one of them was set since
	out    []Dated
	read   int // of them

	now   int64
	end   int64
	shift int64
	told  int64 // the shift that was told last
	home  int64 // the shift at home
	dawn  int64 // when the day began, engine time
	v     *Values
	who   Person
	dice  [streams]chance.Stream

	on    bool // the phone
	empty bool // it is off for that
	screen
	app
	power
	network
	motion
	care
}

// New returns a device.
func New(cfg Config) *Device {
	if cfg.Of == nil {
		cfg.Of = daily()
	}
	if cfg.End == 0 {
		cfg.End = never
	}
	d := &Device{
		now: cfg.Start, end: min(cfg.End, never), shift: cfg.Shift, home: cfg.Shift,
		v: &cfg.Of.Values, who: NewPerson(cfg.Seed, cfg.Of), on: true, out: make([]Dated, 0, 16),
	}
	for i := range d.dice {
		d.dice[i] = dice(cfg.Seed, uint64(i))
	}
	for t := range timers {
		d.set(t, never)
	}
	d.begin()
	return d
}

func daily() *Archetype { return &Archetype{Name: "daily", Values: Defaults()} }

// Who returns the person.
func (d *Device) Who() Person { return d.who }

// begin tells what the phone is like as the app is installed.
func (d *Device) begin() {
	if d.now >= d.end {
		return
	}
	d.told = d.shift
	d.tell(core.SenseLocalTime, d.shift)
	d.tell(core.SenseInstalled, 0)
	for _, x := range [...]struct {
		is    bool
		kind  core.SenseKind
		value int64
	}{
		{d.who.RefreshOff, core.SenseRefresh, 0}, {d.who.Restricted, core.SenseRestricted, 1}, {d.who.Exempt, core.SenseExempt, 1},
	} {
		if x.is {
			d.tell(x.kind, x.value)
		}
	}
	d.beginScreen()
	d.beginApp()
	d.beginPower()
	d.beginNetwork()
	d.beginCare()
	d.plan()
	d.tellPower()
	d.tellNetwork()
	var ev Event
	ev.put(record.StorageLow, 0)
	ev.put(record.LoadHigh, 0)
	d.add(ev)
	d.tell(core.SenseScreen, 0)
	d.beginMotion()
	if d.dice[forStart].Chance(d.v[OpenedAtInstall]) {
		d.set(onLaunch, d.now+d.dice[forStart].Between(10*second, 60*second))
	}
}

// Next implements [Source].
func (d *Device) Next() (at int64, ev Event, ok bool) {
	for d.read == len(d.out) {
		d.read, d.out = 0, d.out[:0]
		if !d.step() {
			return 0, Event{}, false
		}
	}
	x := &d.out[d.read]
	d.read++
	return x.At, x.Event, true
}

// step lets the next thing happen; false: there is none any more.
func (d *Device) step() bool {
	next := d.least()
	if next>>4 >= d.end {
		return false
	}
	d.now = max(d.now, next>>4)
	d.happen(timer(next & 15))
	return true
}

// often are the timers that most of what happens comes by. The others are looked through
// when one of them was set.
const often = 1<<onBattery | 1<<onMotion | 1<<onBout | 1<<onScreen | 1<<onFront

// least returns the timer that is due first.
func (d *Device) least() int64 {
	if d.anew {
		first := int64(math.MaxInt64)
		for t := range d.due {
			if often>>t&1 == 0 {
				first = min(first, d.due[t])
			}
		}
		d.seldom, d.anew = first, false
	}
	a, b := min(d.due[onBattery], d.due[onMotion]), min(d.due[onBout], d.due[onScreen])
	return min(min(a, b), min(d.seldom, d.due[onFront]))
}

func (d *Device) set(t timer, at int64) {
	d.due[t] = min(at, never)<<4 | int64(t)
	d.anew = d.anew || often>>t&1 == 0
}

// at returns when a timer is due.
func (d *Device) at(t timer) int64 { return d.due[t] >> 4 }

func (d *Device) happen(t timer) {
	switch t {
	case onScreen:
		d.useStep()
	case onBattery:
		d.levelStep()
	case onFront:
		d.appStep()
	case onMotion:
		d.motionStep()
	case onBout:
		d.takeUp()
	case onLaunch:
		d.launchNext()
	case onHabit:
		d.habitNext()
	case onNotice:
		d.noticeNext()
	case onMemory:
		d.tell(core.SenseAppDied, 0)
		d.set(onMemory, never)
	case onPlace:
		d.placeStep()
	case onDrop:
		d.dropStep()
	case onPower:
		d.powerStep()
	case onRescue:
		d.rescue()
	case onCare:
		d.careStep()
	case onTrip:
		d.tripStep()
	case onDay:
		d.plan()
	}
}

// add adds an event that happens now.
func (d *Device) add(ev Event) { d.out = append(d.out, Dated{d.now, ev}) }

func (d *Device) tell(k core.SenseKind, value int64) { d.add(Event{Kind: k, Value: value}) }

// plan lays down a day: when the phone is charged and where it is, and when habits
// are kept. It is done at dawn, and for the rest of the day after a change of zone.
func (d *Device) plan() {
	// People wake up for what they plan in their own time, but dawn is the same for all.
	d.dawn = d.now - floorMod(d.now+d.shift-dawn, day)
	d.set(onDay, d.dawn+day)
	d.planPower()
	d.planPlaces()
	d.planHabits()
}

// tellShift tells the time zone, if it is another one.
func (d *Device) tellShift() {
	if d.on && d.told != d.shift {
		d.told = d.shift
		d.tell(core.SenseLocalTime, d.shift)
	}
}

// turnOff ends everything that needs a phone that is on.
func (d *Device) turnOff() {
	if d.stage == inFront {
		d.tell(core.SenseAppLeft, 0)
	}
	if d.light != dark {
		d.tell(core.SenseScreen, 0)
	}
	d.tell(core.SenseShutdown, 0)
	d.on = false
	d.screen.reset()
	d.app.reset()
	d.motion.reset()
	for _, t := range [...]timer{onScreen, onFront, onMemory, onMotion, onDrop} {
		d.set(t, never)
	}
	d.aim()
}

// turnOn is the end of booting.
func (d *Device) turnOn() {
	d.on, d.empty = true, false
	d.tell(core.SenseBooted, 0)
	d.tellShift()
	d.tellPower()
	d.dropped = false
	d.tellNetwork()
	d.nextDrop()
	d.beginMotion()
	d.aim()
}
