package isolate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/lullwork/lull/isolate/internal/hub"
)

// StopError is the cause of a function's context (context.Cause) when the run was asked
// to stop.
type StopError struct {
	// Reason is the one given to Stop.
	Reason string
	// Deadline is when the run is killed.
	Deadline time.Time
}

func (e *StopError) Error() string { return "asked to stop: " + e.Reason }

// inside is what a running function can reach through its context.
type inside struct {
	report func(json []byte) error
	limit  int // bytes of a progress value
	// secrets are those of the run; written before the function is called.
	secrets map[string][]byte
	cancel  context.CancelCauseFunc

	scope     *hub.Scope
	notFatal  bool                                               // an error of a handler does not end the run
	keepAlive bool                                               // the run's ports keep it
	listeners []SendPort[Uncaught]                               // of errors
	exit      func(context.Context, hub.Message, *hub.Ref) error // ends the process; nil for an inline run

	mu      sync.Mutex
	stop    *StopError
	pauses  map[Capability]struct{}
	nested  map[*Process]struct{} // what it started by Spawn and Run
	resumed chan struct{}         // closed when pauses is empty; nil if nobody waits
	itself  string                // see askSelf
}

type insideKey struct{}

// enter returns the context of a run.
func enter(parent context.Context, limit int, report func([]byte) error) (context.Context, *inside) {
	in := &inside{
		report: report, limit: limit, scope: theTable.ports().NewScope(), pauses: map[Capability]struct{}{},
		nested: map[*Process]struct{}{},
	}
	ctx, cancel := context.WithCancelCause(context.WithValue(parent, insideKey{}, in))
	in.cancel = cancel
	return ctx, in
}

// askStop cancels the context. The first call counts, and the earliest end of grace. Deaf
// ends all receiving too.
func (in *inside) askStop(reason string, grace time.Duration, deaf bool) {
	in.mu.Lock()
	first, at := in.stop == nil, time.Now().Add(grace)
	switch {
	case first:
		in.stop = &StopError{Reason: reason, Deadline: at}
	case at.Before(in.stop.Deadline):
		in.stop = &StopError{Reason: in.stop.Reason, Deadline: at}
	}
	stop := in.stop
	in.mu.Unlock()
	if deaf {
		in.scope.End(stop)
	}
	if first {
		in.cancel(stop)
	}
}

// pause counts capabilities: one more, or one less.
func (in *inside) pause(c Capability, resume bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if resume {
		delete(in.pauses, c)
	} else {
		in.pauses[c] = struct{}{}
	}
	in.scope.Pause(len(in.pauses) > 0)
	if len(in.pauses) == 0 && in.resumed != nil {
		close(in.resumed)
		in.resumed = nil
	}
}

// awaitResume waits until the run is not paused, or is to end.
func (in *inside) awaitResume(ctx context.Context) error {
	for {
		in.mu.Lock()
		if len(in.pauses) == 0 {
			in.mu.Unlock()
			return nil
		}
		if in.resumed == nil {
			in.resumed = make(chan struct{})
		}
		resumed := in.resumed
		in.mu.Unlock()
		select {
		case <-resumed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// adopt makes a process end with the run.
func (in *inside) adopt(p *Process) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.nested[p] = struct{}{}
}

func (in *inside) release(p *Process) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.nested, p)
}

// endNested ends what the run started itself: a tree of isolates ends from its leaves.
func (in *inside) endNested() {
	in.mu.Lock()
	nested := slices.Collect(maps.Keys(in.nested))
	reason, grace := reasonOrphan, DefaultGrace
	if in.stop != nil {
		reason, grace = in.stop.Reason, max(time.Until(in.stop.Deadline)-nestedHead, time.Millisecond)
	}
	in.mu.Unlock()
	for _, p := range nested {
		p.Stop(reason, grace)
	}
	for _, p := range nested {
		<-p.Done()
	}
}

// reasonOrphan is why an isolate ends that the end of its parent ends.
const reasonOrphan = "the isolate that started it ended"

// nestedHead is how much earlier than an isolate its own isolates are killed.
const nestedHead = 100 * time.Millisecond

// scopeOf is where the ports of a context's isolate are.
func scopeOf(ctx context.Context) *hub.Scope {
	if in, ok := ctx.Value(insideKey{}).(*inside); ok {
		return in.scope
	}
	return theTable.scope()
}

// askSelf stops the run for a limit that the process itself has seen.
func (in *inside) askSelf(reason string, grace time.Duration) {
	in.mu.Lock()
	if in.stop == nil {
		in.itself = reason
	}
	in.mu.Unlock()
	in.askStop(reason, grace, false)
}

// stoppedItself is the reason of askSelf; empty if the host was first, or nobody asked.
func (in *inside) stoppedItself() string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.itself
}

// Progress reports how far the run is: any value that encoding/json takes, at most
// Spec.ResultLimit bytes (10,240 by default) or the error wraps ErrTooLarge. It does not
// wait: if the host is slow, values are skipped, never the last one. Outside of a run
// it returns an error.
func Progress(ctx context.Context, v any) error {
	in, ok := ctx.Value(insideKey{}).(*inside)
	if !ok {
		return errors.New("isolate.Progress: the context is not that of a run")
	}
	value, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("isolate.Progress: %w", err)
	}
	if len(value) > in.limit {
		return fmt.Errorf("isolate.Progress: %d bytes, the limit is %d: %w", len(value), in.limit, ErrTooLarge)
	}
	return in.report(value)
}

// Stopping says whether the run was asked to stop, why, and when it will be killed. The
// context is cancelled at that moment too; Stopping is for loops that poll.
func Stopping(ctx context.Context) (reason string, deadline time.Time, ok bool) {
	in, found := ctx.Value(insideKey{}).(*inside)
	if !found {
		return "", time.Time{}, false
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.stop == nil {
		return "", time.Time{}, false
	}
	return in.stop.Reason, in.stop.Deadline, true
}

// verdict is an error that chooses its outcome.
type verdict struct {
	outcome Outcome
	err     error
}

func (v *verdict) Error() string { return v.err.Error() }
func (v *verdict) Unwrap() error { return v.err }

// Retry wraps an error so that the outcome is Retried: another run may succeed. Nil stays nil.
func Retry(err error) error { return wrapVerdict(Retried, err) }

// Permanent wraps an error so that the outcome is Failure: no run will succeed. Nil stays nil.
func Permanent(err error) error { return wrapVerdict(Failure, err) }

// WithOutcome wraps an error so that the run has that outcome. It is for functions that
// run something of their own, such as a WebAssembly module, and know how it ended. Success,
// Signalled and StartFailed are not for a function to say: they become ProtocolError.
// So is Stopped, if nobody asked the run to: it becomes Error. Nil stays nil.
func WithOutcome(o Outcome, err error) error { return wrapVerdict(o, err) }

func wrapVerdict(o Outcome, err error) error {
	if err == nil {
		return nil
	}
	return &verdict{o, err}
}

// judge names the outcome of a function's error, and whether the function chose it.
func judge(err error) (o Outcome, explicit bool) {
	var v *verdict
	if errors.As(err, &v) {
		return v.outcome, true
	}
	return Error, false
}
