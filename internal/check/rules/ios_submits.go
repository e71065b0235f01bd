package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
)

// schedulerCalls are calls of a method of BGTaskScheduler.
func (p *Pass) schedulerCalls(method, objC string) []code.Call {
	if p.Project.IOS == nil || p.Project.IOS.Code == nil {
		return nil
	}
	var calls []code.Call
	for _, name := range []string{method, objC} {
		for _, c := range p.Project.IOS.Code.Calls(name) {
			if inTests(c.Unit) || len(c.Node.Kids) == 0 {
				continue
			}
			if strings.Contains(c.Unit.Text(c.Node.Kids[0].Span), "BGTaskScheduler") || p.isScheduler(c) {
				calls = append(calls, c)
			}
		}
	}
	return calls
}

// isScheduler tells whether a call is one of a variable that holds the scheduler.
func (p *Pass) isScheduler(c code.Call) bool {
	callee, native := c.Node.Kids[0], p.Project.IOS.Code
	if callee.Kind != island.Member || len(callee.Kids) == 0 {
		return false
	}
	if native.TypeName(c.Unit, callee.Kids[0]) == "BGTaskScheduler" {
		return true
	}
	return slices.ContainsFunc(native.Resolve(c.In, c.Unit, callee.Kids[0]), func(d *island.Decl) bool {
		return d.Kind == island.Variable && d.Init() != nil && strings.HasPrefix(native.UnitOf(d).Text(d.Init().Span), "BGTaskScheduler")
	})
}

func checkSubmitSwallowed(p *Pass) {
	for _, c := range p.schedulerCalls("submit", "submitTaskRequest:error:") {
		if c.In == nil {
			continue
		}
		if how := p.swallowed(c.In, c.Node); how != "" {
			p.Report(p.Call(c.Unit, c.Node), "%s hides why iOS refuses this request", how)
			continue
		}
		if d := methodOf(c.In); d != nil && d.Has(island.Throws) && c.In.Closure == nil {
			for _, use := range p.Project.IOS.Code.Uses(d) {
				if use.In == nil || !use.Called || inTests(use.Unit) {
					continue
				}
				if how := p.swallowed(use.In, use.Node); how != "" {
					f := p.Report(p.Node(use.Unit, use.Node), "%s hides why iOS refuses the request", how)
					f.Related = []finding.Related{{Place: p.Call(c.Unit, c.Node), Text: "it is submitted here"}}
				}
			}
		}
		switch out := c.Node.Arg("error"); {
		case out == nil:
		case out.Kind == island.Null:
			p.Report(p.Call(c.Unit, c.Node), "error:nil hides why iOS refuses this request")
		case unread(c.In.Body(), c.Node, out):
			p.Report(p.Call(c.Unit, c.Node), "nobody looks at the error of this request")
		}
	}
}

// swallowed names what keeps the error of a call from being seen; "" where nothing does.
func (p *Pass) swallowed(in *code.Func, call *island.Node) string {
	if try := enclosing(in.Body(), call, island.Unary); try != nil && try.Name == "try?" {
		return "try?"
	}
	for _, g := range p.Project.IOS.Code.Guards(in, call) {
		if g.Kind == code.InTry && g.Cond != nil && emptyCatch(g.Cond) {
			return "the empty catch"
		}
	}
	return ""
}

// emptyCatch tells whether a catch of a try does nothing.
func emptyCatch(try *island.Node) bool {
	for _, kid := range try.Kids {
		if kid.Kind == island.Catch && len(kid.Kids) > 0 && len(kid.Kids[0].Kids) == 0 {
			return true
		}
	}
	return false
}

func checkCancelsAll(p *Pass) {
	for _, c := range p.schedulerCalls("cancelAllTaskRequests", "cancelAllTaskRequests") {
		if p.submitsAfter(c) {
			p.Report(p.Call(c.Unit, c.Node), "all requests of the app are cancelled before one is submitted")
		}
	}
}

// submitsAfter tells whether the function around a call goes on to submit a request, itself or by what
// it calls; where the function does nothing but this call, whether one that calls it does.
func (p *Pass) submitsAfter(c code.Call) bool {
	native := p.Project.IOS.Code
	from := []code.Use{{Node: c.Node, In: c.In}}
	if d := methodOf(c.In); d != nil && d.Body() != nil && len(d.Body().Kids) == 1 {
		from = append(from, native.Uses(d)...)
	}
	for _, use := range from {
		if use.In == nil {
			continue
		}
		for _, s := range p.schedulerCalls("submit", "submitTaskRequest:error:") {
			if s.In == use.In && s.Node.Start > use.Node.End {
				return true
			}
		}
		for _, edge := range native.Callees(use.In) {
			if edge.To.Closure == nil && !edge.Guess && edge.Node.Start > use.Node.End && len(native.Reach(edge.To).Calls("submit")) > 0 {
				return true
			}
		}
	}
	return false
}

// unread tells whether neither the error that a call of Objective-C writes to out nor its result is
// looked at, but for an if that does nothing.
func unread(body, call, out *island.Node) bool {
	var names []string
	island.Walk(out, func(n *island.Node) bool {
		if n.Kind == island.Ident {
			names = append(names, n.Name)
		}
		return true
	})
	read := len(names) != 1
	if stmt := enclosing(body, call, island.Expr); stmt == nil || stmt.Kids[0] != call {
		local := enclosing(body, call, island.Local)
		if local == nil || local.Decl == nil || len(local.Kids) == 0 || local.Kids[0] != call {
			return false
		}
		names = append(names, local.Decl.Name)
	}
	island.Walk(body, func(n *island.Node) bool {
		if n == call {
			return false
		}
		if n.Kind == island.If && len(n.Kids) == 2 && len(n.Kids[1].Kids) == 0 {
			return false
		}
		read = read || n.Kind == island.Ident && slices.Contains(names, n.Name)
		return !read
	})
	return !read
}
