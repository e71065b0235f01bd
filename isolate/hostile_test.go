//go:build linux

package isolate_test

import (
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

// TestNonsenseOverTheLink has an isolate that breaks the protocol of its ports, and stays.
func TestNonsenseOverTheLink(t *testing.T) {
	pipes := newSpawner(t, isolate.Config{})
	isolate.PipesOnly(pipes)
	warm := newSpawner(t, isolate.Config{Warm: 1})
	for name, s := range map[string]*isolate.Spawner{"ring": nil, "pipes": pipes, "warm": warm} {
		t.Run(name, func(t *testing.T) {
			if s == warm {
				isolate.AwaitWarm(s)
			}
			i, err := isolate.Spawn(t.Context(), behave, "nonsense over the link", isolate.SpawnConfig{Spawner: s})
			if err != nil {
				t.Fatal(err)
			}
			select {
			case <-i.Done():
			case <-time.After(patience):
				t.Error("it lives on")
				_ = i.Kill(isolate.Immediate)
			}
			if e := i.Wait(); e.Outcome != isolate.ProtocolError || !e.Killed {
				t.Errorf("%v, killed %t", e, e.Killed)
			}
		})
	}
}
