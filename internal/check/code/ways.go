package code

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/lullwork/lull/internal/check/island"
)

// State counts events on one way through a function, each up to 2, which is many.
type State uint8

// Count is how often event 0 to 3 happened.
func (s State) Count(event int) int { return int(s>>(2*event)) & 3 }

// and is the state after one more event.
func (s State) and(event int) State {
	if s.Count(event) == 2 {
		return s
	}
	return s + 1<<(2*event)
}

// set is a set of states.
type set [4]uint64

var start = set{1}

func (s set) empty() bool { return s == set{} }

func (s set) or(o set) set {
	for i := range s {
		s[i] |= o[i]
	}
	return s
}

func (s set) states() []State {
	var list []State
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			list = append(list, State(64*i+bits.TrailingZeros64(word)))
		}
	}
	return list
}

// and is the set after one more event.
func (s set) and(event int) set {
	var after set
	for _, st := range s.states() {
		st = st.and(event)
		after[st/64] |= 1 << (st % 64)
	}
	return after
}

// EndKind is a way to leave a function.
type EndKind uint8

// The ways.
const (
	Returns EndKind = iota // Node is the Return, or the expression of a body without a block
	Falls                  // off the end; Node is nil
	Throws                 // Node is what may throw
	Hangs                  // Node is an endless loop or a call that never returns
	breaks
	continues
	throughs // to the next case
	fails    // a returned future does, when no try is around it any more
	lapses   // a call of which nothing is known may, where a try is around it
)

// End is a way to leave a function.
type End struct {
	Kind   EndKind
	Node   *island.Node
	Value  *island.Node // of Returns, nil without one
	In     *Func        // where Node stands: a callee where it was looked into
	States []State      // what may have happened until then, sorted
}

// Min is how often an event happened at least.
func (e End) Min(event int) int {
	least := 2
	for _, s := range e.States {
		least = min(least, s.Count(event))
	}
	return least
}

// Max is how often an event happened at most.
func (e End) Max(event int) int {
	most := 0
	for _, s := range e.States {
		most = max(most, s.Count(event))
	}
	return most
}

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
	In   *Func        // that hands it on
	Node *island.Node // the call or the assignment that takes it
	Name string       // of what takes it: "Task", "async", "expirationHandler", "then"
	Set  bool         // it is assigned to a variable or a property
	Sure bool         // it runs once for certain, such as that of Task { }
}

// Eventually is a RunLater that takes all for run once but those that run when time is
// up, or something goes wrong.
func Eventually(l Later) bool {
	switch l.Name {
	case "expirationHandler", "setExpirationHandler", "onExpiration", "onCancel", "invokeOnCancellation", "setCancellationHandler", "catchError", "onError", "onTimeout":
		return false
	}
	return true
}

// Question is what to look for on the ways through a function.
type Question struct {
	// Event tells which event a node is, 0 to 3, or -1. It is asked for each node in the
	// order of evaluation, after what is inside of it. Calls of the program that are
	// events are not looked into.
	Event func(f *Func, n *island.Node) int
	// Throws tells whether a node that is not looked into may throw, besides throw itself.
	// nil: await, and Swift's try.
	Throws func(f *Func, n *island.Node) bool
	// Inline is how deep to look into called functions of the program.
	Inline int
	// RunLater tells whether to go on as if a closure that is handed on ran once, right
	// there. nil: none does.
	RunLater func(Later) bool
	// World is where it runs: what conditions leave out there is left out. Without a Build
	// it is "release".
	World World
}

// Ways is the answer to a Question.
type Ways struct {
	Ends   []End   // in the order of the source
	Sights []Sight // as they are met
	Later  []Later // as they are met
	Cut    bool    // it was too much; the answer is not complete
}

// Some tells whether an end of one of the kinds can be reached with a count of an event
// that bad rejects.
func (w Ways) Some(event int, bad func(count int) bool, kinds ...EndKind) bool {
	for _, e := range w.Ends {
		if !slices.Contains(kinds, e.Kind) {
			continue
		}
		for _, s := range e.States {
			if bad(s.Count(event)) {
				return true
			}
		}
	}
	return false
}

// Ways goes all ways through a function at once: branches, loops, try and finally,
// guard, defer, switch. It takes x?.f() for called, and a loop for run any number of
// times. A call of which nothing is known may end in the catch around it, but not leave
// f. What leaves through a closure that is run right there, such as Kotlin's let,
// leaves f.
func (p *Program) Ways(f *Func, q Question) Ways {
	if q.World.Build == "" {
		q.World.Build = "release"
	}
	w := &walker{p: p, q: q, f: f, budget: 200_000, seen: map[*island.Node]int{}, handed: map[*Func]bool{}}
	x := &exits{}
	w.stack = append(w.stack, f)
	after := w.function(f, start, x)
	if !after.set.empty() {
		x.add(exit{kind: Falls, in: f, set: after.set})
	}
	for _, e := range after.returns {
		x.add(e)
	}
	for _, e := range x.list {
		if e.kind <= Hangs {
			w.out.Ends = append(w.out.Ends, End{e.kind, e.node, e.value, e.in, e.set.states()})
		}
	}
	slices.SortStableFunc(w.out.Ends, func(a, b End) int { return cmp.Compare(a.at(), b.at()) })
	for i := range w.out.Sights {
		w.out.Sights[i].Before = w.before[i].states()
	}
	return w.out
}

// at is where an end stands; off the end is after all.
func (e End) at() int {
	if e.Node == nil {
		return int(^uint(0) >> 1)
	}
	return e.Node.Start
}

// exit is a way out of a part of a function.
type exit struct {
	kind  EndKind
	node  *island.Node
	value *island.Node
	in    *Func
	label string
	set   set
}

// exits are the ways out of a part of a function.
type exits struct {
	list  []exit
	kinds uint16          // bits of those that may be in the list
	at    map[exitKey]int // places in a long list; nil until they are looked for
}

// exitKey is what tells exits apart.
type exitKey struct {
	kind EndKind
	node *island.Node
	in   *Func
}

// short is a list that is quicker to go through.
const short = 16

func (x *exits) add(e exit) {
	if e.set.empty() {
		return
	}
	x.kinds |= 1 << e.kind
	if i := x.find(exitKey{e.kind, e.node, e.in}); i >= 0 {
		x.list[i].set = x.list[i].set.or(e.set)
		return
	}
	if x.at != nil {
		x.at[exitKey{e.kind, e.node, e.in}] = len(x.list)
	}
	x.list = append(x.list, e)
}

// find is the place of an exit; -1 if it is not there.
func (x *exits) find(key exitKey) int {
	if len(x.list) <= short {
		return slices.IndexFunc(x.list, func(e exit) bool { return key == exitKey{e.kind, e.node, e.in} })
	}
	if x.at == nil {
		x.at = make(map[exitKey]int, 2*len(x.list))
		for i, e := range x.list {
			x.at[exitKey{e.kind, e.node, e.in}] = i
		}
	}
	if i, ok := x.at[key]; ok {
		return i
	}
	return -1
}

// drop removes exits.
func (x *exits) drop(drops func(exit) bool) {
	x.list, x.at = slices.DeleteFunc(x.list, drops), nil
}

// take removes the exits of a kind and returns what they bring, in one set.
func (x *exits) take(k EndKind) set {
	var all set
	if x.kinds&(1<<k) == 0 {
		return all
	}
	x.kinds &^= 1 << k
	x.drop(func(e exit) bool {
		if e.kind == k {
			all = all.or(e.set)
		}
		return e.kind == k
	})
	return all
}

// pass hands all exits on.
func (x *exits) pass(to *exits) {
	for _, e := range x.list {
		to.add(e)
	}
}

// walker answers a Question.
type walker struct {
	p      *Program
	q      Question
	f      *Func // that is walked now
	out    Ways
	before []set                // of out.Sights
	seen   map[*island.Node]int // places in out.Sights
	handed map[*Func]bool       // in out.Later
	stack  []*Func              // that are walked now
	rest   []*island.Node       // what follows the statement that is run
	tries  int                  // that are around what is run
	depth  int                  // of callees that are looked into
	budget int
}

// result is what comes of a function: the set of those that fall off its end, and
// its returns.
type result struct {
	set     set
	returns []exit
}

// function runs a body. What throws or hangs goes to x.
func (w *walker) function(f *Func, s set, x *exits) result {
	outer := w.f
	w.f = f
	defer func() { w.f = outer }()
	var r result
	inner := &exits{}
	body := f.Body()
	if body == nil {
		return result{set: s}
	}
	if body.Kind == island.Block {
		r.set = w.run(body, s, inner)
	} else if after := w.returned(body, s, inner); !after.empty() {
		r.returns = append(r.returns, exit{kind: Returns, node: body, value: body, in: f, set: after})
	}
	for _, e := range inner.list {
		switch e.kind {
		case Returns:
			r.returns = append(r.returns, e)
			continue
		case fails:
			e.kind = Throws
		}
		x.add(e)
	}
	return r
}

// returned runs an expression whose value is returned. In Dart what a future throws that is
// not awaited does not meet a try around the return.
func (w *walker) returned(n *island.Node, s set, x *exits) set {
	if n == nil || w.f.File.Lang != island.Dart {
		return w.awaiting(n, s, x)
	}
	into := (*Func)(nil)
	if n.Kind == island.Call {
		into = w.into(n)
	}
	inner := &exits{}
	s = w.awaiting(n, s, inner)
	for _, e := range inner.list {
		if e.kind == Throws && into != nil && w.p.IsAsync(into) {
			e.kind = fails
		}
		x.add(e)
	}
	w.mayFail(n, s, x)
	return s
}

// mayFail notes the futures among what is returned that are not looked into.
func (w *walker) mayFail(n *island.Node, s set, x *exits) {
	switch n.Kind {
	case island.Cond, island.Binary:
		if n.Kind == island.Cond || n.Name == "??" {
			for _, k := range n.Kids[min(len(n.Kids)-1, 1):] {
				w.mayFail(k, s, x)
			}
		}
	case island.Call:
		if w.enters(n) || isChain(n) || !w.maybeFuture(n) || w.q.Throws == nil && w.q.Event != nil && w.q.Event(w.f, n) >= 0 {
			return // what is counted is taken for done
		}
		if w.throws(&island.Node{Kind: island.Await, Span: n.Span, Kids: []*island.Node{n}}) {
			x.add(exit{kind: fails, node: n, in: w.f, set: s})
		}
	}
}

// maybeFuture tells whether a returned call can give a future that fails: of a function
// that says so, or one that is not here, by a lower-case name, where the function returns
// futures itself.
func (w *walker) maybeFuture(n *island.Node) bool {
	if !w.p.IsAsync(w.f) && w.f.Closure == nil {
		return false
	}
	refs := w.p.refs(w.f.File, n.Kids[0], 0)
	for _, r := range refs {
		return r.Decl != nil && r.Decl.Kind == island.Function && w.p.givesFuture(r.Decl)
	}
	name := island.CalleeName(n)
	if name == "" || isUpper(name) {
		return false
	}
	base := n.Kids[0]
	for base.Kind == island.Member && len(base.Kids) > 0 && base.Kids[0] != nil {
		base = base.Kids[0]
	}
	return !(base.Kind == island.Ident && isUpper(base.Name) && (base.Name != "Future" || name == "value" || name == "delayed"))
}

// all is what goes on after a function, whichever way it returned.
func (r result) all() set {
	s := r.set
	for _, e := range r.returns {
		s = s.or(e.set)
	}
	return s
}

// event counts what a node is, and tells whether it is one.
func (w *walker) event(n *island.Node, s set) (set, bool) {
	if w.q.Event == nil || s.empty() {
		return s, false
	}
	ev := w.q.Event(w.f, n)
	if ev < 0 || ev > 3 {
		return s, false
	}
	if i, ok := w.seen[n]; ok && w.out.Sights[i].Event == ev {
		w.before[i] = w.before[i].or(s)
	} else {
		w.seen[n] = len(w.out.Sights)
		w.out.Sights = append(w.out.Sights, Sight{Event: ev, Node: n, In: w.f})
		w.before = append(w.before, s)
	}
	return s.and(ev), true
}
