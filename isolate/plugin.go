package isolate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
)

// ErrNoProvider means that no provider has that name.
var ErrNoProvider = errors.New("no such provider: pass it to isolate.Main")

// Declaration is what [Main] takes: an [Entry] or a [Provider].
type Declaration interface {
	// Name is that of the entry point or the provider. Each has names of its own.
	Name() string
	plugin() *provider // nil for an entry point
}

// Provider makes a plugin: a resource that each isolate must initialise for itself,
// because nothing is inherited, such as a connection, a cache or a model.
type Provider[T any] struct{ p *provider }

// Provide declares a plugin. Declare it at package level and pass it to [Main]:
//
//	var DB = isolate.Provide("db", openDB)
//
//	func openDB(ctx context.Context) (*sql.DB, error) { ... }
//
// The function runs at most once in an isolate, when the plugin is first used; if it
// fails or panics, every use in this isolate gets the same error. Its context is that
// of the run, and it may use other plugins through it. When the run's function has
// returned (or panicked), plugins that are an [io.Closer] are closed in reverse order;
// if that fails, so does a run that had succeeded. As for entry points, closures and
// method values are refused.
func Provide[T any](name string, fn func(context.Context) (T, error)) Provider[T] {
	p := &provider{name: name, typ: reflect.TypeFor[T]()}
	p.err = errors.Join(checkName("provider", name), checkFunc("provider", name, reflect.ValueOf(fn).Pointer()))
	p.open = func(ctx context.Context) (any, error) {
		v, err := fn(ctx)
		if err != nil {
			return nil, err
		}
		return &v, nil
	}
	p.close = func(v any) error {
		c, ok := any(*v.(*T)).(io.Closer)
		if p := reflect.ValueOf(c); !ok || p.Kind() == reflect.Pointer && p.IsNil() {
			return nil
		}
		return c.Close()
	}
	return Provider[T]{p}
}

// Name is the name under which the plugin is used.
func (d Provider[T]) Name() string {
	if d.p == nil {
		return ""
	}
	return d.p.name
}

// Use is the typed form of the function [Use]. Where it makes an initialisation cycle
// (the compiler says so), use the name.
func (d Provider[T]) Use(ctx context.Context) (T, error) { return Use[T](ctx, d.Name()) }

// Use returns this isolate's plugin, and initialises it if it is the first to ask. It
// is for the context of a run, or one made from it; when that has ended it still returns
// what is there, for the function to put things in order. Errors: ErrNoProvider, another type
// than the provider's, a provider that uses itself, one that the entry point does not
// list in its [Entry.Needs], the provider's own error, the end of ctx while waiting.
func Use[T any](ctx context.Context, name string) (T, error) {
	v, err := use(ctx, name, reflect.TypeFor[T]())
	if err != nil {
		var zero T
		return zero, fmt.Errorf("isolate.Use: %w", err)
	}
	return *v.(*T), nil
}

// Needs returns the entry point with the list of the providers that it uses (not those
// that they use in turn; none at all is a list too). The list is kept to: a use of
// another one is an error, so what [Verify] has tried is what the function can reach.
// Without a list the function may use every provider, and Verify tries them all.
func (e Entry) Needs(providers ...string) Entry {
	e.needs, e.saysNeeds = slices.Clone(providers), true
	return e
}

type provider struct {
	name  string
	typ   reflect.Type
	open  func(context.Context) (any, error) // a pointer to the value
	close func(any) error
	err   error // why it cannot be registered
}

func (Entry) plugin() *provider { return nil }

func (d Provider[T]) plugin() *provider {
	if d.p == nil {
		return &provider{err: errors.New("a Provider that was not made by isolate.Provide")}
	}
	return d.p
}

// declare takes the list of Main.
func (t *table) declare(list []Declaration) {
	entries := make([]Entry, 0, len(list)+1)
	var errs []error
	for _, d := range list {
		e, isEntry := d.(Entry)
		switch {
		case d == nil:
			errs = append(errs, errors.New("a nil in the list of isolate.Main"))
		case isEntry:
			entries = append(entries, e)
		case d.plugin().err != nil:
			errs = append(errs, d.plugin().err)
		case t.provider(d.Name()) != nil:
			errs = append(errs, fmt.Errorf("provider %q is registered twice", d.Name()))
		default:
			t.mu.Lock()
			t.providers = append(t.providers, d.plugin())
			t.mu.Unlock()
		}
	}
	if !t.mainCalled() {
		entries = append(entries, Do(verifyName, verifyInside))
	}
	t.fill(entries)
	for _, e := range entries {
		for _, name := range e.needs {
			if t.provider(name) == nil {
				errs = append(errs, fmt.Errorf("entry point %q needs provider %q: %w", e.name, name, ErrNoProvider))
			}
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.errs = append(t.errs, errs...)
}

func (t *table) provider(name string) *provider {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.providers {
		if p.name == name {
			return p
		}
	}
	return nil
}

// providerNames lists them in the order of their declaration.
func (t *table) providerNames() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var names []string
	for _, p := range t.providers {
		names = append(names, p.name)
	}
	return names
}
