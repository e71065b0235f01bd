package live

import (
	"context"
	"fmt"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
)

// flight is what is decided and then made durable together, with what is to be done
// once it is. One is filled while another one is being written: the disk's time and
// the decisions' time overlap.
type flight struct {
	batch   *store.Batch
	items   []item // that it carries out
	effects []core.Effect
	replies []answer
	gone    []liveKey // runs whose end is in the batch
	prunes  bool      // it prunes the store

	rows        []record.Work // the batch's rows as they are to be written
	tx          *record.Tx
	dispatching bool // whether the machine dispatches from here on
}

func (f *flight) empty() bool { return f.batch.Empty() && len(f.items) == 0 }

func (f *flight) reset(below store.Reader) {
	f.batch.Reset()
	f.batch.Rebase(below)
	f.prunes = false
	clear(f.items)
	clear(f.effects)
	clear(f.replies)
	f.items, f.effects, f.replies, f.gone = f.items[:0], f.effects[:0], f.replies[:0], f.gone[:0]
}

// seal fixes what is to be written. The batch holds the core's own rows, which later
// steps change while this flight is being written.
func (f *flight) seal() {
	f.tx = f.batch.Tx()
	if cap(f.rows) < len(f.tx.Works) {
		f.rows = make([]record.Work, len(f.tx.Works), 2*len(f.tx.Works))
	}
	f.rows = f.rows[:len(f.tx.Works)]
	for i := range f.tx.Works {
		f.rows[i] = *f.tx.Works[i].Work
		f.tx.Works[i].Work = &f.rows[i]
	}
}

// write commits sealed flights, one after the other, until the channel is closed.
func (e *Engine) write() {
	defer close(e.landed)
	for f := range e.departing {
		e.landed <- e.cfg.Store.Commit(context.WithoutCancel(e.ctx), f.tx)
	}
}

// slowFlight is how long a flight may take before a run that has spent its budget is
// stopped without waiting for it to be written down.
const slowFlight = 1_000_000 // µs

// flightSize is how many items a flight carries at most. If one flight took everything
// that goes on, there would be nothing to decide while it is being written.
const flightSize = 256

// full reports whether the flight that is being filled must depart first. A rescue
// writes everything at once, by itself.
func (e *Engine) full() bool { return !e.rescuing && len(e.cur.items) >= flightSize }

// depart sends the current flight off to be written, if there is anything to write
// and no other one is under way, and begins the next.
func (e *Engine) depart() {
	if e.flying != nil || e.cur.empty() {
		return
	}
	f := e.cur
	if f.batch.Empty() {
		e.complete(f)
		f.reset(e.cfg.Store)
		return
	}
	f.seal()
	f.dispatching = e.machine.Dispatching()
	last := len(e.spare) - 1
	e.flying, e.cur, e.spare = f, e.spare[last], e.spare[:last]
	e.cur.reset(f.batch.Over())
	e.departed = e.awake()
	e.departing <- f
}

// arrive acts on a flight that was written. Onward, the next one is sent off first: the
// disk need not wait until everything is started.
func (e *Engine) arrive(onward bool) {
	f := e.written()
	if onward && !e.cur.batch.Empty() {
		e.depart()
	}
	e.complete(f)
	e.spare = append(e.spare, f)
	if p := f.tx.Prune; p != nil && p.More {
		// In small bites: nothing else is stepped while one is being taken.
		e.Tell(core.Prune{FinishedBefore: p.FinishedBefore, JournalBefore: p.JournalBefore})
	}
}

// written returns the flight that was written, when the rest of the engine knows of it.
func (e *Engine) written() *flight {
	f := e.flying
	e.flying = nil
	if len(f.tx.Journal.Lines) > 0 {
		e.cfg.Committed(f.tx.Journal)
	}
	e.dispatching = f.dispatching
	e.cur.batch.Rebase(e.cfg.Store)
	return f
}

// complete does what is to be done once a flight is durable.
func (e *Engine) complete(f *flight) {
	for _, key := range f.gone {
		delete(e.live, key)
	}
	awake := e.awake()
	for i := range f.effects {
		e.perform(&f.effects[i], awake)
	}
	f.answer(nil)
	for _, it := range f.items {
		if it.do != nil {
			it.do()
		}
	}
}

// ground waits for a flight that is under way and returns what all that is not
// durable was to carry out.
func (e *Engine) ground(landed bool) []item {
	var items []item
	if f := e.flying; f != nil {
		if !landed {
			if err := <-e.landed; err == nil {
				e.arrive(false)
				return append(items, e.cur.items...)
			}
		}
		items = append(items, f.items...)
		e.flying, e.spare = nil, append(e.spare, f)
	}
	return append(items, e.cur.items...)
}

// answer gives the replies, or says why there are none.
func (f *flight) answer(err error) {
	for _, a := range f.replies {
		if err != nil {
			a.reply = core.Reply{}
		}
		a.to(a.reply, err)
	}
}

// unwritten is the error of an engine that was closed, and could not write all down.
func unwritten(err error) error {
	return fmt.Errorf("the last decisions could not be written: %w", err)
}

// hangUp ends what goes on when the engine is closed: what is decided is made durable, what
// waits to be decided is refused.
func (e *Engine) hangUp() error {
	e.inbox.close()
	refuse(e.takeBacklog(), ErrClosed)
	refuse(e.inbox.take(), ErrClosed)
	for e.depart(); e.flying != nil; e.depart() {
		if err := <-e.landed; err != nil {
			e.flying.answer(ErrUnknownOutcome)
			e.cur.answer(ErrClosed)
			return unwritten(err)
		}
		e.written().answer(nil)
	}
	return nil
}
