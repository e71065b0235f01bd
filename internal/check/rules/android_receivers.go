package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/manifest"
	"github.com/lullwork/lull/internal/check/project"
)

// receivers calls a function for each onReceive of native code, and for what a widget's provider
// has its own called from.
func (p *Pass) receivers(visit func(m *project.Module, u *code.Unit, class *island.Decl, onReceive *code.Func)) {
	for _, m := range p.nativeModules() {
		classesOf(m.Code, func(u *code.Unit, d *island.Decl) {
			var names []string
			switch {
			case superEnds(d, "BroadcastReceiver"):
				names = []string{"onReceive"}
			case supers(d, "AppWidgetProvider"):
				names = []string{"onReceive", "onUpdate", "onEnabled", "onAppWidgetOptionsChanged"}
			}
			for _, name := range names {
				if f := method(d, name); f != nil && m.Code.FuncOf(f) != nil {
					visit(m, u, d, m.Code.FuncOf(f))
				}
			}
		})
	}
}

func checkReceiverWork(p *Pass) {
	p.receivers(func(m *project.Module, u *code.Unit, class *island.Decl, f *code.Func) {
		kept := m.Code.Reach(f).Calls("goAsync")
		if first := method(class, "onReceive"); first != f.Decl && first != nil && len(m.Code.Reach(m.Code.FuncOf(first)).Calls("goAsync")) > 0 {
			return // it calls the others
		}
		declared := p.inManifests(func(f *manifest.File) bool { _, ok := f.Component("receiver", class.Name); return ok })
		some := len(kept) > 0
		var at *island.Node // in onReceive
		look := func(n *island.Node) bool {
			if n.Kind == island.Call && (isCall(n, "launch", "thread", "submit", "execute", "start") && startsWork(u, n) || p.launches(n) || callsBack(n)) {
				site := at
				if site == nil {
					site = n
				}
				if !otherwise(m.Code, f, kept, site) {
					return true
				}
				some = true
				r := p.Report(p.Call(u, n), "%s starts work that ends with the receiver", class.Name)
				if r.Subject = class.Name; !declared { // registered by what runs anyway
					r.Certainty = finding.Hint
				}
				return false
			}
			return true
		}
		island.Walk(f.Body(), look)
		var own []*island.Decl // methods of it that it calls
		var from []*island.Node
		island.Walk(f.Body(), func(n *island.Node) bool {
			if n.Kind == island.Call && len(n.Kids) > 0 && n.Kids[0].Kind == island.Ident {
				if called := method(class, n.Kids[0].Name); called != nil && called != f.Decl && called.Body() != nil && !slices.Contains(own, called) {
					own, from = append(own, called), append(from, n)
				}
			}
			return true
		})
		for i, called := range own {
			at = from[i]
			island.Walk(called.Body(), look)
		}
		if at := workBehind(m.Code, f); at != nil && !some && declared {
			r := p.Report(p.Node(u, at), "%s starts work that ends with the receiver, in what it calls here", class.Name)
			r.Subject, r.Certainty = class.Name, finding.Hint // it may be of no importance
		}
	})
}

// otherwise tells whether all calls that keep a receiver stand where a node of its onReceive does
// not run: in another case or the other branch of a condition.
func otherwise(native *code.Program, f *code.Func, kept []code.Call, n *island.Node) bool {
	here := native.Guards(f, n)
	return !slices.ContainsFunc(kept, func(c code.Call) bool {
		return c.In != f || !slices.ContainsFunc(native.Guards(f, c.Node), func(there code.Guard) bool {
			return slices.ContainsFunc(here, func(g code.Guard) bool {
				switch {
				case g.Kind == code.InCase && there.Kind == code.InCase:
					return g.Subject == there.Subject && g.Cond != there.Cond
				case g.Kind == code.Condition && there.Kind == code.Condition:
					return g.Cond == there.Cond && g.Holds != there.Holds
				}
				return false
			})
		})
	})
}

// callsBack tells whether a call starts a request of OkHttp or Retrofit with an object that
// hears its end.
func callsBack(n *island.Node) bool {
	if !isCall(n, "enqueue") || n.Kids[0].Kind != island.Member || len(n.Args) != 1 {
		return false
	}
	made := n.Args[0].Value.Decl
	return made != nil && supers(made, "Callback")
}

// workBehind is the place in a function that comes to what starts a coroutine or a thread, at most
// two functions further; nil without.
func workBehind(native *code.Program, f *code.Func) *island.Node {
	reach := native.Reach(f)
	for _, name := range []string{"launch", "thread", "submit", "execute", "start"} {
		for _, c := range reach.Calls(name) {
			depth := reach.Depth(c.In)
			if depth < 1 || depth > 2 || !reach.Sure(c.In) || !startsWork(c.Unit, c.Node) && !startsThread(native, c) {
				continue
			}
			var at *island.Node
			for in := c.In; in != nil && in != f; {
				in, at = reach.Via(in)
			}
			if at != nil {
				return at
			}
		}
	}
	return nil
}

// startsThread tells whether a call starts an object of a class of the app that is a thread.
func startsThread(native *code.Program, c code.Call) bool {
	to := c.Node.Kids[0]
	if island.CalleeName(c.Node) != "start" || to.Kind != island.Member || to.Kids[0].Kind != island.Call {
		return false
	}
	return slices.ContainsFunc(native.Resolve(c.In, c.Unit, to.Kids[0].Kids[0]), func(d *island.Decl) bool {
		if d.Kind == island.Constructor {
			d = d.Parent
		}
		return d != nil && d.Kind == island.Class && supers(d, "Thread")
	})
}

// launches tells whether a call with a closure is one of a function of the app that starts a
// coroutine outside of all others for it: launchIO { }.
func (p *Pass) launches(n *island.Node) bool {
	if len(n.Kids) == 0 || n.Kids[0].Kind != island.Ident || len(n.Args) == 0 || n.Args[len(n.Args)-1].Value.Kind != island.Closure {
		return false
	}
	for _, m := range p.nativeModules() {
		for _, c := range m.Code.Calls("launch") {
			if c.In != nil && c.In.Decl != nil && c.In.Decl.Parent == nil && c.In.Decl.Name == n.Kids[0].Name && startsWork(c.Unit, c.Node) {
				return true
			}
		}
	}
	return false
}

// startsWork tells whether a call begins a coroutine or a thread.
func startsWork(u *code.Unit, n *island.Node) bool {
	on := strings.ToLower(u.Text(n.Kids[0].Span))
	switch island.CalleeName(n) {
	case "launch":
		return strings.Contains(on, "scope")
	case "thread":
		return n.Kids[0].Kind == island.Ident
	case "submit", "execute":
		return strings.Contains(on, "executor")
	}
	return strings.Contains(on, "thread(")
}

// inManifests tells whether any manifest of the app has something.
func (p *Pass) inManifests(has func(*manifest.File) bool) bool {
	return p.Project.Android != nil && slices.ContainsFunc(p.Project.Android.Modules, func(m *project.Module) bool {
		return m.Manifest != nil && has(m.Manifest) || m.Merged != nil && has(m.Merged)
	})
}

// noBackgroundStarts is the level of Android from which an app in the background may not start
// foreground services.
const noBackgroundStarts = 31

// workerServiceStart reports workers that start a foreground service, and do not expect to be
// refused.
func workerServiceStart(p *Pass) {
	p.workers(func(m *project.Module, u *code.Unit, class *island.Decl, f *code.Func) {
		is, _ := targets(m, noBackgroundStarts)
		reach := m.Code.Reach(f)
		if !is || len(m.Code.Mentions("ForegroundServiceStartNotAllowedException"))+len(reach.Calls("setForeground"))+len(reach.Calls("setForegroundAsync")) > 0 {
			return
		}
		for _, c := range reach.Calls("startForegroundService") {
			if c.In == nil || !reach.Sure(c.In) {
				continue
			}
			var at *island.Node
			tried := false
			for in, n := c.In, c.Node; in != nil && n != nil; in, n = reach.Via(in) {
				tried = tried || takerOf(in) == "runCatching" || slices.ContainsFunc(m.Code.Guards(in, n), func(g code.Guard) bool { return g.Kind == code.InTry })
				if in.File == u {
					at = n // in doWork at last
				}
			}
			if tried || at == nil {
				continue
			}
			r := p.Report(p.Node(u, at), "%s starts a foreground service from the background", class.Name)
			r.Subject = class.Name
			if p.inManifests(func(f *manifest.File) bool { // who may draw over others, or is left out of battery optimisation, may
				_, draws := f.Permission("SYSTEM_ALERT_WINDOW")
				_, exempt := f.Permission("REQUEST_IGNORE_BATTERY_OPTIMIZATIONS")
				return draws || exempt
			}) {
				r.Certainty = finding.Hint
			}
			return
		}
	})
}
