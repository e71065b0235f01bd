package isolate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"

	"github.com/lullwork/lull/isolate/internal/hub"
)

// Errors that callers branch on. All of them mean that nothing was spawned.
var (
	// ErrNoMain: a function was to be run, but Main was never called. Without it a child
	// would run the whole program again.
	ErrNoMain = errors.New("isolate.Main was not called: make it the first line of main and of TestMain")
	// ErrNoEntry: no entry point has that name. If Main refused the one that it was given, the
	// error that wraps this one says why.
	ErrNoEntry = errors.New("no such entry point: pass it to isolate.Main")
	// ErrTooLarge: a value is larger than its limit.
	ErrTooLarge = errors.New("value too large: pass a file name or a key instead")
	// ErrClosed: the spawner was closed.
	ErrClosed = errors.New("spawner is closed")
)

// Mode is how an entry point runs. The zero value is Child.
type Mode int

const (
	// Child runs the function in a process of its own. The default.
	Child Mode = iota
	// Inline runs it in a goroutine of this process: for trusted, cheap, cooperative
	// functions only. It shares the heap, cannot be killed, has no limits, and its
	// output is not captured.
	Inline
)

// Entry is a named entry point, made by [Do] and given to [Main]: a function that a
// fresh isolate can find by its name.
type Entry struct {
	name string
	mode Mode
	call func(ctx context.Context, input []byte) ([]byte, error)
	// linked is call for a run with ports: input and result are messages.
	linked func(ctx context.Context, input hub.Item) (hub.Message, error)
	fits   func(in, out uint64) error // the types of a Task, by their fingerprints
	types  [2]reflect.Type            // the same
	code   uintptr                    // of its function; 0 if that is nil
	err    error                      // what is wrong with the rest of it

	needs     []string // the providers it uses, if it says so
	saysNeeds bool
}

// Name is the name under which the entry point is stored and found.
func (e Entry) Name() string { return e.name }

// Mode says where it runs.
func (e Entry) Mode() Mode { return e.mode }

// Do makes an entry point. For a [Spawner], In and Out travel as JSON; for [Run] and
// [Spawn] as messages between isolates do.
//
// The function must be declared at package level: a fresh isolate has none of the
// variables that a closure or a method value holds, so these are refused. A mistake
// (such a function, a bad name) is not a panic here; Main collects it and Err returns it.
//
// A nil error is success. Wrap an error in [Retry] or [Permanent] to say more than "error".
func Do[In, Out any](name string, fn func(context.Context, In) (Out, error), mode ...Mode) Entry {
	e := Entry{name: name, types: [2]reflect.Type{reflect.TypeFor[In](), reflect.TypeFor[Out]()}}
	for _, m := range mode {
		e.mode = m
	}
	e.code, e.err = reflect.ValueOf(fn).Pointer(), errors.Join(checkName("entry point", name), checkMode(name, e.mode))
	raw := fn
	fn = scoped(name, fn)
	e.call = func(ctx context.Context, input []byte) ([]byte, error) {
		var in In
		if len(input) > 0 {
			if err := json.Unmarshal(input, &in); err != nil {
				return nil, Permanent(fmt.Errorf("input of %s does not fit %T: %w", name, in, err))
			}
		}
		out, err := fn(ctx, in)
		if err != nil {
			return nil, err
		}
		result, err := json.Marshal(out)
		if err != nil {
			return nil, Permanent(fmt.Errorf("result of %s: %w", name, err))
		}
		return result, nil
	}
	e.fits = func(in, out uint64) error {
		wantIn, _ := fingerprint[In]()
		wantOut, _ := fingerprint[Out]()
		if in != wantIn || out != wantOut {
			return fmt.Errorf("the task's types are not those of the entry point, which takes %T and returns %T", *new(In), *new(Out))
		}
		return nil
	}
	living := scoped(name, func(ctx context.Context, in In) (Out, error) {
		out, err := raw(ctx, in)
		if err == nil {
			awaitPorts(ctx)
		}
		return out, err
	})
	e.linked = func(ctx context.Context, input hub.Item) (hub.Message, error) {
		var in In
		if err := unpack(input, &in); err != nil {
			return hub.Message{}, Permanent(fmt.Errorf("input of %s: %w", name, err))
		}
		out, err := living(ctx, in)
		if err != nil {
			return hub.Message{}, err
		}
		m, err := pack(nil, out)
		if err != nil {
			return m, Permanent(fmt.Errorf("result of %s: %w", name, err))
		}
		return m, nil
	}
	return e
}

// mistake is why it cannot be registered; nil if it can.
func (e Entry) mistake() error {
	return errors.Join(e.err, checkFunc("entry point", e.name, e.code))
}

// checkName accepts 1 to 128 letters, digits and ". _ - / :", beginning with a letter or digit.
func checkName(what, name string) error {
	if name == "" {
		return errors.New(what + " without a name")
	}
	if len(name) > 128 {
		return fmt.Errorf("%s %.20q...: the name is longer than 128 bytes", what, name)
	}
	for i, r := range name {
		alnum := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !alnum && (i == 0 || !strings.ContainsRune("._-/:", r)) {
			return fmt.Errorf("%s %q: %q is not allowed there; use letters, digits and any of ._-/: inside", what, name, r)
		}
	}
	return nil
}

func checkMode(name string, m Mode) error {
	if m != Child && m != Inline {
		return fmt.Errorf("entry point %q: unknown mode %d", name, m)
	}
	return nil
}

// checkFunc refuses what is not declared at package level. The runtime's name of such a
// function has exactly one dot after the last slash ("example.com/p.F"; dots in a path
// element are escaped), while closures ("p.F.func1") and method values ("p.T.M-fm") differ.
func checkFunc(what, name string, code uintptr) error {
	if code == 0 {
		return fmt.Errorf("%s %q: the function is nil", what, name)
	}
	full := funcName(code)
	base := full[strings.LastIndexByte(full, '/')+1:]
	base, _, _ = strings.Cut(base, "[")
	if strings.Count(base, ".") != 1 || strings.HasSuffix(base, "-fm") {
		return fmt.Errorf("%s %q: %s is a closure or a method value, and a fresh isolate has none of its captured state; "+
			"declare the function at package level", what, name, full)
	}
	return nil
}

// funcName unwinds inlining: at the first instruction of a closure the runtime may
// report the function that was inlined there.
func funcName(entry uintptr) string {
	frames := runtime.CallersFrames([]uintptr{entry + 1})
	for {
		f, more := frames.Next()
		if !more {
			return f.Function
		}
	}
}

// Task is a named function with its types, as [Run] wants it. [Named] is the plain one.
type Task[In, Out any] interface {
	// Name is that of the entry point.
	Name() string
	// Types lets the compiler infer In and Out. It is never called.
	Types() (In, Out)
}

// Named is the simplest Task: a typed name. The name is apart from the function so that
// a function may start itself without an initialisation cycle.
//
//	var Thumbnail = isolate.Named[Photo, Thumb]("thumbnail")
type Named[In, Out any] string

// Name returns the name.
func (n Named[In, Out]) Name() string { return string(n) }

// Types returns zero values.
func (n Named[In, Out]) Types() (in In, out Out) { return in, out }

// Do is the typed form of the function [Do].
func (n Named[In, Out]) Do(fn func(context.Context, In) (Out, error), mode ...Mode) Entry {
	return Do(string(n), fn, mode...)
}
