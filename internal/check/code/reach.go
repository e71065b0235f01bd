package code

import "github.com/lullwork/lull/internal/check/island"

// Reach is the part of a program that may run when its roots do.
type Reach struct{}

// Reach follows calls, tear-offs, constructors with the first values of fields, closures
// that are made, getters, and the first values of variables. Where the receiver is not
// known it takes all members of that name; Sure tells such apart.
func (p *Program) Reach(roots ...*Func) *Reach { return nil }

// ReachIn is Reach under a condition, without what cannot run then.
func (p *Program) ReachIn(w World, roots ...*Func) *Reach { return nil }

// Funcs are the reached functions, roots first, then by distance.
func (r *Reach) Funcs() []*Func { return nil }

// Has tells whether f is reached.
func (r *Reach) Has(f *Func) bool { return false }

// Sure tells whether f is reached without a guess about a receiver.
func (r *Reach) Sure(f *Func) bool { return false }

// Depth is the number of steps from a root; -1 if not reached.
func (r *Reach) Depth(f *Func) int { return -1 }

// Path is a shortest way from a root to f, both included.
func (r *Reach) Path(f *Func) []*Func { return nil }

// Mentions are the uses of a name inside of reached functions.
func (r *Reach) Mentions(name string) []Use { return nil }

// Calls are the calls of a name inside of reached functions.
func (r *Reach) Calls(name string) []Call { return nil }

// Callees are the functions that f may run, with the node that names each.
func (p *Program) Callees(f *Func) []Edge { return nil }

// Edge is one step of the call graph.
type Edge struct {
	To    *Func
	Node  *island.Node
	Guess bool // by name only
}
