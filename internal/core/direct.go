package core

import (
	"github.com/lullwork/lull/internal/record"
)

// This file is Step for what happens most to a phone, without the way over an [Event] and
// what each kind of them needs.

// Read is Step with a [FactsRead].
func (m *Machine) Read(at int64, facts []record.Fact) *Output {
	m.come(at)
	m.readFacts(facts)
	return m.end()
}

// Ask is Step with an [Enqueue]; rows are what NeedsToAsk has named.
func (m *Machine) Ask(at int64, ev *Enqueue, rows record.Rows) *Output {
	m.come(at)
	if len(rows.Works) > 0 {
		m.give(rows.Works)
	}
	m.out.Reply = m.requested(ev)
	return m.end()
}

// Over is Step with an [Ended] and then with the [Reaped] of the same run, if nothing is to
// be stepped between the two. It reports whether it has done the second; what it returns is
// nil if it has not even done the first, as that needs rows.
func (m *Machine) Over(at int64, ev *Ended) (out *Output, reaped bool) {
	r := m.runs.of(ev.Work)
	if r != nil && r.w != nil && r.w.HasNext {
		return nil, false
	}
	m.come(at)
	m.ended(r, ev)
	if out = m.end(); len(out.Then) > 0 {
		return out, false
	}
	if m.now >= m.still || m.system.next <= m.now {
		m.lapse()
	}
	m.reaped(r, ev.Epoch)
	return m.end(), true
}
