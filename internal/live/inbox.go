package live

import (
	"context"
	"sync"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

// inboxSize bounds the requests that wait for the engine. Results of runs have
// room beside them: there are never more than runs.
const inboxSize = 8192

// item is one thing in the inbox: events to step one after the other, and who
// waits for the answer.
type item struct {
	events []core.Event
	host   *record.Host            // what a run left behind
	reply  func(core.Reply, error) // called after the commit, not from a lock; nil: nobody waits
	do     func()                  // called in its turn, in place of events
	token  bool                    // it holds one of the inbox's places
	kept   bool                    // a fact, as a result is: it is stepped again after a failed commit
}

// inbox is the one ordered queue of everything that happens.
type inbox struct {
	mu     sync.Mutex
	items  []item
	spare  []item
	facts  map[record.Signal]record.Fact // newest facts that are not taken yet
	closed bool
	wake   chan struct{}
	places chan struct{}
}

func newInbox() *inbox {
	return &inbox{wake: make(chan struct{}, 1), places: make(chan struct{}, inboxSize)}
}

// ask queues a request. It waits for a place until ctx is done.
func (b *inbox) ask(ctx context.Context, it item) error {
	select {
	case b.places <- struct{}{}:
	default:
		select {
		case b.places <- struct{}{}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	it.token = true
	if !b.put(it) {
		<-b.places
		return ErrClosed
	}
	return nil
}

// put queues something that must not wait. It returns false if the inbox is
// closed.
func (b *inbox) put(it item) bool {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return false
	}
	b.items = append(b.items, it)
	b.mu.Unlock()
	b.signal()
	return true
}

// tell queues facts: of several values that nobody has taken, the last counts.
func (b *inbox) tell(facts []record.Fact) {
	b.mu.Lock()
	if b.facts == nil {
		b.facts = map[record.Signal]record.Fact{}
	}
	for _, f := range facts {
		b.facts[f.Signal] = f
	}
	b.mu.Unlock()
	b.signal()
}

func (b *inbox) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// take returns everything that is queued, facts first, in the order of arrival.
// What it returns is valid until the next take.
func (b *inbox) take() []item {
	b.mu.Lock()
	defer b.mu.Unlock()
	items := b.items
	clear(b.spare)
	b.items, b.spare = b.spare[:0], items
	if len(b.facts) > 0 {
		var facts []record.Fact
		for s := range record.Signals {
			if f, ok := b.facts[s]; ok {
				facts = append(facts, f)
			}
		}
		clear(b.facts)
		items = append([]item{{events: []core.Event{core.FactsRead{Facts: facts}}}}, items...)
	}
	for i := range items {
		if items[i].token {
			<-b.places
		}
	}
	return items
}

// close refuses what comes later. What is left is the loop's to take.
func (b *inbox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
}

func (b *inbox) empty() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.items) == 0 && len(b.facts) == 0
}
