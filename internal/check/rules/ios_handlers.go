package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plist"
	"github.com/lullwork/lull/internal/check/plugins"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/pub"
)

// registrations are the methods of workmanager's class that register a launch handler.
var registrations = []string{
	"registerTask", "registerPeriodicTask", "registerBGProcessingTask", "registerBGHealthResearchTask", "registerBGContinuedProcessingTask",
}

func checkHandlerNotRegistered(p *Pass) {
	p.unregistered()
	delegates := p.delegates()
	if len(delegates) == 0 {
		return
	}
	native := p.Project.IOS.Code
	var asks []ask
	for _, a := range p.pluginAsks() {
		if a.Row.Plugin == "workmanager" {
			asks = append(asks, a)
		}
	}
	for _, d := range delegates {
		scene := p.scenes(&d)
		if fetches := p.iosCalls("background_fetch", "BackgroundFetch", "configure"); scene && len(fetches) > 0 && p.version("background_fetch", "<1.6.1") == pub.Yes && len(native.Mentions("TSBackgroundFetch")) == 0 {
			f := p.Report(finding.Whole(d.unit.Path), "the app uses UIScene, and background_fetch before 1.6.1 registers its launch handler too late for that")
			f.Subject, f.Fix = "background_fetch", "Upgrade background_fetch to 1.6.1 or later"
			f.Related = []finding.Related{{Place: p.firstCall(fetches), Text: "it is configured here"}}
		}
		why := ""
		switch {
		case p.unaided() == pub.Yes:
			why = fmt.Sprintf("workmanager_apple before 0.9.3+1 does not do so by itself (here %s)", p.apple())
		case scene && p.unaided() == pub.No && len(nativeCalls(native, "registerLaunchHandlers", "WorkmanagerPlugin")) == 0:
			why = "under UIScene the plugin does so too late, and WorkmanagerPlugin.registerLaunchHandlers() is not called"
		default:
			continue
		}
		for _, a := range distinct(asks, d.target) {
			if calls := p.registering(a.ID, d.target); len(calls) > 0 {
				if u, cond := p.leftBefore(calls); cond != nil {
					f := p.Report(p.Node(u, cond), "when the app leaves here, no launch handler is registered for the task%s", quoted(a.ID))
					f.Subject, f.Certainty = a.ID, finding.Warning
					f.Related = []finding.Related{{Place: p.Call(calls[0].Unit, calls[0].Node), Text: "it is registered here"}}
				}
				continue
			}
			f := p.Report(finding.Whole(d.unit.Path), "no launch handler is registered for the task%s: %s", quoted(a.ID), why)
			f.Subject, f.Certainty = a.ID, a.certainty(d.target)
			f.Related = []finding.Related{{Place: a.At, Text: "the task is asked for here"}}
			if launch := d.launch(); launch != nil {
				f.Related = append(f.Related, finding.Related{Place: p.Name(d.unit, launch), Text: "register it here"})
			}
		}
	}
}

// unregistered reports what native code asks for without a launch handler: the function that
// registers it is called nowhere, or others are registered and this one is not.
func (p *Pass) unregistered() {
	if p.Project.IOS == nil || p.Project.IOS.Code == nil {
		return
	}
	native := p.Project.IOS.Code
	handlers := slices.DeleteFunc(launchHandlers(native), func(h launchHandler) bool { return !alive(native, h.Call) })
	for _, c := range native.Calls("appRefresh") { // SwiftUI registers it
		handlers = append(handlers, launchHandler{Call: c, ID: firstArg(c.Node)})
	}
	var seen []string
	for _, a := range p.nativeAsks(native) {
		own := a.Kind != plugins.Unknown && a.Kind != plugins.Continued && a.What != "backgroundTask"
		if !own || !a.Sure || a.ID == "" || slices.Contains(seen, a.ID) || p.leftOver(&a) {
			continue
		}
		seen = append(seen, a.ID)
		var idle *launchHandler
		heard := len(handlers) == 0
		for i := range handlers {
			h := &handlers[i]
			switch {
			case native.Value(h.In, h.Unit, h.ID).Exact && !slices.ContainsFunc(p.apps(), func(t *project.Target) bool { return p.sameID(a.ID, t, h.Call, h.ID) }):
			case uncalled(native, h.In) != nil:
				idle = h
			default:
				heard = true
			}
		}
		switch {
		case heard:
		case idle != nil:
			name := uncalled(native, idle.In).Name
			f := p.Report(p.Call(idle.Unit, idle.Node), "no launch handler is registered for the task%s: %s, which would do so, is called nowhere", quoted(a.ID), name)
			f.Subject, f.Fix = a.ID, "Call "+name+" in application(_:didFinishLaunchingWithOptions:)"
			f.Related = []finding.Related{{Place: a.At, Text: "the task is asked for here"}}
		default:
			f := p.Report(a.At, "no launch handler is registered for the task%s, others are", quoted(a.ID))
			f.Subject, f.Certainty = a.ID, finding.Warning
			f.Related = []finding.Related{{Place: p.Call(handlers[0].Unit, handlers[0].Node), Text: "such as the one here"}}
		}
	}
}

// leftOver tells whether the function that asks for a task is named nowhere else, and not one that the
// system calls.
func (p *Pass) leftOver(a *ask) bool {
	d := methodOf(p.Project.IOS.Code.FuncAt(a.Unit, a.At.Start))
	return d != nil && said(p.Project.IOS.Code, d.Name) == 1 && !slices.Contains(lateEntries, d.Name) && !strings.HasPrefix(d.Name, "application") && !strings.HasPrefix(d.Name, "scene")
}

// uncalled is the method around a function if nothing in the app has its name but itself, and nothing
// outside of the app can call it; else nil.
func uncalled(native *code.Program, f *code.Func) *island.Decl {
	d := methodOf(f)
	if d == nil || d.Name == "application" || d.Has(island.Override) || said(native, d.Name) != 1 {
		return nil
	}
	for _, a := range d.Annotations {
		if a.Name != "available" && a.Name != "MainActor" && a.Name != "discardableResult" {
			return nil // @objc, @IBAction: called by its name
		}
	}
	if !d.Has(island.Private) && d.Parent != nil && foreign(native, d.Parent) {
		return nil
	}
	return d
}

// methodOf is the function with a name around a function; nil without.
func methodOf(f *code.Func) *island.Decl {
	for f != nil && f.Outer != nil {
		f = f.Outer
	}
	if f == nil || f.Decl == nil || f.Decl.Kind != island.Function {
		return nil
	}
	return f.Decl
}

// said counts where a name stands in the code.
func said(native *code.Program, name string) int {
	n := 0
	for _, u := range native.Units() {
		n += len(u.Uses(name))
	}
	return n
}

// foreign tells whether a type has a superclass or a protocol that is not part of the app, and that may
// have its methods called.
func foreign(native *code.Program, d *island.Decl) bool {
	own := []string{"NSObject", "ObservableObject", "Sendable", "@unchecked Sendable", "Actor"}
	for _, u := range native.Units() {
		for _, other := range u.Decls {
			if other.Kind != island.Extension {
				own = append(own, other.Name)
			}
		}
	}
	for _, u := range native.Units() {
		for _, other := range u.Decls {
			if other.Name == d.Name && slices.ContainsFunc(other.Supers, func(super string) bool { return !slices.Contains(own, super) }) {
				return true
			}
		}
	}
	return slices.ContainsFunc(d.Supers, func(super string) bool { return !slices.Contains(own, super) })
}

// unaided answers whether the app's workmanager leaves it to the app to register launch
// handlers.
func (p *Pass) unaided() pub.Answer {
	if p.has("workmanager_apple") {
		return p.version("workmanager_apple", "<0.9.3+1")
	}
	switch p.version("workmanager", "<0.9.0") {
	case pub.Yes:
		return pub.Yes
	}
	return pub.Maybe
}

// apple is the version of workmanager on iOS, for messages.
func (p *Pass) apple() string {
	for _, name := range []string{"workmanager_apple", "workmanager"} {
		if used := p.Project.Plugins[name]; used.Known {
			return name + " " + used.Version.String()
		}
	}
	return "by pubspec.yaml"
}

// scenes tells whether an app uses the UIScene life cycle, so that its plugins come late.
func (p *Pass) scenes(d *delegate) bool {
	if slices.Contains(d.class.Supers, "FlutterImplicitEngineDelegate") {
		return true
	}
	found := false
	if scene := d.target.InfoPlist.Find("UIApplicationSceneManifest"); scene != nil {
		var look func(v *plist.Value)
		look = func(v *plist.Value) {
			found = found || strings.HasSuffix(v.Text, "FlutterSceneDelegate")
			for i := range v.Keys {
				look(v.Keys[i].Value)
			}
			for _, item := range v.Items {
				look(item)
			}
		}
		look(scene)
	}
	return found
}

// registering are the calls in native code that register a launch handler for an identifier,
// or may.
func (p *Pass) registering(id string, t *project.Target) []code.Call {
	native := p.Project.IOS.Code
	var calls []code.Call
	add := func(c code.Call, n *island.Node) {
		if n != nil && alive(native, c) && p.sameID(id, t, c, n) {
			calls = append(calls, c)
		}
	}
	for _, method := range registrations {
		for _, c := range native.Calls(method) {
			add(c, c.Node.Arg("withIdentifier"))
		}
		for _, suffix := range []string{"WithIdentifier:", "WithIdentifier:frequency:"} { // Objective-C
			for _, c := range native.Calls(method + suffix) {
				add(c, firstArg(c.Node))
			}
		}
	}
	for _, h := range launchHandlers(native) {
		add(h.Call, h.ID)
	}
	return calls
}

// sameID tells whether an expression of native code can be an identifier.
func (p *Pass) sameID(id string, t *project.Target, c code.Call, n *island.Node) bool {
	v := p.Project.IOS.Code.Value(c.In, c.Unit, n)
	if len(v.Cases) == 0 || id == "" {
		return true
	}
	for _, text := range v.Strings() {
		for _, other := range bundled(t, text) {
			if may(other, id) {
				return true
			}
		}
	}
	return false
}

// leftBefore is a condition under which the function of each of the calls is left before it;
// nil where one of them has none.
func (p *Pass) leftBefore(calls []code.Call) (u *code.Unit, cond *island.Node) {
	for _, c := range calls {
		left := (*island.Node)(nil)
		if c.In != nil {
			for _, g := range p.Project.IOS.Code.Guards(c.In, c.Node) {
				if g.Kind == code.Condition && g.Early && g.Cond != nil {
					left = g.Cond
				}
			}
		}
		if left == nil {
			return nil, nil
		}
		u, cond = c.Unit, left
	}
	return u, cond
}
