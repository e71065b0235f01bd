package linktest

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate/internal/link"
)

// stuck waits until a counter stands still: its goroutine is blocked.
func stuck(n *atomic.Int64) int64 {
	last := int64(-1)
	for still := 0; still < 5; time.Sleep(20 * time.Millisecond) {
		if now := n.Load(); now == last {
			still++
		} else {
			last, still = now, 0
		}
	}
	return last
}

func backPressure(t *testing.T, k Kind) {
	for _, size := range []int{1, 1000, 100_000} {
		a, b := pair(t, k)
		var accepted atomic.Int64
		go func() {
			for a.Send(make([]byte, size)) == nil {
				accepted.Add(1)
			}
		}()
		sent := stuck(&accepted)
		held := int(sent) * (size + 4)
		t.Logf("messages of %d bytes: %d bytes were accepted, the bound is %d", size, held, k.Held)
		if held > k.Held {
			t.Errorf("%d bytes were accepted that nobody asked for, the bound is %d", held, k.Held)
		}
		if held == 0 && size < k.Held/4 {
			t.Error("nothing was accepted")
		}
		within(t, "back-pressure", func() { // and it goes on
			for range 2*sent + 10 {
				if msg, err := b.Recv(); err != nil || len(msg) != size {
					t.Errorf("%d bytes, %v", len(msg), err)
					return
				}
			}
		})
	}
}

// blockedRecv and blockedSend start a call and wait until it surely blocks: a moment
// after it began. If it does not yet, the test is weaker, not wrong.
func blockedRecv(l link.Link) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := l.Recv()
		done <- err
	}()
	time.Sleep(20 * time.Millisecond)
	return done
}

func blockedSend(l link.Link) <-chan error {
	done := make(chan error, 1)
	var sent atomic.Int64
	go func() {
		for {
			if err := l.Send(make([]byte, 1000)); err != nil {
				done <- err
				return
			}
			sent.Add(1)
		}
	}()
	stuck(&sent)
	return done
}

func closeWakes(t *testing.T, k Kind) {
	for _, moment := range []string{"at once", "after a while"} {
		for _, test := range []struct {
			name  string
			start func(link.Link) <-chan error
			ours  bool
			want  error
		}{
			{"our receive", blockedRecv, true, link.ErrClosed},
			{"receive of the peer", blockedRecv, false, io.EOF},
			{"our send", blockedSend, true, link.ErrClosed},
			{"send of the peer", blockedSend, false, link.ErrGone},
		} {
			a, b := pair(t, k)
			done := test.start(a)
			if moment != "at once" {
				time.Sleep(50 * time.Millisecond)
			}
			closing := b
			if test.ours {
				closing = a
			}
			within(t, test.name, func() {
				if err := closing.Close(); err != nil {
					t.Errorf("%s: close: %v", test.name, err)
				}
				if err := <-done; !errors.Is(err, test.want) {
					t.Errorf("%s, %s: %v, want %v", test.name, moment, err, test.want)
				}
				if err := closing.Close(); err != nil {
					t.Errorf("%s: second close: %v", test.name, err)
				}
				if _, err := closing.Recv(); !errors.Is(err, link.ErrClosed) {
					t.Errorf("%s: receive after close: %v", test.name, err)
				}
				if err := closing.Send([]byte("x")); !errors.Is(err, link.ErrClosed) {
					t.Errorf("%s: send after close: %v", test.name, err)
				}
			})
		}
	}
}

func sentBeforeClose(t *testing.T, k Kind) {
	a, b := pair(t, k)
	within(t, "sent before close", func() {
		for n := range uint32(10) {
			if err := a.Send(Message(n, 100)); err != nil {
				t.Error(err)
			}
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		for n := range uint32(10) {
			if err := expect(b, n, 100); err != nil {
				t.Error(err)
				return
			}
		}
		for range 2 {
			if _, err := b.Recv(); err != io.EOF {
				t.Error(err)
			}
		}
	})
}

func interrupt(t *testing.T, k Kind) {
	a, b := pair(t, k)
	within(t, "interrupt", func() {
		for round := range 3 { // before the call
			b.Interrupt()
			if _, err := b.Recv(); !errors.Is(err, link.ErrInterrupted) {
				t.Errorf("round %d: %v", round, err)
			}
		}
		for round := range uint32(3) {
			done := blockedRecv(b)
			if !b.Interrupt() {
				if !k.Deaf {
					t.Error("cannot interrupt")
				}
				break
			}
			if err := <-done; !errors.Is(err, link.ErrInterrupted) {
				t.Errorf("round %d: %v", round, err)
			}
			if err := a.Send(Message(round, 10)); err != nil {
				t.Error(err)
			}
			if err := expect(b, round, 10); err != nil {
				t.Error(err)
			}
		}
	})
}

// interruptLosesNothing interrupts a receiver all the time, in the midst of messages too.
func interruptLosesNothing(t *testing.T, k Kind) {
	a, b := pair(t, k)
	const count = 300
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Microsecond):
				b.Interrupt()
			}
		}
	}()
	defer close(stop)
	sent := make(chan error, 1)
	go func() {
		for n := range uint32(count) {
			if err := a.Send(Message(n, sizeOf(n))); err != nil {
				sent <- fmt.Errorf("message %d: %w", n, err)
				return
			}
		}
		sent <- nil
	}()
	within(t, "interrupted receiver", func() {
		interrupts := 0
		for n := uint32(0); n < count; {
			var msg []byte
			var err error
			if n%2 == 0 {
				msg, err = b.Recv()
			} else {
				msg, err = b.RecvInto(make([]byte, n))
			}
			if errors.Is(err, link.ErrInterrupted) {
				interrupts++
				continue
			}
			if err == nil {
				err = check(msg, n, sizeOf(n))
			}
			if err != nil {
				t.Errorf("message %d: %v", n, err)
				return
			}
			n++
		}
		t.Logf("%d interrupts", interrupts)
		if err := <-sent; err != nil {
			t.Error(err)
		}
	})
}
