//go:build unix

package isolate

import (
	"fmt"
	"os"
	"syscall"
)

// The control pipes of a child are its descriptors 3 (from the host) and 4 (to it), the
// pipes of its link 5 and 6.
const (
	controlFD  = 3
	reportFD   = 4
	linkReadFD = 5
	linkFD     = 6
)

// controlFiles opens a child's ends of the control pipes, and keeps them, and the link,
// from its own children.
func controlFiles() (control, report *os.File, err error) {
	files, err := inherited(controlFD, reportFD)
	if err != nil {
		return nil, nil, err
	}
	for _, fd := range []int{linkReadFD, linkFD} {
		syscall.CloseOnExec(fd)
	}
	hideDescriptors()
	return files[0], files[1], nil
}

// linkFiles opens a child's ends of the pipes of its link.
func linkFiles() (r, w *os.File, err error) {
	files, err := inherited(linkReadFD, linkFD)
	if err != nil {
		return nil, nil, err
	}
	return files[0], files[1], nil
}

// inherited opens two descriptors that must be pipes.
func inherited(r, w int) (files [2]*os.File, err error) {
	for i, fd := range []int{r, w} {
		var st syscall.Stat_t
		if err := syscall.Fstat(fd, &st); err != nil || st.Mode&syscall.S_IFMT != syscall.S_IFIFO {
			return files, fmt.Errorf("descriptor %d is not a pipe", fd)
		}
		syscall.CloseOnExec(fd)
		if fd >= linkReadFD { // a blocked call must be interruptible
			_ = syscall.SetNonblock(fd, true)
		}
		files[i] = os.NewFile(uintptr(fd), "control")
	}
	return files, nil
}

// noLead: a blocked read of a pipe can be interrupted here.
const noLead = false

// inherit hands pipes to a child that is about to be started.
func inherit(attr *os.ProcAttr, argv []string, pipes []*os.File) []string {
	attr.Files = append(attr.Files, pipes...)
	return argv
}

// hostGone ends this child and its process group: nobody waits for its result.
func hostGone() {
	if syscall.Getpgrp() == syscall.Getpid() {
		_ = syscall.Kill(0, syscall.SIGKILL)
	}
	os.Exit(1)
}
