package check

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/rules"
	"github.com/lullwork/lull/internal/check/source"
)

// table has a rule with and one without an id, and those about comments.
func table() rules.Table {
	t := rules.Table{{Name: "period-too-short", IDs: []string{"W01"}, Certainty: finding.Warning}, {Name: "port-leak", Certainty: finding.Error}}
	for _, r := range rules.All() {
		if r.Group == rules.Comments {
			t = append(t, r)
		}
	}
	return t
}

// folder writes files and opens them.
func folder(t *testing.T, files map[string]string) (string, *source.Set) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	set, err := source.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { set.Close() })
	return dir, set
}

// report makes findings of "rule file:part", part being where, and settles them.
func report(t *testing.T, dir string, set *source.Set, cfg Config, list ...string) *Report {
	t.Helper()
	cfg.Table = table()
	chosen, err := choose(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := &Report{Rules: chosen}
	for _, s := range list {
		name, rest, _ := strings.Cut(s, " ")
		file, part, _ := strings.Cut(rest, ":")
		text, err := set.Text(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, rule := range chosen.Find(name) {
			at := text.Whole()
			if part != "" {
				i := strings.Index(string(text.Src), part)
				at = text.Place(i, i+len(part))
			}
			r.Findings = append(r.Findings, rule.Finding(at, "found"))
		}
	}
	if err := r.settle(context.Background(), dir, cfg, set); err != nil {
		t.Fatal(err)
	}
	return r
}

func shown(list []*finding.Finding) string {
	var b strings.Builder
	for _, f := range list {
		b.WriteString(f.Rule + " " + f.Place.File + ":" + string(rune('0'+f.Place.Line)))
		if f.Suppressed != "" {
			b.WriteString(" (" + f.Suppressed + ")")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestSuppress(t *testing.T) {
	dir, set := folder(t, map[string]string{
		"lib/a.dart": `// lull:ignore-file port-leak closed elsewhere
final a = 1; // lull:ignore W01 it is for tests
// lull:ignore period-too-short, port-leek two names
final b = 2;
// lull:ignore period-too-short
final c = 3;
final d = 4; // lull:ignore period-too-short nothing is here
`,
		"a.xml": "<a>\n<!-- lull:ignore period-too-short in XML -->\n<b x=\"1\"\n   y=\"2\"/>\n</a>\n",
		"b.xml": "<!-- lull:ignore port-leak nobody reads this one, it has no findings -->\n<a/>\n",
	})
	r := report(t, dir, set, Config{}, "port-leak lib/a.dart", "period-too-short lib/a.dart:a = 1", "period-too-short lib/a.dart:b = 2",
		"port-leak lib/a.dart:b = 2", "period-too-short lib/a.dart:c = 3", "period-too-short a.xml:y=")
	const left = `suppression-unknown-rule lib/a.dart:3
suppression-without-reason lib/a.dart:5
period-too-short lib/a.dart:6
unused-suppression lib/a.dart:7
`
	const hidden = `period-too-short a.xml:4 (in XML)
port-leak lib/a.dart:1 (closed elsewhere)
period-too-short lib/a.dart:2 (it is for tests)
period-too-short lib/a.dart:4 (two names)
port-leak lib/a.dart:4 (closed elsewhere)
`
	if got := shown(r.Findings); got != left {
		t.Errorf("left:\n%swant\n%s", got, left)
	}
	if got := shown(r.Hidden); got != hidden {
		t.Errorf("hidden:\n%swant\n%s", got, hidden)
	}
	for _, f := range r.Findings {
		if f.Rule == rules.SuppressionUnknownRule && f.Message != "there is no rule `port-leek`: did you mean `port-leak`?" {
			t.Errorf("the message is %q", f.Message)
		}
	}
}

// A rule that did not look cannot say that a comment is of no use.
func TestUnusedOnlyIfLooked(t *testing.T) {
	dir, set := folder(t, map[string]string{"lib/a.dart": "final a = 1; // lull:ignore port-leak why\n"})
	if got := shown(report(t, dir, set, Config{}).Findings); got != "unused-suppression lib/a.dart:1\n" {
		t.Errorf("got %q", got)
	}
	for _, cfg := range []Config{{Skip: []string{"port-leak"}}, {Rules: []string{"W01", "unused-suppression"}}, {Rules: []string{"port-leak"}}} {
		if got := shown(report(t, dir, set, cfg).Findings); got != "" {
			t.Errorf("%+v: got %q", cfg, got)
		}
	}
}

func TestKnown(t *testing.T) {
	dir, set := folder(t, map[string]string{"lib/a.dart": "a\nb\nc // lull:ignore port-leak why\n"})
	list := []string{"port-leak lib/a.dart:a", "port-leak lib/a.dart:b", "port-leak lib/a.dart:c"}
	first := report(t, dir, set, Config{}, list...)
	known := NewBaseline(first.Findings)
	if known.Len() != 2 {
		t.Errorf("the baseline has %d", known.Len())
	}
	r := report(t, dir, set, Config{Known: known}, list...)
	if len(r.Findings) != 0 || len(r.Hidden) != 3 || r.Gone != 0 || len(r.Known()) != 2 {
		t.Errorf("%d found, %d hidden, %d gone", len(r.Findings), len(r.Hidden), r.Gone)
	}
	if r = report(t, dir, set, Config{Known: known}, list[0]); r.Gone != 1 {
		t.Errorf("%d gone", r.Gone)
	}
	if r = report(t, dir, set, Config{Known: known, Skip: []string{"port-leak"}}); r.Gone != 0 {
		t.Errorf("%d gone of a rule that did not look", r.Gone)
	}
}

func TestChoose(t *testing.T) {
	all := rules.Table{{Name: "a", IDs: []string{"A01"}, Platforms: []string{"ios"}}, {Name: "b", IDs: []string{"A01"}, Platforms: []string{"android"}}, {Name: "c"}}
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{}, "a b c"},
		{Config{Rules: []string{"c", "a"}}, "a c"},
		{Config{Rules: []string{"A01"}}, "a b"},
		{Config{Skip: []string{"A01"}}, "c"},
		{Config{Rules: []string{"A01"}, Skip: []string{"b"}}, "a"},
		{Config{Platforms: []string{"ios"}}, "a c"},
		{Config{Platforms: []string{"ios", "android"}}, "a b c"},
		{Config{Platforms: []string{"web"}}, "c"},
	} {
		c.cfg.Table = all
		got, err := choose(c.cfg)
		if err != nil || strings.Join(got.Names(), " ") != c.want {
			t.Errorf("%+v: got %v, %v, want %s", c.cfg, got.Names(), err, c.want)
		}
	}
	if _, err := choose(Config{Table: all, Skip: []string{"x"}}); err == nil || err.Error() != `unknown rule "x"` {
		t.Errorf("got %v", err)
	}
	if len(all.Names()) != 3 {
		t.Error("the table has changed")
	}
}

// A rule that breaks down is told, and the others look.
func TestBroken(t *testing.T) {
	dir, _ := folder(t, map[string]string{"pubspec.yaml": "name: app\ndependencies:\n  flutter:\n    sdk: flutter\n", "lib/main.dart": "void main() {}\n"})
	look := func(p *rules.Pass) { p.Report(finding.Whole("lib/main.dart"), "found by %s", p.Rule.Name) }
	broken := func(p *rules.Pass) {
		look(p)
		var none *rules.Rule
		_ = none.Name
	}
	r, err := Run(context.Background(), dir, Config{Table: rules.Table{{Name: "a", Check: look}, {Name: "b", Check: broken}, {Name: "c", Check: look}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := shown(r.Findings); got != "a lib/main.dart:1\nb lib/main.dart:1\nc lib/main.dart:1\n" {
		t.Errorf("got %q", got)
	}
	if len(r.Broken) != 1 || !strings.HasPrefix(r.Broken[0], "b on .: ") || !strings.Contains(r.Broken[0], " at settle_test.go:") {
		t.Errorf("broken: %v", r.Broken)
	}
	told := false
	for _, u := range r.Unchecked {
		told = told || u.What == "rule b"
	}
	if !told {
		t.Errorf("not told: %v", r.Unchecked)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, dir, Config{}); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
}
