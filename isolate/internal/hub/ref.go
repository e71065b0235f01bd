package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lullwork/lull/isolate/internal/link"
)

// Ref is the right to send to a port.
type Ref struct {
	hub   *Hub
	print uint64 // fingerprint of the message type

	port *Port // here
	edge *Edge // or behind this edge,
	id   uint64

	dead    bool
	out     window // of this process's senders
	waiting []*turn
	named   map[*Edge]*export
	died    chan struct{} // closed when dead; nil if nobody asked
}

// turn is a message that waits for room in the window.
type turn struct {
	size    int
	granted bool
	ready   chan struct{} // closed when granted, or when the port is dead
	via     *export       // instead of ready: forward the first message of this
}

// Print is the fingerprint of the message type.
func (r *Ref) Print() uint64 { return r.print }

// Dead is true if the port is known to be closed.
func (r *Ref) Dead() bool {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	return r.dead
}

// Died returns a channel that is closed when the port is known to be closed.
func (r *Ref) Died() <-chan struct{} {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	if r.died == nil {
		r.died = make(chan struct{})
		if r.dead {
			close(r.died)
		}
	}
	return r.died
}

// Send sends a message when there is room in the window. The context ends the wait for
// room, not a transmission that began.
func (r *Ref) Send(ctx context.Context, m Message) error {
	if r == nil {
		return ErrClosed
	}
	if len(m.Payload) > MaxMessage {
		return fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooLarge, len(m.Payload), MaxMessage)
	}
	if len(m.Refs) > maxRefs || len(m.Buffers) > maxBuffers {
		return fmt.Errorf("%w: one message carries %d", ErrTooMany, len(m.Refs)+len(m.Buffers))
	}
	if r.port != nil && !m.Owned {
		m.Payload = bytes.Clone(m.Payload)
	}
	h := r.hub
	h.mu.Lock()
	size := m.size()
	if err := r.acquire(ctx, size); err != nil {
		h.mu.Unlock()
		return err
	}
	return r.transmit(m, size)
}

// Post sends like Send, but never waits: what does not fit now follows when it does. Flush
// waits for what goes to another process.
func (r *Ref) Post(m Message) {
	if r == nil {
		return
	}
	size := m.size()
	r.hub.mu.Lock()
	if r.dead {
		r.hub.mu.Unlock()
		return
	}
	if r.port != nil && len(r.waiting) == 0 && r.out.fits(size) {
		r.out.add(size)
		_ = r.transmit(m, size)
		return
	}
	kept := 0
	if r.port == nil {
		kept = size
	}
	r.hub.kept += kept
	r.hub.mu.Unlock()
	go func() {
		_ = r.Send(context.Background(), m)
		r.hub.mu.Lock()
		defer r.hub.mu.Unlock()
		r.hub.forwarded(kept)
	}()
}

// transmit delivers a message that has its place in the window. It releases the lock.
func (r *Ref) transmit(m Message, size int) error {
	var err error
	if r.port != nil {
		var moved []*link.Buffer
		if moved, err = Move(m.Buffers); err == nil {
			r.port.push(Item{Payload: m.Payload, Refs: m.Refs, Buffers: moved, Nil: m.Nil, size: size})
		} else {
			r.giveBack(size)
		}
		r.hub.mu.Unlock()
		return err
	}
	names, err := r.edge.names(m.Refs)
	if err != nil {
		r.giveBack(size)
		r.hub.mu.Unlock()
		return err
	}
	// Before a long message, or who waits for room to answer it would have to wait for its end.
	credit := r.edge.credit()
	r.hub.mu.Unlock()
	if credit != nil {
		_ = r.edge.link.Send(credit) // an error comes again
	}
	if err = r.edge.send(r.id, names, m); err != nil && !errors.Is(err, ErrClosed) {
		r.hub.mu.Lock()
		r.giveBack(size)
		r.hub.mu.Unlock()
	}
	return err
}

// giveBack frees the place of a message that was not sent.
func (r *Ref) giveBack(size int) {
	r.out.sub(window{size, 1})
	r.grant()
}

// Move gives buffers to a receiver in this process.
func Move(buffers []*link.Buffer) ([]*link.Buffer, error) {
	var moved []*link.Buffer
	for _, b := range buffers {
		m, err := b.Move()
		if err != nil {
			for _, b := range moved {
				_ = b.Release()
			}
			return nil, err
		}
		moved = append(moved, m)
	}
	return moved, nil
}

// acquire waits for room. It is called, and returns, with the lock held.
func (r *Ref) acquire(ctx context.Context, size int) error {
	switch {
	case r.dead:
		return ErrClosed
	case len(r.waiting) == 0 && r.out.fits(size):
		r.out.add(size)
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	t := &turn{size: size, ready: make(chan struct{})}
	r.waiting = append(r.waiting, t)
	if r.edge != nil {
		r.edge.needReader() // room comes with a message
	}
	r.hub.mu.Unlock()
	select {
	case <-t.ready:
	case <-ctx.Done():
	}
	r.hub.mu.Lock()
	switch {
	case r.dead:
		return ErrClosed
	case t.granted:
		return nil
	}
	i := slices.Index(r.waiting, t)
	r.waiting = slices.Delete(r.waiting, i, i+1)
	r.grant() // the next one may be smaller
	return context.Cause(ctx)
}

// grant gives room to those who wait, in their order.
func (r *Ref) grant() {
	for len(r.waiting) > 0 && r.out.fits(r.waiting[0].size) {
		t := r.waiting[0]
		r.waiting = slices.Delete(r.waiting, 0, 1)
		r.out.add(t.size)
		t.granted = true
		if t.via != nil {
			t.via.forward()
		} else {
			close(t.ready)
		}
	}
}

// kill is called when the port is closed, or cannot be reached any more.
func (r *Ref) kill() {
	if r.dead {
		return
	}
	r.dead = true
	if r.died != nil {
		close(r.died)
	}
	for _, t := range r.waiting {
		if t.via == nil {
			close(t.ready)
		} else {
			t.via.drop()
		}
	}
	r.waiting = nil
	for e, x := range r.named {
		x.drop()
		delete(e.exports, x.id)
		e.tellClosed(x.id)
	}
	r.named = nil
	if r.edge != nil {
		delete(r.edge.imports, r.id)
	}
}

// Local is true if the port is in this process.
func (r *Ref) Local() bool { return r.port != nil }

// NewBuffer returns a buffer that gets to the port without a copy, if that is here or
// behind one edge.
func (r *Ref) NewBuffer(size int) (*link.Buffer, error) {
	if r.port != nil {
		return link.HeapBuffer(size), nil
	}
	return r.edge.link.NewBuffer(size)
}
