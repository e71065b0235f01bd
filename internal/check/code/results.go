package code

import "github.com/lullwork/lull/internal/check/island"

// Result is an expression that a function may return.
type Result struct {
	Node *island.Node
	In   *Func // where it stands: f, or a closure that f runs right there
}

// Results are the expressions whose values f may return, in the order of the source:
// branches of conditions, last expressions where the language takes them, what a closure
// that is run right there gives. A way that returns nothing is not among them.
func (p *Program) Results(f *Func) []Result {
	r := results{p: p}
	body := f.Body()
	switch {
	case body == nil:
	case body.Kind != island.Block, last(f):
		r.value(f, body)
	default:
		r.returns(f)
	}
	return r.found
}

// last tells whether a function gives what its last statement gives.
func last(f *Func) bool {
	switch f.File.Lang {
	case island.Kotlin:
		return f.Closure != nil
	case island.Swift:
		b := f.Body()
		return len(b.Kids) == 1 && (b.Kids[0].Kind == island.Expr || b.Kids[0].Kind == island.Switch || b.Kids[0].Kind == island.If) && !returnsInside(f)
	}
	return false
}

func returnsInside(f *Func) bool {
	found := false
	f.Walk(func(n *island.Node) bool {
		found = found || n.Kind == island.Return
		return !found
	})
	return found
}

// results gathers what a function may return.
type results struct {
	p     *Program
	found []Result
}

// returns adds the values of return statements in a function's own body.
func (r *results) returns(f *Func) {
	f.Walk(func(n *island.Node) bool {
		if n.Kind == island.Return && len(n.Kids) > 0 {
			r.value(f, n.Kids[0])
			return false
		}
		if n.Kind == island.Call && f.File.Lang == island.Kotlin && (runsOnce[island.CalleeName(n)] || runsOften[island.CalleeName(n)]) {
			for _, a := range n.Args { // a return in it leaves f
				if a.Value != nil && a.Value.Kind == island.Closure {
					r.leaving(r.p.opens(a.Value, a.Value, f))
				}
			}
		}
		return true
	})
}

// leaving adds the returns without a label in a closure that is run right there.
func (r *results) leaving(f *Func) {
	f.Walk(func(n *island.Node) bool {
		if n.Kind == island.Return && n.Name == "" && len(n.Kids) > 0 {
			r.value(f, n.Kids[0])
			return false
		}
		return true
	})
}

// value adds what an expression gives, taken apart.
func (r *results) value(f *Func, n *island.Node) {
	if n == nil {
		return
	}
	from := func(i int) {
		for ; i < len(n.Kids); i++ {
			r.value(f, n.Kids[i])
		}
	}
	switch n.Kind {
	case island.Expr, island.Finally, island.Catch, island.Do:
		if n.Kind != island.Finally && len(n.Kids) > 0 {
			r.value(f, n.Kids[len(n.Kids)-1])
		}
	case island.Return:
		from(0)
	case island.Await:
		from(0)
	case island.Unary:
		if n.Name == "!" || n.Name == "!!" || n.Name == "try" || n.Name == "try!" || n.Name == "try?" {
			from(0)
			return
		}
		r.found = append(r.found, Result{n, f})
	case island.Block:
		if len(n.Kids) > 0 {
			for _, s := range n.Kids[:len(n.Kids)-1] {
				r.inner(f, s)
			}
			r.value(f, n.Kids[len(n.Kids)-1])
		}
	case island.If, island.Cond, island.Switch:
		from(1)
	case island.Case:
		if len(n.Kids) > 0 {
			r.value(f, n.Kids[len(n.Kids)-1])
		}
	case island.Try:
		from(0)
	case island.Binary:
		if n.Name == "??" || n.Name == "?:" {
			from(0)
			return
		}
		r.found = append(r.found, Result{n, f})
	case island.Call:
		r.call(f, n)
	case island.Throw, island.Local, island.LocalFn, island.While, island.For, island.Break, island.Continue, island.Assign:
		r.inner(f, n)
	default:
		r.found = append(r.found, Result{n, f})
	}
}

// inner adds the returns in a statement.
func (r *results) inner(f *Func, n *island.Node) {
	if n.Kind == island.Return && n.Name == "" || n.Kind == island.Return && f.Closure != nil {
		r.value(f, n)
		return
	}
	if n.Kind == island.Closure || n.Kind == island.LocalFn {
		return
	}
	each(n, func(k *island.Node) { r.inner(f, k) })
}

// call adds what the closure gives that a call runs right there, else the call.
func (r *results) call(f *Func, n *island.Node) {
	name := island.CalleeName(n)
	if c := n.Kids[0]; runsOnce[name] && len(n.Args) > 0 || c.Kind == island.Closure {
		closure := c
		if c.Kind != island.Closure {
			closure = n.Args[len(n.Args)-1].Value
		}
		if closure != nil && closure.Kind == island.Closure && name != "also" && name != "apply" {
			inner := r.p.opens(closure, closure, f)
			r.found = append(r.found, r.p.Results(inner)...)
			return
		}
	}
	r.found = append(r.found, Result{n, f})
}

// foldResults is one of what a body returns.
func (p *Program) foldResults(e env, u *Unit, body *island.Node) Value {
	if body.Kind != island.Block {
		return p.fold(e, u, body)
	}
	var all []Value
	var walk func(n *island.Node)
	walk = func(n *island.Node) {
		switch {
		case n.Kind == island.Closure || n.Kind == island.LocalFn:
		case n.Kind == island.Return && len(n.Kids) > 0:
			all = p.in(e, all, p.fold(e, u, n.Kids[0]), u, n)
		default:
			each(n, walk)
		}
	}
	walk(body)
	if len(all) == 0 && len(body.Kids) == 1 && u.Lang != island.Dart {
		return p.fold(e, u, body.Kids[0])
	}
	return joinAll(all)
}
