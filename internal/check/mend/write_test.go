package mend

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/check/finding"
)

func edit(start, end int, text string) finding.Edit {
	return finding.Edit{File: "f", Start: start, End: end, Text: text}
}

func TestApply(t *testing.T) {
	for _, c := range []struct {
		name  string
		edits []finding.Edit
		want  string // "": refused
	}{
		{"nothing", nil, "0123456789"},
		{"in any order", []finding.Edit{edit(8, 9, "x"), edit(0, 0, "a"), edit(2, 4, "")}, "a014567x9"},
		{"the same twice", []finding.Edit{edit(2, 2, "x"), edit(2, 2, "x")}, "01x23456789"},
		{"at the end", []finding.Edit{edit(10, 10, "x")}, "0123456789x"},
		{"beside each other", []finding.Edit{edit(2, 4, "x"), edit(4, 6, "y")}, "01xy6789"},
		{"overlapping", []finding.Edit{edit(2, 4, "x"), edit(3, 6, "y")}, ""},
		{"two at one place", []finding.Edit{edit(2, 2, "x"), edit(2, 2, "y")}, ""},
		{"outside", []finding.Edit{edit(10, 11, "x")}, ""},
		{"backwards", []finding.Edit{edit(4, 2, "x")}, ""},
		{"before the start", []finding.Edit{edit(-1, 2, "x")}, ""},
	} {
		got, ok := Apply([]byte("0123456789"), c.edits)
		if ok != (c.want != "") || string(got) != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, ok, c.want)
		}
	}
}

// Edits are independent of their order, and touch nothing else.
func TestApplyInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte("the quick brown fox jumps")
		var edits []finding.Edit
		for at := 0; at < len(text); {
			start := at + rapid.IntRange(0, 5).Draw(t, "gap")
			end := start + rapid.IntRange(0, 4).Draw(t, "length")
			if end > len(text) {
				break
			}
			edits = append(edits, edit(start, end, rapid.StringN(0, 3, -1).Draw(t, "text")))
			at = end + 1
		}
		var want strings.Builder
		at := 0
		for _, e := range edits {
			want.WriteString(string(text[at:e.Start]) + e.Text)
			at = e.End
		}
		want.Write(text[at:])
		got, ok := Apply(text, rapid.Permutation(edits).Draw(t, "order"))
		if !ok || string(got) != want.String() {
			t.Errorf("got %q, want %q", got, want.String())
		}
	})
}

func TestChooseTouching(t *testing.T) {
	of := func(name string, edits ...finding.Edit) *finding.Finding {
		return &finding.Finding{Rule: name, Edits: edits}
	}
	list := []*finding.Finding{
		of("a", edit(0, 2, "x"), edit(8, 9, "y")), of("none"), of("touches", edit(2, 3, "")), of("same", edit(8, 9, "y")),
		of("half", edit(4, 5, ""), edit(9, 9, "z")), of("free", edit(5, 6, "")), of("refused", edit(20, 20, "")),
		{Rule: "elsewhere", Edits: []finding.Edit{{File: "g", Start: 0, End: 2}}},
	}
	var got []string
	for _, f := range choose(list, map[finding.Key]bool{list[6].Key(): true}) {
		got = append(got, f.Rule)
	}
	if want := []string{"a", "same", "free", "elsewhere"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func mending(was, now map[string]string) *Mending {
	m := &Mending{Was: map[string][]byte{}, Now: map[string][]byte{}}
	for f, text := range was {
		m.Was[f] = []byte(text)
	}
	for f, text := range now {
		m.Now[f] = []byte(text)
	}
	return m
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.dart"), "old", 0o640)
	write(t, filepath.Join(dir, "lib", "b.dart"), "old", 0o755)
	m := mending(map[string]string{"a.dart": "old", "lib/b.dart": "old"}, map[string]string{"a.dart": "new", "lib/b.dart": "newer"})
	written, err := m.Write(dir)
	if err != nil || !slices.Equal(written, []string{"a.dart", "lib/b.dart"}) {
		t.Fatalf("%v, %v", written, err)
	}
	if read(t, filepath.Join(dir, "a.dart")) != "new" || read(t, filepath.Join(dir, "lib", "b.dart")) != "newer" {
		t.Error("the files do not have the new text")
	}
	if runtime.GOOS != "windows" {
		for name, mode := range map[string]os.FileMode{"a.dart": 0o640, "lib/b.dart": 0o755} {
			if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != mode {
				t.Errorf("%s: %v, %v", name, info.Mode(), err)
			}
		}
	}
	for _, d := range []string{dir, filepath.Join(dir, "lib")} {
		files, err := filepath.Glob(filepath.Join(d, ".lull-*"))
		if err != nil || len(files) > 0 {
			t.Errorf("left behind: %v, %v", files, err)
		}
	}
}

// One file that is not as it was checked, and no file is written.
func TestWriteRefuses(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(t *testing.T, dir, outside string)
		want    error
	}{
		{"changed", func(t *testing.T, dir, _ string) { write(t, filepath.Join(dir, "lib", "b.dart"), "other", 0o644) }, ErrChanged},
		{"longer", func(t *testing.T, dir, _ string) { write(t, filepath.Join(dir, "lib", "b.dart"), "older", 0o644) }, ErrChanged},
		{"gone", func(t *testing.T, dir, _ string) { remove(t, filepath.Join(dir, "lib", "b.dart")) }, os.ErrNotExist},
		{"a link", func(t *testing.T, dir, outside string) {
			remove(t, filepath.Join(dir, "lib", "b.dart"))
			link(t, filepath.Join(outside, "b.dart"), filepath.Join(dir, "lib", "b.dart"))
		}, ErrLink},
		{"a link inside", func(t *testing.T, dir, _ string) {
			remove(t, filepath.Join(dir, "lib", "b.dart"))
			write(t, filepath.Join(dir, "c.dart"), "old", 0o644)
			link(t, filepath.Join("..", "c.dart"), filepath.Join(dir, "lib", "b.dart"))
		}, ErrLink},
		{"a folder that is a link", func(t *testing.T, dir, outside string) {
			remove(t, filepath.Join(dir, "lib", "b.dart"))
			remove(t, filepath.Join(dir, "lib"))
			link(t, outside, filepath.Join(dir, "lib"))
		}, ErrLink},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, outside := t.TempDir(), t.TempDir()
			write(t, filepath.Join(dir, "a.dart"), "old", 0o644)
			write(t, filepath.Join(dir, "lib", "b.dart"), "old", 0o644)
			write(t, filepath.Join(outside, "b.dart"), "old", 0o644)
			c.prepare(t, dir, outside)
			m := mending(map[string]string{"a.dart": "old", "lib/b.dart": "old"}, map[string]string{"a.dart": "new", "lib/b.dart": "new"})
			written, err := m.Write(dir)
			if !errors.Is(err, c.want) || len(written) > 0 || !strings.Contains(err.Error(), "lib/b.dart") {
				t.Errorf("%v, %v", written, err)
			}
			if read(t, filepath.Join(dir, "a.dart")) != "old" || read(t, filepath.Join(outside, "b.dart")) != "old" {
				t.Error("a file is written")
			}
		})
	}
	m := mending(map[string]string{"../b.dart": "old"}, map[string]string{"../b.dart": "new"})
	dir := t.TempDir()
	write(t, filepath.Join(dir, "b.dart"), "old", 0o644)
	write(t, filepath.Join(dir, "in", "a.dart"), "old", 0o644)
	if _, err := m.Write(filepath.Join(dir, "in")); err == nil || read(t, filepath.Join(dir, "b.dart")) != "old" {
		t.Errorf("outside of the folder: %v", err)
	}
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Skipf("SKIPPED, no links here: %v", err)
	}
}
