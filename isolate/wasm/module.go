package wasm

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// Module is a compiled module, of which each run is a fresh instance: own memory, own
// globals, nothing left of earlier runs. Its methods may be called from any goroutine.
type Module struct {
	cfg      Config
	limit    uint64 // bytes of linear memory
	runtime  wazero.Runtime
	cache    wazero.CompilationCache // nil: none
	compiled wazero.CompiledModule
	exports  map[string]api.FunctionDefinition
	plain    wazero.ModuleConfig // of a module without WASI
	wasi     bool                // it imports WASI
	spare    spare

	mu     sync.Mutex
	closed bool
	live   map[*run]struct{}
	idle   sync.Cond // len(live) changed
}

// ErrClosed is the answer of a module that was closed.
var ErrClosed = errors.New("module is closed")

// Compile checks a binary and translates it to machine code, once for all runs. That
// takes about a second for 2 MB of code, or 20 ms if Config.CacheDir has it. The error
// wraps [ErrModule] if it lies in the binary: no module, a component of the component
// model, an import that nobody gives, more memory at the start than allowed. When ctx
// ends, it returns its cause after the function that it is at.
//
// Close the module last.
func Compile(ctx context.Context, binary []byte, cfg Config) (*Module, error) {
	pages, err := cfg.pages()
	if err != nil {
		return nil, err
	}
	s, err := inspect(binary)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	m := &Module{cfg: cfg, limit: uint64(pages) * pageSize, live: map[*run]struct{}{}}
	m.idle.L = &m.mu
	if s.pages*pageSize > m.limit {
		return nil, fmt.Errorf("%w: it wants %d bytes of memory at the start, the limit is %d", ErrModule, s.pages*pageSize, m.limit)
	}
	m.plain = wazero.NewModuleConfig().WithName("").WithStartFunctions().
		WithRandSource(rand.Reader) // which only WASI could read: the default takes 5 us to seed
	if cfg.CacheDir == "" {
		err = m.compileWith(ctx, s.binary, nil)
	} else {
		err = m.compileCached(ctx, s.binary)
	}
	if err != nil {
		return nil, err
	}
	if err := m.link(ctx); err != nil {
		return nil, errors.Join(err, m.free(ctx))
	}
	return m, nil
}

// compileWith fills runtime and compiled.
func (m *Module) compileWith(ctx context.Context, binary []byte, cache wazero.CompilationCache) (err error) {
	cfg := wazero.NewRuntimeConfig().WithCloseOnContextDone(!m.cfg.Unstoppable).WithDebugInfoEnabled(false)
	if cache != nil {
		cfg = cfg.WithCompilationCache(cache)
	}
	rt := wazero.NewRuntimeWithConfig(ctx, cfg)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: the compiler failed: %v", ErrModule, p)
		}
		if err != nil {
			err = errors.Join(err, rt.Close(ctx))
		}
	}()
	// Of two workers and more wazero looks at the context between functions.
	ctx = experimental.WithCompilationWorkers(ctx, max(2, runtime.GOMAXPROCS(0)))
	compiled, err := rt.CompileModule(ctx, binary)
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrModule, err)
	}
	m.runtime, m.compiled = rt, compiled
	return nil
}

// link gives the module the host modules that it imports, and checks that they have all of it.
func (m *Module) link(ctx context.Context) error {
	m.exports = m.compiled.ExportedFunctions()
	given := map[string]map[string]api.FunctionDefinition{}
	var missing []string
	for _, f := range m.compiled.ImportedFunctions() {
		module, name, _ := f.Import()
		functions, known := given[module]
		if !known {
			host, err := m.host(ctx, module)
			if err != nil {
				return err
			}
			if host != nil {
				functions = host.ExportedFunctionDefinitions()
			}
			given[module] = functions
		}
		switch h := functions[name]; {
		case functions == nil && !known:
			missing = append(missing, fmt.Sprintf("module %q", module))
		case functions == nil:
		case h == nil:
			missing = append(missing, fmt.Sprintf("function %q of %q", name, module))
		case !slices.Equal(h.ParamTypes(), f.ParamTypes()) || !slices.Equal(h.ResultTypes(), f.ResultTypes()):
			missing = append(missing, fmt.Sprintf("function %q of %q as %s, which is %s", name, module, signature(f), signature(h)))
		}
	}
	if missing != nil {
		return fmt.Errorf("%w: it imports what is not here: %s; there are %q and %q",
			ErrModule, strings.Join(missing, ", "), wasi_snapshot_preview1.ModuleName, hostModule)
	}
	return nil
}

// host instantiates a host module; nil if there is none of that name.
func (m *Module) host(ctx context.Context, name string) (api.Module, error) {
	switch name {
	case wasi_snapshot_preview1.ModuleName:
		m.wasi = true
		return instantiateWASI(ctx, m.runtime)
	case hostModule:
		return instantiateHost(ctx, m.runtime)
	}
	return nil, nil
}

// signature writes a function's type, as (i32, i32) -> i64.
func signature(f api.FunctionDefinition) string {
	list := func(types []api.ValueType) string {
		names := make([]string, len(types))
		for i, t := range types {
			names[i] = api.ValueTypeName(t)
		}
		return strings.Join(names, ", ")
	}
	results := list(f.ResultTypes())
	if len(f.ResultTypes()) != 1 {
		results = "(" + results + ")"
	}
	return "(" + list(f.ParamTypes()) + ") -> " + results
}

// names lists the exported functions, for messages.
func (m *Module) names() string {
	names := make([]string, 0, len(m.exports))
	for name := range m.exports {
		names = append(names, name)
	}
	slices.Sort(names)
	const most = 8
	if len(names) > most {
		names = append(names[:most], "...")
	}
	if len(names) == 0 {
		return "it exports no function"
	}
	return "it exports " + strings.Join(names, ", ")
}

// enter lists a run as live.
func (m *Module) enter(r *run) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	m.live[r] = struct{}{}
	return nil
}

func (m *Module) leave(r *run) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.live, r)
	m.idle.Broadcast()
}

// Close ends what still runs, waits for it, and frees the machine code. With
// Config.Unstoppable it waits until the runs end by themselves.
func (m *Module) Close() error {
	m.mu.Lock()
	first := !m.closed
	m.closed = true
	for r := range m.live {
		r.cancel(ErrClosed)
	}
	for len(m.live) > 0 {
		m.idle.Wait()
	}
	m.mu.Unlock()
	if !first {
		return nil
	}
	return m.free(context.Background())
}

func (m *Module) free(ctx context.Context) error {
	err := m.runtime.Close(ctx)
	if m.cache != nil {
		err = errors.Join(err, m.cache.Close(ctx))
	}
	return err
}
