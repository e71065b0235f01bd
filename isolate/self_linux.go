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

// hideDescriptors keeps what the host itself inherited from the children of this child.
func hideDescriptors() {
	_ = unix.CloseRange(reportFD+1, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC) // older than Linux 5.11: they stay
}
