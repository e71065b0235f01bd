package lulltest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/lulltest"
	"github.com/lullwork/lull/work"
)

var (
	double = lull.Define[int, int]("double")
	flaky  = lull.Define[struct{}, struct{}]("flaky")
	hold   = lull.Define[struct{}, struct{}]("hold")
)

func doDouble(_ context.Context, n int) (int, error) { return 2 * n, nil }

func doFlaky(context.Context, struct{}) (struct{}, error) {
	return struct{}{}, errors.New("not today")
}

func doHold(ctx context.Context, _ struct{}) (struct{}, error) {
	<-ctx.Done()
	return struct{}{}, context.Cause(ctx)
}

func TestMain(m *testing.M) {
	isolate.Main(
		double.Do(doDouble).Needs("cache"), flaky.Do(doFlaky).Needs("broken"), hold.Do(doHold, isolate.Inline).Needs(),
		cache, broken,
	)
	os.Exit(m.Run())
}

func TestConstraintsMet(t *testing.T) {
	d := lulltest.Start(t, lull.Config{})
	d.Set("charging", "no")
	q := double.Request(21)
	q.Needs.Charging = true
	id := d.Enqueue(q)
	d.Settle()
	if got := d.Reasons(id); !slices.Equal(got, []work.Code{work.ReasonCharging}) {
		t.Fatalf("reasons %v, want charging", got)
	}
	d.ConstraintsMet()
	if w := d.Finished(id); w.State != work.Succeeded || string(w.Output) != "42" {
		t.Fatalf("got %s with output %s, want SUCCEEDED with 42", w.State, w.Output)
	}
}

func TestUnknownHolds(t *testing.T) {
	d := lulltest.Start(t, lull.Config{})
	d.Set("metered", "unknown")
	q := double.Request(1)
	q.Needs.Network = work.Unmetered
	id := d.Enqueue(q)
	d.Settle()
	if got := d.Reasons(id); !slices.Equal(got, []work.Code{work.ReasonUnknown}) {
		t.Fatalf("reasons %v, want unknown", got)
	}
}

func TestDelayMet(t *testing.T) {
	d := lulltest.Start(t, lull.Config{})
	q := double.Request(1)
	q.Delay = 48 * time.Hour
	id := d.Enqueue(q)
	d.Advance(47 * time.Hour)
	if got := d.Reasons(id); !slices.Equal(got, []work.Code{work.ReasonDelay}) {
		t.Fatalf("reasons %v, want delay", got)
	}
	d.DelayMet(id)
	d.Finished(id)
}

func TestPeriodMet(t *testing.T) {
	d := lulltest.Start(t, lull.Config{})
	q := double.Request(1)
	q.Every = time.Hour
	id := d.Enqueue(q)
	d.Settle()
	for want := 1; want < 4; want++ {
		if got := d.Get(id).Periods; got != want {
			t.Fatalf("%d periods, want %d", got, want)
		}
		d.PeriodMet(id)
	}
}

func TestBackoff(t *testing.T) {
	d := lulltest.Start(t, lull.Config{})
	q := flaky.Request(struct{}{})
	q.Attempts = 3
	q.Backoff = work.Backoff{Policy: work.Linear, Delay: time.Minute}
	id := d.Enqueue(q)
	d.Settle()
	if got := d.Reasons(id); !slices.Equal(got, []work.Code{work.ReasonBackoff}) {
		t.Fatalf("reasons %v, want backoff", got)
	}
	begun := d.Clock.Now()
	d.DelayMet(id)
	d.DelayMet(id)
	w := d.Finished(id)
	if w.State != work.Failed || w.Failures != 3 {
		t.Fatalf("got %s after %d failures, want FAILED after 3", w.State, w.Failures)
	}
	if got := d.Clock.Now().Sub(begun); got != 3*time.Minute {
		t.Fatalf("it waited %v in all, want 1 m + 2 m", got)
	}
}

func TestStopRun(t *testing.T) {
	d := lulltest.Start(t, lull.Config{})
	id := d.Enqueue(hold.Request(struct{}{}))
	for d.Get(id).State != work.Running {
		d.Engine.Refresh()
	}
	d.StopRun(id, work.StopUser)
	for d.Get(id).State != work.Enqueued {
		d.Engine.Refresh()
	}
	d.Settle()
	d.Clock.Advance(d.Get(id).Due.Sub(d.Clock.Now())) // it waits as after a failed run
	for w := d.Get(id); w.State != work.Running || w.Attempts != 2; w = d.Get(id) {
		d.Engine.Refresh()
	}
}

// watched is a test that notes a fatal error and ends its goroutine.
type watched struct {
	testing.TB
	fatal string
}

func (w *watched) Fatalf(format string, args ...any) {
	w.fatal = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// Who moves the clock while the work still runs is told what to wait for.
func TestDelayMetOfRunning(t *testing.T) {
	w := &watched{TB: t}
	d := lulltest.Start(w, lull.Config{})
	id := d.Enqueue(hold.Request(struct{}{}))
	for d.Get(id).State != work.Running {
		d.Engine.Refresh()
	}
	var wg sync.WaitGroup
	wg.Go(func() { d.DelayMet(id) })
	wg.Wait()
	if want := "is RUNNING: it waits for no time; call Settle first"; !strings.Contains(w.fatal, want) {
		t.Errorf("%q, want %q", w.fatal, want)
	}
}

func TestConstraintLost(t *testing.T) {
	d := lulltest.Start(t, lull.Config{})
	q := hold.Request(struct{}{})
	q.Needs.Charging = true
	id := d.Enqueue(q)
	for d.Get(id).State != work.Running {
		d.Engine.Refresh()
	}
	d.Set("charging", "no")
	d.Settle()
	w := d.Get(id)
	if w.State != work.Enqueued || w.Stop != work.StopCharging || w.Failures != 0 {
		t.Fatalf("got %s, stopped for %q, %d failures; want ENQUEUED, not charging, 0", w.State, w.Stop, w.Failures)
	}
}
