package code

import (
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// Units of time in microseconds, by the names that languages give them.
const (
	millisecond = 1000
	second      = 1000 * millisecond
	minute      = 60 * second
	hour        = 60 * minute
	day         = 24 * hour
)

// durations are named arguments of Dart's Duration, and members of numbers in Kotlin.
var durations = map[string]int64{
	"microseconds": 1, "milliseconds": millisecond, "seconds": second, "minutes": minute, "hours": hour, "days": day,
}

// makers are functions that make a duration of a number.
var makers = map[string]int64{
	"ofMillis": millisecond, "ofSeconds": second, "ofMinutes": minute, "ofHours": hour, "ofDays": day,
	"milliseconds": millisecond, "seconds": second, "minutes": minute, "hours": hour,
}

// perUnit are members that tell a duration in a unit.
var perUnit = map[string]int64{
	"inMicroseconds": 1, "inMilliseconds": millisecond, "inSeconds": second, "inMinutes": minute, "inHours": hour, "inDays": day,
	"inWholeMilliseconds": millisecond, "inWholeSeconds": second, "inWholeMinutes": minute, "inWholeHours": hour, "inWholeDays": day,
}

func itoa(i int64) string { return strconv.FormatInt(i, 10) }

// number reads a literal; only whole numbers have a value.
func number(s string) (int64, bool) {
	s = strings.ReplaceAll(s, "_", "")
	if i, err := strconv.ParseInt(strings.TrimRight(s, "lLuU"), 0, 64); err == nil {
		return i, true
	}
	f, err := strconv.ParseFloat(strings.TrimRight(s, "fFdD"), 64)
	if err != nil || f != float64(int64(f)) {
		return 0, false
	}
	return int64(f), true
}

// arithmetic works on numbers and durations.
func arithmetic(op string, x, y Case) (Case, bool) {
	numeric := func(k Kind) bool { return k == Int || k == Duration }
	if !numeric(x.Kind) || !numeric(y.Kind) {
		return Case{}, false
	}
	c := Case{Kind: Int, Debug: x.Debug || y.Debug}
	if x.Kind == Duration || y.Kind == Duration {
		c.Kind = Duration
	}
	switch op {
	case "+":
		c.Int = x.Int + y.Int
	case "-":
		c.Int = x.Int - y.Int
	case "*":
		c.Int = x.Int * y.Int
		if x.Int != 0 && c.Int/x.Int != y.Int {
			return Case{}, false
		}
	case "/":
		if y.Int == 0 || x.Int%y.Int != 0 {
			return Case{}, false
		}
		c.Int = x.Int / y.Int
	case "~/":
		if y.Int == 0 {
			return Case{}, false
		}
		c.Int = x.Int / y.Int
	case "%":
		if y.Int == 0 {
			return Case{}, false
		}
		c.Int = x.Int % y.Int
	default:
		return Case{}, false
	}
	return c, true
}

// foldCall is what a call gives: what is built in, else what its function returns.
func (p *Program) foldCall(e env, u *Unit, n *island.Node) Value {
	if len(n.Kids) == 0 {
		return Value{}
	}
	if c := n.Kids[0]; c.Kind == island.Closure && len(c.Kids) > 0 {
		return p.foldResults(e, u, c.Kids[0])
	}
	refs := p.calleeRefs(u, n)
	if len(refs) == 0 {
		return p.foldBuiltIn(e, u, n)
	}
	var all []Value
	for _, r := range refs {
		d := r.Decl
		switch {
		case d == nil:
			all = append(all, Value{})
		case isType(d), d.Kind == island.Constructor, d.Kind == island.TypeAlias:
			all = append(all, single(Case{Unit: u, Node: n}))
		case d.Kind == island.Function:
			all = append(all, p.foldInto(e, u, n, d))
		default:
			all = append(all, Value{})
		}
	}
	return joinAll(all)
}

// foldInto is what a function returns for these arguments.
func (p *Program) foldInto(e env, u *Unit, n *island.Node, d *island.Decl) Value {
	if e.depth > 60 || d.Body() == nil {
		return Value{}
	}
	inner := env{world: e.world, depth: e.depth + 1, params: map[*island.Param]Value{}}
	for i := range d.Params {
		param := &d.Params[i]
		if arg := argOf(d.Params, param, n); arg != nil {
			inner.params[param] = p.fold(e, u, arg)
		} else if v := param.Default(); v != nil {
			inner.params[param] = p.fold(e.outside(), p.byFile[d.File], v)
		}
	}
	if callee := n.Kids[0]; callee.Kind == island.Member && len(callee.Kids) > 0 && memberOfThis(d) {
		if c, ok := p.fold(e, u, callee.Kids[0]).only(); ok {
			inner.this = &c
		}
	} else if callee.Kind == island.Ident {
		inner.this = e.this
	}
	return p.foldBody(inner, p.byFile[d.File], d)
}

// foldBuiltIn is what functions of the languages' own libraries give.
func (p *Program) foldBuiltIn(e env, u *Unit, n *island.Node) Value {
	callee, name := n.Kids[0], island.CalleeName(n)
	var base *island.Node
	if callee.Kind == island.Member && len(callee.Kids) > 0 {
		base = callee.Kids[0]
	}
	arg := func(i int) Value {
		if i < len(n.Args) {
			return p.fold(e, u, n.Args[i].Value)
		}
		return Value{}
	}
	switch name {
	case "Duration":
		return p.foldDuration(e, u, n)
	case "max", "coerceAtLeast", "maxOf":
		if len(n.Args) == 2 {
			return larger(arg(0), arg(1))
		}
		if base != nil && len(n.Args) == 1 {
			return larger(p.fold(e, u, base), arg(0))
		}
	case "clamp", "coerceIn":
		if base != nil && len(n.Args) == 2 {
			return larger(p.fold(e, u, base), arg(0))
		}
	case "toInt", "toLong", "toDouble", "round", "floor", "truncate", "toString", "toNSNumber", "trim", "call", "description", "toSeconds":
		if base != nil {
			v := p.fold(e, u, base)
			if name == "toString" || name == "description" {
				v = v.each(func(c Case) Value {
					text, ok := c.text(u.Lang)
					if !ok {
						return Value{}
					}
					return single(Case{Kind: String, Text: text, Debug: c.Debug, Unit: c.Unit, Node: c.Node})
				})
			}
			return v
		}
	case "String", "Int", "TimeInterval", "Double", "NSNumber", "Long", "requireNotNull", "checkNotNull", "unawaited":
		if len(n.Args) == 1 && base == nil {
			return arg(0)
		}
	case "fromEnvironment":
		v := p.fold(e, u, n.Arg("defaultValue"))
		v.Exact, v.Min = false, nil
		return v
	case "describeEnum":
		return arg(0).each(func(c Case) Value {
			if c.Kind != EnumName {
				return Value{}
			}
			c.Kind = String
			return single(c)
		})
	case "bundleIdentifier":
		if mainBundle(u.Text(n.Span)) {
			return single(Case{Kind: String, Text: BundleID, Unit: u, Node: n})
		}
	case "getName", "getSimpleName", "getCanonicalName":
		if base != nil && base.Kind == island.Member && base.Name == "class" {
			short := map[string]string{"getSimpleName": "simpleName"}[name]
			return p.className(u, &island.Node{Kind: island.Member, Span: n.Span, Name: short, Kids: []*island.Node{base}})
		}
	case "stringWithFormat:", "format":
		if len(n.Args) > 0 && (u.Lang == island.ObjC || base != nil && base.Name == "String") {
			return p.foldFormat(e, u, n)
		}
	case "getPackageName":
		return single(Case{Kind: String, Text: ApplicationID, Unit: u, Node: n})
	case "toLowerCase", "lowercased", "lowercase":
		if base != nil {
			return p.fold(e, u, base).each(func(c Case) Value {
				c.Text = strings.ToLower(c.Text)
				return single(c)
			})
		}
	}
	if unit, ok := makers[name]; ok && len(n.Args) == 1 && u.Lang != island.Dart {
		return arg(0).each(func(c Case) Value {
			if c.Kind != Int {
				return Value{}
			}
			return single(Case{Kind: Duration, Int: c.Int * unit, Debug: c.Debug, Unit: u, Node: n})
		})
	}
	if t := p.typeOf(u, n, 0); t.name != "" { // an object of something that is not here
		return single(Case{Unit: u, Node: n})
	}
	return Value{}
}

// foldFormat fills in what a format takes as %@ and %s; the rest is not known.
func (p *Program) foldFormat(e env, u *Unit, n *island.Node) Value {
	return p.fold(e, u, n.Args[0].Value).each(func(c Case) Value {
		if c.Kind != String {
			return Value{}
		}
		parts, args := []*island.Node(nil), n.Args[1:]
		text := c.Text
		for {
			i := strings.IndexByte(text, '%')
			if i < 0 || i+1 >= len(text) {
				break
			}
			parts = append(parts, &island.Node{Kind: island.String, Span: n.Span, Text: text[:i]})
			switch {
			case text[i+1] == '%':
				parts = append(parts, &island.Node{Kind: island.String, Span: n.Span, Text: "%"})
			case len(args) > 0 && (text[i+1] == '@' || text[i+1] == 's' || text[i+1] == 'd'):
				parts, args = append(parts, args[0].Value), args[1:]
			default:
				parts = append(parts, &island.Node{Kind: island.Unknown, Span: n.Span})
			}
			text = text[i+2:]
		}
		parts = append(parts, &island.Node{Kind: island.String, Span: n.Span, Text: text})
		return p.foldString(e, u, &island.Node{Kind: island.String, Span: n.Span, Kids: parts})
	})
}

// larger is the larger of two: a lower bound, where one is known.
func larger(a, b Value) Value {
	switch {
	case a.Min == nil && b.Min == nil:
		return Value{}
	case b.Min == nil || a.Min != nil && *a.Min > *b.Min:
		a, b = b, a
	}
	// b has the larger bound
	if len(a.Cases) == 0 {
		return Value{Min: b.Min}
	}
	v := a.atLeast(*b.Min)
	if !b.Exact || len(b.Cases) != 1 {
		v.Exact = false
	}
	return v
}

// foldDuration adds up the arguments of Dart's Duration.
func (p *Program) foldDuration(e env, u *Unit, n *island.Node) Value {
	zero := int64(0)
	sum := Value{Cases: []Case{{Kind: Duration, Unit: u, Node: n}}, Exact: true, Min: &zero}
	for _, a := range n.Args {
		unit, ok := durations[a.Label]
		if !ok {
			return Value{}
		}
		v := p.fold(e, u, a.Value)
		before := sum
		sum = before.each(func(x Case) Value {
			return v.each(func(y Case) Value {
				if y.Kind != Int {
					return Value{}
				}
				c, ok := arithmetic("*", y, Case{Kind: Int, Int: unit})
				if !ok {
					return Value{}
				}
				return single(Case{Kind: Duration, Int: x.Int + c.Int, Debug: x.Debug || y.Debug, Unit: u, Node: n})
			})
		})
		sum.Min = nil
		if before.Min != nil && v.Min != nil {
			least := *before.Min + *v.Min*unit
			sum.Min = &least
		}
	}
	return sum
}
