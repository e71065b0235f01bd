package android_test

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
)

var long = flag.Bool("long", false, "run slow tests")

// quiet is a test whose failure is the point.
type quiet struct{ failed bool }

func (q *quiet) Helper()               {}
func (q *quiet) Errorf(string, ...any) { q.failed = true }
func (q *quiet) Fatal(...any)          { q.failed = true; runtime.Goexit() }
func (q *quiet) Fatalf(string, ...any) { q.failed = true; runtime.Goexit() }

// fails runs a check in a goroutine of its own, so that it can be left. A panic
// counts as a failure.
func fails(check func(*quiet)) bool {
	q, done := &quiet{}, make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if recover() != nil {
				q.failed = true
			}
		}()
		check(q)
	}()
	<-done
	return q.failed
}

// bent is Android's policy with other rules.
type bent struct {
	android.Policy
	rules core.Rules
}

func (b bent) Rules() core.Rules { return b.rules }

// bend changes one field of rules.
func bend(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int64:
		v.SetInt(v.Int() + v.Int()/10 + 7_000_001)
	default:
		v.SetInt(v.Int() + 1)
	}
}

// allVectors reads every file of cases that there is a family for.
func allVectors(t *testing.T) (files []vectorFile) {
	for _, dir := range []string{"vectors", "vectors-own"} {
		for name := range families {
			path := filepath.Join("..", "..", "..", "testdata", dir, "android", name+".json")
			if _, err := os.Stat(path); err == nil {
				files = append(files, readVectors(t, path))
			}
		}
	}
	return files
}

// TestEveryRuleMatters changes one rule after the other: some vector or check must
// fail. With -long all that fail are told.
func TestEveryRuleMatters(t *testing.T) {
	files := allVectors(t)
	for i := range reflect.TypeFor[core.Rules]().NumField() {
		rules := android.Policy{}.Rules()
		f := reflect.TypeOf(rules).Field(i)
		bend(reflect.ValueOf(&rules).Elem().Field(i))
		p := bent{rules: rules}
		t.Run(f.Name, func(t *testing.T) {
			var cases, others []string
			enough := func() bool { return !*long && len(cases)+len(others) > 0 }
			for _, file := range files {
				for _, c := range file.Cases {
					if !enough() && fails(func(q *quiet) { q.failed = len(runCase(q, p, file.Family, c)) > 0 }) {
						cases = append(cases, c.ID)
					}
				}
			}
			for _, c := range ruleChecks {
				if !enough() && fails(func(q *quiet) { c.run(q, p) }) {
					others = append(others, c.name)
				}
			}
			if len(cases)+len(others) == 0 {
				t.Errorf("nothing fails with %s %v", f.Name, reflect.ValueOf(rules).Field(i))
			}
			t.Logf("%d cases fail, and checks %q", len(cases), others)
		})
	}
}

// bentDevice is Android's policy on devices of which one value is another.
type bentDevice struct {
	android.Policy
	row    int
	larger bool
	made   map[string]android.Profile // by version and vendor
}

func (b bentDevice) device(v android.Version, vendor string) *android.Profile {
	key := v.String() + " " + vendor
	p, ok := b.made[key]
	if !ok {
		p = *android.BentProfile(b.row, b.larger, v, vendor)
		b.made[key] = p
	}
	return &p
}

// deviceChecks are of what no vector shows.
var deviceChecks = []struct {
	name string
	run  func(coretest.TB, maker)
}{
	{"jobs and sessions of a minute", checkMinute},
	{"a session that goes on", checkGoingOn},
	{"quota is free as the app and the device stand", checkAccount},
	{"the system looks now and then", checkStandbyLooks},
	{"the bucket RESTRICTED of Android 11", checkStandbyRestricted11},
	{"what holds an app", checkStandbyHolds},
	{"predictions", checkStandbyPrediction},
	{"an app that misbehaves", checkStandbyRestrict},
	{"stories of Doze", checkDozeStories},
	{"Doze delays jobs", checkDozeDelaysJobs},
	{"a battery between its levels", checkBattery},
}

func TestDevices(t *testing.T) {
	for _, c := range deviceChecks {
		t.Run(c.name, func(t *testing.T) {
			c.run(t, func(version, vendor string) *android.Profile { return profile(t, version, vendor) })
		})
	}
}

// unread are parameters that are known, and that nothing in this package needs: what
// triggers by content URIs wait for, what the system does with apps that do not answer, a
// floor of alarms that is below that of periods, and quotas of alarms that have none.
var unread = regexp.MustCompile(`^(trigger\.|run\.bind-timeout|guard\.timeouts\.(regular|expedited|user-initiated)|alarm\.interval\.min|alarm\.exempted\.)`)

// TestEveryValueMatters changes one row of the table after the other, with -long every one,
// else every third: some vector of the system's rules or some check must fail.
func TestEveryValueMatters(t *testing.T) {
	var files []vectorFile
	for _, f := range allVectors(t) {
		if slices.Contains([]string{"quota", "standby", "doze", "constraints"}, f.Family) {
			files = append(files, f)
		}
	}
	for row := range android.Rows() {
		x, holds := android.Row(row)
		if unread.MatchString(x.Name()) || !*long && row%3 != 0 {
			continue
		}
		found := false
		for _, larger := range []bool{true, false} {
			found = found || valueMatters(files, x.Name(), bentDevice{row: row, larger: larger, made: map[string]android.Profile{}})
		}
		if !found {
			t.Errorf("nothing fails with another %s of Android %s", x.Name(), holds)
		}
	}
}

func valueMatters(files []vectorFile, name string, b bentDevice) bool {
	bent := func(version, vendor string) *android.Profile {
		v, err := android.VersionByName(version)
		if err != nil {
			panic(err)
		}
		return b.device(v, vendor)
	}
	if systemValueMatters(name, bent) {
		return true
	}
	for _, file := range files {
		for _, c := range file.Cases {
			if fails(func(q *quiet) { q.failed = len(runCase(q, b, file.Family, c)) > 0 }) {
				return true
			}
		}
	}
	for _, c := range deviceChecks {
		if fails(func(q *quiet) { c.run(q, bent) }) {
			return true
		}
	}
	return false
}

// constant matches one line of the const block.
var constant = regexp.MustCompile(`(?m)^\t(\w+)( += )([^\n/]+)$`)

// TestEveryConstantMatters doubles one constant of the source after the other and
// runs the tests of this package again: they must fail.
func TestEveryConstantMatters(t *testing.T) {
	if !*long {
		t.Skip("slow: it compiles the package once for each constant; run with -long")
	}
	path, err := filepath.Abs("constants.go")
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	body := string(src)
	units := []string{"second", "minute", "hour", "day", "never"}
	found := 0
	for _, m := range constant.FindAllStringSubmatchIndex(body, -1) {
		name := body[m[2]:m[3]]
		if slices.Contains(units, name) || strings.Contains(body[m[6]:m[7]], `"`) { // sources are words
			continue
		}
		found++
		t.Run(name, func(t *testing.T) {
			changed := filepath.Join(t.TempDir(), "constants.go")
			text := body[:m[6]] + "2 * (" + strings.TrimSpace(body[m[6]:m[7]]) + ")" + body[m[7]:]
			overlay := filepath.Join(t.TempDir(), "overlay.json")
			spec, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
			if err != nil {
				t.Fatal(err)
			}
			for file, b := range map[string][]byte{changed: []byte(text), overlay: spec} {
				if err := os.WriteFile(file, b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			out, err := exec.Command("go", "test", "-count=1", "-failfast", "-skip=^TestEvery", "-overlay", overlay, ".").CombinedOutput()
			switch {
			case err == nil:
				t.Errorf("the tests pass with twice %s", name)
			case !strings.Contains(string(out), "--- FAIL"):
				t.Errorf("the tests did not run: %s", out)
			}
		})
	}
	if found < 15 {
		t.Errorf("only %d constants found", found)
	}
}
