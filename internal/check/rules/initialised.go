package rules

import (
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
)

func neverInitialised(p *Pass) {
	var live *start
	for _, s := range p.starts() {
		if s.Plugin == "workmanager" && live == nil && p.alive(s.In, 0) {
			live = &s
		}
	}
	if live == nil || p.Project.Dart == nil || !p.Project.App {
		return
	}
	var dead *code.Call
	for _, c := range p.dart().Calls("initialize") {
		if inTests(c.Unit) || !imports(c.Unit, "workmanager") {
			continue
		}
		if !p.on(c, "workmanager", "Workmanager") {
			on := receiver(c.Node)
			if on != nil && p.typeOf(c.Unit, on) == "" && !classLike(named(on)) && len(p.dart().Resolve(c.In, c.Unit, c.Node.Kids[0])) == 0 {
				return // of what we do not know: it may be it
			}
			continue
		}
		if p.alive(c.In, 0) {
			return
		}
		dead = &c
	}
	if dead == nil {
		f := p.Report(p.Call(live.Unit, live.Node), "work is registered, but Workmanager().initialize is called nowhere")
		f.Subject = "workmanager"
		return
	}
	in := outermost(dead.In)
	at := p.Call(dead.Unit, dead.Node)
	if place, ok := p.commentedOut(in); ok {
		at = place
	}
	f := p.Report(at, "work is registered, but nothing calls %s, which initialises workmanager", in.Name())
	f.Subject = in.Name()
	p.related(f, dead.Unit, dead.Node.Kids[0], "would be initialised here")
	p.related(f, live.Unit, live.Node.Kids[0], "work is registered here")
}

// alive tells whether something may call the function around a body.
func (p *Pass) alive(f *code.Func, depth int) bool {
	f = outermost(f)
	if f == nil || f.Decl == nil || depth > 6 {
		return true
	}
	d := f.Decl
	if d.Kind != island.Function || d.Name == "main" || d.Has(island.Override) || len(d.Annotations) > 0 || d.Has(island.Getter) {
		return true
	}
	if d.Parent != nil && isState(d.Parent) {
		return true
	}
	for _, use := range p.dart().Uses(d) {
		if inTests(use.Unit) || use.In != nil && outermost(use.In) == f {
			continue
		}
		if p.alive(use.In, depth+1) {
			return true
		}
	}
	return false
}

// commentedOut finds a call of a function in a comment of the code that is run first.
func (p *Pass) commentedOut(f *code.Func) (finding.Place, bool) {
	name := f.Decl.Name
	if f.Decl.Parent != nil {
		name = f.Decl.Parent.Name + "." + name
	}
	for _, m := range p.mains() {
		u := m.File
		for i := range u.Comments {
			c := &u.Comments[i]
			if at := strings.Index(u.Text(c.Span), name+"("); at >= 0 {
				return p.Span(u, island.Span{Start: c.Start + at, End: c.Start + at + len(name)}), true
			}
		}
	}
	return finding.Place{}, false
}
