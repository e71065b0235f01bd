package main

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"time"

	_ "github.com/mattn/go-sqlite3"
	"maragu.dev/goqite"
	"maragu.dev/goqite/jobs"
)

// goqiteTable is the table that goqite 0.4.0 works on. The library does not create it: its users put the DDL into
// their own migrations, from schema_sqlite.sql of github.com/maragudk/goqite (MIT, copyright Maragu ApS).
const goqiteTable = `
create table goqite (
	id text primary key default ('m_' || lower(hex(randomblob(16)))),
	created text not null default (strftime('%Y-%m-%dT%H:%M:%fZ')),
	updated text not null default (strftime('%Y-%m-%dT%H:%M:%fZ')),
	queue text not null,
	body blob not null,
	timeout text not null default (strftime('%Y-%m-%dT%H:%M:%fZ')),
	received integer not null default 0,
	priority integer not null default 0
) strict;
create trigger goqite_updated_timestamp after update on goqite begin
	update goqite set updated = strftime('%Y-%m-%dT%H:%M:%fZ') where id = old.id;
end;
create index goqite_queue_priority_created_idx on goqite (queue, priority desc, created);`

const goqiteJob = "job"

func goqiteSystem() system {
	return system{
		name: "goqite",
		tuning: "goqite " + version("maragu.dev/goqite") + " on mattn " + version("github.com/mattn/go-sqlite3") +
			", 1 connection; jobs.Runner, poll 5 ms (default 100 ms), limit 1000 (default: CPUs)",
		open: openGoqite,
	}
}

type goqiteQueue struct {
	db      *sql.DB
	q       *goqite.Queue
	runner  *jobs.Runner
	cancel  context.CancelFunc
	stopped chan struct{}
}

func openGoqite(ctx context.Context, t trial) (queue, error) {
	db, err := openDurable(ctx, "sqlite3",
		"file:"+filepath.Join(t.dir, "goqite.db")+"?_journal=WAL&_synchronous=FULL&_timeout=5000&_fk=true")
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, goqiteTable); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	q := goqite.New(goqite.NewOpts{DB: db, Name: "bench"})
	runner := jobs.NewRunner(jobs.NewRunnerOpts{
		Limit:        1000,
		PollInterval: 5 * time.Millisecond,
		Log:          t.log,
		Queue:        q,
	})
	runner.Register(goqiteJob, func(_ context.Context, m []byte) error {
		job, err := jobOfBinary(m)
		if err != nil {
			return err
		}
		t.run(job)
		return nil
	})
	return &goqiteQueue{db: db, q: q, runner: runner}, nil
}

func (g *goqiteQueue) Fill(ctx context.Context, n int) error {
	return batches(n, 1000, func(from, to int) error {
		tx, err := g.db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		for job := from; job < to; job++ {
			if _, err := jobs.CreateTx(ctx, tx, g.q, goqiteJob, goqite.Message{Body: binaryPayload(job)}); err != nil {
				return errors.Join(err, tx.Rollback())
			}
		}
		return tx.Commit()
	})
}

func (g *goqiteQueue) Insert(ctx context.Context, job int) error {
	_, err := jobs.Create(ctx, g.q, goqiteJob, goqite.Message{Body: binaryPayload(job)})
	return err
}

func (g *goqiteQueue) Start(ctx context.Context) error {
	ctx, g.cancel = context.WithCancel(ctx)
	g.stopped = make(chan struct{})
	go func() {
		defer close(g.stopped)
		g.runner.Start(ctx)
	}()
	return nil
}

func (g *goqiteQueue) Close() error {
	if g.cancel != nil {
		g.cancel()
		<-g.stopped
	}
	return g.db.Close()
}
