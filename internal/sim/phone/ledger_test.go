package phone

import (
	"slices"
	"strconv"
	"testing"

	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestRowsOfAName inserts, finishes and deletes works at random, and later some that come
// after others. It holds the rows of a name, which are found without a search, against those
// that a search finds; and those that are left against what is looked through once more.
func TestRowsOfAName(t *testing.T) {
	dice := chance.New(1)
	l := ledger{open: make([]int, 1), task: func(*record.Work) int { return 0 }}
	names := [...]string{"", "a", "b", "c"}
	for seq := int64(1); seq < 3000; seq++ {
		var tx record.Tx
		w := &record.Work{Seq: seq, ID: work.ID(strconv.FormatInt(seq, 10)), Name: names[dice.Below(4)], State: work.Enqueued}
		if len(l.works) > 0 {
			old := l.works[dice.Below(int64(len(l.works)))]
			switch dice.Below(4) {
			case 0:
				tx.Works = append(tx.Works, record.WorkWrite{Work: old, Delete: true})
			case 1:
				if seq > 1500 && (l.chained || old.Name != "" && !old.State.Finished()) {
					old.HasNext, w.Parents = true, []work.ID{old.ID}
					if !old.State.Finished() {
						w.State, w.Waiting = work.Blocked, 1
					}
					tx.Works = append(tx.Works, record.WorkWrite{Work: old})
				}
			default:
				old.State = work.Succeeded
				tx.Works = append(tx.Works, record.WorkWrite{Work: old})
			}
		}
		if len(l.works) < 20 || len(w.Parents) > 0 {
			tx.Works = append(tx.Works, record.WorkWrite{Work: w, Insert: true})
		}
		l.apply(&tx)
		open := 0
		for i, w := range l.works {
			if l.notes[i].over != w.State.Finished() {
				t.Fatalf("after %d: it is noted of %s that it is over: %v", seq, w.ID, l.notes[i].over)
			}
			if !w.State.Finished() {
				open++
			}
		}
		if open != l.open[0] {
			t.Fatalf("after %d: %d works are not finished, not %d", seq, open, l.open[0])
		}
		for _, name := range names[1:] {
			need := []record.Need{{Name: name}}
			got := slices.Clone(l.resolve(need).Works)
			if want := l.search(need).Works; !slices.Equal(got, want) {
				t.Fatalf("after %d: %d rows of %s, not %d", seq, len(got), name, len(want))
			}
		}
		if left := len(l.works); !l.chained {
			if l.dropAll(); len(l.works) != left {
				t.Fatalf("after %d: %d rows are left, not %d", seq, left, len(l.works))
			}
		}
	}
	if !l.chained {
		t.Error("no work has come after another")
	}
}
