package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/lullwork/lull/internal/core/nearest"
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
	if near := nearest.Word(word, allowed); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(allowed) == 0 || len(allowed) > 12 {
		return ""
	}
	return "use " + orList(allowed)
}

// orList writes "a, b or c".
func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
