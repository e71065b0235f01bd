package android_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
)

// families run one case each: they take its input apart, feed it to the engine and
// return what came out, under the keys of the case's expectation.
var families = map[string]func(coretest.TB, core.Policy, json.RawMessage) any{
	"nextrun":  runNextRun,
	"backoff":  runBackoff,
	"request":  runRequest,
	"timeline": runTimeline,
	"policy":   runPolicy,
	"chain":    runChain,
	"merge":    runMerge,
	"quota":    runQuota,
	"standby":  runStandby,
	"doze":     runDoze,
	"jobmap":   runJobMap,

	"constraints":           runConstraints,
	"jobscheduler_periodic": runPeriodicJob,
}

type vectorFile struct {
	Family string       `json:"family"`
	Schema string       `json:"schema"`
	Cases  []vectorCase `json:"cases"`
}

type vectorCase struct {
	ID     string                     `json:"id"`
	Name   string                     `json:"name"`
	Input  json.RawMessage            `json:"input"`
	Expect map[string]json.RawMessage `json:"expect"`
	Note   string                     `json:"note"`
	Source string                     `json:"source"`
}

// TestVectors runs the cases of testdata, or of another folder with the same
// layout that LULL_VECTORS names.
func TestVectors(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "testdata", "vectors")
	if d := os.Getenv("LULL_VECTORS"); d != "" {
		dir = d
	}
	t.Run("android", func(t *testing.T) { runFolder(t, filepath.Join(dir, "android")) })
}

// TestOwnVectors runs cases that were written by hand from the rules for what the
// others leave out.
func TestOwnVectors(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "testdata", "vectors-own")
	t.Run("android", func(t *testing.T) { runFolder(t, filepath.Join(dir, "android")) })
}

func runFolder(t *testing.T, dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if families[name] == nil {
			t.Errorf("%s is no known family", path)
			continue
		}
		file := readVectors(t, path)
		if file.Family != name {
			t.Errorf("%s holds family %q", path, file.Family)
		}
		t.Run(name, func(t *testing.T) {
			for _, c := range file.Cases {
				total++
				t.Run(c.ID, func(t *testing.T) {
					for _, d := range runCase(t, android.Policy{}, name, c) {
						t.Errorf("%s: %s (%s)", c.Name, d, c.Note)
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

func readVectors(t *testing.T, path string) vectorFile {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file vectorFile
	if err := strict(b, &file); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if file.Schema != "lull.android.v1" {
		t.Fatalf("%s: unknown schema %q", path, file.Schema)
	}
	return file
}

// runCase runs a case and returns what differs from its expectation.
func runCase(t coretest.TB, p core.Policy, family string, c vectorCase) []string {
	got := tree(t, families[family](t, p, c.Input)).(map[string]any)
	if len(c.Expect) == 0 {
		return []string{"nothing is expected"}
	}
	var diffs []string
	for _, key := range slices.Sorted(maps.Keys(c.Expect)) {
		var want any
		if err := decode(c.Expect[key], &want); err != nil {
			t.Fatal(err)
		}
		have, ok := got[key]
		if !ok {
			diffs = append(diffs, fmt.Sprintf("key %q is not known here", key))
			continue
		}
		diffs = append(diffs, differ(key, have, want, family != "timeline" && family != "doze")...)
	}
	return diffs
}

// anyWord equals whatever word a case has for an error: merge cases agree on none.
const anyWord = "(an error)"

// strict decodes JSON and refuses unknown keys.
func strict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

func decode(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return d.Decode(v)
}

// read decodes the input of a case over its defaults.
func read(t coretest.TB, in json.RawMessage, v any) {
	t.Helper()
	if err := strict(in, v); err != nil {
		t.Fatalf("input: %v", err)
	}
}

// tree turns a value into what JSON makes of it.
func tree(t coretest.TB, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := decode(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// differ compares every key of want. Arrays are sets of equal elements in any
// order where sets is true.
func differ(at string, have, want any, sets bool) []string {
	var diffs []string
	switch want := want.(type) {
	case map[string]any:
		obj, ok := have.(map[string]any)
		if !ok {
			break
		}
		for _, k := range slices.Sorted(maps.Keys(want)) {
			h, ok := obj[k]
			if !ok {
				diffs = append(diffs, fmt.Sprintf("%s.%s is missing, want %v", at, k, want[k]))
				continue
			}
			diffs = append(diffs, differ(at+"."+k, h, want[k], sets)...)
		}
		for _, k := range slices.Sorted(maps.Keys(obj)) {
			if _, ok := want[k]; !ok && sets {
				diffs = append(diffs, fmt.Sprintf("%s.%s is %v, want none", at, k, obj[k]))
			}
		}
		return diffs
	case []any:
		list, ok := have.([]any)
		if !ok || len(list) != len(want) {
			break
		}
		if sets {
			list, want = sorted(list), sorted(want)
		}
		for i := range want {
			diffs = append(diffs, differ(fmt.Sprintf("%s[%d]", at, i), list[i], want[i], sets)...)
		}
		return diffs
	default:
		if have == want || have == anyWord && want != nil && want != false {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s is %v, want %v", at, have, want)}
}

func sorted(list []any) []any {
	return slices.SortedFunc(slices.Values(list), func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
}

func TestVectorRunnerFindsMistakes(t *testing.T) {
	in := json.RawMessage(`{"spec":{"state":"ENQUEUED","last_enqueue_ms":1000}}`)
	for expect, diffs := range map[string]int{
		`{"next_run_ms":1000}`:         0,
		`{"next_run_ms":1001}`:         1,
		`{"next_run_ms":null}`:         1,
		`{"next_run_ms":1000,"gap":1}`: 1,
		`{}`:                           1,
	} {
		c := vectorCase{Input: in}
		if err := json.Unmarshal([]byte(expect), &c.Expect); err != nil {
			t.Fatal(err)
		}
		if got := runCase(t, android.Policy{}, "nextrun", c); len(got) != diffs {
			t.Errorf("expectation %s: differences %q, want %d", expect, got, diffs)
		}
	}
	var v struct{ A int }
	if strict([]byte(`{"a":1,"b":2}`), &v) == nil {
		t.Error("an unknown key was not refused")
	}
}
