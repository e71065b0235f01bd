//go:build linux

package isolate_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

// quiet checks that nothing comes from a worker whose runtime has answered meanwhile.
func (c *crew) quiet() {
	c.t.Helper()
	for range 3 {
		if err := c.Ping(c.ctx); err != nil {
			c.t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(c.ctx, 10*time.Millisecond)
	defer cancel()
	if s, err := c.reply.Receive(ctx); err == nil {
		c.t.Fatalf("%q came while the worker was paused", s)
	}
}

func TestPause(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		c := hire(t, k, isolate.SpawnConfig{})
		one, two := isolate.NewCapability(), isolate.NewCapability()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(c.Pause(one))
		must(c.Pause(one)) // the same twice needs one resume
		must(c.Pause(two)) // another one needs its own
		must(c.Ping(c.ctx))
		c.order(order{Do: "say", Data: []byte("queued")})
		c.quiet()
		must(c.Resume(isolate.NewCapability())) // nobody's
		c.quiet()
		must(c.Resume(one))
		c.quiet()
		must(c.Resume(two))
		c.expect("queued")
		must(c.Resume(two))
		c.order(order{Do: "say", Data: []byte("awake")})
		c.expect("awake")
		if c.Pause(isolate.Capability{}) == nil {
			t.Error("the zero capability pauses")
		}

		// Kill works while paused.
		must(c.Pause(one))
		must(c.Ping(c.ctx))
		c.order(order{Do: "say", Data: []byte("never")})
		must(c.Kill(isolate.BeforeNextEvent))
		<-c.Done()
		if e := c.Wait(); e.Killed {
			t.Error(e)
		}
		if err := c.Pause(one); !errors.Is(err, isolate.ErrGone) {
			t.Error(err)
		}
		if err := c.Ping(c.ctx); !errors.Is(err, isolate.ErrGone) {
			t.Error(err)
		}
	})
}

func TestPausedKillImmediate(t *testing.T) {
	c := hire(t, child, isolate.SpawnConfig{})
	_ = c.Pause(isolate.NewCapability())
	_ = c.Kill(isolate.Immediate)
	c.outcome(isolate.Stopped)
}

func TestPausedStart(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		c := recruit(t, k, isolate.SpawnConfig{Paused: true}, "say")
		c.quiet()
		if err := c.Resume(c.PauseCapability()); err != nil {
			t.Fatal(err)
		}
		c.meet()
		d := recruit(t, k, isolate.SpawnConfig{Paused: true}, "say")
		_ = d.Kill(isolate.BeforeNextEvent)
		if e := d.outcome(isolate.Stopped); e.Killed {
			t.Error(e)
		}
	})
}

func TestErrorsNotFatal(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		errs := isolate.NewReceivePort[isolate.Uncaught](t.Context())
		defer errs.Close()
		c := hire(t, k, isolate.SpawnConfig{ErrorsNotFatal: true, OnError: []isolate.SendPort[isolate.Uncaught]{errs.SendPort()}})
		c.order(order{Do: "error"})
		c.order(order{Do: "panic"})
		c.order(order{Do: "say", Data: []byte("still here")})
		c.expect("still here")
		if u, err := errs.Receive(c.ctx); u.Text != "order refused" || u.Stack != "" || err != nil {
			t.Error(u, err)
		}
		if u, err := errs.Receive(c.ctx); u.Text != "panic: order of panic" || u.Stack == "" || err != nil {
			t.Error(u, err)
		}
	})
}

func TestOneListener(t *testing.T) {
	ctx := t.Context()
	p := isolate.NewReceivePort[int](ctx)
	defer p.Close()
	if err := p.SendPort().Send(ctx, 1); err != nil {
		t.Fatal(err)
	}
	for v := range p.All(ctx) { // buffered until the listener came
		if v != 1 {
			t.Error(v)
		}
		if _, err := p.Receive(ctx); !errors.Is(err, isolate.ErrListening) {
			t.Error(err)
		}
		for range p.All(ctx) {
			t.Error("a second listener")
		}
		if err := p.Err(); !errors.Is(err, isolate.ErrListening) {
			t.Error(err)
		}
		break
	}
	short, cancel := context.WithCancelCause(ctx)
	cause := errors.New("tired")
	cancel(cause)
	if _, err := p.Receive(short); !errors.Is(err, cause) {
		t.Error(err)
	}
	for range p.All(short) {
		t.Error("a message")
	}
	if !errors.Is(p.Err(), cause) {
		t.Error(p.Err())
	}
	p.Close()
	if _, err := p.Receive(ctx); !errors.Is(err, isolate.ErrPortClosed) {
		t.Error(err)
	}
	for range p.All(ctx) {
		t.Error("a message")
	}
	if p.Err() != nil {
		t.Error(p.Err())
	}
	if err := p.SendPort().Send(ctx, 1); !errors.Is(err, isolate.ErrPortClosed) {
		t.Error(err)
	}
	var none isolate.SendPort[int]
	if err := none.Send(ctx, 1); !errors.Is(err, isolate.ErrPortClosed) {
		t.Error(err)
	}
}

func TestUnsendable(t *testing.T) {
	ctx := t.Context()
	type box struct{ Jobs []struct{ Ready chan int } }
	p := isolate.NewReceivePort[box](ctx)
	defer p.Close()
	var u *isolate.UnsendableError
	if err := p.SendPort().Send(ctx, box{}); !errors.As(err, &u) || u.Path != "box.Jobs[].Ready" {
		t.Error(err)
	}
	if _, err := p.Receive(ctx); !errors.As(err, &u) {
		t.Error(err)
	}
}
