package code

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// Dropped is a future that nobody waits for.
type Dropped struct {
	Call
	Why DropWhy
}

// DropWhy tells how a future is dropped.
type DropWhy uint8

// The ways to drop a future.
const (
	AsStatement DropWhy = iota // f();
	ForEach                    // an async closure given to what does not wait for it; Call is that
	NeverUsed                  // final x = f(); and no more of x
)

// Unawaited are the calls in f's own body whose future is dropped: neither awaited, returned,
// passed on, nor marked by unawaited(...) or ignore(). A chain of then and the like is
// dropped as its last call is. A call gives a future if its declaration says so, or if
// futures does and no declaration is known; that of an async function of type void cannot but
// be dropped.
func (p *Program) Unawaited(f *Func, futures func(Call) bool) []Dropped {
	var all []Dropped
	u := f.File
	add := func(n *island.Node, why DropWhy) {
		all = append(all, Dropped{Call{u, n, f}, why})
	}
	// drop takes an expression whose value goes nowhere.
	var drop func(n *island.Node, why DropWhy)
	drop = func(n *island.Node, why DropWhy) {
		switch n.Kind {
		case island.Call:
			if call := p.future(f, n, futures, 0); call != nil {
				add(call, why)
			}
		case island.Cond:
			for _, k := range n.Kids[min(1, len(n.Kids)):] {
				drop(k, why)
			}
		case island.Cascade:
			for _, k := range n.Kids[min(1, len(n.Kids)):] {
				drop(k, why)
			}
		case island.Binary:
			if (n.Name == "&&" || n.Name == "||" || n.Name == "??") && len(n.Kids) == 2 {
				drop(n.Kids[1], why)
			}
		case island.Unary:
			if n.Name == "!" && len(n.Kids) > 0 && n.Kids[0].Start == n.Start {
				drop(n.Kids[0], why)
			}
		}
	}
	f.Walk(func(n *island.Node) bool {
		switch n.Kind {
		case island.Expr:
			if len(n.Kids) > 0 {
				drop(n.Kids[0], AsStatement)
			}
		case island.Local:
			if len(n.Kids) == 0 || n.Decl == nil {
				break
			}
			if call := n.Kids[0]; call.Kind == island.Call && p.future(f, call, futures, 0) != nil && !p.used(f, n) {
				drop(call, NeverUsed)
			}
		case island.Call:
			if island.CalleeName(n) != "forEach" || len(n.Args) != 1 {
				break
			}
			if c := n.Args[0].Value; c != nil && c.Kind == island.Closure && c.Async && !p.waits(u, n) {
				add(n, ForEach)
			}
		}
		return true
	})
	return all
}

// used tells whether a local is mentioned again.
func (p *Program) used(f *Func, local *island.Node) bool {
	u := f.File
	for _, off := range u.Uses(local.Decl.Name) {
		if off != local.Decl.NameAt && off > local.Decl.NameAt && off < p.outermost(f).end() {
			return true
		}
	}
	return false
}

func (p *Program) outermost(f *Func) *Func {
	for f.Outer != nil {
		f = f.Outer
	}
	return f
}

// end is the offset after f.
func (f *Func) end() int {
	switch {
	case f.Closure != nil:
		return f.Closure.End
	case f.Decl != nil:
		return f.Decl.End
	}
	return len(f.File.Src)
}

// waits tells whether forEach is one that waits: of a stream, or Future.forEach.
func (p *Program) waits(u *Unit, call *island.Node) bool {
	callee := call.Kids[0]
	if callee.Kind != island.Member || len(callee.Kids) == 0 {
		return true
	}
	switch t := p.typeOf(u, callee.Kids[0], 0); t.name {
	case "Stream":
		return true
	}
	return callee.Kids[0].Kind == island.Ident && callee.Kids[0].Name == "Future"
}

// future is the call that gives a future if a call does: of a chain of then the first
// one, else itself. nil where it gives none or is marked as not waited for.
func (p *Program) future(f *Func, n *island.Node, futures func(Call) bool, depth int) *island.Node {
	if n.Kind != island.Call || len(n.Kids) == 0 || depth > 16 {
		return nil
	}
	name := island.CalleeName(n)
	callee := n.Kids[0]
	if callee.Kind == island.Member && len(callee.Kids) > 0 && callee.Kids[0] != nil {
		switch name {
		case "ignore":
			return nil
		case "then", "whenComplete", "catchError", "onError", "timeout":
			return p.future(f, callee.Kids[0], futures, depth+1)
		}
	}
	refs := p.refs(f.File, callee, 0)
	if len(refs) == 0 {
		if futures(Call{f.File, n, f}) {
			return n
		}
		return nil
	}
	for _, r := range refs {
		if r.Decl == nil || r.Decl.Kind != island.Function || !p.givesFuture(r.Decl) && !fires(r.Decl) {
			return nil
		}
	}
	return n
}

// fires tells whether a function runs on after it has returned, and gives no future to wait for.
func fires(d *island.Decl) bool {
	return strings.TrimSpace(d.Type) == "void" && d.Has(island.Async) && !d.Has(island.Generator)
}

// givesFuture tells whether a function returns a future that may be waited for.
func (p *Program) givesFuture(d *island.Decl) bool {
	if d.Type != "" {
		t := strings.TrimSpace(d.Type)
		return bareType(t) == "Future" || bareType(t) == "FutureOr"
	}
	if d.Has(island.Async) && !d.Has(island.Generator) {
		return true
	}
	u := p.byFile[d.File]
	return u != nil && p.result(u, d, 0).name == "Future"
}

// IsAsync tells whether calling f gives a future.
func (p *Program) IsAsync(f *Func) bool {
	if f.Async() {
		return true
	}
	return f.Decl != nil && f.Decl.Kind == island.Function && p.givesFuture(f.Decl)
}

// Awaits are the awaits in f's own body, in the order of the source.
func (f *Func) Awaits() []*island.Node {
	var all []*island.Node
	f.Walk(func(n *island.Node) bool {
		if n.Kind == island.Await || n.Kind == island.For && n.Async {
			all = append(all, n)
		}
		return true
	})
	return slices.Clip(all)
}
