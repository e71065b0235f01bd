package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

func waiting(i int64) *record.Work {
	return &record.Work{Seq: i, ID: work.ID(fmt.Sprint("w", i)), Spec: 1, Due: i % 1000}
}

// BenchmarkBatch folds claims and finishes, a step each, with a commit's worth of
// 256 works. One op is one work.
func BenchmarkBatch(b *testing.B) {
	batch := store.NewBatch(store.NewMemory())
	const size = 256
	rows := make([]*record.Work, size)
	runs := make([]*record.Run, size)
	for i := range rows {
		rows[i] = waiting(int64(i + 1))
		runs[i] = &record.Run{Seq: int64(i + 1), Epoch: 1}
	}
	lines := make([]byte, 200)
	meta := record.Meta{}
	tx := record.Tx{Works: make([]record.WorkWrite, 1), Runs: make([]*record.Run, 1), Reaped: make([]record.RunKey, 1)}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		i := n % size
		meta.Journal += 2
		claim := record.Tx{Meta: &meta, Works: tx.Works, Runs: tx.Runs, Journal: record.Chunk{First: meta.Journal - 1, Last: meta.Journal - 1, Lines: lines}}
		claim.Works[0] = record.WorkWrite{Work: rows[i], Spare: true}
		claim.Runs[0] = runs[i]
		batch.Apply(&claim)
		finish := record.Tx{Meta: &meta, Works: tx.Works, Reaped: tx.Reaped, Journal: record.Chunk{First: meta.Journal, Last: meta.Journal, Lines: lines}}
		finish.Works[0] = record.WorkWrite{Work: rows[i], Spare: true}
		finish.Reaped[0] = record.RunKey{Seq: rows[i].Seq, Epoch: 1}
		batch.Apply(&finish)
		if i == size-1 {
			if len(batch.Tx().Works) != size {
				b.Fatal(len(batch.Tx().Works))
			}
			batch.Reset()
		}
	}
}

// BenchmarkMemory drains a store in which a million works wait: page by page, each
// work claimed and finished in a commit of its own. One op is one work.
func BenchmarkMemory(b *testing.B) {
	ctx := context.Background()
	m := store.NewMemory()
	const n = 1_000_000
	var tx record.Tx
	for i := range int64(n) {
		tx.Works = append(tx.Works, record.WorkWrite{Work: waiting(i + 1), Insert: true})
	}
	if err := m.Commit(ctx, &tx); err != nil {
		b.Fatal(err)
	}
	var page []*record.Work
	after := record.Key{Due: -1}
	b.ReportAllocs()
	for b.Loop() {
		if len(page) == 0 {
			var err error
			if page, err = m.Page(ctx, record.Group{Spec: 1}, after, 1024); err != nil || len(page) == 0 {
				b.Fatalf("%d works: %v", len(page), err)
			}
			after = page[len(page)-1].Key()
		}
		w := page[0]
		page = page[1:]
		w.State = work.Running
		claim := record.Tx{Works: []record.WorkWrite{{Work: w, Spare: true}}}
		if err := m.Commit(ctx, &claim); err != nil {
			b.Fatal(err)
		}
		w.State, w.Finished = work.Succeeded, w.Seq
		if err := m.Commit(ctx, &claim); err != nil {
			b.Fatal(err)
		}
	}
}
