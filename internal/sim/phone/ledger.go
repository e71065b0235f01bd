package phone

import (
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// ledger keeps the rows of one phone's works. There are few, and nothing survives the
// simulation, so it is a list: the machine's own rows, in the order of their seq.
type ledger struct {
	works []*record.Work
	found []*record.Work // of the last answer
}

// apply takes in what a step decided. Finished works go, but for the last of a unique
// name: what is appended to it asks how it ended.
func (l *ledger) apply(tx *record.Tx) {
	for i := range tx.Works {
		x := &tx.Works[i]
		switch {
		case x.Delete:
			l.works = slices.DeleteFunc(l.works, func(w *record.Work) bool { return w.Seq == x.Work.Seq })
		case x.Insert:
			l.works = append(l.works, x.Work)
			if x.Work.State.Finished() {
				l.drop()
			}
		case x.Work.State.Finished():
			l.drop()
		}
	}
}

func (l *ledger) drop() {
	l.works = slices.DeleteFunc(l.works, func(w *record.Work) bool {
		return w.State.Finished() && (w.Name == "" || w.HasNext && !l.waitsFor(w.ID))
	})
}

func (l *ledger) waitsFor(id work.ID) bool {
	for _, w := range l.works {
		if w.Waiting > 0 && !w.State.Finished() && slices.Contains(w.Parents, id) {
			return true
		}
	}
	return false
}

// resolve returns the rows that a step needs.
func (l *ledger) resolve(needs []record.Need) record.Rows {
	if len(needs) == 0 {
		return record.Rows{}
	}
	l.found = l.found[:0]
	rows := record.Rows{End: true}
	for i := range needs {
		n := &needs[i]
		switch {
		case n.Works != nil:
			l.pick(func(w *record.Work) bool { return slices.Contains(n.Works, w.ID) })
		case n.Name != "":
			l.pick(func(w *record.Work) bool { return w.Name == n.Name })
			l.below()
		case n.Tree != "":
			l.pick(func(w *record.Work) bool { return w.ID == n.Tree })
			l.below()
		case n.Next != "":
			l.pick(func(w *record.Work) bool { return slices.Contains(w.Parents, n.Next) })
			for _, w := range slices.Clone(l.found) {
				l.pick(func(p *record.Work) bool { return slices.Contains(w.Parents, p.ID) })
			}
		case n.Tag != nil:
			l.pick(func(w *record.Work) bool {
				return !w.State.Finished() && w.Seq > n.Tag.After && (n.Tag.Tag == "" || slices.Contains(w.Tags, n.Tag.Tag))
			})
			for _, w := range l.found {
				rows.Last = max(rows.Last, w.Seq)
			}
			l.below()
		case n.Page != nil:
			l.pick(func(w *record.Work) bool {
				return w.State == work.Enqueued && w.Group() == n.Page.Group && n.Page.After.Less(w.Key())
			})
		}
	}
	slices.SortFunc(l.found, func(a, b *record.Work) int { return int(a.Seq - b.Seq) })
	rows.Works = l.found
	return rows
}

func (l *ledger) pick(want func(*record.Work) bool) {
	for _, w := range l.works {
		if want(w) && !slices.Contains(l.found, w) {
			l.found = append(l.found, w)
		}
	}
}

// below adds all that come after what was found, at any depth.
func (l *ledger) below() {
	for i := 0; i < len(l.found); i++ {
		id := l.found[i].ID
		if l.found[i].HasNext {
			l.pick(func(w *record.Work) bool { return slices.Contains(w.Parents, id) })
		}
	}
}
