package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plugins"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/pub"
	"github.com/lullwork/lull/internal/check/source"
	"github.com/lullwork/lull/internal/check/xcode"
)

// ask is a place where an app, or a plugin for it, asks iOS for a background task.
type ask struct {
	ID     string // with a code.Hole for what is not known; "" where nothing is
	Sure   bool   // it is this identifier in a release build, and none else
	Kind   plugins.Kind
	At     finding.Place
	What   string        // what asks, for messages
	Row    *plugins.Task // nil of native code
	Unit   *code.Unit
	Native bool
	Maybe  bool // only under a condition that is known at run time
	Idle   bool // in a function that nothing calls
}

// asksOfIOS lists what a project asks iOS for.
func (p *Pass) asksOfIOS() []ask {
	if p.Project.IOS == nil {
		return nil
	}
	asks := p.pluginAsks()
	if native := p.Project.IOS.Code; native != nil {
		for _, a := range p.nativeAsks(native) {
			a.Idle = a.Kind != plugins.Unknown && p.leftOver(&a)
			asks = append(asks, a)
		}
	}
	return asks
}

func (p *Pass) pluginAsks() []ask {
	var asks []ask
	for _, row := range plugins.Tasks() {
		if p.version(row.Plugin, row.Versions) != pub.Yes {
			continue
		}
		for _, c := range p.pluginCalls(row.Plugin, row.On, row.Call) {
			if row.With != "" && c.Node.Arg(row.With) == nil || !p.mayRunOn(OnIOS, c) {
				continue
			}
			a := ask{Kind: row.Kind, At: p.Call(c.Unit, c.Node), What: row.What(), Row: &row, Unit: c.Unit, Maybe: p.depends(c.Unit, c.Node, c.In, 4)}
			switch {
			case row.ID != "":
				a.ID, a.Sure = p.ownID(&row)
				asks = append(asks, a)
			case row.Label != "":
				asks = append(asks, identified(p.Project.Dart, a, c.Node.Arg(row.Label))...)
			default:
				asks = append(asks, identified(p.Project.Dart, a, c.Node.Positional(row.Arg))...)
			}
		}
	}
	return asks
}

// ownID is the identifier that a plugin uses, which the app's native code may replace.
func (p *Pass) ownID(row *plugins.Task) (id string, sure bool) {
	native := p.Project.IOS.Code
	if row.Own == "" || native == nil {
		return row.ID, true
	}
	for _, use := range native.Mentions(row.Own) {
		if !use.Write {
			continue
		}
		assign := enclosing(use.In.Body(), use.Node, island.Assign)
		if assign == nil || len(assign.Kids) < 2 {
			continue
		}
		if text, ok := native.Value(use.In, use.Unit, assign.Kids[1]).String(); ok {
			return text, true
		}
		return "", false
	}
	return row.ID, true
}

// enclosing is the innermost node of a kind around another one; nil without.
func enclosing(root, n *island.Node, kind island.Kind) *island.Node {
	var in *island.Node
	island.Walk(root, func(m *island.Node) bool {
		if m.Start > n.Start || m.End < n.End {
			return false
		}
		if m.Kind == kind {
			in = m
		}
		return true
	})
	return in
}

// identified makes an ask for each identifier that an expression can be.
func identified(program *code.Program, a ask, id *island.Node) []ask {
	if id == nil {
		return []ask{a}
	}
	v := program.ValueIn(code.World{OS: OnIOS, Build: "release"}, a.Unit, id)
	ids := v.Strings()
	if len(ids) == 0 {
		return []ask{a}
	}
	asks := make([]ask, 0, len(ids))
	for _, text := range ids {
		a.ID, a.Sure = text, v.Exact
		if strings.Trim(text, code.Hole) == "" {
			a.ID = ""
		}
		asks = append(asks, a)
	}
	return asks
}

// requests are the classes of requests to BGTaskScheduler.
var requests = []struct {
	class string
	kind  plugins.Kind
}{
	{"BGAppRefreshTaskRequest", plugins.Refresh},
	{"BGProcessingTaskRequest", plugins.Processing},
	{"BGHealthResearchTaskRequest", plugins.Health},
	{"BGContinuedProcessingTaskRequest", plugins.Continued},
}

func (p *Pass) nativeAsks(native *code.Program) []ask {
	var asks []ask
	add := func(c code.Call, kind plugins.Kind, what string, id *island.Node) {
		if inTests(c.Unit) {
			return
		}
		a := ask{Kind: kind, At: p.Call(c.Unit, c.Node), What: what, Unit: c.Unit, Native: true}
		asks = append(asks, identified(native, a, id)...)
	}
	for _, r := range requests {
		for _, c := range native.Calls(r.class) {
			add(c, r.kind, r.class, c.Node.Arg("identifier"))
		}
	}
	for _, c := range native.Calls("initWithIdentifier:") { // Objective-C
		for _, r := range requests {
			if strings.Contains(c.Unit.Text(c.Node.Span), r.class) {
				add(c, r.kind, r.class, firstArg(c.Node))
			}
		}
	}
	for _, c := range native.Calls("appRefresh") { // SwiftUI: .backgroundTask(.appRefresh("id"))
		add(c, plugins.Refresh, "backgroundTask", firstArg(c.Node))
	}
	for _, c := range launchHandlers(native) {
		add(c.Call, plugins.Unknown, "register", c.ID)
	}
	return asks
}

// certainty is how sure it is that the app means to run this task on iOS: one that a setting may
// keep from it, and for which nothing else is set up, may be meant for Android alone.
func (a *ask) certainty(t *project.Target) finding.Certainty {
	switch {
	case a.Idle:
		return finding.Hint
	case a.Row == nil:
		return finding.Error
	case a.Row.Lesser, a.Maybe && !declares(t, a.Kind):
		return finding.Warning
	}
	return finding.Error
}

// declares tells whether an Info.plist has the background mode of a kind of task.
func declares(t *project.Target, kind plugins.Kind) bool {
	modes, known := t.List(modesKey)
	return !known || slices.ContainsFunc(modes, func(v source.Value) bool { return v.Text == kind.Mode() })
}

func firstArg(call *island.Node) *island.Node {
	if len(call.Args) == 0 {
		return nil
	}
	return call.Args[0].Value
}

// launchHandler is a call of BGTaskScheduler.register.
type launchHandler struct {
	code.Call
	ID      *island.Node
	Handler *island.Node // nil where it was not understood
}

// launchHandlers are the calls that tell BGTaskScheduler what to run.
func launchHandlers(native *code.Program) []launchHandler {
	var all []launchHandler
	for _, c := range native.Calls("register") {
		id := c.Node.Arg("forTaskWithIdentifier")
		if id == nil || inTests(c.Unit) {
			continue
		}
		h := launchHandler{Call: c, ID: id}
		for i := range c.Node.Args {
			if a := &c.Node.Args[i]; a.Label == "launchHandler" || a.Label == "" {
				h.Handler = a.Value
			}
		}
		all = append(all, h)
	}
	for _, c := range native.Calls("registerForTaskWithIdentifier:usingQueue:launchHandler:") {
		if len(c.Node.Args) == 3 && !inTests(c.Unit) {
			all = append(all, launchHandler{Call: c, ID: c.Node.Args[0].Value, Handler: c.Node.Args[2].Value})
		}
	}
	return all
}

// apps are the targets of iOS that are apps.
func (p *Pass) apps() []*project.Target {
	if p.Project.IOS == nil {
		return nil
	}
	var apps []*project.Target
	for _, t := range p.Project.IOS.Targets {
		if t.Type == xcode.App {
			apps = append(apps, t)
		}
	}
	return apps
}

// builds tells whether a target compiles a file, as far as that is known.
func builds(t *project.Target, u *code.Unit) bool {
	return t.Native == nil || len(t.Native.Sources) == 0 || slices.Contains(t.Native.Sources, u.Path)
}

// of tells whether an ask is one of a target's app: all of Dart is.
func (a *ask) of(t *project.Target) bool { return !a.Native || builds(t, a.Unit) }
