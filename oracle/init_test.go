package oracle

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestInit has tree-sitter parse what `lull init` writes into projects: nothing here compiles
// Dart or Swift.
func TestInit(t *testing.T) {
	lull := filepath.Join(t.TempDir(), "lull")
	build := exec.Command("go", "build", "-o", lull, "./cmd/lull")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	was := map[string]source{}
	var now []source
	for _, name := range []string{"broken", "clean"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.CopyFS(dir, os.DirFS(filepath.Join("../testdata/projects", name))); err != nil {
			t.Fatal(err)
		}
		for _, s := range walkSources(t, dir) {
			was[s.name] = s
		}
		if out, err := exec.Command(lull, "init", dir).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		now = append(now, walkSources(t, dir)...)
	}
	for _, g := range grammars() {
		t.Run(g.name, func(t *testing.T) {
			l, err := g.language()
			if errors.Is(err, errUnavailable) && !required() {
				t.Skipf("SKIPPED, nothing was parsed (LULL_REQUIRE=oracle makes this a failure): %v", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			written := 0
			for _, s := range now {
				old, there := was[s.name]
				if s.lang != g.lang || there && bytes.Equal(old.text, s.text) {
					continue
				}
				written++
				if there {
					if _, ok, err := treeFacts(&g, l, old.text); err != nil || !ok {
						t.Logf("%s: tree-sitter does not parse it as it was", s.name)
						continue
					}
				}
				if _, ok, err := treeFacts(&g, l, s.text); err != nil || !ok {
					t.Errorf("tree-sitter does not parse what was written into %s: %v\n%s", s.name, err, s.text)
				}
			}
			t.Logf("%d files were written", written)
			if written == 0 && g.name != "Java" {
				t.Error("nothing was written")
			}
		})
	}
}
