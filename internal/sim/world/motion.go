package world

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
)

// motion is whether the phone is moved: when it is used, and now and then otherwise.
type motion struct {
	moving   bool
	held     bool // it is used
	homeMass int64
	workMass int64
}

func (m *motion) reset() { m.moving, m.held = false, false }

func (d *Device) motionDice() *chance.Stream { return &d.dice[forMotion] }

// beginMotion begins with a phone that lies still.
func (d *Device) beginMotion() {
	d.homeMass, d.workMass = massOf(d.v[HomeMovesPerDay]), massOf(d.v[WorkMovesPerDay])
	d.move(false)
	d.nextMotion()
}

func (d *Device) move(moving bool) {
	d.moving = moving
	d.tell(core.SenseMotion, int64(yes(moving)))
}

// pickUp is a use beginning.
func (d *Device) pickUp() {
	if !d.moving && d.motionDice().Chance(d.v[PickUps]) {
		d.move(true)
	}
	if d.moving {
		d.held = true
		d.set(onMotion, never)
	}
}

// putDown is its end.
func (d *Device) putDown() {
	if d.held {
		d.held = false
		d.set(onMotion, d.now+second+chance.Exponential(d.motionDice(), d.v[SettleMean]*second))
	}
}

// movedTo is an arrival at another place.
func (d *Device) movedTo() {
	switch {
	case !d.on || d.held:
	case d.where == onWay && !d.moving:
		d.set(onMotion, d.now)
	case !d.moving:
		d.nextMotion()
	}
}

// nextMotion draws when a phone that lies still is moved.
func (d *Device) nextMotion() {
	s := d.motionDice()
	switch d.where {
	case onWay:
		d.set(onMotion, d.now+second+chance.Exponential(s, d.v[WalkPause]*second))
	case atHome, atHotel:
		d.set(onMotion, d.arrival(s, d.homeMass))
	default:
		d.set(onMotion, d.arrival(s, d.workMass))
	}
}

func (d *Device) motionStep() {
	switch {
	case d.moving:
		d.move(false)
		d.nextMotion()
	case d.plugged && d.where != onWay: // it lies where the cable is
		d.nextMotion()
	default:
		d.move(true)
		d.set(onMotion, d.now+second+chance.Exponential(d.motionDice(), d.v[MoveMean]*second))
	}
}
