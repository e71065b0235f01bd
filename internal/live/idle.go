package live

import (
	"context"
	"sync"
)

// idleWatch lets callers wait until the engine has nothing to do now.
type idleWatch struct {
	mu      sync.Mutex
	waiting []chan struct{}
}

// look releases those who wait if nothing runs, is due or is queued.
func (w *idleWatch) look(e *Engine) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == 0 || len(e.live) > 0 || e.flying != nil || len(e.backlog) > 0 || !e.machine.Idle() || !e.inbox.empty() {
		return
	}
	for _, c := range w.waiting {
		close(c)
	}
	w.waiting = nil
}

// WaitIdle returns when nothing runs, is due, is stopping or settling: only time or
// a change outside can bring the next start.
func (e *Engine) WaitIdle(ctx context.Context) error {
	c := make(chan struct{})
	e.idle.mu.Lock()
	e.idle.waiting = append(e.idle.waiting, c)
	e.idle.mu.Unlock()
	e.inbox.signal()
	select {
	case <-c:
		return e.Err()
	case <-e.done:
		return e.Err()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
