package live

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

const (
	// clockStep is how far the wall clock must move against engine time to count as a
	// step. Below it is the slewing of time daemons.
	clockStep = 1_000_000 // µs
	// suspendStep is the shortest sleep of the machine that counts as one.
	suspendStep = 2_000_000 // µs
)

// loop is the engine: it takes what has happened, steps it, makes it durable, then
// acts.
func (e *Engine) loop() {
	defer close(e.done)
	defer close(e.departing)
	for {
		var err error
		landed := false
		select {
		case <-e.inbox.wake:
		case <-e.cfg.Clock.C():
		case err = <-e.landed:
			if landed = true; err == nil {
				e.arrive(true)
			}
		case <-e.ctx.Done():
			e.err = e.hangUp()
			return
		}
		if err = e.turn(err, landed); err != nil {
			e.err = err
			e.giveUp(err)
			return
		}
		e.arm()
		e.idle.look(e)
	}
}

// turn carries out one round of the loop. Failed is the error of a flight that has
// just landed.
func (e *Engine) turn(failed error, landed bool) error {
	if failed == nil {
		if e.ctx.Err() != nil {
			return nil // the next round hangs up
		}
		e.tellBudgets()
		e.backlog = append(e.backlog, e.inbox.take()...)
		if failed = e.stepAll(); failed == nil {
			e.depart()
			return nil
		}
		landed = false
	}
	return e.recoverFrom(failed, append(e.ground(landed), e.takeBacklog()...))
}

func (e *Engine) takeBacklog() []item {
	items := e.backlog
	e.backlog = nil
	return items
}

// fenced reports whether nothing may be stepped now: only the store knows what a
// prune leaves, so it is committed before the next step.
func (e *Engine) fenced() bool { return e.cur.prunes || e.flying != nil && e.flying.prunes }

// stepAll steps what the clocks say, then the items, and at last what is due: what
// is known by now has its say before anything is started. Nothing is acted on yet.
func (e *Engine) stepAll() error {
	if e.fenced() {
		return nil
	}
	e.now = e.clock.now()
	if err := e.stepTime(); err != nil {
		return err
	}
	var err error
	done := 0
	for ; done < len(e.backlog) && err == nil && !e.fenced(); done++ {
		if e.full() {
			if e.depart(); e.full() {
				break
			}
		}
		if e.backlog[done].prunes() && !e.rescuing && (e.flying != nil || !e.cur.batch.Empty()) {
			if e.depart(); e.flying != nil {
				break
			}
		}
		// It belongs to the flight before it is stepped: if that fails, it is taken up again.
		e.cur.items = append(e.cur.items, e.backlog[done])
		err = e.stepItem(&e.backlog[done])
	}
	left := copy(e.backlog, e.backlog[done:])
	clear(e.backlog[left:])
	e.backlog = e.backlog[:left]
	if err != nil {
		return err
	}
	if e.wake > e.now || e.fenced() || len(e.backlog) > 0 {
		return nil
	}
	_, err = e.step(core.Tick{})
	return err
}

// prunes reports whether the item prunes the store. That is stepped with all before
// it committed: what is unused must not depend on when was committed last.
func (it *item) prunes() bool {
	if len(it.events) == 0 {
		return false
	}
	_, ok := it.events[0].(core.Prune)
	return ok
}

// stepItem steps one item's events.
func (e *Engine) stepItem(it *item) error {
	var reply core.Reply
	for _, ev := range it.events {
		r, err := e.step(ev)
		if err != nil {
			return err
		}
		switch ev := ev.(type) {
		case core.Reaped:
			e.cur.gone = append(e.cur.gone, liveKey{ev.Work, ev.Epoch})
		case core.Prune:
			e.cur.prunes = true
		}
		merge(&reply, r)
	}
	if it.host != nil {
		e.cur.batch.Apply(&record.Tx{Hosts: []record.Host{*it.host}})
	}
	if it.reply != nil {
		e.cur.replies = append(e.cur.replies, answer{it.reply, reply})
	}
	return nil
}

// stepTime steps what the clocks say: a step of the wall clock, a sleep of the
// machine.
func (e *Engine) stepTime() error {
	if offset := e.clock.offset(); abs(offset-e.machine.Meta().Offset) >= clockStep {
		if _, err := e.step(core.ClockSet{Offset: offset}); err != nil {
			return err
		}
	}
	if slept := e.cfg.Clock.Slept(); slept-e.slept >= suspendStep {
		e.slept = slept
		if _, err := e.step(core.Woke{}); err != nil {
			return err
		}
	}
	return nil
}

func abs(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}

// step feeds one event to the core, and then everything that follows from it.
func (e *Engine) step(ev core.Event) (core.Reply, error) {
	at := e.now
	e.cfg.Record(at, ev)
	var reply core.Reply
	for queue := []core.Event{ev}; len(queue) > 0; queue = queue[1:] {
		ev := queue[0]
		var rows record.Rows
		if needs := e.machine.Needs(ev); len(needs) > 0 {
			var err error
			if rows, err = e.cur.batch.Resolve(e.reads, needs); err != nil {
				return reply, err
			}
		}
		out := e.machine.Step(at, ev, rows)
		e.cur.batch.Apply(&out.Tx)
		e.cur.effects = append(e.cur.effects, out.Effects...)
		e.wake = out.Wake
		queue = append(queue, out.Then...)
		merge(&reply, out.Reply)
	}
	return reply, nil
}

// merge adds the answer of a follow-up to that of its cause.
func merge(r *core.Reply, more core.Reply) {
	const most = 100
	if r.Result == "" {
		r.Result = more.Result
	}
	if r.Err == nil {
		r.Err = more.Err
	}
	room := max(0, most-len(r.IDs))
	if len(more.IDs) <= room {
		r.IDs = append(r.IDs, more.IDs...)
	} else {
		r.IDs = append(r.IDs, more.IDs[:room]...)
		r.More += len(more.IDs) - room
	}
	r.More += more.More
}
