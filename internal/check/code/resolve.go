package code

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// Ref is one thing that a name may mean.
type Ref struct {
	Decl  *island.Decl  // nil for a parameter and for what a pattern or a catch binds
	Param *island.Param // of Func
	Func  *Func         // whose parameter it is, or in which it is bound; nil outside of bodies
	Node  *island.Node  // what binds it: a Local, a pattern, a catch or a condition
}

// Resolve tells what an identifier or a member may mean: locals, members of the
// enclosing class, the library and its imports, static members, enum values. nil when
// that is not known, such as of a package that is not here, and for parameters. in may
// be nil.
func (p *Program) Resolve(in *Func, u *Unit, n *island.Node) []*island.Decl {
	var decls []*island.Decl
	for _, r := range p.refs(u, n, 0) {
		if r.Decl != nil {
			decls = append(decls, r.Decl)
		}
	}
	return decls
}

// Refs is Resolve with parameters and what patterns bind.
func (p *Program) Refs(u *Unit, n *island.Node) []Ref { return p.refs(u, n, 0) }

func (p *Program) refs(u *Unit, n *island.Node, depth int) []Ref {
	if n == nil || depth > maxDepth {
		return nil
	}
	switch n.Kind {
	case island.Ident, island.Member:
		if refs, ok := p.meant[n]; ok {
			return refs
		}
		var refs []Ref
		if n.Kind == island.Ident {
			refs = p.identRefs(u, n)
		} else {
			refs, _ = p.memberRefs(u, n, depth)
		}
		if p.typing == 0 { // else a type that is being worked out may be missing
			p.meant[n] = refs
		}
		return refs
	case island.Unary, island.Await:
		if len(n.Kids) > 0 {
			return p.refs(u, n.Kids[0], depth+1)
		}
	}
	return nil
}

func declRefs(decls []*island.Decl) []Ref {
	refs := make([]Ref, 0, len(decls))
	for _, d := range decls {
		refs = append(refs, Ref{Decl: d})
	}
	return refs
}

// identRefs goes outwards from an identifier until something has its name.
func (p *Program) identRefs(u *Unit, n *island.Node) []Ref {
	if n.Name == "" {
		return nil
	}
	f, way := p.trail(u, n)
	if refs := p.local(f, way, n.Name); refs != nil {
		return refs
	}
	var types []*island.Decl // around the node, the innermost first
	var around *island.Decl
	if in := p.innermost(f, way); in != nil {
		for ; in != nil; in = in.Outer {
			if in.Decl != nil {
				if c := in.Decl.Parent; c != nil && isType(c) {
					types = append(types, c)
					around = c
				}
			}
		}
	} else {
		around = u.At(n.Start)
	}
	if around == nil && f != nil {
		around = f.Decl
	}
	for d := around; d != nil; d = d.Parent {
		if isType(d) && !slices.Contains(types, d) {
			types = append(types, d)
		}
	}
	if n.Name == "Self" && u.Lang == island.Swift && len(types) > 0 {
		if found := p.visible(u, types[0].Name); types[0].Kind == island.Extension && len(found) > 0 {
			return declRefs(found)
		}
		return declRefs(types[:1])
	}
	for _, c := range types {
		if refs := fieldRefs(c, n.Name); refs != nil {
			return refs
		}
		if found := p.own(c, n.Name); len(found) > 0 && (found[0].Kind != island.Constructor || u.Lang == island.Dart) {
			if p.inherits(c) {
				found = append(found, p.overrides([]*island.Decl{c}, n.Name)...)
			}
			return declRefs(found)
		}
	}
	if u.Lang != island.Dart { // there what is inherited is nearer than the file
		if refs := p.inherited(types, n.Name); refs != nil {
			return refs
		}
	}
	if found := p.visible(u, n.Name); len(found) > 0 {
		return declRefs(found)
	}
	if u.Lang == island.Dart {
		return p.inherited(types, n.Name)
	}
	return nil
}

// fieldRefs is the parameter of a class that is a field of it too, as in Kotlin.
func fieldRefs(c *island.Decl, name string) []Ref {
	if c.File.Lang != island.Kotlin {
		return nil
	}
	for i := range c.Params {
		if c.Params[i].Name == name {
			return []Ref{{Param: &c.Params[i], Func: &Func{Decl: c}}}
		}
	}
	return nil
}

// inherits tells whether calls on this may go to what extends a type.
func (p *Program) inherits(c *island.Decl) bool {
	return c.Kind == island.Class || c.Kind == island.Interface
}

func (p *Program) inherited(types []*island.Decl, name string) []Ref {
	for _, c := range types {
		all := []*island.Decl{c}
		if u := p.byFile[c.File]; u.Lang != island.Dart {
			for _, d := range p.named(u, c.Name).decls {
				if d != c {
					all = append(all, d)
				}
			}
		}
		if found, _ := p.members(all, name); len(found) > 0 && (found[0].Kind != island.Constructor || c.File.Lang == island.Dart) {
			return declRefs(found)
		}
	}
	return nil
}

// local looks a name up in the bodies around a node, from the inside out. What is found
// may be several, of patterns that bind one name.
func (p *Program) local(f *Func, way []*island.Node, name string) []Ref {
	if f == nil {
		return nil
	}
	funcs := make([]*Func, len(way)) // in which each node of the way stands
	in := f
	for i, n := range way {
		funcs[i] = in
		next := n
		if i+1 < len(way) {
			next = way[i+1]
		}
		if inner := p.opens(n, next, in); inner != nil {
			in = inner
		}
	}
	off := way[len(way)-1].Start
	for i := len(way) - 1; i >= 0; i-- {
		n := way[i]
		var next *island.Node
		if i+1 < len(way) {
			next = way[i+1]
		}
		if refs := p.bound(funcs[i], n, next, name, off); refs != nil {
			return refs
		}
	}
	return paramRefs(f, name)
}

// bound is what a node binds under a name for an offset in its kid next.
func (p *Program) bound(f *Func, n, next *island.Node, name string, off int) []Ref {
	switch n.Kind {
	case island.Block, island.Case, island.If, island.While, island.Cond, island.Guard, island.For, island.Switch, island.Unknown:
		for _, b := range p.binders(n, name) {
			if b.End > off && (b.Kind != island.LocalFn || n.Kind != island.Block) {
				continue // it comes later, or is what the name stands in
			}
			if b.Kind == island.Local || b.Kind == island.LocalFn {
				return []Ref{{Decl: b.Decl, Func: f, Node: b}}
			}
			return []Ref{{Func: f, Node: b}}
		}
	case island.Closure:
		if c := p.closures[n]; c != nil && next != nil {
			return paramRefs(c, name)
		}
	case island.LocalFn, island.Call:
		if n.Decl != nil && next != nil {
			if d := owner(n.Decl, next); d != nil {
				if refs := paramRefs(p.funcs[d], name); refs != nil {
					return refs
				}
				for c := d.Parent; c != nil && isType(c); c = c.Parent {
					if found := p.own(c, name); len(found) > 0 {
						return declRefs(found)
					}
				}
			}
		}
	case island.Catch:
		if n.Name == name {
			return []Ref{{Func: f, Node: n}}
		}
	}
	return nil
}

// paramRefs is the parameter of a function with a name.
func paramRefs(f *Func, name string) []Ref {
	if f == nil {
		return nil
	}
	params := f.Params()
	for i := range params {
		if params[i].Name == name {
			return []Ref{{Param: &params[i], Func: f}}
		}
	}
	if f.Closure != nil && len(params) == 0 && (name == "it" && f.File.Lang == island.Kotlin || len(name) == 2 && name[0] == '$') {
		return []Ref{{Func: f, Node: f.Closure}}
	}
	return nil
}

// binders are the nodes right inside of n that bind a name, the last first. Lists of
// blocks are kept, so that a long block is not searched again and again.
func (p *Program) binders(n *island.Node, name string) []*island.Node {
	names, ok := p.scopes[n]
	if !ok {
		names = map[string][]*island.Node{}
		add := func(name string, b *island.Node) { names[name] = append(names[name], b) }
		switch n.Kind {
		case island.Case:
			for _, k := range n.Kids {
				if k.Kind != island.Block {
					patterns(k, add)
				}
			}
		case island.If, island.While, island.Cond, island.Guard, island.Switch:
			if len(n.Kids) > 0 {
				patterns(n.Kids[0], add)
			}
		case island.For:
			for i, k := range n.Kids {
				if i+1 < len(n.Kids) {
					patterns(k, add)
				}
			}
		default:
			for _, k := range n.Kids {
				switch k.Kind {
				case island.Local, island.LocalFn, island.Unknown, island.Expr:
					patterns(k, add)
				case island.Guard: // what it binds is for those after it
					if len(k.Kids) > 0 {
						patterns(k.Kids[0], add)
					}
				}
			}
		}
		for _, list := range names {
			slices.Reverse(list)
		}
		p.scopes[n] = names
	}
	return names[name]
}

// patterns finds what a pattern, a condition or a declaration binds. Closures, blocks and
// calls inside of it bind for themselves.
func patterns(n *island.Node, add func(string, *island.Node)) {
	switch n.Kind {
	case island.Local, island.LocalFn:
		if n.Decl != nil {
			add(n.Decl.Name, n)
		}
		return
	case island.Closure, island.Block, island.Member, island.Index:
		return
	case island.Call: // what an enum value holds
		for i := range n.Args {
			if v := n.Args[i].Value; v != nil {
				patterns(v, add)
			}
		}
		return
	case island.Assign:
		if len(n.Kids) == 2 && n.Kids[0].Kind == island.Ident && n.Name == "=" {
			return // to something that is there
		}
	}
	for _, k := range n.Kids {
		if k != nil {
			patterns(k, add)
		}
	}
}

// calleeRefs is what a call may call: of several with one name those that its arguments
// fit, where some do.
func (p *Program) calleeRefs(u *Unit, call *island.Node) []Ref {
	refs := p.refs(u, call.Kids[0], 0)
	if len(refs) < 2 || u.Lang == island.Dart {
		return refs
	}
	var fit []Ref
	for _, r := range refs {
		if r.Decl != nil && takes(r.Decl, call) {
			fit = append(fit, r)
		}
	}
	if len(fit) == 0 {
		return refs
	}
	if cast := slices.DeleteFunc(slices.Clone(fit), func(r Ref) bool { return !castFor(r.Decl, u, call) }); len(cast) > 0 {
		return cast
	}
	return fit
}

// castFor tells whether an argument of a call is cast to what a function takes there.
func castFor(d *island.Decl, u *Unit, call *island.Node) bool {
	for i, a := range call.Args {
		v := a.Value
		if v == nil || v.Kind != island.Binary || len(v.Kids) != 2 || !strings.HasPrefix(v.Name, "as") || i >= len(d.Params) {
			continue
		}
		at := max(i, slices.IndexFunc(d.Params, func(p island.Param) bool { return a.Label != "" && p.Label == a.Label }))
		if d.Params[at].Type == strings.TrimSpace(u.Text(v.Kids[1].Span)) {
			return true
		}
	}
	return false
}

// takes tells whether the arguments of a call can be for a function.
func takes(d *island.Decl, call *island.Node) bool {
	if len(call.Args) > len(d.Params) {
		return false
	}
	for _, a := range call.Args {
		if a.Label == "" {
			continue
		}
		if !slices.ContainsFunc(d.Params, func(p island.Param) bool {
			return p.Label == a.Label || d.File.Lang != island.Swift && p.Name == a.Label
		}) {
			return false
		}
	}
	if d.File.Lang == island.Swift {
		for i, p := range d.Params {
			if p.Label != "" && p.Default() == nil && call.Arg(p.Label) == nil && i < len(call.Args) && call.Args[i].Label == "" &&
				call.Args[i].Value != nil && call.Args[i].Value.Kind != island.Closure {
				return false
			}
		}
	}
	return true
}

// memberRefs is what base.name may mean; known is false where nothing is known of base.
func (p *Program) memberRefs(u *Unit, n *island.Node, depth int) (refs []Ref, known bool) {
	if len(n.Kids) == 0 || n.Kids[0] == nil {
		return p.implied(u, n.Name), false
	}
	base := n.Kids[0]
	if base.Kind == island.Ident && base.Name == "" {
		if base = p.receiver(u, base); base == nil { // its type is implied
			return p.implied(u, n.Name), false
		}
	}
	var owners []Ref
	if base.Kind == island.Ident || base.Kind == island.Member {
		owners = p.refs(u, base, depth+1)
		if len(owners) == 0 && base.Kind == island.Ident && u.Lang == island.Dart {
			if l := p.library(u); l.hasPrefix(base.Name) {
				return declRefs(p.find(l, base.Name, n.Name)), true
			}
		}
	}
	var static []*island.Decl
	for _, o := range owners {
		if o.Decl != nil {
			static = append(static, p.typesOf(o.Decl, 0)...)
		}
	}
	if len(static) > 0 {
		if u.Lang != island.Dart {
			for _, c := range static[:len(static):len(static)] {
				static = append(static, p.index().extends[c.Name]...)
			}
		}
		found, _ := p.members(unique(static), n.Name)
		return declRefs(found), true
	}
	t := p.typeOf(u, base, depth+1)
	if t.name == "" {
		return nil, false
	}
	if len(t.decls) == 0 {
		var found []*island.Decl
		for _, e := range p.index().extends[t.name] {
			found = append(found, p.own(e, n.Name)...)
		}
		return declRefs(found), true
	}
	for _, c := range t.decls {
		if refs := fieldRefs(c, n.Name); refs != nil {
			return refs, true
		}
	}
	found, all := p.members(t.decls, n.Name)
	if base.Kind != island.Super {
		found = append(found, p.overrides(t.decls, n.Name)...)
	}
	return declRefs(unique(found)), all || len(found) > 0
}

// implied are the enum values and static members that .name can be where its type is
// left out.
func (p *Program) implied(u *Unit, name string) []Ref {
	if u.Lang != island.Swift && u.Lang != island.Dart {
		return nil
	}
	var found []*island.Decl
	for _, d := range p.index().members[name] {
		if d.Kind == island.EnumValue || d.Has(island.Static) {
			found = append(found, d)
		}
	}
	return declRefs(found)
}

// Captures are the locals and parameters of enclosing functions that a closure uses, in
// the order of first use. A Ref of nothing stands for this, or a member of it.
func (p *Program) Captures(f *Func) []Ref {
	var found []Ref
	add := func(r Ref) {
		for _, k := range found {
			if k.Decl == r.Decl && k.Param == r.Param && k.Node == r.Node {
				return
			}
		}
		found = append(found, r)
	}
	var walk func(n *island.Node)
	walk = func(n *island.Node) {
		switch n.Kind {
		case island.This, island.Super:
			add(Ref{})
		case island.Ident:
			for _, r := range p.refs(f.File, n, 0) {
				switch {
				case r.Func != nil && encloses(r.Func, f):
					add(r)
				case r.Func == nil && r.Decl != nil && memberOfThis(r.Decl), r.Param != nil && r.Func.Decl != nil && isType(r.Func.Decl):
					add(Ref{})
				}
			}
		}
		each(n, walk)
	}
	for _, root := range f.roots() {
		walk(root)
	}
	return found
}

// encloses tells whether outer is around f.
func encloses(outer, f *Func) bool {
	for f = f.Outer; f != nil; f = f.Outer {
		if f == outer {
			return true
		}
	}
	return false
}

// memberOfThis tells whether a declaration needs an instance.
func memberOfThis(d *island.Decl) bool {
	switch d.Kind {
	case island.Function, island.Variable:
		return d.Parent != nil && isType(d.Parent) && d.Parent.Kind != island.Object && !d.Has(island.Static)
	}
	return false
}
