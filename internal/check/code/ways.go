package code

import "github.com/lullwork/lull/internal/check/island"

// State counts events on one way through a function, each up to 2, which is many.
type State uint8

// Count is how often event 0 to 3 happened.
func (s State) Count(event int) int { return int(s>>(2*event)) & 3 }

// EndKind is a way to leave a function.
type EndKind uint8

// The ways.
const (
	Returns EndKind = iota // Node is the Return, or the expression of a body without a block
	Falls                  // off the end; Node is nil
	Throws                 // Node is what may throw
	Hangs                  // an endless loop or a call that never returns; Node is it
)

// End is a way to leave a function.
type End struct {
	Kind   EndKind
	Node   *island.Node
	Value  *island.Node // of Returns, nil without one
	In     *Func        // where Node stands: a callee where it was looked into
	States []State      // what may have happened until then, sorted
}

// Min and Max are how often an event happened at least and at most.
func (e End) Min(event int) int { return 0 }

// Max is how often an event happened at most.
func (e End) Max(event int) int { return 0 }

// Sight is an event as it happens.
type Sight struct {
	Event  int
	Node   *island.Node
	In     *Func
	Before []State // what may have happened before it
}

// Later is a closure that a function hands on and that may run after it, or not at all.
type Later struct {
	Func *Func
	Node *island.Node // the call or the assignment that takes it
	Name string       // of what takes it: "Task", "async", "expirationHandler", "then"
	Sure bool         // it runs once for certain, such as Task { }
}

// Question is what to look for on the ways through a function.
type Question struct {
	// Event tells which event a node is, 0 to 3, or -1. It is asked for each node in the
	// order of evaluation, after what is inside of it.
	Event func(f *Func, n *island.Node) int
	// Throws tells whether a node may throw. nil: throw, await of what is not looked
	// into, and Swift's try.
	Throws func(f *Func, n *island.Node) bool
	// Inline is how deep to look into called functions of the program.
	Inline int
	// RunLater runs each closure that is handed on once, right there, as if it were not
	// late.
	RunLater bool
	// World is where it runs; other branches are left out. Without a Build it is release.
	World World
}

// Ways is the answer to a Question.
type Ways struct {
	Ends   []End
	Sights []Sight
	Later  []Later
	Cut    bool // it was too much; the answer is not complete
}

// Ways goes all ways through a function at once: branches, loops, try and finally,
// guard, defer, switch.
func (p *Program) Ways(f *Func, q Question) Ways { return Ways{} }
