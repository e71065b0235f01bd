// Package lulltest runs an engine in a test, on a clock and a device that the test
// moves: nothing waits for real time, charging cables or networks.
//
//	func TestMain(m *testing.M) {
//		isolate.Main(Thumbnail.Do(thumbnail)) // as in main
//		os.Exit(m.Run())
//	}
//
//	func TestThumbnail(t *testing.T) {
//		d := lulltest.Start(t, lull.Config{})
//		d.Set("charging", "no")
//		id := d.Enqueue(request)
//		d.ConstraintsMet()    // now it charges
//		d.Finished(id)        // the run has ended
//	}
//
// The verbs are those of WorkManager's TestDriver (androidx.work.testing).
//
// What a phone's system makes of the tasks of an app is asked of a [Phone].
package lulltest

import (
	"context"
	"testing"
	"time"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// patience bounds what a driver waits for in real time: a run that hangs fails the
// test.
const patience = 30 * time.Second

// Driver drives an engine in a test.
type Driver struct {
	t      testing.TB
	Engine *lull.Engine
	Clock  *Clock
	Device *Device
}

// Start opens an engine and lets it run until the test ends. What the configuration
// leaves out is a store in memory, a clock that shows noon of 2 January 2030 (UTC),
// and a device on which every usual constraint is met.
func Start(t testing.TB, cfg lull.Config) *Driver {
	t.Helper()
	d := &Driver{t: t, Clock: NewClock(time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)), Device: NewDevice()}
	if cfg.Store == nil {
		cfg.Store = store.NewMemory()
	}
	if cfg.Clock == nil {
		cfg.Clock = d.Clock
	}
	if cfg.Device == nil {
		cfg.Device = d.Device
	}
	if cfg.Log == nil {
		cfg.Log = t.Logf
	}
	e, err := lull.Open(context.Background(), cfg)
	if err != nil {
		t.Fatalf("lulltest: %v", err)
	}
	d.Engine = e
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("lulltest: %v", err)
		}
		if err := e.Close(); err != nil {
			t.Errorf("lulltest: %v", err)
		}
	})
	select {
	case <-e.Ready():
	case err := <-ended:
		t.Fatalf("lulltest: %v", err)
	}
	d.Settle()
	return d
}

// Settle waits until the engine has nothing to do now: nothing runs and nothing is
// due.
func (d *Driver) Settle() {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := d.Engine.WaitIdle(ctx); err != nil {
		d.t.Fatalf("lulltest: the engine does not settle: %v", err)
	}
}

// Enqueue makes a work and returns its ID. It may have begun to run.
func (d *Driver) Enqueue(q work.Request) work.ID {
	d.t.Helper()
	id, err := d.Engine.Enqueue(context.Background(), q)
	if err != nil {
		d.t.Fatalf("lulltest: %v", err)
	}
	return id
}

// Get returns what is known of a work.
func (d *Driver) Get(id work.ID) lull.Info {
	d.t.Helper()
	info, err := d.Engine.Get(context.Background(), id)
	if err != nil {
		d.t.Fatalf("lulltest: %v", err)
	}
	return info
}

// Reasons returns why a work does not run now, by code.
func (d *Driver) Reasons(id work.ID) []work.Code {
	d.t.Helper()
	why, err := d.Engine.Why(context.Background(), id)
	if err != nil {
		d.t.Fatalf("lulltest: %v", err)
	}
	var codes []work.Code
	for _, r := range why.Reasons {
		codes = append(codes, r.Code)
	}
	return codes
}

// ConstraintsMet puts the device into a state that meets every constraint but
// metered and roaming ones.
func (d *Driver) ConstraintsMet() {
	d.t.Helper()
	for _, s := range [][2]string{
		{"charging", "yes"},
		{"battery", "not-low"},
		{"storage", "not-low"},
		{"network", "unmetered"},
		{"roaming", "no"},
		{"idle", "yes"},
		{"load", "low"},
		{"power-saver", "no"},
	} {
		d.Set(s[0], s[1])
	}
}

// Set changes a signal of the device and waits until the engine has taken it in.
func (d *Driver) Set(key, value string) {
	d.t.Helper()
	if err := d.Device.Set(key, value); err != nil {
		d.t.Fatalf("lulltest: %v", err)
	}
	d.Engine.Refresh()
}

// DelayMet moves the clock to the time at which a waiting work is due: its initial
// delay, its backoff or its period are over.
func (d *Driver) DelayMet(id work.ID) {
	d.t.Helper()
	info := d.Get(id)
	if info.State != work.Enqueued {
		hint := ""
		if info.State == work.Running {
			hint = "; call Settle first, which waits for the end of its run"
		}
		d.t.Fatalf("lulltest: work %s is %s: it waits for no time%s", id, info.State, hint)
	}
	if wait := info.Due.Sub(d.Clock.Now()); wait > 0 {
		d.Advance(wait)
	}
}

// PeriodMet is DelayMet for periodic work.
func (d *Driver) PeriodMet(id work.ID) {
	d.t.Helper()
	if !d.Get(id).Periodic {
		d.t.Fatalf("lulltest: work %s is not periodic", id)
	}
	d.DelayMet(id)
}

// Advance lets time pass, and everything that is due in it happen in its order.
func (d *Driver) Advance(by time.Duration) {
	d.t.Helper()
	for by > 0 {
		d.Engine.Refresh()
		step, armed := d.Clock.next()
		if !armed || step > by {
			step = by
		}
		step = max(step, 0)
		d.Clock.Advance(step)
		by -= step
		d.Engine.Refresh()
		d.Settle()
	}
}

// StopRun stops the run of a work for a reason, as the system would.
func (d *Driver) StopRun(id work.ID, reason work.StopReason) {
	d.t.Helper()
	if err := d.Engine.StopRun(context.Background(), id, reason); err != nil {
		d.t.Fatalf("lulltest: %v", err)
	}
}

// Finished waits until a work is finished and returns what is known of it.
func (d *Driver) Finished(id work.ID) lull.Info {
	d.t.Helper()
	d.Settle()
	info := d.Get(id)
	if !info.State.Finished() {
		d.t.Fatalf("lulltest: work %s is %s, not finished: %v", id, info.State, d.Reasons(id))
	}
	return info
}
