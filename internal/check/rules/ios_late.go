package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plugins"
)

// lateEntries are methods that the system calls when the app has launched.
var lateEntries = []string{
	"viewDidLoad", "viewWillAppear", "viewDidAppear", "sceneDidBecomeActive", "sceneWillEnterForeground", "sceneDidEnterBackground",
	"applicationDidBecomeActive", "applicationDidEnterBackground", "applicationWillResignActive", "body",
}

// laters are calls that run their closure when the caller has returned, or may.
var laters = []string{
	"async", "asyncAfter", "Task", "detached", "perform", "requestAuthorization", "onAppear", "task", "onChange", "onReceive", "sink", "addOperation",
	"scheduledTimer", "getNotificationSettings",
}

// launching are the functions of native code that run as an app launches.
func launching(native *code.Program) []*code.Func {
	var roots []*code.Func
	for _, u := range native.Units() {
		for _, label := range []string{"didFinishLaunchingWithOptions", "willFinishLaunchingWithOptions"} {
			for _, off := range u.Uses(label) {
				if d := u.At(off); d != nil && d.Kind == island.Function {
					roots = append(roots, native.FuncOf(d))
				}
			}
		}
		for _, d := range u.Decls {
			app := slices.Contains(d.Supers, "App") || slices.Contains(d.Supers, "UIApplicationDelegate") || strings.HasSuffix(d.Name, "AppDelegate")
			for _, m := range d.Members {
				if app && (m.Kind == island.Constructor || m.Name == "init" || m.Kind == island.Variable) || m.Kind == island.Function && strings.Contains(m.Name, "FinishLaunchingWithOptions:") {
					roots = append(roots, native.FuncOf(m))
				}
			}
		}
	}
	return slices.DeleteFunc(roots, func(f *code.Func) bool { return f == nil })
}

func checkRegisterLate(p *Pass) {
	if p.Project.IOS == nil || p.Project.IOS.Code == nil {
		return
	}
	native := p.Project.IOS.Code
	all := launchHandlers(native)
	if len(all) == 0 {
		return
	}
	early := native.Reach(launching(native)...)
	for _, h := range all {
		if h.In == nil || p.continued(h) {
			continue
		}
		if early.Has(h.In) {
			if later := runsLater(early.Path(h.In)); later != "" {
				f := p.Report(p.Call(h.Unit, h.Node), "the handler is registered inside of %s, when the app may have finished launching", later)
				f.Subject, f.Certainty = h.Unit.Text(h.ID.Span), finding.Warning
			}
			continue
		}
		if entry := lateEntry(native, h.In, 5); entry != "" {
			p.Report(p.Call(h.Unit, h.Node), "the handler is registered in %s, which runs after the launch", entry).Subject = h.Unit.Text(h.ID.Span)
		}
	}
}

// continued tells whether a launch handler is one of a continued task, which is registered when it is wanted.
func (p *Pass) continued(h launchHandler) bool {
	native := p.Project.IOS.Code
	if h.Handler != nil && strings.Contains(h.Unit.Text(h.Handler.Span), "BGContinuedProcessingTask") {
		return true
	}
	ids := native.Value(h.In, h.Unit, h.ID).Strings()
	return slices.ContainsFunc(p.nativeAsks(native), func(a ask) bool {
		return a.Kind == plugins.Continued && a.ID != "" && slices.ContainsFunc(ids, func(id string) bool { return may(id, a.ID) })
	})
}

// runsLater names what runs a part of a way later; "" if all of it runs at once.
func runsLater(way []*code.Func) string {
	for _, f := range way {
		for ; f != nil && f.Closure != nil; f = f.Outer {
			if name := takerOf(f); slices.Contains(laters, name) {
				return name
			}
		}
	}
	return ""
}

// takerOf is the name of the call that a closure is handed to.
func takerOf(f *code.Func) string {
	name, _ := handedTo(f)
	return name
}

// handedTo are the name of the call that a closure is handed to, and the label that it has there.
func handedTo(f *code.Func) (name, label string) {
	if f.Outer == nil {
		return "", ""
	}
	island.Walk(f.Outer.Body(), func(n *island.Node) bool {
		if n.Kind == island.Call {
			for i := range n.Args {
				if n.Args[i].Value == f.Closure {
					name, label = island.CalleeName(n), n.Args[i].Label
				}
			}
		}
		return n.Start <= f.Closure.Start && n.End >= f.Closure.End
	})
	return name, label
}

// lateEntry names a method of the system that leads to a function; "" where none does.
func lateEntry(native *code.Program, f *code.Func, depth int) string {
	for ; f != nil; f = f.Outer {
		if f.Closure != nil {
			if name := takerOf(f); name == "onAppear" || name == "task" || name == "onChange" {
				return name
			}
			continue
		}
		if f.Decl == nil {
			return ""
		}
		if slices.Contains(lateEntries, f.Decl.Name) {
			return f.Decl.Name
		}
		for i := range f.Decl.Params {
			if f.Decl.Params[i].Label == "willConnectTo" {
				return "scene(_:willConnectTo:options:)"
			}
		}
		if depth == 0 {
			return ""
		}
		for _, u := range native.Uses(f.Decl) {
			if u.In == nil || u.In == f {
				continue
			}
			if entry := lateEntry(native, u.In, depth-1); entry != "" {
				return entry
			}
		}
	}
	return ""
}
