package mend

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/check"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/rules"
)

// finds makes a rule that finds each of a word in the main file, and would replace it.
func finds(name, word, by string, c finding.Certainty) *rules.Rule {
	return &rules.Rule{Name: name, Certainty: c, Check: func(p *rules.Pass) {
		text, err := p.Files.Text("lib/main.dart")
		if err != nil {
			return
		}
		for at := 0; ; {
			i := strings.Index(string(text.Src[at:]), word)
			if i < 0 {
				return
			}
			place := text.Place(at+i, at+i+len(word))
			at += i + len(word)
			f := p.Report(place, "%s", word)
			if by != "" {
				f.Edits = append(f.Edits, p.Replace(place, strings.TrimSuffix(by, "-")))
			}
		}
	}}
}

// lacks makes a rule that wants a line, and would put it at the top.
func lacks(name, line string) *rules.Rule {
	return &rules.Rule{Name: name, Certainty: finding.Error, Check: func(p *rules.Pass) {
		text, err := p.Files.Text("lib/main.dart")
		if err == nil && !strings.Contains(string(text.Src), line) {
			f := p.Report(text.Whole(), "%s is missing", line)
			f.Edits = append(f.Edits, p.Insert("lib/main.dart", 0, line+"\n"))
		}
	}}
}

func TestPlan(t *testing.T) {
	for _, c := range []struct {
		name       string
		table      rules.Table
		text, want string
		mended     int
		left       string
	}{
		{"nothing to mend", rules.Table{finds("a", "bad", "", finding.Error)}, "bad\n", "bad\n", 0, ""},
		{"each of them", rules.Table{finds("a", "bad", "good", finding.Error)}, "bad\nbad and bad\n", "good\ngood and good\n", 3, ""},
		{"to nothing", rules.Table{finds("a", "bad ", "-", finding.Error)}, "bad x\n", "x\n", 1, ""},
		{"an edit that does no good", rules.Table{finds("a", "bad", "bad again", finding.Error), finds("b", "poor", "rich", finding.Hint)}, "bad poor\n", "bad rich\n", 1, "a"},
		{"an edit that makes an error", rules.Table{finds("a", "bad", "worse", finding.Hint), finds("b", "worse", "", finding.Error), finds("c", "poor", "rich", finding.Hint)}, "bad poor\n", "bad rich\n", 1, "a"},
		{"an edit that brings a hint to light", rules.Table{finds("a", "bad", "odd", finding.Error), finds("b", "odd", "", finding.Hint)}, "bad\n", "odd\n", 1, ""},
		{"one mending asks for the next", rules.Table{finds("a", "bad", "odd", finding.Error), finds("b", "odd", "fine", finding.Hint)}, "bad\n", "fine\n", 2, ""},
		{"two insertions at one place", rules.Table{lacks("a", "import a;"), lacks("b", "import b;")}, "x\n", "import b;\nimport a;\nx\n", 2, ""},
		{"the line ends of the file", rules.Table{lacks("a", "import a;")}, "x\r\ny\r\n", "import a;\r\nx\r\ny\r\n", 1, ""},
		{"round and round", rules.Table{finds("a", "ping", "pong", finding.Hint), finds("b", "pong", "ping", finding.Hint)}, "ping\n", "ping\n", rounds, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "pubspec.yaml"), "name: app\ndependencies:\n  flutter:\n    sdk: flutter\n", 0o644)
			main := filepath.Join(dir, "lib", "main.dart")
			write(t, main, c.text, 0o644)
			m, err := Plan(context.Background(), dir, check.Config{Table: c.table})
			if err != nil {
				t.Fatal(err)
			}
			if read(t, main) != c.text {
				t.Error("the file is written")
			}
			if _, err := m.Write(dir); err != nil {
				t.Fatal(err)
			}
			if got := read(t, main); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			var left []string
			for _, f := range m.Left {
				if !slices.Contains(left, f.Rule) {
					left = append(left, f.Rule)
				}
			}
			if len(m.Mended) != c.mended || c.name != "round and round" && strings.Join(left, " ") != c.left {
				t.Errorf("%d mended, %v left", len(m.Mended), left)
			}
			if got := len(m.Diff(func(f string) string { return f })); (got == 0) != (c.text == c.want) {
				t.Errorf("the diff has %d bytes", got)
			}
			again, err := check.Run(context.Background(), dir, check.Config{Table: c.table})
			if err != nil || len(again.Findings) != len(m.After.Findings) {
				t.Errorf("it was said that %d stay, but %d do: %v", len(m.After.Findings), len(again.Findings), err)
			}
		})
	}
}
