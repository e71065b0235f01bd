package extract

import (
	"slices"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
)

// requests are the classes of BackgroundTasks and what they are in a plan.
var requests = map[string]string{
	"BGAppRefreshTaskRequest": "refresh", "BGProcessingTaskRequest": "processing", "BGHealthResearchTaskRequest": "health", "BGContinuedProcessingTaskRequest": "continued",
}

// swift reads the work that native iOS code asks for.
func (x *reader) swift() {
	if x.project.IOS == nil || x.project.IOS.Code == nil {
		return
	}
	p := x.project.IOS.Code
	m := newMoments(p)
	handlers := x.handlers(p)
	for _, class := range []string{"BGAppRefreshTaskRequest", "BGProcessingTaskRequest", "BGHealthResearchTaskRequest", "BGContinuedProcessingTaskRequest"} {
		for _, c := range p.Calls(class) {
			if arg := c.Node.Arg("identifier"); arg != nil {
				x.requested(site{p, c}, m, requests[class], arg, handlers)
			}
		}
	}
	for _, c := range p.Calls("background") {
		if arg := c.Node.Arg("withIdentifier"); arg != nil {
			s := site{p, c}
			name, open := s.name(arg, "transfer")
			t := x.task(x.bundled(name), "transfer", s.place(nil))
			put(&t.Common, open, m.submit(s, Setting{}))
			put(&t.IOS, set("as", "transfer"), x.via(native))
		}
	}
	for _, c := range p.Calls("backgroundTask") { // SwiftUI
		x.scene(site{p, c}, m)
	}
}

// handlers are the launch handlers by the identifier that they are registered for.
func (x *reader) handlers(p *code.Program) map[string][]*code.Func {
	out := map[string][]*code.Func{}
	for _, c := range p.Calls("register") {
		id := c.Node.Arg("forTaskWithIdentifier")
		if id == nil || len(c.Node.Args) < 2 {
			continue
		}
		s := site{p, c}
		name, ok := s.text(id)
		if !ok {
			continue
		}
		last := c.Node.Args[len(c.Node.Args)-1].Value
		for _, t := range p.Targets(c.In, c.Unit, last) {
			if t.Func != nil {
				out[x.bundled(name)] = append(out[x.bundled(name)], t.Func)
			}
		}
	}
	return out
}

func (x *reader) requested(s site, m *moments, kind string, arg *island.Node, handlers map[string][]*code.Func) {
	name, open := s.name(arg, kind)
	name = x.bundled(name)
	t := x.task(name, "BGTask", s.place(nil))
	put(&t.Common, open)
	put(&t.IOS, set("as", kind), identifier(name, s.place(arg)))
	if kind != "continued" {
		x.properties(s, t, kind)
		put(&t.IOS, x.resubmits(s, handlers[name]), completes(s.p, handlers[name]))
	}
	put(&t.IOS, x.via(native))
	put(&t.Common, m.submit(s, Setting{}))
}

// properties reads what is assigned to a request after it was made.
func (x *reader) properties(s site, t *Task, kind string) {
	if s.In == nil {
		return
	}
	name := s.variable()
	island.Walk(s.In.Body(), func(n *island.Node) bool {
		if n.Kind != island.Assign || len(n.Kids) < 2 || n.Kids[0].Kind != island.Member || len(n.Kids[0].Kids) == 0 || n.Kids[0].Kids[0].Name != name {
			return true
		}
		switch value := n.Kids[1]; n.Kids[0].Name {
		case "earliestBeginDate":
			if at := sinceNow(value); at != nil {
				put(&t.IOS, s.duration("earliest", at, 1_000_000, "", ""))
			} else if value.Kind != island.Null {
				put(&t.IOS, Setting{Key: "earliest", Open: s.source(value) + " is not known", At: s.place(value)})
			}
		case "requiresNetworkConnectivity":
			if kind != "refresh" && s.yes(value) {
				put(&t.IOS, set("network", "true"))
			}
		case "requiresExternalPower":
			if kind != "refresh" && s.yes(value) {
				put(&t.IOS, set("power", "true"))
			}
		}
		return true
	})
	for _, e := range t.IOS {
		if e.Key == "earliest" && e.Value != "" && kind == "refresh" {
			put(&t.Common, set("every", e.Value)) // what the app asks for, at best
		}
	}
}

// variable is the name of what the site's value is put into, "" where that is not known.
func (s site) variable() string {
	name := ""
	island.Walk(s.In.Body(), func(n *island.Node) bool {
		if n.Kind == island.Local && n.Decl != nil && len(n.Kids) > 0 && n.Kids[0] == s.Node {
			name = n.Decl.Name
		}
		return name == ""
	})
	return name
}

// sinceNow is the seconds in Date(timeIntervalSinceNow: x), Date().addingTimeInterval(x) and
// Date.now + x.
func sinceNow(n *island.Node) *island.Node {
	switch {
	case n.Kind == island.Call && n.Arg("timeIntervalSinceNow") != nil:
		return n.Arg("timeIntervalSinceNow")
	case n.Kind == island.Call && island.CalleeName(n) == "addingTimeInterval":
		return n.Positional(0)
	case n.Kind == island.Binary && n.Name == "+" && len(n.Kids) == 2:
		return n.Kids[1]
	}
	return nil
}

// resubmits tells whether a launch handler asks for the next run, and when.
func (x *reader) resubmits(s site, handlers []*code.Func) Setting {
	if len(handlers) == 0 {
		return Setting{Key: "resubmit", Open: "no launch handler is known", At: s.place(nil)}
	}
	first, any := true, false
	for _, h := range handlers {
		reach := s.p.Reach(h)
		for _, c := range reach.Calls("submit") {
			any = true
			first = first && early(s.p, h, c)
		}
	}
	switch {
	case !any:
		return set("resubmit", "never")
	case first:
		return set("resubmit", "first")
	}
	return set("resubmit", "last")
}

// early tells whether a call is reached from a handler before something that waits. One in a
// closure that is handed on, as to a queue, is as early as that is.
func early(p *code.Program, h *code.Func, c code.Call) bool {
	if earlyIn(p, h, c.Node) {
		return true
	}
	f := c.In
	if f == nil || f == h || f.Closure == nil || f.Outer == nil || !earlyIn(p, f, c.Node) {
		return false
	}
	var taker *island.Node
	island.Walk(f.Outer.Body(), func(n *island.Node) bool {
		if n.Kind == island.Call && slices.ContainsFunc(n.Args, func(a island.Arg) bool { return a.Value == f.Closure }) {
			taker = n
		}
		return taker == nil
	})
	return taker != nil && early(p, h, code.Call{Unit: c.Unit, Node: taker, In: f.Outer})
}

func earlyIn(p *code.Program, h *code.Func, call *island.Node) bool {
	const submit, wait = 0, 1
	w := p.Ways(h, code.Question{Inline: 4, Event: func(_ *code.Func, n *island.Node) int {
		switch {
		case n == call:
			return submit
		case n.Kind == island.Await, n.Kind == island.Call && island.CalleeName(n) == "setTaskCompleted":
			return wait
		}
		return -1
	}})
	for _, sight := range w.Sights {
		if sight.Event != submit {
			continue
		}
		for _, before := range sight.Before {
			if before.Count(wait) == 0 {
				return true
			}
		}
	}
	return false
}

// completes tells whether a launch handler completes its task at all.
func completes(p *code.Program, handlers []*code.Func) Setting {
	for _, h := range handlers {
		if len(p.Reach(h).Mentions("setTaskCompleted")) > 0 {
			return set("completes", "always")
		}
	}
	if len(handlers) == 0 {
		return Setting{}
	}
	return set("completes", "never")
}

// scene reads SwiftUI's .backgroundTask(.appRefresh("id")) { }.
func (x *reader) scene(s site, m *moments) {
	kind := s.Node.Positional(0)
	if kind == nil || kind.Kind != island.Call || island.CalleeName(kind) != "appRefresh" {
		return
	}
	name, open := s.name(kind.Positional(0), "refresh")
	name = x.bundled(name)
	t := x.task(name, "BGTask", s.place(nil))
	put(&t.Common, open, m.submit(s, Setting{}))
	put(&t.IOS, set("as", "refresh"), identifier(name, s.place(kind.Positional(0))), set("completes", "always"), x.via(native))
}
