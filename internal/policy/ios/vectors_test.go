package ios_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/ios"
)

type vectorFile struct {
	Schema string       `json:"schema"`
	Group  string       `json:"group"`
	Cases  []vectorCase `json:"cases"`
}

type vectorCase struct {
	ID       string       `json:"id"`
	Title    string       `json:"title"`
	Evidence string       `json:"evidence"`
	Sources  []string     `json:"sources"`
	Note     string       `json:"note"`
	Env      vectorEnv    `json:"env"`
	Steps    []vectorStep `json:"steps"`

	unread error
}

// UnmarshalJSON reads a case. One that cannot be read fails alone, and not with it the
// others of its file.
func (c *vectorCase) UnmarshalJSON(b []byte) error {
	type plain vectorCase
	if err := strict(b, (*plain)(c)); err != nil {
		c.unread = fmt.Errorf("cannot be read: %w", err)
	}
	return nil
}

type vectorEnv struct {
	App struct {
		Kind         string   `json:"kind"`
		Permitted    []string `json:"permitted"`
		Modes        []string `json:"modes"`
		Entitlements []string `json:"entitlements"`
		Apple        bool     `json:"apple"`
	} `json:"app"`
	Device json.RawMessage `json:"device"`
}

type vectorStep struct {
	Call   string                     `json:"call"`
	Pos    []json.RawMessage          `json:"pos"`
	Args   map[string]json.RawMessage `json:"args"`
	Expect map[string]json.RawMessage `json:"expect"`
}

// TestVectors runs the cases of testdata, or of another folder with the same layout
// that LULL_VECTORS names.
func TestVectors(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "testdata", "vectors")
	if d := os.Getenv("LULL_VECTORS"); d != "" {
		dir = d
	}
	t.Run("ios", func(t *testing.T) { runFolder(t, filepath.Join(dir, "ios")) })
}

// TestOwnVectors runs cases that were written by hand from the rules for what the
// others leave out.
func TestOwnVectors(t *testing.T) {
	t.Run("ios", func(t *testing.T) { runFolder(t, filepath.Join("..", "..", "..", "testdata", "vectors-own", "ios")) })
}

func runFolder(t *testing.T, dir string) {
	files := readFolder(t, dir)
	total := 0
	for _, file := range files {
		t.Run(file.Group, func(t *testing.T) {
			for _, c := range file.Cases {
				total++
				t.Run(c.ID, func(t *testing.T) {
					for _, d := range runCase(defaults, c) {
						t.Errorf("%s: %s %s", c.Title, d, c.Note)
					}
				})
			}
		})
	}
	if total == 0 {
		t.Fatalf("no cases in %s", dir)
	}
	t.Logf("%d cases", total)
}

func readFolder(t testing.TB, dir string) []vectorFile {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var files []vectorFile
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var file vectorFile
		if err := strict(b, &file); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if want := strings.TrimSuffix(filepath.Base(path), ".json"); file.Group != want || file.Schema != "lull.ios.contract/1" {
			t.Fatalf("%s: group %q of schema %q", path, file.Group, file.Schema)
		}
		files = append(files, file)
	}
	return files
}

// runCase plays the steps of a case and returns what differs from what is expected.
func runCase(l ios.Limits, c vectorCase) []string {
	p, err := newPlayer(l, c.Env)
	if err = errors.Join(c.unread, err); err != nil {
		return []string{err.Error()}
	}
	var diffs []string
	for i, s := range c.Steps {
		value, err := p.play(s)
		events := []string{}
		for _, e := range p.c.Events() {
			events = append(events, e.String())
		}
		for _, d := range differ(s.Expect, value, err, events) {
			diffs = append(diffs, fmt.Sprintf("step %d %s: %s", i+1, s.Call, d))
		}
	}
	return diffs
}

// differ compares what a step did with what is expected of it.
func differ(expect map[string]json.RawMessage, value any, err error, events []string) []string {
	var diffs []string
	check := func(key string, have any) {
		if want, ok := expect[key]; ok {
			if h, w := tree(have), parse(want); !reflect.DeepEqual(h, w) {
				diffs = append(diffs, fmt.Sprintf("%s is %s and not %s", key, text(have), want))
			}
		}
	}
	for key := range expect {
		switch key {
		case "return", "exception", "error", "ok", "events":
		default:
			diffs = append(diffs, fmt.Sprintf("key %q is not known here", key))
		}
	}
	var exception, refusal any
	if r := (*core.Refusal)(nil); errors.As(err, &r) {
		if r.Fatal {
			exception = r.Name
		} else {
			refusal = map[string]any{"code": r.Code, "name": r.Name}
		}
	}
	check("return", value)
	check("exception", exception)
	check("error", refusal)
	check("ok", err == nil)
	check("events", events)
	told := expect["exception"] != nil || expect["error"] != nil || expect["ok"] != nil
	if err != nil && (!told || errors.As(err, &misread{})) {
		diffs = append(diffs, "failed: "+err.Error())
	}
	return diffs
}

// strict decodes JSON and refuses unknown keys.
func strict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// parse reads JSON. What numbers have below a µs is not compared: sums of seconds differ
// there.
func parse(b []byte) (v any) {
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	return inMicros(v)
}

func inMicros(v any) any {
	switch v := v.(type) {
	case float64:
		return math.Round(v * second)
	case []any:
		for i := range v {
			v[i] = inMicros(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = inMicros(v[k])
		}
	}
	return v
}

// tree turns a value into what JSON makes of it.
func tree(v any) any {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return parse(b)
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}
