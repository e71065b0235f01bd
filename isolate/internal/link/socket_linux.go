//go:build amd64 || arm64 || riscv64

package link

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// socket is one end of the socket beside a ring. Its notes are short, and each of them is
// a wake-up too.
type socket struct {
	fd     int
	mu     sync.Mutex // of call and close: later, the number may be that of another file
	closed bool
	once   sync.Once
	file   *os.File // the same in the poller, see polled
}

func newSocket(f *os.File) *socket { return &socket{fd: int(f.Fd()), file: f} }

// polled returns the file. One that was inherited enters the poller now: to bring that up is a
// tenth of what a child does before its first answer, and it is not needed for it.
func (s *socket) polled() *os.File {
	s.once.Do(func() {
		if s.file == nil {
			_ = unix.SetNonblock(s.fd, true)
			s.file = os.NewFile(uintptr(s.fd), "link")
		}
	})
	return s.file
}

func (s *socket) close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	return s.polled().Close()
}

// note is a message on the socket.
type note struct {
	kind uint32
	id   uint32
	size uint64
	file *os.File // with noteGive
}

const (
	noteWake = iota
	noteGive // a region that the receiver does not know, with its descriptor
	noteBack // the region id is free again, and stays mapped: if the box is full
	noteDrop // the region id is not mapped any more
)

const noteSize = 16

func socketPair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	return os.NewFile(uintptr(fds[0]), "link"), os.NewFile(uintptr(fds[1]), "link"), nil
}

func (n note) encode() []byte {
	buf := make([]byte, 0, noteSize)
	buf = binary.LittleEndian.AppendUint32(buf, n.kind)
	buf = binary.LittleEndian.AppendUint32(buf, n.id)
	return binary.LittleEndian.AppendUint64(buf, n.size)
}

// call wakes the peer. If the socket is full, there are notes that the peer did not see
// yet.
func (s *socket) call() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		sendNow(uintptr(s.fd), note{}.encode())
	}
}

// send sends a note. It blocks while the socket is full.
func (s *socket) send(n note) error {
	raw, err := s.polled().SyscallConn()
	if err != nil {
		return ErrClosed
	}
	var rights []byte
	if n.file != nil {
		rights = unix.UnixRights(int(n.file.Fd()))
	}
	var failed error
	err = raw.Write(func(fd uintptr) bool {
		failed = unix.Sendmsg(int(fd), n.encode(), rights, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
		return failed != unix.EAGAIN && failed != unix.EINTR
	})
	switch {
	case err != nil:
		return ErrClosed
	case failed != nil:
		return fmt.Errorf("%w: %v", ErrGone, failed)
	}
	return nil
}

// drain reads notes. more: there may be others.
type drain func(fd int) (more bool, err error)

// wait calls read whenever there is something to read, until it fails.
func (s *socket) wait(read drain) error {
	raw, err := s.polled().SyscallConn()
	if err != nil {
		return err
	}
	for {
		var failed error
		if err := raw.Read(func(fd uintptr) bool {
			var more bool
			more, failed = read(int(fd))
			return more || failed != nil
		}); err != nil {
			return err
		}
		if failed != nil {
			return failed
		}
	}
}

// now calls read at once.
func (s *socket) now(read drain) (more bool, err error) {
	raw, err := s.polled().SyscallConn()
	if err != nil {
		return false, ErrClosed
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { more, failed = read(int(fd)) }); err != nil {
		return false, ErrClosed
	}
	return more, failed
}

// receive reads one note. io.EOF: the peer closed its end. unix.EAGAIN: there is none.
func receive(fd int) (note, error) {
	var buf [noteSize + 1]byte
	oob := make([]byte, unix.CmsgSpace(4))
	n, oobn, flags, err := receiveNow(fd, buf[:], oob)
	if err != nil {
		return note{}, err
	}
	var got note
	var fds []int
	if oobn > 0 {
		messages, _ := unix.ParseSocketControlMessage(oob[:oobn])
		for i := range messages {
			more, _ := unix.ParseUnixRights(&messages[i])
			fds = append(fds, more...)
		}
	}
	if len(fds) > 0 {
		got.file = os.NewFile(uintptr(fds[0]), "buffer")
		for _, fd := range fds[1:] {
			_ = unix.Close(fd)
		}
	}
	got.kind = binary.LittleEndian.Uint32(buf[:])
	got.id = binary.LittleEndian.Uint32(buf[4:])
	got.size = binary.LittleEndian.Uint64(buf[8:])
	switch {
	case n == 0:
		err = io.EOF
	case n != noteSize || flags&unix.MSG_CTRUNC != 0 || len(fds) > 1 || (len(fds) == 1) != (got.kind == noteGive):
		err = fmt.Errorf("%w: a note of %d bytes", ErrCorrupt, n)
	}
	if err != nil && got.file != nil {
		_ = got.file.Close()
	}
	return got, err
}
