package core

import (
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// fewRows is how many rows are looked through for one, as fewRuns is.
const fewRows = 16

// shelf finds rows by their IDs.
type shelf struct {
	few  []*record.Work
	many map[work.ID]*record.Work // all, once there have been more than a few
	used bool                     // there has been one since it was emptied
}

// of returns the row with an ID; nil: there is none.
func (s *shelf) of(id work.ID) *record.Work {
	if s.many != nil {
		return s.many[id]
	}
	for _, w := range s.few {
		if w.ID == id {
			return w
		}
	}
	return nil
}

// has reports whether a row is there, and not another one with its ID.
func (s *shelf) has(w *record.Work) bool {
	if s.many != nil {
		return s.many[w.ID] == w
	}
	for _, x := range s.few {
		if x == w {
			return true
		}
	}
	return false
}

// add takes in a row, in place of another one with its ID.
func (s *shelf) add(w *record.Work) {
	s.used = true
	if s.many != nil {
		s.many[w.ID] = w
		return
	}
	if s.has(w) {
		return
	}
	for i, x := range s.few {
		if x.ID == w.ID {
			s.few[i] = w
			return
		}
	}
	if s.few = append(s.few, w); len(s.few) <= fewRows {
		return
	}
	s.many = make(map[work.ID]*record.Work, 2*len(s.few))
	for _, w := range s.few {
		s.many[w.ID] = w
	}
	clear(s.few)
	s.few = s.few[:0]
}

// drop takes out the row with an ID.
func (s *shelf) drop(id work.ID) {
	if s.many != nil {
		delete(s.many, id)
		return
	}
	for i, w := range s.few {
		if w.ID == id {
			last := len(s.few) - 1
			s.few[i], s.few[last] = s.few[last], nil
			s.few = s.few[:last]
			return
		}
	}
}

// empty takes out all rows.
func (s *shelf) empty() {
	clear(s.few)
	clear(s.many)
	s.few, s.used = s.few[:0], false
}
