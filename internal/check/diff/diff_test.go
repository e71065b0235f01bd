package diff

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// changed applies changes to the old lines.
func changed(a, b []string, changes []Change) []string {
	var out []string
	at := 0
	for _, c := range changes {
		out = append(append(out, a[at:c.A]...), b[c.B:c.BEnd]...)
		at = c.AEnd
	}
	return append(out, a[at:]...)
}

func TestOf(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		want       []Change
	}{
		{"equal", "a\nb\n", "a\nb\n", nil},
		{"line ends", "a\r\nb\r\n", "a\nb\n", nil},
		{"inserted", "a\nc\n", "a\nb\nc\n", []Change{{1, 1, 1, 2}}},
		{"removed", "a\nb\nc\n", "a\nc\n", []Change{{1, 2, 1, 1}}},
		{"replaced twice", "a\nx\nb\ny\nc\n", "a\n1\nb\n2\nc\n", []Change{{1, 2, 1, 2}, {3, 4, 3, 4}}},
		{"doubles", "{\n}\n{\n}\n", "{\n}\n", []Change{{2, 4, 2, 2}}},
		{"from nothing", "", "a\n", []Change{{0, 0, 0, 1}}},
		{"moved", "a\nb\nc\nd\n", "c\nd\na\nb\n", []Change{{0, 2, 0, 0}, {4, 4, 2, 4}}},
	} {
		got := Of(Lines([]byte(c.a)), Lines([]byte(c.b)))
		if len(got) != len(c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
			}
		}
	}
}

func text(t *rapid.T, name string) []byte {
	lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "", "f", "g h"}), 0, 12).Draw(t, name)
	s := strings.Join(lines, "\n")
	if rapid.Bool().Draw(t, name+" ends") && s != "" {
		s += "\n"
	}
	return []byte(s)
}

// What Of says makes the new text out of the old one.
func TestOfIsEnough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := text(t, "a"), text(t, "b")
		a, b := Lines(x), Lines(y)
		if got := changed(keys(a), keys(b), Of(a, b)); !slices.Equal(got, keys(b)) {
			t.Errorf("%q to %q: got %q", x, y, got)
		}
	})
}

// patch makes the new text out of the old one with what Unified writes.
func TestUnifiedIsAPatch(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("SKIPPED, git is not here: the patches are not applied")
	}
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		x, y := text(rt, "a"), text(rt, "b")
		patch := Unified("f", x, y)
		if bytes.Equal(x, y) {
			if patch != nil {
				rt.Errorf("a patch of nothing: %q", patch)
			}
			return
		}
		if n++; n > 60 || len(x) == 0 || len(y) == 0 { // a process each; git wants /dev/null for a file that is not there
			return
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "f"), x, 0o600); err != nil {
			rt.Fatal(err)
		}
		c := exec.Command("git", "apply", "--whitespace=nowarn", "-")
		c.Dir, c.Stdin = dir, bytes.NewReader(patch)
		if out, err := c.CombinedOutput(); err != nil {
			rt.Fatalf("%q to %q: %v\n%s\n%s", x, y, err, out, patch)
		}
		got, err := os.ReadFile(filepath.Join(dir, "f"))
		if err != nil || !bytes.Equal(got, y) {
			rt.Fatalf("%q to %q: got %q\n%s", x, y, got, patch)
		}
	})
}

func TestUnified(t *testing.T) {
	old := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n"
	got := string(Unified("a b.txt", []byte(old), []byte(strings.Replace(strings.Replace(old, "1\n", "", 1), "12\n", "twelve", 1))))
	want := "--- a/a b.txt\n+++ b/a b.txt\n@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n@@ -9,4 +8,4 @@\n 9\n 10\n 11\n-12\n+twelve\n\\ No newline at end of file\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
