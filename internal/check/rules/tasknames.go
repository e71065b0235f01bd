package rules

import (
	"slices"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
)

// comesTo tells whether a call may be reached from f, which takes the name of a task as a
// parameter, when that has a value: a switch or an if may lead elsewhere.
func (p *Pass) comesTo(c code.Call, f *code.Func, param, task string, depth int) bool {
	for _, s := range p.stepsTo(c, f) {
		switch to := s.To; {
		case !p.leadsTo(f, s.Node, param, task):
		case to == nil || depth == 0:
			return true
		case to.Closure != nil:
			if p.comesTo(c, to, param, task, depth-1) {
				return true
			}
		default:
			if name := getsAs(to, s.Node, param); name == "" || p.comesTo(c, to, name, task, depth-1) {
				return true
			}
		}
	}
	return false
}

// stepsTo are the nodes of f by which a call is reached, each with the function that it leads to; the
// call itself leads to none.
func (p *Pass) stepsTo(c code.Call, f *code.Func) []code.Edge {
	if c.In == f {
		return []code.Edge{{Node: c.Node}}
	}
	var steps []code.Edge
	for _, e := range p.dart().Callees(f) {
		if e.Guess || !p.dart().ReachIn(code.World{Build: "release"}, e.To).Sure(c.In) {
			continue
		}
		if e.To.Closure != nil || e.To.Decl == nil {
			steps = append(steps, e)
			continue
		}
		before := len(steps)
		for _, call := range p.dart().Calls(e.To.Decl.Name) {
			if call.In == f && slices.Contains(p.dart().Resolve(f, f.File, call.Node.Kids[0]), e.To.Decl) {
				steps = append(steps, code.Edge{To: e.To, Node: call.Node})
			}
		}
		if len(steps) == before {
			steps = append(steps, e)
		}
	}
	return steps
}

// getsAs is the parameter by which a function gets the value of a name where it is called; "" where it
// does not get it.
func getsAs(f *code.Func, call *island.Node, name string) string {
	at := 0
	for i := range call.Args {
		a := &call.Args[i]
		if a.Value != nil && a.Value.Kind == island.Ident && a.Value.Name == name {
			switch {
			case a.Label != "":
				return a.Label
			case at < len(f.Params()):
				return f.Params()[at].Name
			}
		}
		if a.Label == "" {
			at++
		}
	}
	return ""
}

// chance tells whether something is so in some runs.
type chance uint8

const (
	never chance = iota
	perhaps
	surely
)

func (c chance) not() chance { return surely - c }

// leadsTo tells whether what stands around a node of f lets a task of a name through.
func (p *Pass) leadsTo(f *code.Func, n *island.Node, param, task string) bool {
	for _, g := range p.dart().Guards(f, n) {
		switch {
		case g.Kind == code.Condition:
			if is := p.holdsFor(f, g.Cond, param, task); g.Holds && is == never || !g.Holds && is == surely {
				return false
			}
		case g.Kind == code.InCase && g.Subject.Kind == island.Ident && g.Subject.Name == param:
			own := p.caseHas(f, g.Cond, task)
			if own == surely {
				continue
			}
			sw := enclosing(f.Body(), g.Cond, island.Switch)
			if g.Cond.Name != "default" && own == never || sw != nil && slices.ContainsFunc(sw.Kids[1:], func(c *island.Node) bool { return p.caseHas(f, c, task) == surely }) {
				return false
			}
		}
	}
	return true
}

// caseHas tells whether one of a case's patterns is the name of a task.
func (p *Pass) caseHas(f *code.Func, c *island.Node, task string) chance {
	has := never
	if c.Kind != island.Case {
		return has
	}
	for _, pattern := range c.Kids[:max(0, len(c.Kids)-1)] {
		has = max(has, p.matches(f, pattern, task))
	}
	return has
}

// matches tells whether a pattern, or what a name is compared with, is the name of a task.
func (p *Pass) matches(f *code.Func, pattern *island.Node, task string) chance {
	if pattern.Kind == island.Binary && len(pattern.Kids) == 2 {
		a, b := p.matches(f, pattern.Kids[0], task), p.matches(f, pattern.Kids[1], task)
		switch pattern.Name {
		case "||":
			return max(a, b)
		case "when":
			return min(a, perhaps)
		}
	}
	v := p.dart().Value(f, f.File, pattern)
	switch texts := v.Strings(); {
	case !v.Exact || len(texts) == 0:
		return perhaps
	case !slices.Contains(texts, task):
		return never
	case len(texts) > 1:
		return perhaps
	}
	return surely
}

// holdsFor tells whether a condition of f holds for a task of a name.
func (p *Pass) holdsFor(f *code.Func, cond *island.Node, param, task string) chance {
	switch {
	case cond.Kind == island.Unary && cond.Name == "!" && len(cond.Kids) > 0:
		return p.holdsFor(f, cond.Kids[0], param, task).not()
	case cond.Kind != island.Binary || len(cond.Kids) != 2:
		return perhaps
	}
	a, b := cond.Kids[0], cond.Kids[1]
	switch cond.Name {
	case "&&":
		return min(p.holdsFor(f, a, param, task), p.holdsFor(f, b, param, task))
	case "||":
		return max(p.holdsFor(f, a, param, task), p.holdsFor(f, b, param, task))
	case "==", "!=":
		if b.Kind == island.Ident && b.Name == param {
			a, b = b, a
		}
		if a.Kind != island.Ident || a.Name != param {
			return perhaps
		}
		is := p.matches(f, b, task)
		if cond.Name == "!=" {
			return is.not()
		}
		return is
	}
	return perhaps
}
