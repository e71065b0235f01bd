package isolate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
)

// scope holds the plugins of one run.
type scope struct {
	entry   Entry
	ctx     context.Context // of the run
	opening func(name string)

	mu    sync.Mutex
	over  bool
	uses  map[string]*plugin
	begun []*plugin                 // in the order in which they were first used
	ready []*plugin                 // in the order in which they were initialised
	waits map[string]map[string]int // which provider waits for which, how often
}

// plugin is a provider's work in one run. Value, err and took are valid when done is closed.
type plugin struct {
	provider *provider
	by       string // the provider that used it first; empty for the function
	done     chan struct{}
	value    any
	err      error
	took     time.Duration
}

type (
	scopeKey struct{}
	userKey  struct{} // the provider whose function has the context
)

var errOver = errors.New("the run is over")

// scoped gives each call of an entry point's function plugins of its own, and closes
// them after it.
func scoped[In, Out any](name string, fn func(context.Context, In) (Out, error)) func(context.Context, In) (Out, error) {
	return func(ctx context.Context, in In) (out Out, err error) {
		s := &scope{entry: Entry{name: name}, uses: map[string]*plugin{}, waits: map[string]map[string]int{}}
		if e, ok := theTable.find(name); ok {
			s.entry = e
		}
		s.ctx = context.WithValue(ctx, scopeKey{}, s)
		defer func() {
			if closing := s.close(); closing != nil && err == nil {
				err = closing
			}
		}()
		return fn(s.ctx, in)
	}
}

func use(ctx context.Context, name string, typ reflect.Type) (any, error) {
	s, ok := ctx.Value(scopeKey{}).(*scope)
	if !ok {
		return nil, errors.New("the context is not that of a run: a plugin belongs to an isolate")
	}
	p := theTable.provider(name)
	if p == nil {
		return nil, fmt.Errorf("%q: %w", name, ErrNoProvider)
	}
	if typ != nil && typ != p.typ {
		return nil, fmt.Errorf("provider %q gives %v, not %v", name, p.typ, typ)
	}
	by, _ := ctx.Value(userKey{}).(string)
	if by == "" && s.entry.saysNeeds && !slices.Contains(s.entry.needs, name) {
		return nil, fmt.Errorf("entry point %q does not list provider %q in its Needs", s.entry.name, name)
	}
	return s.use(ctx, p, by)
}

// use waits for a plugin, and is the one that initialises it if nobody was before.
func (s *scope) use(ctx context.Context, p *provider, by string) (any, error) {
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return nil, errOver
	}
	u := s.uses[p.name]
	if err := context.Cause(ctx); err != nil && u == nil {
		s.mu.Unlock()
		return nil, fmt.Errorf("provider %q: %w", p.name, err)
	}
	if user := s.uses[by]; user != nil && user.finished() {
		by = "" // it only kept its context: nobody waits for it
	}
	if by != "" {
		if way := s.way(p.name, by); way != nil {
			s.mu.Unlock()
			return nil, fmt.Errorf("provider %q uses itself: %s", by, strings.Join(append([]string{by}, way...), " -> "))
		}
		if s.waits[by] == nil {
			s.waits[by] = map[string]int{}
		}
		s.waits[by][p.name]++
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.waits[by][p.name]--; s.waits[by][p.name] == 0 {
				delete(s.waits[by], p.name)
			}
		}()
	}
	if u == nil {
		u = &plugin{provider: p, by: by, done: make(chan struct{})}
		s.uses[p.name] = u
		s.begun = append(s.begun, u)
		go s.open(u)
	}
	s.mu.Unlock()
	select {
	case <-u.done:
		return u.value, u.err
	case <-ctx.Done():
	}
	if u.finished() { // both: what is there is worth more
		return u.value, u.err
	}
	return nil, fmt.Errorf("waiting for provider %q: %w", p.name, context.Cause(ctx))
}

func (u *plugin) finished() bool {
	select {
	case <-u.done:
		return true
	default:
		return false
	}
}

// way finds how one provider waits for another, over those between; nil if it does not.
func (s *scope) way(from, to string) []string {
	if from == to {
		return []string{to}
	}
	for _, next := range slices.Sorted(maps.Keys(s.waits[from])) {
		if way := s.way(next, to); way != nil {
			return append([]string{from}, way...)
		}
	}
	return nil
}

// firstUses lists the plugins in the order in which they were asked for.
func (s *scope) firstUses() []*plugin {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.begun)
}

// open initialises a plugin. Its end is deferred: the provider may call runtime.Goexit.
func (s *scope) open(u *plugin) {
	began := time.Now()
	var value any
	err := errors.New("runtime.Goexit was called")
	defer func() { s.opened(u, value, err, time.Since(began)) }()
	if s.opening != nil {
		s.opening(u.provider.name)
	}
	value, err = guarded(func() (any, error) {
		return u.provider.open(context.WithValue(s.ctx, userKey{}, u.provider.name))
	})
}

func (s *scope) opened(u *plugin, value any, err error, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && s.over { // nobody will close it
		s.mu.Unlock()
		err = errors.Join(errOver, u.shut(value))
		s.mu.Lock()
	}
	u.took = took
	if err != nil {
		u.err = fmt.Errorf("provider %q: %w", u.provider.name, err)
	} else {
		u.value = value
		s.ready = append(s.ready, u)
	}
	close(u.done)
}

// close closes what was initialised, the last one first.
func (s *scope) close() error {
	s.mu.Lock()
	s.over = true
	ready := s.ready
	s.ready = nil
	s.mu.Unlock()
	slices.Reverse(ready)
	var errs []error
	for _, u := range ready {
		errs = append(errs, u.shut(u.value))
	}
	return errors.Join(errs...)
}

func (u *plugin) shut(value any) error {
	_, err := guarded(func() (any, error) { return nil, u.provider.close(value) })
	if err != nil {
		return fmt.Errorf("closing what provider %q gave: %w", u.provider.name, err)
	}
	return nil
}

// guarded makes a panic an error: it must not end the process of an inline run, and
// Verify wants to try the next plugin.
func guarded(f func() (any, error)) (v any, err error) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(os.Stderr, "panic: %v\n\n%s", r, debug.Stack())
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}
