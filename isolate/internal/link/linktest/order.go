package linktest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"github.com/lullwork/lull/isolate/internal/link"
)

func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, link.ErrGone) {
		return nil
	}
	return err
}

// pair makes a pair that is closed at the end of the test.
func pair(t testing.TB, k Kind) (a, b Link) {
	t.Helper()
	a, b = k.Pair(t)
	t.Cleanup(func() { _, _ = a.Close(), b.Close() })
	return a, b
}

// send sends in the background. The channel gets the error.
func send(l link.Link, parts ...[]byte) <-chan error {
	done := make(chan error, 1)
	go func() { done <- l.Send(parts...) }()
	return done
}

// expect receives one message and checks it.
func expect(l link.Link, number uint32, size int) error {
	msg, err := l.Recv()
	if err != nil {
		return fmt.Errorf("message %d of %d bytes: %w", number, size, err)
	}
	return check(msg, number, size)
}

func sizes(t *testing.T, k Kind) {
	a, b := pair(t, k)
	list := []int{0, 0, 1, 2, 3, 4, 5, 63, 64, 65, 4091, 4092, 4093, 4095, 4096, 4097}
	for _, n := range []int{64 << 10, 256 << 10, 512 << 10, 1 << 20, k.Held} {
		list = append(list, n-5, n-4, n-3, n-1, n, n+1, n+3, n+4, n+5, 0, 1)
	}
	list = append(list, 64<<20, 1, 5<<20+1, 2, 0)
	within(t, "sizes", func() {
		sent := make(chan error, 1)
		go func() {
			for i, size := range list {
				if err := a.Send(Message(uint32(i), size)); err != nil {
					sent <- err
					return
				}
			}
			sent <- nil
		}()
		for i, size := range list {
			if err := expect(b, uint32(i), size); err != nil {
				t.Error(err)
				return
			}
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
	})
}

func parts(t *testing.T, k Kind) {
	a, b := pair(t, k)
	within(t, "parts", func() {
		for _, cut := range [][]int{{}, {0}, {0, 0, 7}, {1, 2, 3}, {70_000, 1, 70_000}, {1, 65_535, 1, 65_536, 0, 9}} {
			var list [][]byte
			for i, size := range cut {
				list = append(list, Message(uint32(i), size))
			}
			done := send(a, list...)
			msg, err := b.Recv()
			if err != nil || !bytes.Equal(msg, bytes.Join(list, nil)) {
				t.Errorf("%v: %d bytes, %v", cut, len(msg), err)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}

func manySenders(t *testing.T, k Kind) {
	const senders, each = 16, 200
	a, b := pair(t, k)
	within(t, "many senders", func() {
		var all sync.WaitGroup
		for s := range uint32(senders) {
			all.Go(func() {
				for n := range uint32(each) {
					number := s<<16 | n
					msg := Message(number, 4+sizeOf(number))
					cut := rand.IntN(len(msg) + 1)
					if err := a.Send(msg[:cut], msg[cut:]); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		var next [senders]uint32
		for range senders * each {
			msg, err := b.Recv()
			if err != nil || len(msg) < 4 {
				t.Errorf("%d bytes, %v", len(msg), err)
				break
			}
			number := binary.LittleEndian.Uint32(msg)
			if s := number >> 16; s >= senders || number&0xffff != next[s] {
				t.Errorf("sender %d: got message %d", s, number&0xffff)
				break
			} else {
				next[s]++
			}
			if err := check(msg, number, 4+sizeOf(number)); err != nil {
				t.Error(err)
				break
			}
		}
		if t.Failed() {
			_ = b.Close()
		}
		all.Wait()
	})
}

// bothWays floods both directions at once, each side with its own sender.
func bothWays(t *testing.T, k Kind) {
	const each = 500
	a, b := pair(t, k)
	within(t, "both ways", func() {
		var all sync.WaitGroup
		for _, l := range []Link{a, b} {
			all.Go(func() {
				for n := range uint32(each) {
					if err := l.Send(Message(n, sizeOf(n))); err != nil {
						t.Error(err)
						return
					}
				}
			})
			all.Go(func() {
				for n := range uint32(each) {
					if err := expect(l, n, sizeOf(n)); err != nil {
						t.Error(err)
						_ = l.Close()
						return
					}
				}
			})
		}
		all.Wait()
	})
}

func into(t *testing.T, k Kind) {
	a, b := pair(t, k)
	within(t, "receive into", func() {
		buf := make([]byte, 3, 300_000)
		for n, size := range []int{0, 1, 1000, 70_000, 300_000} {
			done := send(a, Message(uint32(n), size))
			msg, err := b.RecvInto(buf)
			if err != nil || check(msg, uint32(n), size) != nil || &msg[:1][0] != &buf[0] {
				t.Errorf("%d bytes: %v, or not into the buffer", size, err)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		// The result stays the caller's.
		first := send(a, Message(1, 400_000))
		kept, err := b.RecvInto(buf)
		if err != nil || <-first != nil {
			t.Error(err)
		}
		second := send(a, Message(2, 400_000))
		if err := expect(b, 2, 400_000); err != nil || <-second != nil {
			t.Error(err)
		}
		if err := check(kept, 1, 400_000); err != nil {
			t.Error(err)
		}
	})
}

func tooLong(t *testing.T, k Kind) {
	a, b := pair(t, k)
	within(t, "too long", func() {
		long := make([]byte, k.MaxMessage)
		if err := a.Send(long, []byte{1}); !errors.Is(err, link.ErrTooLong) {
			t.Error(err)
		}
		done := send(a, long) // the link lives, and the limit itself is allowed
		msg, err := b.Recv()
		if err != nil || len(msg) != k.MaxMessage {
			t.Errorf("%d bytes, %v", len(msg), err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func echo(t *testing.T, k Kind) {
	l, cmd := Start(t, k, "echo")
	within(t, "echo", func() {
		done := make(chan error, 1)
		go func() {
			for n := range uint32(300) {
				if err := l.Send(Message(n, sizeOf(n))); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		for n := range uint32(300) {
			if err := expect(l, n, sizeOf(n)); err != nil {
				t.Fatal(err)
			}
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil { // the end of the link ends the peer
			t.Error(err)
		}
	})
}

func peerExits(t *testing.T, k Kind) {
	l, _ := Start(t, k, "some")
	within(t, "peer exits", func() {
		for n := range uint32(10) {
			if err := expect(l, n, sizeOf(n)); err != nil {
				t.Error(err)
				return
			}
		}
		if _, err := l.Recv(); err != io.EOF {
			t.Error(err)
		}
		for { // what the system still takes is not told apart
			if err := l.Send(make([]byte, 1<<20)); err != nil {
				if !errors.Is(err, link.ErrGone) {
					t.Error(err)
				}
				return
			}
		}
	})
}

// peerKilled kills the peer at random points: whole messages in order, then EOF.
func peerKilled(t *testing.T, k Kind) {
	for round := range 20 {
		l, cmd := Start(t, k, "source")
		stop := rand.Uint32N(60)
		within(t, "peer killed", func() {
			var killed error
			for n := uint32(0); ; n++ {
				if n == stop {
					killed = cmd.Process.Signal(os.Kill)
				}
				err := expect(l, n, sizeOf(n))
				if errors.Is(err, io.EOF) && n >= stop {
					break
				}
				if err != nil || killed != nil {
					t.Errorf("round %d: %v, %v", round, err, killed)
					break
				}
			}
			_ = cmd.Wait()
			for {
				if err := l.Send([]byte("x")); err != nil {
					if !errors.Is(err, link.ErrGone) {
						t.Error(err)
					}
					break
				}
			}
		})
	}
}
