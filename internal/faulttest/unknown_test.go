//go:build linux

package faulttest

import (
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lullwork/lull/work"
)

// TestCommitFails lets one commit of each kind fail: it is not there, or it is and
// nobody was told. The engine that goes on keeps all promises, without a restart.
func TestCommitFails(t *testing.T) {
	for _, moment := range slices.Sorted(maps.Keys(moments)) {
		for _, when := range []string{"-before", "-after"} {
			if when == "-before" && !*long && moment != "enqueue" && moment != "end" {
				continue
			}
			t.Run(moment+when, func(t *testing.T) {
				t.Parallel()
				failAt(t, moment, moment+when)
			})
		}
	}
}

func failAt(t *testing.T, moment, point string) {
	s, a := scene(t), &acks{}
	s.chores(t, busy)
	failing := s
	failing.Load, failing.Crash, failing.Fails, failing.Nth = 2, point, true, 1
	switch moment {
	case "enqueue", "claim", "end", "chain", "cancel":
		failing.Nth = 1 + rand.IntN(3)
	case "period", "budget":
		failing.Pause = 30
	case "shutdown":
		failing.Works, failing.Do = 10, gate
	}
	v := launch(t, failing, a)
	v.expect("log the state could not be written")
	v.expect("log the state can be written again")
	if moment != "shutdown" {
		v.awaitAcks(3)
		v.tell("stop")
	}
	lines := v.ended()
	for _, line := range lines {
		if strings.HasPrefix(line, "log ") || strings.HasPrefix(line, "error ") {
			t.Error(line)
		}
	}
	if len(lines) == 0 || lines[len(lines)-1] != "closed" {
		t.Errorf("it did not end in good order: %q", lines)
	}
	must(t, writeFile(filepath.Join(s.Trace, "open")))
	s.chores(t, calm)
	drain(t, s, a)
	h := check(t, s, a)
	if a.len() == 0 {
		t.Error("nothing was acknowledged")
	}
	for _, w := range h.works {
		if w.Task == "hung" && (w.State != work.Enqueued || w.Last.Outcome != work.BudgetExceeded && w.Last.Outcome != work.Stopped) {
			t.Errorf("the work that hangs is %s, its last run %+v", w.State, w.Last)
		}
	}
	t.Log(h)
}
