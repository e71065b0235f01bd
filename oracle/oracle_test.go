package oracle

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	sitter "github.com/tree-sitter/go-tree-sitter"

	"github.com/lullwork/lull/internal/check/island"
)

// Shares that the repository's own sources must reach.
var least = [kinds]float64{function: 0.995, annotation: 0.995, call: 0.99}

type source struct {
	name string
	lang island.Lang
	text []byte
}

// tally is what is the same of one language, and what only one of both sees.
type tally struct {
	files, unread       int
	same, island, other [kinds]int
	differences         []string
}

func (t *tally) share(k kind) float64 {
	all := t.same[k] + t.island[k] + t.other[k]
	if all == 0 {
		return 1
	}
	return float64(t.same[k]) / float64(all)
}

func languageOf(name string) island.Lang {
	switch filepath.Ext(name) {
	case ".dart":
		return island.Dart
	case ".kt", ".kts":
		return island.Kotlin
	case ".java":
		return island.Java
	case ".swift":
		return island.Swift
	}
	return 0
}

// walkSources returns the sources below a folder.
func walkSources(t *testing.T, root string) (list []source) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || languageOf(path) == 0 {
			return err
		}
		text, err := os.ReadFile(path)
		list = append(list, source{path, languageOf(path), text})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// goldenSources returns the sources of island's golden trees: "-- name --", the source,
// "->", the tree.
func goldenSources(t *testing.T) (list []source) {
	t.Helper()
	files, err := filepath.Glob("../internal/check/island/testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		inSource := false
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			line := lines.Text()
			switch name, isHead := strings.CutPrefix(line, "-- "); {
			case isHead && strings.HasSuffix(name, " --"):
				name = strings.TrimSuffix(name, " --")
				list = append(list, source{name: filepath.Base(file) + "/" + name, lang: languageOf(name)})
				inSource = true
			case line == "->":
				inSource = false
			case inSource:
				s := &list[len(list)-1]
				s.text = append(append(s.text, line...), '\n')
			}
		}
	}
	return list
}

// compare tallies the sources of one language.
func compare(t *testing.T, g *grammar, l *sitter.Language, sources []source) *tally {
	t.Helper()
	sum := &tally{}
	for _, s := range sources {
		if s.lang != g.lang {
			continue
		}
		tree, ok, err := treeFacts(g, l, s.text)
		if err != nil {
			t.Fatal(err)
		}
		if sum.files++; !ok {
			sum.unread++
			continue
		}
		seen := islandFacts(s.lang, s.text)
		for f := range seen {
			if tree[f] {
				sum.same[f.kind]++
			} else {
				sum.island[f.kind]++
				sum.differences = append(sum.differences, fmt.Sprintf("%s:%d: %s: only island sees %q", s.name, f.line, f.kind, f.name))
			}
		}
		for f := range tree {
			if !seen[f] {
				sum.other[f.kind]++
				sum.differences = append(sum.differences, fmt.Sprintf("%s:%d: %s: only tree-sitter sees %q", s.name, f.line, f.kind, f.name))
			}
		}
	}
	sort.Strings(sum.differences)
	return sum
}

func (t *tally) log(to *testing.T, name string) {
	to.Logf("%s: %d files, of which tree-sitter parses %d without an error", name, t.files, t.files-t.unread)
	for k := range kinds {
		to.Logf("  %-11s %6d the same, %4d only island, %4d only tree-sitter: %.2f %%", k, t.same[k], t.island[k], t.other[k], 100*t.share(k))
	}
	for _, d := range t.differences {
		to.Log("  " + d)
	}
}

// required reports whether a grammar that cannot be had is a failure.
func required() bool {
	return slices.Contains(strings.Split(os.Getenv("LULL_REQUIRE"), ","), "oracle")
}

// TestOracle compares the repository's own sources, and those of the folders that
// ORACLE_SOURCES names. Only the former can fail: what others write may be beyond either.
func TestOracle(t *testing.T) {
	own := append(walkSources(t, "../testdata/projects"), goldenSources(t)...)
	var others []source
	for _, dir := range filepath.SplitList(os.Getenv("ORACLE_SOURCES")) {
		others = append(others, walkSources(t, dir)...)
	}
	for _, g := range grammars() {
		t.Run(g.name, func(t *testing.T) {
			l, err := g.language()
			if errors.Is(err, errUnavailable) && !required() {
				t.Skipf("SKIPPED, nothing was compared (LULL_REQUIRE=oracle makes this a failure): %v", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			sum := compare(t, &g, l, own)
			sum.log(t, "own sources")
			if sum.files == sum.unread {
				t.Error("nothing was compared")
			}
			for k := range kinds {
				if sum.share(k) < least[k] {
					t.Errorf("%s agree to %.2f %%, less than %.1f %%", k, 100*sum.share(k), 100*least[k])
				}
			}
			if others != nil {
				compare(t, &g, l, others).log(t, "ORACLE_SOURCES")
			}
		})
	}
}
