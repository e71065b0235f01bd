package link

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Operations of futex(2). They are not private: the other process waits on the same page.
const (
	futexWaitOp = 0
	futexWakeOp = 1
)

// futexWait sleeps while *word is value, at most for the given time. It is false if the
// time was over. The thread stays in the system call; the runtime gives its processor to
// others if that takes long.
func futexWait(word *uint32, value uint32, limit time.Duration) bool {
	ts := unix.NsecToTimespec(int64(limit))
	_, _, errno := unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWaitOp,
		uintptr(value), uintptr(unsafe.Pointer(&ts)), 0, 0)
	return errno != unix.ETIMEDOUT
}

// futexWake wakes one sleeper. It never blocks, so the runtime need not know of it.
func futexWake(word *uint32) {
	_, _, _ = unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWakeOp, 1, 0, 0, 0)
}
