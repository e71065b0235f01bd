package isolate

import (
	"context"
	"errors"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate/internal/hub"
	"github.com/lullwork/lull/isolate/internal/link"
)

// TestQuestionThatIsNone sends a registry what no sound isolate sends.
func TestQuestionThatIsNone(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	names := NewRegistry(ctx)
	if err := names.port.ref.Send(ctx, hub.Message{Payload: []byte("nonsense")}); err != nil {
		t.Fatal(err)
	}
	if err := names.Remove(ctx, "x"); !errors.Is(err, ErrNoName) {
		t.Error(err)
	}
}

// TestAnswersThatNobodyTakes has an isolate that asks, and does not read what it is told.
func TestAnswersThatNobodyTakes(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	names := NewRegistry(ctx)
	here, there := net.Pipe()
	defer func() { _, _ = here.Close(), there.Close() }()
	edge := theTable.ports().Join(link.NewPipe(here, here, link.PipeConfig{}), hub.EdgeConfig{})
	defer func() {
		_ = edge.Close()
		<-edge.Ended()
	}()
	before := runtime.NumGoroutine()
	for range 10_000 {
		// The port of a peer that has room for no answer: all of them go to its main port.
		reply(SendPort[registryAnswer]{edge.Peer()}, registryAnswer{Missing: true})
	}
	if n := runtime.NumGoroutine(); n > before+100 {
		t.Errorf("%d goroutines wait to answer", n-before)
	}
	if err := names.Remove(ctx, "x"); !errors.Is(err, ErrNoName) {
		t.Error(err)
	}
}
