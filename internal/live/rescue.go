package live

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// rescueEvery is the pause between two tries on a store that fails.
const rescueEvery = time.Second

// answerWithin is how long a request whose commit failed waits for a store that tells
// what became of it.
const answerWithin = 3 * time.Second

// lasting reports whether a request tells the engine of itself and its surroundings.
// It holds after a failed commit as it did before; nobody could ask for it again.
func lasting(ev core.Event) bool {
	switch ev.(type) {
	case core.Recover, core.Shutdown, core.Suspend, core.JobsSet, core.FactsRead, core.LayersKnown, core.PlanRead, core.TasksKnown:
		return true
	}
	return false
}

// recoverFrom handles a turn that could not be committed. What it decided is
// thrown away unacted; the machine is built anew from what is stored, results of
// runs are stepped again, and requests are answered by what is found.
func (e *Engine) recoverFrom(cause error, items []item) error {
	if e.ctx.Err() != nil {
		refuse(items, ErrUnknownOutcome)
		e.cur.reset(e.cfg.Store)
		return unwritten(cause)
	}
	e.cfg.Log("the state could not be written: %v", cause)
	e.rescuing = true
	defer func() { e.rescuing = false }()
	var kept, asked []item
	for _, it := range items {
		e.stopOverdue(it)
		if it.reply != nil && !it.kept {
			asked = append(asked, it)
		} else {
			kept = append(kept, it)
		}
	}
	began := time.Now()
	for {
		err := e.rebuild(&asked, cause, kept)
		if err == nil {
			e.cfg.Log("the state can be written again")
			e.complete(e.cur)
			e.cur.reset(e.cfg.Store)
			e.stopAgain()
			e.inbox.signal() // for what is left of the backlog
			return nil
		}
		if errors.Is(err, store.ErrDamaged) || errors.Is(err, store.ErrLocked) || time.Since(began) > e.cfg.Patience {
			refuse(asked, fmt.Errorf("%w: %w", ErrUnknownOutcome, err))
			refuse(kept, err)
			return errors.Join(err, cause) // the first one says what to do
		}
		if time.Since(began) > answerWithin {
			refuse(asked, fmt.Errorf("%w: %w", ErrUnknownOutcome, cause))
			asked = nil
		}
		select {
		case <-time.After(rescueEvery):
		case <-e.ctx.Done():
			refuse(append(asked, kept...), ErrUnknownOutcome)
			e.takeBacklog()
			e.cur.reset(e.cfg.Store)
			return nil
		}
		e.tellBudgets()
		for _, it := range e.inbox.take() {
			e.stopOverdue(it)
			if it.reply != nil && !it.kept {
				it.reply(core.Reply{}, cause)
			} else {
				kept = append(kept, it)
			}
		}
	}
}

// stopOverdue ends a run whose budget is spent. That cannot wait until it is written
// down: a hung run would go on for as long as the disk is full.
func (e *Engine) stopOverdue(it item) {
	for _, ev := range it.events {
		if ev, ok := ev.(core.BudgetSpent); ok {
			e.stop(liveKey{ev.Work, ev.Epoch}, work.StopTimeout)
		}
	}
}

// stopAgain asks the runs to end that the store says were asked. If the commit that
// said so is the one that seemed to fail, they were not.
func (e *Engine) stopAgain() {
	for _, row := range e.machine.Runs() {
		if row.State == record.Stopping && row.Stop != work.NotStopped {
			e.stop(liveKey{row.Work, row.Epoch}, row.Stop)
		}
	}
}

func refuse(items []item, err error) {
	for _, it := range items {
		if it.reply != nil {
			it.reply(core.Reply{}, err)
		}
	}
}

// rebuild opens the store again and takes up the work where the store stands.
func (e *Engine) rebuild(asked *[]item, cause error, kept []item) error {
	if err := e.cfg.Store.Reopen(e.ctx); err != nil {
		return err
	}
	dispatching := e.dispatching
	if err := e.restore(e.ctx); err != nil {
		return err
	}
	for _, it := range *asked {
		reply, err := e.find(it)
		if err != nil {
			it.reply(core.Reply{}, fmt.Errorf("%w: %w", cause, err))
			continue
		}
		it.reply(reply, nil)
	}
	*asked = nil
	e.now = e.clock.now()
	if dispatching {
		if _, err := e.step(core.Recover{Alive: e.alive()}); err != nil {
			return err
		}
	}
	e.backlog = slices.Clone(kept)
	if err := e.stepAll(); err != nil {
		return err
	}
	if e.cur.batch.Empty() {
		return nil
	}
	e.cur.seal()
	if err := e.cfg.Store.Commit(e.ctx, e.cur.tx); err != nil {
		return err
	}
	if len(e.cur.tx.Journal.Lines) > 0 {
		e.cfg.Committed(e.cur.tx.Journal)
	}
	e.dispatching = e.machine.Dispatching()
	return nil
}

// errNotThere says that a request left no trace in the store.
var errNotThere = errors.New("nothing was enqueued")

// find answers a request whose commit failed by what is in the store. Only works tell
// by their IDs that they are there.
func (e *Engine) find(it item) (core.Reply, error) {
	var reply core.Reply
	for _, ev := range it.events {
		ev, ok := ev.(core.Enqueue)
		if !ok {
			return reply, ErrUnknownOutcome
		}
		var ids []work.ID
		for _, n := range ev.Nodes {
			ids = append(ids, n.Request.ID)
		}
		found, err := e.cfg.Store.Works(e.ctx, ids)
		if err != nil {
			return reply, err
		}
		if len(found) < len(ids) {
			return reply, errNotThere
		}
		reply.Result = core.ResultEnqueued
		reply.IDs = append(reply.IDs, ids...)
	}
	return reply, nil
}

// giveUp answers everybody who waits when the engine ends by itself.
func (e *Engine) giveUp(err error) {
	e.cfg.Log("the engine ends: %v", err)
	e.inbox.close()
	refuse(append(e.takeBacklog(), e.inbox.take()...), fmt.Errorf("%w: %w", ErrClosed, err))
	for _, r := range e.live {
		r.handle.Stop(work.StopSystem, rescueEvery)
	}
}
