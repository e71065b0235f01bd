package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Commit implements Store. After an error nothing of tx is there.
func (m *Memory) Commit(ctx context.Context, tx *record.Tx) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := m.check(tx); err != nil {
		return err
	}
	for _, s := range tx.Specs {
		m.specs[s.ID] = copySpec(s)
	}
	for _, id := range tx.NoSpecs {
		delete(m.specs, id)
	}
	for i := range tx.Works { // first, so that an ID may be used again at once
		if tx.Works[i].Delete {
			m.delete(m.rows[tx.Works[i].Work.Seq])
		}
	}
	for i := range tx.Works {
		switch n := &tx.Works[i]; {
		case n.Delete:
		case n.Insert:
			m.insert(Copy(n.Work))
		default:
			m.update(n)
		}
	}
	for _, r := range tx.Runs {
		c := *r
		m.runs[record.RunKey{Seq: r.Seq, Epoch: r.Epoch}] = &c
	}
	for _, k := range tx.Reaped {
		delete(m.runs, k)
	}
	m.commitRest(tx)
	if tx.Prune != nil {
		m.prune(tx.Prune)
	}
	return nil
}

// check finds what would make the commit fail.
func (m *Memory) check(tx *record.Tx) error {
	var news map[work.ID]bool
	gone := func(seq int64) bool {
		return slices.ContainsFunc(tx.Works, func(n record.WorkWrite) bool { return n.Delete && n.Work.Seq == seq })
	}
	for i := range tx.Works {
		n := &tx.Works[i]
		if !n.Insert {
			if m.rows[n.Work.Seq] == nil && !n.Delete {
				return missing(n.Work)
			}
			continue
		}
		if seq, ok := m.ids[n.Work.ID]; ok && !gone(seq) || news[n.Work.ID] {
			return fmt.Errorf("%w: %s", ErrDuplicate, n.Work.ID)
		}
		if m.rows[n.Work.Seq] != nil {
			return fmt.Errorf("work %s: seq %d is taken", n.Work.ID, n.Work.Seq)
		}
		if news == nil {
			news = make(map[work.ID]bool, len(tx.Works))
		}
		news[n.Work.ID] = true
	}
	return nil
}

func missing(w *record.Work) error {
	return fmt.Errorf("work %s (seq %d) is not in the store and cannot be changed", w.ID, w.Seq)
}

func (m *Memory) commitRest(tx *record.Tx) {
	if tx.Meta != nil {
		engine := m.meta.Engine
		m.meta = *tx.Meta
		m.meta.Engine = engine
	}
	for _, key := range tx.NoConds {
		delete(m.conds, key)
	}
	for _, c := range tx.Conds {
		m.conds[c.Key] = c
	}
	for _, f := range tx.Facts {
		m.facts[f.Signal] = f
	}
	for _, p := range tx.Plan {
		m.plan[p.Name] = copyPlan(p)
	}
	for _, z := range tx.Zones {
		z.Table = copyOf(z.Table)
		m.zones[z.Name] = z
	}
	if tx.Tasks != nil {
		m.tasks = slices.Clone(tx.Tasks)
	}
	for _, h := range tx.Hosts {
		if _, ok := m.ids[h.Work]; !ok {
			continue // deleted while it ran
		}
		hs := m.hosts[h.Work]
		i, ok := slices.BinarySearchFunc(hs, h.Epoch, func(o record.Host, e int64) int { return compare(o.Epoch, e) })
		if ok {
			hs[i] = h
		} else {
			m.hosts[h.Work] = slices.Insert(hs, i, h)
		}
	}
	if tx.Journal.First != 0 && !m.ForgetJournal {
		c := tx.Journal
		c.Lines = copyOf(c.Lines)
		m.journal = append(m.journal, c)
	}
}

// insert and delete keep a row and everything that leads to it.
func (m *Memory) insert(w *record.Work) {
	m.rows[w.Seq] = w
	m.ids[w.ID] = w.Seq
	m.link(w)
	m.place(w)
}

func (m *Memory) delete(w *record.Work) {
	if w == nil {
		return
	}
	m.displace(w)
	m.unlink(w)
	delete(m.ids, w.ID)
	delete(m.rows, w.Seq)
	delete(m.hosts, w.ID)
}

func (m *Memory) update(n *record.WorkWrite) {
	w, old := n.Work, m.rows[n.Work.Seq]
	switch {
	case n.Claim:
		m.regroup(old, false)
		old.State, old.Attempts, old.Epoch, old.StopReason = w.State, w.Attempts, w.Epoch, w.StopReason
	case n.Spare && !old.State.Finished() && !w.State.Finished(): // most writes: only its group changes
		m.regroup(old, false)
		copySpare(old, w)
		m.regroup(old, true)
	case n.Spare:
		m.displace(old)
		copySpare(old, w)
		m.place(old)
	default:
		m.displace(old)
		m.unlink(old)
		*old = *Copy(w)
		m.link(old)
		m.place(old)
	}
}

// link adds a row to the indexes over what a Spare write leaves alone.
func (m *Memory) link(w *record.Work) {
	if w.Name != "" {
		addSeq(m.names, w.Name, w.Seq)
	}
	for _, p := range w.Parents {
		addSeq(m.next, p, w.Seq)
	}
}

func (m *Memory) unlink(w *record.Work) {
	if w.Name != "" {
		removeSeq(m.names, w.Name, w.Seq)
	}
	for _, p := range w.Parents {
		removeSeq(m.next, p, w.Seq)
	}
}

func addSeq[K comparable](in map[K][]int64, k K, seq int64) {
	if i, ok := slices.BinarySearch(in[k], seq); !ok {
		in[k] = slices.Insert(in[k], i, seq)
	}
}

func removeSeq[K comparable](in map[K][]int64, k K, seq int64) {
	i, ok := slices.BinarySearch(in[k], seq)
	if !ok {
		return
	}
	if in[k] = slices.Delete(in[k], i, i+1); len(in[k]) == 0 {
		delete(in, k)
	}
}

// place adds a row to the ordered sets that its state puts it in.
func (m *Memory) place(w *record.Work) {
	if w.State.Finished() {
		m.done.insert(record.Key{Due: w.Finished, Seq: w.Seq})
		return
	}
	m.open.insert(record.Key{Seq: w.Seq})
	for _, t := range w.Tags {
		set(m.tags, t).insert(record.Key{Seq: w.Seq})
	}
	m.regroup(w, true)
}

func (m *Memory) displace(w *record.Work) {
	if w.State.Finished() {
		m.done.remove(record.Key{Due: w.Finished, Seq: w.Seq})
		return
	}
	m.open.remove(record.Key{Seq: w.Seq})
	for _, t := range w.Tags {
		drop(m.tags, t, record.Key{Seq: w.Seq})
	}
	m.regroup(w, false)
}

// regroup puts an ENQUEUED row into its group or takes it out.
func (m *Memory) regroup(w *record.Work, in bool) {
	switch {
	case w.State != work.Enqueued:
	case in:
		set(m.groups, w.Group()).insert(w.Key())
	default:
		drop(m.groups, w.Group(), w.Key())
	}
}

func set[K comparable](in map[K]*keys, k K) *keys {
	s := in[k]
	if s == nil {
		s = &keys{}
		in[k] = s
	}
	return s
}

func drop[K comparable](in map[K]*keys, k K, key record.Key) {
	if s := in[k]; s != nil {
		if s.remove(key); s.n == 0 {
			delete(in, k)
		}
	}
}

// prune deletes finished works by the rule of record.Prune. A work that a run
// still belongs to stays.
func (m *Memory) prune(p *record.Prune) {
	runs := map[int64]bool{}
	for k := range m.runs {
		runs[k.Seq] = true
	}
	var old []*record.Work
	m.done.above(record.Key{}, func(k record.Key) bool {
		w := m.rows[k.Seq]
		if w.Finished >= p.FinishedBefore {
			return false
		}
		var kept int64
		if s := m.specs[w.Spec]; s != nil {
			kept = s.Retention
		}
		if kept < p.FinishedBefore-w.Finished && !runs[w.Seq] {
			old = append(old, w)
		}
		return true
	})
	memo := map[int64]bool{}
	old = slices.DeleteFunc(old, func(w *record.Work) bool { return m.awaited(w, memo) })
	for _, w := range old {
		m.delete(w)
	}
	for len(m.journal) > 0 && m.journal[0].At < p.JournalBefore {
		m.journal = m.journal[1:]
	}
}

// awaited reports whether an unfinished work comes after w, at any depth.
func (m *Memory) awaited(w *record.Work, memo map[int64]bool) bool {
	if a, ok := memo[w.Seq]; ok {
		return a
	}
	memo[w.Seq] = false // chains have no cycles; a damaged one must not hang
	for _, seq := range m.next[w.ID] {
		n := m.rows[seq]
		if !n.State.Finished() || m.awaited(n, memo) {
			memo[w.Seq] = true
			break
		}
	}
	return memo[w.Seq]
}

func copySpec(s *record.Spec) *record.Spec {
	c := *s
	c.Chain = nil
	for _, n := range s.Chain {
		c.Chain = append(c.Chain, copyNode(n))
	}
	return &c
}

func copyPlan(p record.PlanTask) record.PlanTask {
	if p.Pending == nil {
		return p
	}
	r := *p.Pending
	r.Nodes = nil
	for _, n := range p.Pending.Nodes {
		r.Nodes = append(r.Nodes, copyNode(n))
	}
	p.Pending = &r
	return p
}

func copyNode(n work.Node) work.Node {
	n.After = copyOf(n.After)
	n.Request.Input = json.RawMessage(copyOf(n.Request.Input))
	n.Request.Tags = copyOf(n.Request.Tags)
	chain := n.Request.Chain
	n.Request.Chain = nil
	for _, c := range chain {
		n.Request.Chain = append(n.Request.Chain, copyNode(c))
	}
	return n
}
