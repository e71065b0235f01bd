//go:build unix

package isolate

import (
	"fmt"
	"os"
	"syscall"
)

// The control pipes of a child are its descriptors 3 (from the host) and 4 (to it).
const (
	controlFD = 3
	reportFD  = 4
	// The secrets follow: those of a program that talks to nobody are its descriptor 3.
	secretsFD        = 5
	programSecretsFD = 3
)

// controlFiles opens a child's ends of the control pipes, and keeps them from its own children.
func controlFiles() (control, report *os.File, err error) {
	var files [2]*os.File
	for i, fd := range []int{controlFD, reportFD} {
		var st syscall.Stat_t
		if err := syscall.Fstat(fd, &st); err != nil || st.Mode&syscall.S_IFMT != syscall.S_IFIFO {
			return nil, nil, fmt.Errorf("descriptor %d is not a pipe", fd)
		}
		syscall.CloseOnExec(fd)
		files[i] = os.NewFile(uintptr(fd), "control")
	}
	hideDescriptors()
	return files[0], files[1], nil
}

// inheritControl hands the control pipes to a child that is about to be started.
func inheritControl(attr *os.ProcAttr, argv []string, control, report *os.File) []string {
	attr.Files = append(attr.Files, control, report)
	return argv
}

// hostGone ends this child and its process group: nobody waits for its result.
func hostGone() {
	if syscall.Getpgrp() == syscall.Getpid() {
		_ = syscall.Kill(0, syscall.SIGKILL)
	}
	os.Exit(1)
}
