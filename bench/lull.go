package main

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/sqlite"
	"github.com/lullwork/lull/work"
)

const lullJobs = 1000

// lullJob runs in the engine's process, as the peers' jobs do: what is compared is the queue. Its default is a process
// of its own.
var lullJob = lull.Define[jsonPayload, struct{}]("job")

// lullTrial is the trial that is going on: an entry point is a package-level function without state of its own.
var lullTrial atomic.Pointer[trial]

func lullEntry() isolate.Entry { return lullJob.Do(runLullJob, isolate.Inline) }

func runLullJob(_ context.Context, in jsonPayload) (struct{}, error) {
	lullTrial.Load().run(in.Job)
	return struct{}{}, nil
}

func lullSystem() system {
	return system{
		name:   subject,
		tuning: "lull on its own SQLite store (zombiezen on modernc), journal on, inline handler, 1000 works in parallel (default: CPUs)",
		open:   openLull,
		big:    true,
	}
}

type lullQueue struct {
	engine *lull.Engine
	cancel context.CancelFunc
	ended  chan error
}

func openLull(ctx context.Context, t trial) (queue, error) {
	lullTrial.Store(&t)
	engine, err := lull.Open(ctx, lull.Config{
		Store: sqlite.File(filepath.Join(t.dir, "lull.db")),
		Jobs:  lullJobs,
		Log:   func(format string, args ...any) { t.log.add(format, args) },
	})
	if err != nil {
		return nil, err
	}
	return &lullQueue{engine: engine}, nil
}

func (q *lullQueue) Fill(ctx context.Context, n int) error {
	return batches(n, 1000, func(from, to int) error {
		requests := make([]work.Request, 0, to-from)
		for job := from; job < to; job++ {
			requests = append(requests, lullJob.Request(newJSONPayload(job)))
		}
		_, err := q.engine.EnqueueMany(ctx, requests)
		return err
	})
}

func (q *lullQueue) Insert(ctx context.Context, job int) error {
	_, err := q.engine.Enqueue(ctx, lullJob.Request(newJSONPayload(job)))
	return err
}

func (q *lullQueue) Start(ctx context.Context) error {
	ctx, q.cancel = context.WithCancel(ctx)
	q.ended = make(chan error, 1)
	go func() { q.ended <- q.engine.Run(ctx) }()
	return nil
}

func (q *lullQueue) Close() error {
	var err error
	if q.cancel != nil {
		q.cancel()
		err = <-q.ended
	}
	return errors.Join(err, q.engine.Close())
}
