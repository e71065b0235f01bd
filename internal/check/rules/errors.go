package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
)

// calm are calls that are awaited and do not fail for what happens outside of the app.
var calm = []string{"delayed", "value", "getInstance", "ensureInitialized", "finish", "preloadSharedPreferences", "setBool", "setInt", "setString", "setDouble", "setStringList", "remove", "reload", "stop", "close", "dispose", "cancel"}

// escapes are the nodes of f's own body from which an error leaves f: what is thrown,
// awaited or returned as a future, and may fail. Of a called function of the program that
// is looked into.
func (p *Pass) escapes(f *code.Func) []*island.Node {
	m := p.memo()
	if nodes, known := m.escapes[f]; known {
		return nodes
	}
	if m.escapes == nil {
		m.escapes = make(map[*code.Func][]*island.Node)
	}
	m.escapes[f] = nil // a function that calls itself
	var nodes []*island.Node
	f.Walk(func(n *island.Node) bool {
		if p.fails(f, n) && !p.dart().Caught(f, n) && p.release(f.File, n) {
			nodes = append(nodes, n)
		}
		return true
	})
	if body := f.Body(); body != nil && body.Kind == island.Call && p.dart().IsAsync(f) && p.callFails(f, body) {
		nodes = append(nodes, body)
	}
	m.escapes[f] = nodes
	return nodes
}

// fails tells whether a node may throw, or await what may.
func (p *Pass) fails(f *code.Func, n *island.Node) bool {
	switch n.Kind {
	case island.Throw:
		return true
	case island.Await, island.Return:
		if len(n.Kids) == 0 {
			return false
		}
		call := n.Kids[0]
		for call.Kind == island.Unary && len(call.Kids) > 0 {
			call = call.Kids[0]
		}
		if call.Kind != island.Call {
			return false
		}
		if n.Kind == island.Return && !p.dart().IsAsync(f) {
			return false
		}
		return p.callFails(f, call)
	}
	return false
}

// callFails tells whether a call whose future is awaited may fail.
func (p *Pass) callFails(f *code.Func, call *island.Node) bool {
	name := island.CalleeName(call)
	if name == "catchError" || name == "onError" || name == "error" && named(call.Kids[0]) == "Future" {
		return false // one is caught, the other one is meant
	}
	decls := p.dart().Resolve(f, f.File, call.Kids[0])
	if len(decls) == 0 {
		return name != "" && !slices.Contains(calm, name) && !classLike(name)
	}
	for _, d := range decls {
		callee := p.dart().FuncOf(d)
		if callee == nil || d.Kind != island.Function || !p.dart().IsAsync(callee) {
			continue
		}
		if len(p.escapes(callee)) > 0 {
			return true
		}
	}
	return false
}

// chain is the handler of an entry, and what it does nothing but call.
func (p *Pass) chain(e *entry) []*code.Func { return p.chainFrom(e.Work) }

func (p *Pass) chainFrom(f *code.Func) []*code.Func {
	out := []*code.Func{f}
	for len(out) < 5 {
		f := out[len(out)-1]
		if !p.onlyPasses(f) {
			break
		}
		var next *code.Func
		for _, edge := range p.dart().Callees(f) {
			if !edge.Guess && edge.To.Closure == nil && edge.To.Decl.Kind == island.Function {
				next = edge.To
			}
		}
		if next == nil || slices.Contains(out, next) || !p.ownWork(next) {
			break
		}
		out = append(out, next)
	}
	return out
}

func errorEscapes(p *Pass) {
	if p.Project.Android == nil {
		return
	}
	for _, e := range p.working() {
		if e.Plugin != "workmanager" {
			continue
		}
		f, nodes := e.Work, p.escapes(e.Work)
		for depth := 0; len(nodes) == 1 && depth < 4; depth++ {
			next := p.passedTo(f, nodes[0])
			if next == nil || len(p.escapes(next)) == 0 {
				break
			}
			f, nodes = next, p.escapes(next)
		}
		if len(nodes) == 0 {
			continue
		}
		what := "an error here leaves"
		if nodes[0].Kind == island.Throw {
			what = "this leaves"
		}
		r := p.Report(p.Span(f.File, head(nodes[0])), "%s the handler of %s: the run is over as failed, without a retry", what, e.name())
		r.Subject = e.name() + " " + f.Name()
	}
}

// passedTo is the function of the program that a node awaits or returns.
func (p *Pass) passedTo(f *code.Func, n *island.Node) *code.Func {
	if n.Kind != island.Await && n.Kind != island.Return || len(n.Kids) == 0 || n.Kids[0].Kind != island.Call {
		return nil
	}
	if ds := p.dart().Resolve(f, f.File, n.Kids[0].Kids[0]); len(ds) == 1 {
		return p.dart().FuncOf(ds[0])
	}
	return nil
}

// head is the part of a node up to its arguments.
func head(n *island.Node) island.Span {
	s := n.Span
	for x := n; x != nil; {
		switch {
		case x.Kind == island.Call && len(x.Kids) > 0:
			s.End = x.Kids[0].End
			return s
		case len(x.Kids) > 0:
			x = x.Kids[0]
		default:
			return s
		}
	}
	return s
}

// isTrue tells whether an expression is true or a future of it.
func isTrue(n *island.Node) bool {
	if n.Kind == island.Call && island.CalleeName(n) == "value" && n.Positional(0) != nil {
		n = n.Positional(0)
	}
	return n.Kind == island.Bool && n.Name == "true"
}

// isFalse tells whether an expression is false or a future of it.
func isFalse(n *island.Node) bool {
	if n.Kind == island.Call && island.CalleeName(n) == "value" && n.Positional(0) != nil {
		n = n.Positional(0)
	}
	return n.Kind == island.Bool && n.Name == "false"
}

func retryNeverHeals(p *Pass) {
	stays := []string{"FormatException", "TypeError", "ArgumentError", "RangeError", "JsonUnsupportedObjectError", "UnsupportedError"}
	for _, e := range p.working() {
		if e.Plugin != "workmanager" {
			continue
		}
		for _, f := range p.chain(e) {
			f.Walk(func(n *island.Node) bool {
				if n.Kind != island.Catch || !slices.Contains(stays, n.Text) || len(n.Kids) == 0 {
					return true
				}
				for _, s := range n.Kids[0].Kids {
					if s.Kind == island.Return && len(s.Kids) > 0 && isFalse(s.Kids[0]) {
						r := p.Report(p.Node(f.File, s), "%s will be there at the next attempt too", n.Text)
						r.Subject = n.Text
					}
				}
				return true
			})
		}
	}
}

func unknownTaskSucceeds(p *Pass) {
	for _, e := range p.working() {
		if e.Plugin != "workmanager" {
			continue
		}
		_, sw, _ := p.handled(e)
		if sw == nil {
			continue
		}
		for _, c := range sw.Kids[1:] {
			if c.Kind != island.Case || c.Name != "default" || len(c.Kids) == 0 {
				continue
			}
			last := c.Kids[len(c.Kids)-1]
			if last.Kind == island.Block && len(last.Kids) > 0 {
				last = last.Kids[len(last.Kids)-1]
			}
			// Of a switch that is an expression the value stands there by itself.
			if (last.Kind == island.Return || last.Kind == island.Expr) && len(last.Kids) > 0 && isTrue(last.Kids[0]) {
				p.Report(p.Node(e.Work.File, last), "a task that %s does not know is reported as done", e.name()).Subject = e.name()
			}
		}
	}
}

// waysOf returns the ways in which a function ends, whatever it does before.
func waysOf(program *code.Program, f *code.Func) code.Ways {
	return program.Ways(f, code.Question{Event: func(*code.Func, *island.Node) int { return -1 }})
}

func resultMissing(p *Pass) {
	for _, e := range p.working() {
		if e.Plugin != "workmanager" || e.Work.Body() == nil {
			continue
		}
		ways := waysOf(p.dart(), e.Work)
		if ways.Cut {
			continue
		}
		for _, end := range ways.Ends {
			if end.Kind == code.Falls || end.Kind == code.Returns && (end.Value == nil || end.Value.Kind == island.Null) && end.In == e.Work {
				at := p.Span(e.Work.File, island.Span{Start: e.Work.Start(), End: e.Work.Start() + 1})
				if end.Node != nil {
					at = p.Node(e.Work.File, end.Node)
				}
				p.Report(at, "the handler of %s can end without a result, which counts as false", e.name()).Subject = e.name()
				break
			}
		}
	}
}

func fetchNotFinished(p *Pass) {
	for _, e := range p.working() {
		body := e.Work.Body()
		if e.Plugin != "background_fetch" || body == nil || body.Kind == island.Block && len(body.Kids) == 0 {
			continue // an empty one stands for none
		}
		finishes := func(f *code.Func, n *island.Node) bool {
			if n.Kind != island.Call {
				return false
			}
			if finishesFetch(n) {
				return true
			}
			for _, d := range p.dart().Resolve(f, f.File, n.Kids[0]) {
				if callee := p.dart().FuncOf(d); callee != nil && d.Kind == island.Function && p.finishesIn(callee) {
					return true
				}
			}
			return false
		}
		ways := p.dart().Ways(e.Work, code.Question{
			Event: func(f *code.Func, n *island.Node) int {
				if finishes(f, n) {
					return 0
				}
				return -1
			},
			Throws: func(f *code.Func, n *island.Node) bool {
				return n.Kind == island.Await && len(n.Kids) > 0 && !finishes(f, n.Kids[0]) && p.frail(f, n.Kids[0])
			},
			World: code.World{Build: "release"},
		})
		var worst *code.End
		for i, end := range ways.Ends {
			if end.Kind == code.Hangs || end.Min(0) > 0 {
				continue
			}
			if worst == nil || worst.Kind == code.Throws && end.Kind != code.Throws {
				worst = &ways.Ends[i]
			}
		}
		if worst == nil || ways.Cut {
			continue
		}
		at := p.Span(e.Work.File, island.Span{Start: e.Work.Start(), End: e.Work.Start() + 1})
		if worst.Node != nil {
			at = p.Span(e.Work.File, head(worst.Node))
		}
		what := "%s can end without BackgroundFetch.finish"
		if worst.Kind == code.Throws {
			what = "an error here leaves %s without BackgroundFetch.finish"
		}
		f := p.Report(at, what, e.Work.Name())
		f.Subject = e.Work.Name()
		if worst.Kind != code.Throws && worst.Max(0) == 0 {
			f.Certainty = finding.Error
		}
	}
}

// finishesFetch tells whether a call is BackgroundFetch.finish, and not that of an activity.
func finishesFetch(call *island.Node) bool {
	on := receiver(call)
	return island.CalleeName(call) == "finish" && on != nil && named(on) == "BackgroundFetch"
}

// finishesIn tells whether a function calls BackgroundFetch.finish, itself or by what it calls
// for certain: not in a callback that it registers.
func (p *Pass) finishesIn(f *code.Func) bool {
	reach := p.dart().Reach(f)
	return slices.ContainsFunc(reach.Calls("finish"), func(c code.Call) bool {
		registered := slices.ContainsFunc(p.working(), func(e *entry) bool { return e.Work == c.In && e.Work != f })
		return finishesFetch(c.Node) && !registered && reach.Sure(c.In) && reach.Depth(c.In) < 4
	})
}

// frail tells whether an awaited call may throw: all but what catches its own errors. Unlike
// callFails it counts what the app's own data can do wrong.
func (p *Pass) frail(f *code.Func, call *island.Node) bool {
	if call.Kind != island.Call {
		return true
	}
	decls := p.dart().Resolve(f, f.File, call.Kids[0])
	if len(decls) == 0 {
		return !slices.Contains(calm, island.CalleeName(call)) && island.CalleeName(call) != "catchError"
	}
	for _, d := range decls {
		callee := p.dart().FuncOf(d)
		if callee == nil {
			return true
		}
		bare := false
		callee.Walk(func(n *island.Node) bool {
			bare = bare || n.Kind == island.Call && !logs(island.CalleeName(n)) && !slices.Contains(calm, island.CalleeName(n)) && !p.dart().Caught(callee, n)
			return !bare
		})
		if bare {
			return true
		}
	}
	return false
}

// lost tells whether a dropped future is one whose work matters.
func (p *Pass) lost(d code.Dropped) bool {
	name := island.CalleeName(d.Node)
	if name == "finish" || name == "close" || name == "dispose" || name == "cancel" || logs(name) || strings.HasPrefix(name, "log") {
		return false
	}
	if name == "show" {
		on := receiver(d.Node)
		return on != nil && p.typeOf(d.Unit, on) == "FlutterLocalNotificationsPlugin"
	}
	return true
}
