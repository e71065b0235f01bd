package hub

import (
	"net"
	"testing"

	"github.com/lullwork/lull/isolate/internal/link"
)

// TestRoomGoesBackBeforeAnAnswer has the goroutine that sends notes not come to its turn.
func TestRoomGoesBackBeforeAnAnswer(t *testing.T) {
	a, b := net.Pipe()
	main := New().NewScope().NewPort(0)
	e := main.hub.Join(link.NewPipe(a, a, link.PipeConfig{}), EdgeConfig{Main: main})
	peer := link.NewPipe(b, b, link.PipeConfig{})
	defer func() {
		_, _ = e.Close(), peer.Close()
		<-e.Ended()
	}()
	const size = WindowBytes/2 + 1
	go func() { _ = peer.Send(message(make([]byte, size), nil, mainID, kindData)) }()
	main.hub.mu.Lock()
	e.noting = true
	main.hub.mu.Unlock()
	next(t, main)

	go func() { _ = e.Peer().Send(t.Context(), Message{Payload: []byte("answer")}) }()
	for _, want := range []byte{kindCredit, kindData} {
		msg, err := peer.Recv()
		if err != nil {
			t.Fatal(err)
		}
		m, err := parse(msg)
		if err != nil || m.kind != want {
			t.Fatalf("kind %d, want %d: %v", m.kind, want, err)
		}
		if want == kindCredit && (m.number(0) != mainID || m.number(1) != uint64(size+tailSize) || m.number(2) != 1) {
			t.Errorf("room for port %d: %d bytes, %d messages", m.number(0), m.number(1), m.number(2))
		}
	}
}
