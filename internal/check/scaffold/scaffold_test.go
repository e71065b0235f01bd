package scaffold_test

import (
	"bytes"
	"context"
	"flag"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lullwork/lull/internal/check"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/mend"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/scaffold"
	"github.com/lullwork/lull/internal/check/source"
)

var update = flag.Bool("update", false, "rewrite what is expected")

// made is what there is to write into a folder, and what to do by hand.
func made(t *testing.T, dir string) (*mend.Mending, *scaffold.Result) {
	t.Helper()
	files, err := source.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	tree, err := project.Scan(context.Background(), files)
	if err != nil {
		t.Fatal(err)
	}
	r, err := scaffold.Make(files, tree)
	if err != nil {
		t.Fatal(err)
	}
	m := &mend.Mending{Was: map[string][]byte{}, Now: map[string][]byte{}}
	edits := map[string][]finding.Edit{}
	for _, e := range r.Edits {
		edits[e.File] = append(edits[e.File], e)
	}
	for file, list := range edits {
		was, err := files.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		now, ok := mend.Apply(was, list)
		if !ok {
			t.Fatalf("%s: edits overlap: %v", file, list)
		}
		m.Was[file], m.Now[file] = was, now
	}
	for _, f := range r.Files {
		m.Now[f.Path] = []byte(f.Text)
	}
	return m, r
}

// errorsIn are the rules of the errors that are found in a folder, each as often as it is found.
func errorsIn(t *testing.T, dir string) []string {
	t.Helper()
	r, err := check.Run(context.Background(), dir, check.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range r.Findings {
		if f.Certainty == finding.Error {
			out = append(out, f.Rule+" "+f.Subject)
		}
	}
	slices.Sort(out)
	return out
}

// TestMake writes into copies of projects. What is written must parse, change no finding, and
// leave nothing to do a second time.
func TestMake(t *testing.T) {
	for _, dir := range []string{"../../../testdata/projects/broken", "../../../testdata/projects/clean"} {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			copied := t.TempDir()
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			inspect(t, copied)
		})
	}
}

func inspect(t *testing.T, dir string) *mend.Mending {
	t.Helper()
	before := errorsIn(t, dir)
	m, _ := made(t, dir)
	if len(m.Now) == 0 {
		t.Fatal("nothing to write")
	}
	if _, err := m.Write(dir); err != nil {
		t.Fatal(err)
	}
	for file, text := range m.Now {
		lang := map[string]island.Lang{".dart": island.Dart, ".kt": island.Kotlin, ".swift": island.Swift}[path.Ext(file)]
		if lang == 0 {
			continue
		}
		f := island.Parse(lang, text)
		for _, d := range f.Decls {
			bodies(d)
		}
		for _, s := range f.Skipped {
			t.Errorf("%s: not understood: %q", file, f.Text(s))
		}
	}
	if diff := cmp.Diff(before, errorsIn(t, dir)); diff != "" {
		t.Errorf("other errors than before:\n%s", diff)
	}
	again, _ := made(t, dir)
	for file := range again.Now {
		t.Errorf("%s is written again:\n%s", file, again.Diff(func(f string) string { return f }))
	}
	return m
}

// bodies parses what is inside of a declaration.
func bodies(d *island.Decl) {
	d.Body()
	d.Init()
	for _, m := range d.Members {
		bodies(m)
	}
}

// TestEdits compares what changes in small projects with the diff that stands in the same file.
func TestEdits(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no test data", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			want := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == "diff" })
			if err := txtar.Write(a, dir); err != nil {
				t.Fatal(err)
			}
			_, r := made(t, dir)
			m := inspect(t, dir)
			var got bytes.Buffer
			edited := mend.Mending{Was: m.Was, Now: map[string][]byte{}}
			for file := range m.Was {
				edited.Now[file] = m.Now[file]
			}
			got.Write(edited.Diff(func(f string) string { return f }))
			for _, file := range slices.Sorted(maps.Keys(m.Now)) {
				if _, was := m.Was[file]; !was {
					got.WriteString("new: " + file + "\n")
				}
			}
			for _, n := range r.ByHand {
				got.WriteString("by hand: " + n.Place.File + ": " + n.Text + "\n")
			}
			if *update {
				a.Files[want].Data = got.Bytes()
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(a.Files[want].Data), got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
