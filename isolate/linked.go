package isolate

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/lullwork/lull/isolate/internal/frame"
	"github.com/lullwork/lull/isolate/internal/hub"
)

// controls is what a running isolate obeys besides Stop.
type controls interface {
	pause(c Capability, resume bool) error
	ping(ctx context.Context) error
}

// linked is the host's side of a run with ports.
type linked struct {
	name      string
	input     hub.Message
	sent      bool // the input
	keepAlive bool
	notFatal  bool
	paused    bool
	pauseCap  Capability

	scope  *hub.Scope // of result
	result *hub.Port
	edge   *hub.Edge // nil for an inline run
	inline *inside
	stack  string // of the panic that ended it

	mu     sync.Mutex
	over   *Exit
	exits  []SendPort[Exit]
	errors []SendPort[Uncaught]
}

// join takes over the host's end of the link. An isolate that breaks its protocol is killed.
func (l *linked) join(p *Process, ends hub.Link) {
	l.edge = theTable.ports().Join(ends, hub.EdgeConfig{Main: l.result, NoLead: noLead, Broken: p.brokenPorts})
}

func (p *Process) brokenPorts(err error) { p.fail(ProtocolError, "ports: %v", err) }

// describe tells the isolate what kind of run it is.
func (l *linked) describe(run *frame.Run) {
	run.Link, run.KeepAlive, run.NotFatal, run.Listeners = true, l.keepAlive, l.notFatal, len(l.errors)
	if l.paused {
		run.Pause = l.pauseCap[:]
	}
}

// small is true if the input surely fits into a link that nobody reads.
func (l *linked) small() bool {
	return len(l.input.Payload) <= surelyFits && len(l.input.Refs)+len(l.errors) <= surelyFits/64
}

// surelyFits is a number of bytes that an empty pipe takes, with room for their frame.
const surelyFits = 2048

// sendInput sends the input and the ports that want to hear of errors, once.
func (l *linked) sendInput(ctx context.Context) {
	if l.edge == nil || l.sent {
		return
	}
	l.sent = true
	_ = l.edge.Peer().Send(ctx, l.whole()) // an error: the isolate is gone, and its record says why
}

// whole is the input with the ports that want to hear of errors.
func (l *linked) whole() hub.Message {
	m := l.input
	m.Refs = append(m.Refs[:len(m.Refs):len(m.Refs)], refsOf(l.errors)...)
	return m
}

// start starts a process that waits on its link, with the input in the same message if
// that is short. An error means that it has ended, as its record will say.
func (l *linked) start(run frame.Run) {
	var m hub.Message
	if run.Whole = l.small(); run.Whole {
		m, run.Input = l.whole(), l.input.Payload
		l.sent = true
	}
	m.Payload, _ = frame.Encode(run) // it has nothing that could fail
	_ = l.edge.Peer().Send(context.Background(), m)
}

func refsOf(ports []SendPort[Uncaught]) []*hub.Ref {
	var refs []*hub.Ref
	for _, p := range ports {
		refs = append(refs, p.ref)
	}
	return refs
}

// drain reads the last words of an isolate whose processes are gone.
func (l *linked) drain() {
	if l.edge == nil {
		return
	}
	l.edge.Keep()
	most := time.NewTimer(drainMost)
	defer most.Stop()
	select {
	case <-l.edge.Ended():
	case <-most.C:
	}
	_ = l.edge.Close()
	<-l.edge.Ended()
}

func (l *linked) hasResult() bool { return l.result.Waiting() > 0 }

// settle tells the listeners, behind everything that the isolate sent. The record is
// complete, but not published yet.
func (l *linked) settle(e *Exit) {
	if l.edge != nil && l.edge.Err() != nil && e.Outcome == Success {
		e.Outcome, e.Message = ProtocolError, cleanLine(l.edge.Err().Error())
	}
	e.Name = l.name
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = e
	switch e.Outcome {
	case Success, Stopped:
	default:
		for _, port := range l.errors {
			port.post(l.edge, Uncaught{Text: e.String(), Stack: l.stack})
		}
	}
	for _, port := range l.exits {
		port.post(l.edge, *e)
	}
}

// onExit adds a listener. One that comes too late is told at once.
func (l *linked) onExit(port SendPort[Exit]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.over != nil:
		port.post(l.edge, *l.over)
	case !slices.Contains(l.exits, port):
		l.exits = append(l.exits, port)
	}
}

// callInline is the run of an inline isolate.
func (l *linked) callInline(ctx context.Context, in *inside, e Entry) error {
	in.notFatal, in.keepAlive, in.listeners = l.notFatal, l.keepAlive, l.errors
	buffers, err := hub.Move(l.input.Buffers)
	if err != nil {
		return err
	}
	m, err := in.runLinked(ctx, &e, hub.Item{Payload: l.input.Payload, Refs: l.input.Refs, Buffers: buffers, Nil: l.input.Nil})
	if err != nil {
		return err
	}
	return l.result.Ref().Send(context.Background(), m)
}

// runLinked calls the entry point when the run is not paused.
func (in *inside) runLinked(ctx context.Context, e *Entry, input hub.Item) (hub.Message, error) {
	if err := in.awaitResume(ctx); err != nil {
		return hub.Message{}, err
	}
	return e.linked(ctx, input)
}

// awaitPorts waits until the ports of a run that they keep alive are closed.
func awaitPorts(ctx context.Context) {
	if in, ok := ctx.Value(insideKey{}).(*inside); ok && in.keepAlive {
		select {
		case <-in.scope.Empty():
		case <-ctx.Done():
		}
	}
}

// childLink is the isolate's side of a run with ports.
type childLink struct {
	in    *inside
	ends  hub.Link
	edge  *hub.Edge
	input *hub.Listener
	whole hub.Item // the input, if it came with the run

	attended bool // the ends
}

// linkToHost opens the link. First is called before anybody reads it; nil if there is nothing
// to do.
func linkToHost(ctx context.Context, in *inside, out *outbox, secrets bool, first func(hub.Link) error) (*childLink, error) {
	ends, err := openLink(secrets)
	if err != nil {
		return nil, err
	}
	l := &childLink{in: in, ends: ends}
	if first != nil {
		l.attend()
		if err = first(ends); err != nil {
			return nil, err
		}
	}
	h := theTable.ports()
	main := h.NewScope().NewPort(0)
	l.edge = h.Join(ends, hub.EdgeConfig{Home: true, Main: main, NoLead: noLead, Later: true})
	in.exit = func(ctx context.Context, m hub.Message, to *hub.Ref) error {
		if err := to.Send(ctx, m); err != nil {
			return err
		}
		_ = out.complete(frame.Complete{Outcome: string(Success), NoResult: true})
		os.Exit(0)
		return nil
	}
	// A stop does not end this: who is asked to stop before the input is there is called all the
	// same, and finds its context done.
	l.input, err = main.Listen(context.WithoutCancel(ctx))
	return l, err
}

// attend has the link hear of the host's end, and of calls to who waits for long.
func (l *childLink) attend() {
	if ring, ok := l.ends.(interface{ Attend() }); ok && !l.attended {
		ring.Attend()
	}
	l.attended = true
}

// call receives the input, if it did not come with the run, calls the entry point and sends
// the result.
func (l *childLink) call(ctx context.Context, e *Entry, run *frame.Run) error {
	l.in.notFatal, l.in.keepAlive = run.NotFatal, run.KeepAlive
	var err error
	if !run.Whole {
		if l.whole, err = l.input.Next(nil); err != nil {
			return err
		}
	}
	input := l.whole
	l.whole = hub.Item{}
	n := len(input.Refs) - run.Listeners
	if n < 0 {
		return fmt.Errorf("input with %d ports, want %d", len(input.Refs), run.Listeners)
	}
	for _, r := range input.Refs[n:] {
		l.in.listeners = append(l.in.listeners, SendPort[Uncaught]{r})
	}
	input.Refs = input.Refs[:n]
	m, err := l.in.runLinked(ctx, e, input)
	if err != nil {
		return err
	}
	return l.edge.Peer().Send(context.Background(), m)
}

// receiveRun waits for the message that starts a warm process.
func (l *childLink) receiveRun(room []byte) (*frame.Run, error) {
	it, err := l.input.Next(room)
	if err != nil {
		return nil, err
	}
	msg, err := frame.Decode(it.Payload)
	if err != nil {
		return nil, err
	}
	run, ok := msg.(frame.Run)
	if !ok {
		return nil, fmt.Errorf("a warm process got %T", msg)
	}
	it.Payload, run.Input = run.Input, nil
	l.whole = it
	return &run, nil
}
