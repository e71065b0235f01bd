package lull_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/lulltest"
	"github.com/lullwork/lull/sqlite"
	"github.com/lullwork/lull/work"
)

// heeder counts how often the load is asked to be watched.
type heeder struct {
	*lulltest.Device
	heeded atomic.Int64
}

func (h *heeder) HeedLoad() { h.heeded.Add(1) }

// TestLoadIsHeeded: the load is watched once some work needs it, also one of an earlier
// engine, and not before.
func TestLoadIsHeeded(t *testing.T) {
	state := sqlite.File(filepath.Join(t.TempDir(), "work.db"))
	session := func(f func(eng *lull.Engine, d *heeder)) {
		d := &heeder{Device: lulltest.NewDevice()}
		if err := d.Set("load", "high"); err != nil {
			t.Fatal(err)
		}
		eng, err := lull.Open(t.Context(), lull.Config{Store: state, Device: d})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- eng.Run(ctx) }()
		<-eng.Ready()
		f(eng, d)
		stop()
		if err := <-ran; err != nil {
			t.Error(err)
		}
		if err := eng.Close(); err != nil {
			t.Error(err)
		}
	}
	enqueue := func(eng *lull.Engine, q work.Request) {
		if _, err := eng.Enqueue(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	calm := noop.Request(1)
	calm.Needs.LoadLow = true
	session(func(eng *lull.Engine, d *heeder) {
		enqueue(eng, noop.Request(1))
		if err := eng.WaitIdle(t.Context()); err != nil {
			t.Error(err)
		}
		if n := d.heeded.Load(); n != 0 {
			t.Errorf("nobody needs the load, and it was heeded %d times", n)
		}
		enqueue(eng, calm)
		if d.heeded.Load() == 0 {
			t.Error("a work needs the load, and it is not heeded")
		}
	})
	session(func(eng *lull.Engine, d *heeder) {
		if err := eng.WaitIdle(t.Context()); err != nil {
			t.Error(err)
		}
		if d.heeded.Load() == 0 {
			t.Error("a work of an earlier engine needs the load, and it is not heeded")
		}
	})
}
