package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/pub"
)

// has tells whether the app itself depends on a plugin: not for its tests only.
func (p *Pass) has(plugin string) bool {
	used, ok := p.Project.Plugins[plugin]
	return ok && !used.Dev
}

// version answers whether a plugin is of a version in a range; "" is every version.
func (p *Pass) version(plugin, versions string) pub.Answer {
	if !p.has(plugin) {
		return pub.No
	}
	if versions == "" {
		return pub.Yes
	}
	return p.Project.Plugins[plugin].In(versions)
}

// pluginCalls are the calls in Dart of what a plugin declares, outside of tests. on is what
// it must be called on, "" for anything.
func (p *Pass) pluginCalls(plugin, on, name string) []code.Call {
	if p.Project.Dart == nil || !p.has(plugin) {
		return nil
	}
	var calls []code.Call
	for _, c := range p.Project.Dart.Calls(name) {
		if inTests(c.Unit) || !p.sees(c.Unit, plugin) {
			continue
		}
		receiver, _ := calledOn(c.Node)
		if on != "" && !strings.Contains(receiver, on) {
			continue
		}
		if len(p.Project.Dart.Resolve(c.In, c.Unit, c.Node.Kids[0])) > 0 { // the app's own
			continue
		}
		calls = append(calls, c)
	}
	return calls
}

// iosCalls are the calls of a plugin's method that may run on iOS.
func (p *Pass) iosCalls(plugin, on, name string) []code.Call {
	return slices.DeleteFunc(p.pluginCalls(plugin, on, name), func(c code.Call) bool { return !p.mayRunOn(OnIOS, c) })
}

// mentions are the uses in Dart, outside of tests, of a name in files that import a plugin.
func (p *Pass) mentions(plugin, name string) []code.Use {
	if p.Project.Dart == nil || !p.has(plugin) {
		return nil
	}
	var uses []code.Use
	for _, u := range p.Project.Dart.Mentions(name) {
		if !inTests(u.Unit) && p.sees(u.Unit, plugin) {
			uses = append(uses, u)
		}
	}
	return uses
}

// calledOn is the source text of what a call is called on, and where it ends.
func calledOn(call *island.Node) (text string, ok bool) {
	if len(call.Kids) == 0 {
		return "", false
	}
	callee := call.Kids[0]
	if callee.Kind != island.Member || len(callee.Kids) == 0 {
		return callee.Name, callee.Kind == island.Ident
	}
	return lastName(callee.Kids[0]), true
}

// verb is the place of the last name of what a call calls: where it is in a chain.
func (p *Pass) verb(u *code.Unit, call *island.Node) finding.Place {
	callee := call.Kids[0]
	if callee.Kind != island.Member || !strings.HasSuffix(u.Text(callee.Span), callee.Name) {
		return p.Call(u, call)
	}
	return p.Span(u, island.Span{Start: callee.End - len(callee.Name), End: callee.End})
}

// lastName is the last name of a chain such as a.b().c, that of Workmanager() too.
func lastName(n *island.Node) string {
	switch n.Kind {
	case island.Ident, island.Member:
		return n.Name
	case island.Call:
		return island.CalleeName(n)
	}
	return ""
}

// sees tells whether a file of Dart can name what a plugin declares: it imports the
// plugin, its library may do so for it, or a file of the app exports the plugin.
func (p *Pass) sees(u *code.Unit, plugin string) bool {
	prefix := "package:" + plugin + "/"
	for i := range u.Imports {
		if u.Imports[i].Kind == island.PartOf || strings.HasPrefix(u.Imports[i].URI, prefix) {
			return true
		}
	}
	for _, other := range p.Project.Dart.Units() {
		for i := range other.Imports {
			if other.Imports[i].Kind == island.ExportOf && strings.HasPrefix(other.Imports[i].URI, prefix) {
				return true
			}
		}
	}
	return false
}

// mayRunOn tells whether a call in Dart can run on a system: no condition around it, nor
// around all calls of the function it stands in, keeps it to others.
func (p *Pass) mayRunOn(os string, c code.Call) bool {
	return p.canRun(code.World{OS: os, Build: "release"}, c.Unit, c.Node, c.In, 4)
}

func (p *Pass) canRun(w code.World, u *code.Unit, n *island.Node, in *code.Func, depth int) bool {
	dart := p.Project.Dart
	if !dart.May(w, u, n) {
		return false
	}
	for in != nil && in.Decl == nil {
		in = in.Outer
	}
	if in == nil || depth == 0 {
		return true
	}
	called := false
	uses := dart.Uses(in.Decl)
	for i := range uses {
		use := &uses[i]
		if inTests(use.Unit) || use.In == in {
			continue
		}
		if p.canRun(w, use.Unit, use.Node, use.In, depth-1) {
			return true
		}
		called = true
	}
	return !called && !p.idle(in) // such as build, which Flutter calls
}

// idle tells whether nothing in an app calls a function, nor a name that is not known there
// may mean it.
func (p *Pass) idle(f *code.Func) bool {
	if !p.Project.App || p.alive(f, 0) {
		return false
	}
	return !slices.ContainsFunc(p.dart().Mentions(f.Decl.Name), func(use code.Use) bool {
		return len(p.dart().Resolve(use.In, use.Unit, use.Node)) == 0
	})
}

// depends tells whether a call in Dart runs under a condition that only a run can tell: around
// itself, or around each call of the function it stands in.
func (p *Pass) depends(u *code.Unit, n *island.Node, in *code.Func, depth int) bool {
	dart := p.Project.Dart
	for ; in != nil; in = in.Outer {
		for _, g := range dart.Guards(in, n) {
			if g.Kind == code.InCase {
				return true
			}
			if g.Kind == code.Condition && g.Cond != nil {
				if _, known := dart.Test(code.World{OS: OnIOS, Build: "release"}, u, g.Cond); !known {
					return true
				}
			}
		}
		if in.Decl != nil {
			break
		}
		n = in.Closure
	}
	if in == nil || depth == 0 {
		return false
	}
	called := false
	for _, use := range dart.Uses(in.Decl) {
		if inTests(use.Unit) || use.In == in || use.In == nil {
			continue
		}
		if called = true; !p.depends(use.Unit, use.Node, use.In, depth-1) {
			return false
		}
	}
	return called
}
