package twin

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/live"
	"github.com/lullwork/lull/internal/policy/host"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// driver is one of the two that a script runs through.
type driver interface {
	ask(ev core.Event) (core.Reply, error)
	begin() error
	advance(us int64) error
	sleep(us int64) error
	clock(by int64) error
	restart(down int64) error
	now() int64
	look(f func(m *core.Machine, rows func(...record.Need) []*record.Work)) error
	memory() *store.Memory
	lines() []byte
	close() error
}

// simDriver is driver 2.
type simDriver struct {
	tb      testing.TB
	mem     *store.Memory
	device  *sim.Device
	journal []byte
}

// setting is what a driver is made of.
type setting struct {
	start  int64 // µs
	world  sim.World
	commit int // steps a commit, of the simulator
}

func newSim(tb testing.TB, s setting) *simDriver {
	d := &simDriver{tb: tb, mem: store.NewMemory()}
	var err error
	d.device, err = sim.New(sim.Config{
		Policy: host.Policy{}, Store: d.mem, World: s.world, Start: s.start, CommitEvery: s.commit,
		Journal: func(b []byte) { d.journal = append(d.journal, b...) },
	})
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func (d *simDriver) ask(ev core.Event) (core.Reply, error) { return d.device.Ask(ev) }
func (d *simDriver) advance(us int64) error                { return d.device.Advance(d.device.Now() + us) }
func (d *simDriver) sleep(us int64) error                  { return d.device.Sleep(us) }
func (d *simDriver) clock(by int64) error                  { return d.device.SetClock(by) }
func (d *simDriver) restart(down int64) error              { return d.device.Restart(down) }
func (d *simDriver) now() int64                            { return d.device.Now() }
func (d *simDriver) memory() *store.Memory                 { return d.mem }
func (d *simDriver) lines() []byte                         { return d.journal }
func (d *simDriver) close() error                          { return nil }

func (d *simDriver) begin() error {
	_, err := d.device.Ask(core.Recover{})
	return err
}

func (d *simDriver) look(f func(*core.Machine, func(...record.Need) []*record.Work)) error {
	var err error
	f(d.device.Machine(), func(needs ...record.Need) []*record.Work {
		ws, bad := d.device.Rows(needs...)
		err = errors.Join(err, bad)
		return ws
	})
	return err
}

// liveDriver is driver 1, with its own loop, on a clock that stands still until it
// is moved in the engine's order.
type liveDriver struct {
	tb      testing.TB
	mem     *store.Memory
	time    *fakeClock
	runner  *scripted
	world   sim.World
	engine  *live.Engine
	mu      sync.Mutex
	journal []byte
}

func newLive(tb testing.TB, s setting) *liveDriver {
	d := &liveDriver{
		tb: tb, mem: store.NewMemory(), world: s.world,
		time: &fakeClock{wall: s.start, armed: record.Never, c: make(chan struct{}, 1)},
	}
	if err := d.open(); err != nil {
		tb.Fatal(err)
	}
	return d
}

func (d *liveDriver) open() error {
	ctx := context.Background()
	s, err := d.mem.Open(ctx)
	if err != nil {
		return err
	}
	d.time.Arm(record.Never)
	d.runner = &scripted{clock: d.time, world: d.world}
	d.engine, err = live.Open(ctx, live.Config{
		Policy: host.Policy{}, Store: s, Runner: d.runner, Clock: d.time, Log: d.tb.Logf,
		Committed: func(c record.Chunk) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.journal = append(d.journal, c.Lines...)
		},
	})
	return err
}

// do calls f in the engine's order and waits until what it has caused is done, and the
// timer is set: one round of the loop calls at most two of what it is asked to do, when
// a flight has landed and when one is empty.
func (d *liveDriver) do(f func()) error {
	for _, f := range []func(){f, func() {}, func() {}} {
		if err := d.engine.Do(context.Background(), func(*core.Machine, live.Rows) { f() }); err != nil {
			return err
		}
	}
	return nil
}

func (d *liveDriver) ask(ev core.Event) (core.Reply, error) {
	reply, err := d.engine.Ask(context.Background(), ev)
	return reply, errors.Join(err, d.do(func() {}))
}

func (d *liveDriver) begin() error {
	return errors.Join(d.engine.Begin(context.Background()), d.do(func() {}))
}

// advance moves the clock from one thing that happens to the next.
func (d *liveDriver) advance(us int64) error {
	to := d.time.Boot() + us
	for again, still := true, 0; again; {
		err := d.do(func() {
			at := min(to, d.time.armedAt(), d.runner.next())
			by := max(0, at-d.time.Boot())
			d.time.move(by, 0)
			if d.runner.fire(d.engine) || by > 0 {
				still = 0
			}
			again = still == 0 || d.time.Boot() < to
		})
		if err != nil {
			return err
		}
		if still++; still > 100 {
			return errors.New("the engine wakes over and over at one instant")
		}
	}
	return nil
}

func (d *liveDriver) sleep(us int64) error { return d.do(func() { d.time.move(us, us) }) }

func (d *liveDriver) clock(by int64) error { return d.do(func() { d.time.step(by) }) }

func (d *liveDriver) restart(down int64) error {
	if err := d.engine.Close(); err != nil {
		return err
	}
	d.time.move(down, 0)
	return d.open()
}

func (d *liveDriver) now() int64            { return d.engine.Now() }
func (d *liveDriver) memory() *store.Memory { return d.mem }
func (d *liveDriver) close() error          { return d.engine.Close() }

func (d *liveDriver) lines() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.journal)
}

func (d *liveDriver) look(f func(*core.Machine, func(...record.Need) []*record.Work)) error {
	var err error
	bad := d.engine.Do(context.Background(), func(m *core.Machine, r live.Rows) {
		f(m, func(needs ...record.Need) []*record.Work {
			rows, bad := r.Resolve(context.Background(), needs)
			err = errors.Join(err, bad)
			return rows.Works
		})
	})
	return errors.Join(err, bad)
}

// fakeClock is a live.Clock that tests move.
type fakeClock struct {
	mu                       sync.Mutex
	wall, boot, slept, armed int64
	c                        chan struct{}
}

func (c *fakeClock) get(v *int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return *v
}

func (c *fakeClock) Boot() int64        { return c.get(&c.boot) }
func (c *fakeClock) Wall() int64        { return c.get(&c.wall) }
func (c *fakeClock) Slept() int64       { return c.get(&c.slept) }
func (c *fakeClock) C() <-chan struct{} { return c.c }
func (c *fakeClock) Close() error       { return nil }
func (c *fakeClock) armedAt() int64     { return c.get(&c.armed) }

func (c *fakeClock) Arm(boot int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.armed = boot
	c.ring()
}

// ring wakes the engine if what was armed has come.
func (c *fakeClock) ring() {
	if c.armed > c.boot {
		return
	}
	select {
	case c.c <- struct{}{}:
	default:
	}
}

// move lets time pass, of which the machine sleeps a part.
func (c *fakeClock) move(us, slept int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall, c.boot, c.slept = c.wall+us, c.boot+us, c.slept+slept
	c.ring()
}

// step moves the wall clock only.
func (c *fakeClock) step(by int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall += by
}

// scripted is a live.Runner whose isolates follow a script on the fake clock. All but
// Close is called on the engine's goroutine.
type scripted struct {
	clock *fakeClock
	world sim.World
	due   []dueEnd
	count int64
}

// dueEnd is what a run does at an instant of the clock that stops in sleep: it ends,
// or reports.
type dueEnd struct {
	at, order int64
	run       *scriptedRun
	result    live.Result
	report    core.Event
}

type scriptedRun struct {
	r    *scripted
	how  sim.Behaviour
	done func(live.Result)
	over bool
}

func (r *scripted) awake() int64 { return r.clock.Boot() - r.clock.Slept() }

func (r *scripted) Sweep() error { return nil }

func (r *scripted) Close() error {
	r.due = nil
	return nil
}

func (r *scripted) Start(l live.Launch, done func(live.Result)) live.Handle {
	x := &scriptedRun{r: r, done: done, how: r.world.Run(sim.Launch{
		Work: l.Work, Task: l.Task, Input: l.Input, Epoch: l.Epoch, Attempt: int32(l.Attempt),
	})}
	for _, p := range x.how.Progress {
		r.push(dueEnd{at: r.awake() + p.After, run: x, report: core.Progressed{Work: l.Work, Epoch: l.Epoch, Data: p.Data}})
	}
	if at := x.how.EndAt(r.awake()); at != record.Never {
		r.push(dueEnd{at: at, run: x, result: live.Result{Outcome: x.how.Outcome, Message: x.how.Message, Output: x.how.Output}})
	}
	return x
}

func (r *scripted) push(e dueEnd) {
	r.count++
	e.order = r.count
	r.due = append(r.due, e)
}

// Stop replaces the end of a run.
func (x *scriptedRun) Stop(_ work.StopReason, grace time.Duration) {
	if x.over {
		return
	}
	x.r.due = slices.DeleteFunc(x.r.due, func(e dueEnd) bool { return e.run == x })
	takes, message := x.how.Stop(grace.Microseconds())
	x.r.push(dueEnd{at: x.r.awake() + takes, run: x, result: live.Result{Outcome: work.Stopped, Message: message}})
}

// next returns when the next run ends, on the clock that counts sleep.
func (r *scripted) next() int64 {
	at := int64(record.Never)
	for i := range r.due {
		at = min(at, r.due[i].at+r.clock.Slept())
	}
	return at
}

// fire lets happen what happens by now, in order.
func (r *scripted) fire(e *live.Engine) bool {
	now := r.awake()
	var ends []dueEnd
	r.due = slices.DeleteFunc(r.due, func(e dueEnd) bool {
		if e.at > now {
			return false
		}
		ends = append(ends, e)
		return true
	})
	slices.SortFunc(ends, func(a, b dueEnd) int {
		if a.at < b.at || a.at == b.at && a.order < b.order {
			return -1
		}
		return 1
	})
	for _, x := range ends {
		if x.run.over {
			continue
		}
		if x.report != nil {
			e.Tell(x.report)
			continue
		}
		x.run.over = true
		x.run.done(x.result)
	}
	return len(ends) > 0
}
