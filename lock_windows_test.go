package lull_test

import (
	"os"

	"golang.org/x/sys/windows"
)

// lockNow locks a file for this process, or fails if another has it.
func lockNow(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{})
}
