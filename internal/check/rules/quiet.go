package rules

import (
	"slices"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
)

// passesQuiet reports a function that f waits for, which logs its errors and gives no result,
// where f reports success after it: nothing can tell f that its work has failed. Of several the
// one that comes to most is the work; each case of a switch has its own.
func (p *Pass) passesQuiet(e *entry, f *code.Func) bool {
	if !e.Bool || f.Body() == nil {
		return false
	}
	type work struct {
		in, at *island.Node
		of     *code.Func
		size   int
	}
	var all []work
	f.Walk(func(n *island.Node) bool {
		if n.Kind != island.Expr || len(n.Kids) == 0 || n.Kids[0].Kind != island.Await || !p.release(f.File, n) {
			return true
		}
		callee := p.passedTo(f, n.Kids[0])
		if callee == nil || callee == f || p.quiet(callee) == nil || p.besides(f, f.Body(), n) || !p.succeedsAfter(f, n) {
			return true
		}
		w := work{enclosing(f.Body(), n, island.Case), n.Kids[0], callee, len(p.dart().Reach(callee).Funcs())}
		if i := slices.IndexFunc(all, func(o work) bool { return o.in == w.in }); i < 0 {
			all = append(all, w)
		} else if w.size > all[i].size {
			all[i] = w
		}
		return true
	})
	for _, w := range all {
		catch := p.quiet(w.of)
		if p.reported(w.of.File, catch) {
			continue
		}
		r := p.Report(p.Span(w.of.File, island.Span{Start: catch.Start, End: max(catch.Start, catch.Kids[0].Start)}), "%s keeps its errors to itself, and %s reports success after it", w.of.Name(), e.name())
		r.Subject = e.name() + " " + w.of.Name()
		p.related(r, f.File, w.at, "nothing is known of them here")
	}
	return len(all) > 0
}

// quiet is the catch of a function without a result that has all its work in a try, and does
// nothing with an error but log it.
func (p *Pass) quiet(f *code.Func) *island.Node {
	if f.Decl == nil || !p.dart().IsAsync(f) {
		return nil
	}
	if t := f.Decl.Type; t != "" && t != "Future" && t != "Future<void>" && t != "void" {
		return nil
	}
	var catch *island.Node
	f.Walk(func(n *island.Node) bool {
		if n.Kind != island.Try || catch != nil || len(n.Kids) < 2 {
			return catch == nil
		}
		for _, c := range n.Kids[1:] {
			if takesAll(c) && keepsIt(c.Kids[0]) && p.tries(f, n.Kids[0]) && p.wholeWork(f, n) {
				catch = c
			}
		}
		return catch == nil
	})
	return catch
}

// keepsIt tells whether statements do nothing but log, and return.
func keepsIt(n *island.Node) bool {
	for _, s := range n.Kids {
		switch {
		case s.Kind == island.Return && len(s.Kids) == 0:
		case s.Kind == island.Expr && len(s.Kids) > 0 && s.Kids[0].Kind == island.Call && logs(island.CalleeName(s.Kids[0])):
		default:
			return false
		}
	}
	return true
}

// besides tells whether other work comes before or after a statement of f: what may fail, or a
// function of the project. What makes ready and what registers the next run is no such work.
func (p *Pass) besides(f *code.Func, n, at *island.Node) bool {
	if n == at || n.Kind == island.Closure || n.Kind == island.LocalFn {
		return false
	}
	if n.Start > at.Start || n.End < at.End {
		some := false
		island.Walk(n, func(x *island.Node) bool {
			if x.Kind == island.Closure || x.Kind == island.LocalFn || some {
				return false
			}
			to := p.passedTo(f, x)
			some = (p.fails(f, x) || to != nil && p.quiet(to) == nil) && !setsUp(x) && !p.registers(to)
			return !some
		})
		return some
	}
	fork := n.Kind == island.If || n.Kind == island.Switch || n.Kind == island.Try
	return slices.ContainsFunc(n.Kids, func(k *island.Node) bool {
		return (!fork || k.Start <= at.Start && k.End >= at.End) && p.besides(f, k, at)
	})
}

// registers tells whether a function asks for a run.
func (p *Pass) registers(f *code.Func) bool {
	return f != nil && slices.ContainsFunc(p.starts(), func(s start) bool { return s.In == f })
}

// succeedsAfter tells whether f can only report success once a node of it has run.
func (p *Pass) succeedsAfter(f *code.Func, at *island.Node) bool {
	ways := p.dart().Ways(f, code.Question{Event: func(in *code.Func, n *island.Node) int {
		if in == f && n == at.Kids[0].Kids[0] {
			return 0
		}
		return -1
	}})
	some := false
	for _, end := range ways.Ends {
		if end.Kind != code.Returns || end.Max(0) == 0 || end.In != f {
			continue
		}
		if end.Value != nil && isTrue(end.Value) {
			some = true
		} else if end.Min(0) > 0 {
			return false
		}
	}
	return some && !ways.Cut
}
