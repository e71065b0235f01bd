package code

import (
	"slices"

	"github.com/lullwork/lull/internal/check/island"
)

// run goes through a statement or an expression and returns what goes on after it.
func (w *walker) run(n *island.Node, s set, x *exits) set {
	if n == nil || s.empty() {
		return s
	}
	if w.budget--; w.budget < 0 {
		w.out.Cut = true
		return s
	}
	kid := func(i int) *island.Node {
		if i < len(n.Kids) {
			return n.Kids[i]
		}
		return nil
	}
	switch n.Kind {
	case island.Block:
		return w.statements(n.Kids, s, x)
	case island.If, island.Cond:
		return w.branch(n, s, x)
	case island.Guard:
		return w.guard(n, s, x)
	case island.For, island.While:
		return w.loop(n, s, x)
	case island.Switch:
		return w.choose(n, s, x)
	case island.Try:
		return w.try(n, s, x)
	case island.Return:
		value := kid(0)
		s = w.returned(value, s, x)
		s, _ = w.event(n, s)
		x.add(exit{kind: Returns, node: n, value: value, in: w.f, label: n.Name, set: s})
		return set{}
	case island.Throw:
		s = w.run(kid(0), s, x)
		s, _ = w.event(n, s)
		x.add(exit{kind: Throws, node: n, in: w.f, set: s})
		return set{}
	case island.Break, island.Continue:
		kind := breaks
		switch {
		case n.Name == "fallthrough":
			kind = throughs
		case n.Kind == island.Continue:
			kind = continues
		}
		x.add(exit{kind: kind, set: s})
		return set{}
	case island.LocalFn, island.Closure:
		return s
	case island.Await:
		s = w.awaiting(kid(0), s, x)
		return w.after(n, s, x, !w.enters(kid(0)) && !isChain(kid(0)))
	case island.Unary:
		return w.unary(n, s, x)
	case island.Binary:
		return w.binary(n, s, x)
	case island.Assign:
		return w.assign(n, s, x)
	case island.Call:
		return w.call(n, s, x, false)
	}
	each(n, func(k *island.Node) { s = w.run(k, s, x) })
	s, _ = w.event(n, s)
	return s
}

// after counts a node and what it may throw.
func (w *walker) after(n *island.Node, s set, x *exits, mayThrow bool) set {
	s, _ = w.event(n, s)
	if mayThrow && w.throws(n) {
		x.add(exit{kind: Throws, node: n, in: w.f, set: s})
	}
	return s
}

// throws asks whether a node may throw.
func (w *walker) throws(n *island.Node) bool {
	if w.q.Throws != nil {
		return w.q.Throws(w.f, n)
	}
	return n.Kind == island.Await && w.f.File.Lang == island.Dart || n.Kind == island.Unary && n.Name == "try"
}

// awaiting runs an expression whose future is waited for.
func (w *walker) awaiting(n *island.Node, s set, x *exits) set {
	if n != nil && n.Kind == island.Call {
		return w.call(n, s, x, true)
	}
	return w.run(n, s, x)
}

// statements runs a list of them. What is deferred runs on each way out.
func (w *walker) statements(list []*island.Node, s set, x *exits) set {
	for i, n := range list {
		if s.empty() {
			return s
		}
		if n.Kind != island.Defer {
			w.rest = list[i+1:]
			s = w.run(n, s, x)
			continue
		}
		inner := &exits{}
		s = w.statements(list[i+1:], s, inner)
		return w.finally(n.Kids, s, inner, x)
	}
	return s
}

// finally runs a block on all ways out.
func (w *walker) finally(block []*island.Node, s set, inner, x *exits) set {
	for _, e := range inner.list {
		if e.kind != Hangs {
			e.set = w.statements(block, e.set, x)
		}
		x.add(e)
	}
	return w.statements(block, s, x)
}

func (w *walker) branch(n *island.Node, s set, x *exits) set {
	if len(n.Kids) == 0 {
		return s
	}
	rest := w.rest
	s = w.run(n.Kids[0], s, x)
	t := w.p.test(w.q.World, w.f.File, n.Kids[0], 0)
	into, past := s, s
	if n.Kind == island.If && len(n.Kids) > 1 {
		if o := w.once(n.Kids[0], true, n.Kids[1:2]); o != 0 {
			into, past = s.without(o), s.with(o)
		} else if len(n.Kids) == 2 && leaves(n.Kids[1]) {
			if o := w.once(n.Kids[0], false, rest); o != 0 {
				into, past = s.with(o), s.without(o)
			}
		}
	}
	var then, other set
	if t != no && len(n.Kids) > 1 {
		then = w.run(n.Kids[1], into, x)
	}
	if t != yes {
		other = past
		if len(n.Kids) > 2 {
			other = w.run(n.Kids[2], past, x)
		}
	}
	after := then.or(other)
	if n.Kind == island.Cond {
		after, _ = w.event(n, after)
	}
	return after
}

// guard goes on where its condition holds.
func (w *walker) guard(n *island.Node, s set, x *exits) set {
	if len(n.Kids) == 0 {
		return s
	}
	rest := w.rest
	s = w.run(n.Kids[0], s, x)
	t := w.p.test(w.q.World, w.f.File, n.Kids[0], 0)
	past := s
	if o := w.once(n.Kids[0], true, rest); o != 0 {
		past, s = s.with(o), s.without(o)
	}
	var other set
	if t != yes && len(n.Kids) > 1 {
		other = w.run(n.Kids[1], past, x)
	}
	if t == no {
		return other
	}
	return s.or(other)
}

// loop runs its body until nothing new can happen.
func (w *walker) loop(n *island.Node, s set, x *exits) set {
	if len(n.Kids) == 0 {
		return s
	}
	head, body := n.Kids[:len(n.Kids)-1], n.Kids[len(n.Kids)-1]
	do := n.Kind == island.While && n.Name == "do"
	endless := n.Kind == island.For && len(n.Kids) == 1
	if n.Kind == island.While && len(n.Kids) == 2 {
		if do && n.Kids[0].Kind == island.Block && n.Kids[1].Kind != island.Block {
			head, body = n.Kids[1:], n.Kids[0]
		}
		endless = w.p.test(w.q.World, w.f.File, head[0], 0) == yes
		if w.p.test(w.q.World, w.f.File, head[0], 0) == no && !do {
			return s
		}
	}
	if !do {
		for _, k := range head {
			s = w.run(k, s, x)
		}
	}
	var left set
	total, once := s, set{}
	for range 300 {
		inner := &exits{}
		next := w.run(body, total, inner)
		next = next.or(inner.take(continues))
		left = left.or(inner.take(breaks))
		inner.pass(x)
		if do {
			for _, k := range head {
				next = w.run(k, next, x)
			}
		}
		once = once.or(next)
		grown := total.or(next)
		if grown == total {
			break
		}
		total = grown
	}
	switch {
	case endless:
		if left.empty() {
			x.add(exit{kind: Hangs, node: n, in: w.f, set: total})
		}
		return left
	case do:
		return once.or(left)
	}
	return total.or(left)
}

// choose runs one of the cases.
func (w *walker) choose(n *island.Node, s set, x *exits) set {
	if len(n.Kids) == 0 {
		return s
	}
	cases := n.Kids
	if cases[0].Kind != island.Case {
		s = w.run(cases[0], s, x)
		cases = cases[1:]
	}
	lang := w.f.File.Lang
	inner := &exits{}
	var after, through set
	full := lang == island.Swift
	for _, c := range cases {
		if c.Kind != island.Case || len(c.Kids) == 0 && c.Name != "default" {
			continue
		}
		full = full || c.Name == "default"
		into := s.or(through)
		if w.q.World.excludes(Guard{Kind: InCase, Cond: c, Subject: n.Kids[0]}) {
			into = through
		}
		var body *island.Node
		if len(c.Kids) > 0 {
			body = c.Kids[len(c.Kids)-1]
		}
		if body != nil && body.Kind != island.Block && lang == island.Dart {
			full = true // a switch expression leaves nothing out
		}
		if body != nil && body.Kind == island.Block && len(body.Kids) == 0 && lang != island.Kotlin && lang != island.Swift {
			through = into
			continue
		}
		out := w.run(body, into, inner)
		if (lang == island.Java || lang == island.ObjC) && body != nil && body.Kind == island.Block {
			through = out
			continue
		}
		after = after.or(out)
		through = inner.take(throughs)
	}
	after = after.or(through)
	if lang != island.Kotlin {
		after = after.or(inner.take(breaks))
	}
	inner.pass(x)
	if !full && !w.exhaustive(n, cases) {
		after = after.or(s)
	}
	return after
}

// exhaustive tells whether the cases name all values of an enum.
func (w *walker) exhaustive(n *island.Node, cases []*island.Node) bool {
	var enum *island.Decl
	var named []*island.Decl
	for _, c := range cases {
		for _, pattern := range c.Kids[:max(0, len(c.Kids)-1)] {
			for _, d := range w.p.Resolve(nil, w.f.File, pattern) {
				if d.Kind == island.EnumValue && !slices.Contains(named, d) {
					named = append(named, d)
					enum = d.Parent
				}
			}
		}
	}
	if enum == nil {
		return false
	}
	for _, m := range enum.Members {
		if m.Kind == island.EnumValue && !slices.Contains(named, m) {
			return false
		}
	}
	return true
}

// try runs its block, what catches, and what is run in any case.
func (w *walker) try(n *island.Node, s set, x *exits) set {
	if len(n.Kids) == 0 {
		return s
	}
	out := &exits{}
	inner := &exits{}
	w.tries++
	after := w.run(n.Kids[0], s, inner)
	w.tries--
	lapsed := inner.take(lapses)
	caught := lapsed
	var thrown []exit
	inner.drop(func(e exit) bool {
		if e.kind == Throws {
			thrown = append(thrown, e)
		}
		return e.kind == Throws
	})
	inner.pass(out)
	for _, e := range thrown {
		caught = caught.or(e.set)
	}
	var last *island.Node
	all := false
	for _, k := range n.Kids[1:] {
		switch k.Kind {
		case island.Catch:
			after = after.or(w.statements(k.Kids, caught, out))
			all = all || catchAll(w.f.File.Lang, k)
		case island.Finally:
			last = k
		}
	}
	if !all {
		for _, e := range thrown {
			out.add(e)
		}
		if w.tries > 0 {
			out.add(exit{kind: lapses, set: lapsed})
		}
	}
	if last == nil {
		out.pass(x)
		return after
	}
	return w.finally(last.Kids, after, out, x)
}

func (w *walker) unary(n *island.Node, s set, x *exits) set {
	if len(n.Kids) == 0 {
		return s
	}
	if n.Name != "try?" && n.Name != "try!" {
		s = w.awaiting(n.Kids[0], s, x)
		call := n.Kids[0]
		if call.Kind == island.Await && len(call.Kids) > 0 {
			call = call.Kids[0]
		}
		return w.after(n, s, x, !w.enters(call))
	}
	inner := &exits{}
	s = w.awaiting(n.Kids[0], s, inner)
	thrown := inner.take(Throws)
	inner.pass(x)
	if n.Name == "try?" {
		s = s.or(thrown)
	}
	s, _ = w.event(n, s)
	return s
}

func (w *walker) binary(n *island.Node, s set, x *exits) set {
	if len(n.Kids) != 2 {
		each(n, func(k *island.Node) { s = w.run(k, s, x) })
		return s
	}
	s = w.run(n.Kids[0], s, x)
	switch n.Name {
	case "&&", "||", "??", "?:", ",":
		t := open
		if n.Name == "&&" || n.Name == "||" {
			t = w.p.test(w.q.World, w.f.File, n.Kids[0], 0)
		}
		switch {
		case n.Name == "&&" && t == no, n.Name == "||" && t == yes:
		case n.Name == "&&" && t == yes, n.Name == "||" && t == no:
			s = w.run(n.Kids[1], s, x)
		default:
			s = s.or(w.run(n.Kids[1], s, x))
		}
	default:
		s = w.run(n.Kids[1], s, x)
	}
	s, _ = w.event(n, s)
	return s
}

// assign runs its value; a closure is handed on to what holds it.
func (w *walker) assign(n *island.Node, s set, x *exits) set {
	for i, k := range n.Kids {
		if i == 0 && binds(n) {
			continue
		}
		if k.Kind == island.Closure && i == 1 {
			s = w.hand(Later{Func: w.p.opens(k, k, w.f), In: w.f, Node: n, Name: n.Kids[0].Name, Set: true}, s, x)
			continue
		}
		s = w.run(k, s, x)
	}
	s, _ = w.event(n, s)
	return s
}
