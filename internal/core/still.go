package core

import "github.com/lullwork/lull/internal/record"

// This file is the steps that come to nothing, where nobody keeps a journal: most of what
// happens to a phone is nothing to its works. They end as soon as the platform says so.

// Pass is Step with a [Tick].
func (m *Machine) Pass(at int64) *Output {
	if !m.calm(at) {
		m.begin(at)
		m.lapse()
		return m.end()
	}
	if s := m.system; s.next > m.now || !s.Tick(m.now, &m.facts) {
		return m.nothing()
	}
	m.begin(at)
	m.stir()
	return m.end()
}

// Sense is Step with a [Sensed].
func (m *Machine) Sense(at int64, x Sense) *Output {
	if x.Kind == SenseAppOpened || x.Kind == SenseDebugLaunch || !m.calm(at) || m.system.next <= m.now {
		m.begin(at)
		m.lapse()
		m.sensed(x)
		return m.end()
	}
	if !m.system.Sense(m.now, x, &m.facts) {
		return m.nothing()
	}
	m.begin(at)
	m.stir()
	return m.end()
}

// calm lets it be an instant, and reports whether nothing is to be done by then but what the
// platform may want.
func (m *Machine) calm(at int64) bool {
	if at > m.now {
		m.now = at
	}
	return m.now < m.still
}

// nothing is what a step decides that comes to nothing.
func (m *Machine) nothing() *Output {
	if !m.clean {
		m.wipe()
	}
	s := m.system
	s.next, m.meta.At = s.Next(), m.now
	m.out.Wake = min(m.still, s.next)
	return &m.out
}

// wakeSystem is wake where a platform decides.
func (m *Machine) wakeSystem() int64 {
	s, next := m.system, m.nextFlip()
	s.next, m.still = s.Next(), minTime
	switch {
	case !m.dispatching || m.asleep:
	case s.stirred && m.owed == 0:
		return m.now // what is new came up while it was asked
	default:
		next = min(next, s.nextDue)
	}
	if m.quiet && m.owed == 0 && m.unsettled == record.Never {
		m.still = next
	}
	return min(next, s.next)
}
