package isolate

import (
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

	mu      sync.Mutex
	running bool        // the isolate has got its work
	asked   *frame.Stop // before that

	// Written by run, read after end.
	late     *time.Timer
	data     int64 // RLIMIT_DATA that the child is to lay; 0 is none
	complete *frame.Complete
	exited   *frame.Exited
}

func newTalk(p *Process, to, from *os.File) *talk {
	return &talk{p: p, to: to, from: from, w: frame.NewWriter(to), end: make(chan struct{})}
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

// handshake brings the conversation from idle to running, of a sandboxed function by
// way of the stage that lays the sandbox.
func (t *talk) handshake(r *frame.Reader) bool {
	run := frame.Run{Limits: t.p.confined.limits, Secrets: len(t.p.spec.Secrets) > 0, GraceMS: t.p.spec.Grace.Milliseconds()}
	if t.p.enters() {
		first := run
		first.Sandbox = t.p.confined.sandbox
		if !t.shake(r, first, true) {
			return false
		}
	} else {
		run.Sandbox = t.p.confined.sandbox
	}
	if t.p.spec.Func != "" { // the input of a program goes to stdin
		run.Input = t.p.spec.Input
	}
	if !t.shake(r, run, !t.p.enters()) {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running = true; t.asked != nil {
		t.ask(*t.asked)
	}
	return true
}

// ask sends the request to stop. A pipe that is full must hold up nobody who has a lock.
func (t *talk) ask(m frame.Stop) {
	go func() { _ = t.w.Send(m) }()
}

// shake opens the conversation with one stage and tells it what to do. A closed pipe is
// no fault here: what the exit status says is better.
func (t *talk) shake(r *frame.Reader, run frame.Run, first bool) bool {
	spec := &t.p.spec
	late := time.AfterFunc(handshakeTime, func() {
		t.p.fail(StartFailed, "no handshake within %v: does this executable call isolate.Main first?", handshakeTime)
	})
	defer late.Stop()
	err := t.w.Send(frame.Hello{
		Magic: frame.Magic, MinVersion: frame.Version, MaxVersion: frame.Version,
		Run: spec.ID, Name: spec.Func, Attempt: spec.Attempt, ResultLimit: spec.ResultLimit,
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
		t.refused(msg)
		return false
	case ready.Version != frame.Version:
		t.p.fail(ProtocolError, "handshake: protocol version %d, want %d", ready.Version, frame.Version)
		return false
	case !ready.Found:
		t.p.fail(NotStarted, "%q: %v", spec.Func, ErrNoEntry)
		return false
	}
	if first {
		dataLimit, err := t.p.tree.Confine()
		if err != nil {
			t.p.fail(StartFailed, "limits: %v", err)
			return false
		}
		t.data = dataLimit
	}
	if run.Sandbox == nil || spec.Func == "" {
		run.DataLimit = t.data
	}
	return t.w.Send(run) == nil
}

// refused takes a frame instead of ready.
func (t *talk) refused(msg any) {
	if m, ok := msg.(frame.Refused); ok {
		t.p.fail(StartFailed, "limits and sandbox: %s", m.Message)
		return
	}
	t.p.fail(ProtocolError, "handshake: got %T, not ready", msg)
}

// handle takes one frame of a running isolate; false ends the conversation.
func (t *talk) handle(msg any) bool {
	isFunc := t.p.spec.Func != ""
	done := t.complete != nil || t.exited != nil
	switch m := msg.(type) {
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
	if m, ok := msg.(frame.Refused); ok && !done {
		t.p.fail(StartFailed, "limits and sandbox: %s", m.Message)
		return false
	}
	t.p.fail(ProtocolError, "unexpected %T (done: %t)", msg, done)
	return false
}

// expectExit kills an isolate that stays after its result. That is no fault of the run.
func (t *talk) expectExit() {
	t.late = time.AfterFunc(exitTime, t.p.tree.Kill)
}

// stop sends the request to stop. It may be called in any state: until the isolate runs
// it is kept here, since a stage of it may have nobody to tell.
func (t *talk) stop(reason string, grace time.Duration) {
	m := frame.Stop{Reason: reason, GraceMS: grace.Milliseconds()}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.running {
		t.asked = &m
		return
	}
	t.ask(m)
}

// drain ends the conversation after the last process has gone.
func (t *talk) drain() {
	drain(t.from, t.end)
	if t.late != nil {
		t.late.Stop()
	}
	_ = t.to.Close() // unblocks a writer
}
