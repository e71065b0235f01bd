package isolate

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate/internal/hub"
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
