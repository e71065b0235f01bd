//go:build linux && !amd64

package isolate_test

import "golang.org/x/sys/unix"

// otherCalls ends as if there were such calls: no other processor has another manner
// that its programs can use.
func otherCalls() error {
	_ = unix.Kill(unix.Getpid(), unix.SIGSYS)
	select {}
}
