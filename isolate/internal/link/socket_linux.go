package link

import (
	"os"

	"golang.org/x/sys/unix"
)

// socket is the end of the socket beside a ring. Its messages are short, and each of them
// is a wake-up too.
type socket struct {
	file   *os.File
	wakeUp func()
	end    func()
}

const longestNote = 32

func socketPair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	return os.NewFile(uintptr(fds[0]), "link"), os.NewFile(uintptr(fds[1]), "link"), nil
}

// pollable makes an inherited socket one that the runtime waits for without a thread.
func pollable(f *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return f, os.NewSyscallError("dup", err)
	}
	_ = f.Close()
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return f, os.NewSyscallError("set nonblocking", err)
	}
	return os.NewFile(uintptr(fd), "link"), nil
}

// call wakes the peer. If the socket is full, there are wake-ups that it did not hear yet.
func (s *socket) call() {
	raw, err := s.file.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.Sendto(int(fd), []byte{0}, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, nil)
	})
}

// listen serves the socket until its end.
func (s *socket) listen() {
	defer s.end()
	raw, err := s.file.SyscallConn()
	if err != nil {
		return
	}
	for {
		var note [longestNote]byte
		var n int
		var failed error
		err := raw.Read(func(fd uintptr) bool {
			for {
				n, _, failed = unix.Recvfrom(int(fd), note[:], unix.MSG_DONTWAIT)
				if failed != unix.EINTR {
					break
				}
			}
			return failed != unix.EAGAIN
		})
		if err != nil || failed != nil || n == 0 {
			return
		}
		s.wakeUp()
	}
}
