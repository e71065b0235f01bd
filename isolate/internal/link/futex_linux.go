//go:build amd64 || arm64 || riscv64

package link

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Operations of futex(2). They are not private: the other process waits on the same page.
const (
	futexWaitOp = 0
	futexWakeOp = 1
)

// futexWait sleeps while *word is value. It has no time limit: to set a timer and to stop
// it costs more than all the rest, where the machine is virtual. The thread stays in the
// system call; the runtime gives its processor to others if that takes long.
func futexWait(word *uint32, value uint32) {
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWaitOp, uintptr(value), 0, 0, 0)
}

// futexWake wakes one sleeper. It never blocks, so the runtime need not know of it.
func futexWake(word *uint32) {
	_, _, _ = unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWakeOp, 1, 0, 0, 0)
}
