package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	_ "github.com/mattn/go-sqlite3"
	"github.com/mikestefanello/backlite"
)

// backliteSystem is listed with two numbers of workers, because its speed hangs on it: see README.md.
func backliteSystem(name string, workers int) system {
	return system{
		name: name,
		tuning: fmt.Sprintf("%s: backlite %s on mattn %s, 1 connection; %d workers (its README: 10), nothing retained",
			name, version("github.com/mikestefanello/backlite"), version("github.com/mattn/go-sqlite3"), workers),
		open: func(ctx context.Context, t trial) (queue, error) { return openBacklite(ctx, t, workers) },
		held: workers,
	}
}

// backliteTask is the job as backlite wants it: a struct that names its queue.
type backliteTask jsonPayload

// Config implements backlite.Task.
func (backliteTask) Config() backlite.QueueConfig {
	return backlite.QueueConfig{Name: "bench", MaxAttempts: 3, Backoff: 5 * time.Second, Timeout: time.Minute}
}

type backliteQueue struct {
	db     *sql.DB
	client *backlite.Client
}

func openBacklite(ctx context.Context, t trial, workers int) (queue, error) {
	db, err := openDurable(ctx, "sqlite3",
		"file:"+filepath.Join(t.dir, "backlite.db")+"?_journal=WAL&_synchronous=FULL&_timeout=5000")
	if err != nil {
		return nil, err
	}
	client, err := backlite.NewClient(backlite.ClientConfig{
		DB:              db,
		Logger:          t.log,
		NumWorkers:      workers,
		ReleaseAfter:    10 * time.Minute,
		CleanupInterval: time.Hour,
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := client.Install(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	client.Register(backlite.NewQueue(func(_ context.Context, task backliteTask) error {
		t.run(task.Job)
		return nil
	}))
	return &backliteQueue{db: db, client: client}, nil
}

func (b *backliteQueue) Fill(ctx context.Context, n int) error {
	return batches(n, 1000, func(from, to int) error {
		tasks := make([]backlite.Task, 0, to-from)
		for job := from; job < to; job++ {
			tasks = append(tasks, backliteTask(newJSONPayload(job)))
		}
		_, err := b.client.Add(tasks...).Ctx(ctx).Save()
		return err
	})
}

func (b *backliteQueue) Insert(ctx context.Context, job int) error {
	_, err := b.client.Add(backliteTask(newJSONPayload(job))).Ctx(ctx).Save()
	return err
}

func (b *backliteQueue) Start(ctx context.Context) error {
	b.client.Start(ctx)
	return nil
}

func (b *backliteQueue) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopPatience)
	defer cancel()
	var err error
	if !b.client.Stop(ctx) {
		err = errors.New("backlite did not stop in time")
	}
	return errors.Join(err, b.db.Close())
}
