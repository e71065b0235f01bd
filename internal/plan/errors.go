package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxErrors bounds what one reading reports: the rest would scroll away.
const maxErrors = 100

// Error is one mistake in a plan.
type Error struct {
	File string
	Line int // from 1; 0: the file as a whole
	Col  int // from 1; 0: not known
	Msg  string
	Hint string // what to do about it; may be empty
}

// Error returns "lull.yaml:7: message", without the hint.
func (e Error) Error() string {
	switch {
	case e.File == "":
		return e.Msg
	case e.Line == 0:
		return e.File + ": " + e.Msg
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg)
}

// Errors are all the mistakes of one plan, by line.
type Errors []Error

// Error returns one line for each mistake.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// bad is a mistake that has no place yet.
func bad(hint, format string, args ...any) *Error {
	return &Error{Msg: fmt.Sprintf(format, args...), Hint: hint}
}

// add records a mistake at a node.
func (r *reader) add(at *yaml.Node, e *Error) {
	if r.full() {
		r.more = true
		return
	}
	e.File = r.file
	if at != nil {
		e.Line, e.Col = at.Line, at.Column
	}
	r.errs = append(r.errs, *e)
}

// full reports whether further mistakes are left out, so that looking for hints
// is wasted work.
func (r *reader) full() bool { return len(r.errs) >= maxErrors }

// sorted returns what was recorded, by place. The same text reached through two
// aliases is told once.
func (r *reader) sorted() error {
	if len(r.errs) == 0 {
		return nil
	}
	es := Errors(r.errs)
	slices.SortStableFunc(es, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col), cmp.Compare(a.Msg, b.Msg))
	})
	es = slices.Compact(es)
	if r.more {
		es = append(es, Error{File: r.file, Msg: fmt.Sprintf("more than %d errors: the rest is left out", maxErrors)})
	}
	return es
}

// DidYouMean is a hint for an unknown word: the allowed one that is nearest, or all
// of them if they are few.
func DidYouMean(word string, allowed []string) string {
	if near := nearest(word, allowed); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(allowed) == 0 || len(allowed) > 12 {
		return ""
	}
	return "use " + orList(allowed)
}

// nearest returns the allowed word that a slip of the finger or two makes word
// from, or "".
func nearest(word string, allowed []string) string {
	const longWord, manyWords = 50, 1000 // beyond, looking costs too much
	if len(word) > longWord || len(allowed) > manyWords {
		return ""
	}
	best, bestAt := "", len(word)/3+1
	for _, a := range allowed {
		if strings.EqualFold(strings.ReplaceAll(word, "_", "-"), a) {
			return a
		}
		if max(len(a)-len(word), len(word)-len(a)) > bestAt {
			continue
		}
		if d := distance(word, a); d <= bestAt && d < len(a) && (best == "" || d < bestAt) {
			best, bestAt = a, d
		}
	}
	return best
}

// distance counts the edits (insert, delete, replace, swap of neighbours) from
// a to b.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// orList writes "a, b or c".
func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
