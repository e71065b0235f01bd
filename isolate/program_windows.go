package isolate

import (
	"os"
	"strings"
	"syscall"
)

func shellArgv(line string) []string { return []string{"cmd.exe", "/C", line} }

// foldKey is how environment keys are compared.
func foldKey(key string) string { return strings.ToUpper(key) }

func openNoFollow(name string) (*os.File, error) { return os.Open(name) }

func errnoError(errno int) error { return syscall.Errno(errno) }

func stateStatus(state *os.ProcessState) (code int, signal string) { return state.ExitCode(), "" }

func decodeStatus(raw uint32) (code int, signal string) { return int(raw), "" }

func maxRSS(*os.ProcessState) int64 { return 0 }
