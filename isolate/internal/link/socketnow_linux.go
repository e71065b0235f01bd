//go:build amd64 || arm64 || riscv64

package link

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls of a socket that never block are made without a word to the runtime. It would
// wake the thread that watches over system calls, if nothing had happened for a while: and
// that one takes the processor at the very moment when a side that slept has to be quick.

// sendNow sends to a connected socket, if there is room.
func sendNow(fd uintptr, p []byte) {
	_, _, _ = unix.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	runtime.KeepAlive(p)
}

// receiveNow receives a message and what came with it. unix.EAGAIN: there is none.
func receiveNow(fd int, p, oob []byte) (n, oobn, flags int, err error) {
	data := unix.Iovec{Base: unsafe.SliceData(p)}
	data.SetLen(len(p))
	m := unix.Msghdr{Iov: &data, Control: unsafe.SliceData(oob)}
	m.SetIovlen(1)
	m.SetControllen(len(oob))
	got, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&m)), unix.MSG_DONTWAIT|unix.MSG_CMSG_CLOEXEC)
	if errno != 0 {
		return 0, 0, 0, errno
	}
	return int(got), int(m.Controllen), int(m.Flags), nil
}
