package world

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
)

// Where the app is.
const (
	away uint8 = iota
	opening
	inFront
	swiping
)

// app is how the app is used.
type app struct {
	stage  uint8
	wanted bool // it is opened as soon as the phone is unlocked
	tapped bool // by a notification
	unseen bool // a notification waits for the screen

	habits     [6]int64 // the launches of the day
	launchMass int64
	noticeMass int64
}

func (a *app) reset() { a.stage, a.wanted, a.tapped, a.unseen = away, false, false, false }

func (d *Device) appDice() *chance.Stream { return &d.dice[forApp] }

func (d *Device) beginApp() {
	habit := int64(0)
	if d.habitCount() > 0 {
		habit = d.v[HabitShare]
	}
	d.launchMass = massOf(d.who.Launches * (ppm - habit) / ppm)
	d.noticeMass = massOf(d.v[NoticesPerDay])
	d.set(onLaunch, d.arrival(d.appDice(), d.launchMass))
	d.set(onNotice, d.arrival(d.appDice(), d.noticeMass))
}

// habitCount returns how many hours of habit there are.
func (d *Device) habitCount() (n int64) {
	for p := Habit1; p <= Habit3; p++ {
		if d.v[p] != noHabit {
			n++
		}
	}
	return n
}

// planHabits draws the launches that a day has by habit. Each hour has its share of
// them: a whole number, and one more or not.
func (d *Device) planHabits() {
	s := &d.dice[forPlan]
	n := d.habitCount()
	i := 0
	for p := Habit1; p <= Habit3; p++ {
		if d.v[p] == noHabit {
			continue
		}
		times := d.who.Launches * d.v[HabitShare] / n / 1000 // ppm
		for ; times > 0; times -= ppm {
			if !s.Chance(times) {
				break
			}
			at := d.local(chance.Normal(s, d.v[p]*minute, d.v[HabitSD]*minute) + d.who.Late)
			if at > d.now && i < len(d.habits) {
				d.habits[i] = at
				i++
			}
		}
	}
	for ; i < len(d.habits); i++ {
		d.habits[i] = never
	}
	d.aimHabit()
}

func (d *Device) aimHabit() {
	next := never
	for _, at := range d.habits {
		next = min(next, at)
	}
	d.set(onHabit, next)
}

func (d *Device) habitNext() {
	for i, at := range d.habits {
		if at <= d.now {
			d.habits[i] = never
		}
	}
	d.aimHabit()
	d.launch()
}

func (d *Device) launchNext() {
	d.set(onLaunch, d.arrival(d.appDice(), d.launchMass))
	d.launch()
}

// launch lets the user open the app: at once, or as soon as the phone is unlocked.
func (d *Device) launch() {
	if !d.on || d.stage != away || d.wanted {
		return
	}
	d.wanted = true
	d.tapped = d.appDice().Chance(d.v[Taps])
	switch d.light {
	case dark:
		d.lightUp()
	case glance:
		d.light = waking
		d.set(onScreen, d.now+second)
	case visible:
		d.openSoon()
	}
}

func (d *Device) openSoon() {
	d.wanted = false
	d.stage = opening
	at := d.now + d.appDice().Between(500_000, 3_000_000)
	d.set(onFront, at)
	d.stayOn(at + second)
}

// appStep is the next step of a visit.
func (d *Device) appStep() {
	s := d.appDice()
	switch d.stage {
	case opening:
		if d.tapped {
			d.tapped = false
			d.tell(core.SenseNotified, 0)
			d.tell(core.SenseInteracted, 0)
		}
		d.stage = inFront
		d.set(onMemory, never)
		d.tell(core.SenseAppOpened, 0)
		until := d.now + 2*second + chance.LogNormal(s, d.v[VisitMedian]*second, d.v[VisitSigma])
		d.set(onFront, until)
		d.stayOn(until + s.Between(1*second, 10*second))
	case inFront:
		d.tell(core.SenseAppLeft, 0)
		if s.Chance(d.v[Swipes]) {
			d.stage = swiping
			at := d.now + s.Between(1*second, 3*second)
			d.set(onFront, at)
			d.stayOn(at + second)
			return
		}
		d.stage = away
		d.set(onFront, never)
		d.set(onMemory, d.now+chance.Exponential(s, d.v[ProcessLife]*minute))
	case swiping:
		d.stage = away
		d.set(onFront, never)
		d.tell(core.SenseAppSwiped, 0)
	}
}

// noticeNext is a notification: it is seen now, or when the screen is on.
func (d *Device) noticeNext() {
	d.set(onNotice, d.arrival(d.appDice(), d.noticeMass))
	switch {
	case !d.on:
	case d.light == dark:
		d.unseen = true
	default:
		d.tell(core.SenseNotified, 0)
	}
}
