package core

import (
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// fewRuns is how many runs are looked through for one: on a phone there are no more, and
// that is quicker than to ask a map.
const fewRuns = 8

// book finds runs by their works.
type book struct {
	few  []*run
	many map[work.ID]*run // all, once there have been more than a few
	n    int
}

func (b *book) len() int { return b.n }

// of returns the run of a work; nil: there is none.
func (b *book) of(id work.ID) *run {
	if b.many != nil {
		return b.many[id]
	}
	for _, r := range b.few {
		if r.Work == id {
			return r
		}
	}
	return nil
}

// on is of by the row of the work. Only a run whose row is gone can be of another one with
// the same ID.
func (b *book) on(w *record.Work) *run {
	if b.many != nil {
		return b.many[w.ID]
	}
	for _, r := range b.few {
		if r.Seq == w.Seq || r.w == nil && r.Work == w.ID {
			return r
		}
	}
	return nil
}

// add takes in a run, in place of another one of its work.
func (b *book) add(r *run) {
	if b.many != nil {
		b.many[r.Work] = r
		b.n = len(b.many)
		return
	}
	for i, o := range b.few {
		if o.Work == r.Work {
			b.few[i] = r
			return
		}
	}
	b.few = append(b.few, r)
	if b.n = len(b.few); b.n <= fewRuns {
		return
	}
	b.many = make(map[work.ID]*run, 2*len(b.few))
	for _, r := range b.few {
		b.many[r.Work] = r
	}
	b.few = nil
}

func (b *book) drop(r *run) {
	if b.many != nil {
		delete(b.many, r.Work)
		b.n = len(b.many)
		return
	}
	for i, o := range b.few {
		if o == r {
			last := len(b.few) - 1
			b.few[i], b.few[last] = b.few[last], nil
			b.few, b.n = b.few[:last], last
			return
		}
	}
}

// all returns the runs in no order.
func (b *book) all() []*run {
	out := slices.Clone(b.few)
	// any order: so it says
	for _, r := range b.many {
		out = append(out, r)
	}
	return out
}
