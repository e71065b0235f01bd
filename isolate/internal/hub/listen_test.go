package hub

import (
	"context"
	"testing"
)

// TestContextEndsAsListenersChange lets a context end just as its listener goes and the
// next one comes. It is for the race detector.
func TestContextEndsAsListenersChange(t *testing.T) {
	j := join(t)
	for range 1000 {
		ctx, cancel := context.WithCancel(t.Context())
		l, err := j.main[1].Listen(ctx)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			send(t, j.edge[0].Peer(), Message{})
			cancel()
		}()
		_, err = l.Next(nil)
		l.Close()
		if err != nil {
			_ = next(t, j.main[1]) // it follows
		}
	}
}
