// Package storetest is the one suite that every store must pass.
package storetest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// Run checks a kind of store; open returns a new, empty place each time.
func Run(t *testing.T, open func(t *testing.T) store.Opener) {
	for _, c := range []struct {
		name string
		test func(*fixture)
	}{
		{"Empty", empty},
		{"Works", works},
		{"Moves", moves},
		{"Spare", spare},
		{"Claim", claim},
		{"Unused", unused},
		{"Next", next},
		{"Tagged", tagged},
		{"Page", page},
		{"PageOfOneInstant", pageOfOneInstant},
		{"Duplicate", duplicate},
		{"Missing", missing},
		{"AllOrNothing", allOrNothing},
		{"Private", private},
		{"Rest", rest},
		{"Journal", journal},
		{"Hosts", hosts},
		{"Prune", prune},
		{"PruneJournal", pruneJournal},
		{"OneEngine", oneEngine},
		{"Closed", closed},
		{"Cancelled", cancelled},
		{"Beside", beside},
		{"Fold", fold},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // they wait for disks
			f := &fixture{T: t, ctx: context.Background(), at: open(t)}
			s, err := f.at.Open(f.ctx)
			f.no(err)
			f.Store = s
			t.Cleanup(func() { f.no(s.Close()) })
			c.test(f)
		})
	}
	t.Run("Property", func(t *testing.T) { Property(t, open) })
}

// fixture is one store under test.
type fixture struct {
	*testing.T
	store.Store
	ctx context.Context
	at  store.Opener
	seq int64
}

func (f *fixture) no(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) is(err, want error) {
	f.Helper()
	if !is(err, want) {
		f.Fatalf("error %v, want %v", err, want)
	}
}

// new returns a row that waits; it is not committed.
func (f *fixture) new(id work.ID, edit ...func(*record.Work)) *record.Work {
	f.seq++
	w := &record.Work{
		Seq: f.seq, ID: id, Spec: 1, Due: f.seq, LastEnqueue: record.NotEnqueued, Override: record.Never, StopReason: work.NotStopped, Created: f.seq,
	}
	for _, e := range edit {
		e(w)
	}
	return w
}

func (f *fixture) insert(ws ...*record.Work) {
	f.Helper()
	var tx record.Tx
	for _, w := range ws {
		tx.Works = append(tx.Works, record.WorkWrite{Work: w, Insert: true})
	}
	f.commit(&tx)
}

func (f *fixture) write(n record.WorkWrite) {
	f.Helper()
	f.commit(&record.Tx{Works: []record.WorkWrite{n}})
}

func (f *fixture) commit(tx *record.Tx) {
	f.Helper()
	f.no(f.Commit(f.ctx, tx))
}

// ids is what a query should return, in order.
func (f *fixture) ids(want ...work.ID) func([]*record.Work, error) {
	f.Helper()
	return func(ws []*record.Work, err error) {
		f.Helper()
		f.no(err)
		var got []work.ID
		for _, w := range ws {
			got = append(got, w.ID)
		}
		if d := cmp.Diff(want, got); d != "" {
			f.Fatalf("works (-want +got):\n%s", d)
		}
	}
}

// row reads one row by its ID; nil if there is none.
func (f *fixture) row(id work.ID) *record.Work {
	f.Helper()
	ws, err := f.Works(f.ctx, []work.ID{id})
	f.no(err)
	if len(ws) == 0 {
		return nil
	}
	return ws[0]
}

func (f *fixture) same(got, want any) {
	f.Helper()
	if d := cmp.Diff(want, got); d != "" {
		f.Fatalf("(-want +got):\n%s", d)
	}
}

func (f *fixture) browse() store.Browser {
	f.Helper()
	b, err := f.at.Browse(f.ctx)
	f.no(err)
	f.Cleanup(func() { f.no(b.Close()) })
	return b
}

func finished(s work.State, at int64) func(*record.Work) {
	return func(w *record.Work) { w.State, w.Finished = s, at }
}

func after(ids ...work.ID) func(*record.Work) {
	return func(w *record.Work) { w.Parents = ids }
}

func tags(ts ...string) func(*record.Work) {
	return func(w *record.Work) { w.Tags = ts }
}

func blocked(w *record.Work) { w.State, w.Due = work.Blocked, record.Never }
