package world

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
)

// What the screen shows.
const (
	dark    uint8 = iota
	glance        // on, and locked
	waking        // on, about to be unlocked
	visible       // on and unlocked
)

// screen is how a phone is used. It is taken up in bouts: uses that follow one
// another. When it is taken up while a bout goes on, another bout follows that one, so
// that the number of uses does not depend on how long they are.
type screen struct {
	light    uint8
	chained  bool  // the use is part of a bout
	waiting  int32 // bouts that follow this one
	putOff   int32 // bouts that wait until the phone is off the charger
	boutMass int64
	unlocks  int64 // uses that unlock the phone, ppm
	more     int64 // uses that are followed by another one, ppm
	widgets  int64 // unlocks that show the widget, ppm
}

func (s *screen) reset() { s.light, s.chained, s.waiting = dark, false, 0 }

func (d *Device) beginScreen() {
	v, w := d.v, &d.who
	// Most launches are sessions of their own.
	sessions := max(v[SessionsPerDay]*w.Use/1000-w.Launches, v[SessionsPerDay]*w.Use/4000)
	uses := sessions + v[GlancesPerDay]*w.Use/1000
	d.boutMass = massOf(uses * 1000 / v[BoutSize])
	d.more = ppm - ppm*1000/v[BoutSize]
	if uses > 0 {
		d.unlocks = sessions * ppm / uses
	}
	if w.Widget {
		d.widgets = v[WidgetViewsPerDay] * ppm / max(1, sessions+w.Launches)
	}
	d.set(onBout, d.arrival(d.screenDice(), d.boutMass))
}

func (d *Device) screenDice() *chance.Stream { return &d.dice[forScreen] }

// takeUp begins a bout.
func (d *Device) takeUp() {
	d.set(onBout, d.arrival(d.screenDice(), d.boutMass))
	if d.plugged && d.screenDice().Chance(d.v[PutOff]) {
		d.putOff++
		return
	}
	d.bout()
}

// catchUp begins the bouts that waited for the phone to be off the charger.
func (d *Device) catchUp() {
	for ; d.putOff > 0; d.putOff-- {
		d.bout()
	}
}

func (d *Device) bout() {
	switch {
	case !d.on:
	case d.light == dark && d.at(onScreen) == never:
		d.chained = true
		d.lightUp()
	default:
		d.waiting++
	}
}

// useStep is the next step of a use.
func (d *Device) useStep() {
	switch d.light {
	case dark:
		d.lightUp()
	case waking:
		d.unlock()
	default:
		d.lightsOut()
	}
}

func (d *Device) lightUp() {
	s := d.screenDice()
	d.tell(core.SenseScreen, 1)
	d.light = glance
	d.aim()
	d.pickUp()
	if d.unseen {
		d.unseen = false
		d.tell(core.SenseNotified, 0)
	}
	if d.wanted || s.Chance(d.unlocks) {
		d.light = waking
		d.set(onScreen, d.now+s.Between(800_000, 2_500_000))
		return
	}
	d.set(onScreen, d.now+second+chance.Exponential(s, d.v[GlanceMean]*second))
}

func (d *Device) unlock() {
	s := d.screenDice()
	d.light = visible
	d.tell(core.SenseUnlocked, 0)
	if d.widgets > 0 && s.Chance(d.widgets) {
		d.tell(core.SenseWidgetSeen, 0)
	}
	d.set(onScreen, d.now+second+chance.Exponential(s, d.v[SessionMean]*second))
	if d.wanted {
		d.openSoon()
	}
}

// stayOn keeps the screen on until an instant, at least.
func (d *Device) stayOn(until int64) {
	if d.at(onScreen) < until {
		d.set(onScreen, until)
	}
}

func (d *Device) lightsOut() {
	d.light = dark
	d.tell(core.SenseScreen, 0)
	d.aim()
	d.putDown()
	s := d.screenDice()
	if !d.chained || !s.Chance(d.more) {
		if d.waiting == 0 {
			d.chained = false
			d.set(onScreen, never)
			return
		}
		d.waiting--
		d.chained = true
	}
	d.set(onScreen, d.now+5*second+chance.Exponential(s, d.v[BoutPause]*second))
}
