package isolate

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// What a child inherits is opened so that this process's poller never hears of it. To enter a
// descriptor there, to take it out, and to make it one that blocks again, is more work than all
// the rest, and a part of it is done while the child waits for its start.

// newPipe makes a pipe between this process and a child.
func newPipe(childReads bool) (ours, theirs *os.File, err error) {
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, os.NewSyscallError("pipe2", err)
	}
	our, their := ends[0], ends[1]
	if childReads {
		our, their = their, our
	}
	if _, err := unix.FcntlInt(uintptr(our), unix.F_SETFL, unix.O_NONBLOCK); err != nil {
		return nil, nil, errors.Join(os.NewSyscallError("fcntl", err), unix.Close(our), unix.Close(their))
	}
	return os.NewFile(uintptr(our), "pipe"), os.NewFile(uintptr(their), "pipe"), nil
}

func openNull() (*os.File, error) {
	fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: os.DevNull, Err: err}
	}
	return os.NewFile(uintptr(fd), os.DevNull), nil
}
