package world

import "github.com/lullwork/lull/internal/core/chance"

// profile holds how much people do in each hour of their day, compared with the other
// hours, in twentieths. Assumed; the same for all.
var profile = [24]int64{4, 2, 1, 1, 1, 2, 10, 24, 30, 24, 20, 20, 26, 24, 20, 20, 22, 26, 30, 32, 36, 36, 28, 14}

// dayMass is the integral of the profile over a day. Events that follow the profile
// are a Poisson process in its integral.
const dayMass = 453 * hour

// massOf returns how much of the integral passes on average between two events of
// which there are some thousandths a day. None: 0.
func massOf(perDay int64) int64 {
	if perDay <= 0 {
		return 0
	}
	return dayMass * 1000 / perDay
}

// arrival returns when the next event comes that follows the profile.
func (d *Device) arrival(s *chance.Stream, mass int64) int64 {
	if mass == 0 {
		return never
	}
	left := chance.Exponential(s, min(mass, 1<<56)) // rarer than once in a century: no overflow
	t := d.now + d.shift - d.who.Late + left/dayMass*day
	left %= dayMass
	into := floorMod(t, day)
	h := into / hour
	rest := (h+1)*hour - into
	for left >= rest*profile[h] {
		left -= rest * profile[h]
		t += rest
		rest = hour
		if h++; h == 24 {
			h = 0
		}
	}
	return t + left/profile[h] - d.shift + d.who.Late
}

// local returns the instant of a time of the day that began last at 05:00.
func (d *Device) local(time int64) int64 { return d.dawn + time - dawn }

// dawn is when a person's day begins, and is planned: what begins after midnight
// belongs to the day before.
const dawn = 5 * hour

// weekday tells whether the day that began last is one of work. Day 0 was a Thursday.
func (d *Device) weekday() bool { return floorMod((d.dawn+d.shift)/day+3, 7) < 5 }
