package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
)

func errorSwallowed(p *Pass) {
	seen := make(map[*code.Func]bool)
	for _, e := range p.working() {
		for _, way := range p.chains(e) {
			for _, f := range way {
				if seen[f] {
					break
				}
				seen[f] = true
				if p.swallows(e, f) || p.passesQuiet(e, f) {
					break
				}
			}
		}
	}
}

// chains are the ways of work of an entry: its handler, with what that does nothing but call; of
// a handler that does something else for each name of a task also what each case does nothing but call.
func (p *Pass) chains(e *entry) [][]*code.Func {
	ways := [][]*code.Func{p.chain(e)}
	_, sw, _ := p.handled(e)
	if sw == nil {
		return ways
	}
	for _, c := range sw.Kids[1:] {
		var to []*code.Func
		for _, edge := range p.dart().Callees(e.Work) {
			if edge.To.Closure == nil && !edge.Guess && edge.To.Decl.Kind == island.Function && edge.Node.Start >= c.Start && edge.Node.End <= c.End {
				to = append(to, edge.To)
			}
		}
		if len(to) == 1 && p.ownWork(to[0]) {
			ways = append(ways, p.chainFrom(to[0]))
		}
	}
	return ways
}

// swallows reports the first catch of f which hides that the work has failed; of a switch that of
// each case.
func (p *Pass) swallows(e *entry, f *code.Func) bool {
	found := make(map[*island.Node]bool) // by case
	f.Walk(func(n *island.Node) bool {
		if n.Kind != island.Try || len(n.Kids) < 2 {
			return true
		}
		in := enclosing(f.Body(), n, island.Case)
		if found[in] || !p.release(f.File, n) {
			return false
		}
		if !p.tries(f, n.Kids[0]) {
			return true
		}
		for _, c := range n.Kids[1:] {
			what := ""
			switch {
			case !takesAll(c) || !p.wholeWork(f, n):
			case saysNothing(c.Kids[0]):
				what = "%s drops every error without a word"
			case e.Bool && p.endsTrue(f, c.Kids[0]):
				what = "%s reports success after an error"
			}
			if what != "" {
				found[in] = true
				if !p.reported(f.File, c) {
					r := p.Report(p.Span(f.File, island.Span{Start: c.Start, End: max(c.Start, c.Kids[0].Start)}), what, f.Name())
					r.Subject = e.name() + " " + f.Name()
				}
			}
		}
		return !found[in]
	})
	return len(found) > 0
}

// takesAll tells whether a node is a catch with a block that any error comes to.
func takesAll(n *island.Node) bool {
	return n.Kind == island.Catch && len(n.Kids) > 0 && slices.Contains([]string{"", "Exception", "Object", "dynamic"}, n.Text)
}

// saysNothing tells whether a block does nothing, or only returns.
func saysNothing(block *island.Node) bool {
	return !slices.ContainsFunc(block.Kids, func(s *island.Node) bool { return s.Kind != island.Return || len(s.Kids) > 0 })
}

// tries tells whether something in a block of f may fail.
func (p *Pass) tries(f *code.Func, block *island.Node) bool {
	some := false
	island.Walk(block, func(n *island.Node) bool {
		if n.Kind == island.Closure {
			return false
		}
		some = some || p.fails(f, n)
		return !some
	})
	return some
}

// wholeWork tells whether a try of f has all in it that may fail on the ways that come to it, or go
// on after it: a part may fail quietly.
func (p *Pass) wholeWork(f *code.Func, try *island.Node) bool {
	return f.Body() == nil || !p.beside(f, f.Body(), try)
}

// beside tells whether something may fail in a node of f, outside of a try, on a way with it.
func (p *Pass) beside(f *code.Func, n, try *island.Node) bool {
	if n == try || n.Kind == island.Closure || n.Kind == island.LocalFn {
		return false
	}
	if p.fails(f, n) && !setsUp(n) {
		return true
	}
	has := func(k *island.Node) bool { return k.Start <= try.Start && k.End >= try.End }
	fork := n.Kind == island.If || n.Kind == island.Switch || n.Kind == island.Cond
	for i, k := range n.Kids {
		if fork && i > 0 && (has(n) && !has(k) || n.End <= try.Start && leavesFor(k)) {
			continue // never with it
		}
		if p.beside(f, k, try) {
			return true
		}
	}
	for i := range n.Args {
		if v := n.Args[i].Value; v != nil && p.beside(f, v, try) {
			return true
		}
	}
	return false
}

// leavesFor tells whether a branch ends its function.
func leavesFor(n *island.Node) bool {
	for (n.Kind == island.Block || n.Kind == island.Case) && len(n.Kids) > 0 {
		n = n.Kids[len(n.Kids)-1]
	}
	return n.Kind == island.Return || n.Kind == island.Throw
}

// setsUp tells whether a node waits for what only makes ready for the work.
func setsUp(n *island.Node) bool {
	if n.Kind != island.Await || len(n.Kids) == 0 {
		return false
	}
	name := island.CalleeName(n.Kids[0])
	return slices.Contains([]string{"openDatabase", "openBox", "openLazyBox"}, name) || slices.ContainsFunc([]string{"init", "configure", "ensure", "setUp", "setup"}, func(prefix string) bool {
		rest, is := strings.CutPrefix(name, prefix)
		return is && (rest == "" || rest[0] < 'a' || strings.HasPrefix(rest, "ialize"))
	})
}

// endsTrue tells whether f can only report success once it has come through a catch block.
func (p *Pass) endsTrue(f *code.Func, block *island.Node) bool {
	ways := p.dart().Ways(f, code.Question{Event: func(in *code.Func, n *island.Node) int {
		if in == f && n.Start >= block.Start && n.End <= block.End {
			return 0
		}
		return -1
	}})
	some := false
	for _, end := range ways.Ends {
		switch {
		case end.Max(0) == 0 || end.Kind == code.Hangs:
		case end.Kind == code.Throws:
			if end.Node.Start >= block.Start && end.Node.End <= block.End {
				return false
			}
		case end.Kind != code.Returns || end.Value == nil || !isTrue(end.Value):
			return false
		default:
			some = true
		}
	}
	return some && !ways.Cut
}
