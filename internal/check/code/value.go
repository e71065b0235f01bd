package code

import (
	"slices"

	"github.com/lullwork/lull/internal/check/island"
)

// Kind is a kind of a value.
type Kind uint8

// The kinds.
const (
	Other    Kind = iota // null, an object, a list: Node tells
	String               // Text
	Int                  // Int; whole numbers only
	Bool                 // Int is 0 or 1
	Duration             // Int is in microseconds
	EnumName             // Text is the value's name, Decl its declaration or nil
)

// Hole stands in a Text for a part that is not known. What is the bundle's or the
// application's identifier stands there as BundleID or ApplicationID.
const (
	Hole          = "\uFFFC"
	BundleID      = "$(PRODUCT_BUNDLE_IDENTIFIER)"
	ApplicationID = "${applicationId}"
)

// Case is one thing that a value can be.
type Case struct {
	Kind  Kind
	Text  string
	Int   int64
	Decl  *island.Decl
	Debug bool // in debug builds only
	Unit  *Unit
	Node  *island.Node // where it is written
}

// Value is what an expression can be worth.
type Value struct {
	Cases []Case // without doubles, in the order they were found
	Exact bool   // it is nothing else
	Min   *int64 // it is never less, of Int and Duration; nil where not known
}

// Value folds an expression: strings with what is interpolated, + and *, enum values and
// their fields, constants, variables with all that is assigned to them, parameters with
// what the calls of their function pass, Duration(...), conditions, functions that
// return such. in may be nil.
func (p *Program) Value(in *Func, u *Unit, n *island.Node) Value {
	return p.fold(env{}, u, n)
}

// ValueIn is Value in a world: without branches, assignments and calls that conditions
// leave out there, such as the other side of Platform.isIOS ? a : b.
func (p *Program) ValueIn(w World, u *Unit, n *island.Node) Value {
	return p.fold(env{world: w}, u, n)
}

// Strings are the texts it can be in a release build, those with a Hole too.
func (v Value) Strings() []string {
	var all []string
	for _, c := range v.Cases {
		if c.Kind == String && !c.Debug {
			all = append(all, c.Text)
		}
	}
	return all
}

// Ints are the numbers it can be in a release build, durations in microseconds.
func (v Value) Ints() []int64 {
	var all []int64
	for _, c := range v.Cases {
		if (c.Kind == Int || c.Kind == Duration) && !c.Debug {
			all = append(all, c.Int)
		}
	}
	return all
}

// String is its only text in a release build; false if it can be anything else or has a
// Hole.
func (v Value) String() (string, bool) {
	all := v.Strings()
	if !v.Exact || len(all) != 1 || len(v.released()) != 1 || holed(all[0]) {
		return "", false
	}
	return all[0], true
}

func (v Value) released() []Case {
	return slices.DeleteFunc(slices.Clone(v.Cases), func(c Case) bool { return c.Debug })
}

// only is its one case.
func (v Value) only() (Case, bool) {
	if !v.Exact || len(v.Cases) != 1 {
		return Case{}, false
	}
	return v.Cases[0], true
}

const maxCases = 64

func single(c Case) Value {
	v := Value{Cases: []Case{c}, Exact: true}
	if c.Kind == Int || c.Kind == Duration {
		v.Min = &c.Int
	}
	return v
}

// join is what is one or the other.
func join(a, b Value) Value {
	v := Value{Exact: a.Exact && b.Exact}
	if a.Min != nil && b.Min != nil {
		least := min(*a.Min, *b.Min)
		v.Min = &least
	}
	v.Cases = append(v.Cases, a.Cases...)
	for _, c := range b.Cases {
		i := slices.IndexFunc(v.Cases, func(k Case) bool { return same(k, c) })
		switch {
		case i >= 0:
			v.Cases[i].Debug = v.Cases[i].Debug && c.Debug
		case len(v.Cases) >= maxCases:
			v.Exact = false
		default:
			v.Cases = append(v.Cases, c)
		}
	}
	return v
}

// joinAll is one of several; of none nothing is known.
func joinAll(list []Value) Value {
	if len(list) == 0 {
		return Value{}
	}
	v := list[0]
	for _, o := range list[1:] {
		v = join(v, o)
	}
	return v
}

// same tells whether two cases are worth the same.
func same(a, b Case) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case String:
		return a.Text == b.Text
	case EnumName:
		return a.Text == b.Text && (a.Decl == b.Decl || a.Decl == nil || b.Decl == nil)
	case Other:
		return a.Node == b.Node || a.Node != nil && b.Node != nil && a.Node.Kind == island.Null && b.Node.Kind == island.Null
	}
	return a.Int == b.Int
}

// atLeast raises what a value can be.
func (v Value) atLeast(low int64) Value {
	for i := range v.Cases {
		c := &v.Cases[i]
		if (c.Kind == Int || c.Kind == Duration) && c.Int < low {
			v.Cases = slices.Clone(v.Cases)
			v.Cases[i].Int = low
		}
	}
	if v.Min == nil || *v.Min < low {
		v.Min = &low
	}
	return v
}

// each makes a value of what every case becomes.
func (v Value) each(become func(Case) Value) Value {
	if len(v.Cases) == 0 {
		return Value{}
	}
	var all []Value
	for _, c := range v.Cases {
		o := become(c)
		if c.Debug {
			o = o.debug()
		}
		all = append(all, o)
	}
	r := joinAll(all)
	r.Exact = r.Exact && v.Exact
	if !v.Exact {
		r.Min = nil
	}
	return r
}

// debug marks all cases as of debug builds.
func (v Value) debug() Value {
	v.Cases = slices.Clone(v.Cases)
	for i := range v.Cases {
		v.Cases[i].Debug = true
	}
	return v
}

// in adds a value to a list, marked as of debug builds if the node that gives it runs in no
// other, and not at all if it cannot run in the world that is asked about.
func (p *Program) in(e env, all []Value, v Value, u *Unit, n *island.Node) []Value {
	if !p.May(e.world, u, n) {
		return all
	}
	if len(v.Cases) > 0 && !p.May(World{Build: "release"}, u, n) {
		v = v.debug()
	}
	return append(all, v)
}
