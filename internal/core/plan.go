package core

import (
	"maps"
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// planName is the unique name of a root task of the plan.
func planName(task string) string { return "plan/" + task }

// readPlan brings the works of the plan in line with it. A task that is new is
// enqueued. One that changed is updated in place while it waits, and enqueued once
// more after its run if it is one-time and runs. One that is gone keeps its works,
// which are held.
func (m *Machine) readPlan(ev PlanRead) {
	var errs []error
	listed := map[string]bool{}
	for i := range ev.Roots {
		root := &ev.Roots[i]
		listed[root.Name] = true
		if err := m.readRoot(root, ev.Again); err != nil {
			errs = append(errs, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.plan)) {
		if p := m.plan[name]; !listed[name] && !p.Removed {
			if p.Pending != nil { // its change is still to come, should it be back
				p.Pending, p.Hash = nil, ""
			}
			p.Removed = true
			m.writePlan(p, "removed")
		}
	}
	if len(errs) > 0 {
		m.out.Reply.Err = errs[0]
	}
}

func (m *Machine) writePlan(p *record.PlanTask, text string) {
	m.out.Tx.Plan = append(m.out.Tx.Plan, *p)
	m.log(record.Entry{Kind: record.EntryPlan, Task: p.Name, Work: p.Work, Text: text})
}

func (m *Machine) readRoot(root *record.PlanRoot, again bool) error {
	p := m.plan[root.Name]
	if p == nil {
		p = &record.PlanTask{Name: root.Name}
		if err := m.plant(p, root, "new"); err != nil {
			return err
		}
		m.plan[root.Name] = p
		return nil
	}
	old := m.named(nil, planName(root.Name))
	same := p.Hash == root.Hash
	if same {
		if p.Removed {
			p.Removed = false
			m.writePlan(p, "back")
		}
		if again && allFinished(old) || len(old) == 0 && m.periodicRoot(root) {
			return m.plant(p, root, "again")
		}
		return nil
	}
	switch {
	case m.updatable(root, old):
		reply := m.change(renamed(root.Nodes[0].Request, old[0].ID))
		if reply.Err != nil {
			return reply.Err
		}
		p.Hash, p.Removed = root.Hash, false
		m.writePlan(p, "changed")
		return nil
	case anyRunning(old) && !m.periodicRoot(root) && !m.specOf(old[0].Spec).Periodic():
		p.Pending, p.Hash, p.Removed = root, root.Hash, false
		m.writePlan(p, "changed while it runs: enqueued once more afterwards")
		return nil
	}
	return m.plant(p, root, "changed")
}

func renamed(q work.Request, id work.ID) work.Request {
	q.ID = id
	return q
}

func (m *Machine) periodicRoot(root *record.PlanRoot) bool {
	q := &root.Nodes[0].Request
	return q.Every > 0 || q.Cron != ""
}

// updatable reports whether the works of a root can be changed in place.
func (m *Machine) updatable(root *record.PlanRoot, old []*record.Work) bool {
	if len(old) != 1 || len(root.Nodes) != 1 || old[0].State.Finished() {
		return false
	}
	periodic := m.specOf(old[0].Spec).Periodic()
	return periodic == m.periodicRoot(root) && (periodic || old[0].State != work.Running)
}

func allFinished(ws []*record.Work) bool {
	return !slices.ContainsFunc(ws, func(w *record.Work) bool { return !w.State.Finished() })
}

func anyRunning(ws []*record.Work) bool {
	return slices.ContainsFunc(ws, func(w *record.Work) bool { return w.State == work.Running })
}

// plant enqueues a root and what comes after it, in place of what there was.
func (m *Machine) plant(p *record.PlanTask, root *record.PlanRoot, text string) error {
	reply := m.enqueue(&Enqueue{Nodes: root.Nodes, Unique: work.Unique{Name: planName(root.Name), Policy: work.Replace}})
	if reply.Err != nil {
		return reply.Err
	}
	p.Hash, p.Work, p.Removed, p.Pending = root.Hash, root.Nodes[0].Request.ID, false, nil
	m.writePlan(p, text)
	return nil
}

// planEnded enqueues a plan's task once more, if it changed while it ran and all
// of it is over now.
func (m *Machine) planEnded(w *record.Work) {
	const prefix = "plan/"
	if len(w.Name) <= len(prefix) || w.Name[:len(prefix)] != prefix {
		return
	}
	if p := m.plan[w.Name[len(prefix):]]; p != nil && p.Pending != nil {
		m.out.Then = append(m.out.Then, replant{p.Name})
	}
}

func (m *Machine) replanted(ev replant) {
	p := m.plan[ev.name]
	if p == nil || p.Pending == nil || !allFinished(m.named(nil, planName(ev.name))) {
		return
	}
	if err := m.plant(p, p.Pending, "changed"); err != nil {
		m.out.Reply.Err = err
	}
}

// promised finds an ID among nodes that a changed task of the plan will use once its
// old run has ended.
func (m *Machine) promised(nodes []work.Node) (work.ID, bool) {
	if len(m.plan) == 0 {
		return "", false
	}
	var waiting []work.ID
	// any order: the IDs are only looked up
	for _, p := range m.plan {
		if p.Pending == nil {
			continue
		}
		for i := range p.Pending.Nodes {
			waiting = append(waiting, p.Pending.Nodes[i].Request.ID)
		}
	}
	for i := range nodes {
		if id := nodes[i].Request.ID; slices.Contains(waiting, id) {
			return id, true
		}
	}
	return "", false
}
