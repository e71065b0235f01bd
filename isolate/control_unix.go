//go:build unix

package isolate

import (
	"errors"
	"fmt"
	"os"
	"syscall"

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

// controlFiles opens a child's ends of the control pipes, and keeps them, and the link,
// from its own children.
func controlFiles() (control, report *os.File, err error) {
	var files [2]*os.File
	for i, fd := range []int{controlFD, reportFD} {
		if !isPipe(fd) {
			return nil, nil, fmt.Errorf("descriptor %d is not a pipe", fd)
		}
		// A read that blocks the thread would keep the only processor of a child from the
		// goroutine that it has just woken.
		_ = syscall.SetNonblock(fd, true)
		files[i] = os.NewFile(uintptr(fd), "control")
	}
	if !hideDescriptors(controlFD) {
		for fd := controlFD; fd <= lastFD; fd++ {
			syscall.CloseOnExec(fd)
		}
	}
	return files[0], files[1], nil
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
	for _, fd := range []int{fd, fd + 1} { // a blocked call must be interruptible
		if err := syscall.SetNonblock(fd, true); err != nil {
			return nil, err
		}
	}
	r, w := os.NewFile(uintptr(fd), "link"), os.NewFile(uintptr(fd+1), "link")
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
