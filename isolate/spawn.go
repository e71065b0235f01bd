package isolate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Errors of live isolates.
var (
	// ErrGone: the isolate has ended.
	ErrGone = errors.New("the isolate has ended")
	// ErrInline: an inline isolate is a goroutine, which cannot be killed.
	ErrInline = errors.New("an inline isolate cannot be killed")
	// ErrNoResult: the isolate ended itself by ExitWith, so its function returned nothing.
	ErrNoResult = errors.New("the isolate ended by isolate.ExitWith and has no result")
)

// SpawnConfig configures [Spawn]. The zero value is what Dart does: not paused, an error
// ends the isolate, nobody is told.
type SpawnConfig struct {
	// Name is for people: it is in errors and in Exit records. Default: that of the task.
	Name string
	// Paused: the isolate waits, before its function is called, for a Resume with its
	// PauseCapability.
	Paused bool
	// ErrorsNotFatal: an error or a panic in a handler of Serve is told to OnError, and
	// Serve goes on. Default: it ends the isolate.
	ErrorsNotFatal bool
	// OnExit are told once how the isolate ended, after every message it sent to them and
	// before Done is closed. They cannot be missed, whatever ended it, as long as this process
	// lives: a port without room gets it when there is some.
	OnExit []SendPort[Exit]
	// OnError are told of every error that nobody caught, before OnExit.
	OnError []SendPort[Uncaught]
	// Spawner starts the process. Default: one of the whole process, made when it is
	// first needed.
	Spawner *Spawner
	// Spec is what else the process is given: ID, Dir, Env, Grace, its limits. Func, Argv,
	// Shell and Input must be empty; ResultLimit is that of Progress. The child gets
	// GOMAXPROCS=1, as it is one of many, unless Env or this process's environment has
	// another.
	Spec Spec
}

// Uncaught is an error that ended an isolate, or the handler of a message.
type Uncaught struct {
	// Text is the error. Stack is that of a panic, else empty.
	Text, Stack string
}

// Isolate is a live isolate, as seen by the one that started it. Its methods may be
// called by many goroutines, also when it is over.
type Isolate[Out any] struct {
	name string
	p    *Process
	link *linked
	ctx  context.Context

	once sync.Once
	out  Out
	err  error
}

// Spawn starts a task in a fresh isolate and returns when that has its input. In and the
// result may hold SendPorts. The isolate lives until its function has returned and all
// its receive ports are closed; then Result has what the function returned. An error
// or a panic ends it at once.
//
// Errors come before anything is spawned: ErrNoMain, ErrNoEntry, an [*UnsendableError],
// the cause of ctx. That the process could not be started is its Exit.
//
// When ctx is over the isolate is asked to stop, and killed after its grace. It also ends
// when this process does, with everything that it started itself. Of what it started by
// Spawn and Run it waits for the end first: leaves before the tree.
//
// An entry point that is [Inline] runs in a goroutine and cannot be killed.
func Spawn[In, Out any](ctx context.Context, task Task[In, Out], in In, cfg SpawnConfig) (*Isolate[Out], error) {
	l := &linked{
		keepAlive: true, notFatal: cfg.ErrorsNotFatal, paused: cfg.Paused, pauseCap: NewCapability(),
		exits: unique(cfg.OnExit), errors: unique(cfg.OnError),
	}
	return spawn(ctx, task, in, cfg, l)
}

func spawn[In, Out any](ctx context.Context, task Task[In, Out], in In, cfg SpawnConfig, l *linked) (*Isolate[Out], error) {
	i := &Isolate[Out]{name: cfg.Name, link: l, ctx: ctx}
	if i.name == "" {
		i.name = task.Name()
	}
	l.name = i.name
	var err error
	fail := func(err error) (*Isolate[Out], error) { return nil, fmt.Errorf("isolate %s: %w", i.name, err) }
	if ctx.Err() != nil {
		return fail(context.Cause(ctx))
	}
	s := cfg.Spawner
	if s == nil {
		if s, err = theTable.spawner(); err != nil {
			return fail(err)
		}
	}
	s.nudge()
	if l.input, err = pack(nil, in); err != nil {
		return fail(err)
	}
	if len(l.input.Payload) > MaxMessage {
		return fail(fmt.Errorf("input of %d bytes: %w", len(l.input.Payload), ErrMessageTooLarge))
	}
	inPrint, _ := fingerprint[In]()
	outPrint, err := fingerprint[Out]()
	if err != nil {
		return fail(fmt.Errorf("result: %w", err))
	}
	if e, ok := Registered(task.Name()); ok {
		if err := e.fits(inPrint, outPrint); err != nil {
			return fail(err)
		}
	}
	spec := cfg.Spec
	if spec.Func+spec.Shell != "" || len(spec.Argv) > 0 || spec.Input != nil {
		return fail(errors.New("SpawnConfig.Spec names what to run: Func, Argv, Shell and Input must be empty"))
	}
	spec.Func = task.Name()
	l.scope = theTable.ports().NewScope()
	l.result = l.scope.NewPort(0)
	if i.p, err = s.start(spec, l); err != nil {
		l.scope.Close()
		return fail(err)
	}
	parent, hasParent := ctx.Value(insideKey{}).(*inside)
	if hasParent {
		parent.adopt(i.p)
	}
	unwatch := context.AfterFunc(ctx, func() { i.p.Stop(causeText(ctx), 0) })
	i.p.whenOver(func() {
		unwatch()
		if hasParent {
			parent.release(i.p)
		}
	})
	l.sendInput(ctx)
	return i, nil
}

// unique is a list without what is in it already: a listener that is named twice is told once.
func unique[T comparable](list []T) []T {
	var once []T
	for _, x := range list {
		if !slices.Contains(once, x) {
			once = append(once, x)
		}
	}
	return once
}

// causeText says why a context is over.
func causeText(ctx context.Context) string {
	cause := context.Cause(ctx)
	var stop *StopError
	switch {
	case errors.As(cause, &stop):
		return stop.Reason
	case errors.Is(cause, context.Canceled):
		return "cancelled"
	}
	return cause.Error()
}

// Name is the name for people.
func (i *Isolate[Out]) Name() string { return i.name }

// Pid is the id of the isolate's process; 0 if there is none.
func (i *Isolate[Out]) Pid() int { return i.p.Pid() }

// Done is closed when the isolate is over and every process of it is gone.
func (i *Isolate[Out]) Done() <-chan struct{} { return i.p.Done() }

// Wait waits for Done and returns the record. Its Result is empty: see Result.
func (i *Isolate[Out]) Wait() Exit { return i.p.Wait() }

// Result waits for Done and returns what the function returned. The error is an
// [*ExitError] if it ended in any way but success, ErrNoResult if it ended itself by
// ExitWith, or the cause of ctx. It cannot come earlier: only the end tells whether it was
// one of success. A function sends over a port what is not to wait for the end, which
// takes about a millisecond.
func (i *Isolate[Out]) Result(ctx context.Context) (Out, error) {
	select {
	case <-i.Done():
	case <-ctx.Done():
		var none Out
		return none, context.Cause(ctx)
	}
	i.once.Do(i.takeResult)
	return i.out, i.err
}

func (i *Isolate[Out]) takeResult() {
	defer i.link.scope.Close()
	exit := i.Wait()
	if exit.Outcome != Success {
		e := &ExitError{Name: i.name, Exit: exit}
		if exit.StopReason != "" { // else ctx ended later
			e.Cause = context.Cause(i.ctx)
		}
		i.err = e
		return
	}
	it, ok := i.link.result.Pop()
	if !ok {
		i.err = ErrNoResult
		return
	}
	if err := unpack(it, &i.out); err != nil {
		i.err = fmt.Errorf("isolate %s: result: %w", i.name, err)
	}
}

// OnExit adds a listener to SpawnConfig.OnExit. If the isolate is over it is told at once;
// the same port twice is told once.
func (i *Isolate[Out]) OnExit(port SendPort[Exit]) { i.link.onExit(port) }

// Ping waits for an answer of the isolate's runtime, which comes also when the isolate
// is paused or its function never returns. What was asked before, such as Pause, has
// happened then.
func (i *Isolate[Out]) Ping(ctx context.Context) error { return i.p.ping(ctx) }

// Pause holds back the messages for the isolate's ports, from when it receives this (see
// Ping) until Resume with the same capability. Pauses by different capabilities need a
// resume each, two by the same one need one. A handler that is running is not
// interrupted, messages queue as far as their ports have room, Ping and Kill work.
func (i *Isolate[Out]) Pause(c Capability) error { return i.p.pause(c, false) }

// Resume ends the pause by a capability. With another one nothing happens.
func (i *Isolate[Out]) Resume(c Capability) error { return i.p.pause(c, true) }

// PauseCapability is the one by which SpawnConfig.Paused pauses the isolate.
func (i *Isolate[Out]) PauseCapability() Capability { return i.link.pauseCap }

// Stop asks the isolate to end: its context is cancelled. It may still receive, if with
// another context. After the grace, or that of its Spec if it is 0, it is killed.
func (i *Isolate[Out]) Stop(reason string, grace time.Duration) { i.p.Stop(reason, grace) }

// Kill ends the isolate. An inline one cannot be killed Immediate: that is ErrInline.
func (i *Isolate[Out]) Kill(how Priority) error { return i.p.killBy(how) }
