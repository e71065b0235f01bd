package ios_test

import (
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/ios"
	"github.com/lullwork/lull/work"
)

// limitChecks are of what no case shows. They take the limits so that another test can
// show that each matters.
var limitChecks = []struct {
	name string
	ok   func(ios.Limits) bool
}{
	{"a refresh has 30 s and a grace of 5 s", terms(work.KindRefresh, core.Terms{Budget: 30 * second, Grace: 5 * second})},
	{"so has a push", terms(work.KindPush, core.Terms{Budget: 30 * second, Grace: 5 * second})},
	{"and a background task", terms(work.KindAssertion, core.Terms{Budget: 30 * second, Grace: 5 * second})},
	{"processing gets what the system thinks fit", terms(work.KindProcessing, core.Terms{Grace: 5 * second})},
	{"a widget has 72 reloads", func(l ios.Limits) bool {
		c := ios.New(l, ios.App{}, ios.DefaultDevice())
		n := 0
		for range 100 {
			if reloaded, counted := c.ReloadWidget(ios.Reload{Reason: ios.ReloadTimeline}); reloaded && counted {
				n++
			}
		}
		return n == 72
	}},
}

func terms(k work.Kind, want core.Terms) func(ios.Limits) bool {
	return func(l ios.Limits) bool { return l.Terms(k) == want }
}

func TestLimits(t *testing.T) {
	for _, c := range limitChecks {
		if !c.ok(ios.DefaultLimits()) {
			t.Errorf("it does not hold that %s", c.name)
		}
	}
}

func allCases(t testing.TB) []vectorCase {
	var all []vectorCase
	for _, dir := range []string{"vectors", "vectors-own"} {
		for _, file := range readFolder(t, filepath.Join("..", "..", "..", "testdata", dir, "ios")) {
			all = append(all, file.Cases...)
		}
	}
	return all
}

// TestEveryConstantMatters changes one constant after the other by the least there is,
// up and down: some case or check must fail.
func TestEveryConstantMatters(t *testing.T) {
	cases := allCases(t)
	for _, k := range ios.Constants() {
		t.Run(k.Name, func(t *testing.T) {
			for _, step := range []int64{-1, 1} {
				l := ios.DefaultLimits()
				k.Set(&l, k.Value+step)
				failed := []string{}
				for _, c := range cases {
					if len(runCase(l, c)) > 0 {
						failed = append(failed, c.ID)
					}
				}
				for _, c := range limitChecks {
					if !c.ok(l) {
						failed = append(failed, c.name)
					}
				}
				if len(failed) == 0 {
					t.Errorf("nothing fails with %d %s", k.Value+step, k.Unit)
				}
				t.Logf("%d %s: %q", k.Value+step, k.Unit, failed)
			}
		})
	}
}

// TestConstants holds the table against the fields that it fills.
func TestConstants(t *testing.T) {
	var names []string
	var all ios.Limits
	for i, k := range ios.Constants() {
		if slices.Contains(names, k.Name) {
			t.Errorf("%s is in the table twice", k.Name)
		}
		names = append(names, k.Name)
		if k.Unit == "" || k.Since == "" || k.Source == "" || k.Tag == "" {
			t.Errorf("%+v is not complete", k)
		}
		k.Set(&all, int64(i)+1)
		if got := k.Of(&all); got != int64(i)+1 {
			t.Errorf("%s was set to %d and is %d", k.Name, i+1, got)
		}
	}
	v := reflect.ValueOf(all)
	if v.NumField() != len(names) {
		t.Errorf("%d fields and %d constants", v.NumField(), len(names))
	}
	for i, k := range ios.Constants() {
		if got := k.Of(&all); got != int64(i)+1 {
			t.Errorf("%s shares its field with another constant", k.Name)
		}
	}
}
