package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/internal/sim/report"
	"github.com/lullwork/lull/work"
)

// TestFormats writes a report in each format and reads it back.
func TestFormats(t *testing.T) {
	r := report.New(simulate(t, population.Config{Plan: example(t), Platforms: both, Devices: 60, Days: 2, Settle: 3, Seed: 1}))
	judged := simulate(t, population.Config{Plan: example(t), Platforms: both, Devices: 60, Days: 2, Settle: 3, Seed: 1})
	r.Expect = report.Judge(judged)
	out := map[string]string{}
	for _, f := range report.Formats() {
		var b strings.Builder
		if err := r.Write(&b, f); err != nil {
			t.Fatal(err)
		}
		out[f] = b.String()
	}
	for i, line := range strings.Split(out["text"], "\n") {
		if n := utf8.RuneCountInString(line); n > 100 {
			t.Errorf("line %d has %d columns: %s", i+1, n, line)
		}
	}
	for _, want := range []string{
		"sync on iOS, as refresh", "everyone", "* fewer than 5 phones", "score_below_threshold  the user is not likely",
		"message on iOS: done within 1m, 95 % of works", "missed", "what helps: ", "not a promise",
	} {
		if !strings.Contains(out["text"], want) {
			t.Errorf("the text lacks %q", want)
		}
	}
	var back report.Report
	if err := json.Unmarshal([]byte(out["json"]), &back); err != nil || len(back.Rows) != len(r.Rows) || back.Rows[0].Runs != r.Rows[0].Runs {
		t.Errorf("json: %v", err)
	}
	rows, err := csv.NewReader(strings.NewReader(out["csv"])).ReadAll()
	if err != nil || len(rows) != len(r.Rows)+1 {
		t.Errorf("csv: %d rows, %v", len(rows), err)
	}
	var suite struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Skipped  int `xml:"skipped,attr"`
		Cases    []struct {
			Name    string    `xml:"name,attr"`
			Line    int       `xml:"line,attr"`
			Failure *struct{} `xml:"failure"`
			Skipped *struct{} `xml:"skipped"`
		} `xml:"testcase"`
	}
	if err := xml.Unmarshal([]byte(out["junit"]), &suite); err != nil {
		t.Errorf("junit: %v", err)
	}
	failed, skipped := 0, 0
	for _, c := range suite.Cases {
		if c.Failure != nil {
			failed++
		}
		if c.Skipped != nil {
			skipped++
		}
		if c.Line == 0 {
			t.Errorf("%s has no line", c.Name)
		}
	}
	if suite.Tests != len(r.Expect) || suite.Failures != failed || suite.Skipped != skipped || failed == 0 {
		t.Errorf("junit: %d tests, %d failures, %d skipped", suite.Tests, suite.Failures, suite.Skipped)
	}
	for line := range strings.Lines(out["markdown"]) {
		if strings.HasPrefix(line, "|") && !strings.HasSuffix(line, "|\n") {
			t.Errorf("markdown: %q", line)
		}
	}
	if err := r.Write(io.Discard, "pdf"); err == nil || !strings.Contains(err.Error(), "unknown format") {
		t.Errorf("pdf: %v", err)
	}
	if err := r.Write(full{}, "text"); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("nowhere to write: %v", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, fs.ErrClosed }

// TestMeanings: there are words for every code that holds a work on a phone, and what
// helps against it.
func TestMeanings(t *testing.T) {
	n := 0
	for _, dir := range []string{"../../policy/ios", "../../policy/android"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(x ast.Node) bool {
				spec, ok := x.(*ast.ValueSpec)
				if !ok || len(spec.Values) != 1 || !isCode(spec.Type) {
					return true
				}
				lit, ok := spec.Values[0].(*ast.BasicLit)
				if !ok {
					return true
				}
				code, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				n++
				legacy := strings.HasPrefix(code, "app_uses_") || code == "no_interval_set" // of calls, not of works
				if report.Meaning(work.Code(code)) == report.Meaning("nonsense") && !legacy {
					t.Errorf("no words for %s", code)
				}
				return true
			})
		}
	}
	if n < 35 {
		t.Errorf("%d codes were found", n)
	}
}

func isCode(x ast.Expr) bool {
	s, ok := x.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "Code"
}

// TestCompare tells of each task that both plans have, and of those that one has.
func TestCompare(t *testing.T) {
	c := population.Config{Plan: example(t), Platforms: both, Devices: 12, Days: 2, Settle: 2, Seed: 1}
	a := report.New(simulate(t, c))
	c.Plan = example(t)
	c.Plan.File, c.Plan.Tasks = "other.yaml", c.Plan.Tasks[1:]
	b := report.New(simulate(t, c))
	var out bytes.Buffer
	if err := report.Compare(&out, a, b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"other.yaml", "sync on Android: only in examples/mobile/lull.yaml", "everyone"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, out.String())
		}
	}
}

func TestSpans(t *testing.T) {
	for s, want := range map[int64]string{
		0: "0s", 59: "59s", 60: "1m", 3599: "59m", 3600: "1h", 3660: "61m", 7199: "119m", 7200: "2h", 35639: "9.9h", 35999: "10h", 36000: "10h",
		86399: "24h", 86400: "24h", 172799: "48h", 172800: "2d", 200000: "2.3d", 863999: "10d", 864000: "10d", 1209600: "14d",
	} {
		if got := report.Span(s); got != want {
			t.Errorf("%d s is written %s, not %s", s, got, want)
		}
	}
}
