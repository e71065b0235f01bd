package sqlitestore

import (
	"fmt"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// rest writes everything but specs, works and runs.
func (w *writer) rest(tx *record.Tx) error {
	for _, key := range tx.NoConds {
		w.dropCond.text(1, key)
		if err := w.dropCond.exec(); err != nil {
			return err
		}
	}
	for i := range tx.Conds {
		c := &tx.Conds[i]
		w.putCond.text(1, c.Key)
		w.putCond.int(2, int64(c.State))
		w.putCond.int(3, c.Since)
		w.putCond.text(4, c.Text)
		if err := w.putCond.exec(); err != nil {
			return err
		}
	}
	for i := range tx.Facts {
		if err := w.fact(&tx.Facts[i]); err != nil {
			return err
		}
	}
	for i := range tx.Plan {
		if err := w.plan(&tx.Plan[i]); err != nil {
			return err
		}
	}
	for i := range tx.Zones {
		w.putZone.text(1, tx.Zones[i].Name)
		w.putZone.blob(2, tx.Zones[i].Table)
		if err := w.putZone.exec(); err != nil {
			return err
		}
	}
	if tx.Tasks != nil {
		if err := w.tasks(tx.Tasks); err != nil {
			return err
		}
	}
	for i := range tx.Hosts {
		if err := w.host(&tx.Hosts[i]); err != nil {
			return err
		}
	}
	for _, seq := range tx.Inbox {
		w.takeInbox.int(1, seq)
		if err := w.takeInbox.exec(); err != nil {
			return err
		}
	}
	if j := &tx.Journal; j.First != 0 {
		w.addJournal.int(1, j.First)
		w.addJournal.int(2, j.Last)
		w.addJournal.int(3, j.At)
		w.addJournal.blob(4, j.Lines)
		if err := w.addJournal.exec(); err != nil {
			return fmt.Errorf("journal entry %d: %w", j.First, err)
		}
	}
	if tx.Prune != nil {
		if err := w.prune(tx.Prune); err != nil {
			return err
		}
	}
	if err := w.settleSpecs(tx.NoSpecs); err != nil {
		return err
	}
	return w.meta(tx.Meta)
}

func (w *writer) spec(s *record.Spec) error {
	body, err := encode(s)
	if err != nil {
		return fmt.Errorf("spec of task %s: %w", s.Task, err)
	}
	w.putSpec.int(1, s.ID)
	w.putSpec.text(2, s.Task)
	w.putSpec.int(3, s.Retention)
	w.putSpec.text(4, body)
	return w.putSpec.exec()
}

func (w *writer) run(r *record.Run) error {
	b := w.putRun
	b.int(1, r.Seq)
	b.int(2, r.Epoch)
	b.text(3, string(r.Work))
	b.int(4, r.Spec)
	b.text(5, r.Name)
	b.int(6, int64(r.State))
	b.int(7, int64(r.Attempt))
	b.int(8, int64(r.Generation))
	b.int(9, int64(r.Override))
	b.int(10, r.Started)
	b.int(11, int64(r.Stop))
	b.bool(12, r.Orphan)
	return b.exec()
}

func (w *writer) fact(f *record.Fact) error {
	b := w.putFact
	b.int(1, int64(f.Signal))
	b.text(2, f.Signal.String())
	b.int(3, f.Value)
	b.int(4, f.Next)
	b.int(5, f.Settles)
	b.text(6, f.Source)
	b.text(7, f.Note)
	b.bool(8, f.Pretended)
	b.bool(9, f.Assumed)
	b.int(10, f.Since)
	return b.exec()
}

func (w *writer) plan(p *record.PlanTask) error {
	b := w.putPlan
	b.text(1, p.Name)
	b.text(2, p.Hash)
	b.text(3, string(p.Work))
	b.bool(4, p.Removed)
	var pending string
	if p.Pending != nil {
		var err error
		if pending, err = encode(p.Pending); err != nil {
			return fmt.Errorf("task %s of the plan: %w", p.Name, err)
		}
	}
	b.text(5, pending)
	return b.exec()
}

func (w *writer) tasks(rows []record.TaskRow) error {
	if err := w.clearTasks.exec(); err != nil {
		return err
	}
	for i, t := range rows {
		w.addTask.int(1, int64(i))
		w.addTask.text(2, t.Name)
		w.addTask.text(3, t.Held)
		w.addTask.text(4, t.Note)
		request, uniq, err := encodeTask(&t)
		if err != nil {
			return fmt.Errorf("task %s: %w", t.Name, err)
		}
		w.addTask.text(5, request)
		w.addTask.text(6, uniq)
		if err := w.addTask.exec(); err != nil {
			return err
		}
	}
	return nil
}

func encodeTask(t *record.TaskRow) (request, uniq string, err error) {
	if t.Request != nil {
		if request, err = encode(t.Request); err != nil {
			return "", "", err
		}
	}
	if t.Unique != (work.Unique{}) {
		uniq, err = encode(t.Unique)
	}
	return request, uniq, err
}

func (w *writer) host(h *record.Host) error {
	body, err := encode(h)
	if err != nil {
		return fmt.Errorf("host of work %s: %w", h.Work, err)
	}
	w.putHost.text(1, string(h.Work))
	w.putHost.int(2, h.Epoch)
	w.putHost.text(3, body)
	return w.putHost.exec()
}

// meta writes the engine's row, or at least counts the commit. The name of the
// state never changes. If somebody else has counted, there is another engine: its lock
// was deleted, or the file has two names.
func (w *writer) meta(m *record.Meta) error {
	err := w.setMeta(m)
	if err == nil && w.conn.Changes() != 1 {
		err = fmt.Errorf("%w: there were commits that are not this one's", store.ErrLocked)
	}
	return err
}

func (w *writer) setMeta(m *record.Meta) error {
	if m == nil {
		w.countMeta.int(1, w.commits+1)
		return w.countMeta.exec()
	}
	b := w.putMeta
	b.int(1, w.commits+1)
	b.int(2, m.At)
	b.int(3, m.Offset)
	b.int(4, m.NextSeq)
	b.int(5, m.Spec)
	b.int(6, m.Journal)
	b.int(7, int64(m.Jobs))
	b.int(8, m.Stopped)
	return b.exec()
}
