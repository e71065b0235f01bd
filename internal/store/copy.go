package store

import (
	"encoding/json"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Copy returns a row that shares nothing with w. Empty values come out as nil,
// as every store returns them.
func Copy(w *record.Work) *record.Work {
	c := *w
	c.Tags = copyOf(w.Tags)
	c.Input = json.RawMessage(copyOf(w.Input))
	c.Merged = json.RawMessage(copyOf(w.Merged))
	c.Output = json.RawMessage(copyOf(w.Output))
	c.Progress = json.RawMessage(copyOf(w.Progress))
	c.Parents = copyOf(w.Parents)
	return &c
}

func copyOf[S ~[]E, E any](s S) S {
	if len(s) == 0 {
		return nil
	}
	return append(make(S, 0, len(s)), s...)
}

// copySpare copies the columns that a Spare write covers: all but the ID, the
// name and what is of variable size.
func copySpare(to, from *record.Work) {
	kept := *to
	*to = *from
	to.ID, to.Name, to.Tags, to.Parents = kept.ID, kept.Name, kept.Tags, kept.Parents
	to.Input, to.Merged = kept.Input, kept.Merged
	to.Output, to.Progress = copyOf(from.Output), copyOf(from.Progress)
}

func hasTag(w *record.Work, tag string) bool {
	for _, t := range w.Tags {
		if t == tag {
			return true
		}
	}
	return tag == ""
}

func namesParent(w *record.Work, id work.ID) bool {
	for _, p := range w.Parents {
		if p == id {
			return true
		}
	}
	return false
}
