package isolate

import (
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// selfPath is the running executable, even if its file was replaced since.
func selfPath() string {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self
	}
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// hideDescriptors keeps descriptors, also those that the host itself inherited, from the
// children of this child. It is false on a Linux before 5.11, where the latter stay.
func hideDescriptors(from uint) bool {
	return unix.CloseRange(from, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC) == nil
}
