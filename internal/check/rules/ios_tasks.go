package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
)

// What happens on a way through a launch handler.
const (
	completes = iota
	handsOn   // the task goes to something that is not known
	waits
	submits
)

// isCall tells whether a node calls one of these.
func isCall(n *island.Node, names ...string) bool {
	if n.Kind != island.Call {
		return false
	}
	callee := island.CalleeName(n)
	for _, name := range names {
		if callee == name {
			return true
		}
	}
	return false
}

// question looks at a handler's task. With later, closures that are handed on run, but for
// those that run when the time is up.
func (h *handled) question(native *code.Program, later bool) code.Question {
	q := code.Question{
		Inline: 5,
		Event: func(f *code.Func, n *island.Node) int {
			switch {
			case isCall(n, "setTaskCompleted", "setTaskCompletedWithSuccess:"):
				return completes
			case isCall(n, "submit", "submitTaskRequest:error:"):
				return submits
			case n.Kind == island.Await:
				return waits
			case h.hands(native, f, n, []string{"task", h.task}), n.Kind == island.Return && guarded(native, f, n):
				return handsOn
			}
			return -1
		},
		Throws: func(*code.Func, *island.Node) bool { return false },
	}
	if later {
		q.RunLater = code.Eventually
	}
	return q
}

func checkNotCompleted(p *Pass) {
	for _, h := range p.handlers() {
		native := p.Project.IOS.Code
		if len(h.completions()) == 0 {
			if !h.ignored() && (h.escapes(native) || len(native.Calls("setTaskCompleted"))+len(native.Calls("setTaskCompletedWithSuccess:")) > 0) {
				continue // it may be completed elsewhere
			}
			p.Report(p.Call(h.Unit, h.Node), "nothing completes the task: setTaskCompleted is not called").Subject = h.Unit.Text(h.ID.Span)
			continue
		}
		ways := native.Ways(h.behindCast(native), h.question(native, true))
		if ways.Cut {
			p.Unchecked(p.Call(h.Unit, h.Node), "launch handler", "it has too many ways")
			continue
		}
		for _, end := range ways.Ends {
			if end.Kind == code.Hangs || end.Kind == code.Throws || !misses(end.States) || h.never(native, end) {
				continue
			}
			at, what := p.Call(h.Unit, h.Node), "a way through the handler ends without setTaskCompleted"
			if end.Node != nil && end.In != nil && end.Node.Kind == island.Return {
				at, what = p.Node(end.In.File, end.Node), "this return leaves the task without setTaskCompleted"
			} else if u, cond, says, fine := h.condition(native); fine {
				continue
			} else if cond != nil {
				at, what = p.Node(u, cond), says
			}
			f := p.Report(at, "%s", what)
			f.Certainty, f.Subject = finding.Warning, h.Unit.Text(h.ID.Span)
			if registered := p.Call(h.Unit, h.Node); registered != at {
				f.Related = []finding.Related{{Place: registered, Text: "the launch handler is registered here"}}
			}
		}
	}
}

// ignored tells whether a handler leaves its task unnamed, so that nothing can complete it.
func (h *handled) ignored() bool { return h.task == "_" }

// behindCast is the function that a handler calls with its task once it has found that it is of
// the class that it expects, which it always is; else the handler itself.
func (h *handled) behindCast(native *code.Program) *code.Func {
	if h.fn.Body() == nil || !strings.Contains(h.fn.File.Text(h.fn.Body().Span), "as? BG") {
		return h.fn
	}
	edges := slices.Clone(native.Callees(h.fn))
	for _, edge := range edges {
		if edge.To.Closure != nil { // Task { await handle(task) }
			edges = append(edges, native.Callees(edge.To)...)
		}
	}
	for _, edge := range edges {
		if edge.To.Decl == nil || edge.Guess {
			continue
		}
		for i := range edge.To.Decl.Params {
			if strings.HasPrefix(edge.To.Decl.Params[i].Type, "BG") {
				return edge.To
			}
		}
	}
	return h.fn
}

// never tells whether an end of a handler is not reached as long as the task is what it should
// be, or only when the task has been completed elsewhere.
func (h *handled) never(native *code.Program, end code.End) bool {
	if end.Node == nil || end.In == nil {
		return false
	}
	return guarded(native, end.In, end.Node)
}

// guarded tells whether a node is only come to when the task is not of its class, or has been
// completed elsewhere.
func guarded(native *code.Program, f *code.Func, n *island.Node) bool {
	for _, g := range native.Guards(f, n) {
		if g.Kind != code.Condition || g.Cond == nil {
			continue
		}
		if text := f.File.Text(g.Cond.Span); expected(f, text) || flagged(text) {
			return true
		}
	}
	return false
}

// flagged tells whether a condition asks for what a handler notes when it is done.
func flagged(condition string) bool {
	condition = strings.ToLower(condition)
	return slices.ContainsFunc([]string{"complet", "finish", "cancel", "expire", "isdone"}, func(word string) bool { return strings.Contains(condition, word) })
}

// expected tells whether a condition around a node of f asks for what is so in a handler: the task is
// there and of its class, the owner of a closure is there, one of a loop's elements is the last.
func expected(f *code.Func, condition string) bool {
	condition = strings.TrimSpace(condition)
	switch {
	case strings.Contains(condition, "as? BG"), strings.Contains(condition, ".count - 1"), strings.Contains(condition, "==") && strings.HasSuffix(condition, ".last"):
		return true
	case !strings.HasPrefix(condition, "let ") || strings.Contains(condition, ","):
		return false
	}
	name := strings.TrimSpace(condition[strings.LastIndexByte(condition, '=')+1:])
	name = strings.TrimPrefix(name, "let ")
	for g := f; g != nil && name != "self"; g = g.Outer {
		if g.Decl != nil && slices.ContainsFunc(g.Decl.Params, func(p island.Param) bool { return p.Name == name && strings.HasPrefix(p.Type, "BG") }) {
			return true
		}
	}
	return name == "self"
}

// condition is what decides whether a handler completes its task, and what to say of it; nil where
// there are several calls that do, or no condition. It is fine where all there is can be expected.
func (h *handled) condition(native *code.Program) (u *code.Unit, cond *island.Node, what string, fine bool) {
	calls := slices.DeleteFunc(h.completions(), func(c code.Call) bool { return c.In == nil || h.expires(c.In) })
	if len(calls) != 1 {
		return nil, nil, "", false
	}
	f := calls[0].In
	for f != h.fn && f.Outer != nil {
		f = f.Outer
	}
	for _, g := range slices.Backward(native.Guards(f, calls[0].Node)) {
		switch u = calls[0].Unit; {
		case g.Kind == code.InCase && g.Subject != nil:
			return u, g.Subject, "not all cases of this complete the task: setTaskCompleted is called in one of them", false
		case g.Kind != code.Condition || g.Cond == nil:
		case flagged(u.Text(g.Cond.Span)):
			return nil, nil, "", true
		case !expected(f, u.Text(g.Cond.Span)):
			return u, g.Cond, "if this does not hold, the task is left without setTaskCompleted", false
		default:
			fine = true
		}
	}
	return nil, nil, "", fine
}

// expires tells whether a function is, or is inside of, what runs when the time is up.
func (h *handled) expires(f *code.Func) bool {
	for _, u := range h.expirations() {
		if assign := enclosing(u.In.Body(), u.Node, island.Assign); assign != nil && len(assign.Kids) > 1 {
			for g := f; g != nil; g = g.Outer {
				if g.Closure == assign.Kids[1] {
					return true
				}
			}
		}
	}
	return false
}

// misses tells whether something can end without the task completed or handed on.
func misses(states []code.State) bool {
	for _, s := range states {
		if s.Count(completes) == 0 && s.Count(handsOn) == 0 {
			return true
		}
	}
	return false
}

func checkCompletedTwice(p *Pass) {
	for _, h := range p.handlers() {
		native := p.Project.IOS.Code
		p.completesOnExpiry(native, &h)
		q := h.question(native, false)
		fns := []*code.Func{h.fn}
		for _, l := range native.Ways(h.fn, q).Later {
			if l.Sure && l.Func != nil {
				fns = append(fns, l.Func)
			}
		}
		for _, fn := range fns {
			for _, s := range native.Ways(fn, q).Sights {
				if s.Event != completes || streams(s.In.Body(), s.Node) {
					continue
				}
				for _, before := range s.Before {
					if before.Count(completes) > 0 {
						p.Report(p.Call(s.In.File, s.Node), "the task may have been completed before this").Subject = h.Unit.Text(h.ID.Span)
						break
					}
				}
			}
		}
	}
}

// streams tells whether a node is in a loop over a stream, whose last element ends the work.
func streams(body, n *island.Node) bool {
	loop := enclosing(body, n, island.For)
	return loop != nil && loop.Async
}

// completesOnExpiry reports an expirationHandler that completes the task beside the end of the
// work, if nothing tells the one from the other.
func (p *Pass) completesOnExpiry(native *code.Program, h *handled) {
	var expired, ended *code.Call
	for _, c := range h.completions() {
		if c.In == nil || slices.ContainsFunc(native.Guards(c.In, c.Node), func(g code.Guard) bool {
			return g.Kind == code.Condition && g.Cond != nil && flagged(c.Unit.Text(g.Cond.Span))
		}) {
			return
		}
		if h.expires(c.In) {
			expired = &c
		} else {
			ended = &c
		}
	}
	if expired == nil || ended == nil || h.atOnce(native) {
		return
	}
	f := p.Report(p.Call(expired.Unit, expired.Node), "when the time is up the task is completed here, and once more when the work ends")
	f.Certainty, f.Subject = finding.Hint, h.Unit.Text(h.ID.Span)
	f.Related = []finding.Related{{Place: p.Call(ended.Unit, ended.Node), Text: "the work ends here"}}
}

func checkNoExpiration(p *Pass) {
	for _, h := range p.handlers() {
		native := p.Project.IOS.Code
		expirations := h.expirations()
		if len(expirations) == 0 {
			if h.escapes(native) {
				continue
			}
			f := p.Report(p.Call(h.Unit, h.Node), "the handler sets no expirationHandler")
			f.Subject = h.Unit.Text(h.ID.Span)
			if h.atOnce(native) {
				f.Certainty = finding.Hint
			}
			continue
		}
		for _, u := range expirations {
			assign := enclosing(u.In.Body(), u.Node, island.Assign)
			if assign == nil || len(assign.Kids) < 2 || assign.Kids[1].Kind != island.Closure || !onlyLogs(assign.Kids[1], idle(u.In)) {
				continue
			}
			if slices.ContainsFunc(h.reach.Funcs(), func(f *code.Func) bool {
				return f.Closure == assign.Kids[1] && len(native.Reach(f).Calls("setTaskCompleted")) > 0
			}) {
				continue // what looks like a log completes it
			}
			f := p.Report(p.Node(u.Unit, u.Node), "the expirationHandler does not stop the work, and does not complete the task")
			f.Certainty, f.Subject = finding.Warning, h.Unit.Text(h.ID.Span)
			if h.atOnce(native) {
				f.Certainty = finding.Hint
			}
		}
	}
}

// atOnce tells whether a handler completes its task before it returns, so that little time
// can pass.
func (h *handled) atOnce(native *code.Program) bool {
	ways := native.Ways(h.behindCast(native), h.question(native, false))
	for _, end := range ways.Ends {
		for _, s := range end.States {
			if s.Count(completes) == 0 || s.Count(waits) > 0 {
				return false
			}
		}
	}
	return len(ways.Ends) > 0 && !ways.Cut
}

// onlyLogs tells whether a closure does nothing but to log, and to note what nobody heeds.
func onlyLogs(closure *island.Node, idle func(assign *island.Node) bool) bool {
	only := true
	for _, body := range closure.Kids {
		island.Walk(body, func(n *island.Node) bool {
			switch n.Kind {
			case island.Assign:
				only = only && idle(n)
			case island.Call:
				name := island.CalleeName(n)
				only = only && (name == "print" || name == "debugPrint" || n.Kids[0].Kind == island.Ident && loggerName(name) || onLog(n.Kids[0]))
				return false
			}
			return true
		})
	}
	return only
}

// idle tells of an assignment in a function whether it is one to a local variable that is read for
// logs at most.
func idle(f *code.Func) func(assign *island.Node) bool {
	for f.Outer != nil {
		f = f.Outer
	}
	return func(assign *island.Node) bool {
		local, heeded := false, false
		name := lastName(assign.Kids[0])
		island.Walk(f.Body(), func(n *island.Node) bool {
			switch n.Kind {
			case island.Local:
				local = local || n.Decl != nil && n.Decl.Name == name
			case island.If:
				return len(n.Kids) != 2 || !onlyLogs(&island.Node{Kids: n.Kids[1:]}, func(*island.Node) bool { return false })
			case island.Assign:
				return !(n.Kids[0].Kind == island.Ident && n.Kids[0].Name == name)
			case island.Ident:
				heeded = heeded || n.Name == name
			}
			return true
		})
		return assign.Kids[0].Kind == island.Ident && local && !heeded
	}
}

// loggerName tells whether a function's name says that it logs: log, logError, os_log, NSLog.
func loggerName(name string) bool {
	name = strings.ToLower(name)
	for _, prefix := range []string{"os_", "ns", "dd"} {
		name = strings.TrimPrefix(name, prefix)
	}
	return strings.HasPrefix(name, "log") && !strings.HasPrefix(name, "logout") && (!strings.HasPrefix(name, "login") || strings.HasPrefix(name, "loginfo"))
}

// onLog tells whether a method is called on a log: log.info, FileLog.shared.add.
func onLog(callee *island.Node) bool {
	for callee.Kind == island.Member && len(callee.Kids) > 0 {
		callee = callee.Kids[0]
		if strings.Contains(strings.ToLower(callee.Name), "log") {
			return true
		}
	}
	return false
}

func checkNoReschedule(p *Pass) {
	for _, h := range p.handlers() {
		if !h.refresh {
			continue
		}
		native := p.Project.IOS.Code
		if len(h.reaches("submit", "submitTaskRequest:error:")) == 0 {
			if !h.escapes(native) {
				p.Report(p.Call(h.Unit, h.Node), "the handler of a refresh task does not submit the next request").Subject = h.Unit.Text(h.ID.Span)
			}
			continue
		}
		var late *code.Sight
		early := false
		for _, later := range []bool{false, true} { // what others wait for, such as a log, does not delay it
			for _, s := range native.Ways(h.fn, h.question(native, later)).Sights {
				if s.Event != submits {
					continue
				}
				for _, before := range s.Before {
					early = early || before.Count(waits) == 0
				}
				late = &s
			}
		}
		if late == nil || early {
			continue
		}
		u, n := h.step(late.In, late.Node)
		f := p.Report(p.Call(u, n), "the next request is submitted only after the work has ended")
		f.Certainty, f.Subject = finding.Hint, h.Unit.Text(h.ID.Span)
		if n != late.Node {
			f.Related = []finding.Related{{Place: p.Call(late.In.File, late.Node), Text: "it is submitted here"}}
		}
	}
	p.swiftUIRefresh()
}

// step is the node of the handler's own file on the way to a node of a function that it
// reaches.
func (h *handled) step(f *code.Func, n *island.Node) (*code.Unit, *island.Node) {
	for f.File != h.fn.File {
		from, via := h.reach.Via(f)
		if from == nil || via == nil {
			break
		}
		f, n = from, via
	}
	return f.File, n
}

// swiftUIRefresh looks at the handlers of .backgroundTask(.appRefresh(...)).
func (p *Pass) swiftUIRefresh() {
	if p.Project.IOS == nil || p.Project.IOS.Code == nil {
		return
	}
	native := p.Project.IOS.Code
	for _, c := range native.Calls("backgroundTask") {
		if kind := firstArg(c.Node); kind == nil || !strings.Contains(c.Unit.Text(kind.Span), "appRefresh") || len(c.Node.Args) < 2 {
			continue
		}
		to := native.Target(c.In, c.Unit, c.Node.Args[len(c.Node.Args)-1].Value)
		if to.Func == nil || len(native.Reach(to.Func).Calls("submit")) > 0 {
			continue
		}
		p.Report(p.Node(c.Unit, firstArg(c.Node)), "the handler of a refresh task does not submit the next request")
	}
}

func checkAssertion(p *Pass) {
	if p.Project.IOS == nil || p.Project.IOS.Code == nil {
		return
	}
	native := p.Project.IOS.Code
	if len(native.Mentions("endBackgroundTask"))+len(native.Calls("endBackgroundTask:")) > 0 {
		return
	}
	for _, name := range []string{"beginBackgroundTask", "beginBackgroundTaskWithExpirationHandler:", "beginBackgroundTaskWithName:expirationHandler:"} {
		for _, c := range native.Calls(name) {
			if !inTests(c.Unit) {
				p.Report(p.Call(c.Unit, c.Node), "beginBackgroundTask is called, endBackgroundTask is not")
			}
		}
	}
}

func checkTransferUnheard(p *Pass) {
	if p.Project.IOS == nil || p.Project.IOS.Code == nil {
		return
	}
	native := p.Project.IOS.Code
	for _, u := range native.Units() {
		if len(u.Uses("handleEventsForBackgroundURLSession"))+len(u.Uses("urlSession")) > 0 && strings.Contains(string(u.Src), "ackgroundURLSession") || len(u.Uses("backgroundTask")) > 0 && len(u.Uses("urlSession")) > 0 {
			return
		}
	}
	for _, c := range p.backgroundSessions() {
		p.Report(p.Call(c.Unit, c.Node), "a background session is made, but the app does not implement handleEventsForBackgroundURLSession")
	}
}
