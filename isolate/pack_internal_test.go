package isolate

import (
	"testing"

	"github.com/lullwork/lull/isolate/internal/hub"
	"github.com/lullwork/lull/isolate/internal/link"
)

// TestBuffersThatNothingStandsFor receives messages with buffers that their type has no
// place for, as only a hostile isolate sends them.
func TestBuffersThatNothingStandsFor(t *testing.T) {
	item := func() (hub.Item, *link.Buffer) {
		b := link.HeapBuffer(1)
		return hub.Item{Payload: make([]byte, 8), Buffers: []*link.Buffer{b}}, b
	}
	it, b := item()
	if err := unpack(it, new([]byte)); err != nil || b.Live() {
		t.Error("bytes:", err, b.Live())
	}
	it, b = item()
	if err := unpack(it, new(int)); err != nil || b.Live() {
		t.Error("a number:", err, b.Live())
	}
	it, b = item()
	if err := unpack(it, new(bool)); err == nil || b.Live() {
		t.Error("nonsense:", err, b.Live())
	}
}
