package lulltest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/lullwork/lull/isolate"
)

// VerifyTasks finds out, before it happens to a user, which tasks could not run in a
// fresh isolate. It starts one for each entry point that was given to isolate.Main in
// TestMain, initialises there the plugins that the entry point needs (all providers, if
// it has no list of Needs), and runs nothing else. The test fails for each plugin that
// does not initialise there, each entry point that was not registered, and each mistake
// in what Main was given.
//
// Pass the tasks that the program enqueues: one that Main was not given is found that
// way.
//
//	func TestTasks(t *testing.T) { lulltest.VerifyTasks(t, Thumbnail, Upload) }
func VerifyTasks(t testing.TB, tasks ...interface{ Name() string }) {
	t.Helper()
	var names []string
	for _, e := range isolate.Entries() {
		names = append(names, e.Name())
	}
	for _, task := range tasks {
		if !slices.Contains(names, task.Name()) {
			names = append(names, task.Name())
		}
	}
	all := isolate.Report{}
	for _, name := range names {
		r, err := verifyOne(t.Context(), name)
		if err != nil {
			t.Errorf("entry point %q: %v", name, err)
		}
		all.Problems = r.Problems // the same each time
		all.Entries = append(all.Entries, r.Entries...)
	}
	if len(names) == 0 {
		t.Error("there is no entry point to verify: call isolate.Main in TestMain, as in main")
	}
	for _, problem := range all.Findings() {
		t.Error(problem)
	}
}

func verifyOne(ctx context.Context, name string) (isolate.Report, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("its plugins are not initialised after %v", patience))
	defer cancel()
	return isolate.Verify(ctx, name)
}
