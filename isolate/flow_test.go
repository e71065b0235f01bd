//go:build linux

package isolate_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

type bytesPort = isolate.SendPort[[]byte]

type peerIn struct {
	Mine    isolate.SendPort[bytesPort]                   // for the port of this one
	Partner isolate.SendPort[isolate.SendPort[bytesPort]] // for a port on which the partner's comes
	N, Size int
	Deaf    bool // never listens
}

var (
	peer       = isolate.Named[peerIn, int]("peer")
	peerInline = isolate.Named[peerIn, int]("peer.inline")
)

// doPeer floods its partner while it is flooded.
func doPeer(ctx context.Context, in peerIn) (int, error) {
	mine := isolate.NewReceivePort[[]byte](ctx)
	defer mine.Close()
	intro := isolate.NewReceivePort[bytesPort](ctx)
	defer intro.Close()
	if err := in.Mine.Send(ctx, mine.SendPort()); err != nil {
		return 0, err
	}
	if err := in.Partner.Send(ctx, intro.SendPort()); err != nil {
		return 0, err
	}
	partner, err := intro.Receive(ctx)
	if err != nil {
		return 0, err
	}
	sent := make(chan error, 1)
	go func() {
		b := make([]byte, in.Size)
		for i := range in.N {
			copy(b, fmt.Sprintf("%09d", i))
			if err := partner.Send(ctx, b); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	if in.Deaf {
		<-ctx.Done()
		return 0, context.Cause(ctx)
	}
	for i := range in.N {
		b, err := mine.Receive(ctx)
		if err != nil {
			return i, err
		}
		if len(b) != in.Size || string(b[:9]) != fmt.Sprintf("%09d", i) {
			return i, fmt.Errorf("message %d: %d bytes, %.9q", i, len(b), b)
		}
	}
	return in.N, <-sent
}

type couple struct {
	iso   [2]*isolate.Isolate[int]
	port  [2]bytesPort
	intro [2]isolate.SendPort[bytesPort]
}

func newPeers(ctx context.Context, t *testing.T, a, b isolate.Named[peerIn, int], in peerIn) (p couple) {
	t.Helper()
	for i, task := range []isolate.Named[peerIn, int]{a, b} {
		mine := isolate.NewReceivePort[bytesPort](ctx)
		defer mine.Close()
		partner := isolate.NewReceivePort[isolate.SendPort[bytesPort]](ctx)
		defer partner.Close()
		in.Mine, in.Partner = mine.SendPort(), partner.SendPort()
		var err error
		if p.iso[i], err = isolate.Spawn(ctx, task, in, isolate.SpawnConfig{Spec: isolate.Spec{Grace: 100 * time.Millisecond}}); err != nil {
			t.Fatal(err)
		}
		if p.port[i], err = mine.Receive(ctx); err != nil {
			t.Fatal(err)
		}
		if p.intro[i], err = partner.Receive(ctx); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// TestFloodEachOther tries to bring two isolates, and this process that forwards between
// them, to a halt.
func TestFloodEachOther(t *testing.T) {
	total := 10 * isolate.PortWindow
	if *long {
		total *= 3
	}
	kinds := []isolate.Named[peerIn, int]{peer, peerInline}
	for _, b := range kinds {
		for _, size := range []int{16, 100_000, 3 << 20} {
			t.Run(fmt.Sprintf("peer and %s/%d", b, size), func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
				defer cancel()
				p := newPeers(ctx, t, peer, b, peerIn{N: min(5000, total/size), Size: size})
				_ = p.intro[0].Send(ctx, p.port[1])
				_ = p.intro[1].Send(ctx, p.port[0])
				for _, iso := range p.iso {
					if n, err := iso.Result(ctx); err != nil {
						t.Error(n, err)
					}
				}
			})
		}
	}
}

// fill sends until nothing more fits, and returns how much that was.
func fill(t *testing.T, to bytesPort, size int) (messages, bytes int) {
	t.Helper()
	b := make([]byte, size)
	for {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		err := to.Send(ctx, b)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			return messages, bytes
		}
		if err != nil {
			t.Fatal(err)
		}
		messages, bytes = messages+1, bytes+size
	}
}

// TestBound measures what a port takes whose listener never comes, and that it holds up
// nobody else.
func TestBound(t *testing.T) {
	for _, test := range []struct{ size, atLeast, atMost int }{
		{1, isolate.PortMessages, isolate.PortMessages},
		{100_000, isolate.PortWindow - 100_000*2, isolate.PortWindow},
		{3 << 20, 3 << 20, 3 << 20},          // more than half: alone
		{2000 << 10, 4000 << 10, 4000 << 10}, // less than half
		{20 << 20, 20 << 20, 20 << 20},       // more than the window: alone
	} {
		for _, task := range []isolate.Named[peerIn, int]{peer, peerInline} {
			t.Run(fmt.Sprintf("%s/%d", task, test.size), func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
				defer cancel()
				p := newPeers(ctx, t, task, peer, peerIn{Deaf: true})
				n, bytes := fill(t, p.port[0], test.size)
				low, got := test.atLeast, bytes
				if test.size == 1 {
					got = n
				}
				if got < low || got > test.atMost {
					t.Errorf("%d messages, %d bytes went, want %d to %d", n, bytes, low, test.atMost)
				}
				// Other ports of it, and its control, are as before.
				if err := p.iso[0].Ping(ctx); err != nil {
					t.Error(err)
				}
				if err := p.intro[0].Send(ctx, p.port[1]); err != nil {
					t.Error(err)
				}
				p.iso[0].Stop("enough", 0)
				p.iso[1].Stop("enough", 0)
			})
		}
	}
}

// TestBoundOfTheWay measures what is on its way between two isolates, one of which never
// listens: one window in each of the processes behind the sender.
func TestBoundOfTheWay(t *testing.T) {
	c := hire(t, child, isolate.SpawnConfig{})
	ctx := c.ctx
	deaf := newPeers(ctx, t, peer, peer, peerIn{Deaf: true})
	const size = 1000
	// Room is given back in portions of up to half a window.
	fits := isolate.PortMessages + isolate.PortMessages/2
	c.order(order{Do: "flood", To: deaf.port[0], Data: make([]byte, size), N: fits})
	c.expect("flooded")
	c.order(order{Do: "flood", To: deaf.port[0], Data: make([]byte, size), N: 2*isolate.PortMessages - fits + 1})
	c.quiet()
	if n := isolate.Kept(); n > isolate.PortMessages*(size+100) {
		t.Errorf("this process keeps %d bytes", n)
	}
	for _, iso := range deaf.iso {
		_ = iso.Kill(isolate.Immediate)
		<-iso.Done()
	}
	// The sender hears of it: its order fails, which ends it.
	c.outcome(isolate.Error)
	if n := isolate.Kept(); n != 0 {
		t.Errorf("this process keeps %d bytes of an isolate that has gone", n)
	}
}
