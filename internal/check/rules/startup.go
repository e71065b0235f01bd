package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
)

// startup are the functions that run at each launch: what main() calls, and initState of
// the root widget with what it calls. Closures that wait for something are not among them.
func (p *Pass) startup() map[*code.Func]bool {
	m := p.memo()
	if m.startup != nil {
		return m.startup
	}
	m.startup = make(map[*code.Func]bool)
	for _, f := range p.mains() {
		p.launch(f, 0)
	}
	return m.startup
}

// mains are the main functions of the app.
func (p *Pass) mains() []*code.Func {
	var out []*code.Func
	for _, u := range p.dart().Units() {
		if inTests(u) || !strings.Contains(u.Path, "lib/main") {
			continue
		}
		for _, d := range u.Decls {
			if d.Kind == island.Function && d.Name == "main" {
				if f := p.dart().FuncOf(d); f != nil {
					out = append(out, f)
				}
			}
		}
	}
	return out
}

const deepestStart = 8

func (p *Pass) launch(f *code.Func, depth int) {
	m := p.memo()
	if f == nil || m.startup[f] || depth > deepestStart {
		return
	}
	m.startup[f] = true
	for _, edge := range p.dart().Callees(f) {
		switch {
		case edge.Guess || edge.Node == nil:
		case edge.To.Closure != nil:
			if p.runsNow(f, edge.To.Closure) {
				p.launch(edge.To, depth+1)
			}
		case edge.To.Decl.Kind == island.Function && calledAt(f, edge.Node):
			p.launch(edge.To, depth+1)
		}
	}
	island.Walk(f.Body(), func(n *island.Node) bool {
		if n.Kind == island.Call && island.CalleeName(n) == "runApp" {
			p.launchWidget(f, n, depth)
		}
		return true
	})
}

// launchWidget takes initState of the widgets that runApp is given.
func (p *Pass) launchWidget(f *code.Func, runApp *island.Node, depth int) {
	island.Walk(runApp, func(n *island.Node) bool {
		if n.Kind == island.Closure {
			return false
		}
		if n.Kind != island.Call || !classLike(island.CalleeName(n)) {
			return true
		}
		for _, d := range p.dart().Resolve(f, f.File, n.Kids[0]) {
			p.launch(p.initState(d), depth+1)
		}
		return true
	})
}

// initState is that of a widget's state.
func (p *Pass) initState(d *island.Decl) *code.Func {
	for d != nil && d.Kind != island.Class {
		d = d.Parent
	}
	create := member(d, "createState")
	f := p.dart().FuncOf(create)
	if f == nil {
		return nil
	}
	var found *code.Func
	island.Walk(f.Body(), func(n *island.Node) bool {
		if n.Kind == island.Call && found == nil {
			for _, state := range p.dart().Resolve(f, f.File, n.Kids[0]) {
				for state != nil && state.Kind != island.Class {
					state = state.Parent
				}
				found = p.dart().FuncOf(member(state, "initState"))
			}
		}
		return found == nil
	})
	return found
}

// member is a class's own member with a name, nil without.
func member(d *island.Decl, name string) *island.Decl {
	if d == nil {
		return nil
	}
	for _, m := range d.Members {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// calledAt tells whether a node of f names what a call calls, or is a call itself.
func calledAt(f *code.Func, n *island.Node) bool {
	if n.Kind == island.Call {
		return true
	}
	called := false
	island.Walk(f.Body(), func(x *island.Node) bool {
		if x.Kind == island.Call && x.Kids[0] == n {
			called = true
		}
		return !called && x.Start <= n.Start && n.End <= x.End
	})
	return called
}

// runsNow tells whether a closure in f is handed to what runs it soon and once.
func (p *Pass) runsNow(f *code.Func, closure *island.Node) bool {
	soon := []string{"runZonedGuarded", "runZoned", "then", "microtask", "whenComplete", "addPostFrameCallback", "scheduleMicrotask", "init", "wait", "forEach", "delayed", "Timer"}
	now := false
	island.Walk(f.Body(), func(n *island.Node) bool {
		if n.Kind == island.Call {
			for i := range n.Args {
				if n.Args[i].Value == closure {
					now = slices.Contains(soon, island.CalleeName(n)) || n.Args[i].Label == "appRunner"
				}
			}
		}
		return n.Start <= closure.Start && closure.End <= n.End
	})
	return now
}

// outermost is the declared function around a body.
func outermost(f *code.Func) *code.Func {
	for f != nil && f.Outer != nil {
		f = f.Outer
	}
	return f
}

// onlyInMain tells whether a function is called by main() and nothing else.
func (p *Pass) onlyInMain(f *code.Func, depth int) bool {
	f = outermost(f)
	if slices.Contains(p.mains(), f) {
		return true
	}
	if f.Decl == nil || depth == 0 {
		return false
	}
	uses := slices.DeleteFunc(p.dart().Uses(f.Decl), func(u code.Use) bool { return inTests(u.Unit) })
	for i := range uses {
		if uses[i].In == nil || !p.onlyInMain(uses[i].In, depth-1) {
			return false
		}
	}
	return len(uses) > 0
}

// atLaunch tells whether a call runs at each launch.
func (p *Pass) atLaunch(c code.Call) bool {
	for f := c.In; f != nil; f = f.Outer {
		if p.startup()[f] {
			return f == c.In || p.runsNow(f, c.In.Closure)
		}
	}
	return false
}
