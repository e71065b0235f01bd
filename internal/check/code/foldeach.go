package code

import (
	"path"
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// loopOf is what the loop goes over whose variable a name means; nil where it is none.
func (p *Program) loopOf(u *Unit, r Ref) *island.Node {
	if r.Node == nil || r.Node.Kind != island.Local || len(r.Node.Kids) > 0 || r.Decl.Init() != nil {
		return nil
	}
	_, way := p.trail(u, r.Node)
	if len(way) < 2 {
		return nil
	}
	loop, bound := way[len(way)-2], r.Node
	if loop.Kind == island.List && loop.Name == "()" && len(way) > 2 && len(loop.Kids) == 2 && loop.Kids[1] == r.Node {
		loop, bound = way[len(way)-3], loop // for (i, x) in list.enumerated()
	}
	if loop.Kind != island.For || len(loop.Kids) < 3 || loop.Kids[0] != bound {
		return nil
	}
	if bound == r.Node {
		return loop.Kids[1]
	}
	list := loop.Kids[1]
	if list.Kind != island.Call || island.CalleeName(list) != "enumerated" || len(list.Kids[0].Kids) == 0 {
		return nil
	}
	return list.Kids[0].Kids[0]
}

// foldElement is the parameter of a closure that is run for each element of a list.
func (p *Program) foldElement(e env, r Ref) Value {
	u, c := r.Func.File, r.Func.Closure
	_, way := p.trail(u, c)
	if len(way) < 2 || len(c.Params) != 1 {
		return Value{}
	}
	call := way[len(way)-2]
	if call.Kind != island.Call || !runsOften[island.CalleeName(call)] || call.Kids[0].Kind != island.Member || len(call.Kids[0].Kids) == 0 {
		return Value{}
	}
	return p.elements(e.outside(), u, call.Kids[0].Kids[0])
}

// elements is one of the elements of a list: those written there, or all values of an enum.
func (p *Program) elements(e env, u *Unit, list *island.Node) Value {
	if list.Kind == island.Member && (list.Name == "values" || list.Name == "entries" || list.Name == "allCases") && len(list.Kids) > 0 {
		var all []Value
		for _, r := range p.refs(u, list.Kids[0], 0) {
			if r.Decl == nil || r.Decl.Kind != island.Enum {
				continue
			}
			for _, m := range r.Decl.Members {
				if m.Kind == island.EnumValue {
					all = append(all, single(Case{Kind: EnumName, Text: m.Name, Decl: m, Unit: p.byFile[m.File]}))
				}
			}
		}
		if len(all) > 0 {
			return joinAll(all)
		}
	}
	return p.fold(e, u, list).each(func(c Case) Value {
		if c.Node == nil || c.Kind != Other || c.Node.Kind != island.List && c.Node.Kind != island.Map {
			return Value{}
		}
		var all []Value
		for _, k := range c.Node.Kids {
			if k.Kind == island.Pair {
				return Value{}
			}
			all = append(all, p.fold(e, c.Unit, k))
		}
		return joinAll(all)
	})
}

// inTests tells whether a file is of tests, which say little about the app.
func inTests(f *island.File, p *Program) bool {
	u := p.byFile[f]
	if u == nil {
		return false
	}
	dir := "/" + path.Dir(u.Path) + "/"
	for _, name := range []string{"/test/", "/integration_test/", "/test_driver/", "/androidTest/", "/testing/", "Tests/", "UITests/"} {
		if strings.Contains(dir, name) {
			return true
		}
	}
	return false
}
