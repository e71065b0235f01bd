package isolate

import (
	"bufio"
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

// fewFrames is as many bytes as the frames of most isolates have: one read for each of them.
const fewFrames = 128

// exitTime is how long an isolate may take to exit after its result.
const exitTime = 2 * time.Second

// talk is the host's side of the frame protocol: idle, ready, running, done. A frame
// out of order ends the run.
type talk struct {
	p        *Process
	to, from *os.File
	w        *frame.Writer
	end      chan struct{} // closed when run returns
	ready    chan struct{} // closed when the isolate has got its work

	mu      sync.Mutex
	running bool        // ready is closed
	asked   *frame.Stop // before that
	seq     uint64
	pings   map[uint64]chan struct{}
	pinging chan struct{} // bounds those that are being sent

	// Written by run, read after end.
	late     *time.Timer
	data     int64 // RLIMIT_DATA that the child is to lay; 0 is none
	complete *frame.Complete
	exited   *frame.Exited
}

func newTalk(p *Process, to, from *os.File) *talk {
	return &talk{
		p: p, to: to, from: from, w: frame.NewWriter(to), end: make(chan struct{}),
		ready: make(chan struct{}), pings: map[uint64]chan struct{}{}, pinging: make(chan struct{}, maxPings),
	}
}

// run talks until the isolate's end of the pipe is closed.
func (t *talk) run() {
	defer close(t.end)
	r := frame.NewReader(bufio.NewReaderSize(lastWords{t.from}, fewFrames))
	if !t.handshake(r) {
		return
	}
	if t.p.warm != nil || t.p.linked != nil {
		time.AfterFunc(restockTime, t.p.spawner.restock)
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
		if w := t.p.warm; w != nil && !w.inUse(t.p) {
			t.p.fail(ProtocolError, "unexpected %T of a process that waits", msg)
			return
		}
		if !t.handle(msg) {
			return
		}
	}
}

// begun is true if the isolate has answered the greeting, and so has reached Main.
func (t *talk) begun() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.running
}

// gone is true if the isolate ended, be it in the middle of a frame.
func gone(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrClosed)
}

// handshake brings the conversation from idle to running, of a sandboxed function by
// way of the stage that lays the sandbox.
func (t *talk) handshake(r *frame.Reader) bool {
	switch {
	case t.p.warm != nil:
		if !t.greet(r, true) || !t.p.warm.offer(t.p) { // who uses it sends the work
			return false
		}
	case t.p.enters():
		first := t.work()
		first.Input, first.Sandbox = nil, t.p.confined.sandbox
		if !t.shake(r, first, true) || !t.shake(r, t.work(), false) {
			return false
		}
	default:
		run := t.work()
		run.Sandbox = t.p.confined.sandbox
		if !t.shake(r, run, true) {
			return false
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.ready)
	if t.running = true; t.asked != nil {
		t.ask(*t.asked)
	}
	return true
}

// work is the frame that starts the work.
func (t *talk) work() frame.Run {
	spec := &t.p.spec
	run := frame.Run{Limits: t.p.confined.limits, Secrets: len(spec.Secrets) > 0, GraceMS: spec.Grace.Milliseconds()}
	if spec.Func != "" { // the input of a program goes to stdin
		run.Input = spec.Input
	}
	if t.p.warm != nil { // on the link: it wakes faster
		run.Name, run.ResultLimit = spec.Func, spec.ResultLimit
	}
	if l := t.p.linked; l != nil {
		l.describe(&run)
	}
	return run
}

// ask sends the request to stop. A pipe that is full must hold up nobody who has a lock.
func (t *talk) ask(m frame.Stop) {
	go func() { _ = t.w.Send(m) }()
}

// shake opens the conversation with one stage and tells it what to do.
func (t *talk) shake(r *frame.Reader, run frame.Run, first bool) bool {
	if first && t.unconditional(run) {
		return t.greet(r, true, run)
	}
	if !t.greet(r, first) {
		return false
	}
	if run.Sandbox == nil || t.p.spec.Func == "" {
		run.DataLimit = t.data
	}
	return t.w.Send(run) == nil
}

// unconditional is true if nothing is to be laid on the isolate before it works. Then it
// need not wait for the work until it was heard of. It must fit into a pipe that nobody
// reads.
func (t *talk) unconditional(run frame.Run) bool {
	return run.Limits == nil && run.Sandbox == nil && !t.p.tree.MustWait() && len(run.Input) <= surelyFits
}

// greet opens the conversation with one stage, maybe with more frames behind the first.
// A closed pipe is no fault here: what the exit status says is better.
func (t *talk) greet(r *frame.Reader, first bool, more ...frame.Message) bool {
	spec := &t.p.spec
	late := t.p.failLate()
	defer late.Stop()
	hello := frame.Hello{
		Magic: frame.Magic, MinVersion: frame.Version, MaxVersion: frame.Version,
		Run: spec.ID, Name: spec.Func, Attempt: spec.Attempt, ResultLimit: spec.ResultLimit, Warm: t.p.warm != nil,
	}
	err := t.w.SendAll(append([]frame.Message{hello}, more...)...)
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
	return true
}

// failLate ends a process that is silent, unless it is stopped.
func (p *Process) failLate() *time.Timer {
	return time.AfterFunc(handshakeTime, func() {
		p.fail(StartFailed, "no handshake within %v: does this executable call isolate.Main first?", handshakeTime)
	})
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
// it is kept here, since a stage of it may have nobody to tell. The process's lock is held.
func (t *talk) stop(reason string, grace time.Duration) {
	m := frame.Stop{Reason: reason, GraceMS: grace.Milliseconds(), Deaf: t.p.deaf}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.running {
		t.asked = &m
		return
	}
	t.ask(m)
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
	select {
	case t.pinging <- struct{}{}:
		go func() { // an isolate that is stopped may have a full pipe
			_ = t.send(frame.Ping{Seq: seq}) // an error: it ends
			<-t.pinging
		}()
		select {
		case <-answer:
			return nil
		case <-t.end:
		case <-ctx.Done():
		}
	case <-t.end:
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return ErrGone
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
