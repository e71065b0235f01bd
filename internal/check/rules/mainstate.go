package rules

import (
	"slices"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
)

func mainStateInCallback(p *Pass) {
	alone := p.alone()
	if len(alone) == 0 {
		return
	}
	for _, u := range p.dart().Units() {
		if inTests(u) {
			continue
		}
		for _, d := range u.Decls {
			p.mainState(alone, u, d)
			for _, m := range d.Members {
				if m.Has(island.Static) {
					p.mainState(alone, u, m)
				}
			}
		}
	}
	for _, e := range alone {
		p.openBox(e)
	}
}

// mainState reports the first read of a variable that no function of the entry sets.
func (p *Pass) mainState(alone []*entry, u *code.Unit, d *island.Decl) {
	if d.Kind != island.Variable || d.Has(island.Const) || d.Has(island.External) || d.Init() != nil && !p.setAtLaunch(d) {
		return
	}
	for _, e := range alone {
		if len(e.Reach().Mentions(d.Name)) == 0 {
			continue
		}
		var read *code.Use
		written := false
		for _, use := range e.Reach().Mentions(d.Name) {
			if !slices.Contains(p.dart().Resolve(use.In, use.Unit, use.Node), d) {
				continue
			}
			written = written || use.Write
			if read == nil && e.certain(use.In) && p.release(use.Unit, use.Node) && !p.meetsNull(use, d) && !p.bySwitch(e, use.In, use.Node) {
				read = &use
			}
		}
		if read == nil || written || !p.setElsewhere(d) {
			continue
		}
		at, n := p.place(e, read.In, read.Node)
		f := p.Report(p.Node(at, n), "%s reads %s, which is set in the app's own isolate only", e.name(), d.Name)
		f.Subject = e.name() + " " + d.Name
		first := "without a first value here"
		switch {
		case d.Init() != nil:
			f.Certainty, first = finding.Hint, "holds its first value, from here"
		case d.Has(island.Late):
			f.Certainty = finding.Error
		}
		if n != read.Node {
			p.related(f, read.Unit, read.Node, "read here")
		}
		f.Related = append(f.Related, finding.Related{Place: p.Name(u, d), Text: first})
		if f.Certainty == finding.Hint {
			return // one is enough to think of all
		}
	}
}

// setAtLaunch tells whether the start of the app sets a variable that has a first value. A bool
// may be there to tell where the code runs.
func (p *Pass) setAtLaunch(d *island.Decl) bool {
	if d.Has(island.Final) || d.Init().Kind == island.Bool || bareType(d.Type) == "bool" {
		return false
	}
	return slices.ContainsFunc(p.dart().Uses(d), func(use code.Use) bool {
		return use.Write && use.In != nil && p.startup()[use.In] && p.release(use.Unit, use.Node)
	})
}

// meetsNull tells whether a function is ready for a variable that is null: by ?? or ?., or
// by a question after which it does something else. To give up at once is no such thing.
func (p *Pass) meetsNull(use code.Use, d *island.Decl) bool {
	if d.Has(island.Late) {
		return false
	}
	ready := false
	use.In.Walk(func(n *island.Node) bool {
		switch {
		case n.Kind == island.Binary && n.Name == "??" && n.Kids[0] == use.Node,
			n.Kind == island.Member && n.NullAware && len(n.Kids) > 0 && n.Kids[0] == use.Node,
			n.Kind == island.Binary && n.Name == "!=" && asksNull(n, d.Name):
			ready = true
		case n.Kind == island.If && len(n.Kids) > 1 && n.Kids[0].Kind == island.Binary && n.Kids[0].Name == "==" && asksNull(n.Kids[0], d.Name):
			ready = ready || !givesUp(n.Kids[1])
		}
		return !ready
	})
	return ready
}

// asksNull tells whether a comparison is one of a variable with null.
func asksNull(n *island.Node, name string) bool {
	return len(n.Kids) == 2 && n.Kids[1].Kind == island.Null && mentions(n.Kids[0], name)
}

// givesUp tells whether a branch does nothing but return.
func givesUp(n *island.Node) bool {
	if n.Kind == island.Block && len(n.Kids) == 1 {
		n = n.Kids[0]
	}
	return n.Kind == island.Return && (len(n.Kids) == 0 || n.Kids[0].Kind == island.Bool || n.Kids[0].Kind == island.Null)
}

// setElsewhere tells whether something outside of tests assigns a variable.
func (p *Pass) setElsewhere(d *island.Decl) bool {
	for _, use := range p.dart().Uses(d) {
		if use.Write && !inTests(use.Unit) && p.alive(use.In, 0) {
			return true
		}
	}
	return false
}

// openBox reports a Hive box that is taken to be open.
func (p *Pass) openBox(e *entry) {
	for _, name := range []string{"openBox", "openLazyBox"} {
		for _, c := range e.Reach().Calls(name) {
			if p.on(c, "hive", "Hive") {
				return
			}
		}
	}
	for _, name := range []string{"box", "lazyBox"} {
		for _, c := range p.sureCalls(e, name) {
			on := receiver(c.Node)
			if on == nil || named(on) != "Hive" || len(p.dart().Resolve(c.In, c.Unit, on)) > 0 || p.asks(c.In, "isBoxOpen") {
				continue
			}
			u, n := p.place(e, c.In, c.Node)
			f := p.Report(p.Node(u, n), "%s takes a Hive box to be open, but no box is opened in its isolate", e.name())
			f.Subject, f.Certainty = e.name()+" Hive.box", finding.Error
			if n != c.Node {
				p.related(f, c.Unit, c.Node, "taken here")
			}
			return
		}
	}
}

// asks tells whether a function mentions a name.
func (p *Pass) asks(f *code.Func, name string) bool {
	if f == nil || f.Body() == nil {
		return false
	}
	body := f.Body().Span
	for _, off := range f.File.Uses(name) {
		if off >= body.Start && off < body.End {
			return true
		}
	}
	return false
}
