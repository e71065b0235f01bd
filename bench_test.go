package lull_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/lulltest"
	"github.com/lullwork/lull/sqlite"
	"github.com/lullwork/lull/work"
)

// BenchmarkDrain runs works that were enqueued before, one op a work.
func BenchmarkDrain(b *testing.B) {
	ctx := b.Context()
	e, err := lull.Open(ctx, lull.Config{Store: sqlite.File(filepath.Join(b.TempDir(), "work.db")), Jobs: 1000})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	for n := 0; n < b.N; n += 1000 {
		qs := make([]work.Request, 0, 1000)
		for i := n; i < min(b.N, n+1000); i++ {
			qs = append(qs, noop.Request(i))
		}
		if _, err := e.EnqueueMany(ctx, qs); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	if err := e.RunUntilIdle(ctx); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkEndToEnd enqueues one work a call from 64 callers while they run.
func BenchmarkEndToEnd(b *testing.B) {
	e, err := lull.Open(b.Context(), lull.Config{Store: sqlite.File(filepath.Join(b.TempDir(), "work.db")), Jobs: 1000})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := e.Enqueue(ctx, noop.Request(1)); err != nil {
				b.Error(err)
				return
			}
		}
	})
	if err := e.WaitIdle(ctx); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	stop()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}

// BenchmarkWaiting holds a million works that wait for external power, and measures
// the memory of the process and the time from the change of the signal to the first
// start.
func BenchmarkWaiting(b *testing.B) {
	const works = 1_000_000
	if !*long {
		b.Skip("a million works take a minute: run with -long")
	}
	d := lulltest.NewDevice()
	if err := d.Set("charging", "no"); err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	e, err := lull.Open(ctx, lull.Config{Store: sqlite.File(filepath.Join(b.TempDir(), "work.db")), Jobs: 8, Device: d})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	for range works / 1000 {
		qs := make([]work.Request, 1000)
		for i := range qs {
			qs[i] = noop.Request(i)
			qs[i].Needs.Charging = true
		}
		if _, err := e.EnqueueMany(ctx, qs); err != nil {
			b.Fatal(err)
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	<-e.Ready()
	debug.FreeOSMemory()
	memory := resident(b)
	noops.Store(0)
	b.ResetTimer()
	begun := time.Now()
	if err := d.Set("charging", "yes"); err != nil {
		b.Fatal(err)
	}
	for noops.Load() == 0 {
		runtime.Gosched()
	}
	b.ReportMetric(float64(time.Since(begun).Microseconds())/1e3, "ms-to-first-start")
	b.StopTimer()
	b.ReportMetric(float64(memory)/1e6, "MB-resident")
	stop()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}

// resident returns the bytes of memory that the process has.
func resident(b *testing.B) int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip(err)
	}
	for line := range strings.Lines(string(status)) {
		var kb int64
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kb); err == nil {
			return kb << 10
		}
	}
	b.Fatal("no VmRSS")
	return 0
}
