package core

import (
	"fmt"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// applyUnique applies a unique policy. It returns the reply and true if nothing is
// to be inserted, else the works that the new ones come after.
func (m *Machine) applyUnique(ev *Enqueue, nodes []node) (Reply, []*record.Work, bool) {
	old := m.named(m.old[:0], ev.Unique.Name)
	m.old = old
	switch ev.Unique.Policy {
	case work.Append, work.AppendOrReplace:
		leaves := m.leaves(old)
		for _, w := range leaves {
			switch {
			case ev.Unique.Policy == work.AppendOrReplace && (w.State == work.Failed || w.State == work.Cancelled):
				m.deleteAll(old, m.rules.StopDeleted)
				return Reply{}, nil, false
			case m.specOf(w.Spec).Periodic() && !w.State.Finished():
				return refused("enqueue", ev.Nodes, fmt.Errorf("%w: the name %q stands for one", work.ErrPeriodicInChain, ev.Unique.Name)), nil, true
			}
		}
		return Reply{}, leaves, false
	case work.Update:
		return m.updateUnique(ev, nodes, old)
	case work.Replace:
	default:
		for _, w := range old {
			if w.State == work.Enqueued || w.State == work.Running {
				m.log(record.Entry{Kind: record.EntryKept, Work: w.ID, Name: w.Name, Task: nodes[0].spec.Task})
				return Reply{Result: ResultKept, IDs: []work.ID{w.ID}}, nil, true
			}
		}
	}
	m.replace(old)
	return Reply{}, nil, false
}

// named appends the works of this step that have a unique name.
func (m *Machine) named(out []*record.Work, name string) []*record.Work {
	for _, w := range m.given {
		if w.Name == name {
			out = append(out, w)
		}
	}
	return out
}

// leaves returns the works that none of this step comes after.
func (m *Machine) leaves(of []*record.Work) []*record.Work {
	inner := map[work.ID]bool{}
	for _, w := range m.given {
		for _, p := range w.Parents {
			inner[p] = true
		}
	}
	var out []*record.Work
	for _, w := range of {
		if !inner[w.ID] {
			out = append(out, w)
		}
	}
	return out
}

// replace cancels works with all that come after them, then deletes them.
func (m *Machine) replace(old []*record.Work) {
	var dead map[work.ID]work.State // others come after them
	for _, w := range old {
		if w.State.Finished() {
			continue
		}
		if w.HasNext {
			if dead == nil {
				dead = map[work.ID]work.State{}
			}
			dead[w.ID] = work.Cancelled
		}
		m.cancelWork(w)
	}
	if dead != nil {
		m.cascadeOver(dead)
	}
	m.deleteAll(old, true)
}

// deleteAll deletes rows. Their runs become orphans, and go on unless stop is set.
func (m *Machine) deleteAll(old []*record.Work, stop bool) {
	for _, w := range old {
		left := int64(0)
		if r := m.runs.of(w.ID); r != nil {
			left = r.Epoch
			if stop && r.State != record.Stopping {
				m.askToEnd(r, work.StopCancelled)
				m.log(record.Entry{Kind: record.EntryStopping, Work: r.Work, Run: r.Epoch, Name: r.Name, Stop: int32(work.StopCancelled), Text: "its work was replaced"})
			}
			m.disown(r)
		}
		m.leave(w)
		m.hot.drop(w.ID)
		m.rows.drop(w.ID)
		if !w.State.Finished() {
			m.tellGone(w)
		}
		m.out.Tx.Works = append(m.out.Tx.Works, record.WorkWrite{Work: w, Delete: true})
		if !m.quiet {
			m.log(record.Entry{Kind: record.EntryDeleted, Work: w.ID, Name: w.Name, Run: left})
		}
	}
}

// updateUnique applies the policy update: the one work of that name is changed in
// place and keeps its ID (androidx.work.impl.WorkerUpdater).
func (m *Machine) updateUnique(ev *Enqueue, nodes []node, old []*record.Work) (Reply, []*record.Work, bool) {
	switch {
	case len(old) == 0:
		return Reply{}, nil, false
	case len(old) > 1 || len(nodes) > 1:
		return refused("update", ev.Nodes, fmt.Errorf("%w: the name %q stands for a chain", work.ErrUnsupported, ev.Unique.Name)), nil, true
	}
	w, sp := old[0], m.specOf(old[0].Spec)
	if sp.Periodic() != nodes[0].spec.Periodic() {
		return refused("update", ev.Nodes, errKind(sp)), nil, true
	}
	if w.State.Finished() {
		m.deleteAll(old, false)
		return Reply{}, nil, false
	}
	q := ev.Nodes[0].Request
	q.ID = w.ID
	return m.change(q), nil, true
}

// updates reports whether a request changes a work in place, so that none comes.
func (m *Machine) updates(u work.Unique) bool {
	return u.Policy == work.Update && u.Name != "" && !allFinished(m.named(nil, u.Name))
}

func errKind(sp *spec) error {
	if sp.Periodic() {
		return fmt.Errorf("%w: periodic work cannot become one-time work", work.ErrUnsupported)
	}
	return fmt.Errorf("%w: one-time work cannot become periodic work", work.ErrUnsupported)
}

// change updates an unfinished work in place: its place in time, its counters and
// its ID stay, all that was asked for is new (WorkerUpdater, WorkUpdateTest).
func (m *Machine) change(q work.Request) Reply {
	w := m.row(q.ID)
	one := []work.Node{{Request: q}}
	if w == nil {
		return refused("update", one, fmt.Errorf("%w %s", work.ErrUnknownWork, q.ID))
	}
	if w.State.Finished() {
		return Reply{Result: ResultNotDone, IDs: []work.ID{w.ID}}
	}
	s, fresh, err := m.normalize(&q, 1)
	if err != nil {
		return refused("update", one, err)
	}
	if old := m.specOf(w.Spec); old.Periodic() != s.Periodic() {
		return refused("update", one, errKind(old))
	}
	m.leave(w)
	sp := m.intern(s)
	again := sp.Cron != m.specOf(w.Spec).Cron
	w.Spec, w.Tags, w.Input, w.InitialDelay = sp.ID, fresh.Tags, fresh.Input, fresh.InitialDelay
	w.Generation++
	if fresh.Override != record.Never || q.ClearNextRun {
		w.Override = fresh.Override
		w.OverrideGen++
	}
	result := ResultNextRun
	if w.State != work.Running {
		result = ResultUpdated
		w.Progress = nil
	}
	if w.State == work.Enqueued {
		if again {
			w.Occurrence = m.wall(m.now)
		}
		m.place(sp, w)
	}
	if w.State != work.Blocked {
		m.out.Then = append(m.out.Then, remerge{w.ID, w.Parents})
	}
	m.logWork(record.EntryUpdated, w, "")
	m.write(w, false)
	if w.State == work.Enqueued {
		m.join(sp, w)
	}
	return Reply{Result: result, IDs: []work.ID{w.ID}}
}

// remerged merges the outputs of earlier works into a new input.
func (m *Machine) remerged(ev remerge) {
	w := m.row(ev.id)
	if w == nil || w.State.Finished() {
		return
	}
	err := m.mergeInput(m.specOf(w.Spec), w)
	switch {
	case err == nil:
		m.write(w, false)
	case w.State == work.Running:
		m.out.Reply.Err = &work.Error{Op: "update", Task: string(w.ID), Err: err}
	default:
		m.leave(w)
		m.failUnrun(w, err.Error())
	}
}
