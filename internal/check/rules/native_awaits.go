package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
)

// waiting are parts of names with which Kotlin and Java wait for what they have started, or hand over
// how it ends.
var waiting = []string{"join", "await", "Await", "Latch", "suspendC", "Deferred", "callbackFlow", "SettableFuture", "CompletableFuture", "CallbackToFutureAdapter"}

// nativeNotAwaited reports what workers, and jobs that are said to be done, leave running.
func nativeNotAwaited(p *Pass) {
	p.workers(func(_ *project.Module, u *code.Unit, class *island.Decl, f *code.Func) {
		if f.Decl.Name != "doWork" {
			return
		}
		for _, n := range p.leftRunning(u, class, f) {
			p.Report(p.Call(u, n), "doWork of %s returns while this goes on", class.Name).Subject = class.Name
		}
	})
	for _, m := range p.nativeModules() {
		classesOf(m.Code, func(u *code.Unit, d *island.Decl) {
			f := m.Code.FuncOf(method(d, "onStartJob"))
			if f == nil || !supers(d, "JobService") {
				return
			}
			if slices.ContainsFunc(waysOf(m.Code, f).Ends, func(e code.End) bool { return e.Value == nil || e.Value.Kind != island.Bool || e.Value.Name != "false" }) {
				return
			}
			for _, n := range p.leftRunning(u, d, f) {
				r := p.Report(p.Call(u, n), "onStartJob of %s says that the job is done while this goes on", d.Name)
				r.Subject, r.Fix = d.Name, "Return true, and call jobFinished when it is done"
			}
		})
	}
}

// leftRunning are the calls in a function, and in the methods of its class that it calls, which start
// what goes on without it. There are none where any of these functions waits for anything.
func (p *Pass) leftRunning(u *code.Unit, class *island.Decl, f *code.Func) []*island.Node {
	bodies := []*island.Node{f.Body()}
	island.Walk(f.Body(), func(n *island.Node) bool {
		if n.Kind == island.Call && len(n.Kids) > 0 && n.Kids[0].Kind == island.Ident {
			if called := method(class, n.Kids[0].Name); called != nil && called != f.Decl && called.Body() != nil && !slices.Contains(bodies, called.Body()) {
				bodies = append(bodies, called.Body())
			}
		}
		return true
	})
	var found []*island.Node
	for _, body := range bodies {
		waited := false
		island.Walk(body, func(n *island.Node) bool {
			waited = waited || isCall(n, "get") && len(n.Args) != 1 || slices.ContainsFunc(waiting, func(w string) bool { return strings.Contains(lastName(n), w) })
			return !waited
		})
		if waited {
			return nil
		}
		island.Walk(body, func(n *island.Node) bool {
			if n.Kind != island.Call || len(n.Kids) == 0 {
				return true
			}
			if isCall(n, "launch", "thread", "submit", "execute", "start") && startsWork(u, n) || p.launches(n) || callsBack(n) {
				if statement(body, n) && !endedWith(body, n) { // else it is kept, to be waited for or cancelled
					found = append(found, n)
				}
				return false
			}
			return true
		})
	}
	return found
}

// endedWith tells whether a finally of a body ends what a call is made on: the owner of its scope.
func endedWith(body, call *island.Node) bool {
	owner, ended := firstName(call.Kids[0]), false
	island.Walk(body, func(n *island.Node) bool {
		if n.Kind == island.Finally && owner != "" {
			island.Walk(n, func(n *island.Node) bool {
				ended = ended || isCall(n, "stop", "cancel", "close", "shutdown", "shutdownNow") && n.Kids[0].Kind == island.Member && firstName(n.Kids[0]) == owner
				return !ended
			})
		}
		return !ended
	})
	return ended
}

// firstName is the name that a chain of members begins with, "" where it begins otherwise.
func firstName(n *island.Node) string {
	for n.Kind == island.Member && len(n.Kids) > 0 {
		n = n.Kids[0]
	}
	if n.Kind != island.Ident {
		return ""
	}
	return n.Name
}
