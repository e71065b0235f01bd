package live

import (
	"errors"
	"os"
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
	c := &systemClock{fd: fd, file: os.NewFile(uintptr(fd), "timerfd"), c: make(chan struct{}, 1)}
	go c.watch()
	return c, nil
}

type systemClock struct {
	fd   int
	file *os.File
	c    chan struct{}
}

func (c *systemClock) watch() {
	var expirations [8]byte
	for {
		if _, err := c.file.Read(expirations[:]); err != nil {
			if errors.Is(err, os.ErrClosed) {
				return
			}
			continue
		}
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

func (c *systemClock) Boot() int64        { return read(unix.CLOCK_BOOTTIME) }
func (c *systemClock) Wall() int64        { return time.Now().UnixMicro() }
func (c *systemClock) Slept() int64       { return c.Boot() - read(unix.CLOCK_MONOTONIC) }
func (c *systemClock) C() <-chan struct{} { return c.c }
func (c *systemClock) Close() error       { return c.file.Close() }

func (c *systemClock) Arm(boot int64) {
	var spec unix.ItimerSpec // zero disarms
	if boot != record.Never {
		spec.Value = unix.NsecToTimespec(max(boot, 1) * int64(time.Microsecond))
	}
	_ = unix.TimerfdSettime(c.fd, unix.TFD_TIMER_ABSTIME, &spec, nil)
}
