//go:build unix

package sqlitestore

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// BenchmarkCommit drains works: each commit claims 100 and finishes the 100 that
// the one before claimed, with 400 journal entries. One op is one work.
func BenchmarkCommit(b *testing.B) {
	for _, ids := range []string{"ordered", "random"} {
		for _, waiting := range []int{0, 1_000_000} {
			b.Run(fmt.Sprintf("ids=%s/waiting=%d", ids, waiting), func(b *testing.B) { drain(b, waiting, ids == "random") })
		}
	}
}

func waitingWork(i int, random bool) *record.Work {
	id := uint64(i)
	if random {
		id *= 0x9e3779b97f4a7c15
	}
	return &record.Work{
		Seq: int64(i), ID: work.ID(fmt.Sprintf("01hq%016x", id)), Spec: 1, Due: 1_700_000_000_000_000 + int64(i),
		LastEnqueue: 1_700_000_000_000_000, Override: record.Never, StopReason: work.NotStopped, Created: 1_700_000_000_000_000,
	}
}

func drain(b *testing.B, extra int, random bool) {
	ctx := context.Background()
	s, err := At(filepath.Join(b.TempDir(), "lull.db")).Open(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	meta := record.Meta{At: 1_700_000_000_000_000}
	commit := func(tx *record.Tx) {
		meta.At += 1000
		tx.Meta = &meta
		if err := s.Commit(ctx, tx); err != nil {
			b.Fatal(err)
		}
	}
	commit(&record.Tx{Specs: []*record.Spec{{ID: 1, Task: "t"}}})
	n := b.N + extra
	rows := make([]*record.Work, 0, b.N)
	began := time.Now()
	for i := 0; i < n; {
		var tx record.Tx
		for ; i < n && len(tx.Works) < 5000; i++ {
			w := waitingWork(i, random)
			if i < b.N {
				rows = append(rows, w)
			}
			tx.Works = append(tx.Works, record.WorkWrite{Work: w, Insert: true})
		}
		commit(&tx)
	}
	inserts := float64(n) / time.Since(began).Seconds()
	// What inserts left to copy would be paid for below.
	if err := query(s.(*Store).writer.conn, "PRAGMA wal_checkpoint(TRUNCATE)", nil); err != nil {
		b.Fatal(err)
	}
	entry := []byte(`{"seq":1234567,"at":1700000000000000,"kind":"started","work":"01hq9e3779b97f4a7c15","task":"t","epoch":1}` + "\n")
	b.ResetTimer()
	cpu := cpuTime()
	const size = 100
	var took []time.Duration
	for i := 0; i < b.N+size; i += size {
		var tx record.Tx
		for _, w := range rows[max(0, i-size):min(i, b.N)] {
			w.State, w.Finished = work.Succeeded, meta.At
			w.Last = record.Last{Epoch: 1, Outcome: work.Success, Started: meta.At - 1000, Ended: meta.At}
			tx.Works = append(tx.Works, record.WorkWrite{Work: w, Spare: true})
			tx.Reaped = append(tx.Reaped, record.RunKey{Seq: w.Seq, Epoch: 1})
		}
		for _, w := range rows[min(i, b.N):min(i+size, b.N)] {
			w.State, w.Epoch, w.Attempts = work.Running, 1, 1
			tx.Works = append(tx.Works, record.WorkWrite{Work: w, Spare: true})
			tx.Runs = append(tx.Runs, &record.Run{Seq: w.Seq, Epoch: 1, Work: w.ID, Spec: 1, Attempt: 1, Started: meta.At, Stop: work.NotStopped})
		}
		tx.Journal = record.Chunk{First: meta.Journal + 1, Last: meta.Journal + int64(2*len(tx.Works)), At: meta.At}
		meta.Journal = tx.Journal.Last
		for range 2 * len(tx.Works) {
			tx.Journal.Lines = append(tx.Journal.Lines, entry...)
		}
		start := time.Now()
		commit(&tx)
		took = append(took, time.Since(start))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "works/s")
	b.ReportMetric(inserts, "inserts/s")
	b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/float64(b.N), "cpu-µs/work")
	slices.Sort(took)
	for name, share := range map[string]float64{"p50": 0.5, "p99": 0.99, "max": 1} {
		b.ReportMetric(float64(took[int(share*float64(len(took)-1))].Microseconds())/1000, name+"-ms/commit")
	}
}

// cpuTime is the processor time of this process: on a busy machine it says more
// than the clock.
func cpuTime() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
