//go:build linux && race

package isolate_test

import (
	"strings"
	"testing"

	"github.com/lullwork/lull/isolate"
)

const raceEnabled = true

// TestRaceIsNoSuccess has a race in an isolate: the tests that use one are to fail by it.
func TestRaceIsNoSuccess(t *testing.T) {
	e := wait(t, start(t, newSpawner(t, isolate.Config{}), isolate.Spec{Func: behave.Name(), Input: []byte(`"race"`)}))
	if e.Outcome != isolate.Crashed || !strings.Contains(e.Message, "found a race") || !strings.Contains(string(e.Tail), "DATA RACE") {
		t.Errorf("%v\n%s", e, e.Tail)
	}
}
