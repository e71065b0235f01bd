package code

import (
	"slices"

	"github.com/lullwork/lull/internal/check/island"
)

// CallbackKind tells what kind of a function is handed over.
type CallbackKind uint8

// The kinds.
const (
	Unresolved CallbackKind = iota // Why tells the reason
	TopLevel
	StaticMethod // also constructors
	InstanceMethod
	ClosureKind
	LocalFunc
)

// Callback is what a function argument is.
type Callback struct {
	Kind CallbackKind
	Func *Func        // nil where unresolved
	Decl *island.Decl // nil of a closure; of what is unresolved where only its body is missing
	Unit *Unit        // where Arg stands
	Arg  *island.Node // the expression that names the function in the end
	Why  string
}

// Target is the first of Targets, one that is resolved if there is any. It is
// unresolved where there is none.
func (p *Program) Target(in *Func, u *Unit, n *island.Node) Callback {
	all := p.Targets(in, u, n)
	for _, c := range all {
		if c.Kind != Unresolved {
			return c
		}
	}
	if len(all) > 0 {
		return all[0]
	}
	return Callback{Unit: u, Arg: n, Why: "nothing is handed over"}
}

// Targets are the functions that an argument can be, through variables, fields and the
// parameters of wrappers. What is not known is among them as unresolved. null is
// nothing.
func (p *Program) Targets(in *Func, u *Unit, n *island.Node) []Callback {
	t := targets{p: p, seen: map[any]bool{}}
	t.follow(u, n, 0)
	return t.found
}

// targets gathers what a function argument can be.
type targets struct {
	p     *Program
	found []Callback
	seen  map[any]bool // declarations and parameters that were followed
}

func (t *targets) add(c Callback) {
	for _, o := range t.found {
		if o.Kind == c.Kind && o.Func == c.Func && o.Decl == c.Decl && (c.Kind != Unresolved || o.Arg == c.Arg) {
			return
		}
	}
	t.found = append(t.found, c)
}

func (t *targets) lost(u *Unit, n *island.Node, why string) {
	t.add(Callback{Unit: u, Arg: n, Why: why})
}

func (t *targets) follow(u *Unit, n *island.Node, depth int) {
	switch {
	case n == nil:
		return
	case depth > 16:
		t.lost(u, n, "it is handed on too often")
		return
	}
	depth++
	switch n.Kind {
	case island.Null:
	case island.Closure:
		t.p.trail(u, n)
		outer := t.p.funcOf(u, n)
		if outer == nil { // the value of something without a body
			outer = &Func{File: u}
		}
		t.add(Callback{Kind: ClosureKind, Func: t.p.opens(n, n, outer), Unit: u, Arg: n})
	case island.Unary, island.Await:
		if len(n.Kids) > 0 {
			t.follow(u, n.Kids[0], depth)
		}
	case island.Cond:
		for _, k := range n.Kids[min(1, len(n.Kids)):] {
			t.follow(u, k, depth)
		}
	case island.Binary:
		switch {
		case (n.Name == "??" || n.Name == "?:") && len(n.Kids) == 2:
			t.follow(u, n.Kids[0], depth)
			t.follow(u, n.Kids[1], depth)
		case (n.Name == "as" || n.Name == "as?" || n.Name == "as!") && len(n.Kids) > 0:
			t.follow(u, n.Kids[0], depth)
		default:
			t.lost(u, n, "it is no name of a function")
		}
	case island.Ident, island.Member:
		t.name(u, n, depth)
	case island.Call:
		t.call(u, n, depth)
	default:
		t.lost(u, n, "it is no name of a function")
	}
}

// name follows an identifier or a member.
func (t *targets) name(u *Unit, n *island.Node, depth int) {
	if n.Kind == island.Member && n.Name == "call" && len(n.Kids) > 0 {
		t.follow(u, n.Kids[0], depth)
		return
	}
	refs, known := t.p.refs(u, n, 0), true
	if len(refs) == 0 && n.Kind == island.Member {
		refs, known = t.p.memberRefs(u, n, 0)
	}
	if len(refs) == 0 && n.Kind == island.Member && !known { // of a receiver that is not known
		for _, d := range t.p.index().members[n.Name] {
			if d.Kind == island.Function && memberOfThis(d) {
				refs = append(refs, Ref{Decl: d})
			}
		}
		if len(refs) > 1 {
			refs = nil
		}
	}
	if len(refs) == 0 {
		t.lost(u, n, "its declaration is not in the project")
	}
	for _, r := range refs {
		t.ref(u, n, r, depth)
	}
}

func (t *targets) ref(u *Unit, n *island.Node, r Ref, depth int) {
	d := r.Decl
	switch {
	case r.Param != nil:
		t.param(u, n, r, depth)
	case d == nil:
		t.lost(u, n, "a pattern binds it")
	case d.Kind == island.Function && d.Has(island.Getter):
		t.returned(d, depth)
	case (d.Kind == island.Function || d.Kind == island.Constructor) && t.p.FuncOf(d) == nil:
		t.add(Callback{Decl: d, Unit: u, Arg: n, Why: "it has no body"})
	case d.Kind == island.Function:
		c := Callback{Func: t.p.FuncOf(d), Decl: d, Unit: u, Arg: n}
		switch {
		case r.Node != nil:
			c.Kind = LocalFunc
		case memberOfThis(d):
			c.Kind = InstanceMethod
		case d.Parent != nil && isType(d.Parent):
			c.Kind = StaticMethod
		default:
			c.Kind = TopLevel
		}
		t.add(c)
	case d.Kind == island.Constructor:
		t.add(Callback{Kind: StaticMethod, Func: t.p.FuncOf(d), Decl: d, Unit: u, Arg: n})
	case d.Kind == island.Variable:
		t.variable(u, n, r, depth)
	default:
		t.lost(u, n, "it is no function")
	}
}

// variable follows what a variable can hold.
func (t *targets) variable(u *Unit, n *island.Node, r Ref, depth int) {
	d := r.Decl
	if t.seen[d] {
		return
	}
	t.seen[d] = true
	in, before := t.p.byFile[d.File], len(t.found)
	if init := initOf(r); init != nil {
		t.follow(in, init, depth)
	} else if d.Body() != nil {
		t.returned(d, depth)
	}
	if !d.Has(island.Const) {
		for _, use := range t.p.Uses(d) {
			if !use.Write {
				continue
			}
			if _, way := t.p.trail(use.Unit, use.Node); len(way) > 1 {
				if assign := way[len(way)-2]; assign.Kind == island.Assign && len(assign.Kids) == 2 {
					t.follow(use.Unit, assign.Kids[1], depth)
				}
			}
		}
	}
	if memberOfThis(d) { // this.x of a constructor
		for _, m := range d.Parent.Members {
			if m.Kind != island.Constructor {
				continue
			}
			for i := range m.Params {
				if m.Params[i].Name == d.Name {
					t.param(u, n, Ref{Param: &m.Params[i], Func: &Func{Decl: m, File: in}}, depth)
				}
			}
		}
	}
	if len(t.found) == before {
		t.lost(u, n, "nothing is assigned to it")
	}
}

// param follows a parameter to all calls of its function.
func (t *targets) param(u *Unit, n *island.Node, r Ref, depth int) {
	if t.seen[r.Param] {
		return
	}
	t.seen[r.Param] = true
	if r.Func == nil || r.Func.Decl == nil {
		t.lost(u, n, "a closure gets it as a parameter")
		return
	}
	calls, _ := t.p.callsOf(r.Func.Decl)
	if len(calls) == 0 {
		t.lost(u, n, "it is a parameter of a function that nothing calls")
	}
	for _, c := range calls {
		if arg, in := t.p.passed(r.Func.Decl, r.Param, c); arg != nil {
			t.follow(in, arg, depth)
		}
	}
}

// returned follows what a function or a getter returns.
func (t *targets) returned(d *island.Decl, depth int) {
	if t.seen[d] {
		return
	}
	t.seen[d] = true
	u, body := t.p.byFile[d.File], d.Body()
	if body == nil || u == nil {
		return
	}
	if body.Kind != island.Block {
		t.follow(u, body, depth)
		return
	}
	if f := t.p.FuncOf(d); f != nil {
		f.Walk(func(n *island.Node) bool {
			if n.Kind == island.Return && len(n.Kids) > 0 {
				t.follow(u, n.Kids[0], depth)
			}
			return true
		})
	}
}

// call follows a function that returns one, and what only hands its argument on.
func (t *targets) call(u *Unit, n *island.Node, depth int) {
	refs := t.p.refs(u, n.Kids[0], 0)
	found := false
	for _, r := range refs {
		if r.Decl != nil && r.Decl.Kind == island.Function && r.Decl.Body() != nil {
			found = true
			t.returned(r.Decl, depth)
		}
	}
	if found {
		return
	}
	if name := island.CalleeName(n); slices.Contains([]string{"getCallbackHandle", "selector", "Selector"}, name) && len(n.Args) == 1 {
		t.follow(u, n.Args[0].Value, depth)
		return
	}
	t.lost(u, n, "a call gives it")
}
