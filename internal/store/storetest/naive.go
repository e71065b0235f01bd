package storetest

import (
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// resolve answers a need from the live rows alone, by the words of record.Need
// and with no thought of speed.
func (w *world) resolve(n record.Need) record.Rows {
	in := map[int64]bool{}
	var rows record.Rows
	byID := func(id work.ID) *record.Work {
		for _, r := range w.rows {
			if r.ID == id {
				return r
			}
		}
		return nil
	}
	after := func(id work.ID) (ws []*record.Work) {
		for _, s := range w.seqs {
			if slices.Contains(w.rows[s].Parents, id) {
				ws = append(ws, w.rows[s])
			}
		}
		return ws
	}
	var tree func(*record.Work, map[int64]bool)
	tree = func(r *record.Work, seen map[int64]bool) {
		if seen[r.Seq] {
			return
		}
		seen[r.Seq], in[r.Seq] = true, true
		for _, c := range after(r.ID) {
			tree(c, seen)
		}
	}
	page := func(of []*record.Work, limit int) []*record.Work {
		rows.End = len(of) <= limit
		return of[:min(limit, len(of))]
	}
	switch {
	case n.Works != nil:
		for _, id := range n.Works {
			if r := byID(id); r != nil {
				in[r.Seq] = true
			}
		}
	case n.Name != "":
		for _, r := range w.rows {
			if r.Name == n.Name {
				tree(r, map[int64]bool{})
			}
		}
	case n.Tree != "":
		if r := byID(n.Tree); r != nil {
			tree(r, map[int64]bool{})
		}
	case n.Next != "":
		for _, c := range after(n.Next) {
			in[c.Seq] = true
			for _, p := range c.Parents {
				if r := byID(p); r != nil {
					in[r.Seq] = true
				}
			}
		}
	case n.Tag != nil:
		var of []*record.Work
		for _, s := range w.seqs {
			r := w.rows[s]
			if s > n.Tag.After && !r.State.Finished() && (n.Tag.Tag == "" || slices.Contains(r.Tags, n.Tag.Tag)) {
				of = append(of, r)
			}
		}
		rows.Last = n.Tag.After
		for _, r := range page(of, n.Tag.Limit) {
			rows.Last = r.Seq
			tree(r, map[int64]bool{})
		}
	case n.Page != nil:
		var of []*record.Work
		for _, r := range w.rows {
			if r.State == work.Enqueued && r.Group() == n.Page.Group && n.Page.After.Less(r.Key()) {
				of = append(of, r)
			}
		}
		slices.SortFunc(of, func(x, y *record.Work) int {
			if x.Key().Less(y.Key()) {
				return -1
			}
			return 1
		})
		for _, r := range page(of, n.Page.Limit) {
			in[r.Seq] = true
		}
	}
	for _, s := range w.seqs {
		if in[s] {
			rows.Works = append(rows.Works, store.Copy(w.rows[s]))
		}
	}
	return rows
}

// need draws any need.
func (w *world) need() record.Need {
	id := func() work.ID {
		if len(w.seqs) == 0 || w.pick(5) == 0 {
			return "nobody"
		}
		return w.rows[w.seqs[w.pick(len(w.seqs))]].ID
	}
	switch w.pick(6) {
	case 0:
		return record.Need{Works: []work.ID{id(), id(), id()}}
	case 1:
		return record.Need{Name: []string{"a", "b", "c"}[w.pick(3)]}
	case 2:
		return record.Need{Tree: id()}
	case 3:
		return record.Need{Next: id()}
	case 4:
		return record.Need{Tag: &record.TagPage{Tag: append(someTags, "")[w.pick(4)], After: int64(w.pick(4)), Limit: 1 + w.pick(4)}}
	}
	return record.Need{Page: &record.GroupPage{
		Group: record.Group{Spec: 1 + int64(w.pick(4)), Lane: record.Lane(w.pick(3))},
		After: record.Key{Due: int64(w.pick(4)) - 1, Seq: int64(w.pick(4))}, Limit: 1 + w.pick(3),
	}}
}
