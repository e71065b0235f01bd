package code

import "github.com/lullwork/lull/internal/check/island"

// Ref is one thing that a name may mean.
type Ref struct {
	Decl  *island.Decl  // nil for a parameter and for what a pattern or a catch binds
	Param *island.Param // of Func
	Func  *Func         // whose parameter it is, or in which it is bound
	Node  *island.Node  // what binds it, of a pattern, a catch or a condition
}

// Resolve tells what an identifier or a member may mean: locals, members of the
// enclosing class, the library and its imports, static members, enum values. nil when
// that is not known, such as of a package that is not here, and for parameters.
func (p *Program) Resolve(in *Func, u *Unit, n *island.Node) []*island.Decl { return nil }

// Refs is Resolve with parameters and what patterns bind.
func (p *Program) Refs(u *Unit, n *island.Node) []Ref { return nil }

// Captures are the locals and parameters of enclosing functions that a closure uses, in
// the order of first use. A Ref of nothing stands for this.
func (p *Program) Captures(f *Func) []Ref { return nil }

// TypeName is the name of the type of an expression, without what stands in angle
// brackets, "" where it is not known.
func (p *Program) TypeName(u *Unit, n *island.Node) string { return "" }
