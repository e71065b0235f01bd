package isolate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/lullwork/lull/isolate/internal/frame"
	"github.com/lullwork/lull/isolate/internal/hub"
	"github.com/lullwork/lull/isolate/internal/tree"
)

// called is how a function ended.
type called struct {
	frame.Complete
	panicked any
	stack    []byte
}

// completion turns a function's return values into the frame that reports them.
func completion(result []byte, err error, limit int) frame.Complete {
	if err != nil {
		o, explicit := judge(err)
		return frame.Complete{Outcome: string(o), Message: cleanLine(err.Error()), Explicit: explicit}
	}
	if len(result) > limit {
		return frame.Complete{Outcome: string(ProtocolError), Message: tooLarge(len(result), limit)}
	}
	return frame.Complete{Outcome: string(Success), Result: result}
}

// childMain is the whole life of a child that runs a function; it returns the exit code.
func childMain() int {
	control, report, err := controlFiles()
	if err != nil {
		return notAChild(err)
	}
	r := frame.NewReader(bufio.NewReader(control)) // the first two frames come together
	w := frame.NewWriter(report)
	late := time.AfterFunc(handshakeTime, func() { os.Exit(notAChild(errors.New("no handshake"))) })
	hello, err := frame.Answer(r, w, func(name string) bool {
		_, ok := Registered(name)
		return ok
	})
	if err != nil {
		return notAChild(err)
	}
	late.Stop()
	if _, ok := Registered(hello.Name); !ok && !hello.Warm {
		return 0 // the host knows from the handshake
	}
	out := newOutbox(w)
	ctx, in := enter(context.Background(), hello.ResultLimit, out.progress)
	theTable.setScope(in.scope)
	run := make(chan frame.Run)
	var ends hub.Link
	if hello.Warm {
		if ends, err = openLink(false); err == nil {
			err = rehearse(ends)
		}
	}
	go listen(r, in, out, run)
	first := <-run
	if first.Link && !hello.Warm {
		ends, err = openLink(first.Secrets)
	}
	if err != nil {
		return notAChild(err)
	}
	if err := in.takeOver(first); err != nil {
		_ = w.Send(frame.Refused{Message: err.Error()})
		return codeRefused
	}
	if hello.Warm {
		hello.Name, hello.ResultLimit = first.Name, first.ResultLimit
		in.limit = first.ResultLimit
	}
	entry, ok := Registered(hello.Name)
	if !ok {
		return notAChild(fmt.Errorf("%q: %w", hello.Name, ErrNoEntry))
	}
	call := func() ([]byte, error) { return entry.call(ctx, first.Input) }
	if first.Link {
		l := linkToHost(in, first, out, ends)
		call = func() ([]byte, error) { return nil, l.call(ctx, entry) }
	}
	c := callEntry(call, hello.ResultLimit)
	c.Stopped = in.stoppedItself()
	reason, deadline, stopping := Stopping(ctx)
	if !stopping {
		reason, deadline = reasonOrphan, time.Now().Add(DefaultGrace)
	}
	in.endNested() // also those of spawners of its own
	theTable.endNested(reason, time.Until(deadline)-nestedHead)
	flushing, cancel := context.WithDeadline(context.Background(), deadline)
	theTable.ports().Flush(flushing)
	cancel()
	if err := out.complete(c.Complete); err != nil {
		fmt.Fprintln(os.Stderr, "isolate: result not delivered:", err)
		return 70
	}
	if c.panicked != nil {
		fmt.Fprintf(os.Stderr, "%s\n\n%s", c.Message, c.stack)
	}
	if c.Outcome == string(Crashed) {
		return codeGoPanic
	}
	return 0
}

// takeOver lays the limits of a run on this process and takes its secrets.
func (in *inside) takeOver(run frame.Run) error {
	if run.DataLimit > 0 {
		if err := tree.LimitData(0, run.DataLimit); err != nil {
			return err
		}
	}
	if run.Limits != nil {
		in.heedCPU(time.Duration(run.GraceMS) * time.Millisecond)
		if err := run.Limits.Lay(); err != nil {
			return err
		}
	}
	if !run.Secrets {
		return nil
	}
	var err error
	in.secrets, err = readSecrets(os.NewFile(secretsFD, "secrets"))
	return err
}

// listen takes the host's frames until the host is gone.
func listen(r *frame.Reader, in *inside, out *outbox, run chan<- frame.Run) {
	started := false
	for {
		msg, err := r.Next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				fmt.Fprintln(os.Stderr, "isolate: from host:", err)
			}
			hostGone()
		}
		switch m := msg.(type) {
		case frame.Stop:
			in.askStop(m.Reason, time.Duration(m.GraceMS)*time.Millisecond, m.Deaf)
		case frame.Pause:
			if c, err := capabilityOf(m.Capability); err == nil {
				in.pause(c, m.Resume)
			}
		case frame.Ping:
			out.pong(m.Seq)
		case frame.Run:
			if !started {
				started = true
				if c, err := capabilityOf(m.Pause); err == nil {
					in.pause(c, false)
				}
				run <- m
			}
		}
	}
}

// outbox sends progress without making the function wait: while the pipe is full, the
// last value wins.
type outbox struct {
	w       *frame.Writer
	mu      sync.Mutex
	wake    sync.Cond
	pending []byte   // nil if none
	pongs   []uint64 // the host waits for each before the next, so they are few
	done    bool     // the result was sent
	busy    bool     // the sender is in Send
	err     error
}

func newOutbox(w *frame.Writer) *outbox {
	o := &outbox{w: w}
	o.wake.L = &o.mu
	go o.send()
	return o
}

func (o *outbox) send() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		for o.pending == nil && len(o.pongs) == 0 {
			o.wake.Wait()
		}
		value, pongs := o.pending, o.pongs
		o.pending, o.pongs, o.busy = nil, nil, true
		o.mu.Unlock()
		var err error
		for _, seq := range pongs {
			err = errors.Join(err, o.w.Send(frame.Pong{Seq: seq}))
		}
		if value != nil {
			err = errors.Join(err, o.w.Send(frame.Progress{Value: value}))
		}
		o.mu.Lock()
		o.busy = false
		if err != nil {
			o.err = err
		}
		o.wake.Broadcast()
	}
}

func (o *outbox) progress(value []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		o.pending = value
		o.wake.Broadcast()
	}
	return o.err
}

// pong answers a ping, as long as there is no result.
func (o *outbox) pong(seq uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil && !o.done {
		o.pongs = append(o.pongs, seq)
		o.wake.Broadcast()
	}
}

// complete sends the result, after the last progress.
func (o *outbox) complete(c frame.Complete) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.done = true
	for o.err == nil && (o.pending != nil || len(o.pongs) > 0 || o.busy) {
		o.wake.Wait()
	}
	if o.err != nil {
		return o.err
	}
	c.Leaked = tree.ReapRest()
	// The lock is kept: a stray goroutine's progress must not follow the result.
	return o.w.Send(c)
}
