package world

import "github.com/lullwork/lull/internal/core"

// Dated is an event and its instant.
type Dated struct {
	At int64
	Event
}

// Tape is all that happens to a device, to be played more than once. It takes some 10 KB for
// each day.
type Tape []Dated

// Record puts all that still happens to a device in the place of what was on the tape.
func (t *Tape) Record(d *Device) {
	d.out = append((*t)[:0], d.out[d.read:]...)
	for d.step() {
	}
	*t, d.out, d.read = d.out, nil, 0
}

// Start returns how much happens before the user starts the app, for the last time by an
// instant; 0: nobody does.
func (t Tape) Start(by int64) (n int) {
	alive := false // the app's process
	for i := range t {
		if t[i].At > by {
			break
		}
		switch t[i].Kind {
		case core.SenseAppOpened:
			if !alive {
				n, alive = i, true
			}
		case core.SenseAppSwiped, core.SenseAppDied, core.SenseAppCrashed, core.SenseForceStop, core.SenseShutdown, core.SenseUpdated:
			alive = false
		}
	}
	return n
}
