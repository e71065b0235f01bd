package core

import (
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// This file is requests for what was asked for before: they are checked once.

// liking is a request that others are like, see [Enqueue].
type liking struct {
	of   *work.Request
	spec *record.Spec
	name string      // unique name that was asked for last and is a good one
	row  record.Work // of them, but for its ID, its delay and what it gets as it is placed
}

// again makes the one node of a request that is like an earlier one, if nothing of it has to
// be checked but its delay and its unique name; nil: it has.
func (m *Machine) again(ev *Enqueue) []node {
	if ev.Like == nil || !ev.Fresh {
		return nil
	}
	x, q, p := m.liked(ev.Like), &ev.Nodes[0].Request, ev.Unique.Policy
	if x == nil || p != "" && p != work.Keep && p != work.Replace {
		return nil
	}
	delay := micros(q.Delay)
	if q.Delay < 0 || q.Delay > 0 && q.Expedited || DelayOverflows(m.now, delay) {
		return nil
	}
	if name := ev.Unique.Name; name != x.name {
		if len(name) > work.MaxName || !ascii(name) {
			return nil
		}
		x.name = name
	}
	w := m.blank()
	*w = x.row
	w.ID, w.InitialDelay = q.ID, delay
	m.single[0] = node{spec: x.spec, w: w}
	return m.single[:]
}

// liked finds what is known of the requests that are like one; nil: none was made yet.
func (m *Machine) liked(of *work.Request) *liking {
	for i := range m.likings {
		if x := &m.likings[i]; x.of == of {
			return x
		}
	}
	return nil
}

// like notes a request of which the first work was made. Those are left out that depend on
// more than themselves: on the clock, on tasks that are known, or on works that wait.
func (m *Machine) like(of *work.Request, s *record.Spec, w *record.Work) {
	if m.tasks != nil || s.Needs.ContentURIs > 0 || !of.NextRun.IsZero() {
		return
	}
	x := m.liked(of)
	if x == nil {
		m.likings = append(m.likings, liking{of: of})
		x = &m.likings[len(m.likings)-1]
	}
	x.spec, x.row = s, *w
}
