package lull

import (
	"context"
	"iter"
	"sync"
)

// watchers are those who wait for the next commit.
type watchers struct {
	mu   sync.Mutex
	next chan struct{} // closed by the next commit; nil: nobody waits
}

func (w *watchers) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next != nil {
		close(w.next)
		w.next = nil
	}
}

func (w *watchers) wait() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next == nil {
		w.next = make(chan struct{})
	}
	return w.next
}

// Watch yields the journal's entries after seq (0: all that are kept), and then
// each new one as it becomes durable, until ctx is done or the engine is closed.
func (e *Engine) Watch(ctx context.Context, seq int64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		r, err := Browse(ctx, e.cfg.Store)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		defer r.Close()
		for going := true; going; {
			more := e.watchers.wait()
			seq, err = r.Journal(ctx, seq, func(x Entry) bool {
				going = yield(x, nil)
				return going
			})
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				yield(Entry{}, err)
				return
			case !going:
				return
			}
			select {
			case <-more:
			case <-ctx.Done():
				return
			case <-e.live.Done():
				return
			}
		}
	}
}
