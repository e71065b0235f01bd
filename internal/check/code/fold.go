package code

import (
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// maxFolds is how many expressions are looked at for the value of one.
const maxFolds = 20_000

// env is what is known while an expression is folded.
type env struct {
	this   *Case // an enum value, or an object by the call that made it
	params map[*island.Param]Value
	world  World
	depth  int
}

// outside is what is left of it in another place of the program.
func (e env) outside() env { return env{world: e.world, depth: e.depth} }

func (e env) deeper() env {
	e.depth++
	return e
}

// fold is the value of an expression.
func (p *Program) fold(e env, u *Unit, n *island.Node) Value {
	if e.depth == 0 {
		p.spent = 0
	}
	if p.spent++; n == nil || e.depth > 100 || p.spent > maxFolds {
		return Value{}
	}
	e.depth++
	kid := func(i int) *island.Node {
		if i < len(n.Kids) {
			return n.Kids[i]
		}
		return nil
	}
	switch n.Kind {
	case island.String:
		return p.foldString(e, u, n)
	case island.Number:
		if i, ok := number(n.Text); ok {
			return single(Case{Kind: Int, Int: i, Unit: u, Node: n})
		}
	case island.Bool:
		c := Case{Kind: Bool, Unit: u, Node: n}
		if n.Name == "true" {
			c.Int = 1
		}
		return single(c)
	case island.Null, island.List, island.Map, island.Closure:
		return single(Case{Unit: u, Node: n})
	case island.This:
		if e.this != nil {
			return single(*e.this)
		}
	case island.Await, island.Expr, island.Cascade:
		return p.fold(e, u, kid(0))
	case island.Unary:
		return p.foldUnary(e, u, n)
	case island.Binary:
		return p.foldBinary(e, u, n)
	case island.Cond:
		return p.foldCond(e, u, n)
	case island.If:
		if len(n.Kids) == 3 {
			return p.foldCond(e, u, n)
		}
	case island.Switch:
		return p.foldSwitch(e, u, n)
	case island.Block:
		if len(n.Kids) > 0 {
			return p.fold(e, u, n.Kids[len(n.Kids)-1])
		}
	case island.Ident:
		return p.foldName(e, u, n)
	case island.Member:
		return p.foldMember(e, u, n)
	case island.Call:
		return p.foldCall(e, u, n)
	case island.Index:
		return p.foldIndex(e, u, n)
	}
	return Value{}
}

// foldString joins the parts of a string: all combinations of what they can be, up to a
// number.
func (p *Program) foldString(e env, u *Unit, n *island.Node) Value {
	if len(n.Kids) == 0 {
		return single(Case{Kind: String, Text: n.Text, Unit: u, Node: n})
	}
	texts, debug, exact := []string{""}, []bool{false}, true
	for _, k := range n.Kids {
		var parts []string
		var marks []bool
		if k.Kind == island.String && len(k.Kids) == 0 {
			parts, marks = []string{k.Text}, []bool{false}
		} else {
			v := p.fold(e, u, k)
			exact = exact && v.Exact
			for _, c := range v.Cases {
				text, ok := c.text(u.Lang)
				if !ok {
					text, exact = Hole, false
				}
				parts, marks = append(parts, text), append(marks, c.Debug)
			}
			if len(parts) == 0 {
				parts, marks, exact = []string{Hole}, []bool{false}, false
			}
		}
		if len(texts)*len(parts) > maxCases {
			parts, marks, exact = []string{Hole}, []bool{false}, false
		}
		var longer []string
		var both []bool
		for i, t := range texts {
			for j, part := range parts {
				longer, both = append(longer, t+part), append(both, debug[i] || marks[j])
			}
		}
		texts, debug = longer, both
	}
	var all []Value
	for i, t := range texts {
		v := single(Case{Kind: String, Text: t, Debug: debug[i], Unit: u, Node: n})
		v.Exact = exact
		all = append(all, v)
	}
	return joinAll(all)
}

// text is how a value is interpolated.
func (c Case) text(l island.Lang) (string, bool) {
	switch c.Kind {
	case String:
		return c.Text, true
	case Int:
		return itoa(c.Int), true
	case Bool:
		if c.Int == 1 {
			return "true", true
		}
		return "false", true
	case EnumName:
		if l == island.Dart && c.Decl != nil {
			if t := typeAround(c.Decl); t != nil {
				return t.Name + "." + c.Text, true
			}
		}
		return c.Text, true
	}
	return "", false
}

func holed(s string) bool {
	return strings.Contains(s, Hole) || strings.Contains(s, BundleID) || strings.Contains(s, ApplicationID)
}

func (p *Program) foldUnary(e env, u *Unit, n *island.Node) Value {
	if len(n.Kids) == 0 {
		return Value{}
	}
	v := p.fold(e, u, n.Kids[0])
	switch n.Name {
	case "-":
		return v.each(func(c Case) Value {
			if c.Kind != Int && c.Kind != Duration {
				return Value{}
			}
			c.Int = -c.Int
			return single(c)
		})
	case "!":
		if n.Kids[0].Start == n.Start { // postfix
			return v
		}
		return v.each(func(c Case) Value {
			if c.Kind != Bool {
				return Value{}
			}
			c.Int = 1 - c.Int
			return single(c)
		})
	case "~", "++", "--":
		return Value{}
	}
	return v
}

func (p *Program) foldBinary(e env, u *Unit, n *island.Node) Value {
	if len(n.Kids) != 2 {
		return Value{}
	}
	switch n.Name {
	case "as", "as?", "as!":
		return p.fold(e, u, n.Kids[0])
	case "??", "?:":
		return p.foldElse(e, u, n)
	case "==", "!=", "&&", "||":
		switch p.holds(e, u, n) {
		case yes:
			return single(Case{Kind: Bool, Int: 1, Unit: u, Node: n})
		case no:
			return single(Case{Kind: Bool, Unit: u, Node: n})
		}
		return Value{}
	}
	a, b := p.fold(e, u, n.Kids[0]), p.fold(e, u, n.Kids[1])
	if n.Name == "+" && (isText(a) || isText(b)) {
		return p.foldString(e, u, &island.Node{Kind: island.String, Span: n.Span, Kids: n.Kids})
	}
	v := a.each(func(x Case) Value {
		return b.each(func(y Case) Value {
			c, ok := arithmetic(n.Name, x, y)
			if !ok {
				return Value{}
			}
			c.Unit, c.Node = u, n
			return single(c)
		})
	})
	if v.Min == nil && a.Min != nil && b.Min != nil && *a.Min >= 0 && *b.Min >= 0 {
		if c, ok := arithmetic(n.Name, Case{Kind: Int, Int: *a.Min}, Case{Kind: Int, Int: *b.Min}); ok && (n.Name == "+" || n.Name == "*") {
			v.Min = &c.Int
		}
	}
	return v
}

func isText(v Value) bool {
	for _, c := range v.Cases {
		if c.Kind == String {
			return true
		}
	}
	return false
}

// foldElse is a ?? b: b only where a can be null.
func (p *Program) foldElse(e env, u *Unit, n *island.Node) Value {
	a, b := p.fold(e, u, n.Kids[0]), p.fold(e, u, n.Kids[1])
	var kept []Case
	null := !a.Exact
	for _, c := range a.Cases {
		if c.Kind == Other && c.Node != nil && c.Node.Kind == island.Null {
			null = true
			continue
		}
		kept = append(kept, c)
	}
	if !null {
		return a
	}
	a.Cases = kept
	if len(kept) == 0 && a.Exact {
		return b
	}
	return join(a, b)
}

// foldCond is one of two branches, or both; it knows debug builds and lower bounds.
func (p *Program) foldCond(e env, u *Unit, n *island.Node) Value {
	if len(n.Kids) != 3 {
		return Value{}
	}
	cond := n.Kids[0]
	switch p.holds(e, u, cond) {
	case yes:
		return p.fold(e, u, n.Kids[1])
	case no:
		return p.fold(e, u, n.Kids[2])
	}
	a, b := p.fold(e, u, n.Kids[1]), p.fold(e, u, n.Kids[2])
	release, debug := p.test(World{Build: "release"}, u, cond, 0), p.test(World{Build: "debug"}, u, cond, 0)
	switch {
	case release == no && debug == no:
		return b
	case release == yes && debug == yes:
		return a
	case release == no:
		a = a.debug()
	case release == yes:
		b = b.debug()
	}
	v := join(a, b)
	if low, ok := p.lowBound(e, u, cond, n.Kids[1], n.Kids[2]); ok {
		v = v.atLeast(low)
	}
	return v
}

// lowBound is the bound that x < c ? c : x and its kin set.
func (p *Program) lowBound(e env, u *Unit, cond, then, other *island.Node) (int64, bool) {
	if cond.Kind != island.Binary || len(cond.Kids) != 2 {
		return 0, false
	}
	x, c, op := cond.Kids[0], cond.Kids[1], cond.Name
	if _, ok := p.fold(e, u, c).only(); !ok {
		x, c = c, x
		op = map[string]string{"<": ">", ">": "<", "<=": ">=", ">=": "<="}[op]
	}
	bound, ok := p.fold(e, u, c).only()
	if !ok || bound.Kind != Int && bound.Kind != Duration {
		return 0, false
	}
	switch op {
	case ">", ">=":
		then, other = other, then
	case "<", "<=":
	default:
		return 0, false
	}
	// Here "then" is what it is where x is small.
	small, ok := p.fold(e, u, then).only()
	if !ok || small.Kind != bound.Kind || u.Text(x.Span) != u.Text(other.Span) {
		return 0, false
	}
	return min(small.Int, bound.Int), true
}

// holds evaluates a condition with what is known of values.
func (p *Program) holds(e env, u *Unit, n *island.Node) truth {
	if n.Kind == island.Binary && len(n.Kids) == 2 {
		switch n.Name {
		case "==", "!=", "===", "!==":
			a, okA := p.fold(e.deeper(), u, n.Kids[0]).only()
			b, okB := p.fold(e.deeper(), u, n.Kids[1]).only()
			if okA && okB && a.Kind == b.Kind && !a.Debug && !b.Debug && !holed(a.Text) && !holed(b.Text) {
				t := sure(same(a, b))
				if n.Name[0] == '!' {
					return t.not()
				}
				return t
			}
		case "&&":
			return and(p.holds(e, u, n.Kids[0]), p.holds(e, u, n.Kids[1]))
		case "||":
			return or(p.holds(e, u, n.Kids[0]), p.holds(e, u, n.Kids[1]))
		}
	}
	return p.test(e.world, u, n, 0)
}

// foldSwitch is what the matching case of a switch gives, or one of all.
func (p *Program) foldSwitch(e env, u *Unit, n *island.Node) Value {
	var all []Value
	for _, c := range n.Kids[min(1, len(n.Kids)):] {
		if c.Kind != island.Case || len(c.Kids) == 0 {
			continue
		}
		t := p.matches(e, u, n, c)
		if t == no {
			continue
		}
		v := p.fold(e, u, c.Kids[len(c.Kids)-1])
		if t == yes {
			return v
		}
		all = append(all, v)
	}
	return joinAll(all)
}

// matches tells whether a switch takes a case. The default is taken if no other is.
func (p *Program) matches(e env, u *Unit, n, c *island.Node) truth {
	subject, ok := p.fold(e.deeper(), u, n.Kids[0]).only()
	if !ok {
		return open
	}
	if c.Name == "default" {
		t := yes
		for _, o := range n.Kids[1:] {
			if o != c && o.Kind == island.Case {
				t = and(t, p.matchesCase(e, u, subject, o).not())
			}
		}
		return t
	}
	return p.matchesCase(e, u, subject, c)
}

func (p *Program) matchesCase(e env, u *Unit, subject Case, c *island.Node) truth {
	t := no
	for _, pattern := range c.Kids {
		if pattern.Kind == island.Block || pattern == c.Kids[len(c.Kids)-1] && len(c.Kids) > 1 {
			continue
		}
		v, ok := p.fold(e.deeper(), u, pattern).only()
		if !ok && subject.Kind == EnumName && pattern.Kind == island.Member {
			v, ok = Case{Kind: EnumName, Text: pattern.Name}, true
		}
		if !ok || v.Kind != subject.Kind {
			t = or(t, open)
			continue
		}
		t = or(t, sure(same(subject, v)))
	}
	return t
}

// foldIndex is what a constant map or list holds.
func (p *Program) foldIndex(e env, u *Unit, n *island.Node) Value {
	if len(n.Kids) != 2 {
		return Value{}
	}
	key, known := p.fold(e, u, n.Kids[1]).only()
	return p.fold(e, u, n.Kids[0]).each(func(c Case) Value {
		if c.Node == nil || c.Node.Kind != island.Map {
			return Value{}
		}
		var all []Value
		for _, pair := range c.Node.Kids {
			if pair.Kind != island.Pair || len(pair.Kids) != 2 {
				return Value{}
			}
			k, ok := p.fold(e, c.Unit, pair.Kids[0]).only()
			if known && ok && !same(k, key) {
				continue
			}
			all = append(all, p.fold(e, c.Unit, pair.Kids[1]))
		}
		return joinAll(all)
	})
}
