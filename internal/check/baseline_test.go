package check

import (
	"bytes"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/check/finding"
)

func found(rule, file, subject string, line int) *finding.Finding {
	return &finding.Finding{Rule: rule, Subject: subject, Message: "message", Place: finding.Place{File: file, Line: line, Column: 1}}
}

func TestBaseline(t *testing.T) {
	was := []*finding.Finding{found("a", "f.dart", "x", 1), found("a", "f.dart", "x", 9), found("b", "f.dart", "", 3)}
	text := NewBaseline(was).Encode()
	const want = `{
  "version": 1,
  "findings": [
    {
      "rule": "a",
      "file": "f.dart",
      "subject": "x",
      "count": 2
    },
    {
      "rule": "b",
      "file": "f.dart",
      "subject": "message",
      "count": 1
    }
  ]
}
`
	if string(text) != want {
		t.Errorf("got\n%s", text)
	}
	b, err := ReadBaseline(text)
	if err != nil {
		t.Fatal(err)
	}
	// Lines have moved, one x is new, b is gone, c is new.
	now := []*finding.Finding{found("a", "f.dart", "x", 5), found("a", "f.dart", "x", 15), found("a", "f.dart", "x", 25), found("c", "f.dart", "", 3)}
	fresh, known := b.divide(now)
	if len(fresh) != 2 || fresh[0].Place.Line != 25 || fresh[1].Rule != "c" || len(known) != 2 {
		t.Errorf("fresh %d, known %d", len(fresh), len(known))
	}
	for _, f := range now {
		if f.Known != (f.Place.Line == 5 || f.Place.Line == 15) {
			t.Errorf("line %d: known is %v", f.Place.Line, f.Known)
		}
	}
	all := func(string) bool { return true }
	if n := b.gone(known, all); n != 1 {
		t.Errorf("%d are gone", n)
	}
	if n := b.gone(known, func(rule string) bool { return rule != "b" }); n != 0 {
		t.Errorf("%d are gone of the rules that looked", n)
	}
	if n := b.With(known, all).Len(); n != 2 {
		t.Errorf("pruned it has %d", n)
	}
	if n := b.With(known, func(rule string) bool { return rule != "b" }).Len(); n != 3 {
		t.Errorf("pruned without a look at b it has %d", n)
	}
}

func TestReadBaselineRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``:                                   "line 1: it ends too soon",
		`{`:                                  "line 1: it ends too soon",
		"{\n\"version\": 1,\n}":              "line 3: ",
		`[]`:                                 "line 1: array is not what belongs here",
		`{"version": 2}`:                     "version 2",
		`{"findings": []}`:                   "version 0",
		`{"version": 1, "more": 2}`:          `unknown field "more"`,
		`{"version": 1} {}`:                  "follows",
		"{\"version\": 1,\n\"findings\": 3}": "line 2: number is not what belongs in \"findings\"",
		`{"version": 1, "findings": [{}]}`:   "finding 1 needs",
		`{"version": 1, "findings": [{"rule": "a", "file": "f", "subject": "", "count": -1}]}`:                   "finding 1 needs",
		`{"version": 1, "findings": [{"rule": "a", "file": "f", "subject": "", "count": 99999999999999999999}]}`: "line 1: ",
	} {
		if _, err := ReadBaseline([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func FuzzReadBaseline(f *testing.F) {
	f.Add(NewBaseline([]*finding.Finding{found("a", "f", "x", 1)}).Encode())
	f.Add([]byte(`{"version":1,"findings":[{"rule":"a","file":"f","subject":"\ud800","count":2},{"rule":"a","file":"f","subject":"","count":1}]}`))
	f.Add([]byte(`{"version":1,"findings":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := ReadBaseline(text)
		if err != nil {
			if b != nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, %v", b, err)
			}
			return
		}
		again, err := ReadBaseline(b.Encode())
		if err != nil || !bytes.Equal(again.Encode(), b.Encode()) {
			t.Errorf("%s is read as %v, %v", b.Encode(), again, err)
		}
	})
}
