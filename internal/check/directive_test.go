package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// show writes a directive as the scripts of TestDirectives have it.
func show(d directive) string {
	var names []string
	for _, n := range d.names {
		names = append(names, n.text)
	}
	lines := fmt.Sprintf("%d-%d", d.from, d.to)
	if d.file {
		lines = "file"
	}
	return fmt.Sprintf("%d:%d %s [%s] %s", d.place.Line, d.place.Column, lines, strings.Join(names, " "), d.reason)
}

func TestDirectives(t *testing.T) {
	ar, err := txtar.ParseFile("testdata/directives.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range ar.Files {
		files[f.Name] = f.Data
	}
	n := 0
	for _, f := range ar.Files {
		want, ok := files[f.Name+".want"]
		if !ok {
			continue
		}
		n++
		var got strings.Builder
		for _, d := range directives(f.Name, f.Data) {
			got.WriteString(strings.TrimRight(show(d), " ") + "\n")
		}
		if got.String() != string(want) {
			t.Errorf("%s: got\n%swant\n%s", f.Name, got.String(), want)
		}
	}
	if n*2 != len(ar.Files) {
		t.Errorf("%d files, %d of which are compared", len(ar.Files), n)
	}
}

func TestParseNames(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "[] ",
		"a":                         "[a] ",
		"a why":                     "[a] why",
		"a, b why it is":            "[a b] why it is",
		"a,b,c why":                 "[a b c] why",
		"a , b why":                 "[a b] why",
		"a: why, b":                 "[a] why, b",
		"a -- why":                  "[a] why",
		"a — why":                   "[a] why",
		"a ...":                     "[a] ",
		"a, ":                       "[a] ",
		",a why":                    "[a] why",
		"a\twhy":                    "[a] why",
		"E01, period-too-short why": "[E01 period-too-short] why",
	} {
		names, reason := parseNames(text)
		var got []string
		for _, n := range names {
			got = append(got, n.text)
		}
		if s := "[" + strings.Join(got, " ") + "] " + reason; s != want {
			t.Errorf("%q: got %q, want %q", text, s, want)
		}
	}
}

func FuzzDirectives(f *testing.F) {
	ar, err := txtar.ParseFile("testdata/directives.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range ar.Files {
		f.Add(file.Name, file.Data)
	}
	f.Fuzz(func(t *testing.T, name string, text []byte) {
		lines := 1 + strings.Count(string(text), "\n")
		for _, d := range directives(name, text) {
			if d.from < 1 || d.to < d.from || d.to > lines || d.place.Line != d.from {
				t.Errorf("lines %d to %d of %d", d.from, d.to, lines)
			}
			if !strings.HasPrefix(string(text[d.place.Start:d.place.End]), keyword) {
				t.Errorf("the place is %q", text[d.place.Start:d.place.End])
			}
			for _, n := range d.names {
				if n.text == "" || strings.ContainsAny(n.text, ", \t\n") {
					t.Errorf("a name is %q", n.text)
				}
			}
			if strings.ContainsAny(d.reason, "\n") {
				t.Errorf("the reason is %q", d.reason)
			}
		}
	})
}
