package main

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	_ "modernc.org/sqlite"
)

const riverWorkers = 2000

func riverSystem() system {
	return system{
		name: "river",
		tuning: "river " + version("github.com/riverqueue/river") + " (riversqlite) on modernc " + version("modernc.org/sqlite") +
			", 1 connection; MaxWorkers 2000 (its README: 100), FetchCooldown 2 ms (default 100 ms), FetchPollInterval 20 ms (default 1 s)",
		open: openRiver,
		held: riverWorkers,
	}
}

type riverArgs jsonPayload

// Kind implements river.JobArgs.
func (riverArgs) Kind() string { return "bench" }

type riverWorker struct {
	river.WorkerDefaults[riverArgs]
	run func(job int)
}

// Work implements river.Worker.
func (w *riverWorker) Work(_ context.Context, job *river.Job[riverArgs]) error {
	w.run(job.Args.Job)
	return nil
}

type riverQueue struct {
	db      *sql.DB
	client  *river.Client[*sql.Tx]
	started bool
}

func openRiver(ctx context.Context, t trial) (queue, error) {
	db, err := openDurable(ctx, "sqlite",
		"file:"+filepath.Join(t.dir, "river.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, err
	}
	client, err := newRiverClient(ctx, db, t)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &riverQueue{db: db, client: client}, nil
}

func newRiverClient(ctx context.Context, db *sql.DB, t trial) (*river.Client[*sql.Tx], error) {
	driver := riversqlite.New(db)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: t.log.logger()})
	if err != nil {
		return nil, err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, err
	}
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &riverWorker{run: t.run}); err != nil {
		return nil, err
	}
	return river.NewClient(driver, &river.Config{
		FetchCooldown:     2 * time.Millisecond,
		FetchPollInterval: 20 * time.Millisecond,
		Logger:            t.log.logger(),
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: riverWorkers}},
		Workers:           workers,
	})
}

func (r *riverQueue) Fill(ctx context.Context, n int) error {
	return batches(n, 1000, func(from, to int) error {
		params := make([]river.InsertManyParams, 0, to-from)
		for job := from; job < to; job++ {
			params = append(params, river.InsertManyParams{Args: riverArgs(newJSONPayload(job))})
		}
		_, err := r.client.InsertManyFast(ctx, params)
		return err
	})
}

func (r *riverQueue) Insert(ctx context.Context, job int) error {
	_, err := r.client.Insert(ctx, riverArgs(newJSONPayload(job)), nil)
	return err
}

func (r *riverQueue) Start(ctx context.Context) error {
	if err := r.client.Start(ctx); err != nil {
		return err
	}
	r.started = true
	return nil
}

func (r *riverQueue) Close() error {
	var err error
	if r.started {
		ctx, cancel := context.WithTimeout(context.Background(), stopPatience)
		defer cancel()
		err = r.client.Stop(ctx)
	}
	return errors.Join(err, r.db.Close())
}
