package sense

import "time"

// driftLimit is how far wall and monotonic clock may part between two polls.
// NTP slews by at most 500 ppm, which is 30 ms in a minute.
const driftLimit = time.Second

// drift finds steps of the wall clock, and suspends, by comparing it with the
// monotonic clock. It catches at each poll what no event told.
type drift struct{ wall, mono time.Duration }

func (d *drift) jumped(wall, mono time.Duration) bool {
	parted := (wall - d.wall) - (mono - d.mono)
	d.wall, d.mono = wall, mono
	return parted.Abs() > driftLimit
}
