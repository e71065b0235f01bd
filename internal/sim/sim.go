// Package sim drives the core on a virtual clock: one device, whose facts, requests
// and isolates come from a script. It carries out what the core decides and
// decides nothing itself, so what it shows is what a real engine would do.
package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// DefaultStart is 2026-01-05 00:00 UTC, a Monday, in µs.
const DefaultStart = 1_767_571_200_000_000

// Config is what a device is made of. Only Policy is needed.
type Config struct {
	Policy core.Policy
	Store  store.Store // default: a new memory store
	// World is how isolates behave. Default: none; the ends of runs are then fed like
	// everything else.
	World World
	// Seed is where the IDs of NewID, and Rand, come from.
	Seed uint64
	// Start is the wall clock as the device begins, if the store is new; µs. Default:
	// DefaultStart.
	Start int64
	// CommitEvery is how many steps share a commit at most. Default: 1. Whatever it is, a
	// commit comes before a decision is acted on.
	CommitEvery int
	// Journal is called with the journal's lines as they are committed, and must not
	// keep them. Default: nothing.
	Journal func(lines []byte)
	// Record is called with each event that is stepped, but not with those that only
	// follow from others. Default: nothing.
	Record func(at int64, ev core.Event)
}

// Device is one simulated device. It is used by one goroutine at a time.
type Device struct {
	cfg     Config
	machine *core.Machine
	batch   *store.Batch
	queue   queue
	rand    *rand.Rand

	now  int64 // engine time
	wake int64 // engine time of the next Tick

	steps   int // since the last commit
	taken   []item
	pending []pending // decided, and not acted on yet
	replies []answer
	runs    map[runKey]*running
}

type runKey struct {
	work  work.ID
	epoch int64
}

// running is a run as the driver knows it.
type running struct {
	runKey
	how  Behaviour
	turn int32 // +1 when its end is moved
}

// pending is an effect that waits for the commit, and when it was decided.
type pending struct {
	core.Effect
	at int64
}

type answer struct {
	to    func(core.Reply)
	reply core.Reply
}

// New returns a device on a store: a new one, or one that an earlier device has
// left. It starts nothing before it is fed [core.Recover].
func New(cfg Config) (*Device, error) {
	if cfg.Policy == nil {
		return nil, errors.New("sim: no policy")
	}
	if cfg.Store == nil {
		cfg.Store = store.NewMemory()
	}
	if cfg.Start == 0 {
		cfg.Start = DefaultStart
	}
	cfg.CommitEvery = max(1, cfg.CommitEvery)
	d := &Device{cfg: cfg, rand: rand.New(rand.NewPCG(cfg.Seed, 0x6c756c6c))}
	if err := d.open(); err != nil {
		return nil, err
	}
	if d.now == 0 {
		d.now = cfg.Start
	}
	return d, nil
}

// open restores the machine from the store.
func (d *Device) open() error {
	snap, err := d.cfg.Store.Load(context.Background())
	if err != nil {
		return fmt.Errorf("sim: %w", err)
	}
	m := core.New(d.cfg.Policy)
	if err := m.Restore(snap); err != nil {
		return fmt.Errorf("sim: %w", err)
	}
	d.machine, d.batch = m, store.NewBatch(d.cfg.Store)
	d.now, d.wake = max(d.now, snap.Meta.At), record.Never
	d.steps, d.pending, d.replies = 0, d.pending[:0], d.replies[:0]
	d.runs = map[runKey]*running{}
	d.queue.shift(0, func(x *item) bool { return x.run != nil })
	return nil
}

// Now returns engine time.
func (d *Device) Now() int64 { return d.now }

// Wall returns the device's wall clock, µs.
func (d *Device) Wall() int64 { return d.now + d.machine.Meta().Offset }

// Rand is the device's source of chance.
func (d *Device) Rand() *rand.Rand { return d.rand }

// NewID makes up the ID of a work.
func (d *Device) NewID() work.ID {
	return work.ID(fmt.Sprintf("%016x%016x", d.rand.Uint64(), d.rand.Uint64()))
}

// Machine returns the machine, for explaining. It must not be stepped, and is
// another one after a restart.
func (d *Device) Machine() *core.Machine { return d.machine }

// Rows reads rows as of the last step.
func (d *Device) Rows(needs ...record.Need) ([]*record.Work, error) {
	rows, err := d.batch.Resolve(context.Background(), needs)
	return rows.Works, err
}

// Feed makes an event happen at an instant, at the earliest now. Events of one
// instant keep their order. Reply, if any, is called when the answer is durable.
func (d *Device) Feed(at int64, ev core.Event, reply func(core.Reply)) {
	d.queue.push(asked, item{at: max(at, d.now), ev: ev, reply: reply})
}

// Ask makes an event happen now, after what is to happen by now, and returns the
// answer.
func (d *Device) Ask(ev core.Event) (core.Reply, error) {
	if err := d.until(d.now); err != nil {
		return core.Reply{}, err
	}
	reply, err := d.step(ev)
	if err == nil {
		err = d.tick()
	}
	if err == nil {
		err = d.act()
	}
	if err == nil {
		err = reply.Err
	}
	return reply, err
}

// Replay steps one event of a recording at the time that it was recorded at, and
// nothing else: a recording holds what time brought too.
func (d *Device) Replay(at int64, ev core.Event) error {
	d.now = at
	_, err := d.step(ev)
	d.pending = d.pending[:0]
	return err
}

// Advance lets everything happen up to an instant, and with it.
func (d *Device) Advance(to int64) error {
	if to < d.now {
		return fmt.Errorf("sim: time cannot go back by %d µs", d.now-to)
	}
	return d.until(to)
}

// UntilIdle lets everything happen that can without another event being fed, but
// no later than an instant. It reports whether it came to an end.
func (d *Device) UntilIdle(limit int64) (bool, error) {
	for {
		next := d.next()
		if next == record.Never {
			return true, d.act()
		}
		if next > limit {
			return false, d.until(limit)
		}
		if err := d.until(next); err != nil {
			return false, err
		}
	}
}

// SetClock moves the wall clock by some µs against engine time, if that is enough
// to count as a step.
func (d *Device) SetClock(by int64) error {
	_, err := d.Ask(core.ClockSet{Offset: d.machine.Meta().Offset + by})
	return err
}

// Sleep lets the machine sleep: time goes on, isolates and their budgets do not, and
// nothing else happens before it wakes.
func (d *Device) Sleep(us int64) error {
	if err := d.until(d.now); err != nil {
		return err
	}
	d.queue.shift(us, nil)
	d.now += us
	if _, err := d.step(core.Woke{}); err != nil {
		return err
	}
	if err := d.tick(); err != nil {
		return err
	}
	return d.act()
}

// Restart lets the engine die with its runs, and begin again on the same store after
// some µs. It starts nothing before it is fed [core.Recover].
func (d *Device) Restart(down int64) error {
	if err := d.Commit(); err != nil {
		return err
	}
	if err := d.cfg.Store.Reopen(context.Background()); err != nil {
		return err
	}
	d.now += down
	return d.open()
}
