package core

import (
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// layerKey begins the keys of conditions, givesKey those of rows that say what the host
// gives, so that it is known after a restart, and without an engine.
const (
	layerKey = "layer="
	givesKey = "gives="
)

// setLayers takes in what the host gives.
func (m *Machine) setLayers(layers []record.Layer) {
	if m.restored == nil {
		m.restored = map[string]record.Condition{}
	}
	for _, l := range layers {
		row := record.Condition{Key: givesKey + string(l.Name), State: record.Unmet, Since: m.now}
		switch l.Given {
		case record.GivenYes:
			row.State, row.Text = record.Met, "this host enforces "+string(l.Name)+": "+l.Means
		case record.GivenPartial:
			row.Text = "this host enforces " + string(l.Name) + " only in part: " + l.Why
		default:
			row.Text = "this host cannot enforce " + string(l.Name) + ": " + l.Why
		}
		if old := m.restored[row.Key]; old.State != row.State || old.Text != row.Text {
			m.restored[row.Key] = row
			m.out.Tx.Conds = append(m.out.Tx.Conds, row)
		}
	}
	m.reviewAll()
}

// layerConditions are the conditions for what a request requires. A platform that runs
// nothing by itself has none.
func (m *Machine) layerConditions(required []work.Layer) []*condition {
	if !m.rules.Isolates {
		return nil
	}
	cs := make([]*condition, len(required))
	for i, l := range required {
		cs[i] = m.condition(layerKey+string(l), func(c *condition) { c.name, c.kept, c.judge = string(l), true, judgeLayer })
	}
	return cs
}

// judgeLayer compares with what the host gives. It stops no run: what a run has it
// keeps.
func judgeLayer(m *Machine, c *condition) (Verdict, int64) {
	row, told := m.restored[givesKey+c.name]
	if !told {
		return Verdict{
			State: record.NotKnown, Code: work.ReasonIsolation, Message: "what this host can enforce of " + c.name + " has not been read yet",
			Fix: "start an engine: it looks first (lull run PLAN)",
		}, record.Never
	}
	return Verdict{
		State: row.State, Code: work.ReasonIsolation, Message: row.Text,
		Fix: "start it on a host that gives it (lull device tells what this one gives), or take " + c.name + " out of require:",
	}, record.Never
}

// checkRequire puts what is required into one order.
func checkRequire(_ *Rules, q *work.Request, s *record.Spec) error {
	for _, l := range q.Require {
		if !l.Known() {
			return invalid("unknown layer %q in require; the layers are %v", l, work.Layers())
		}
	}
	if len(q.Require) > 0 {
		s.Require = slices.Clone(q.Require)
		slices.Sort(s.Require)
		s.Require = slices.Compact(s.Require)
	}
	return nil
}
