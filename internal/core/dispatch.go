package core

import (
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// dispatch starts, where no platform decides, what can start now, in the order of due times, expedited works
// first. It stops when works must be read first, so that the order never depends
// on what happens to be in memory.
func (m *Machine) dispatch() {
	if m.rules.Offered {
		return
	}
	for m.dispatching && !m.asleep && m.owed == 0 && len(m.out.Then) == 0 {
		g := m.nextReady()
		if g == nil || m.runs.len() >= m.meta.Jobs {
			return
		}
		w := m.take(g)
		if m.passOver(w) {
			continue
		}
		if !m.clear(w) {
			m.join(g.sp, w)
			return
		}
		m.start(g.sp, w)
	}
}

// nextReady returns the group whose first work is to start next.
func (m *Machine) nextReady() *group {
	due := func(l record.Lane) (g *group, at record.Key) {
		if len(m.ready[l]) == 0 {
			return nil, at
		}
		g = m.ready[l][0]
		at = g.head[0].Key()
		if l == record.LaneCalendar {
			at.Due = m.engineTime(at.Due)
		}
		if at.Due > m.now {
			return nil, at
		}
		return g, at
	}
	if g, _ := due(record.LaneExpedited); g != nil {
		return g
	}
	n, nAt := due(record.LaneNormal)
	c, cAt := due(record.LaneCalendar)
	if n == nil || c != nil && cAt.Less(nAt) {
		return c
	}
	return n
}

// engineTime turns wall time into engine time.
func (m *Machine) engineTime(wall int64) int64 {
	if wall == record.Never {
		return record.Never
	}
	return wall - m.meta.Offset
}

// wake returns the engine time at which something may change by time alone.
func (m *Machine) wake() int64 {
	next := m.nextFlip()
	if !m.dispatching || m.asleep || m.rules.Offered || m.runs.len() >= m.meta.Jobs {
		return next
	}
	for l := range m.ready {
		if len(m.ready[l]) == 0 {
			continue
		}
		due := m.ready[l][0].head[0].Due
		if record.Lane(l) == record.LaneCalendar {
			due = m.engineTime(due)
		}
		next = min(next, due)
	}
	return next
}

// offered starts a work that the platform offers a start, if it may start. Work
// that is tried for the first time may do so before its initial delay is over: the
// platform has counted it (WorkerWrapper checks the time of periodic and of
// backed-off work only).
func (m *Machine) offered(id work.ID) {
	w := m.row(id)
	if w == nil || w.State != work.Enqueued || !m.dispatching {
		return
	}
	sp := m.specOf(w.Spec)
	early := (sp.Periodic() || backedOff(&m.rules, w) > 0) && m.dueAt(w) > m.now
	blocked := false
	m.hold(sp, w, func(why) bool {
		blocked = true
		return false
	})
	if !early && !blocked {
		m.leave(w)
		m.hot.add(w)
		m.start(sp, w)
		return
	}
	if early && w.StopReason != work.NotStopped {
		w.StopReason = work.NotStopped
		m.write(w, true)
	}
}

// dueAt returns the engine time at which a waiting work is due.
func (m *Machine) dueAt(w *record.Work) int64 {
	if w.Lane != record.LaneCalendar {
		return w.Due
	}
	if sp := m.specOf(w.Spec); m.isPast(sp, w) {
		return m.engineTime(m.occurrence(sp, w))
	}
	return m.engineTime(w.Due)
}
