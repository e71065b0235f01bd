package phone

import (
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// ledger keeps the rows of one phone's works. There are few, and nothing survives the
// simulation, so it is a list: the machine's own rows, in the order of their seq.
type ledger struct {
	works   []*record.Work
	notes   []note         // of each of the works
	gone    []*record.Work // that are none of them any more
	open    []int          // of the works, those that are not finished, by task
	turn    bool           // of a task there are some now and were none, or the other way round
	chained bool           // a work has come after another one
	task    func(*record.Work) int
	found   []*record.Work // of the last answer

	// named are the works by the sum of the name that they had at first, in the order of
	// their seq.
	named [64][]*record.Work
}

type note struct {
	task  int16
	place uint8 // where in named it is
	over  bool
}

// apply takes in what a step decided. Finished works go, but for the last of a unique
// name: what is appended to it asks how it ended.
func (l *ledger) apply(tx *record.Tx) {
	for i := range tx.Works {
		switch x := &tx.Works[i]; {
		case x.Delete:
			l.delete(x.Work)
		case x.Insert:
			l.insert(x.Work)
		case x.Work.State.Finished():
			l.drop(x.Work)
		}
	}
}

func (l *ledger) insert(w *record.Work) {
	n := note{task: int16(l.task(w)), place: place(w.Name)}
	l.works, l.notes, l.named[n.place] = append(l.works, w), append(l.notes, n), append(l.named[n.place], w)
	l.count(n, 1)
	l.chained = l.chained || len(w.Parents) > 0
	if w.State.Finished() {
		l.drop(w)
	}
}

func (l *ledger) delete(w *record.Work) {
	i, ok := l.find(w)
	if !ok {
		return
	}
	if n := l.notes[i]; !n.over {
		l.count(n, -1)
	}
	l.remove(i)
}

// count adds to the works of a task that are not finished.
func (l *ledger) count(n note, by int) {
	open := &l.open[n.task]
	was := *open
	*open += by
	l.turn = l.turn || was == 0 || *open == 0
}

// drop takes in that a work is finished.
func (l *ledger) drop(w *record.Work) {
	i, ok := l.find(w)
	if !ok {
		return
	}
	if n := &l.notes[i]; !n.over {
		n.over = true
		l.count(*n, -1)
	}
	switch l.chained = l.chained || w.HasNext; {
	case l.chained:
		l.dropAll()
	case w.Name == "":
		l.remove(i)
	}
}

// dropAll lets go of finished works that nobody asks for any more: what they were kept for
// may be over, too.
func (l *ledger) dropAll() {
	for i := len(l.works) - 1; i >= 0; i-- {
		if w := l.works[i]; l.notes[i].over && (w.Name == "" || w.HasNext && !l.waitsFor(w.ID)) {
			l.remove(i)
		}
	}
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
	*named = cut(*named, slices.Index(*named, w))
	l.works, l.notes = cut(l.works, i), cut(l.notes, i)
	l.gone = append(l.gone, w)
}

// cut takes one out of a list. What is behind its end is never read: it need not be cleared.
func cut[T any](list []T, i int) []T { return list[:i+copy(list[i:], list[i+1:])] }

// place tells names apart, as far as there is room in named.
func place(name string) uint8 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return uint8(h % 64)
}

// of returns the works of a unique name, in the order of their seq, until it is asked again.
func (l *ledger) of(name string) []*record.Work {
	l.found = l.found[:0]
	for _, w := range l.named[place(name)] {
		if w.Name == name {
			l.found = append(l.found, w)
		}
	}
	return l.found
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
	switch {
	case len(needs) == 0:
		return record.Rows{}
	case len(needs) == 1 && needs[0].Name != "" && !l.chained: // nearly always
		return record.Rows{Works: l.of(needs[0].Name), End: true}
	}
	return l.search(needs)
}

// search is resolve for whatever is needed.
func (l *ledger) search(needs []record.Need) record.Rows {
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
