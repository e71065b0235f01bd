// Package code reads a program out of the files that belong together: what a name
// means, what an expression is worth, which functions are reached from an entry point,
// and which ways a function can end.
//
// It knows names, not types. Where it does not know, it says so, or it takes all that
// may be meant: the doc comment of each function tells which of the two. Nothing here
// fails on source that does not compile.
//
// A body is parsed when a question needs it, so a Program is not safe for concurrent
// use, and a question about a name costs only the files that mention the name.
package code

import (
	"path"
	"sort"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
)

// Unit is a file of a program.
type Unit struct {
	Path string // relative to the checked folder, with slashes
	*island.File

	at int // its place among the units
}

// Place is the place of a part of the unit.
func (u *Unit) Place(s island.Span) finding.Place {
	line, column := u.Position(s.Start)
	return finding.Place{File: u.Path, Line: line, Column: column, Start: s.Start, End: s.End}
}

// Func is something with a body: a function, a method, a constructor, a getter, a local
// function, a closure, or the first value of a variable. There is one Func for each, so
// that they can be compared.
type Func struct {
	Decl    *island.Decl // nil for a closure
	Closure *island.Node // nil for what has a declaration
	File    *Unit
	Outer   *Func // around a closure or a local function; nil at the top

	edges  []Edge
	edged  bool
	opened bool // what is inside of it is known
}

// Program is a set of files that see each other.
type Program struct {
	units    []*Unit
	byPath   map[string]*Unit
	byFile   map[*island.File]*Unit
	packages map[string]string

	funcs     map[*island.Decl]*Func
	closures  map[*island.Node]*Func
	calls     map[string][]Call
	mentions  map[string][]Use
	tops      map[*Unit]*Func
	libraries map[*Unit]*library
	scopes    map[*island.Node]map[string][]*island.Node
	types     map[*island.Node]typ
	meant     map[*island.Node][]Ref   // by names
	typing    int                      // types that are being worked out
	leaving   map[*island.Node][]Guard // of blocks
	dead      map[inWorld]int          // of blocks
	tested    map[inWorld]truth        // of conditions
	uses      map[*island.Decl][]Use
	names     *index
	owned     map[*island.Decl]map[string][]*island.Decl // members of large types
	busy      []*island.Decl                             // whose values are being worked out
	spent     int                                        // on the value that is asked for

	part  []*Unit // of a part of the program; nil: all
	parts map[*Unit]bool
}

// New makes a program: a Dart package with the packages it uses by path, or the native
// sources of a target, which may mix Swift with Objective-C or Kotlin with Java.
// packages maps the names of Dart packages, its own too, to their folders, as Unit.Path
// has them.
func New(units []*Unit, packages map[string]string) *Program {
	p := &Program{
		units:     units,
		byPath:    make(map[string]*Unit, len(units)),
		byFile:    make(map[*island.File]*Unit, len(units)),
		packages:  packages,
		funcs:     map[*island.Decl]*Func{},
		closures:  map[*island.Node]*Func{},
		calls:     map[string][]Call{},
		mentions:  map[string][]Use{},
		tops:      map[*Unit]*Func{},
		libraries: map[*Unit]*library{},
		scopes:    map[*island.Node]map[string][]*island.Node{},
		types:     map[*island.Node]typ{},
		meant:     map[*island.Node][]Ref{},
		leaving:   map[*island.Node][]Guard{},
		dead:      map[inWorld]int{},
		tested:    map[inWorld]truth{},
		uses:      map[*island.Decl][]Use{},
		owned:     map[*island.Decl]map[string][]*island.Decl{},
	}
	for i, u := range units {
		u.at = i
		p.byPath[u.Path] = u
		p.byFile[u.File] = u
	}
	return p
}

// Part is the program as some of its files see it, such as those of a Gradle module: Units, Calls and
// Mentions tell of these only, and names are followed into all.
func (p *Program) Part(units []*Unit) *Program {
	p.index() // once for all parts
	part := *p
	part.part, part.parts = units, make(map[*Unit]bool, len(units))
	for _, u := range units {
		part.parts[u] = true
	}
	return &part
}

// Units are the files in the order that New got them.
func (p *Program) Units() []*Unit {
	if p.part != nil {
		return p.part
	}
	return p.units
}

// Unit is the file with that path; nil if there is none.
func (p *Program) Unit(path string) *Unit { return p.byPath[path] }

// UnitOf is the file that holds a declaration; nil if it is not of this program.
func (p *Program) UnitOf(d *island.Decl) *Unit { return p.byFile[d.File] }

// FuncOf is the body of a declaration; nil without one.
func (p *Program) FuncOf(d *island.Decl) *Func {
	if d == nil {
		return nil
	}
	if f, ok := p.funcs[d]; ok {
		return f
	}
	u := p.byFile[d.File]
	if u == nil || len(roots(d)) == 0 {
		return nil
	}
	if outer := u.At(d.Start); outer != nil && outer != d && !isType(outer) {
		p.open(p.FuncOf(outer)) // it is inside of a body
		if f, ok := p.funcs[d]; ok || d.Kind == island.Variable {
			return f // nil of a local variable: its first value is of the body
		}
	}
	f := &Func{Decl: d, File: u}
	p.funcs[d] = f
	return f
}

// Top is what a file does outside of declarations, such as main.swift; nil if nothing.
func (p *Program) Top(u *Unit) *Func {
	if u.File.Body() == nil {
		return nil
	}
	if p.tops[u] == nil {
		p.tops[u] = &Func{File: u}
	}
	return p.tops[u]
}

// FuncAt is the innermost body around an offset; nil outside of all.
func (p *Program) FuncAt(u *Unit, off int) *Func {
	f, root := p.rootAt(u, off)
	if root == nil {
		return nil
	}
	return p.innermost(f, descend(root, off))
}

// rootAt is the outermost body around an offset, and the tree that holds the offset.
func (p *Program) rootAt(u *Unit, off int) (*Func, *island.Node) {
	if d := u.At(off); d != nil {
		return p.FuncOf(d), search(roots(d), off)
	}
	f := p.Top(u)
	if f == nil || off < f.Body().Start || off >= f.Body().End {
		return nil, nil
	}
	return f, f.Body()
}

// funcOf is the innermost body around a node. A closure is not inside of itself.
func (p *Program) funcOf(u *Unit, n *island.Node) *Func {
	f, way := p.trail(u, n)
	if len(way) > 0 && way[len(way)-1] == n && n.Kind == island.Closure {
		way = way[:len(way)-1]
	}
	return p.innermost(f, way)
}

// innermost is the last function that a trail goes into.
func (p *Program) innermost(f *Func, way []*island.Node) *Func {
	for i, n := range way {
		next := n
		if i+1 < len(way) {
			next = way[i+1]
		}
		if inner := p.opens(n, next, f); inner != nil {
			f = inner
		}
	}
	return f
}

// opens is the function that a way goes into from n to next; nil if it is none. For a
// closure next may be n.
func (p *Program) opens(n, next *island.Node, outer *Func) *Func {
	if outer == nil {
		return nil
	}
	switch {
	case n.Kind == island.Closure:
		f := p.closures[n]
		if f == nil {
			f = &Func{Closure: n, File: outer.File, Outer: outer}
			p.closures[n] = f
		}
		return f
	case declares(n) && next != n:
		d := owner(n.Decl, next)
		if d == nil {
			return nil
		}
		f := p.funcs[d]
		if f == nil {
			f = &Func{Decl: d, File: outer.File, Outer: outer}
			p.funcs[d] = f
		}
		return f
	}
	return nil
}

// owner is the declaration, d or a member of it, that has a tree as its root.
func owner(d *island.Decl, root *island.Node) *island.Decl {
	for _, r := range roots(d) {
		if r == root {
			return d
		}
	}
	for _, m := range d.Members {
		if o := owner(m, root); o != nil {
			return o
		}
	}
	return nil
}

// open makes all functions inside of f known.
func (p *Program) open(f *Func) {
	if f == nil || f.opened {
		return
	}
	f.opened = true
	var walk func(n *island.Node, f *Func)
	walk = func(n *island.Node, f *Func) {
		if n.Kind == island.Closure {
			f = p.opens(n, n, f)
		}
		each(n, func(kid *island.Node) {
			if inner := p.opens(n, kid, f); inner != nil {
				walk(kid, inner)
				return
			}
			walk(kid, f)
		})
	}
	for _, root := range f.roots() {
		walk(root, f)
	}
}

// Name is what to call a function in a message: "callbackDispatcher", "Service.run",
// "closure in main".
func (f *Func) Name() string {
	if f.Closure != nil {
		for o := f.Outer; o != nil; o = o.Outer {
			if o.Closure == nil {
				return "closure in " + o.Name()
			}
		}
		return "closure"
	}
	if f.Decl == nil {
		return path.Base(f.File.Path)
	}
	name := f.Decl.Name
	if c := typeAround(f.Decl); c != nil {
		if name == "" {
			return c.Name
		}
		return c.Name + "." + name
	}
	return name
}

// Body is the Block or the expression that f runs; nil where there is none.
func (f *Func) Body() *island.Node {
	for _, root := range f.roots() {
		return root
	}
	return nil
}

// roots are the trees that f runs.
func (f *Func) roots() []*island.Node {
	switch {
	case f == nil:
		return nil
	case f.Decl != nil:
		return roots(f.Decl)
	case f.Closure == nil:
		return []*island.Node{f.File.File.Body()}
	case len(f.Closure.Kids) > 0:
		return f.Closure.Kids[:1]
	}
	return nil
}

// Params are the parameters of f.
func (f *Func) Params() []island.Param {
	if f.Closure != nil {
		return f.Closure.Params
	}
	if f.Decl == nil {
		return nil
	}
	return f.Decl.Params
}

// Async tells whether f is marked async.
func (f *Func) Async() bool {
	if f.Closure != nil {
		return f.Closure.Async
	}
	return f.Decl != nil && f.Decl.Has(island.Async)
}

// Start is the offset of f in its file.
func (f *Func) Start() int {
	if f.Closure != nil {
		return f.Closure.Start
	}
	if f.Decl == nil {
		return 0
	}
	return f.Decl.Start
}

// Walk visits the nodes of f's own body, not those of closures and local functions in
// it, which are visited themselves. false: not into its kids.
func (f *Func) Walk(visit func(*island.Node) bool) {
	var walk func(n *island.Node)
	walk = func(n *island.Node) {
		if !visit(n) || n.Kind == island.Closure || n.Kind == island.LocalFn {
			return
		}
		if n.Kind == island.Call && n.Decl != nil { // not into the members of the unnamed class
			bare := *n
			bare.Decl = nil
			n = &bare
		}
		each(n, walk)
	}
	for _, root := range f.roots() {
		walk(root)
	}
}

// roots are the trees that belong to a declaration itself.
func roots(d *island.Decl) []*island.Node {
	var all []*island.Node
	add := func(n *island.Node) {
		if n != nil {
			all = append(all, n)
		}
	}
	switch d.Kind {
	case island.Function, island.Constructor:
		add(d.Body())
	case island.Variable:
		add(d.Body())
		add(d.Init())
	case island.EnumValue:
		for _, a := range d.Args {
			add(a.Value)
		}
		add(d.Init())
	}
	return all
}

// each visits the kids of a node in the order of the source.
func each(n *island.Node, visit func(*island.Node)) {
	for i, k := range n.Kids {
		if k != nil && !(i == 0 && binds(n)) {
			visit(k)
		}
	}
	for i := range n.Args {
		if v := n.Args[i].Value; v != nil {
			visit(v)
		}
	}
	if n.Decl != nil && (declares(n) || len(n.Kids) == 0) {
		eachRoot(n.Decl, visit)
	}
}

// declares tells whether a node is a local function or class, or makes an object of an
// unnamed class.
func declares(n *island.Node) bool {
	return n.Decl != nil && (n.Kind == island.LocalFn || n.Kind == island.Call)
}

// binds tells whether a node is let x = value in a condition, where the value is also
// that of the variable.
func binds(n *island.Node) bool {
	return n.Kind == island.Assign && len(n.Kids) == 2 && n.Kids[0].Kind == island.Local
}

// eachRoot visits the trees of a declaration and of its members.
func eachRoot(d *island.Decl, visit func(*island.Node)) {
	for _, root := range roots(d) {
		visit(root)
	}
	for _, m := range d.Members {
		eachRoot(m, visit)
	}
}

// kidAt is the kid of a node around an offset; nil if there is none.
func kidAt(n *island.Node, off int) *island.Node {
	kids := n.Kids
	if binds(n) {
		kids = kids[1:]
	}
	if k := search(kids, off); k != nil {
		return k
	}
	i := sort.Search(len(n.Args), func(i int) bool { return n.Args[i].Value != nil && n.Args[i].Value.End > off })
	if i < len(n.Args) && n.Args[i].Value != nil && n.Args[i].Value.Start <= off {
		return n.Args[i].Value
	}
	for i := range n.Args { // where one has no value, halving is not to be trusted
		if v := n.Args[i].Value; v != nil && v.Start <= off && off < v.End {
			return v
		}
	}
	var found *island.Node
	if n.Decl != nil {
		eachRoot(n.Decl, func(root *island.Node) {
			if root.Start <= off && off < root.End {
				found = root
			}
		})
	}
	return found
}

// search finds the node around an offset in a list that is in order.
func search(list []*island.Node, off int) *island.Node {
	if len(list) > 16 {
		i := sort.Search(len(list), func(i int) bool { return list[i] != nil && list[i].End > off })
		if i < len(list) && list[i] != nil && list[i].Start <= off {
			return list[i]
		}
	}
	for _, k := range list {
		if k != nil && k.Start <= off && off < k.End {
			return k
		}
	}
	return nil
}

// descend is the way from a root down to the innermost node around an offset.
func descend(root *island.Node, off int) []*island.Node {
	way := []*island.Node{root}
	for {
		k := kidAt(way[len(way)-1], off)
		if k == nil {
			return way
		}
		way = append(way, k)
	}
}

// trail is the outermost function that holds a node, and the way from its root to the
// node.
func (p *Program) trail(u *Unit, n *island.Node) (*Func, []*island.Node) {
	f, root := p.rootAt(u, n.Start)
	if root == nil {
		return nil, []*island.Node{n}
	}
	way := descend(root, n.Start)
	for i, m := range way {
		if m == n {
			return f, way[:i+1]
		}
	}
	for i, m := range way { // it is empty, or no kid of what is around it
		if m.Start > n.Start || n.End > m.End {
			way = way[:i]
			break
		}
	}
	return f, append(way, n)
}

// isType tells whether a declaration has members.
func isType(d *island.Decl) bool {
	switch d.Kind {
	case island.Class, island.Enum, island.Interface, island.Extension, island.Object:
		return true
	}
	return false
}

// typeAround is the type whose member a declaration is; nil if there is none. A
// companion counts as the class around it.
func typeAround(d *island.Decl) *island.Decl {
	for c := d.Parent; c != nil; c = c.Parent {
		if isType(c) && (c.Kind != island.Object || c.Parent == nil || c.Name != "" && c.Name != "Companion") {
			return c
		}
	}
	return nil
}
