// Package hub moves messages between ports: those of one process and, over the edges to
// its parent and its children, those of other processes.
//
// A port is reached by a Ref. In another process a port is known by a number that means
// something on one edge only, in the table of what was handed out there; so nobody can
// name a port that was not given to it. A process between two others forwards.
//
// Whoever reads an edge never waits for anything else, so edges always flow: what cannot
// go on is kept, and each sender's window on each port bounds that.
package hub

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/lullwork/lull/isolate/internal/link"
)

// The window of a sending process on a port: what was sent and not yet taken by the
// receiver. A message above half of WindowBytes may go if at most half is taken up.
const (
	WindowBytes    = 4 << 20
	WindowMessages = 1024
	// MaxMessage is the largest payload.
	MaxMessage = 256 << 20
	// MaxNamed is the number of ports that may be handed out over one edge at a time.
	MaxNamed = 1 << 16
)

// Errors that callers branch on.
var (
	ErrClosed   = errors.New("port is closed")
	ErrListened = errors.New("port has a listener already")
	ErrTooLarge = errors.New("message is too large")
	ErrTooMany  = errors.New("too many ports are handed out to one isolate")
	// ErrPeer: the other process broke the protocol.
	ErrPeer = errors.New("bad message from the other process")
)

// Hub is the ports and edges of one process. One lock guards all that is below it; it is
// never held while a link is used, but for waking its reader.
type Hub struct {
	mu sync.Mutex
	// home is the edge to the parent: where a new port expects its messages.
	home    *Edge
	kept    int           // bytes that wait to be forwarded, or were posted and are not sent
	single  bool          // processor
	helpers int           // goroutines that send notes or forward
	flushed chan struct{} // closed when kept is 0; nil if nobody waits
}

// New returns a hub without edges.
func New() *Hub { return &Hub{single: runtime.GOMAXPROCS(0) == 1} }

// window counts what is under way.
type window struct{ bytes, messages int }

func (w window) fits(size int) bool {
	return w.messages < WindowMessages && (w.bytes+size <= WindowBytes || w.bytes <= WindowBytes/2)
}

func (w *window) add(size int) { w.bytes, w.messages = w.bytes+size, w.messages+1 }

func (w *window) sub(v window) { w.bytes, w.messages = w.bytes-v.bytes, w.messages-v.messages }

// half is true if so much was taken that the sender must hear of it. Less may stay
// unsaid for ever: it never keeps a message from fitting.
func (w window) half() bool {
	return w.bytes >= WindowBytes/2 || w.messages >= WindowMessages/2
}

// Message is what is sent.
type Message struct {
	Payload []byte
	Refs    []*Ref
	Buffers []*link.Buffer // are taken when the message is really sent
	Nil     bool           // the payload stands for nil, as opposed to empty
	// Owned: the payload is nobody else's any more, so a port in this process may keep it.
	Owned bool
}

// Item is what is received. The payload belongs to the receiver.
type Item struct {
	Payload []byte
	Refs    []*Ref
	Buffers []*link.Buffer
	Nil     bool

	size int
	from *export // nil: sent in this process
}

// Flush waits until everything has been forwarded and what was posted is sent, or the
// context is over.
func (h *Hub) Flush(ctx context.Context) {
	h.mu.Lock()
	if h.kept == 0 {
		h.mu.Unlock()
		return
	}
	if h.flushed == nil {
		h.flushed = make(chan struct{})
	}
	flushed := h.flushed
	h.mu.Unlock()
	select {
	case <-flushed:
	case <-ctx.Done():
	}
}

// forwarded counts what is not kept any more.
func (h *Hub) forwarded(size int) {
	if h.kept -= size; h.kept == 0 && h.flushed != nil {
		close(h.flushed)
		h.flushed = nil
	}
}

// Kept is the size of the messages that Flush would wait for.
func (h *Hub) Kept() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.kept
}

// size is what a message takes of a window.
func (m *Message) size() int { return cost(len(m.Payload), len(m.Refs), m.Buffers) }

// drop gives back what a message that nobody receives holds. The peer hears of that, and
// nobody is to wait until it listens.
func (it *Item) drop() {
	for _, b := range it.Buffers {
		go func() { _ = b.Release() }()
	}
}
