package lull

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/live"
	"github.com/lullwork/lull/isolate/wasm/job"
	"github.com/lullwork/lull/work"
)

// Cancel cancels a work and all that come after it. A run of it is stopped. It
// returns the number of works that were cancelled, without those after them.
func (e *Engine) Cancel(ctx context.Context, id work.ID) (int, error) {
	return e.cancel(ctx, core.Cancel{ID: id})
}

// CancelTagged cancels the unfinished works with a tag.
func (e *Engine) CancelTagged(ctx context.Context, tag string) (int, error) {
	return e.cancel(ctx, core.Cancel{Tag: tag})
}

// CancelUnique cancels the unfinished works with a unique name.
func (e *Engine) CancelUnique(ctx context.Context, name string) (int, error) {
	return e.cancel(ctx, core.Cancel{Name: name})
}

func (e *Engine) cancel(ctx context.Context, ev core.Cancel) (int, error) {
	r, err := e.live.Ask(ctx, ev)
	return len(r.IDs) + r.More, err
}

// StopRun stops the run of a work for a reason that is not the engine's own. With
// work.StopUser, "not now", the work waits as long as after a failed run, though none
// is counted; with another reason from its old time on, so that it may start again as
// soon as the run is gone. To keep it from starting again, cancel it. Without a run it
// returns work.ErrNotRunning.
func (e *Engine) StopRun(ctx context.Context, id work.ID, reason work.StopReason) error {
	_, err := e.live.Ask(ctx, core.StopRun{Work: id, Reason: reason})
	return err
}

// ErrRan is the answer to a second Run of the same engine.
var ErrRan = errors.New("the engine has run before: open it again")

// Run starts what may start, until ctx is done. It may be called once. Then it asks every run to end,
// waits until all are gone, each at most its grace (see Kill), and returns nil. Another error
// means that the state could not be written any more.
func (e *Engine) Run(ctx context.Context) error { return e.run(ctx, false) }

// RunUntilIdle is Run, but ends as soon as nothing runs, is due, is stopping or
// settling: only time, or a change of the device, could bring the next start.
func (e *Engine) RunUntilIdle(ctx context.Context) error { return e.run(ctx, true) }

func (e *Engine) run(ctx context.Context, untilIdle bool) error {
	if e.ran.Swap(true) {
		return ErrRan
	}
	defer close(e.ended)
	device, err := e.begin(ctx)
	switch {
	case ctx.Err() != nil && device == nil:
		return nil
	case err != nil:
		return err
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	var watched sync.WaitGroup
	watched.Go(func() { e.watch(watching, device) })
	watched.Go(func() { e.tendHourly(watching) })
	if untilIdle {
		err = e.live.WaitIdle(ctx)
	} else {
		select {
		case <-ctx.Done():
		case <-e.live.Done():
		}
	}
	if ctx.Err() != nil {
		err = nil
	}
	stop()
	watched.Wait()
	stopped := e.live.Stop(context.WithoutCancel(ctx), e.killed)
	if errors.Is(stopped, live.ErrClosed) {
		stopped = nil
	}
	if ended := e.live.Err(); ended != nil {
		err, stopped = ended, nil // the others only tell of it
	}
	return errors.Join(err, stopped, device.Close())
}

// begin reads the device and lets the engine dispatch.
func (e *Engine) begin(ctx context.Context) (Device, error) {
	device, err := e.openDevice(ctx)
	if err != nil {
		return nil, err
	}
	err = e.introduce(ctx, device)
	if err == nil {
		err = e.live.Begin(ctx)
	}
	var needed bool // by what an earlier engine left
	if err == nil {
		err = e.live.Do(ctx, func(m *core.Machine, _ live.Rows) { needed = m.NeedsLoad() })
	}
	if err != nil {
		return nil, errors.Join(err, device.Close())
	}
	e.device = device
	if needed {
		e.heed()
	}
	close(e.ready)
	if e.heeded.Load() { // by a request that came before
		e.heed()
	}
	return device, nil
}

// Ready is closed when Run has begun to start works.
func (e *Engine) Ready() <-chan struct{} { return e.ready }

// Refresh makes sure that what the device and the clock say now was taken in when it
// returns.
func (e *Engine) Refresh() {
	select {
	case <-e.ready:
		e.live.TellFacts(e.facts(e.device))
	default:
	}
	// A closed engine takes in nothing.
	_ = e.live.Do(context.Background(), func(*core.Machine, live.Rows) {})
}

// introduce tells the core everything that it must know before the first start.
func (e *Engine) introduce(ctx context.Context, d Device) error {
	if err := e.live.RefreshZones(ctx); err != nil {
		return err
	}
	for _, ev := range []core.Event{core.JobsSet{Jobs: e.cfg.Jobs}, core.LayersKnown{Layers: e.layers()}, core.FactsRead{Facts: e.facts(d)}} {
		if _, err := e.live.Ask(ctx, ev); err != nil {
			return err
		}
	}
	if e.plan == nil || e.cfg.Phone.Setup.Name != "" {
		return nil // on a phone the app asks
	}
	roots, err := e.plan.Roots()
	if err != nil {
		return err
	}
	for i := range roots {
		if err := e.live.EnsureZones(ctx, "enqueue", roots[i].Nodes); err != nil {
			return err
		}
		e.heedLoad(roots[i].Nodes)
		for k := range roots[i].Nodes {
			roots[i].Nodes[k].Request.ID = NewID()
		}
	}
	_, err = e.live.Ask(ctx, core.PlanRead{Roots: roots, Again: e.cfg.Again})
	return err
}

// tendHourly drops what is older than Config.Keep, and looks at the time zone.
func (e *Engine) tendHourly(ctx context.Context) {
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	for {
		e.prune()
		select {
		case <-ctx.Done():
			return
		case <-hourly.C:
			e.refreshZones(ctx)
		}
	}
}

func (e *Engine) prune() {
	if e.cfg.Keep < 0 {
		return
	}
	before := e.live.Now() - e.cfg.Keep.Microseconds()
	e.live.Tell(core.Prune{FinishedBefore: before, JournalBefore: before})
	if e.cfg.Logs != "" {
		if err := live.PruneLogs(e.cfg.Logs, time.Now().Add(-e.cfg.Keep)); err != nil {
			e.cfg.Log("%v", err)
		}
	}
	if e.cfg.Cache != "" {
		if err := job.PruneCache(e.cfg.Cache, time.Now().Add(-e.cfg.Keep)); err != nil {
			e.cfg.Log("%v", err)
		}
	}
}

// Kill cuts short what Run does at its end: what still runs is killed at once, whatever its
// grace, with all that it started. Run then returns as ever, with everything written down.
// A run that is only a goroutine of this process cannot be killed, and is waited for. A call before
// the end of Run's ctx counts from then on.
func (e *Engine) Kill() { e.killing.Do(func() { close(e.killed) }) }

// WaitIdle returns when nothing runs, is due, is stopping or settling: only time, or
// a change of the device, can bring the next start. Before Run it waits for that, as
// until then nothing that is due is started.
func (e *Engine) WaitIdle(ctx context.Context) error {
	select {
	case <-e.ready:
	case <-e.ended: // without having begun
	case <-e.live.Done():
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return e.live.WaitIdle(ctx)
}

// Close closes the engine. Call it after Run has returned; runs that still go on
// are killed and repeated by the next engine. A second call returns what the first did.
// It waits for what is being written for as long as the disk takes; a program that will not
// wait that long can only exit: the state is then as after a crash.
func (e *Engine) Close() error {
	e.closing.Do(func() {
		err := e.live.Close()
		if err == nil {
			err = e.endRecording()
		}
		e.closed = errors.Join(err, e.closeFiles())
	})
	return e.closed
}

// closeFiles closes what is written beside the state.
func (e *Engine) closeFiles() error {
	var err error
	if e.file != nil {
		err = e.file.Close()
	}
	if e.recorder != nil {
		err = errors.Join(err, e.recorder.Close())
	}
	return err
}

// Seq returns the number of the journal's last entry; 0 after Close.
func (e *Engine) Seq() int64 {
	var seq int64
	// A closed engine leaves it at 0.
	_ = e.live.Do(context.Background(), func(m *core.Machine, _ live.Rows) { seq = m.Meta().Journal })
	return seq
}
