package lulltest

import (
	"sync"
	"time"

	"github.com/lullwork/lull/internal/record"
)

// Clock is a clock that stands still until it is moved.
type Clock struct {
	mu    sync.Mutex
	boot  int64 // µs
	slept int64
	wall  int64 // minus boot
	armed int64
	c     chan struct{}
}

// NewClock returns a clock that shows an instant.
func NewClock(now time.Time) *Clock {
	return &Clock{wall: now.UnixMicro(), armed: record.Never, c: make(chan struct{}, 1)}
}

// Now returns what the wall clock shows.
func (c *Clock) Now() time.Time { return time.UnixMicro(c.Wall()).UTC() }

// Advance lets time pass.
func (c *Clock) Advance(d time.Duration) { c.move(d.Microseconds(), 0, 0) }

// Sleep lets time pass while the machine sleeps.
func (c *Clock) Sleep(d time.Duration) { c.move(d.Microseconds(), d.Microseconds(), 0) }

// Set moves the wall clock alone, as a person or a time server does.
func (c *Clock) Set(now time.Time) { c.move(0, 0, now.UnixMicro()-c.Wall()) }

func (c *Clock) move(boot, slept, wall int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.boot += boot
	c.slept += slept
	c.wall += wall
	c.fire()
}

func (c *Clock) fire() {
	if c.armed > c.boot {
		return
	}
	c.armed = record.Never
	select {
	case c.c <- struct{}{}:
	default:
	}
}

// next returns how long it is until the clock wakes its engine; false: nothing is
// armed.
func (c *Clock) next() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Duration(c.armed-c.boot) * time.Microsecond, c.armed != record.Never
}

// Boot is part of [lull.Clock].
func (c *Clock) Boot() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.boot
}

// Wall is part of [lull.Clock].
func (c *Clock) Wall() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wall + c.boot
}

// Slept is part of [lull.Clock].
func (c *Clock) Slept() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.slept
}

// Arm is part of [lull.Clock].
func (c *Clock) Arm(boot int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.armed = boot
	c.fire()
}

// C is part of [lull.Clock].
func (c *Clock) C() <-chan struct{} { return c.c }

// Close is part of [lull.Clock].
func (c *Clock) Close() error { return nil }
