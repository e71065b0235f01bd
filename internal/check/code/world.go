package code

import "github.com/lullwork/lull/internal/check/island"

// World is a condition under which code runs. What is empty is open.
type World struct {
	OS    string // "ios", "android", "macos", "linux", "windows", "web"
	Build string // "debug", "profile", "release"
}

// GuardKind tells what stands around a node.
type GuardKind uint8

// The kinds.
const (
	Condition GuardKind = iota // Cond is Holds
	InTry                      // Cond is the Try
	InCatch                    // Cond is the Catch
	InFinally
	InLoop // Cond is the loop
	InCase // Cond is the Case
)

// Guard is something that stands around a node or leaves before it.
type Guard struct {
	Kind  GuardKind
	Cond  *island.Node
	Holds bool
	Early bool // by a return, throw, continue or break before
}

// Guards are the conditions under which a node of f runs when f does, outermost first.
func (p *Program) Guards(f *Func, n *island.Node) []Guard { return nil }

// May tells whether a node can run in a world, as far as conditions around it inside
// its declaration tell.
func (p *Program) May(w World, u *Unit, n *island.Node) bool { return true }

// Test evaluates a condition in a world; known is false where it is open.
func (p *Program) Test(w World, u *Unit, n *island.Node) (holds, known bool) { return false, false }

// Caught tells whether what a node of f throws is caught inside of f, by a catch for all.
func (p *Program) Caught(f *Func, n *island.Node) bool { return false }
