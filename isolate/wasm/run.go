package wasm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/sys"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/internal/capture"
)

// run is one instance of a module, from before it exists until its record is made.
type run struct {
	m       *Module
	call    Call
	ctx     context.Context
	cancel  context.CancelCauseFunc
	timer   *time.Timer // of the budget
	mem     memory
	scratch *scratch // nil: the module is no command
	folders []*folder
	out     *capture.Sink // stdout and stderr
	ports
	asked func() (reason string, left time.Duration, ok bool) // to stop

	fault    isolate.Outcome // decided by the host, wins over what the guest says
	faultMsg string
	result   []byte
	exit     isolate.Exit
}

// Run instantiates the module, calls the export, and waits for its end, whatever that
// is. When ctx or the budget ends, the guest is ended at its next loop or call.
//
// An error means that nothing was attempted: a mistake in the call, ErrClosed.
func (m *Module) Run(ctx context.Context, call Call) (isolate.Exit, error) {
	r, err := m.admit(ctx, call)
	if err != nil {
		return isolate.Exit{}, err
	}
	return r.live(), nil
}

// admit checks a call and lists its run as live. The run begins with live.
func (m *Module) admit(ctx context.Context, call Call) (*run, error) {
	if err := call.validate(m.cfg.Unstoppable); err != nil {
		return nil, err
	}
	r := &run{m: m, call: call, mem: memory{limit: m.limit, spare: &m.spare}, asked: notAsked}
	r.out = capture.New(capture.Config{Limit: call.OutputLimit, OnLimit: func() {
		r.fault, r.faultMsg = isolate.OutputLimit, fmt.Sprintf("wrote more than %d bytes", call.OutputLimit)
	}})
	r.exit = isolate.Exit{Code: -1, Tier: Tier, Started: time.Now()}
	ctx, r.cancel = context.WithCancelCause(ctx)
	r.ctx = experimental.WithMemoryAllocator(context.WithValue(ctx, runKey{}, r), &r.mem)
	if err := m.enter(r); err != nil {
		r.cancel(err)
		return nil, err
	}
	if call.Budget > 0 {
		r.timer = time.AfterFunc(call.Budget, func() { r.cancel(budgetError(call.Budget)) })
	}
	return r, nil
}

type runKey struct{}

func notAsked() (string, time.Duration, bool) { return "", 0, false }

// budgetError is the cause of a run's end by its budget.
type budgetError time.Duration

func (e budgetError) Error() string {
	return fmt.Sprintf("the budget of %v is over", time.Duration(e))
}

// live is the whole life of the instance.
func (r *run) live() isolate.Exit {
	defer r.m.leave(r)
	err := r.execute()
	r.decide(err)
	if r.timer != nil {
		r.timer.Stop()
	}
	r.cancel(nil)
	r.mem.release()
	for _, f := range r.folders {
		_ = f.root.Close()
	}
	r.exit.Ended = time.Now()
	return r.exit
}

// execute returns nil for a plain return, a *sys.ExitError for an exit code or a kill,
// a *refusal if the guest cannot be started, and else what trapped.
func (r *run) execute() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the runtime failed: %v\n%s", p, debug.Stack())
		}
	}()
	if r.ctx.Err() != nil {
		return sys.NewExitError(sys.ExitCodeContextCanceled)
	}
	call, err := r.m.callee(&r.call)
	if err != nil {
		return err
	}
	cfg, err := r.config()
	if err != nil {
		return &refusal{isolate.NotStarted, err}
	}
	mod, err := r.m.runtime.InstantiateModule(r.ctx, r.m.compiled, cfg)
	if err != nil {
		if !isTrap(err) && !isExit(err) {
			err = &refusal{isolate.NotStarted, err}
		}
		return err
	}
	defer func() { _ = mod.Close(r.ctx) }()
	return call(r, mod)
}

// refusal is why a guest was not started.
type refusal struct {
	outcome isolate.Outcome
	err     error
}

func (e *refusal) Error() string { return e.err.Error() }
func (e *refusal) Unwrap() error { return e.err }

func refuse(o isolate.Outcome, format string, args ...any) error {
	return &refusal{o, fmt.Errorf(format, args...)}
}

func isExit(err error) bool {
	var exit *sys.ExitError
	return errors.As(err, &exit)
}

// end leaves the guest from within a host function; fault or the context say why.
func end() { panic(sys.NewExitError(sys.ExitCodeContextCanceled)) }

// callee finds out how the export is to be called, before anything is made.
func (m *Module) callee(c *Call) (func(*run, api.Module) error, error) {
	f, err := m.export(c.Export)
	if err != nil {
		return nil, err
	}
	if c.Export == Start {
		return (*run).command, nil
	}
	if m.takesBytes(f) {
		input := c.Input
		if input == nil {
			input = []byte("null")
		}
		return func(r *run, mod api.Module) error { return r.bytesCall(mod, input) }, nil
	}
	args, err := numbersIn(c.Export, f, c.Input)
	if err != nil {
		return nil, err
	}
	return func(r *run, mod api.Module) error { return r.numbersCall(mod, f, args) }, nil
}

// Check says why a call of an export could not begin, whatever its input; nil if nothing
// speaks against it. Empty is Start. It starts nothing.
func (m *Module) Check(export string) error {
	_, err := m.export(cmp.Or(export, Start))
	return err
}

func (m *Module) export(name string) (api.FunctionDefinition, error) {
	f := m.exports[name]
	if f == nil {
		return nil, refuse(isolate.NotStarted, "the module has no export %q: %s", name, m.names())
	}
	if name == Start && len(f.ParamTypes())+len(f.ResultTypes()) > 0 {
		return nil, refuse(isolate.NotStarted, "%s is %s; that of a command is () -> ()", Start, signature(f))
	}
	return f, nil
}

// command runs a program to its end.
func (r *run) command(mod api.Module) error {
	_, err := mod.ExportedFunction(Start).Call(r.ctx)
	return err
}

// initialize begins the life of a reactor. Modules that are none have nothing to begin.
func (r *run) initialize(mod api.Module) error {
	f := mod.ExportedFunction("_initialize")
	if f == nil {
		return nil
	}
	_, err := f.Call(r.ctx)
	return err
}
