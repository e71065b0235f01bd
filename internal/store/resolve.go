package store

import (
	"context"
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Resolve reads the rows that a step needs, as they are with everything applied
// so far. Each work comes once, in the order of seq, and is the caller's own. At
// most one of needs may be a page.
func (b *Batch) Resolve(ctx context.Context, needs []record.Need) (record.Rows, error) {
	if len(needs) == 0 {
		return record.Rows{}, nil
	}
	b.index()
	clear(b.found)
	q := query{b: b, ctx: ctx}
	for i := range needs {
		q.need(&needs[i])
	}
	if q.err != nil {
		return record.Rows{}, q.err
	}
	slices.SortFunc(q.rows.Works, bySeq)
	return q.rows, nil
}

func bySeq(x, y *record.Work) int {
	switch {
	case x.Seq < y.Seq:
		return -1
	case x.Seq > y.Seq:
		return 1
	}
	return 0
}

// index brings the indexes up to date.
func (b *Batch) index() {
	for _, i := range b.dirty {
		w := b.works[i].Work
		if w == nil {
			continue
		}
		b.ids[w.ID] = i
		if w.Name != "" {
			push(b, b.names, w.Name, i)
		}
		for _, p := range w.Parents {
			push(b, b.next, p, i)
		}
	}
	b.dirty = b.dirty[:0]
}

func push[K ~string](b *Batch, heads map[K]int32, k K, entry int32) {
	prev, ok := heads[k]
	if !ok {
		prev = -1
	}
	heads[k] = int32(len(b.links))
	b.links = append(b.links, link{entry, prev})
}

// candidates calls f for the works of one key of an index, and takes out of it
// those that no longer belong there, so that a name taken over and over is not
// walked from its beginning each time.
func candidates[K ~string](b *Batch, heads map[K]int32, k K, belongs func(*record.Work) bool, f func(*record.Work)) {
	at, ok := heads[k]
	if !ok {
		return
	}
	last := int32(-1)
	for at >= 0 {
		l := b.links[at]
		if e := &b.works[l.entry]; e.Work != nil && !e.Delete && belongs(e.Work) {
			f(e.Work)
			last = at
		} else if last >= 0 {
			b.links[last].prev = l.prev
		} else if l.prev >= 0 {
			heads[k] = l.prev
		} else {
			delete(heads, k)
		}
		at = l.prev
	}
}

func (b *Batch) has(seq int64) bool {
	_, ok := b.at[seq]
	return ok
}

// query is one Resolve.
type query struct {
	b    *Batch
	ctx  context.Context
	rows record.Rows
	err  error
}

func (q *query) need(n *record.Need) {
	switch {
	case q.err != nil:
	case n.Works != nil:
		q.works(n.Works)
	case n.Name != "":
		q.after(q.named(n.Name))
	case n.Tree != "":
		q.after(q.works([]work.ID{n.Tree}))
	case n.Next != "":
		var parents []work.ID
		for _, w := range q.next([]work.ID{n.Next}) {
			parents = append(parents, w.Parents...)
		}
		q.works(parents)
	case n.Tag != nil:
		q.tagPage(n.Tag)
	case n.Page != nil:
		q.grouped(n.Page)
	case n.Unused:
		q.rows.Unused = q.unused()
	}
}

// unused returns the specs that neither the store nor the batch refers to. One that
// only rows refer to that the batch deletes is not among them yet.
func (q *query) unused() []int64 {
	ids, err := q.b.r.Unused(q.ctx)
	if err != nil {
		q.err = err
		return nil
	}
	used := map[int64]bool{}
	for i := range q.b.works {
		if e := &q.b.works[i]; e.Work != nil && !e.Delete {
			used[e.Work.Spec] = true
		}
	}
	for _, id := range q.b.tx.NoSpecs { // gone already
		used[id] = true
	}
	return slices.DeleteFunc(ids, func(id int64) bool { return used[id] })
}

// mine adds a row of the batch to the result and to ws.
func (q *query) mine(w *record.Work, ws []*record.Work) []*record.Work {
	if c, ok := q.b.found[w.Seq]; ok {
		return append(ws, c)
	}
	return q.add(Copy(w), ws)
}

// stored adds rows of the store to the result and to ws, but those that the
// batch has a version of.
func (q *query) stored(rows []*record.Work, err error, ws []*record.Work) []*record.Work {
	if err != nil {
		q.err = err
		return nil
	}
	for _, w := range rows {
		if q.b.has(w.Seq) {
			continue
		}
		if c, ok := q.b.found[w.Seq]; ok {
			ws = append(ws, c)
		} else {
			ws = q.add(w, ws)
		}
	}
	return ws
}

func (q *query) add(w *record.Work, ws []*record.Work) []*record.Work {
	q.b.found[w.Seq] = w
	q.rows.Works = append(q.rows.Works, w)
	return append(ws, w)
}

// works adds the works with these IDs and returns them, as the methods below do.
func (q *query) works(ids []work.ID) (ws []*record.Work) {
	var missing []work.ID
	for _, id := range ids {
		if i, ok := q.b.ids[id]; ok {
			if e := &q.b.works[i]; e.Work != nil && !e.Delete {
				ws = q.mine(e.Work, ws)
				continue
			}
		}
		missing = append(missing, id)
	}
	if len(missing) == 0 {
		return ws
	}
	rows, err := q.b.r.Works(q.ctx, missing)
	return q.stored(rows, err, ws)
}

func (q *query) named(name string) (ws []*record.Work) {
	candidates(q.b, q.b.names, name,
		func(w *record.Work) bool { return w.Name == name },
		func(w *record.Work) { ws = q.mine(w, ws) })
	rows, err := q.b.r.Named(q.ctx, name)
	return q.stored(rows, err, ws)
}

func (q *query) next(ids []work.ID) (ws []*record.Work) {
	for _, id := range ids {
		candidates(q.b, q.b.next, id,
			func(w *record.Work) bool { return namesParent(w, id) },
			func(w *record.Work) { ws = q.mine(w, ws) })
	}
	rows, err := q.b.r.Next(q.ctx, ids)
	return q.stored(rows, err, ws)
}

// after adds all works that come after these, at any depth.
func (q *query) after(ws []*record.Work) {
	if len(ws) == 0 {
		return
	}
	clear(q.b.seen)
	for len(ws) > 0 && q.err == nil {
		var ids []work.ID
		for _, w := range ws {
			if _, ok := q.b.seen[w.Seq]; !ok {
				q.b.seen[w.Seq] = struct{}{}
				ids = append(ids, w.ID)
			}
		}
		if len(ids) == 0 {
			return
		}
		ws = q.next(ids)
	}
}

func (q *query) tagPage(p *record.TagPage) {
	page := q.tagged(p)
	q.rows.Last = p.After
	if len(page) > 0 {
		q.rows.Last = page[len(page)-1].Seq
	}
	q.after(page)
}

func (q *query) tagged(p *record.TagPage) []*record.Work {
	return q.page(p.Limit, record.Key{Seq: p.After},
		func(w *record.Work) record.Key { return record.Key{Seq: w.Seq} },
		func(w *record.Work) bool { return !w.State.Finished() && hasTag(w, p.Tag) },
		func(after record.Key, limit int) ([]*record.Work, error) {
			return q.b.r.Tagged(q.ctx, p.Tag, after.Seq, limit)
		})
}

func (q *query) grouped(p *record.GroupPage) []*record.Work {
	return q.page(p.Limit, p.After, (*record.Work).Key,
		func(w *record.Work) bool { return w.State == work.Enqueued && w.Group() == p.Group },
		func(after record.Key, limit int) ([]*record.Work, error) {
			return q.b.r.Page(q.ctx, p.Group, after, limit)
		})
}

// page adds the first limit works above a key, of the store and the batch
// together. It looks one further, so that where the page ends does not depend on
// what is committed already.
func (q *query) page(limit int, after record.Key, key func(*record.Work) record.Key,
	belongs func(*record.Work) bool, fetch func(record.Key, int) ([]*record.Work, error),
) []*record.Work {
	limit = max(limit, 1)
	var page []*record.Work
	for from := after; len(page) <= limit; {
		want := limit + 1 - len(page)
		ws, err := fetch(from, want)
		if err != nil {
			q.err = err
			return nil
		}
		for _, w := range ws {
			if !q.b.has(w.Seq) {
				page = append(page, w)
			}
		}
		if len(ws) < want {
			break
		}
		from = key(ws[len(ws)-1])
	}
	stored := len(page)
	for i := range q.b.works {
		e := &q.b.works[i]
		if e.Work != nil && !e.Delete && belongs(e.Work) && after.Less(key(e.Work)) {
			page = append(page, e.Work)
		}
	}
	if len(page) > stored {
		slices.SortFunc(page, func(x, y *record.Work) int {
			if key(x).Less(key(y)) {
				return -1
			}
			return 1
		})
	}
	q.rows.End = len(page) <= limit
	if !q.rows.End {
		page = page[:limit]
	}
	for i, w := range page {
		c, ok := q.b.found[w.Seq]
		if !ok {
			if c = w; q.b.has(w.Seq) {
				c = Copy(w)
			}
			q.b.found[c.Seq] = c
			q.rows.Works = append(q.rows.Works, c)
		}
		page[i] = c
	}
	return page
}
