//go:build !linux

package isolate

import "os"

// newPipe makes a pipe between this process and a child.
func newPipe(childReads bool) (ours, theirs *os.File, err error) {
	r, w, err := os.Pipe()
	if childReads {
		return w, r, err
	}
	return r, w, err
}

func openNull() (*os.File, error) { return os.Open(os.DevNull) }
