package isolate

import (
	"errors"
	"io"
	"os"
	"time"
)

// A process that escaped the weakest tier may hold a pipe open. When the run is over,
// its pipes are read until they are silent for drainTime, and for drainMost at most.
const (
	drainTime = 200 * time.Millisecond
	drainMost = 3 * time.Second
)

// lastWords reads a pipe until its end. A deadline, set by drain, may already be over
// although data is waiting: each Read gets a fresh one before it gives up.
type lastWords struct{ f *os.File }

func (r lastWords) Read(buf []byte) (int, error) {
	n, err := r.f.Read(buf)
	if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	_ = r.f.SetReadDeadline(time.Now().Add(drainTime))
	n, err = r.f.Read(buf)
	if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		err = io.EOF
	}
	return n, err
}

// drain waits until the reader of f, which closes end, has seen the end of the pipe.
func drain(f *os.File, end <-chan struct{}) {
	_ = f.SetReadDeadline(time.Now().Add(drainTime))
	most := time.NewTimer(drainMost)
	defer most.Stop()
	select {
	case <-end:
	case <-most.C:
	}
	_ = f.Close() // unblocks the reader
	<-end
}
