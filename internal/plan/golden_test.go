package plan

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected errors")

// Each archive holds NAME.yaml, a wrong plan, and NAME.want, what is said of it.
func TestWrongPlans(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no archives", err)
	}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		for _, f := range ar.Files {
			if name, ok := strings.CutSuffix(f.Name, ".want"); ok {
				want[name] = string(f.Data)
			}
		}
		out := &txtar.Archive{Comment: ar.Comment}
		for _, f := range ar.Files {
			name, ok := strings.CutSuffix(f.Name, ".yaml")
			if !ok {
				continue
			}
			got := describe(t, f.Data)
			out.Files = append(out.Files, f, txtar.File{Name: name + ".want", Data: []byte(got)})
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+name, func(t *testing.T) {
				if !*update {
					if diff := cmp.Diff(want[name], got); diff != "" {
						t.Errorf("-want +got\n%s", diff)
					}
				}
			})
		}
		if *update {
			if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// describe writes errors as the command line does.
func describe(t *testing.T, data []byte) string {
	t.Helper()
	p, err := Parse("lull.yaml", data)
	var es Errors
	if !errors.As(err, &es) || len(es) == 0 || p != nil {
		t.Fatalf("Parse = %v, %v, want Errors", p, err)
	}
	var b strings.Builder
	for _, e := range es {
		if strings.ContainsAny(e.Error()+e.Hint, "\n\r") {
			t.Errorf("an error is not one line: %q", e.Error())
		}
		b.WriteString(e.Error() + "\n")
		if e.Hint != "" {
			b.WriteString("    hint: " + e.Hint + "\n")
		}
	}
	return b.String()
}
