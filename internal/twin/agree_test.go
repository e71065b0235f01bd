package twin

import (
	"fmt"
	"slices"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/journal"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// agree checks that every unfinished work that does not run has a reason, and that
// the journal gives the reasons that the machine gives.
func agree(m *core.Machine, rows func(...record.Need) []*record.Work, j *journal.Join, now int64) error {
	var open []work.ID
	for after := int64(0); ; {
		ws := rows(record.Need{Tag: &record.TagPage{After: after, Limit: 1000}})
		n := len(ws)
		for _, w := range ws {
			after = max(after, w.Seq)
			if w.State.Finished() || w.State == work.Running {
				continue
			}
			open = append(open, w.ID)
			var parents []*record.Work
			if len(w.Parents) > 0 {
				parents = rows(record.Need{Works: w.Parents})
			}
			var codes []work.Code
			for _, r := range m.Explain(now, w, parents) {
				codes = append(codes, r.Code)
			}
			slices.Sort(codes)
			codes = slices.Compact(codes)
			if len(codes) == 0 {
				return fmt.Errorf("%s waits for no reason", w.ID)
			}
			if told := j.Codes(w.ID, now); !slices.Equal(told, codes) {
				return fmt.Errorf("%s waits for %v, but the journal says %v", w.ID, codes, told)
			}
		}
		if n < 1000 {
			break
		}
	}
	slices.Sort(open)
	if told := j.Waiting(); !slices.Equal(told, open) {
		return fmt.Errorf("%v wait, but the journal says %v", open, told)
	}
	return nil
}
