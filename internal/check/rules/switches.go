package rules

import (
	"slices"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
)

// bySwitch tells whether a bool that is handed in, or kept in a field, decides on the way from an entry to a
// node: then the code knows which side it runs on.
func (p *Pass) bySwitch(e *entry, f *code.Func, n *island.Node) bool {
	if p.switched(e, f, n) {
		return true
	}
	way := e.Reach().Path(f)
	for i := 0; i+1 < len(way); i++ {
		for _, edge := range p.dart().Callees(way[i]) {
			if edge.To == way[i+1] && edge.Node != nil {
				if p.switched(e, way[i], edge.Node) {
					return true
				}
				break
			}
		}
	}
	return false
}

// switched tells whether a node of f runs on the word of a bool parameter or field. A field of
// a handler that only the background makes says nothing of where the code runs.
func (p *Pass) switched(e *entry, f *code.Func, n *island.Node) bool {
	class := classOf(f)
	if slices.ContainsFunc(e.hooks, func(h *code.Func) bool { return classOf(h) == class }) {
		class = nil
	}
	for _, g := range p.dart().Guards(f, n) {
		if g.Kind != code.Condition {
			continue
		}
		for i, param := range f.Params() {
			if bareType(param.Type) == "bool" && mentions(g.Cond, param.Name) && !p.given(e, f, i, g) {
				return true
			}
		}
		for _, m := range membersOf(class) {
			if m.Kind == island.Variable && !m.Has(island.Static) && bareType(m.Type) == "bool" && mentions(g.Cond, m.Name) {
				return true
			}
		}
	}
	return false
}

// given tells whether the entry itself hands in the constant for which a condition on a bool
// parameter of f comes out as it has to.
func (p *Pass) given(e *entry, f *code.Func, param int, g code.Guard) bool {
	cond, want := g.Cond, g.Holds
	if cond.Kind == island.Unary && cond.Name == "!" && len(cond.Kids) > 0 {
		cond, want = cond.Kids[0], !want
	}
	if cond.Kind != island.Ident || f.Decl == nil {
		return false
	}
	return slices.ContainsFunc(e.Reach().Calls(f.Decl.Name), func(c code.Call) bool {
		arg := c.Node.Arg(cond.Name)
		if !f.Params()[param].Named {
			arg = c.Node.Positional(param)
		}
		return arg != nil && (isTrue(arg) && want || isFalse(arg) && !want) && e.certain(c.In) &&
			slices.Contains(p.dart().Resolve(c.In, c.Unit, c.Node.Kids[0]), f.Decl)
	})
}

func membersOf(d *island.Decl) []*island.Decl {
	if d == nil {
		return nil
	}
	return d.Members
}
