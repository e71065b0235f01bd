package code

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// Functions that run a closure before they return: once, or any number of times.
var (
	runsOnce = map[string]bool{
		"let": true, "run": true, "apply": true, "also": true, "with": true, "use": true, "withContext": true,
		"coroutineScope": true, "supervisorScope": true, "runBlocking": true, "synchronized": true, "withLock": true,
		"withTimeout": true, "withTimeoutOrNull": true, "runCatching": true, "measureTimeMillis": true,
		"withTransaction": true, "buildList": true, "buildMap": true,
		"autoreleasepool": true, "performAndWait": true, "withTaskGroup": true, "withThrowingTaskGroup": true,
		"withCheckedContinuation": true, "withCheckedThrowingContinuation": true, "withUnsafeContinuation": true,
		"withTaskCancellationHandler": true, "assumeIsolated": true, "dispatch_sync": true,
		"runZonedGuarded": true, "runZoned": true, "setState": true, "transaction": true, "writeTxn": true,
	}
	runsOften = map[string]bool{
		"forEach": true, "map": true, "where": true, "any": true, "every": true, "fold": true, "reduce": true,
		"expand": true, "firstWhere": true, "lastWhere": true, "singleWhere": true, "removeWhere": true, "retainWhere": true,
		"sort": true, "filter": true, "flatMap": true, "compactMap": true, "mapNotNull": true, "onEach": true,
		"forEachIndexed": true, "mapIndexed": true, "all": true, "none": true, "first": true, "firstOrNull": true,
		"find": true, "sorted": true, "sortedBy": true, "sortedWith": true, "associate": true, "associateBy": true,
		"groupBy": true, "contains": true, "allSatisfy": true, "repeat": true, "putIfAbsent": true, "getOrPut": true,
		"getOrElse": true, "ifEmpty": true, "takeIf": true, "sumOf": true, "maxBy": true, "minBy": true,
	}
	// runsLater start a closure that runs once for certain.
	runsLater = map[string]bool{
		"Task": true, "detached": true, "async": true, "asyncAfter": true, "launch": true, "addOperation": true,
		"perform": true, "post": true, "postDelayed": true, "microtask": true, "scheduleMicrotask": true,
		"addPostFrameCallback": true, "performBackgroundTask": true, "dispatch_async": true,
		"dispatch_after": true, "execute": true, "runOnUiThread": true,
	}
	catchesInside = map[string]bool{"runCatching": true, "runZonedGuarded": true}
)

// call runs a call: its receiver, its arguments, then what it calls, as far as that is
// looked into.
func (w *walker) call(n *island.Node, s set, x *exits, awaited bool) set {
	if len(n.Kids) == 0 {
		return s
	}
	if w.budget--; w.budget < 0 {
		w.out.Cut = true
		return s
	}
	callee := n.Kids[0]
	name := island.CalleeName(n)
	if w.f.File.Lang == island.Dart && callee.Kind == island.Member && len(callee.Kids) > 0 {
		switch name {
		case "then", "whenComplete", "catchError", "onError", "timeout":
			return w.chained(n, name, s, x, awaited)
		}
	}
	if callee.Kind == island.Member {
		each(callee, func(k *island.Node) { s = w.run(k, s, x) })
	} else if callee.Kind != island.Ident {
		s = w.run(callee, s, x)
	}
	var closures []*Func
	for i := range n.Args {
		v := n.Args[i].Value
		if v == nil {
			continue
		}
		if v.Kind == island.Closure {
			closures = append(closures, w.p.opens(v, v, w.f))
			continue
		}
		s = w.run(v, s, x)
	}
	if callee.Kind == island.Closure { // it is called where it stands
		closures = append(closures, w.p.opens(callee, callee, w.f))
	}
	s, counted := w.event(n, s)
	if neverReturns(n) && len(w.p.refs(w.f.File, callee, 0)) == 0 {
		x.add(exit{kind: Hangs, node: n, in: w.f, set: s})
		return set{}
	}
	into := w.into(n)
	switch {
	case into != nil && !counted:
		s = w.enter(into, s, x, awaited || !w.p.IsAsync(into))
	case !counted || w.q.Throws != nil:
		if w.throws(n) {
			x.add(exit{kind: Throws, node: n, in: w.f, set: s})
		} else if w.tries > 0 && w.q.Throws == nil && w.f.File.Lang != island.Swift {
			x.add(exit{kind: lapses, set: s})
		}
	}
	for i, c := range closures {
		label := ""
		for k := range n.Args {
			if n.Args[k].Value == c.Closure {
				label = n.Args[k].Label
			}
		}
		s = w.closure(n, name, label, c, i, s, x, awaited)
	}
	return s
}

// enters tells whether a call is looked into.
func (w *walker) enters(n *island.Node) bool {
	return n != nil && n.Kind == island.Call && w.into(n) != nil
}

// into is the function that a call is looked into; nil if it is not.
func (w *walker) into(n *island.Node) *Func {
	if w.depth >= w.q.Inline || len(n.Kids) == 0 {
		return nil
	}
	refs := w.p.calleeRefs(w.f.File, n)
	if len(refs) != 1 || refs[0].Decl == nil {
		return nil
	}
	d := refs[0].Decl
	var f *Func
	switch d.Kind {
	case island.Function:
		f = w.p.FuncOf(d)
	case island.Variable:
		if init := initOf(refs[0]); init != nil && init.Kind == island.Closure && d.Parent == nil {
			w.p.FuncOf(d)
			if outer := w.p.funcOf(w.p.byFile[d.File], init); outer != nil {
				f = w.p.opens(init, init, outer)
			}
		}
	}
	if f == nil || slices.Contains(w.stack, f) || f.Decl != nil && f.Decl.Has(island.Generator) {
		return nil
	}
	return f
}

// enter looks into a function. Where nobody waits for it, what it throws is lost.
func (w *walker) enter(f *Func, s set, x *exits, waited bool) set {
	w.depth++
	w.stack = append(w.stack, f)
	inner := &exits{}
	r := w.function(f, s, inner)
	w.stack = w.stack[:len(w.stack)-1]
	w.depth--
	after := r.all()
	if !waited {
		after = after.or(inner.take(Throws)).or(inner.take(lapses))
	}
	inner.pass(x)
	return after
}

// closure runs a closure that a call takes, or hands it on.
func (w *walker) closure(n *island.Node, name, label string, c *Func, at int, s set, x *exits, awaited bool) set {
	switch {
	case n.Kids[0] == c.Closure:
	case label == "onCancel", label == "onError":
		return w.hand(Later{Func: c, In: w.f, Node: n, Name: label}, s, x)
	case runsOften[name]:
		for range 3 {
			s = s.or(w.inside(n, name, c, s, x, !c.Async()))
		}
		return s
	case !runsOnce[name], at > 0:
		if label != "" && !runsLater[name] {
			name = strings.TrimSuffix(label, ":")
		}
		return w.hand(Later{Func: c, In: w.f, Node: n, Name: name, Sure: runsLater[name]}, s, x)
	}
	return w.inside(n, name, c, s, x, awaited || !c.Async())
}

// inside runs a closure right here. In Kotlin a return without a label leaves the
// function around it.
func (w *walker) inside(n *island.Node, name string, c *Func, s set, x *exits, waited bool) set {
	inner := &exits{}
	w.stack = append(w.stack, c)
	r := w.function(c, s, inner)
	w.stack = w.stack[:len(w.stack)-1]
	after := r.set
	for _, e := range r.returns {
		if w.f.File.Lang == island.Kotlin && e.node.Kind == island.Return && e.label != name {
			x.add(e)
			continue
		}
		after = after.or(e.set)
	}
	if catchesInside[name] || !waited {
		after = after.or(inner.take(Throws)).or(inner.take(lapses))
	}
	inner.pass(x)
	return after
}

// hand notes a closure that is handed on, and runs it if it is to be taken for run.
func (w *walker) hand(l Later, s set, x *exits) set {
	if l.Func == nil {
		return s
	}
	if !w.handed[l.Func] {
		w.handed[l.Func] = true
		w.out.Later = append(w.out.Later, l)
	}
	if w.q.RunLater == nil || !w.q.RunLater(l) || slices.Contains(w.stack, l.Func) {
		return s
	}
	inner := &exits{}
	w.stack = append(w.stack, l.Func)
	r := w.function(l.Func, s, inner)
	w.stack = w.stack[:len(w.stack)-1]
	s = r.all().or(inner.take(Throws)).or(inner.take(lapses))
	inner.pass(x)
	return s
}

// chained runs future.then(...) and its kin, whose closures run here if it is awaited.
func (w *walker) chained(n *island.Node, name string, s set, x *exits, awaited bool) set {
	base := n.Kids[0].Kids[0]
	inner := &exits{}
	s = w.awaiting(base, s, inner)
	if !w.enters(base) && !isChain(base) && awaited && w.throws(&island.Node{Kind: island.Await, Span: base.Span, Kids: []*island.Node{base}}) {
		inner.add(exit{kind: Throws, node: base, in: w.f, set: s})
	}
	var closures []*Func
	handles := name == "catchError" || name == "onError" || n.Arg("onError") != nil
	for i := range n.Args {
		if v := n.Args[i].Value; v != nil && v.Kind == island.Closure {
			closures = append(closures, w.p.opens(v, v, w.f))
		} else {
			s = w.run(v, s, inner)
		}
	}
	s, _ = w.event(n, s)
	var thrown set
	if handles || name == "whenComplete" && len(closures) > 0 {
		thrown = inner.take(Throws)
	}
	inner.pass(x)
	for i, c := range closures {
		failed := name == "catchError" || name == "onError" || i > 0 || n.Arg("onError") == c.Closure
		switch {
		case !awaited:
			s = w.hand(Later{Func: c, In: w.f, Node: n, Name: name}, s.or(thrown), x)
		case name == "whenComplete":
			s = w.inside(n, name, c, s, x, true)
			x.add(exit{kind: Throws, node: base, in: w.f, set: w.inside(n, name, c, thrown, x, true)})
			thrown = set{}
		case failed:
			s = s.or(w.inside(n, name, c, thrown, x, true))
			thrown = set{}
		default:
			s = w.inside(n, name, c, s, x, true)
		}
	}
	return s.or(thrown)
}

// isChain tells whether a call hands a future on that something before it gives.
func isChain(n *island.Node) bool {
	if n == nil || n.Kind != island.Call {
		return false
	}
	switch island.CalleeName(n) {
	case "then", "whenComplete", "catchError", "onError", "timeout":
		return len(n.Kids[0].Kids) > 0
	}
	return false
}
