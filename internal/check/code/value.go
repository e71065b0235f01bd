package code

import "github.com/lullwork/lull/internal/check/island"

// Kind is a kind of a value.
type Kind uint8

// The kinds.
const (
	Other    Kind = iota // null, an object, a list
	String               // Text
	Int                  // Int; whole numbers only
	Bool                 // Int is 0 or 1
	Duration             // Int is in microseconds
	EnumName             // Text is the value's name, Decl its declaration
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
// return such.
func (p *Program) Value(in *Func, u *Unit, n *island.Node) Value { return Value{} }

// Strings are the texts it can be in a release build, those with a Hole too.
func (v Value) Strings() []string { return nil }

// Ints are the numbers it can be in a release build.
func (v Value) Ints() []int64 { return nil }

// String is its only text; false if it can be anything else or has a Hole.
func (v Value) String() (string, bool) { return "", false }
