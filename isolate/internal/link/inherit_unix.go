//go:build unix

package link

import (
	"os"
	"syscall"
)

// Inherited opens a descriptor that this process was started with, in the way that a link
// needs: calls wait for it without a thread, and its own children do not get it.
func Inherited(fd int) (*os.File, error) {
	if err := syscall.SetNonblock(fd, true); err != nil {
		return nil, os.NewSyscallError("set nonblocking", err)
	}
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), "link"), nil
}
