//go:build unix

package isolate

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/isolate/internal/hub"
	"github.com/lullwork/lull/isolate/internal/link"
)

// The control pipes of a child are its descriptors 3 (from the host) and 4 (to it). Its
// link is 5 and 6: two pipes, or the memory and the socket of a ring.
const (
	controlFD = 3
	reportFD  = 4
	// The secrets follow: those of a program that talks to nobody are its descriptor 3.
	secretsFD        = 5
	programSecretsFD = 3
	// The link is last: two pipes, or the memory and the socket of a ring.
	lastFD = 7
)

// control is a child's end of the pipe from its host. What is to be read first came with the
// start: only who waits for more enters it in the poller, see [socket.polled] of package link.
type control struct {
	fd    int
	file  *os.File  // nil before poll
	until time.Time // the handshake is to be over; zero: it is
}

// expect limits the time until heard is called. It takes no timer: the first one of a process
// brings up the poller, long before anything else needs it.
func (c *control) expect(d time.Duration) { c.until = time.Now().Add(d) }

// heard ends what expect began.
func (c *control) heard() { c.until = time.Time{} }

// wait waits until there is something to read, or its time is over.
func (c *control) wait() error {
	fds := []unix.PollFd{{Fd: int32(c.fd), Events: unix.POLLIN}}
	for {
		left := time.Until(c.until)
		if left <= 0 {
			return errors.New("the host is silent")
		}
		if n, err := unix.Poll(fds, int(left.Milliseconds())+1); n > 0 || err != nil && err != unix.EINTR {
			return os.NewSyscallError("poll", err)
		}
	}
}

// poll has later reads wait without a thread, which would keep the only processor of a child
// from the goroutine that it has just woken.
func (c *control) poll() {
	_ = syscall.SetNonblock(c.fd, true)
	c.file = os.NewFile(uintptr(c.fd), "control")
}

func (c *control) Read(p []byte) (n int, err error) {
	if c.file != nil {
		return c.file.Read(p)
	}
	if !c.until.IsZero() {
		if err := c.wait(); err != nil {
			return 0, err
		}
	}
	for {
		n, err = syscall.Read(c.fd, p)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return 0, os.NewSyscallError("read", err)
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// controlFiles opens a child's ends of the control pipes, and keeps them, and the link,
// from its own children.
func controlFiles() (*control, *os.File, error) {
	for _, fd := range []int{controlFD, reportFD} {
		if !isPipe(fd) {
			return nil, nil, fmt.Errorf("descriptor %d is not a pipe", fd)
		}
	}
	if !hideDescriptors(controlFD) {
		for fd := controlFD; fd <= lastFD; fd++ {
			syscall.CloseOnExec(fd)
		}
	}
	return &control{fd: controlFD}, os.NewFile(reportFD, "report"), nil
}

func isPipe(fd int) bool {
	var st syscall.Stat_t
	return syscall.Fstat(fd, &st) == nil && st.Mode&syscall.S_IFMT == syscall.S_IFIFO
}

// linkFD is the first of the two descriptors of a link.
func linkFD(secrets bool) int {
	if secrets {
		return secretsFD + 1
	}
	return secretsFD
}

// openPipe opens a child's end of a link of pipes.
func openPipe(secrets bool) (hub.Link, error) {
	fd := linkFD(secrets)
	if !isPipe(fd) || !isPipe(fd+1) {
		return nil, errors.New("no link")
	}
	r, err := link.Inherited(fd)
	if err != nil {
		return nil, err
	}
	w, err := link.Inherited(fd + 1)
	if err != nil {
		return nil, err
	}
	return link.NewPipe(r, w, link.PipeConfig{MaxMessage: maxLinkMessage}), nil
}

// noLead: a blocked read of a pipe can be interrupted here.
const noLead = false

// inherit hands files to a child that is about to be started.
func inherit(attr *os.ProcAttr, argv []string, files []*os.File) []string {
	attr.Files = append(attr.Files, files...)
	return argv
}

// hostGone ends this child and its process group: nobody waits for its result.
func hostGone() {
	if syscall.Getpgrp() == syscall.Getpid() {
		_ = syscall.Kill(0, syscall.SIGKILL)
	}
	os.Exit(1)
}
