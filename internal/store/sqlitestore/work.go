package sqlitestore

import (
	"errors"
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

var errMissing = errors.New("it is not in the store and cannot be changed")

// insert writes a new row with its tags and edges.
func (w *writer) insert(r *record.Work) error {
	w.addID.text(1, string(r.ID))
	w.addID.int(2, r.Seq)
	if err := w.addID.exec(); err != nil {
		return err
	}
	if err := w.place(r); err != nil {
		return err
	}
	w.users[r.Spec]++
	return w.eachEdge(w.addEdge, r.Parents, r.Seq)
}

// settleSpecs writes down how many works refer to specs, and deletes those that are
// to go.
func (w *writer) settleSpecs(gone []int64) error {
	for spec, more := range w.users {
		if more == 0 {
			continue
		}
		w.useSpec.int(1, spec)
		w.useSpec.int(2, more)
		if err := w.useSpec.exec(); err != nil {
			return err
		}
	}
	clear(w.users)
	for _, id := range gone {
		w.dropSpec.int(1, id)
		if err := w.dropSpec.exec(); err != nil {
			return err
		}
	}
	return nil
}

// place writes a whole row into the table that its state puts it in.
func (w *writer) place(r *record.Work) error {
	if r.State.Finished() {
		bindAll(w.insertDone, r, true)
		return w.insertDone.exec()
	}
	bindAll(w.insertWork, r, true)
	if err := w.insertWork.exec(); err != nil {
		return err
	}
	return w.eachTag(w.addTag, r.Tags, r.Seq)
}

// spare writes what a run changes. A row that finishes moves, and one that is
// back from the dead as well.
func (w *writer) spare(r *record.Work) error {
	here, other := w.spareWork, w.deleteDone
	if r.State.Finished() {
		here, other = w.spareDone, w.deleteWork
		// It nearly always comes from work: try to move it first.
		if moved, err := w.move(other, r); moved || err != nil {
			return err
		}
	}
	bindSpare(here, r)
	if ok, err := w.changes(here); ok || err != nil {
		return err
	}
	moved, err := w.move(other, r)
	if err == nil && !moved {
		err = errMissing
	}
	return err
}

// move deletes a row with del, and if it was there places it anew.
func (w *writer) move(del *binder, r *record.Work) (bool, error) {
	del.int(1, r.Seq)
	if ok, err := w.changes(del); !ok || err != nil {
		return false, err
	}
	if err := w.place(r); err != nil || !r.State.Finished() {
		return true, err
	}
	return true, w.eachTag(w.dropTag, r.Tags, r.Seq)
}

// stored is what a row in the store leads to that is not in the row itself.
type stored struct {
	id      work.ID
	tags    []string
	parents []work.ID
	spec    int64
	done    bool
	ok      bool
}

func (w *writer) stored(seq int64) (o stored, err error) {
	w.oldRow.int(1, seq)
	err = w.oldRow.each(func() error {
		o.ok = true
		o.id = work.ID(w.oldRow.ColumnText(0))
		o.done = w.oldRow.ColumnInt64(3) != 0
		o.spec = w.oldRow.ColumnInt64(4)
		return errors.Join(decode(w.oldRow.ColumnText(1), &o.tags), decode(w.oldRow.ColumnText(2), &o.parents))
	})
	return o, err
}

// update writes a whole row.
func (w *writer) update(r *record.Work) error {
	o, err := w.stored(r.Seq)
	if err != nil {
		return err
	}
	if !o.ok {
		return errMissing
	}
	if !slices.Equal(o.parents, r.Parents) {
		err = errors.Join(w.eachEdge(w.dropEdge, o.parents, r.Seq), w.eachEdge(w.addEdge, r.Parents, r.Seq))
		if err != nil {
			return err
		}
	}
	if o.spec != r.Spec {
		w.users[o.spec]--
		w.users[r.Spec]++
	}
	finished := r.State.Finished()
	if !o.done && (finished || !slices.Equal(o.tags, r.Tags)) {
		if err := w.eachTag(w.dropTag, o.tags, r.Seq); err != nil {
			return err
		}
	}
	switch {
	case o.done != finished:
		if err := w.deleteRow(r.Seq, o.done); err != nil {
			return err
		}
		return w.place(r)
	case finished:
		bindAll(w.updateDone, r, false)
		return w.updateDone.exec()
	}
	bindAll(w.updateWork, r, false)
	if err := w.updateWork.exec(); err != nil || slices.Equal(o.tags, r.Tags) {
		return err
	}
	return w.eachTag(w.addTag, r.Tags, r.Seq)
}

// delete takes out a row and everything that leads to it.
func (w *writer) delete(r *record.Work) error {
	o, err := w.stored(r.Seq)
	if err != nil || !o.ok {
		return err
	}
	if err := w.eachEdge(w.dropEdge, o.parents, r.Seq); err != nil {
		return err
	}
	if !o.done {
		if err := w.eachTag(w.dropTag, o.tags, r.Seq); err != nil {
			return err
		}
	}
	w.dropHosts.text(1, string(o.id))
	if err := w.dropHosts.exec(); err != nil {
		return err
	}
	w.users[o.spec]--
	w.dropID.text(1, string(o.id))
	if err := w.dropID.exec(); err != nil {
		return err
	}
	return w.deleteRow(r.Seq, o.done)
}

func (w *writer) deleteRow(seq int64, done bool) error {
	b := w.deleteWork
	if done {
		b = w.deleteDone
	}
	b.int(1, seq)
	return b.exec()
}

// changes runs a statement and reports whether it changed a row.
func (w *writer) changes(b *binder) (bool, error) {
	err := b.exec()
	return err == nil && w.conn.Changes() > 0, err
}

func (w *writer) eachTag(b *binder, tags []string, seq int64) error {
	for _, t := range tags {
		b.text(1, t)
		b.int(2, seq)
		if err := b.exec(); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) eachEdge(b *binder, parents []work.ID, seq int64) error {
	for _, p := range parents {
		b.text(1, string(p))
		b.int(2, seq)
		if err := b.exec(); err != nil {
			return err
		}
	}
	return nil
}

// prune deletes finished works by the rule of record.Prune. A work that a run
// still belongs to stays.
func (w *writer) prune(p *record.Prune) error {
	type row struct {
		record.Work
		hasNext bool
	}
	var rows []row
	limit := p.Limit
	if limit == 0 {
		limit = -1 // SQLite's word for none
	}
	w.old.int(1, p.FinishedBefore)
	w.old.int(2, int64(limit))
	err := w.old.each(func() error {
		r := row{record.Work{Seq: w.old.ColumnInt64(0), ID: work.ID(w.old.ColumnText(1))}, w.old.ColumnInt64(2) != 0}
		rows = append(rows, r)
		return nil
	})
	if err != nil {
		return err
	}
	deleted := 0
	for i := range rows {
		r := &rows[i]
		var awaited bool
		if r.hasNext {
			w.awaited.text(1, string(r.ID))
			if err := w.awaited.each(func() error { awaited = true; return nil }); err != nil {
				return err
			}
		}
		if !awaited {
			if err := w.delete(&r.Work); err != nil {
				return err
			}
			deleted++
		}
	}
	// If all of a bite is awaited by others, biting again is of no use.
	p.More = len(rows) == limit && deleted > 0
	w.rows += 3 * len(rows)
	w.dropJournal.int(1, p.JournalBefore)
	return w.dropJournal.exec()
}
