package world

import (
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
)

// place is where a phone is.
type place uint8

const (
	atHome place = iota
	onWay
	atWork
	outside // with friends, in shops
	inAir
	atHotel
)

// link is a connection.
type link uint8

const (
	noLink link = iota
	wifi
	cell
	roaming
)

// linkSignals are the facts of a connection, and linkFacts their values.
var (
	linkSignals = [maxChanges]record.Signal{record.Connected, record.Validated, record.Metered, record.Roaming}
	linkFacts   = [...][maxChanges]int8{noLink: {0, 0, 0, 0}, wifi: {1, 1, 0, 0}, cell: {1, 1, 1, 0}, roaming: {1, 1, 1, 1}}
)

// network is where the phone is, and its connection.
type network struct {
	where    place
	base     place // where it sleeps
	link     link
	dropped  bool // the connection that the place gives is lost
	airplane bool
	abroad   link // mobile data there
	moves    [16]move
	count    uint8
	gone     uint8 // of the moves
	trip     uint8
	tripMass int64
}

type move struct {
	at int64
	to place
}

func (d *Device) netDice() *chance.Stream { return &d.dice[forNetwork] }

func (d *Device) beginNetwork() {
	d.tripMass = massOf(d.v[TripsPerYear]) * year
	d.set(onTrip, d.arrival(&d.dice[forTravel], d.tripMass))
	d.link = d.linkHere()
	d.nextDrop()
}

// planPlaces draws where the phone is in the day: at work on weekdays, and on outings
// afterwards, or by day.
func (d *Device) planPlaces() {
	d.count, d.gone = 0, 0
	if d.where == inAir {
		return
	}
	s, v := &d.dice[forPlan], d.v
	free, end := 10*hour, 20*hour // of outings
	if d.who.Worker && d.weekday() && d.base == atHome {
		leave := chance.Normal(s, v[LeaveAt]*minute, v[LeaveSD]*minute)
		there := leave + chance.LogNormal(s, v[CommuteMedian]*minute, 400)
		back := max(there+30*minute, chance.Normal(s, v[ReturnAt]*minute, v[ReturnSD]*minute))
		home := back + chance.LogNormal(s, v[CommuteMedian]*minute, 400)
		d.goTo(leave, onWay)
		d.goTo(there, atWork)
		d.goTo(back, onWay)
		d.goTo(home, atHome)
		free, end = home+10*minute, max(home+10*minute, 21*hour)
	}
	for n := min(chance.Poisson(s, v[OutingsPerDay]), 3); n > 0 && free <= end; n-- {
		leave := s.Between(free, end)
		there := leave + chance.LogNormal(s, 15*minute, 400)
		back := there + chance.LogNormal(s, v[OutingMedian]*minute, 600)
		d.goTo(leave, onWay)
		d.goTo(there, outside)
		d.goTo(back, onWay)
		d.goTo(back+there-leave, d.base)
		free = back + there - leave + 10*minute
	}
	d.aimPlace()
}

// goTo adds a move to the plan of the day. Whoever would be back after dawn is back by
// then.
func (d *Device) goTo(time int64, to place) {
	at := min(d.local(time+d.who.Late), d.dawn+day-minute)
	if d.count > 0 {
		at = max(at, d.moves[d.count-1].at)
	}
	d.moves[d.count] = move{at, to}
	d.count++
}

func (d *Device) aimPlace() {
	next := never
	if d.gone < d.count {
		next = max(d.now, d.moves[d.gone].at)
	}
	d.set(onPlace, next)
}

// placeStep makes the moves that are due; only the last of them is seen.
func (d *Device) placeStep() {
	to := d.where
	for ; d.gone < d.count && d.moves[d.gone].at <= d.now; d.gone++ {
		to = d.moves[d.gone].to
	}
	d.aimPlace()
	d.arrive(to)
}

func (d *Device) arrive(to place) {
	if to == d.where {
		return
	}
	d.where, d.dropped = to, false
	d.linkChanged()
	d.nextDrop()
	d.movedTo()
}

// hasWifi tells whether the place has it.
func (d *Device) hasWifi() bool {
	switch d.where {
	case atHome:
		return d.who.HomeWifi
	case atWork:
		return d.who.WorkWifi
	}
	return d.where == atHotel
}

func (d *Device) linkHere() link {
	switch {
	case d.airplane, d.where == inAir:
		return noLink
	case d.hasWifi() && !d.dropped:
		return wifi
	case !d.who.Cellular, d.dropped && !d.hasWifi():
		return noLink
	case d.base == atHotel:
		return d.abroad
	}
	return cell
}

// linkChanged tells what is new about the connection, if something is.
func (d *Device) linkChanged() {
	now := d.linkHere()
	if now == d.link {
		return
	}
	was := d.link
	d.link = now
	if !d.on {
		return
	}
	var ev Event
	for i, s := range linkSignals {
		if v := linkFacts[now][i]; v != linkFacts[was][i] {
			ev.put(s, v)
		}
	}
	d.add(ev)
}

// tellNetwork tells all of it.
func (d *Device) tellNetwork() {
	d.link = d.linkHere()
	var ev Event
	for i, s := range linkSignals {
		ev.put(s, linkFacts[d.link][i])
	}
	d.add(ev)
}

// nextDrop draws when the connection is lost, or back. On the way, it is lost more
// often.
func (d *Device) nextDrop() {
	perDay, mean := d.v[CellDropsPerDay], d.v[CellDropMean]
	switch {
	case d.hasWifi():
		perDay, mean = d.v[WifiDropsPerDay], d.v[WifiDropMean]
	case d.where == onWay:
		perDay *= 4
	}
	switch {
	case d.dropped:
		d.set(onDrop, d.now+second+chance.Exponential(d.netDice(), mean*second))
	case perDay == 0 || d.where == inAir:
		d.set(onDrop, never)
	default:
		d.set(onDrop, d.now+chance.Exponential(d.netDice(), day*1000/perDay))
	}
}

func (d *Device) dropStep() {
	d.dropped = !d.dropped
	d.linkChanged()
	d.nextDrop()
}

// Where a traveller is.
const (
	noTrip uint8 = iota
	flightOut
	staying
	flightBack
)

// tripStep is the next step of a trip to another time zone.
func (d *Device) tripStep() {
	s, v := &d.dice[forTravel], d.v
	switch d.trip {
	case noTrip, staying:
		d.trip++
		d.count, d.gone = 0, 0
		d.set(onPlace, never)
		flight := max(90*minute, min(chance.LogNormal(s, v[FlightMedian]*hour, 500), 16*hour))
		d.set(onTrip, d.now+flight)
		d.arrive(inAir)
	case flightOut:
		d.trip = staying
		zone := s.Between(1, 2*v[ZoneMax]) * 30 * minute
		if s.Chance(ppm / 2) {
			zone = -zone
		}
		d.abroad = noLink
		if s.Chance(v[AbroadRoaming]) {
			d.abroad = roaming
		}
		d.set(onTrip, d.now+max(12*hour, chance.LogNormal(s, v[TripDays]*day, 500)))
		d.land(atHotel, d.home+zone)
	case flightBack:
		d.trip = noTrip
		d.land(atHome, d.home)
		d.set(onTrip, d.arrival(s, d.tripMass))
	}
}

// land begins a person's day anew in another zone.
func (d *Device) land(base place, shift int64) {
	d.base, d.shift = base, shift
	d.tellShift()
	d.arrive(base)
	d.plan()
	d.set(onBout, d.arrival(d.screenDice(), d.boutMass))
	d.set(onLaunch, d.arrival(d.appDice(), d.launchMass))
	d.set(onNotice, d.arrival(d.appDice(), d.noticeMass))
}
