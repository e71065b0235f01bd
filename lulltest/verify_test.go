package lulltest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/lulltest"
)

var (
	cache  = isolate.Provide("cache", openCache)
	broken = isolate.Provide("broken", openBroken)
	nobody = lull.Define[int, int]("nobody")
)

func openCache(context.Context) (int, error) { return 1, nil }

func openBroken(context.Context) (int, error) { return 0, errors.New("no such host") }

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Helper()           {}
func (r *recorder) Error(args ...any) { r.errors = append(r.errors, fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func TestVerifyTasks(t *testing.T) {
	r := &recorder{TB: t}
	lulltest.VerifyTasks(r, double, nobody)
	slices.Sort(r.errors)
	want := []string{
		`entry point "flaky": provider "broken": no such host`,
		`entry point "nobody": no such entry point: pass it to isolate.Main`,
	}
	if !slices.Equal(r.errors, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(r.errors, "\n"), strings.Join(want, "\n"))
	}
}
