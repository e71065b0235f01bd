package calendar

// Seconds and days are counted from 1970-01-01. Months are counted from January
// of year 0, so that stepping over a year's end needs no special case.

const (
	microSec   = 1_000_000
	minuteSec  = 60
	dayMinutes = 24 * 60
	daySec     = dayMinutes * minuteSec

	// The seconds whose microseconds fit an int64.
	maxSec = (1<<63 - 1) / microSec
	minSec = -maxSec
)

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }

// A calendar of 400 years, the Gregorian cycle, has a fixed number of days. Years
// are taken to start in March, which puts the leap day at the end.
const (
	cycleDays  = 146_097
	epochShift = 719_468 // days from 0000-03-01 to 1970-01-01
)

// monthStart returns the day number of the first day of a month.
func monthStart(month int64) int64 {
	march := month - 2 // months since March of year 0
	year, m := floorDiv(march, 12), floorMod(march, 12)
	cycle, y := floorDiv(year, 400), floorMod(year, 400)
	return cycle*cycleDays + y*365 + y/4 - y/100 + (153*m+2)/5 - epochShift
}

// monthOf returns the month that holds a day, and the day of the month from 1.
func monthOf(day int64) (month int64, dom int) {
	d := day + epochShift
	cycle, doc := floorDiv(d, cycleDays), floorMod(d, cycleDays)
	y := (doc - doc/1460 + doc/36_524 - doc/146_096) / 365
	doy := doc - (365*y + y/4 - y/100)
	m := (5*doy + 2) / 153
	return (cycle*400+y)*12 + m + 2, int(doy - (153*m+2)/5 + 1)
}

// weekday returns the day of the week, 0 = Sunday.
func weekday(day int64) int { return int(floorMod(day+4, 7)) }
