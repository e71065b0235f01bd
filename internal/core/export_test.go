package core

import (
	"fmt"
	"slices"

	"github.com/lullwork/lull/work"
)

// Due returns what is kept from step to step, above all the list of works that are due, and
// the same as it is found anew; false if it is not kept now.
func (m *Machine) Due() (kept, anew string, ok bool) {
	s := m.system
	if !s.listed || s.stirred || m.now >= s.nextDue {
		return "", "", false
	}
	told := map[work.ID]waiting{}
	for _, x := range s.waiting {
		told[x.w.ID] = x
	}
	list := func(next, flip int64) string {
		out := fmt.Sprint("due ", s.nextDue, ", next ", next, ", flip ", flip, ":")
		for _, x := range s.waiting {
			out += fmt.Sprint(" ", x.w.ID, "@", x.due)
		}
		return out
	}
	kept = list(s.next, m.nextFlip())
	m.collectDue()
	m.unread = true
	for i := range s.waiting {
		x := &s.waiting[i]
		x.mark = told[x.w.ID].mark
	}
	s.anew = false
	return kept, list(s.Next(), m.nextFlip()), true
}

// Holds returns everything that holds a work.
func (m *Machine) Holds(id work.ID) []Hold {
	s := m.system
	s.full = false
	return slices.Clone(m.holds(m.hot.of(id)))
}
