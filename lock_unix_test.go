//go:build unix

package lull_test

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockNow locks a file for this process, or fails if another has it.
func lockNow(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
