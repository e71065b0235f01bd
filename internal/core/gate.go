package core

import (
	"github.com/lullwork/lull/internal/record"
)

// why is one thing that keeps a waiting work from starting.
type why struct {
	cond *condition // a shared condition, or
	run  *run       // a run that occupies the work, or
	due  bool       // its time has not come, or
	gate *Gate      // the platform does not let it
}

// gates walks through everything that keeps a waiting work from starting now,
// until yield returns false. Scheduling and explaining use it alike: a work starts
// exactly if it yields nothing.
func (m *Machine) gates(w *record.Work, yield func(why) bool) {
	if m.dueAt(w) > m.now && !yield(why{due: true}) {
		return
	}
	more := true
	m.hold(m.specOf(w.Spec), w, func(y why) bool {
		more = yield(y)
		return more
	})
	if more && m.system != nil {
		m.system.Gates(m.now, m.job(w), &m.facts, func(g Gate) bool { return yield(why{gate: &g}) })
	}
}

// hold is gates without the time and without the platform.
func (m *Machine) hold(sp *spec, w *record.Work, yield func(why) bool) {
	if r := m.occupier(w); r != nil && !yield(why{run: r}) {
		return
	}
	for _, c := range sp.conds {
		if !m.met(c) && !yield(why{cond: c}) {
			return
		}
	}
	// Both change within a step, before they are reviewed at its end.
	if !m.slotFree() && !yield(why{cond: m.slots}) {
		return
	}
	if !m.awake() {
		yield(why{cond: m.engine})
	}
}

// clear reports whether nothing keeps a work from starting.
func (m *Machine) clear(w *record.Work) bool {
	for range func(yield func(why) bool) { m.gates(w, yield) } {
		return false
	}
	return true
}
