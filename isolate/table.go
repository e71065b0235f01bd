package isolate

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lullwork/lull/isolate/internal/hub"
	"github.com/lullwork/lull/isolate/internal/shim"
)

// table is the one table of entry points: a process has one argv, so it has one Main.
type table struct {
	mu     sync.Mutex
	called bool
	// trusting: this is a child, and the host has looked at the function that it is to call.
	// Others are looked at when somebody asks for them.
	trusting bool
	unseen   []Entry
	entries  map[string]Entry
	refused  map[string]error // why Main did not take the entry point of that name
	errs     []error

	providers []*provider // in the order of their declaration
	once      *Spawner    // for Run and Spawn
	hub       *hub.Hub
	whole     *hub.Scope // of this process: in a child, that of its run
}

var theTable table

// Main gives the process its entry points and its providers. Make it the first line of main and of
// TestMain, before flags are parsed:
//
//	func main() {
//		isolate.Main(Thumbnail.Do(thumbnail))
//		...
//
// In the program that the user started it returns at once; mistakes in the list are
// returned by Err. In a child that the spawner started it runs one entry point, exits
// the process, and never returns. A child is known by its first argument *and* by a
// handshake on an inherited pipe, never by its environment.
func Main(list ...Declaration) {
	var role string
	if len(os.Args) > 1 {
		role = os.Args[1]
	}
	theTable.trusting = role == argFunc || role == argEnter || role == argInit
	theTable.declare(list)
	switch role {
	case argFunc:
		os.Exit(childMain())
	case argEnter:
		os.Exit(enterMain())
	case argInit:
		control, report, err := controlFiles()
		if err != nil {
			os.Exit(notAChild(err))
		}
		control.poll()
		code, err := shim.Main(control, report, os.Args[2:])
		if err != nil {
			code = notAChild(err)
		}
		os.Exit(code)
	}
}

func notAChild(err error) int {
	fmt.Fprintf(os.Stderr, "%s: %q is for child processes only: %v\n", os.Args[0], os.Args[1], err)
	return 70 // EX_SOFTWARE of sysexits.h
}

func (t *table) fill(entries []Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.called {
		t.errs = append(t.errs, errors.New("isolate.Main was called twice: pass all entry points to one call"))
	}
	t.called = true
	t.unseen = append(t.unseen, entries...)
	if !t.trusting {
		t.look()
	}
}

// look registers what is right of that which Main was given. The lock is held.
func (t *table) look() {
	if t.entries == nil {
		t.entries, t.refused = map[string]Entry{}, map[string]error{}
	}
	for _, e := range t.unseen {
		if e.call == nil {
			t.errs = append(t.errs, errors.New("an Entry that was not made by isolate.Do"))
			continue
		}
		err := e.mistake()
		switch {
		case err != nil:
			t.errs = append(t.errs, err)
			t.refused[e.name] = err
		case t.entries[e.name].call != nil:
			t.errs = append(t.errs, fmt.Errorf("entry point %q is registered twice", e.name))
		default:
			t.entries[e.name] = e
		}
	}
	t.unseen = nil
}

// find returns the entry point of that name. To look at all costs a child a part of the time
// to its first answer, so it takes the one that its host has looked at, if there is but one.
func (t *table) find(name string) (Entry, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	named := func(e Entry) bool { return e.name == name }
	if i := slices.IndexFunc(t.unseen, named); i >= 0 && !slices.ContainsFunc(t.unseen[i+1:], named) {
		return t.unseen[i], true
	}
	t.look()
	e, ok := t.entries[name]
	return e, ok
}

func (t *table) mainCalled() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.called
}

// noEntry is the error of a name that no entry point has. Who did pass one to Main hears
// why it was not taken.
func (t *table) noEntry(name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.refused[name]; err != nil {
		return refusedError{err}
	}
	return fmt.Errorf("%q: %w", name, ErrNoEntry)
}

// refusedError is an ErrNoEntry that says what is wrong with what Main was given.
type refusedError struct{ error }

func (refusedError) Is(target error) bool { return target == ErrNoEntry }
func (e refusedError) Unwrap() error      { return e.error }

// Registered returns the entry point of that name. Entries with a mistake are not registered.
func Registered(name string) (Entry, bool) {
	theTable.mu.Lock()
	defer theTable.mu.Unlock()
	theTable.look()
	e, ok := theTable.entries[name]
	return e, ok
}

// Entries lists the entry points by name.
func Entries() []Entry {
	theTable.mu.Lock()
	defer theTable.mu.Unlock()
	theTable.look()
	var list []Entry
	for _, e := range theTable.entries {
		if e.name != verifyName {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.name, b.name) })
	return list
}

// Err joins the mistakes that Main found in its list; nil if there are none, or if
// Main was not called.
func Err() error {
	theTable.mu.Lock()
	defer theTable.mu.Unlock()
	theTable.look()
	return errors.Join(theTable.errs...)
}

// spawner returns the one that Run uses. It lives as long as the process.
func (t *table) spawner() (*Spawner, error) {
	if !t.mainCalled() {
		return nil, ErrNoMain
	}
	t.mu.Lock()
	s := t.once
	t.mu.Unlock()
	if s != nil {
		return s, nil
	}
	s, err := NewSpawner(Config{}) // probes and reads the table: not under its lock
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.once != nil { // somebody was faster
		return t.once, s.Close()
	}
	t.once = s
	return s, nil
}

// ports returns the hub of this process: it has one, as it has one parent.
func (t *table) ports() *hub.Hub {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hub == nil {
		t.hub = hub.New()
		t.whole = t.hub.NewScope()
	}
	return t.hub
}

// scope returns the ports of the process itself.
func (t *table) scope() *hub.Scope {
	t.ports()
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.whole
}

func (t *table) setScope(s *hub.Scope) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.whole = s
}

// endNested ends what this process itself started for Run and Spawn: a tree of isolates
// ends from its leaves.
func (t *table) endNested(reason string, grace time.Duration) {
	t.mu.Lock()
	s := t.once
	t.mu.Unlock()
	if s != nil {
		s.stopAll(reason, grace)
		_ = s.Close()
	}
}
