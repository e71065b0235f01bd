package live

// Clock is the time of a machine. Instants are µs.
type Clock interface {
	// Boot counts from some fixed instant, also while the machine sleeps.
	Boot() int64
	// Wall is the wall clock, since the Unix epoch.
	Wall() int64
	// Slept is how long the machine has slept since that instant.
	Slept() int64
	// Arm makes C receive once Boot has reached an instant; it replaces what was
	// armed before. record.Never disarms.
	Arm(boot int64)
	C() <-chan struct{}
	Close() error
}

// anchor ties engine time to the machine's clocks: engine time goes on with Boot
// from where the store left it.
type anchor struct {
	clock Clock
	at    int64 // engine time at
	boot  int64 // this instant of Boot
}

// newAnchor continues from the last commit: engine time moves on by what the wall
// clock says has passed, and never back.
func newAnchor(c Clock, lastAt, offset int64) anchor {
	wall := c.Wall()
	a := anchor{clock: c, boot: c.Boot(), at: wall}
	if lastAt > 0 {
		a.at = lastAt + max(0, wall-(lastAt+offset))
	}
	return a
}

func (a *anchor) now() int64 { return a.at + a.clock.Boot() - a.boot }

// bootAt returns the instant of Boot for an engine time.
func (a *anchor) bootAt(at int64) int64 { return at - a.at + a.boot }

// offset returns the wall clock's distance from engine time now.
func (a *anchor) offset() int64 { return a.clock.Wall() - a.now() }
