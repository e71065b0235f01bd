package world

import (
	"cmp"
	"slices"

	"github.com/lullwork/lull/internal/core"
)

// Dated is an event and its instant.
type Dated struct {
	At int64
	Event
}

// Tape is a stretch of what happens to a device, to be played more than once. It takes some
// 10 KB for each day.
type Tape []Dated

// Record puts what happens to a device next, and for some time from then on, in the place of
// what was on the tape. It reports whether more happens later.
func (t *Tape) Record(d *Device, span int64) (more bool) {
	d.out = append((*t)[:0], d.out[d.read:]...)
	before := d.least()>>4 + span
	for d.least()>>4 < before && d.step() {
	}
	*t, d.out, d.read = d.out, nil, 0
	return d.least()>>4 < d.end
}

// Start returns how much happens before the user starts the app, for the last time by an
// instant; 0: nobody does.
func (t Tape) Start(by int64) (n int) {
	i, _ := slices.BinarySearchFunc(t, by+1, func(x Dated, at int64) int { return cmp.Compare(x.At, at) })
	opened := false
	for i--; i >= 0; i-- {
		switch t[i].Kind {
		case core.SenseAppOpened: // or brought to the front again
			n, opened = i, true
		case core.SenseAppSwiped, core.SenseAppDied, core.SenseAppCrashed, core.SenseForceStop, core.SenseShutdown, core.SenseUpdated:
			if opened {
				return n
			}
		}
	}
	return n
}
