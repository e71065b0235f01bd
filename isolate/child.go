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

// inbox is the frames of the host.
type inbox struct {
	*frame.Reader
	from *control
}

// childMain is the whole life of a child that runs a function; it returns the exit code.
func childMain() int {
	control, report, err := controlFiles()
	if err != nil {
		return notAChild(err)
	}
	r := inbox{frame.NewReader(bufio.NewReader(control)), control} // the first two frames come together
	w := frame.NewWriter(report)
	control.expect(handshakeTime)
	hello, err := frame.Answer(r.Reader, w, func(name string) bool {
		_, ok := theTable.find(name)
		return ok
	})
	if err != nil {
		return notAChild(err)
	}
	control.heard()
	if _, ok := theTable.find(hello.Name); !ok && !hello.Warm {
		return 0 // the host knows from the handshake
	}
	out := newOutbox(w)
	ctx, in := enter(context.Background(), hello.ResultLimit, out.progress)
	theTable.setScope(in.scope)
	c := callEntry(func() ([]byte, error) {
		entry, run, l := begin(ctx, hello, in, out, r)
		if l == nil {
			return entry.call(ctx, run.Input)
		}
		return nil, l.call(ctx, entry, run)
	}, hello.ResultLimit)
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

// growStack makes the stack larger while there is next to nothing on it. Later, the runtime
// would copy it frame by frame, by tables of the executable that nothing else needs at a
// start: they take 200 KB and a part of the time.
//
//go:noinline
func growStack() byte {
	var room [5 << 10]byte
	return room[len(os.Args)%len(room)]
}

// begin waits for the run and readies the process for it, or ends the process.
func begin(ctx context.Context, hello frame.Hello, in *inside, out *outbox, r inbox) (*Entry, *frame.Run, *childLink) {
	var run *frame.Run
	var l *childLink
	var err error
	if hello.Warm {
		if l, run, err = awaitUse(ctx, in, out, r); err == nil {
			hello.Name, in.limit = run.Name, run.ResultLimit
		}
	} else {
		run = awaitRun(r)
		if c, ok := capabilityOf(run.Pause); ok {
			in.pause(c, false)
		}
		if run.Link {
			l, err = linkToHost(ctx, in, out, run.Secrets, nil)
		}
		go attend(l, r, in, out, nil)
	}
	if err != nil {
		os.Exit(notAChild(err))
	}
	if err := in.takeOver(run); err != nil {
		_ = out.w.Send(frame.Refused{Message: err.Error()})
		os.Exit(codeRefused)
	}
	entry, ok := theTable.find(hello.Name)
	if !ok {
		os.Exit(notAChild(fmt.Errorf("%q: %w", hello.Name, ErrNoEntry)))
	}
	return &entry, run, l
}

// awaitRun takes the frame that follows the greeting.
func awaitRun(r inbox) *frame.Run {
	for {
		if run, ok := nextFrame(r).(frame.Run); ok {
			return &run
		}
	}
}

// nextFrame takes a frame of the host, and ends the process when the host is gone.
func nextFrame(r inbox) any {
	msg, err := r.Next()
	if err != nil {
		if !errors.Is(err, io.EOF) {
			fmt.Fprintln(os.Stderr, "isolate: from host:", err)
		}
		hostGone()
	}
	return msg
}

// takeOver lays the limits of a run on this process and takes its secrets.
func (in *inside) takeOver(run *frame.Run) error {
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

// attend does what the process does beside its function. It begins when that waits for the first
// time, as long as there is one processor: what brings up timers and the poller has no place before
// the first answer.
func attend(l *childLink, r inbox, in *inside, out *outbox, begun <-chan struct{}) {
	tree.CollectOrphans()
	if l != nil {
		l.attend()
		l.edge.Watch()
	}
	listen(r, in, out, begun)
}

// listen takes the host's frames until the host is gone. A run that comes on another way has to
// begin first, if begun is not nil.
func listen(r inbox, in *inside, out *outbox, begun <-chan struct{}) {
	r.from.poll()
	for {
		msg := nextFrame(r)
		if begun != nil {
			<-begun
		}
		switch m := msg.(type) {
		case frame.Stop:
			in.askStop(m.Reason, time.Duration(m.GraceMS)*time.Millisecond, m.Deaf)
		case frame.Pause:
			if c, ok := capabilityOf(m.Capability); ok {
				in.pause(c, m.Resume)
			}
		case frame.Ping:
			out.pong(m.Seq)
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
	sending bool     // there is a sender, as there was something for it
	busy    bool     // it is in Send
	err     error
}

func newOutbox(w *frame.Writer) *outbox {
	o := &outbox{w: w}
	o.wake.L = &o.mu
	return o
}

// rouse has the sender look for something. The lock is held.
func (o *outbox) rouse() {
	if !o.sending {
		o.sending = true
		go o.send()
	}
	o.wake.Broadcast()
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
		o.rouse()
	}
	return o.err
}

// pong answers a ping, as long as there is no result.
func (o *outbox) pong(seq uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil && !o.done {
		o.pongs = append(o.pongs, seq)
		o.rouse()
	}
}

// complete sends the result, after the last progress. There is one: who comes second, as by
// ExitWith beside the function's return, waits for the end of the process.
func (o *outbox) complete(c frame.Complete) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.done {
		o.wake.Wait()
	}
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
