package format

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/lullwork/lull/internal/check"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/rules"
	"github.com/lullwork/lull/internal/check/source"
)

var update = flag.Bool("update", false, "write the golden files and docs/rules anew")

// sample has what is hard to print: letters of several bytes, tabs, long lines, places
// without an end, paths that need escaping, and text that wants to be more than text.
func sample() *check.Report {
	texts := map[string][]byte{
		"lib/main.dart":      []byte("import 'x';\r\n\tvoid überrascht() {}\r\nfinal s = '" + strings.Repeat("long ", 60) + "', bad = '\x1b[2J';\r\nWorkmanager().registerPeriodicTask(\n  'a',\n);\n"),
		"ios/a b:c/In.plist": []byte("<plist>\n<dict>\n</dict>\n</plist>\n"),
	}
	find := func(file, part string) finding.Place {
		i := bytes.Index(texts[file], []byte(part))
		return source.NewText(file, texts[file]).Place(i, i+len(part))
	}
	table := rules.Table{
		{
			Name: "entry-point-missing", IDs: []string{"E01"}, Group: rules.EntryPoints, Title: "a callback has no pragma", Detail: "The compiler drops it.\n\nOnly in release builds.",
			Seen: "never runs in a release build", Fix: "Put @pragma('vm:entry-point') above it", Certainty: finding.Error, Platforms: []string{rules.OnAndroid, rules.OnIOS},
			Versions: []string{"workmanager <0.9"}, Source: []string{"https://dart.dev"}, Lint: "none", Example: rules.Example{Lang: "dart", Bad: "void f() {}\n", Good: "@pragma('vm:entry-point')\nvoid f() {}\n"},
		},
		{Name: "ios-mode-missing", IDs: []string{"I03"}, Group: rules.IOS, Title: "a background mode is missing", Detail: "It is refused.", Seen: "refused, logged only", Fix: "Add the mode", Certainty: finding.Warning, Platforms: []string{rules.OnIOS}, Example: rules.Example{Lang: "xml"}},
		{Name: "period-too-short", Group: rules.Scheduling, Title: "a period is too short", Detail: "It is raised.", Seen: "runs less often", Fix: "Ask for 15 minutes", Certainty: finding.Hint},
	}
	make := func(i int, at finding.Place, message string) *finding.Finding { return table[i].Finding(at, message) }
	first := make(0, find("lib/main.dart", "überrascht"), "`überrascht` has no @pragma('vm:entry-point')")
	first.Subject = "überrascht"
	first.Edits = []finding.Edit{{File: "lib/main.dart", Start: 14, End: 14, Text: "@pragma('vm:entry-point')\n\t"}}
	first.Related = []finding.Related{{Place: find("lib/main.dart", "registerPeriodicTask"), Text: "handed over here"}}
	second := make(0, find("lib/main.dart", "bad = '\x1b[2J'"), "a trap: ::error::%0A\x1b[2J <img src=x> | a\nb")
	third := make(2, find("lib/main.dart", "Workmanager().registerPeriodicTask(\n  'a',\n)"), "spans lines")
	fourth := make(1, finding.Whole("ios/a b:c/In.plist"), "`fetch` is missing")
	fourth.Edits = []finding.Edit{{File: "ios/a b:c/In.plist", Start: 15, End: 15, Text: "<key>UIBackgroundModes</key>\n"}, {File: "ios/a b:c/In.plist", Start: 0, End: 7, Text: ""}}
	hidden := make(2, find("lib/main.dart", "import"), "hidden by a comment")
	hidden.Suppressed = "the debug screen only"
	known := make(2, find("lib/main.dart", "import"), "known")
	known.Known = true
	list := []*finding.Finding{first, second, third, fourth}
	slices.SortFunc(list, finding.Compare)
	return &check.Report{
		Projects: []string{"."}, Rules: table, Findings: list, Hidden: []*finding.Finding{hidden, known}, Texts: texts,
		Unchecked: []finding.Unchecked{{What: "versions", File: "pubspec.lock", Line: 1, Why: "is not there"}, {What: "handler", File: "lib/main.dart", Line: 4, Why: "`x` comes from elsewhere"}},
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what is printed now (-update writes it):\n%s", file, got)
	}
}

func TestFormats(t *testing.T) {
	for _, name := range Names() {
		var out bytes.Buffer
		if err := Write(&out, name, sample(), Options{Prefix: "app"}); err != nil {
			t.Fatal(err)
		}
		golden(t, name, out.Bytes())
		if bytes.ContainsRune(out.Bytes(), '\x1b') {
			t.Errorf("%s lets an escape sequence through", name)
		}
		var none bytes.Buffer
		if err := Write(&none, name, &check.Report{}, Options{}); err != nil {
			t.Fatal(err)
		}
		golden(t, name+"-nothing", none.Bytes())
	}
	var coloured bytes.Buffer
	if err := Write(&coloured, "pretty", sample(), Options{Colour: true}); err != nil {
		t.Fatal(err)
	}
	golden(t, "pretty-colour", coloured.Bytes())
}

func TestWriteFails(t *testing.T) {
	for _, name := range Names() {
		if err := Write(full{}, name, sample(), Options{}); err == nil {
			t.Errorf("%s does not tell that a disk is full", name)
		}
	}
	if err := Write(full{}, "none", sample(), Options{}); err == nil {
		t.Error("an unknown format is written")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrInvalid }

func TestSARIFIsValid(t *testing.T) {
	c := jsonschema.NewCompiler()
	schema, err := c.Compile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	valid := func(data []byte) error {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return err
		}
		return schema.Validate(v)
	}
	everyRule := &check.Report{Rules: rules.All()}
	real, err := check.Run(context.Background(), "../../../testdata/projects/broken", check.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*check.Report{sample(), {}, everyRule, real} {
		var out bytes.Buffer
		if err := Write(&out, "sarif", r, Options{}); err != nil {
			t.Fatal(err)
		}
		if err := valid(out.Bytes()); err != nil {
			t.Errorf("%v\n%s", err, out.Bytes())
		}
		if err := valid(bytes.Replace(out.Bytes(), []byte(`"2.1.0"`), []byte(`"2.2"`), 1)); err == nil {
			t.Error("the schema accepts another version")
		}
	}
}

// The JSON format has these fields in all cases, and no others.
func TestJSONIsStable(t *testing.T) {
	var out bytes.Buffer
	if err := Write(&out, "json", sample(), Options{Prefix: "app"}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Version   int
		Findings  []map[string]any
		Unchecked []map[string]any
	}
	d := json.NewDecoder(&out)
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	fields := func(m map[string]any) string {
		var names []string
		for n := range m {
			names = append(names, n)
		}
		slices.Sort(names)
		return strings.Join(names, " ")
	}
	if got.Version != 1 || len(got.Findings) != 4 || len(got.Unchecked) != 2 {
		t.Fatalf("got %+v", got)
	}
	for _, f := range got.Findings {
		if fields(f) != "certainty column file fix id line message rule seen" {
			t.Errorf("a finding has %s", fields(f))
		}
		if strings.HasPrefix(f["file"].(string), "app/") {
			t.Errorf("%s is not relative to the checked folder", f["file"])
		}
	}
	for _, u := range got.Unchecked {
		if fields(u) != "file line what why" {
			t.Errorf("what was not checked has %s", fields(u))
		}
	}
}

func FuzzPrint(f *testing.F) {
	f.Add([]byte("void f() {}\n"), 5, 6, "m")
	f.Add([]byte("\xff\t\r\nüü"), 1, 6, "\x1b[31m")
	f.Add([]byte(strings.Repeat("x", 1000)), 500, 900, "`")
	f.Fuzz(func(t *testing.T, text []byte, start, end int, message string) {
		rule := &rules.Rule{Name: "r", Seen: message, Fix: message, Certainty: finding.Error}
		if start < 0 || end < start || end > len(text) {
			t.Skip()
		}
		at := source.NewText("f", text).Place(start, end)
		r := &check.Report{Findings: []*finding.Finding{rule.Finding(at, message)}, Texts: map[string][]byte{"f": text}}
		for _, name := range Names() {
			var out bytes.Buffer
			if err := Write(&out, name, r, Options{}); err != nil {
				t.Fatal(err)
			}
			if name == "json" || name == "sarif" || name == "gitlab" {
				if !json.Valid(out.Bytes()) {
					t.Errorf("%s: %q", name, out.Bytes())
				}
				continue
			}
			if strings.ContainsAny(out.String(), "\x1b\x07\x08\r\u202e") {
				t.Errorf("%s: %q", name, out.String())
			}
		}
	})
}

// A place far along a line of megabytes is shown, and does not cost the whole line.
func TestLongLine(t *testing.T) {
	text := []byte("a\n" + strings.Repeat("x", 5<<20) + "é here " + strings.Repeat("y", 5<<20) + "\nb\n")
	start := strings.Index(string(text), "here")
	reg := regionOf(text, finding.Place{Line: 2, Column: start - 1, Start: start, End: start + 4})
	line, caret := excerpt(reg)
	if at := strings.Index(line, "here"); at < 0 || utf8.RuneCountInString(line[:at]) != strings.Index(caret, "^") || strings.Count(caret, "^") != 4 {
		t.Errorf("got %q and %q", line, caret)
	}
	if want := 5<<20 + 3; reg.column != want || reg.endColumn != want+4 || reg.line != 2 || reg.endLine != 2 {
		t.Errorf("got %d:%d to %d:%d, want column %d", reg.line, reg.column, reg.endLine, reg.endColumn, want)
	}
	if len(reg.first) > 3*near {
		t.Errorf("took %d bytes of the line", len(reg.first))
	}
}
