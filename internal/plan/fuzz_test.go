package plan

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// What is read either is a plan whose roots hold together, or is told in errors
// with their places, in order.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, a := range ar.Files {
			if strings.HasSuffix(a.Name, ".yaml") {
				f.Add(a.Data)
			}
		}
	}
	chores, err := os.ReadFile("testdata/chores.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(chores)
	f.Add([]byte("tasks:\n  a: &a {run: [x, 1], every: 1d, needs: {idle: on}}\n  b: {<<: *a, every: 2h, input: {x: [1, ~, 0x1f]}}\n  c: {run: x, after: b}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse("lull.yaml", data)
		if err == nil {
			roots, err := p.Roots()
			if err != nil {
				t.Fatal(err)
			}
			checkRoots(t, p, roots)
			p.Commands()
			return
		}
		var es Errors
		if !errors.As(err, &es) || len(es) == 0 || len(es) > maxErrors+2 {
			t.Fatalf("%d errors: %v", len(es), err)
		}
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + strings.Count(string(data), "\u2028") +
			strings.Count(string(data), "\u2029") + strings.Count(string(data), "\u0085") + 1
		last := 0
		for _, e := range es {
			if e.File != "lull.yaml" || e.Msg == "" || strings.ContainsAny(e.Error()+e.Hint, "\n\r\x00") || len(e.Error()) > 2000 {
				t.Fatalf("error %+v", e)
			}
			if e.Line < 0 || e.Line > lines+1 || e.Line != 0 && e.Line < last {
				t.Fatalf("line %d after %d of %d", e.Line, last, lines)
			}
			last = max(last, e.Line)
		}
	})
}

func FuzzUnits(f *testing.F) {
	for _, s := range []string{"1h30m", "-5s", "10MiB", "1.5h", "", "99999999999999999999d", "5µs"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDuration(s); err == nil {
			if again, err := ParseDuration(writeDuration(d)); err != nil || again != d || d < 0 || d > longest {
				t.Errorf("%q = %v, again %v, %v", s, d, again, err)
			}
		}
		if n, err := ParseSize(s); err == nil && n < 0 {
			t.Errorf("%q = %d", s, n)
		}
	})
}
