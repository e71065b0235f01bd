package sim

import (
	"context"
	"fmt"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// first returns what happens next, but for what is due.
func (d *Device) first() *item {
	for {
		x := d.queue.first()
		if x == nil || !d.void(x) {
			return x
		}
		d.queue.pop()
	}
}

// void reports whether an item is of a run that is over, or ends otherwise by now.
func (d *Device) void(x *item) bool {
	return x.run != nil && (x.turn != x.run.turn || d.runs[x.run.runKey] != x.run)
}

// next returns when something happens next.
func (d *Device) next() int64 {
	at := d.wake
	if x := d.first(); x != nil {
		at = min(at, x.at)
	}
	if at == record.Never {
		return at
	}
	return max(at, d.now)
}

// until lets everything happen up to an instant.
func (d *Device) until(to int64) error {
	for {
		at := d.next()
		if at > to {
			d.now = max(d.now, to)
			return d.act()
		}
		d.now = at
		if err := d.turn(); err != nil {
			return err
		}
		if d.wake <= at {
			return fmt.Errorf("sim: the core asks for a tick at %d µs over and over", at)
		}
	}
}

// turn lets happen what happens now, and at last what is due, then acts on all of it.
// What comes of that is the next turn, so nothing depends on where commits are.
func (d *Device) turn() error {
	items := d.taken[:0]
	for x := d.first(); x != nil && x.at <= d.now; x = d.first() {
		items = append(items, d.queue.pop())
	}
	d.taken = items
	for i := range items {
		if err := d.happen(&items[i]); err != nil {
			return err
		}
	}
	clear(items)
	if err := d.tick(); err != nil || len(d.pending)+len(d.replies) == 0 {
		return err
	}
	return d.act()
}

// tick steps what is due.
func (d *Device) tick() error {
	if d.wake > d.now {
		return nil
	}
	_, err := d.step(core.Tick{})
	return err
}

// happen carries out one item.
func (d *Device) happen(x *item) error {
	if x.run == nil {
		reply, err := d.step(x.ev)
		if x.reply != nil {
			d.replies = append(d.replies, answer{x.reply, reply})
		}
		return err
	}
	if d.void(x) {
		return nil
	}
	if _, err := d.step(x.ev); err != nil {
		return err
	}
	if _, ok := x.ev.(core.Ended); !ok {
		return nil
	}
	delete(d.runs, x.run.runKey)
	_, err := d.step(core.Reaped{Work: x.run.work, Epoch: x.run.epoch})
	return err
}

// step feeds one event to the core, and then everything that follows from it.
func (d *Device) step(ev core.Event) (core.Reply, error) {
	if d.cfg.Record != nil {
		d.cfg.Record(d.now, ev)
	}
	_, prune := ev.(core.Prune)
	if prune { // what is unused must not depend on when was committed last
		if err := d.Commit(); err != nil {
			return core.Reply{}, err
		}
	}
	var reply core.Reply
	for queue := []core.Event{ev}; len(queue) > 0; queue = queue[1:] {
		rows, err := d.batch.Resolve(context.Background(), d.machine.Needs(queue[0]))
		if err != nil {
			return reply, fmt.Errorf("sim: %w", err)
		}
		out := d.machine.Step(d.now, queue[0], rows)
		d.batch.Apply(&out.Tx)
		for i := range out.Effects {
			d.pending = append(d.pending, pending{out.Effects[i], d.now})
		}
		d.wake = out.Wake
		queue = append(queue, out.Then...)
		merge(&reply, &out.Reply)
	}
	if d.steps++; d.steps >= d.cfg.CommitEvery || prune {
		return reply, d.Commit()
	}
	return reply, nil
}

// merge adds the answer of a follow-up to that of its cause.
func merge(r, more *core.Reply) {
	if r.Result == "" {
		r.Result = more.Result
	}
	if r.Err == nil {
		r.Err = more.Err
	}
	r.IDs = append(r.IDs, more.IDs...)
	r.More += more.More
}

// Commit makes durable what was stepped. The device does it itself, also before it
// returns from anything but Replay.
func (d *Device) Commit() error {
	if d.batch.Empty() {
		return nil
	}
	tx := d.batch.Tx()
	if err := d.cfg.Store.Commit(context.Background(), tx); err != nil {
		return fmt.Errorf("sim: commit: %w", err)
	}
	if d.cfg.Journal != nil && len(tx.Journal.Lines) > 0 {
		d.cfg.Journal(tx.Journal.Lines)
	}
	d.batch.Reset()
	d.steps = 0
	return nil
}

// act carries out what was decided, once it is durable.
func (d *Device) act() error {
	if err := d.Commit(); err != nil {
		return err
	}
	for i := range d.pending {
		d.perform(&d.pending[i])
	}
	d.pending = d.pending[:0]
	for _, a := range d.replies {
		a.to(a.reply)
	}
	d.replies = d.replies[:0]
	return nil
}

// perform starts or stops a run.
func (d *Device) perform(f *pending) {
	if d.cfg.World == nil {
		return
	}
	key := runKey{f.Work, f.Epoch}
	if f.Kind == core.RequestEnd {
		if r := d.runs[key]; r != nil {
			r.turn++
			takes, message := r.how.Stop(f.Grace)
			d.end(r, f.at+takes, work.Stopped, message, nil)
		}
		return
	}
	r := &running{runKey: key, how: d.cfg.World.Run(Launch{
		Work: f.Work, Task: f.Task, Input: f.Input, Epoch: f.Epoch, Attempt: f.Attempt, At: f.at,
	})}
	d.runs[key] = r
	for _, p := range r.how.Progress {
		d.queue.push(ended, item{at: f.at + p.After, run: r, ev: core.Progressed{Work: key.work, Epoch: key.epoch, Data: p.Data}})
	}
	if at := r.how.EndAt(f.at); at != record.Never {
		d.end(r, at, r.how.Outcome, r.how.Message, r.how.Output)
	}
	if f.Budget > 0 {
		d.queue.push(overdue, item{at: f.at + f.Budget, run: r, ev: core.BudgetSpent{Work: key.work, Epoch: key.epoch}})
	}
}

func (d *Device) end(r *running, at int64, o work.Outcome, message string, output []byte) {
	d.queue.push(ended, item{at: at, run: r, turn: r.turn, ev: core.Ended{
		Work: r.work, Epoch: r.epoch, Outcome: o, Message: message, Output: output,
	}})
}
