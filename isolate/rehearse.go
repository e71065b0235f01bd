package isolate

import (
	"bytes"
	"context"

	"github.com/lullwork/lull/isolate/internal/frame"
	"github.com/lullwork/lull/isolate/internal/hub"
)

// rehearse goes through the motions of a run, so that a warm process does not meet them
// first when it is used: tables are made, code and stacks are in memory, threads exist.
func rehearse() {
	for _, e := range Entries() {
		_ = e.fits(0, 0) // makes the codecs
	}
	var stream bytes.Buffer
	w := frame.NewWriter(&stream)
	for _, m := range []frame.Message{
		frame.Run{Input: []byte("null"), Link: true, Name: warmName, Pause: make([]byte, len(Capability{}))},
		frame.Stop{Reason: warmName},
		frame.Complete{Outcome: string(Success)},
	} {
		_ = w.Send(m)
	}
	for r, err := frame.NewReader(&stream), error(nil); err == nil; {
		_, err = r.Next()
	}
	ctx, in := enter(context.Background(), DefaultResultLimit, nil)
	done := make(chan struct{})
	port := NewReceivePort[SendPort[int]](ctx)
	go func() { // parks, and is woken
		defer close(done)
		_, _ = port.Receive(ctx)
		port.Close()
	}()
	e := Do("rehearsal", rehearsal)
	m, err := pack(nil, port.SendPort())
	if err == nil {
		_ = callEntry(func() ([]byte, error) {
			_, err := in.runLinked(ctx, e, hub.Item{Payload: m.Payload, Refs: m.Refs})
			return nil, err
		}, DefaultResultLimit)
		<-done
	}
	in.cancel(nil)
}

func rehearsal(ctx context.Context, to SendPort[SendPort[int]]) (int, error) {
	port := NewReceivePort[int](ctx)
	defer port.Close()
	return 0, to.Send(ctx, port.SendPort())
}
