package code

import "github.com/lullwork/lull/internal/check/island"

// CallbackKind tells what kind of a function is handed over.
type CallbackKind uint8

// The kinds.
const (
	Unresolved CallbackKind = iota // Why tells the reason
	TopLevel
	StaticMethod
	InstanceMethod
	ClosureKind
	LocalFunc
)

// Callback is what a function argument is.
type Callback struct {
	Kind CallbackKind
	Func *Func        // nil where unresolved
	Decl *island.Decl // nil of a closure
	Unit *Unit        // where Arg stands
	Arg  *island.Node // the expression that names the function in the end
	Why  string
}

// Target is the first of Targets. It is unresolved where there is none.
func (p *Program) Target(in *Func, u *Unit, n *island.Node) Callback { return Callback{} }

// Targets are the functions that an argument can be, through variables, fields and the
// parameters of wrappers. What is not known is among them as unresolved.
func (p *Program) Targets(in *Func, u *Unit, n *island.Node) []Callback { return nil }
