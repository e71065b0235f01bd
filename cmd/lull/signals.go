package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// untilSignal returns a context that ends with the first signal that asks the process
// to end. The second one ends the process: at once, or where something is to be cut short
// (see [onSecondSignal]), when it has ended in order. A third one does not wait for that.
func untilSignal(parent context.Context) (context.Context, context.CancelFunc) {
	second := &secondSignal{over: make(chan struct{})}
	ctx, cancel := context.WithCancelCause(context.WithValue(parent, secondKey{}, second))
	asks := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup
		asks = append(asks, syscall.SIGHUP) // the terminal is gone
	}
	c := make(chan os.Signal, 2)
	signal.Notify(c, asks...)
	go func() {
		cancel(fmt.Errorf("%v signal received", <-c))
		// Left to the system a second one would do nothing where a shell has set it to be
		// ignored, as it does for what it starts in the background.
		s, _ := (<-c).(syscall.Signal)
		second.came.Store(true)
		if hurry := second.hurry.Load(); hurry != nil {
			(*hurry)()
			select {
			case <-second.over:
			case <-c:
			case <-time.After(lastTime):
				fmt.Fprintf(os.Stderr, "lull: no orderly end within %v: what was decided last may be lost\n", lastTime)
			}
		}
		os.Exit(128 + int(s))
	}()
	return ctx, func() {
		if cancel(nil); second.came.Load() {
			close(second.over)
			select {} // the signal is what the process ends by
		}
	}
}

// lastTime is how long the process may go on after a second signal: to kill what runs and to
// write that down takes milliseconds. A test of the third signal changes it.
var lastTime = 2 * time.Second

// secondSignal is what a second signal cuts short.
type secondSignal struct {
	hurry atomic.Pointer[func()]
	came  atomic.Bool
	over  chan struct{} // closed when the process is at its end
}

// secondKey is its key in a context.
type secondKey struct{}

// onSecondSignal has a function called that cuts short what goes on. It must return at once.
func onSecondSignal(ctx context.Context, hurry func()) {
	if s, ok := ctx.Value(secondKey{}).(*secondSignal); ok {
		s.hurry.Store(&hurry)
	}
}

// pipe is a pipe as standard output, whose reader may go.
type pipe struct {
	*os.File
	gone context.CancelCauseFunc
}

func (p pipe) Write(b []byte) (int, error) {
	n, err := p.File.Write(b)
	if errors.Is(err, syscall.EPIPE) {
		p.gone(err)
	}
	return n, err
}

// whileRead returns a context that ends when nobody reads the output any more, if that is
// a pipe. To die of it, as other commands do, would leave behind what runs: also in
// lull run | tee, where an interrupt ends tee at once and lull in order.
func whileRead(parent context.Context, w io.Writer) (context.Context, io.Writer) {
	f, ok := w.(*os.File)
	if !ok {
		return parent, w
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return parent, w
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // the write returns EPIPE instead
	ctx, cancel := context.WithCancelCause(parent)
	return ctx, pipe{f, cancel}
}
