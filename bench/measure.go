package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lullwork/lull/bench/internal/sheet"
)

const (
	stopPatience  = 30 * time.Second // a system that needs longer to stop is reported
	stallPatience = 30 * time.Second // so is one that runs no job for so long; goqite redelivers after 5 s
	jobWait       = time.Millisecond // what the "1 ms" job sleeps
	paceEvery     = 10 * time.Millisecond
	paceWarmUp    = 50      // samples dropped at the start of a latency trial
	maxJobs       = 8 << 20 // of one trial; bounds the tracker's memory
)

// tracker tells when all jobs of a trial have run, each once. A job that runs again (at-least-once delivery) counts as
// a repeat, not as work done.
type tracker struct {
	seen    []atomic.Uint32 // one bit a job
	ran     atomic.Int64
	repeats atomic.Int64
	want    atomic.Int64
	done    chan struct{} // gets one value when ran reaches want
}

func newTracker() *tracker {
	t := &tracker{seen: make([]atomic.Uint32, maxJobs/32), done: make(chan struct{}, 1)}
	t.want.Store(math.MaxInt64)
	return t
}

// mark records the end of one run.
func (t *tracker) mark(job int) {
	bit := uint32(1) << (job % 32)
	if t.seen[job/32].Or(bit)&bit != 0 {
		t.repeats.Add(1)
		return
	}
	if t.ran.Add(1) == t.want.Load() {
		t.signal()
	}
}

func (t *tracker) signal() {
	select {
	case t.done <- struct{}{}:
	default:
	}
}

// wait returns when want jobs have run.
func (t *tracker) wait(ctx context.Context, want int) error {
	t.want.Store(int64(want))
	if t.ran.Load() >= int64(want) {
		return nil
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last, since := t.ran.Load(), time.Now()
	for {
		select {
		case <-t.done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			switch now := t.ran.Load(); {
			case now != last:
				last, since = now, time.Now()
			case time.Since(since) > stallPatience:
				return fmt.Errorf("stalled: %d of %d jobs have run, and none for %s", now, want, stallPatience)
			}
		}
	}
}

// A session is an open queue with its tracker, for the length of one trial.
type session struct {
	queue
	*tracker
	log *complaints
}

// openSession opens s in dir. onRun, if set, is called as each run begins, before it is counted.
func openSession(ctx context.Context, s system, dir string, wait time.Duration, onRun func(job int)) (*session, error) {
	o := &session{tracker: newTracker(), log: &complaints{}}
	run := func(job int) {
		if onRun != nil {
			onRun(job)
		}
		if wait > 0 {
			time.Sleep(wait)
		}
		o.mark(job)
	}
	var err error
	o.queue, err = s.open(ctx, trial{dir: dir, run: run, waits: wait > 0, log: o.log})
	return o, err
}

// insertFor has callers insert single jobs until the time is up, and returns how many they inserted.
func (o *session) insertFor(ctx context.Context, callers int, d time.Duration) (int, error) {
	var next atomic.Int64
	deadline := time.Now().Add(d)
	group, ctx := errgroup.WithContext(ctx)
	for range callers {
		group.Go(func() error {
			for time.Now().Before(deadline) {
				job := int(next.Add(1)) - 1
				if job >= maxJobs {
					return fmt.Errorf("more than %d inserts in one trial: shorten it with -for", maxJobs)
				}
				if err := o.Insert(ctx, job); err != nil {
					return fmt.Errorf("insert: %w", err)
				}
			}
			return nil
		})
	}
	err := group.Wait()
	return int(next.Load()), err
}

// A measure is one trial: it opens s in dir, loads it, and closes it.
type measure func(ctx context.Context, s system, dir string) (figures, error)

// figures are a trial's results, in the order of the measurement's rows.
type figures struct {
	values     []float64
	repeats    int64
	complaints int
	complaint  string
}

// finish closes the session and puts the trial's figures together.
func (o *session) finish(err error, values ...float64) (figures, error) {
	f := figures{values: values, repeats: o.repeats.Load()}
	f.complaints, f.complaint = o.log.seen() // before Close: what a system says while it is stopped is not a fault
	return f, errors.Join(err, o.Close())
}

func rate(n int, d time.Duration) float64 { return float64(n) / d.Seconds() }

func insertRate(callers int, d time.Duration) measure {
	return func(ctx context.Context, s system, dir string) (figures, error) {
		o, err := openSession(ctx, s, dir, 0, nil)
		if err != nil {
			return figures{}, err
		}
		start := time.Now()
		n, err := o.insertFor(ctx, callers, d)
		return o.finish(err, rate(n, time.Since(start)))
	}
}

// drainRate is from the start of the workers until the last of n pending jobs has run.
func drainRate(n int, wait time.Duration) measure {
	return func(ctx context.Context, s system, dir string) (figures, error) {
		o, err := openSession(ctx, s, dir, wait, nil)
		if err != nil {
			return figures{}, err
		}
		if err := o.Fill(ctx, n); err != nil {
			return o.finish(fmt.Errorf("fill: %w", err))
		}
		settle()
		start := time.Now()
		if err := o.Start(ctx); err != nil {
			return o.finish(fmt.Errorf("start: %w", err))
		}
		err = o.wait(ctx, n)
		return o.finish(err, rate(n, time.Since(start)))
	}
}

// endToEndRate is from the first of the single inserts until the last job has run, workers running all the while.
func endToEndRate(callers int, wait, d time.Duration) measure {
	return func(ctx context.Context, s system, dir string) (figures, error) {
		o, err := openStarted(ctx, s, dir, wait, nil)
		if err != nil {
			return figures{}, err
		}
		start := time.Now()
		n, err := o.insertFor(ctx, callers, d)
		if err == nil {
			err = o.wait(ctx, n)
		}
		return o.finish(err, rate(n, time.Since(start)))
	}
}

// openStarted opens a session whose workers run and have found nothing to do yet.
func openStarted(ctx context.Context, s system, dir string, wait time.Duration, onRun func(job int)) (*session, error) {
	o, err := openSession(ctx, s, dir, wait, onRun)
	if err != nil {
		return nil, err
	}
	if err := o.Start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start: %w", err), o.Close())
	}
	if err := sleep(ctx, 500*time.Millisecond); err != nil {
		return nil, errors.Join(err, o.Close())
	}
	return o, nil
}

// latency is from the call of Insert to the handler's first instruction, one insert each 10 ms; p50 and p99 in ms.
func latency(d time.Duration) measure {
	return func(ctx context.Context, s system, dir string) (figures, error) {
		n := paceWarmUp + int(d/paceEvery)
		called := make([]atomic.Int64, n)
		took := make([]atomic.Int64, n)
		origin := time.Now()
		o, err := openStarted(ctx, s, dir, 0, func(job int) {
			took[job].CompareAndSwap(0, int64(time.Since(origin))-called[job].Load())
		})
		if err != nil {
			return figures{}, err
		}
		start := time.Now()
		for job := range n {
			if err := sleep(ctx, time.Until(start.Add(time.Duration(job)*paceEvery))); err != nil {
				return o.finish(err)
			}
			called[job].Store(int64(time.Since(origin)))
			if err := o.Insert(ctx, job); err != nil {
				return o.finish(fmt.Errorf("insert: %w", err))
			}
		}
		if err := o.wait(ctx, n); err != nil {
			return o.finish(err)
		}
		var ms []float64
		for job := paceWarmUp; job < n; job++ {
			ms = append(ms, float64(took[job].Load())/float64(time.Millisecond))
		}
		slices.Sort(ms)
		return o.finish(nil, sheet.Quantile(ms, 0.50), sheet.Quantile(ms, 0.99))
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// inFreshDir runs m on files of its own below root, on a disk that has nothing else to write.
func inFreshDir(ctx context.Context, root string, s system, m measure) (f figures, err error) {
	dir, err := os.MkdirTemp(root, "trial-")
	if err != nil {
		return figures{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	settle()
	return m(ctx, s, dir)
}
