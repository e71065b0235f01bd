package code

import (
	"slices"
	"sort"

	"github.com/lullwork/lull/internal/check/island"
)

// GuardKind tells what stands around a node.
type GuardKind uint8

// The kinds.
const (
	Condition GuardKind = iota // Cond is Holds
	InTry                      // Cond is the Try
	InCatch                    // Cond is the Catch
	InFinally                  // Cond is the Finally
	InLoop                     // Cond is the loop
	InCase                     // Cond is the Case; Subject is what is switched over
	InLater                    // Cond is a closure or a local function
)

// Guard is something that stands around a node or leaves before it.
type Guard struct {
	Kind    GuardKind
	Cond    *island.Node
	Subject *island.Node
	Holds   bool
	Early   bool // by a return, throw, continue or break before
}

// Guards are the conditions under which a node of f runs when f does, outermost first.
// Of a node in a closure inside of f they are those around the closure too.
func (p *Program) Guards(f *Func, n *island.Node) []Guard {
	if f == nil {
		return nil
	}
	_, way := p.trail(f.File, n)
	if f.Closure != nil {
		i := slices.Index(way, f.Closure)
		if i < 0 {
			return nil
		}
		way = way[i+1:]
	} else if f.Outer != nil {
		i := slices.Index(way, f.Body())
		if i < 0 {
			return nil
		}
		way = way[i:]
	}
	return p.guards(way)
}

func (p *Program) guards(way []*island.Node) []Guard {
	var all []Guard
	for i := 0; i+1 < len(way); i++ {
		all = p.guard(all, way[i], way[i+1])
	}
	return all
}

// guard adds what n puts around its kid next.
func (p *Program) guard(all []Guard, n, next *island.Node) []Guard {
	if n.Kind == island.Block {
		return append(all, p.before(n, next)...)
	}
	kid := slices.Index(n.Kids, next)
	switch n.Kind {
	case island.If, island.Cond:
		if kid > 0 {
			all = append(all, Guard{Kind: Condition, Cond: n.Kids[0], Holds: kid == 1})
		}
	case island.Guard:
		if kid > 0 {
			all = append(all, Guard{Kind: Condition, Cond: n.Kids[0]})
		}
	case island.While:
		if kid > 0 && n.Name != "do" {
			all = append(all, Guard{Kind: Condition, Cond: n.Kids[0], Holds: true})
		}
		all = append(all, Guard{Kind: InLoop, Cond: n})
	case island.For:
		if kid > 0 {
			all = append(all, Guard{Kind: InLoop, Cond: n})
		}
	case island.Binary:
		if kid == 1 && (n.Name == "&&" || n.Name == "||" || n.Name == ",") {
			all = append(all, Guard{Kind: Condition, Cond: n.Kids[0], Holds: n.Name != "||"})
		}
	case island.Switch:
		if kid > 0 {
			all = append(all, Guard{Kind: InCase, Cond: next, Subject: n.Kids[0]})
		}
	case island.Try:
		if kid == 0 {
			all = append(all, Guard{Kind: InTry, Cond: n})
		}
	case island.Catch:
		all = append(all, Guard{Kind: InCatch, Cond: n})
	case island.Finally:
		all = append(all, Guard{Kind: InFinally, Cond: n})
	case island.Closure, island.LocalFn:
		all = append(all, Guard{Kind: InLater, Cond: n})
	}
	return all
}

// before is what the statements of a block before one of them, or all, make certain by leaving.
// It is kept, so that a long block is not read for each of its statements.
func (p *Program) before(block, next *island.Node) []Guard {
	all, ok := p.leaving[block]
	if !ok {
		for _, s := range block.Kids {
			all = early(all, s)
		}
		p.leaving[block] = all
	}
	if next == nil {
		return all
	}
	i := sort.Search(len(all), func(i int) bool { return all[i].Cond.Start >= next.Start })
	return all[:i:i]
}

// early adds what a statement before makes certain by leaving.
func early(all []Guard, s *island.Node) []Guard {
	switch s.Kind {
	case island.If:
		if len(s.Kids) == 2 && leaves(s.Kids[1]) {
			all = append(all, Guard{Kind: Condition, Cond: s.Kids[0], Early: true})
		}
		if len(s.Kids) == 3 {
			switch then, other := leaves(s.Kids[1]), leaves(s.Kids[2]); {
			case then && !other:
				all = append(all, Guard{Kind: Condition, Cond: s.Kids[0], Early: true})
			case other && !then:
				all = append(all, Guard{Kind: Condition, Cond: s.Kids[0], Holds: true, Early: true})
			}
		}
	case island.Guard:
		if len(s.Kids) > 0 {
			all = append(all, Guard{Kind: Condition, Cond: s.Kids[0], Holds: true, Early: true})
		}
	}
	return all
}

// leaves tells whether what stands after a statement cannot follow it.
func leaves(s *island.Node) bool {
	if s == nil {
		return false
	}
	switch s.Kind {
	case island.Return, island.Throw, island.Break, island.Continue:
		return true
	case island.Expr:
		return len(s.Kids) > 0 && (s.Kids[0].Kind == island.Throw || neverReturns(s.Kids[0]))
	case island.Block, island.Do:
		return len(s.Kids) > 0 && leaves(s.Kids[len(s.Kids)-1])
	case island.If:
		return len(s.Kids) == 3 && leaves(s.Kids[1]) && leaves(s.Kids[2])
	}
	return false
}

// kotlinStop is the function of Kotlin's library that throws an error about missing code.
const kotlinStop = "TO" + "DO"

// neverReturns tells whether a call ends the program.
func neverReturns(n *island.Node) bool {
	if n.Kind != island.Call {
		return false
	}
	switch island.CalleeName(n) {
	case "fatalError", "preconditionFailure", "abort", "exitProcess":
		return true
	case "exit":
		return n.Kids[0].Kind == island.Ident && len(n.Args) == 1
	case kotlinStop:
		return n.Kids[0].Kind == island.Ident
	}
	return false
}

// May tells whether a node can run in a world, as far as conditions around it inside
// its declaration tell.
func (p *Program) May(w World, u *Unit, n *island.Node) bool {
	_, way := p.trail(u, n)
	return p.mayBelow(w, u, way)
}

func (p *Program) mayBelow(w World, u *Unit, way []*island.Node) bool {
	if w == (World{}) {
		return true
	}
	for i := 0; i+1 < len(way); i++ {
		if n := way[i]; n.Kind == island.Block {
			if way[i+1].Start > p.deadFrom(w, u, n) {
				return false
			}
			continue
		}
		for _, g := range p.guard(nil, way[i], way[i+1]) {
			if g.Kind == Condition && p.violates(w, u, g) || g.Kind == InCase && w.excludes(g) {
				return false
			}
		}
	}
	return true
}

// violates tells whether a condition certainly does not hold as it has to.
func (p *Program) violates(w World, u *Unit, g Guard) bool {
	key := inWorld{w, g.Cond}
	t, ok := p.tested[key]
	if !ok {
		t = p.test(w, u, g.Cond, 0)
		p.tested[key] = t
	}
	return t != open && (t == yes) != g.Holds
}

// inWorld is a node in a world.
type inWorld struct {
	World
	node *island.Node
}

// deadFrom is the offset from which on nothing of a block runs in a world. It is kept:
// asked for each statement of a long block it would cost the square of its length.
func (p *Program) deadFrom(w World, u *Unit, block *island.Node) int {
	key := inWorld{w, block}
	off, ok := p.dead[key]
	if ok {
		return off
	}
	off = block.End
	for _, kid := range block.Kids {
		if kid.Kind == island.Return {
			off = kid.End
			break
		}
	}
	p.dead[key] = off // what depends on itself is alive
	for _, g := range p.before(block, nil) {
		if p.violates(w, u, g) {
			off = min(off, g.Cond.End)
			break
		}
	}
	p.dead[key] = off
	return off
}

// excludes tells whether a case is for other platforms: all of its patterns name one,
// and none names this.
func (w World) excludes(g Guard) bool {
	if w.OS == "" || w.OS == "web" {
		return false
	}
	names := false
	for _, k := range g.Cond.Kids {
		if k.Kind == island.Block {
			continue
		}
		if w.sameOS(g.Subject, k) != no {
			return false
		}
		names = true
	}
	return names
}

// Caught tells whether what a node of f throws is caught inside of f, by a catch for all.
func (p *Program) Caught(f *Func, n *island.Node) bool {
	caught := false
	for _, g := range p.Guards(f, n) {
		switch g.Kind {
		case InTry:
			caught = caught || catchesAll(f.File.Lang, g.Cond)
		case InLater:
			caught = false
		}
	}
	return caught
}

// catchesAll tells whether a try stops whatever is thrown.
func catchesAll(l island.Lang, try *island.Node) bool {
	for _, k := range try.Kids {
		if k.Kind == island.Catch && catchAll(l, k) {
			return true
		}
	}
	return false
}

// catchAll takes Dart's Exception for all: what is left are programming errors.
func catchAll(l island.Lang, c *island.Node) bool {
	switch bareType(c.Text) {
	case "", "Object", "dynamic", "Exception", "Throwable", "NSError":
		return true
	case "Error":
		return l != island.Dart
	}
	return false
}
