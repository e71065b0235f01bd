package ios

import (
	"testing"

	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/record"
)

// TestRestartChangesNothing lets the same happen to a phone twice, the second time with a
// restart of the engine now and then: the same must be decided. In the first of these worlds
// one had once led to something else.
func TestRestartChangesNothing(t *testing.T) {
	seeds, worlds := []uint64{141, 274, 377, 435, 626, 852, 7109}, uint64(20)
	if *long {
		worlds = 3000
	}
	for seed := range worlds {
		seeds = append(seeds, seed)
	}
	for _, seed := range seeds {
		a, b := messAbout(t, seed, false).Decided(), messAbout(t, seed, true).Decided()
		if i, x, y := coretest.Parting(a, b); i >= 0 {
			t.Fatalf("world %d, line %d:\n%s\nand with restarts\n%s", seed, i, x, y)
		}
	}
}

// messAbout lets a lot happen, with restarts or without.
func messAbout(t *testing.T, seed uint64, restart bool) *mess {
	x, when := newMess(t, seed), chance.New(seed+1)
	for range 150 {
		x.happen()
		now, quiet := when.Chance(200_000), when.Chance(200_000)
		if restart && now { // before what follows from it
			x.restart()
		}
		x.at += when.Below(hour)
		if x.until(x.at, ""); restart && quiet {
			x.restart()
		}
	}
	return x
}

// restart ends the engine, but no run, and begins another one.
func (x *mess) restart() {
	var alive []record.RunKey
	for _, r := range x.M.Runs() {
		alive = append(alive, record.RunKey{Seq: r.Seq, Epoch: r.Epoch})
	}
	x.Restart(max(x.At, x.at), alive...)
}
