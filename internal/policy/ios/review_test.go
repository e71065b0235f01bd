package ios

import (
	"testing"

	"github.com/lullwork/lull/work"
)

// TestDrawsAreKept: a draw that is kept is the one that would be made, whatever was looked
// at before, and whether or not the work has the memory of another one.
func TestDrawsAreKept(t *testing.T) {
	results := map[bool]int{}
	for seed := range uint64(10) {
		c := newChaos(t, seed)
		c.only = [...]work.Kind{work.KindRefresh, work.KindProcessing}[seed%2]
		for range 200 {
			c.step()
			c.start()
			for _, p := range c.sys.Waits {
				for _, at := range [...]int64{c.at, c.at + c.Below(hour), c.at - c.Below(hour), c.at, c.Below(hour)} {
					anew := *p
					anew.draw = draw{}
					kept := c.sys.lost(p, at)
					if kept != c.sys.lost(&anew, at) {
						t.Fatalf("world %d: a draw at %d is kept as %v", seed, at, kept)
					}
					results[kept]++
				}
			}
		}
	}
	if results[true] < 500 || results[false] < 100 {
		t.Errorf("lost or won: %v", results)
	}
}
