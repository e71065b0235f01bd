package isolate

import (
	"fmt"

	"github.com/lullwork/lull/isolate/internal/link"
)

// ErrTransferred is the error of a Transfer that was sent or released before.
var ErrTransferred = link.ErrTransferred

// Transfer is a large buffer that moves instead of being copied: it is made, filled, and
// put into one message, by which its memory leaves this isolate. A second use of it is
// ErrTransferred.
//
//	t, err := isolate.NewTransfer(port, 16<<20)
//	copy(t.Bytes(), pixels)
//	err = port.Send(ctx, Frame{Pixels: t})
//
// It is without a copy between an isolate and the one that started it, on Linux, and
// within one process. Elsewhere, and where a process in between forwards it, it is copied.
// It counts as a part of its message for the port's window. An isolate that was written
// to attack may go on writing to what it sent: copy first what you are about to check.
type Transfer struct{ b *link.Buffer }

// NewTransfer makes a Transfer for messages to a port. It may be sent to others too, with
// a copy. Its content is not defined: it may hold what the isolates on both sides sent
// to each other before.
func NewTransfer[T any](to SendPort[T], size int) (Transfer, error) {
	if to.ref == nil {
		return Transfer{}, ErrPortClosed
	}
	if size < 0 || size > MaxMessage {
		return Transfer{}, fmt.Errorf("transfer of %d bytes: %w", size, ErrMessageTooLarge)
	}
	b, err := to.ref.NewBuffer(size)
	return Transfer{b}, err
}

// Bytes is the memory; nil when the Transfer was sent or released. The slice must not be
// used after that: it may be unmapped, which ends the process.
func (t Transfer) Bytes() []byte {
	if t.b == nil {
		return nil
	}
	return t.b.Bytes()
}

// Release gives the memory back, to be used for another Transfer over the same link.
// Who receives one and does not send it on releases it; until then the memory is held,
// at the latest until the isolate on the other side is over.
func (t Transfer) Release() error {
	if t.b == nil {
		return ErrTransferred
	}
	return t.b.Release()
}

// WireKind marks a Transfer as one that travels by reference.
func (Transfer) WireKind() string { return "transfer" }
