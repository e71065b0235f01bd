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

// receivers calls a function for each onReceive of native code.
func (p *Pass) receivers(visit func(m *project.Module, u *code.Unit, class *island.Decl, onReceive *code.Func)) {
	for _, m := range p.nativeModules() {
		classesOf(m.Code, func(u *code.Unit, d *island.Decl) {
			if f := method(d, "onReceive"); f != nil && supers(d, "BroadcastReceiver", "HiltBroadcastReceiver") && m.Code.FuncOf(f) != nil {
				visit(m, u, d, m.Code.FuncOf(f))
			}
		})
	}
}

func checkReceiverWork(p *Pass) {
	p.receivers(func(m *project.Module, u *code.Unit, class *island.Decl, f *code.Func) {
		if len(m.Code.Reach(f).Calls("goAsync")) > 0 {
			return
		}
		declared := p.inManifests(func(f *manifest.File) bool { _, ok := f.Component("receiver", class.Name); return ok })
		look := func(n *island.Node) bool {
			if n.Kind == island.Call && (isCall(n, "launch", "thread", "submit", "execute", "start") && startsWork(u, n) || p.launches(n)) {
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
		island.Walk(f.Body(), func(n *island.Node) bool {
			if n.Kind == island.Call && len(n.Kids) > 0 && n.Kids[0].Kind == island.Ident {
				if called := method(class, n.Kids[0].Name); called != nil && called != f.Decl && called.Body() != nil && !slices.Contains(own, called) {
					own = append(own, called)
				}
			}
			return true
		})
		for _, called := range own {
			island.Walk(called.Body(), look)
		}
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
