//go:build linux

package isolate_test

import (
	"context"
	"errors"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

// TestFrozen has an isolate that takes no requests any more, and whose pipe is full of them.
func TestFrozen(t *testing.T) {
	c := hire(t, child, isolate.SpawnConfig{})
	boss := c.Controller(isolate.MayPause | isolate.MayKill)
	if err := syscall.Kill(c.Pid(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var sent atomic.Int64
	fill := isolate.NewCapability()
	go func() {
		for c.Pause(fill) == nil {
			sent.Add(1)
		}
	}()
	for last := int64(-1); sent.Load() != last || last == 0; time.Sleep(100 * time.Millisecond) {
		last = sent.Load()
	}
	soon := func() context.Context {
		ctx, cancel := context.WithTimeout(c.ctx, 50*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}
	within(t, "Ping", func() {
		if err := c.Ping(soon()); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
	within(t, "Controller.Pause", func() {
		if err := boss.Pause(soon(), fill); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
	within(t, "Controller.Kill", func() {
		if err := boss.Kill(c.ctx, isolate.Immediate); err != nil {
			t.Error(err)
		}
		c.outcome(isolate.Stopped)
	})
	if err := c.Pause(fill); !errors.Is(err, isolate.ErrGone) {
		t.Error(err)
	}
}

// within fails if f takes too long.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(patience):
		t.Error(what, "hangs")
	}
}
