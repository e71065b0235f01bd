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

import "github.com/lullwork/lull/internal/check/island"

// Unit is a file of a program.
type Unit struct {
	Path string // relative to the checked folder, with slashes
	*island.File
}

// Func is something with a body: a function, a method, a constructor, a getter, a local
// function, a closure, or the first value of a variable. There is one Func for each, so
// that they can be compared.
type Func struct {
	Decl    *island.Decl // nil for a closure
	Closure *island.Node // nil for what has a declaration
	File    *Unit
	Outer   *Func // around a closure or a local function; nil at the top
}

// Program is a set of files that see each other.
type Program struct {
	units []*Unit
}

// New makes a program: a Dart package with the packages it uses by path, or the native
// sources of a target, which may mix Swift with Objective-C or Kotlin with Java.
// packages maps the names of Dart packages to their folders, as Unit.Path has them.
func New(units []*Unit, packages map[string]string) *Program {
	return &Program{units: units}
}

// Units are the files in the order that New got them.
func (p *Program) Units() []*Unit { return p.units }

// Unit is the file with that path; nil if there is none.
func (p *Program) Unit(path string) *Unit { return nil }

// FuncOf is the body of a declaration; nil without one.
func (p *Program) FuncOf(d *island.Decl) *Func { return nil }

// FuncAt is the innermost body around an offset; nil outside of all.
func (p *Program) FuncAt(u *Unit, off int) *Func { return nil }

// Name is what to call a function in a message: "callbackDispatcher", "Service.run",
// "closure in main".
func (f *Func) Name() string { return "" }

// Body is the Block or the expression that f runs; nil where there is none.
func (f *Func) Body() *island.Node { return nil }
