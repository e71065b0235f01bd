package world

import (
	"fmt"
	"strings"
)

// Param is one parameter of how devices and people are made up.
type Param uint8

// The parameters, in the order of the table.
const (
	SessionsPerDay Param = iota
	SessionMean
	GlancesPerDay
	GlanceMean
	BoutSize
	BoutPause
	PutOff
	UseSigma
	ChronotypeSD

	LaunchesPerDay
	LaunchSigma
	HabitShare
	HabitSD
	Habit1
	Habit2
	Habit3
	VisitMedian
	VisitSigma
	Swipes
	ProcessLife
	Taps
	NoticesPerDay
	WidgetOwners
	WidgetViewsPerDay
	OpenedAtInstall
	ForceStopsPerYear
	RefreshOff
	Restricted
	Exempt

	NightPlug
	NightPlugAt
	NightPlugSD
	NightUnplugAt
	NightUnplugSD
	TopUpsPerDay
	TopUpFrom
	TopUpTo
	TopUpMedian
	TopUpSigma
	DeskShare
	DeskMedian
	DeskSigma
	RescueAt
	RescueDelay
	RescueMedian
	DrainUse
	DrainIdle
	DrainSigma
	ChargeRate
	BatteryStep
	BatteryLowAt
	BatteryOkayAt
	LowPowerOffer
	LowPowerTaken
	LowPowerEnd
	LowPowerAlways
	LowPowerSaving

	HomeWifi
	WorkWifi
	Cellular
	Workers
	LeaveAt
	LeaveSD
	ReturnAt
	ReturnSD
	CommuteMedian
	OutingsPerDay
	OutingMedian
	WifiDropsPerDay
	WifiDropMean
	CellDropsPerDay
	CellDropMean
	AirplaneNights

	TripsPerYear
	TripDays
	FlightMedian
	ZoneMax
	AbroadRoaming

	PickUps
	SettleMean
	HomeMovesPerDay
	WorkMovesPerDay
	WalkPause
	MoveMean

	UpdateDays
	SystemUpdateDays
	RebootDays
	RebootMean
	AlarmOwners

	Params // how many there are
)

// Unit is what the value of a parameter counts.
type Unit string

// The units. Every value is an integer.
const (
	Thousandths   Unit = "1/1000"
	Millionths    Unit = "ppm"
	Seconds       Unit = "s"
	Minutes       Unit = "min"
	MinuteOfDay   Unit = "minute of the day"
	Percent       Unit = "%"
	MilliPercentH Unit = "1/1000 %/h"
	Hours         Unit = "h"
	Days          Unit = "d"
	Times         Unit = "times"
)

// Tag says what a default value rests on.
type Tag string

// The tags, with the same meaning as in the tables of the platforms.
const (
	Assumed  Tag = "assumed"  // by us
	Observed Tag = "observed" // in published logs of a few phones, to which it was fitted
	Doc      Tag = "doc"      // a vendor's documentation
)

// Spec describes a parameter.
type Spec struct {
	Name     string
	Default  int64 // of an archetype that does not say otherwise
	Min, Max int64
	Unit     Unit
	Tag      Tag
	Note     string
}

const (
	noHabit = -1
	year    = 365
	ppm     = 1_000_000
)

// Specs returns the table of all parameters, in the order of [Param].
func Specs() []Spec { return specs[:] }

// fit is where fitted values come from: four published logs of single phones, 30 h to
// 38 d long (niimpy sample data of 2017 and 2021, MIT; UsageLogger 2019, Apache-2.0;
// iPhone Battery Telemetry 2026, CC BY 4.0), and the mean of 136,000 phones that the
// FLASH data set gives (FedScale, benchmark/dataset/README.md).
const fit = "fitted: "

var specs = [Params]Spec{
	SessionsPerDay: {"sessions-per-day", 45_000, 0, 500_000, Thousandths, Assumed, "times the phone is unlocked and used; the app's launches are among them"},
	SessionMean:    {"session-mean", 240, 1, 7200, Seconds, Assumed, "how long one takes; exponential"},
	GlancesPerDay:  {"glances-per-day", 9_000, 0, 500_000, Thousandths, Observed, fit + "times the screen is on without an unlock; 49 to 119 in all, 189 events a day"},
	GlanceMean:     {"glance-mean", 12, 1, 600, Seconds, Assumed, "how long one takes; exponential"},
	BoutSize:       {"bout-size", 3_500, 1_000, 100_000, Thousandths, Observed, fit + "uses that follow one another; 3.8 to 8.2 breaks over 30 min a day"},
	BoutPause:      {"bout-pause", 250, 1, 3600, Seconds, Assumed, "between two of them; exponential"},
	PutOff:         {"put-off", 750_000, 0, ppm, Millionths, Observed, fit + "bouts that wait until the phone is off the charger; it lies unused there 35 to 38 % of the time"},
	UseSigma:       {"use-sigma", 300, 0, 2_000, Thousandths, Assumed, "sigma of a person's factor of sessions and glances; log-normal"},
	ChronotypeSD:   {"chronotype-sd", 40, 0, 240, Minutes, Assumed, "by how much a person's day is earlier or later; normal"},

	LaunchesPerDay:    {"launches-per-day", 3_000, 0, 500_000, Thousandths, Assumed, "times the app is opened"},
	LaunchSigma:       {"launch-sigma", 0, 0, 2_000, Thousandths, Assumed, "sigma of a person's factor of launches; log-normal"},
	HabitShare:        {"habit-share", 700_000, 0, ppm, Millionths, Assumed, "launches at the habit hours; the others follow the hourly profile"},
	HabitSD:           {"habit-sd", 30, 0, 240, Minutes, Assumed, "how exactly habits are kept; normal"},
	Habit1:            {"habit-1", 7*60 + 30, noHabit, 1439, MinuteOfDay, Assumed, "-1: none"},
	Habit2:            {"habit-2", 12*60 + 30, noHabit, 1439, MinuteOfDay, Assumed, "-1: none"},
	Habit3:            {"habit-3", 21 * 60, noHabit, 1439, MinuteOfDay, Assumed, "-1: none"},
	VisitMedian:       {"visit-median", 90, 1, 7200, Seconds, Assumed, "how long the app is in front; log-normal"},
	VisitSigma:        {"visit-sigma", 1_000, 0, 3_000, Thousandths, Assumed, ""},
	Swipes:            {"swipes", 50_000, 0, ppm, Millionths, Assumed, "visits after which the app is swiped from the recent ones"},
	ProcessLife:       {"process-life", 300, 1, 100_000, Minutes, Assumed, "until the system wants the memory of the app left; exponential"},
	Taps:              {"taps", 100_000, 0, ppm, Millionths, Assumed, "launches that begin with a notification being touched"},
	NoticesPerDay:     {"notices-per-day", 3_000, 0, 500_000, Thousandths, Assumed, "notifications of the app that are seen"},
	WidgetOwners:      {"widget-owners", 200_000, 0, ppm, Millionths, Assumed, "people who have a widget of the app on a home screen"},
	WidgetViewsPerDay: {"widget-views-per-day", 12_000, 0, 500_000, Thousandths, Assumed, "times that it is seen, at most at each unlock"},
	OpenedAtInstall:   {"opened-at-install", ppm, 0, ppm, Millionths, Assumed, "people who open the app right after installing it"},
	ForceStopsPerYear: {"force-stops-per-year", 0, 0, 365_000, Thousandths, Assumed, "in the system's settings; Android only"},
	RefreshOff:        {"refresh-off", 30_000, 0, ppm, Millionths, Assumed, "people with background refresh of the app switched off"},
	Restricted:        {"restricted", 10_000, 0, ppm, Millionths, Assumed, "people who restrict the app's battery use; Android only"},
	Exempt:            {"exempt", 10_000, 0, ppm, Millionths, Assumed, "people who exempt the app from battery optimisation; Android only"},

	NightPlug:      {"night-plug", 850_000, 0, ppm, Millionths, Assumed, "nights on the charger"},
	NightPlugAt:    {"night-plug-at", 22*60 + 45, 18 * 60, 26 * 60, MinuteOfDay, Assumed, "normal"},
	NightPlugSD:    {"night-plug-sd", 60, 0, 240, Minutes, Assumed, ""},
	NightUnplugAt:  {"night-unplug-at", 7 * 60, 4 * 60, 12 * 60, MinuteOfDay, Assumed, "normal"},
	NightUnplugSD:  {"night-unplug-sd", 45, 0, 240, Minutes, Assumed, ""},
	TopUpsPerDay:   {"top-ups-per-day", 2_600, 0, 50_000, Thousandths, Observed, fit + "plugged in 2.15 to 2.74 times a day; Poisson"},
	TopUpFrom:      {"top-up-from", 9 * 60, 0, 1439, MinuteOfDay, Assumed, "uniform"},
	TopUpTo:        {"top-up-to", 19 * 60, 0, 1439, MinuteOfDay, Assumed, ""},
	TopUpMedian:    {"top-up-median", 40, 1, 1440, Minutes, Assumed, "log-normal"},
	TopUpSigma:     {"top-up-sigma", 800, 0, 3_000, Thousandths, Assumed, ""},
	DeskShare:      {"desk-share", 500_000, 0, ppm, Millionths, Observed, fit + "top-ups of a phone that stays on the charger; 27 to 53 % of the time"},
	DeskMedian:     {"desk-median", 220, 1, 1440, Minutes, Observed, fit + "log-normal; 0.76 to 1.32 sessions over 4 h a day"},
	DeskSigma:      {"desk-sigma", 350, 0, 3_000, Thousandths, Assumed, ""},
	RescueAt:       {"rescue-at", 10, 0, 99, Percent, Assumed, "level at which people look for a charger"},
	RescueDelay:    {"rescue-delay", 40, 1, 1440, Minutes, Assumed, "until they have found one, by day; exponential"},
	RescueMedian:   {"rescue-median", 60, 1, 1440, Minutes, Assumed, "log-normal"},
	DrainUse:       {"drain-use", 9_000, 1, 100_000, MilliPercentH, Assumed, "with the screen on"},
	DrainIdle:      {"drain-idle", 1_200, 1, 100_000, MilliPercentH, Assumed, "with the screen off"},
	DrainSigma:     {"drain-sigma", 200, 0, 1_000, Thousandths, Assumed, "sigma of a phone's factor of both; log-normal"},
	ChargeRate:     {"charge-rate", 45_000, 1, 500_000, MilliPercentH, Assumed, ""},
	BatteryStep:    {"battery-step", 5, 1, 50, Percent, Assumed, "the level is told in such steps"},
	BatteryLowAt:   {"battery-low-at", 15, 1, 50, Percent, Doc, "Android's low battery warning"},
	BatteryOkayAt:  {"battery-okay-at", 20, 1, 99, Percent, Doc, "and its end"},
	LowPowerOffer:  {"low-power-offer", 20, 1, 99, Percent, Doc, "level at which the system offers Low Power Mode"},
	LowPowerTaken:  {"low-power-taken", 400_000, 0, ppm, Millionths, Assumed, "offers that are taken"},
	LowPowerEnd:    {"low-power-end", 80, 1, 100, Percent, Doc, "level at which it ends on the charger"},
	LowPowerAlways: {"low-power-always", 10_000, 0, ppm, Millionths, Assumed, "people who turn it on whenever they unplug"},
	LowPowerSaving: {"low-power-saving", 25, 0, 90, Percent, Assumed, "less drain in it"},

	HomeWifi:        {"home-wifi", 920_000, 0, ppm, Millionths, Assumed, "people with Wi-Fi at home"},
	WorkWifi:        {"work-wifi", 600_000, 0, ppm, Millionths, Assumed, "workers with Wi-Fi there"},
	Cellular:        {"cellular", 980_000, 0, ppm, Millionths, Assumed, "people with mobile data"},
	Workers:         {"workers", 600_000, 0, ppm, Millionths, Assumed, "people who leave home on weekdays"},
	LeaveAt:         {"leave-at", 8 * 60, 5 * 60, 14 * 60, MinuteOfDay, Assumed, "normal"},
	LeaveSD:         {"leave-sd", 40, 0, 240, Minutes, Assumed, ""},
	ReturnAt:        {"return-at", 17*60 + 15, 12 * 60, 27 * 60, MinuteOfDay, Assumed, "normal"},
	ReturnSD:        {"return-sd", 50, 0, 240, Minutes, Assumed, ""},
	CommuteMedian:   {"commute-median", 30, 1, 300, Minutes, Assumed, "each way; log-normal"},
	OutingsPerDay:   {"outings-per-day", 700, 0, 20_000, Thousandths, Assumed, "Poisson"},
	OutingMedian:    {"outing-median", 80, 1, 1440, Minutes, Assumed, "log-normal"},
	WifiDropsPerDay: {"wifi-drops-per-day", 1_500, 0, 500_000, Thousandths, Observed, fit + "changes of the network; 189 events a day"},
	WifiDropMean:    {"wifi-drop-mean", 120, 1, 36_000, Seconds, Assumed, "exponential"},
	CellDropsPerDay: {"cell-drops-per-day", 6_000, 0, 500_000, Thousandths, Assumed, "while on mobile data: no connection"},
	CellDropMean:    {"cell-drop-mean", 240, 1, 36_000, Seconds, Assumed, "exponential"},
	AirplaneNights:  {"airplane-nights", 50_000, 0, ppm, Millionths, Assumed, "people who cut the connection while they sleep"},

	TripsPerYear:  {"trips-per-year", 1_000, 0, 100_000, Thousandths, Assumed, "by air, to another time zone"},
	TripDays:      {"trip-days", 5, 1, 60, Days, Assumed, "until the flight back; log-normal"},
	FlightMedian:  {"flight-median", 4, 1, 20, Hours, Assumed, "without connection; log-normal"},
	ZoneMax:       {"zone-max", 9, 1, 12, Hours, Assumed, "farthest time zone; uniform in half hours"},
	AbroadRoaming: {"abroad-roaming", 800_000, 0, ppm, Millionths, Assumed, "trips on which mobile data is roaming; on the others there is none"},

	PickUps:         {"pick-ups", 800_000, 0, ppm, Millionths, Assumed, "uses for which the phone is moved"},
	SettleMean:      {"settle-mean", 240, 1, 3600, Seconds, Assumed, "until it lies still afterwards; exponential"},
	HomeMovesPerDay: {"home-moves-per-day", 8_000, 0, 500_000, Thousandths, Assumed, "times it is moved without being used, at home"},
	WorkMovesPerDay: {"work-moves-per-day", 20_000, 0, 500_000, Thousandths, Assumed, "the same elsewhere, as if all day"},
	WalkPause:       {"walk-pause", 240, 1, 36_000, Seconds, Assumed, "between two such times on the way; exponential"},
	MoveMean:        {"move-mean", 90, 1, 36_000, Seconds, Assumed, "how long one takes; exponential"},

	UpdateDays:       {"update-days", 14, 0, 3650, Days, Assumed, "between two updates of the app; 0: none"},
	SystemUpdateDays: {"system-update-days", 30, 0, 3650, Days, Assumed, "between two updates of the system, at night on the charger; 0: none"},
	RebootDays:       {"reboot-days", 45, 0, 3650, Days, Assumed, "between two reboots by the user; exponential; 0: none"},
	RebootMean:       {"reboot-mean", 70, 1, 3600, Seconds, Assumed, "off and on again"},
	AlarmOwners:      {"alarm-owners", 700_000, 0, ppm, Millionths, Assumed, "people who are woken by an alarm clock on weekdays"},
}

// UnknownError says that there is nothing of a name.
type UnknownError struct {
	What  string   // "parameter", "archetype"
	Name  string   // that was asked for
	Known []string // those that exist
}

// Error names what was asked for.
func (e *UnknownError) Error() string { return fmt.Sprintf("unknown %s %q", e.What, e.Name) }

// ParamByName finds a parameter by its name.
func ParamByName(name string) (Param, error) {
	known := make([]string, 0, Params)
	for i := range specs {
		if specs[i].Name == plain(name) {
			return Param(i), nil
		}
		known = append(known, specs[i].Name)
	}
	return 0, &UnknownError{"parameter", name, known}
}

// String returns the name.
func (p Param) String() string { return specs[p].Name }

// plain lets names be written with either kind of dash.
func plain(name string) string { return strings.ReplaceAll(name, "_", "-") }

// Values has one value for each parameter.
type Values [Params]int64

// Defaults returns the values of the table.
func Defaults() Values {
	var v Values
	for i := range specs {
		v[i] = specs[i].Default
	}
	return v
}

// Set sets a parameter by its name.
func (v *Values) Set(name string, value int64) error {
	p, err := ParamByName(name)
	if err != nil {
		return err
	}
	s := &specs[p]
	if value < s.Min || value > s.Max {
		return fmt.Errorf("%s is %d to %d %s, not %d", s.Name, s.Min, s.Max, s.Unit, value)
	}
	v[p] = value
	return nil
}
