package world

import (
	"slices"
	"testing"

	"github.com/lullwork/lull/internal/core"
)

// TestTape: what is recorded is what a device tells, one tape after the other, from
// wherever it is.
func TestTape(t *testing.T) {
	var tape Tape
	for seed := range uint64(6) {
		c := Config{Seed: seed, Start: monday, End: monday + 20*day}
		d := New(c)
		tape.Record(New(c), 20*day)
		for i := range tape {
			if i == 5 {
				rest := *d
				rest.out = slices.Clone(d.out)
				var other Tape
				if other.Record(&rest, 20*day); !slices.Equal(other, tape[i:]) {
					t.Fatalf("seed %d: another rest", seed)
				}
			}
			if at, ev, ok := d.Next(); !ok || at != tape[i].At || ev != tape[i].Event {
				t.Fatalf("seed %d, event %d: %v at %d, not %v", seed, i, ev, at, tape[i])
			}
		}
		if _, _, ok := d.Next(); ok || len(tape) < 1000 {
			t.Errorf("seed %d: %d events", seed, len(tape))
		}
		var parts, part Tape
		d = New(c)
		for more := true; more; {
			more = part.Record(d, 3*day)
			parts = append(parts, part...)
		}
		if !slices.Equal(parts, tape) {
			t.Errorf("seed %d: stretch by stretch something else happens", seed)
		}
	}
}

func TestStart(t *testing.T) {
	var tape Tape
	for i, k := range []core.SenseKind{
		core.SenseScreen, core.SenseAppOpened, core.SenseAppLeft, core.SenseAppOpened, core.SenseAppDied,
		core.SenseScreen, core.SenseAppOpened, core.SenseAppSwiped,
	} {
		tape = append(tape, Dated{int64(i), Event{Kind: k}})
	}
	for by, want := range []int{0, 1, 1, 1, 1, 1, 6, 6, 6} {
		if got := tape.Start(int64(by)); got != want {
			t.Errorf("by %d: %d, not %d", by, got, want)
		}
	}
}
