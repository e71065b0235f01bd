package isolate

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate/internal/frame"
)

// TestOneResult has a function return while it ends itself elsewhere: one result is sent, and who
// comes second is still there when the process ends.
func TestOneResult(t *testing.T) {
	var sent bytes.Buffer
	out := newOutbox(frame.NewWriter(&sent))
	if err := out.complete(frame.Complete{Outcome: string(Success), NoResult: true}); err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() { second <- out.complete(frame.Complete{Outcome: string(Error)}) }()
	select {
	case err := <-second:
		t.Fatalf("the second one went on: %v", err)
	case <-time.After(50 * time.Millisecond): // no proof, but time to do wrong
	}
	r := frame.NewReader(&sent)
	if m, err := r.Next(); err != nil || m.(frame.Complete).Outcome != string(Success) {
		t.Error(m, err)
	}
	if m, err := r.Next(); err != io.EOF {
		t.Error(m, err)
	}
}
