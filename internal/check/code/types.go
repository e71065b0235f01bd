package code

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// maxDepth is how deep expressions are looked into for their types.
const maxDepth = 120

// typ is a type as far as its name tells. With a name and without decls it is of
// something that is not here; without a name nothing is known.
type typ struct {
	name   string
	args   []string
	decls  []*island.Decl
	unit   *Unit // whose scope args are of
	static bool  // it is the type itself, not a value of it
}

// bareType is the last name of a type, without arguments and marks.
func bareType(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, "<(["); i > 0 {
		s = s[:i]
	}
	s = strings.TrimRight(s, "?! ")
	if i := strings.LastIndexAny(s, ". "); i >= 0 {
		s = s[i+1:]
	}
	return s
}

// typeArgs are the arguments of a type: those of "Future<Map<A, B>>" are "Map<A, B>".
func typeArgs(s string) []string {
	i := strings.IndexByte(s, '<')
	k := strings.LastIndexByte(s, '>')
	if i < 0 || k < i {
		return nil
	}
	var args []string
	depth, from := 0, i+1
	for at := i + 1; at < k; at++ {
		switch s[at] {
		case '<', '(', '[', '{':
			depth++
		case '>', ')', ']', '}':
			depth--
		case ',':
			if depth == 0 {
				args = append(args, strings.TrimSpace(s[from:at]))
				from = at + 1
			}
		}
	}
	return append(args, strings.TrimSpace(s[from:k]))
}

// named is the type that is written as s in a file.
func (p *Program) named(u *Unit, s string) typ {
	name := bareType(s)
	switch name {
	case "", "var", "dynamic", "Object", "Any", "AnyObject", "id", "final", "some", "T":
		return typ{}
	}
	if u.Lang == island.Swift && strings.HasPrefix(strings.TrimSpace(s), "[") {
		return typ{name: "Array", unit: u}
	}
	t := typ{name: name, args: typeArgs(s), unit: u}
	prefix := ""
	if u.Lang == island.Dart {
		head, _, _ := strings.Cut(s, "<")
		if before, _, ok := strings.Cut(strings.TrimSpace(head), "."); ok {
			prefix = before
		}
	}
	var found []*island.Decl
	if prefix != "" {
		found = p.find(p.library(u), prefix, name)
	} else {
		found = p.visible(u, name)
	}
	for _, d := range found {
		t.decls = append(t.decls, p.typesOf(d, 0)...)
	}
	if len(t.decls) > 0 && u.Lang != island.Dart {
		for _, e := range p.index().extends[name] {
			if !slices.Contains(t.decls, e) {
				t.decls = append(t.decls, e)
			}
		}
	}
	return t
}

// typesOf are the types that a declaration stands for, through aliases.
func (p *Program) typesOf(d *island.Decl, depth int) []*island.Decl {
	switch {
	case isType(d):
		return []*island.Decl{d}
	case d.Kind == island.TypeAlias && d.Type != "" && depth < 8:
		var all []*island.Decl
		u := p.byFile[d.File]
		for _, other := range p.visible(u, bareType(d.Type)) {
			if other != d {
				all = append(all, p.typesOf(other, depth+1)...)
			}
		}
		return all
	}
	return nil
}

// own are the members of a type itself with a name, those of its companion too.
func (p *Program) own(c *island.Decl, name string) []*island.Decl {
	if len(c.Members) > 16 {
		names, ok := p.owned[c]
		if !ok {
			names = map[string][]*island.Decl{}
			eachMember(c, func(m *island.Decl) { names[m.Name] = append(names[m.Name], m) })
			p.owned[c] = names
		}
		return names[name]
	}
	var found []*island.Decl
	eachMember(c, func(m *island.Decl) {
		if m.Name == name {
			found = append(found, m)
		}
	})
	return found
}

// eachMember visits the members of a type and of its companion.
func eachMember(c *island.Decl, visit func(*island.Decl)) {
	for _, m := range c.Members {
		visit(m)
		if m.Kind == island.Object && (m.Name == "" || m.Name == "Companion") {
			eachMember(m, visit)
		}
	}
}

// members are those of types and of what they extend, the nearest first. known is false
// where one of them extends something that is not here.
func (p *Program) members(types []*island.Decl, name string) (found []*island.Decl, known bool) {
	known = true
	seen := append([]*island.Decl(nil), types...)
	for i := 0; i < len(seen) && i < 100; i++ {
		c := seen[i]
		found = append(found, p.own(c, name)...)
		u := p.byFile[c.File]
		for _, s := range c.Supers {
			t := p.named(u, s)
			if len(t.decls) == 0 && s != "Object" {
				known = false
			}
			for _, d := range t.decls {
				if !slices.Contains(seen, d) {
					seen = append(seen, d)
				}
			}
		}
		if c.Kind == island.Extension {
			for _, d := range p.named(u, extended(c)).decls {
				if !slices.Contains(seen, d) {
					seen = append(seen, d)
				}
			}
		}
		if c.Kind != island.Extension {
			for _, e := range p.index().extends[c.Name] {
				found = append(found, p.own(e, name)...)
			}
		}
	}
	return unique(found), known
}

// overrides are the members with that name of what extends the types.
func (p *Program) overrides(types []*island.Decl, name string) []*island.Decl {
	var found []*island.Decl
	seen := append([]*island.Decl(nil), types...)
	for i := 0; i < len(seen) && i < 200; i++ {
		for _, sub := range p.index().subs[seen[i].Name] {
			if !slices.Contains(seen, sub) {
				seen = append(seen, sub)
				found = append(found, p.own(sub, name)...)
			}
		}
		if len(found) > most { // such as texts in many languages
			return nil
		}
	}
	return found
}

func unique(list []*island.Decl) []*island.Decl {
	if len(list) < 2 {
		return list
	}
	kept := list[:0:0]
	for _, d := range list {
		if !slices.Contains(kept, d) {
			kept = append(kept, d)
		}
	}
	return kept
}

// TypeName is the name of the type of an expression, without what stands in angle
// brackets, "" where it is not known.
func (p *Program) TypeName(u *Unit, n *island.Node) string {
	t := p.typeOf(u, n, 0)
	if t.static {
		return ""
	}
	return t.name
}

// typeOf is the type of an expression.
func (p *Program) typeOf(u *Unit, n *island.Node, depth int) typ {
	if n == nil || depth > maxDepth {
		return typ{}
	}
	if t, ok := p.types[n]; ok {
		return t
	}
	p.types[n] = typ{} // of what depends on itself nothing is known
	p.typing++
	t := p.inferred(u, n, depth+1)
	p.typing--
	p.types[n] = t
	return t
}

func (p *Program) inferred(u *Unit, n *island.Node, depth int) typ {
	kid := func(i int) *island.Node {
		if i < len(n.Kids) {
			return n.Kids[i]
		}
		return nil
	}
	switch n.Kind {
	case island.String:
		return typ{name: "String"}
	case island.Number:
		return typ{name: "num"}
	case island.Bool:
		return typ{name: "bool"}
	case island.List:
		return typ{name: "List", unit: u}
	case island.Map:
		return typ{name: "Map", unit: u}
	case island.Closure:
		return typ{name: "Function"}
	case island.Await:
		return p.awaited(p.typeOf(u, kid(0), depth))
	case island.Unary:
		if n.Name == "!" && u.Lang == island.Dart && len(n.Kids) > 0 && n.Kids[0].Start > n.Start {
			return typ{name: "bool"}
		}
		return p.typeOf(u, kid(0), depth)
	case island.Cascade, island.Assign:
		return p.typeOf(u, kid(0), depth)
	case island.Cond:
		if t := p.typeOf(u, kid(1), depth); t.name != "" {
			return t
		}
		return p.typeOf(u, kid(2), depth)
	case island.Binary:
		return p.binaryType(u, n, depth)
	case island.This:
		return p.thisType(u, n)
	case island.Super:
		return p.superType(u, n)
	case island.Ident, island.Member:
		if n.Kind == island.Ident && n.Name == "" {
			return p.typeOf(u, p.receiver(u, n), depth)
		}
		refs := p.refs(u, n, depth)
		if len(refs) == 0 && n.Kind == island.Member && isInstance(n.Name) && len(n.Kids) > 0 && n.Kids[0].Kind == island.Ident && isUpper(n.Kids[0].Name) {
			return typ{name: n.Kids[0].Name, unit: u} // of a class that is not here
		}
		return p.refsType(u, refs, depth)
	case island.Call:
		return p.callType(u, n, depth)
	case island.LocalFn: // an object of an unnamed class
		if n.Decl != nil && isType(n.Decl) {
			return typ{name: n.Decl.Name, decls: []*island.Decl{n.Decl}, unit: u}
		}
	}
	return typ{}
}

func (p *Program) binaryType(u *Unit, n *island.Node, depth int) typ {
	if len(n.Kids) < 2 {
		return typ{}
	}
	switch n.Name {
	case "as", "as?", "as!":
		if text := u.Text(n.Kids[1].Span); text != "" {
			return p.named(u, text)
		}
	case "??", "?:":
		if t := p.typeOf(u, n.Kids[0], depth); t.name != "" {
			return t
		}
		return p.typeOf(u, n.Kids[1], depth)
	case "==", "!=", "<", ">", "<=", ">=", "&&", "||", "is", "is!", "in":
		return typ{name: "bool"}
	case "+", "-", "*", "/", "~/", "%":
		return p.typeOf(u, n.Kids[0], depth)
	}
	return typ{}
}

// thisType is the type around a node.
func (p *Program) thisType(u *Unit, n *island.Node) typ {
	c := p.typeAt(u, n)
	if c == nil {
		return typ{}
	}
	if c.Kind == island.Extension && u.Lang == island.Dart {
		t := p.named(u, extended(c))
		t.decls = append([]*island.Decl{c}, t.decls...)
		return t
	}
	if u.Lang == island.Dart {
		return typ{name: c.Name, decls: []*island.Decl{c}, unit: u}
	}
	t := p.named(u, c.Name)
	if !slices.Contains(t.decls, c) {
		t.decls = append([]*island.Decl{c}, t.decls...)
	}
	t.name = c.Name
	return t
}

func (p *Program) superType(u *Unit, n *island.Node) typ {
	c := p.typeAt(u, n)
	if c == nil {
		return typ{}
	}
	t := typ{unit: u}
	for _, s := range c.Supers {
		super := p.named(u, s)
		if t.name == "" {
			t.name = super.name
		}
		t.decls = append(t.decls, super.decls...)
	}
	return t
}

// typeAt is the declaration of the type around a node; nil outside of all.
func (p *Program) typeAt(u *Unit, n *island.Node) *island.Decl {
	for f := p.funcOf(u, n); f != nil; f = f.Outer {
		if f.Decl != nil {
			if c := typeAround(f.Decl); c != nil {
				return c
			}
		}
	}
	if d := u.At(n.Start); d != nil {
		return typeAround(d)
	}
	return nil
}

// receiver is what the sections of a cascade are called on.
func (p *Program) receiver(u *Unit, blank *island.Node) *island.Node {
	if u.Lang != island.Dart {
		return nil
	}
	_, way := p.trail(u, blank)
	for i := len(way) - 1; i >= 0; i-- {
		if way[i].Kind == island.Cascade && len(way[i].Kids) > 0 {
			return way[i].Kids[0]
		}
	}
	return nil
}

// awaited is what a future gives.
func (p *Program) awaited(t typ) typ {
	switch t.name {
	case "Future", "FutureOr", "Deferred":
		if len(t.args) == 1 && t.unit != nil {
			return p.named(t.unit, t.args[0])
		}
		return typ{}
	}
	return t
}

// refsType is the type of what a name means.
func (p *Program) refsType(u *Unit, refs []Ref, depth int) typ {
	for _, r := range refs {
		if t := p.refType(u, r, depth); t.name != "" {
			return t
		}
	}
	return typ{}
}

func (p *Program) refType(u *Unit, r Ref, depth int) typ {
	switch {
	case r.Param != nil:
		return p.paramType(u, r, depth)
	case r.Decl == nil:
		return typ{}
	}
	d := r.Decl
	in := p.byFile[d.File]
	if in == nil {
		in = u
	}
	switch {
	case d.Kind == island.EnumValue:
		if c := typeAround(d); c != nil {
			return typ{name: c.Name, decls: []*island.Decl{c}, unit: in}
		}
	case isType(d), d.Kind == island.TypeAlias:
		t := p.named(in, d.Name)
		if len(t.decls) == 0 {
			t = typ{name: d.Name, decls: p.typesOf(d, 0), unit: in}
		}
		t.static = d.Kind != island.Object
		return t
	case d.Has(island.Getter):
		return p.result(in, d, depth)
	case d.Kind == island.Function, d.Kind == island.Constructor:
		return typ{name: "Function"}
	case d.Kind == island.Variable:
		if t := p.named(in, d.Type); t.name != "" {
			return t
		}
		init := d.Init()
		if init == nil && r.Node != nil && r.Node.Kind == island.Local && len(r.Node.Kids) > 0 {
			init = r.Node.Kids[0]
		}
		if init == nil {
			init = d.Body()
		}
		t := p.typeOf(in, init, depth)
		t.static = false
		return t
	}
	return typ{}
}

// paramType is the declared type of a parameter, of this.x that of the field.
func (p *Program) paramType(u *Unit, r Ref, depth int) typ {
	in := u
	if r.Func != nil && r.Func.File != nil {
		in = r.Func.File
	} else if r.Func != nil && r.Func.Decl != nil && p.byFile[r.Func.Decl.File] != nil {
		in = p.byFile[r.Func.Decl.File]
	}
	if t := p.named(in, r.Param.Type); t.name != "" && !strings.HasPrefix(r.Param.Type, "this") {
		return t
	}
	if r.Func != nil && r.Func.Decl != nil && r.Func.Decl.Kind == island.Constructor {
		if c := typeAround(r.Func.Decl); c != nil {
			for _, field := range p.own(c, r.Param.Name) {
				if field.Kind == island.Variable {
					return p.refType(in, Ref{Decl: field}, depth)
				}
			}
		}
	}
	return typ{}
}

// callType is the type of what a call gives.
func (p *Program) callType(u *Unit, n *island.Node, depth int) typ {
	if len(n.Kids) == 0 {
		return typ{}
	}
	callee := n.Kids[0]
	refs := p.calleeRefs(u, n)
	for _, r := range refs {
		d := r.Decl
		if d == nil {
			continue
		}
		switch {
		case isType(d), d.Kind == island.TypeAlias:
			t := p.refType(u, r, depth)
			t.static = false
			return t
		case d.Kind == island.Constructor:
			if c := typeAround(d); c != nil {
				return typ{name: c.Name, decls: []*island.Decl{c}, unit: p.byFile[c.File]}
			}
		case d.Kind == island.Function:
			if t := p.result(p.byFile[d.File], d, depth); t.name != "" {
				return t
			}
		}
	}
	if t := p.located(u, n, depth); t.name != "" {
		return t
	}
	if len(refs) > 0 {
		return typ{}
	}
	// A name with a capital that is not here is a constructor of what is not here, and so
	// is one on such a name, unless it says otherwise.
	switch {
	case callee.Kind == island.Ident && isUpper(callee.Name):
		return typ{name: callee.Name, unit: u, args: n.TypeArgs}
	case callee.Kind == island.Member && isUpper(callee.Name):
		return typ{name: callee.Name, unit: u, args: n.TypeArgs}
	case callee.Kind == island.Member && len(callee.Kids) > 0 && callee.Kids[0].Kind == island.Ident:
		base := callee.Kids[0].Name
		if u.Lang == island.Dart && isUpper(base) && len(p.refs(u, callee.Kids[0], depth)) == 0 &&
			(callee.Name == "instance" || n.New || strings.HasPrefix(callee.Name, "from")) {
			return typ{name: base, unit: u}
		}
	}
	return typ{}
}

func isUpper(s string) bool { return s != "" && s[0] >= 'A' && s[0] <= 'Z' }

// result is what a function gives when it is called.
func (p *Program) result(u *Unit, d *island.Decl, depth int) typ {
	if u == nil {
		return typ{}
	}
	if d.Type != "" {
		return p.named(u, d.Type)
	}
	if d.Has(island.Async) {
		return typ{name: "Future", unit: u}
	}
	body := d.Body()
	if body == nil {
		return typ{}
	}
	if body.Kind != island.Block {
		return p.typeOf(u, body, depth)
	}
	if d.Has(island.Getter) {
		for _, s := range body.Kids {
			if s.Kind == island.Return && len(s.Kids) > 0 {
				return p.typeOf(u, s.Kids[0], depth)
			}
		}
	}
	return typ{}
}
