//go:build unix

package isolate

import (
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

func shellArgv(line string) []string { return []string{"/bin/sh", "-c", line} }

// foldKey is how environment keys are compared.
func foldKey(key string) string { return key }

func openNoFollow(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}

func errnoError(errno int) error { return syscall.Errno(errno) }

func stateStatus(state *os.ProcessState) (code int, signal string) {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok {
		return state.ExitCode(), ""
	}
	return decodeStatus(uint32(status))
}

// decodeStatus reads the status of wait(2): an exit code, or -1 and the signal's name.
func decodeStatus(raw uint32) (code int, signal string) {
	status := syscall.WaitStatus(raw)
	if status.Signaled() {
		return -1, unix.SignalName(status.Signal())
	}
	return status.ExitStatus(), ""
}

// maxRSS is in bytes: Linux counts KiB, darwin bytes.
func maxRSS(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) << 10
}
