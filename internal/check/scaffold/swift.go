package scaffold

import (
	"bytes"
	"slices"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
)

// swift puts a run log into the launch handlers of a project's BGTaskScheduler tasks.
func (m *maker) swift(p *project.Project) bool {
	if p.IOS == nil || p.IOS.Code == nil {
		return false
	}
	program := p.IOS.Code
	handlers := m.handlers(program)
	if len(handlers) == 0 {
		return false
	}
	log := declared(program, "RunLog")
	if log != nil && !slices.ContainsFunc(log.Members, func(d *island.Decl) bool { return d.Name == "complete" }) {
		m.byHand(handlers[0].unit.Place(handlers[0].body.Span), "log the runs of this task: the project has another RunLog, so that ours cannot be added")
		return false
	}
	for _, h := range handlers {
		m.insert(h.unit.Path, h.body.Start, first(h.unit.Src, h.body.Start, "RunLog.start("+h.task+")", "; "))
	}
	for _, call := range program.Calls("setTaskCompleted") {
		m.completes(call)
	}
	for _, use := range program.Mentions("expirationHandler") {
		m.expires(use)
	}
	if log != nil {
		return true
	}
	// It goes into a file of the target: a new one would have to be added to it in Xcode.
	file := handlers[0].unit
	m.insert(file.Path, len(file.Src), "\n"+m.render("RunLog.swift.tmpl", struct{ Schema string }{Schema}))
	return true
}

// declared is the program's declaration of that name at the top of a file; nil if there is none.
func declared(p *code.Program, name string) *island.Decl {
	for _, u := range p.Units() {
		for _, d := range u.Decls {
			if d.Name == name {
				return d
			}
		}
	}
	return nil
}

// handler is a launch handler that starts its task's run.
type handler struct {
	unit *code.Unit
	body *island.Node
	task string
}

// handlers are the launch handlers of the program that are not logged yet.
func (m *maker) handlers(p *code.Program) []handler {
	var out []handler
	for _, call := range p.Calls("register") {
		if call.Unit.Lang != island.Swift || call.Node.Arg("forTaskWithIdentifier") == nil {
			continue
		}
		last := call.Node.Args[len(call.Node.Args)-1].Value
		if last == nil || last.Kind != island.Closure || len(last.Kids) == 0 {
			m.byHand(call.Unit.Place(call.Node.Span), "log the runs of this task: RunLog.start(task) first in its launch handler")
			continue
		}
		if bytes.Contains(call.Unit.Src[last.Start:last.End], []byte("RunLog")) {
			continue
		}
		task := "$0"
		if len(last.Params) > 0 {
			task = last.Params[0].Name
		}
		out = append(out, handler{call.Unit, last.Kids[0], task})
	}
	return out
}

// completes turns task.setTaskCompleted(success: x) into RunLog.complete(task, success: x).
func (m *maker) completes(call code.Call) {
	n := call.Node
	if call.Unit.Lang != island.Swift || len(n.Kids) == 0 || n.Kids[0].Kind != island.Member || len(n.Kids[0].Kids) == 0 {
		return
	}
	value := n.Arg("success")
	receiver := call.Unit.Text(n.Kids[0].Kids[0].Span)
	if receiver == "" || value == nil || inLog(call.In) {
		return
	}
	if n.Kids[0].NullAware || receiver[len(receiver)-1] == '?' {
		m.byHand(call.Unit.Place(n.Span), "complete the task with RunLog.complete(task, success: ...), where it is not nil")
		return
	}
	m.replace(call.Unit.Path, n.Span, "RunLog.complete("+receiver+", success: "+call.Unit.Text(value.Span)+")")
}

// inLog tells whether a function is part of the run log.
func inLog(f *code.Func) bool {
	for ; f != nil; f = f.Outer {
		if f.Decl != nil && f.Decl.Parent != nil && f.Decl.Parent.Name == "RunLog" {
			return true
		}
	}
	return false
}

// expires logs that a run's time was up.
func (m *maker) expires(use code.Use) {
	if !use.Write || use.Unit.Lang != island.Swift || use.Node.Kind != island.Member || len(use.Node.Kids) == 0 {
		return
	}
	receiver := use.Unit.Text(use.Node.Kids[0].Span)
	body := use.In.Body()
	island.Walk(body, func(n *island.Node) bool {
		if n.Kind != island.Assign || len(n.Kids) < 2 || n.Kids[0] != use.Node {
			return true
		}
		value := n.Kids[1]
		if value.Kind != island.Closure || len(value.Kids) == 0 {
			m.byHand(use.Unit.Place(n.Span), "call RunLog.expired(%s) first in this handler", receiver)
			return false
		}
		if !bytes.Contains(use.Unit.Src[value.Start:value.End], []byte("RunLog.expired")) {
			m.insert(use.Unit.Path, value.Kids[0].Start, first(use.Unit.Src, value.Kids[0].Start, "RunLog.expired("+receiver+")", "; "))
		}
		return false
	})
}
