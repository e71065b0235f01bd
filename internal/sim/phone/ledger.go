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
	notes []note         // of each of the works
	over  []*record.Work // of the works, those that are finished
	gone  []*record.Work // that are none of them any more
	open  []int          // of the works, those that are not finished, by task
	turn  bool           // of a task there are some now and were none, or the other way round
	task  func(*record.Work) int
	found []*record.Work // of the last answer

	// named are the works by the sum of the name that they had at first, in the order of
	// their seq.
	named [64][]*record.Work
}

type note struct {
	place uint8 // where in named it is
	over  bool
}

// apply takes in what a step decided. Finished works go, but for the last of a unique
// name: what is appended to it asks how it ended.
func (l *ledger) apply(tx *record.Tx) {
	for i := range tx.Works {
		x := &tx.Works[i]
		switch {
		case x.Delete:
			i, ok := l.find(x.Work)
			if !ok {
				break
			}
			if l.notes[i].over {
				k := slices.Index(l.over, x.Work)
				l.over = slices.Delete(l.over, k, k+1)
			} else {
				l.count(x.Work, -1)
			}
			l.remove(i)
		case x.Insert:
			l.works = append(l.works, x.Work)
			at := place(x.Work.Name)
			l.notes, l.named[at] = append(l.notes, note{place: at}), append(l.named[at], x.Work)
			l.count(x.Work, 1)
			if x.Work.State.Finished() {
				l.drop(x.Work)
			}
		case x.Work.State.Finished():
			l.drop(x.Work)
		}
	}
}

// count adds to the works of a task that are not finished.
func (l *ledger) count(w *record.Work, n int) {
	open := &l.open[l.task(w)]
	was := *open
	*open += n
	l.turn = l.turn || was == 0 || *open == 0
}

// drop takes in that a work is finished.
func (l *ledger) drop(w *record.Work) {
	i, ok := l.find(w)
	if !ok {
		return
	}
	if !l.notes[i].over {
		l.count(w, -1)
		l.notes[i].over, l.over = true, append(l.over, w)
	}
	kept := l.over[:0]
	for _, w := range l.over {
		if w.Name == "" || w.HasNext && !l.waitsFor(w.ID) {
			i, _ := l.find(w)
			l.remove(i)
		} else {
			kept = append(kept, w)
		}
	}
	clear(l.over[len(kept):])
	l.over = kept
}

// find finds a work among all.
func (l *ledger) find(w *record.Work) (i int, ok bool) {
	end := len(l.works)
	for i < end {
		if mid := (i + end) / 2; l.works[mid].Seq < w.Seq {
			i = mid + 1
		} else {
			end = mid
		}
	}
	return i, i < len(l.works) && l.works[i] == w
}

func (l *ledger) remove(i int) {
	w, named := l.works[i], &l.named[l.notes[i].place]
	k := slices.Index(*named, w)
	*named = slices.Delete(*named, k, k+1)
	l.works, l.notes = slices.Delete(l.works, i, i+1), slices.Delete(l.notes, i, i+1)
	l.gone = append(l.gone, w)
}

// place tells names apart, as far as there is room in named.
func place(name string) uint8 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return uint8(h % 64)
}

// of calls for each work of a unique name, in the order of their seq.
func (l *ledger) of(name string, each func(*record.Work)) {
	for _, w := range l.named[place(name)] {
		if w.Name == name {
			each(w)
		}
	}
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
			l.of(n.Name, func(w *record.Work) {
				if !slices.Contains(l.found, w) {
					l.found = append(l.found, w)
				}
			})
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
	if len(l.found) < 2 {
		rows.Works = l.found
		return rows
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
