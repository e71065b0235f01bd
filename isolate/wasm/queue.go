package wasm

import (
	"context"
	"errors"
	"sync"
)

// Errors of ports.
var (
	// ErrPortClosed: the other side is gone, and everything that it sent was received.
	ErrPortClosed = errors.New("port is closed")
	// ErrTooLarge: a message is larger than the whole queue may be.
	ErrTooLarge = errors.New("message is larger than the queue")
)

// queue holds messages on their way in one direction, within its bounds: who sends
// more waits.
type queue struct {
	messages, bytes int // bounds

	mu      sync.Mutex
	list    [][]byte
	size    int // bytes in list
	closed  bool
	changed chan struct{} // closed at the next change; nil: nobody waits
}

func newQueue(messages, bytes int) *queue { return &queue{messages: messages, bytes: bytes} }

// wait returns a channel that the next change closes. The lock is held.
func (q *queue) wait() <-chan struct{} {
	if q.changed == nil {
		q.changed = make(chan struct{})
	}
	return q.changed
}

// wake tells who waits. The lock is held.
func (q *queue) wake() {
	if q.changed != nil {
		close(q.changed)
		q.changed = nil
	}
}

// put appends a message, which it keeps.
func (q *queue) put(ctx context.Context, m []byte) error {
	if len(m) > q.bytes {
		return ErrTooLarge
	}
	for {
		q.mu.Lock()
		if q.closed {
			q.mu.Unlock()
			return ErrPortClosed
		}
		if len(q.list) < q.messages && q.size+len(m) <= q.bytes {
			q.list = append(q.list, m)
			q.size += len(m)
			q.wake()
			q.mu.Unlock()
			return nil
		}
		changed := q.wait()
		q.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// first waits for a message and gives it to f, which says whether to remove it. What is
// there when the queue is closed is still given out.
func (q *queue) first(ctx context.Context, f func([]byte) bool) error {
	for {
		q.mu.Lock()
		if len(q.list) > 0 {
			if m := q.list[0]; f(m) {
				q.list[0] = nil
				q.list = q.list[1:]
				q.size -= len(m)
				q.wake()
			}
			q.mu.Unlock()
			return nil
		}
		if q.closed {
			q.mu.Unlock()
			return ErrPortClosed
		}
		changed := q.wait()
		q.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// take removes the first message.
func (q *queue) take(ctx context.Context) (m []byte, err error) {
	err = q.first(ctx, func(b []byte) bool { m = b; return true })
	return m, err
}

// takeInto copies the first message and removes it, if it fits. It returns its length.
func (q *queue) takeInto(ctx context.Context, room []byte) (n int, err error) {
	err = q.first(ctx, func(b []byte) bool {
		n = len(b)
		return copy(room, b) == n
	})
	return n, err
}

// close ends the sending side.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake()
}

// drop ends the receiving side: what is there is of no use any more.
func (q *queue) drop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.list, q.size = true, nil, 0
	q.wake()
}
