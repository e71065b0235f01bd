package store

import (
	"context"
	"errors"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Over returns the rows as they are with everything in the batch applied: what a
// next batch is to be a view of while this one is being committed.
func (b *Batch) Over() Reader { return over{b} }

// Rebase makes the batch a view of other rows. The batch must be empty, or the rows
// must be those that it was a view of with changes that have been committed since.
func (b *Batch) Rebase(r Reader) { b.r = r }

type over struct{ b *Batch }

func (o over) query(ctx context.Context) query {
	o.b.index()
	clear(o.b.found)
	return query{b: o.b, ctx: ctx}
}

func (o over) Works(ctx context.Context, ids []work.ID) ([]*record.Work, error) {
	q := o.query(ctx)
	ws := q.works(ids)
	return ws, q.err
}

func (o over) Named(ctx context.Context, name string) ([]*record.Work, error) {
	q := o.query(ctx)
	ws := q.named(name)
	return ws, q.err
}

func (o over) Next(ctx context.Context, ids []work.ID) ([]*record.Work, error) {
	q := o.query(ctx)
	q.next(ids)
	return q.rows.Works, q.err // each once: a work may come after several of ids
}

func (o over) Tagged(ctx context.Context, tag string, after int64, limit int) ([]*record.Work, error) {
	q := o.query(ctx)
	ws := q.tagged(&record.TagPage{Tag: tag, After: after, Limit: limit})
	return ws, q.err
}

func (o over) Page(ctx context.Context, g record.Group, after record.Key, limit int) ([]*record.Work, error) {
	q := o.query(ctx)
	ws := q.grouped(&record.GroupPage{Group: g, After: after, Limit: limit})
	return ws, q.err
}

func (o over) Unused(ctx context.Context) ([]int64, error) {
	q := o.query(ctx)
	ids := q.unused()
	return ids, q.err
}

func (o over) Load(context.Context) (*record.Snapshot, error) {
	return nil, errors.New("a batch that is being committed cannot be loaded from")
}
