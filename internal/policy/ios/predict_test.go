package ios

import (
	"encoding/json"
	"testing"

	"github.com/lullwork/lull/internal/core/chance"
)

// TestHabitSum: the sum that a habit keeps is that of its counts, whatever happens.
func TestHabitSum(t *testing.T) {
	for seed := range uint64(20) {
		c := chance.New(seed)
		var h habit
		h.begin()
		days, slots := c.Between(1, maxDays), int(c.Between(1, maxSlots))
		for i := range 2000 {
			switch c.Below(10) {
			case 0:
				h.turn(days)
			case 1:
				b, err := json.Marshal(&h)
				if err != nil {
					t.Fatal(err)
				}
				var again habit
				if err := json.Unmarshal(b, &again); err != nil || again != h {
					t.Fatalf("seed %d, step %d: %v\n%+v\n%+v", seed, i, err, h, again)
				}
			case 2:
				if c.Chance(100_000) {
					slots = int(c.Between(1, int64(slots)))
					h.within(slots)
				}
			default:
				h.mark(int(c.Below(int64(slots))))
			}
			sum := int32(0)
			for slot, n := range h.Count {
				if sum += int32(n); n > 0 && slot >= slots {
					t.Fatalf("seed %d, step %d: something is left in slot %d of %d", seed, i, slot, slots)
				}
			}
			if sum != h.Sum {
				t.Fatalf("seed %d, step %d: the sum is %d, and not %d", seed, i, h.Sum, sum)
			}
		}
	}
}
