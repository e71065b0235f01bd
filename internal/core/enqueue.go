package core

import (
	"fmt"
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// node is one work of a request, checked.
type node struct {
	spec   *record.Spec
	w      *record.Work
	before []int         // nodes that it comes after
	like   *work.Request // see [Enqueue]; nil: it was made like another one
}

// requested makes the works of a request, unless the plan is about to use their IDs.
func (m *Machine) requested(ev *Enqueue) Reply {
	if id, taken := m.promised(ev.Nodes); taken {
		return refused("enqueue", ev.Nodes, invalid("ID %q belongs to a work that the plan is about to make", id))
	}
	return m.enqueue(ev)
}

// enqueue makes the works of a request, or none of them. A request with an ID that
// exists was carried out before.
func (m *Machine) enqueue(ev *Enqueue) Reply {
	asked, nodes := ev.Nodes, m.again(ev)
	if nodes == nil {
		var reply Reply
		if nodes, reply = m.checked(ev); nodes == nil {
			return reply
		}
	}
	if err := m.admit(ev, nodes); err != nil {
		return refused("enqueue", ev.Nodes, err)
	}
	var above []*record.Work
	if ev.Unique.Name != "" {
		reply, leaves, done := m.applyUnique(ev, nodes)
		if done {
			if m.passing {
				for _, n := range nodes {
					m.past = append(m.past, n.w)
				}
			}
			return reply
		}
		above = leaves
	}
	m.insert(nodes, ev.Unique.Name, above)
	if len(asked) != len(nodes) {
		return Reply{Result: ResultEnqueued, IDs: m.idsOf(asked)}
	}
	ids := m.room(len(nodes))
	for i := range nodes {
		ids[i] = nodes[i].w.ID
	}
	return Reply{Result: ResultEnqueued, IDs: ids}
}

// checked checks a request, and leaves in it the nodes whose works are to be made. Works that
// have nothing to do with each other are made so one by one. It returns no nodes if nothing
// is to be made.
func (m *Machine) checked(ev *Enqueue) ([]node, Reply) {
	asked, size := ev.Nodes, len(ev.Nodes)
	apart := ev.Unique.Name == "" && !anyOf(ev.Nodes, func(n *work.Node) bool { return len(n.After) > 0 })
	if apart {
		size = 1
	}
	if !ev.Fresh {
		ev.Nodes = nil
		seen := map[work.ID]bool{}
		for _, n := range asked {
			id := n.Request.ID
			known := m.row(id) != nil
			if known && !apart {
				return nil, Reply{Result: ResultExists, IDs: []work.ID{id}}
			}
			if id == "" || seen[id] {
				return nil, refused("enqueue", asked, invalid("ID %q is empty or used twice", id))
			}
			seen[id] = true
			if !known {
				ev.Nodes = append(ev.Nodes, n)
			}
		}
		if len(ev.Nodes) == 0 && len(asked) > 0 {
			return nil, Reply{Result: ResultExists, IDs: m.idsOf(asked)}
		}
	}
	nodes, err := m.checkNodes(ev.Nodes, size)
	if err == nil {
		err = checkUnique(ev.Unique)
	}
	if err == nil && !m.updates(ev.Unique) {
		err = m.checkTriggers(ev.Nodes)
	}
	if p := ev.Unique.Policy; err == nil && ev.Unique.Name != "" && (p == work.Append || p == work.AppendOrReplace) && nodes[0].spec.Periodic() {
		err = work.ErrPeriodicInChain
	}
	if err != nil {
		return nil, refused("enqueue", ev.Nodes, err)
	}
	nodes[0].like = ev.Like
	return nodes, Reply{}
}

func (m *Machine) idsOf(nodes []work.Node) []work.ID {
	ids := m.room(len(nodes))
	for i := range nodes {
		ids[i] = nodes[i].Request.ID
	}
	return ids
}

// room returns a list for the IDs of a reply: one of its own, if replies may be kept.
func (m *Machine) room(n int) []work.ID {
	if !m.passing {
		return make([]work.ID, n)
	}
	if cap(m.ids) < n {
		m.ids = make([]work.ID, n)
	}
	return m.ids[:n]
}

func refused(op string, nodes []work.Node, err error) Reply {
	e := &work.Error{Op: op, Err: err}
	if len(nodes) > 0 {
		e.Task = nodes[0].Request.Task
	}
	return Reply{Err: e}
}

func checkUnique(u work.Unique) error {
	switch u.Policy {
	case "", work.Keep, work.Replace, work.Append, work.AppendOrReplace, work.Update:
		return checkName("unique name", u.Name)
	}
	return invalid("unknown policy %q: use keep, replace, append, append-or-replace or update", u.Policy)
}

// checkNodes normalizes every node and puts those that others come after first. Size
// is that of the chain of each.
func (m *Machine) checkNodes(in []work.Node, size int) ([]node, error) {
	if len(in) == 0 {
		return nil, invalid("no work in the request")
	}
	if len(in) == 1 && len(in[0].After) == 0 { // as nearly always
		s, w, err := m.normalize(&in[0].Request, size)
		if err != nil {
			return nil, err
		}
		m.single[0] = node{spec: s, w: w}
		return m.single[:], nil
	}
	order, err := sortNodes(in)
	if err != nil {
		return nil, err
	}
	place := make([]int, len(in))
	nodes := make([]node, 0, len(in))
	for i, k := range order {
		place[k] = i
		q := &in[k].Request
		s, w, err := m.normalize(q, size)
		if err != nil {
			if len(in) > 1 {
				err = fmt.Errorf("%s: %w", q.Task, err)
			}
			return nil, err
		}
		n := node{spec: s, w: w}
		for _, a := range in[k].After {
			n.before = append(n.before, place[a])
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// normalize checks a request that is one of size, and turns its wall times into
// engine times.
func (m *Machine) normalize(q *work.Request, size int) (s *record.Spec, w *record.Work, err error) {
	w = m.blank()
	if s, m.spare = m.spare, nil; s == nil {
		s = new(record.Spec)
	}
	if err = normalize(&m.rules, m.now, q, s, w); err == nil {
		err = m.checkPlace(s, size)
	}
	if err != nil {
		return nil, nil, err
	}
	w.Override = m.engineTime(w.Override)
	return s, w, nil
}

// blank returns a row that is to be filled.
func (m *Machine) blank() *record.Work {
	last := len(m.past) - 1
	if last < 0 {
		return new(record.Work)
	}
	w := m.past[last]
	m.past = m.past[:last]
	return w
}

// checkPlace checks what a request needs of the machine.
func (m *Machine) checkPlace(s *record.Spec, size int) error {
	if size > 1 && s.Periodic() {
		return work.ErrPeriodicInChain
	}
	if m.tasks != nil && !slices.ContainsFunc(m.tasks, func(t record.TaskRow) bool {
		return t.Name == s.Task && t.Held != string(work.ReasonNotInPlan)
	}) {
		return fmt.Errorf("%w %q", work.ErrUnknownTask, s.Task)
	}
	for _, z := range []string{s.Zone, s.Needs.Zone} {
		if z != "" && !m.HasZone(z) {
			return invalid("time zone %q is not known", z)
		}
	}
	if n := &s.Needs; m.rules.MaxContentURIs == 0 && (n.ContentURIs > 0 || n.NetworkRequest != "") {
		return fmt.Errorf("%w: %s has no content URI triggers and no network requests", work.ErrUnsupported, m.rules.Name)
	}
	if len(s.Chain) > 0 {
		nodes, err := m.checkNodes(s.Chain, len(s.Chain))
		if err == nil && nodes[0].spec.Periodic() {
			err = work.ErrPeriodicInChain
		}
		if err != nil {
			return fmt.Errorf("chain: %w", err)
		}
	}
	return nil
}

// anyOf is [slices.ContainsFunc] without copies of the nodes, which are large.
func anyOf(nodes []work.Node, is func(*work.Node) bool) bool {
	for i := range nodes {
		if is(&nodes[i]) {
			return true
		}
	}
	return false
}

func triggered(n *work.Node) bool { return n.Request.Needs.ContentURIs > 0 }

// checkTriggers checks that not too many unfinished works have content URI triggers.
func (m *Machine) checkTriggers(asked []work.Node) error {
	added, unfinished := 0, 0
	for i := range asked {
		if triggered(&asked[i]) {
			added++
		}
	}
	if added == 0 {
		return nil
	}
	for _, w := range m.given {
		if !w.State.Finished() && m.specOf(w.Spec).Needs.ContentURIs > 0 {
			unfinished++
		}
	}
	if !m.rules.ContentURIsLeft(unfinished, added) {
		return fmt.Errorf("%w: %d are unfinished and %d would come, the limit is %d",
			work.ErrContentURILimit, unfinished, added, m.rules.MaxContentURIs)
	}
	return nil
}

// ContentURIsLeft reports whether new works with content URI triggers fit beside
// the unfinished ones.
func (r *Rules) ContentURIsLeft(unfinished, added int) bool {
	return added == 0 || unfinished+added <= r.MaxContentURIs
}

// sortNodes orders nodes so that each comes after those that it waits for; among
// those that could be next, the first stays first.
func sortNodes(in []work.Node) ([]int, error) {
	order := make([]int, 0, len(in))
	waits := make([]int, len(in))
	after := make([][]int, len(in))
	var ready []int
	for i, n := range in {
		for _, a := range n.After {
			if a < 0 || a >= len(in) {
				return nil, invalid("node %d comes after node %d, which does not exist", i, a)
			}
			after[a] = append(after[a], i)
			waits[i]++
		}
		if waits[i] == 0 {
			ready = append(ready, i)
		}
	}
	for len(ready) > 0 {
		i := ready[0]
		ready = ready[1:]
		order = append(order, i)
		for _, k := range after[i] {
			if waits[k]--; waits[k] == 0 {
				ready = append(ready, k)
			}
		}
	}
	if len(order) < len(in) {
		return nil, work.ErrCycle
	}
	return order, nil
}

// insert places checked nodes; those of the first level come after the works in
// above.
func (m *Machine) insert(nodes []node, name string, above []*record.Work) {
	for i := range nodes {
		n := &nodes[i]
		if len(n.before) == 0 {
			m.insertOne(n, name, above)
			continue
		}
		parents := make([]*record.Work, 0, len(n.before))
		for _, b := range n.before {
			parents = append(parents, nodes[b].w)
		}
		m.insertOne(n, name, parents)
	}
}

func (m *Machine) insertOne(n *node, name string, parents []*record.Work) {
	w, sp := n.w, m.intern(n.spec)
	if n.like != nil {
		m.like(n.like, sp.Spec, w)
	}
	w.Seq, w.Spec, w.Name, w.Created = m.meta.NextSeq, sp.ID, name, m.now
	m.meta.NextSeq++
	if r := m.runs.of(w.ID); r != nil {
		w.Epoch = r.Epoch // an orphan of the same ID: its epoch must not come again
	}
	w.State = work.Enqueued
	for _, p := range parents {
		w.Parents = append(w.Parents, p.ID)
		if !p.HasNext {
			p.HasNext = true
			m.write(p, true)
		}
		switch {
		case p.State == work.Succeeded:
		case p.State == work.Failed, p.State == work.Cancelled && w.State != work.Failed:
			w.State = p.State
		case w.State == work.Enqueued:
			w.State = work.Blocked
		}
		if p.State != work.Succeeded {
			w.Waiting++
		}
	}
	m.out.Tx.Works = append(m.out.Tx.Works, record.WorkWrite{Work: w, Insert: true})
	if w.State != work.Enqueued {
		m.rows.add(w)
	}
	switch {
	case w.State == work.Enqueued:
		if err := m.mergeInput(sp, w); err != nil {
			m.failUnrun(w, err.Error())
			return
		}
		m.enqueueNow(sp, w)
		m.logWork(record.EntryEnqueued, w, "")
		m.join(sp, w)
	case w.State == work.Blocked:
		m.logWork(record.EntryEnqueued, w, "")
	default:
		m.logWork(record.EntryEnqueued, w, "a work before it "+ended(w.State))
		m.finish(w)
	}
}

func ended(s work.State) string {
	if s == work.Cancelled {
		return "was cancelled"
	}
	return "failed"
}
