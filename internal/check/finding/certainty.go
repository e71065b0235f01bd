package finding

import (
	"cmp"
	"strings"
)

// Certainties are all certainties, from strong to weak.
func Certainties() []Certainty { return []Certainty{Error, Warning, Hint} }

func (c Certainty) String() string {
	switch c {
	case Hint:
		return "hint"
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	return "none"
}

// CertaintyOf is the certainty of a word; ok is false for any other word.
func CertaintyOf(word string) (c Certainty, ok bool) {
	for _, c := range Certainties() {
		if c.String() == word {
			return c, true
		}
	}
	return 0, false
}

// Compare orders findings by file, place, rule and text.
func Compare(a, b *Finding) int {
	return cmp.Or(
		strings.Compare(a.Place.File, b.Place.File),
		cmp.Compare(a.Place.Line, b.Place.Line),
		cmp.Compare(a.Place.Column, b.Place.Column),
		strings.Compare(a.Rule, b.Rule),
		strings.Compare(a.Message, b.Message),
		strings.Compare(a.Subject, b.Subject),
	)
}

// CompareUnchecked orders what was not checked by file, line and text.
func CompareUnchecked(a, b Unchecked) int {
	return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.What, b.What), strings.Compare(a.Why, b.Why))
}
