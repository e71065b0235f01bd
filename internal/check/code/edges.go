package code

import (
	"slices"

	"github.com/lullwork/lull/internal/check/island"
)

// Edge is one step of the call graph.
type Edge struct {
	To    *Func
	Node  *island.Node // of the function it leaves
	Guess bool         // by name only, or an onX: that runs when something happens, if it does
	Event bool         // it is the latter
}

// Callees are the functions that f may run, in the order of the source, without doubles.
// A closure that f makes is one of them.
func (p *Program) Callees(f *Func) []Edge {
	if f.edged {
		return f.edges
	}
	f.edged = true
	e := edges{p: p, f: f, called: map[*island.Node]bool{}, events: map[*island.Node]bool{}, known: map[*Func]int{}}
	f.Walk(func(n *island.Node) bool {
		e.visit(n)
		return true
	})
	f.edges = e.list
	return f.edges
}

// edges gathers what a function may run.
type edges struct {
	p      *Program
	f      *Func
	list   []Edge
	called map[*island.Node]bool // callees of calls
	events map[*island.Node]bool // what is handed over for when something happens
	known  map[*Func]int         // their place in list, from 1
	made   []*island.Decl        // classes of which an object is made
}

func (e *edges) add(to *Func, n *island.Node, guess bool) {
	if to == nil {
		return
	}
	if i := e.known[to]; i > 0 {
		known := &e.list[i-1]
		known.Guess = known.Guess && guess
		known.Event = known.Event && guess && e.events[n]
		return
	}
	e.list = append(e.list, Edge{to, n, guess, guess && e.events[n]})
	e.known[to] = len(e.list)
}

func (e *edges) visit(n *island.Node) {
	switch n.Kind {
	case island.LocalFn:
		e.object(n)
	case island.Closure:
		e.add(e.p.opens(n, n, e.f), n, e.events[n])
	case island.Call:
		if len(n.Kids) > 0 {
			e.called[n.Kids[0]] = true
			e.event(n)
		}
		e.object(n)
	case island.Ident:
		refs := e.p.refs(e.f.File, n, 0)
		for _, r := range refs {
			e.decl(r.Decl, n, e.events[n])
		}
		if len(refs) == 0 {
			if d := e.p.generated(e.f.File, n); d != nil {
				e.called[n] = true
				e.decl(d, n, false)
			}
		}
	case island.Member:
		if n.Name == "new" && e.f.File.Lang == island.Dart && len(n.Kids) > 0 { // tear-off of a constructor
			e.called[n.Kids[0]] = true
		}
		refs, known := e.p.memberRefs(e.f.File, n, 0)
		for _, r := range refs {
			e.decl(r.Decl, n, e.events[n])
		}
		if !known && len(refs) == 0 {
			e.guess(n)
		}
	}
}

// object adds the members of an unnamed class: what gets the object calls them.
func (e *edges) object(n *island.Node) {
	if n.Decl != nil && n.Decl.Kind == island.Object {
		for _, m := range n.Decl.Members {
			e.add(e.p.FuncOf(m), n, false)
		}
	}
}

// event marks what a call to something that is not here, or a constructor, takes as onX:.
func (e *edges) event(call *island.Node) {
	for _, a := range call.Args {
		if len(a.Label) < 3 || a.Label[:2] != "on" || !isUpper(a.Label[2:]) || a.Value == nil {
			continue
		}
		for _, r := range e.p.refs(e.f.File, call.Kids[0], 0) {
			if r.Decl != nil && r.Decl.Kind == island.Function {
				return
			}
		}
		e.events[a.Value] = true
	}
	e.entries(call)
}

// entries marks the closures that a variable's first value gives to objects of the program's
// own classes, such as those of a table of actions: who reads it may call them.
func (e *edges) entries(call *island.Node) {
	if e.f.Decl == nil || e.f.Decl.Kind != island.Variable {
		return
	}
	if !isUpper(island.CalleeName(call)) || len(e.p.refs(e.f.File, call.Kids[0], 0)) == 0 {
		return
	}
	for _, a := range call.Args {
		if a.Value != nil && a.Value.Kind == island.Closure {
			e.events[a.Value] = true
		}
	}
}

// most is how many members may have a name for it to tell anything of a receiver that is
// not known.
const most = 16

// guess takes all members of a name, where nothing is known of the receiver.
func (e *edges) guess(n *island.Node) {
	all := e.p.index().members[n.Name]
	if len(all) > most {
		return
	}
	for _, d := range all {
		if d.Has(island.Static) || d.Kind == island.Constructor || isType(d) {
			continue
		}
		if e.called[n] && d.Kind == island.Function && !d.Has(island.Getter) && d.Has(island.Setter) {
			continue
		}
		e.decl(d, n, true)
	}
}

// decl adds what it runs to name a declaration.
func (e *edges) decl(d *island.Decl, n *island.Node, guess bool) {
	if d == nil {
		return
	}
	switch {
	case d.Kind == island.Constructor:
		e.add(e.p.FuncOf(d), n, guess)
		if c := typeAround(d); c != nil {
			e.construct(c, n, guess)
		}
	case isType(d), d.Kind == island.TypeAlias:
		if !e.called[n] {
			return
		}
		for _, c := range e.p.typesOf(d, 0) {
			for _, m := range c.Members {
				if m.Kind == island.Constructor && (m.Name == "" || d.File.Lang != island.Dart) {
					e.add(e.p.FuncOf(m), n, guess)
				}
			}
			e.construct(c, n, guess)
		}
	case d.Kind == island.Function, d.Kind == island.Variable:
		e.add(e.p.FuncOf(d), n, guess)
		for _, m := range d.Members { // setters and observers
			e.add(e.p.FuncOf(m), n, guess)
		}
	}
}

// construct adds what it runs to make an object: first values of fields, constructors
// of what its class extends, and what the framework calls that has the class above it,
// which are the methods marked as overriding.
func (e *edges) construct(c *island.Decl, n *island.Node, guess bool) {
	if slices.Contains(e.made, c) {
		return
	}
	e.made = append(e.made, c)
	foreign := false
	u := e.p.byFile[c.File]
	for _, s := range c.Supers {
		types := e.p.named(u, s).decls
		foreign = foreign || len(types) == 0
		for _, super := range types {
			for _, m := range super.Members {
				if m.Kind == island.Constructor {
					e.add(e.p.FuncOf(m), n, guess || m.Name != "" && u.Lang == island.Dart)
				}
			}
			if super != c {
				e.construct(super, n, guess)
			}
		}
	}
	for _, m := range c.Members {
		switch {
		case m.Kind == island.Variable && memberOfThis(m) && m.Init() != nil:
			e.add(e.p.FuncOf(m), n, guess)
		case foreign && m.Kind == island.Function && overriding(m):
			e.add(e.p.FuncOf(m), n, guess)
		}
	}
}

// overriding tells whether a method is marked so.
func overriding(m *island.Decl) bool {
	return m.Has(island.Override) || slices.ContainsFunc(m.Annotations, func(a island.Annotation) bool {
		return a.Name == "override" || a.Name == "Override"
	})
}
