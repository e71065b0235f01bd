package live

import (
	"time"

	"golang.org/x/sys/unix"
)

// asleepAndAwake counts sleep (clock_gettime(3), CLOCK_MONOTONIC_RAW), awakeOnly does
// not (CLOCK_UPTIME_RAW).
func asleepAndAwake() int64 { return darwinClock(unix.CLOCK_MONOTONIC_RAW) }
func awakeOnly() int64      { return darwinClock(unix.CLOCK_UPTIME_RAW) }

func darwinClock(id int32) int64 {
	var t unix.Timespec
	// It cannot fail: both clocks exist since macOS 10.12.
	_ = unix.ClockGettime(id, &t)
	return t.Nano() / int64(time.Microsecond)
}
