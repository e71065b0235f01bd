package isolate

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"github.com/lullwork/lull/isolate/internal/frame"
)

// handshakeTime is how long an isolate may take to answer the first frame.
const handshakeTime = 10 * time.Second

// exitTime is how long an isolate may take to exit after its result.
const exitTime = 2 * time.Second

// talk is the host's side of the frame protocol: idle, ready, running, done. A frame
// out of order ends the run.
type talk struct {
	p        *Process
	to, from *os.File
	w        *frame.Writer
	end      chan struct{} // closed when run returns
	ready    chan struct{} // closed when the isolate runs

	mu    sync.Mutex
	seq   uint64
	pings map[uint64]chan struct{}

	// Written by run, read after end.
	late     *time.Timer
	complete *frame.Complete
	exited   *frame.Exited
}

func newTalk(p *Process, to, from *os.File) *talk {
	return &talk{
		p: p, to: to, from: from, w: frame.NewWriter(to), end: make(chan struct{}),
		ready: make(chan struct{}), pings: map[uint64]chan struct{}{},
	}
}

// run talks until the isolate's end of the pipe is closed.
func (t *talk) run() {
	defer close(t.end)
	r, err := frame.NewReader(lastWords{t.from})
	if err != nil {
		t.p.fail(StartFailed, "%v", err)
		return
	}
	if !t.handshake(r) {
		return
	}
	for {
		msg, err := r.Next()
		if gone(err) {
			return
		}
		if err != nil {
			t.p.fail(ProtocolError, "%v", err)
			return
		}
		if !t.handle(msg) {
			return
		}
	}
}

// gone is true if the isolate ended, be it in the middle of a frame.
func gone(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrClosed)
}

// handshake brings the conversation from idle to running. A closed pipe is no fault
// here: what the exit status says is better.
func (t *talk) handshake(r *frame.Reader) bool {
	spec := &t.p.spec
	late := time.AfterFunc(handshakeTime, func() {
		t.p.fail(StartFailed, "no handshake within %v: does this executable call isolate.Main first?", handshakeTime)
	})
	defer late.Stop()
	err := t.w.Send(frame.Hello{
		Magic: frame.Magic, MinVersion: frame.Version, MaxVersion: frame.Version,
		Run: spec.ID, Name: spec.Func, Attempt: spec.Attempt, ResultLimit: spec.ResultLimit, Warm: t.p.warm != nil,
	})
	if err != nil {
		return false
	}
	msg, err := r.Next()
	if gone(err) {
		return false
	}
	if err != nil {
		t.p.fail(ProtocolError, "handshake: %v", err)
		return false
	}
	ready, ok := msg.(frame.Ready)
	switch {
	case !ok:
		t.p.fail(ProtocolError, "handshake: got %T, not ready", msg)
		return false
	case ready.Version != frame.Version:
		t.p.fail(ProtocolError, "handshake: protocol version %d, want %d", ready.Version, frame.Version)
		return false
	case !ready.Found:
		t.p.fail(NotStarted, "%q: %v", spec.Func, ErrNoEntry)
		return false
	}
	confined, err := t.p.tree.Confine()
	if err != nil {
		t.p.fail(StartFailed, "limits: %v", err)
		return false
	}
	if t.p.warm != nil {
		late.Stop()
		if !t.p.warm.awaitUse(t.p) {
			return false
		}
		close(t.ready)
		return true
	}
	if t.w.Send(t.runFrame(confined)) != nil {
		return false
	}
	close(t.ready)
	return true
}

// runFrame is the frame that starts the work.
func (t *talk) runFrame(dataLimit int64) frame.Run {
	spec := &t.p.spec
	run := frame.Run{Input: spec.Input, DataLimit: dataLimit}
	if spec.Func == "" {
		run.Input = nil // it goes to stdin
	}
	if t.p.warm != nil {
		run.Name, run.ResultLimit = spec.Func, spec.ResultLimit
	}
	if l := t.p.linked; l != nil {
		l.describe(&run)
	}
	return run
}

// handle takes one frame of a running isolate; false ends the conversation.
func (t *talk) handle(msg any) bool {
	isFunc := t.p.spec.Func != ""
	done := t.complete != nil || t.exited != nil
	switch m := msg.(type) {
	case frame.Pong:
		if isFunc && t.pong(m.Seq) {
			return true
		}
	case frame.Progress:
		if isFunc && !done && json.Valid(m.Value) && len(m.Value) <= t.p.spec.ResultLimit {
			if f := t.p.spec.OnProgress; f != nil {
				f(m.Value)
			}
			return true
		}
	case frame.Complete:
		if isFunc && !done {
			t.complete = &m
			t.expectExit()
			return true
		}
	case frame.Exited:
		if !isFunc && !done {
			t.exited = &m
			t.expectExit()
			return true
		}
	}
	t.p.fail(ProtocolError, "unexpected %T (done: %t)", msg, done)
	return false
}

// expectExit kills an isolate that stays after its result. That is no fault of the run.
func (t *talk) expectExit() {
	t.late = time.AfterFunc(exitTime, t.p.tree.Kill)
}

// stop sends the request to stop. It may be called in any state: the isolate keeps it
// until it runs.
func (t *talk) stop(reason string, grace time.Duration) {
	m := frame.Stop{Reason: reason, GraceMS: grace.Milliseconds(), Deaf: t.p.deaf}
	go func() { // a pipe that is full must not hold up the caller
		_ = t.w.Send(m)
	}()
}

// send sends a frame to an isolate that runs.
func (t *talk) send(m frame.Message) error {
	select {
	case <-t.ready:
	case <-t.end:
		return ErrGone
	}
	if t.w.Send(m) != nil {
		return ErrGone
	}
	return nil
}

// pause implements controls.
func (t *talk) pause(c Capability, resume bool) error {
	return t.send(frame.Pause{Capability: c[:], Resume: resume})
}

// ping implements controls.
func (t *talk) ping(ctx context.Context) error {
	answer := make(chan struct{})
	t.mu.Lock()
	t.seq++
	seq := t.seq
	t.pings[seq] = answer
	t.mu.Unlock()
	defer t.pong(seq)
	if err := t.send(frame.Ping{Seq: seq}); err != nil {
		return err
	}
	select {
	case <-answer:
		return nil
	case <-t.end:
		return ErrGone
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// pong wakes the ping of a number; false if there never was one.
func (t *talk) pong(seq uint64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if answer, ok := t.pings[seq]; ok {
		close(answer)
		delete(t.pings, seq)
	}
	return seq <= t.seq
}

// drain ends the conversation after the last process has gone.
func (t *talk) drain() {
	drain(t.from, t.end)
	if t.late != nil {
		t.late.Stop()
	}
	_ = t.to.Close() // unblocks a writer
}
