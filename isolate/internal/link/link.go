// Package link carries messages between two processes. A Pipe works everywhere; a
// Ring, in memory that both processes map, is the fast one of Linux.
//
// The peer is hostile: whatever it writes, the result is a message, an error or a wait
// that Close ends, never a panic, a read out of bounds or an allocation that the bytes
// which really came do not pay for.
package link

import "errors"

// Link carries messages between two processes: in order, whole, with back-pressure.
type Link interface {
	// Send sends one message, the concatenation of parts. It blocks while the peer's side
	// is full. Many goroutines may call it. After an error the link sends no more.
	Send(parts ...[]byte) error
	// Recv returns the next message, valid until the next Recv. One goroutine at a time.
	// io.EOF: the peer closed the link or died, maybe in the midst of a message.
	Recv() ([]byte, error)
	// Close wakes all blocked calls on both sides. What was sent can still be received by
	// the peer.
	Close() error
}

// Taker is what a reader needs that is not always the same goroutine. Pipe and Ring are
// Takers.
type Taker interface {
	Link
	// RecvInto is Recv into the memory of buf, from its start, or into new memory if it is
	// too small. The result belongs to the caller.
	RecvInto(buf []byte) ([]byte, error)
	// Interrupt makes the Recv that is blocked, or else the next one, return
	// ErrInterrupted. No message is lost. It is false if this link cannot wake a Recv that
	// is blocked already.
	Interrupt() bool
}

// MaxMessage is the default limit of a message in bytes.
const MaxMessage = 256 << 20

var (
	// ErrClosed is returned after Close on this side.
	ErrClosed = errors.New("link is closed")
	// ErrGone is returned by Send after the peer closed the link or died.
	ErrGone = errors.New("the other side of the link is gone")
	// ErrTooLong is returned by Send for a message above the limit. Nothing was sent.
	ErrTooLong = errors.New("message is too long for the link")
	// ErrCorrupt means that the peer wrote what no sound peer writes. The link is dead.
	ErrCorrupt = errors.New("link is corrupt")
	// ErrInterrupted is returned by a Recv that Interrupt ended.
	ErrInterrupted = errors.New("receive was interrupted")
)
