package live

import (
	"errors"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/internal/record"
)

// SystemClock returns the machine's own clock. Its timer counts suspend, so that
// what came due while the machine slept is noticed as it wakes.
func SystemClock() (Clock, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_BOOTTIME, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	c := &systemClock{fd: fd, file: os.NewFile(uintptr(fd), "timerfd"), c: make(chan struct{}, 1), base: time.Now()}
	first := int64(record.Never)
	for range 10 { // an interruption makes a difference too large, never too small
		awake := c.awake()
		first = min(first, read(unix.CLOCK_BOOTTIME)-awake)
	}
	c.slept.Store(first)
	c.armed.Store(record.Never)
	go c.watch()
	return c, nil
}

// systemClock reads the awake time as Go does, without a system call, and looks for
// sleep between two readings only now and then.
type systemClock struct {
	fd   int
	file *os.File
	c    chan struct{}
	base time.Time

	looked atomic.Int64 // awake time of the last look
	slept  atomic.Int64
	armed  atomic.Int64
}

const (
	lookEvery = 1000 // µs
	// The readings of two clocks differ by a little each time; a sleep takes longer.
	leastSleep = 1000 // µs
	// One look whose readings are further apart tells nothing: it was interrupted.
	looseLook = 100 // µs
)

func (c *systemClock) watch() {
	var expirations [8]byte
	for {
		if _, err := c.file.Read(expirations[:]); err != nil {
			if errors.Is(err, os.ErrClosed) {
				return
			}
			continue
		}
		c.armed.Store(record.Never)
		select {
		case c.c <- struct{}{}:
		default:
		}
	}
}

func read(clock int32) int64 {
	var t unix.Timespec
	// It cannot fail: the clocks exist on every Linux that Go runs on.
	_ = unix.ClockGettime(clock, &t)
	return t.Nano() / int64(time.Microsecond)
}

func (c *systemClock) awake() int64 { return time.Since(c.base).Microseconds() }

func (c *systemClock) Boot() int64 {
	awake := c.awake()
	return awake + c.sleptBy(awake)
}

func (c *systemClock) Slept() int64 { return c.sleptBy(c.awake()) }

func (c *systemClock) sleptBy(awake int64) int64 {
	if awake-c.looked.Load() < lookEvery {
		return c.slept.Load()
	}
	before := c.awake()
	slept := read(unix.CLOCK_BOOTTIME) - before
	if c.awake()-before > looseLook {
		return c.slept.Load()
	}
	c.looked.Store(awake)
	if old := c.slept.Load(); slept-old > leastSleep {
		c.slept.CompareAndSwap(old, slept)
	}
	return c.slept.Load()
}

func (c *systemClock) Wall() int64        { return time.Now().UnixMicro() }
func (c *systemClock) C() <-chan struct{} { return c.c }
func (c *systemClock) Close() error       { return c.file.Close() }

func (c *systemClock) Arm(boot int64) {
	if c.armed.Swap(boot) == boot {
		return
	}
	var spec unix.ItimerSpec // zero disarms
	if boot != record.Never {
		spec.Value = unix.NsecToTimespec(max(boot, 1) * int64(time.Microsecond))
	}
	_ = unix.TimerfdSettime(c.fd, unix.TFD_TIMER_ABSTIME, &spec, nil)
}
