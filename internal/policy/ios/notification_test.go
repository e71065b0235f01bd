package ios

import (
	"fmt"
	"slices"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestNotificationsPending holds the notifications that are pending against those that were
// asked for and not taken back, of which the soonest are kept.
func TestNotificationsPending(t *testing.T) {
	const kept = 3
	s, err := NewSystem(Config{Params: Params{Limits: Limits{NotificationsKept: kept}}})
	if err != nil {
		t.Fatal(err)
	}
	sp := &record.Spec{Task: "reminder"}
	sp.Phone.Kind = work.KindNotification
	facts := record.NewFacts()
	for seed := range uint64(300) {
		s.Reset(seed)
		c, at := chance.New(seed), int64(1)
		s.Sense(at, core.Sense{Kind: core.SenseScreen}, &facts)
		type note struct{ seq, at int64 }
		var want []note
		drop := func(seq int64) {
			want = slices.DeleteFunc(want, func(n note) bool { return n.seq == seq })
		}
		last := int64(0)
		for i := range 100 {
			at++
			seq := 1 + c.Below(last+1)
			j := core.Job{Work: &record.Work{Seq: seq, ID: work.ID(fmt.Sprint("w", seq)), LastEnqueue: at}, Spec: sp, Due: at + day + c.Below(8)*day}
			switch what := c.Below(8); {
			case seq > last || what < 3:
				last = max(last, seq)
				drop(seq)
				s.Waiting(at, j)
				place := slices.IndexFunc(want, func(n note) bool { return n.at > j.Due })
				if place < 0 {
					place = len(want)
				}
				want = slices.Insert(want, place, note{seq, j.Due})
				want = want[:min(kept, len(want))]
			case what < 4:
				drop(seq)
				s.Start(at, j, &facts)
			case what < 7:
				drop(seq)
				s.Gone(at, j)
			default:
				saved, err := s.Save()
				if err == nil {
					err = s.Load(saved)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			var got []note
			for _, n := range s.Notifications() {
				got = append(got, note{n.Seq, n.At})
			}
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d, step %d: pending are %v, not %v", seed, i, got, want)
			}
		}
	}
}
