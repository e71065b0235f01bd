package world

import "github.com/lullwork/lull/internal/core/chance"

// Person is what differs between people of one archetype, and between their phones.
type Person struct {
	Late     int64 // by which their day is later than others', µs
	Use      int64 // factor of sessions and glances, in thousandths
	Launches int64 // of the app a day, in thousandths
	Drain    int64 // factor of what the phone needs, in thousandths

	Worker   bool // leaves home on weekdays
	HomeWifi bool
	WorkWifi bool
	Cellular bool
	Airplane bool // cuts the connection at night
	Alarm    bool // is woken by an alarm clock
	Widget   bool // has one of the app

	RefreshOff bool // background refresh of the app
	Restricted bool // background use of the app
	Exempt     bool // the app, from battery optimisation
	LowPower   bool // turns Low Power Mode on by habit
}

// streams of a device: one for each thing, so that more of one changes no other.
const (
	forMember = iota // of a population
	forPerson
	forScreen
	forApp
	forPower
	forBattery
	forNetwork
	forMotion
	forCare
	forTravel
	forPlan
	forStart
	streams
)

// dice returns the stream of one use. What others make of the same seed is not alike.
func dice(seed, use uint64) chance.Stream { return chance.New(seed).Fork(0x776f726c64).Fork(use) }

// NewPerson returns the person of a seed.
func NewPerson(seed uint64, a *Archetype) Person {
	s := dice(seed, forPerson)
	v := &a.Values
	has := func(p Param) bool { return s.Chance(v[p]) }
	return Person{
		Late:     max(-4*hour, min(chance.Normal(&s, 0, v[ChronotypeSD]*minute), 4*hour)),
		Use:      chance.LogNormal(&s, 1000, v[UseSigma]),
		Launches: chance.LogNormal(&s, v[LaunchesPerDay], v[LaunchSigma]),
		Drain:    max(100, chance.LogNormal(&s, 1000, v[DrainSigma])),

		Worker: has(Workers), HomeWifi: has(HomeWifi), WorkWifi: has(WorkWifi), Cellular: has(Cellular),
		Airplane: has(AirplaneNights), Alarm: has(AlarmOwners), Widget: has(WidgetOwners),

		RefreshOff: has(RefreshOff), Restricted: has(Restricted), Exempt: has(Exempt), LowPower: has(LowPowerAlways),
	}
}
