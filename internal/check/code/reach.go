package code

import (
	"slices"

	"github.com/lullwork/lull/internal/check/island"
)

// Reach is the part of a program that may run when its roots do.
type Reach struct {
	p     *Program
	funcs []*Func
	steps map[*Func]step
	hosts map[*Unit]map[*island.Decl]bool // declarations that hold reached functions; nil until it is asked for
	units []*Unit                         // of hosts, in their order
}

// step is how a function is reached.
type step struct {
	from  *Func
	node  *island.Node
	depth int
	guess bool
	event bool
}

// Reach follows calls, tear-offs, constructors with the first values of fields, closures
// that are made, getters, and the first values of variables. Where the receiver is not
// known it takes all members of that name; Sure tells such apart.
func (p *Program) Reach(roots ...*Func) *Reach { return p.ReachIn(World{}, roots...) }

// ReachIn is Reach in a world, without what conditions there leave out.
func (p *Program) ReachIn(w World, roots ...*Func) *Reach {
	r := &Reach{p: p, steps: map[*Func]step{}}
	for _, f := range roots {
		if f != nil {
			r.add(f, step{})
		}
	}
	r.grow(w, 0, false)
	r.grow(w, 0, true) // from all of them, once nothing can be reached without
	return r
}

func (r *Reach) add(f *Func, s step) {
	if _, ok := r.steps[f]; ok {
		return
	}
	r.steps[f] = s
	r.funcs = append(r.funcs, f)
}

// grow follows the edges of all functions from a place in the list on.
func (r *Reach) grow(w World, from int, guesses bool) {
	for i := from; i < len(r.funcs); i++ {
		f := r.funcs[i]
		for _, e := range r.p.Callees(f) {
			if e.Guess && !guesses {
				continue
			}
			if _, ok := r.steps[e.To]; ok || !r.p.May(w, f.File, e.Node) {
				continue
			}
			at := r.steps[f]
			r.add(e.To, step{f, e.Node, at.depth + 1, at.guess || e.Guess, at.event || e.Event})
		}
	}
}

// Funcs are the reached functions: roots, then by distance, those by a guess last.
func (r *Reach) Funcs() []*Func { return r.funcs }

// Has tells whether f is reached.
func (r *Reach) Has(f *Func) bool {
	_, ok := r.steps[f]
	return ok
}

// Sure tells whether f is reached without a guess.
func (r *Reach) Sure(f *Func) bool {
	s, ok := r.steps[f]
	return ok && !s.guess
}

// OnEvent tells whether the way to f leads through what runs when something happens, as a
// button is pressed.
func (r *Reach) OnEvent(f *Func) bool { return r.steps[f].event }

// Depth is the number of steps from a root; -1 if not reached.
func (r *Reach) Depth(f *Func) int {
	if s, ok := r.steps[f]; ok {
		return s.depth
	}
	return -1
}

// Path is a shortest way from a root to f, both included; nil if it is not reached.
func (r *Reach) Path(f *Func) []*Func {
	s, ok := r.steps[f]
	if !ok {
		return nil
	}
	path := make([]*Func, s.depth+1)
	for i := s.depth; i >= 0; i-- {
		path[i] = f
		f = r.steps[f].from
	}
	return path
}

// Via is the node by which f is reached, and the function it stands in; nil of a root.
func (r *Reach) Via(f *Func) (*Func, *island.Node) {
	s := r.steps[f]
	return s.from, s.node
}

// Mentions are the uses of a name inside of reached functions.
func (r *Reach) Mentions(name string) []Use {
	all, known := r.p.mentions[name]
	if !known {
		all = r.p.mentionsAt(name, r.spots)
	}
	var uses []Use
	for _, use := range all {
		if use.In != nil && r.Has(use.In) {
			uses = append(uses, use)
		}
	}
	return uses
}

// Calls are the calls of a name inside of reached functions.
func (r *Reach) Calls(name string) []Call {
	all, known := r.p.calls[name]
	if !known {
		all = r.p.callsAt(name, r.spots)
	}
	var calls []Call
	for _, c := range all {
		if c.In != nil && r.Has(c.In) {
			calls = append(calls, c)
		}
	}
	return calls
}

// spots is Program.spots without the functions that are not reached, which need not be
// parsed.
func (r *Reach) spots(name string, visit spot) {
	if r.hosts == nil {
		r.hosts = map[*Unit]map[*island.Decl]bool{}
		for _, f := range r.funcs {
			top := f
			for top.Outer != nil {
				top = top.Outer
			}
			if r.hosts[f.File] == nil {
				r.hosts[f.File] = map[*island.Decl]bool{}
				r.units = append(r.units, f.File)
			}
			r.hosts[f.File][top.Decl] = true // nil: what the file does outside of declarations
		}
		slices.SortFunc(r.units, func(a, b *Unit) int { return a.at - b.at })
	}
	for _, u := range r.units {
		r.p.spotsOf(u, name, r.hosts[u], visit)
	}
}
