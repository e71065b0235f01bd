package hub

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate/internal/link"
)

// chain is three hubs in a row, and a port of the last one with the first one's right to
// send to it. The link from the middle to the last takes messages of at most so many bytes.
func chain(t *testing.T, most int) (hubs [3]*Hub, far *Ref, last *Port) {
	t.Helper()
	var edges []*Edge
	for i := range hubs {
		hubs[i] = New()
	}
	last = hubs[2].NewScope().NewPort(0)
	mains := []*Port{nil, hubs[1].NewScope().NewPort(0), nil, last}
	for i := range 2 {
		a, b := net.Pipe()
		cfg := link.PipeConfig{}
		if i == 1 {
			cfg.MaxMessage = most
		}
		edges = append(edges,
			hubs[i].Join(link.NewPipe(a, a, cfg), EdgeConfig{Main: mains[2*i]}),
			hubs[i+1].Join(link.NewPipe(b, b, cfg), EdgeConfig{Home: true, Main: mains[2*i+1]}))
	}
	t.Cleanup(func() {
		for _, e := range edges {
			_ = e.Close()
			<-e.Ended()
		}
	})
	there := hubs[0].NewScope().NewPort(0)
	send(t, edges[0].Peer(), Message{Refs: []*Ref{there.Ref()}})
	back := next(t, mains[1]).Refs[0]
	send(t, back, Message{Refs: []*Ref{edges[2].Peer()}})
	far = next(t, there).Refs[0]
	there.Close()
	return hubs, far, last
}

// TestForwardingWhatDoesNotFit has a process in between that cannot pass on a buffer: what
// is lost takes up no room.
func TestForwardingWhatDoesNotFit(t *testing.T) {
	const size = 100 << 10
	_, far, last := chain(t, size/2)
	for i := range 3 * WindowBytes / size {
		b := link.HeapBuffer(size)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		err := far.Send(ctx, Message{Buffers: []*link.Buffer{b}})
		cancel()
		if err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	send(t, far, Message{Payload: []byte("small")})
	if got := next(t, last); string(got.Payload) != "small" {
		t.Errorf("%q", got.Payload)
	}
}

// TestNobodyTakesWhatTheDeadSent has a process in between that keeps messages of a sender
// that ends, and then of a port that closes.
func TestNobodyTakesWhatTheDeadSent(t *testing.T) {
	hubs, far, last := chain(t, 0)
	const kept = WindowMessages / 2
	for range WindowMessages + kept {
		send(t, far, Message{})
	}
	between := hubs[1]
	for last.Waiting() < WindowMessages || between.Kept() != kept*tailSize {
		time.Sleep(time.Millisecond)
	}
	_ = far.edge.Close()
	<-between.home.Ended()
	if n := between.Kept(); n != kept*tailSize {
		t.Errorf("%d bytes are kept of a sender that has ended, want %d", n, kept*tailSize)
	}
	last.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	between.Flush(ctx)
	if n := between.Kept(); n != 0 {
		t.Errorf("%d bytes are kept for a port that is closed", n)
	}
}
