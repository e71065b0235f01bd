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
// to end. The second one ends the process, as soon as what [beforeExit] was given is done.
func untilSignal(parent context.Context) (context.Context, context.CancelFunc) {
	last := &lastThing{}
	ctx, cancel := context.WithCancelCause(context.WithValue(parent, lastKey{}, last))
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
		select {
		case <-last.done():
		case <-time.After(lastTime):
		case <-c:
		}
		os.Exit(128 + int(s))
	}()
	return ctx, func() {
		if cancel(nil); last.begun.Load() {
			select {} // the signal is what the process ends by
		}
	}
}

// lastTime is how long a second signal waits for the last thing, at most: to kill what runs
// takes milliseconds.
const lastTime = 2 * time.Second

// lastThing is done before a second signal ends the process.
type lastThing struct {
	do    atomic.Pointer[func()]
	begun atomic.Bool
}

// lastKey is its key in a context.
type lastKey struct{}

// done is closed when it is done.
func (l *lastThing) done() <-chan struct{} {
	l.begun.Store(true)
	end := make(chan struct{})
	go func() {
		defer close(end)
		if do := l.do.Load(); do != nil {
			(*do)()
		}
	}()
	return end
}

// beforeExit has something done before a second signal ends the process.
func beforeExit(ctx context.Context, do func()) {
	if l, ok := ctx.Value(lastKey{}).(*lastThing); ok {
		l.do.Store(&do)
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
