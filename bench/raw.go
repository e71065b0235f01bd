package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

const (
	rawBatch = 100  // jobs claimed in one commit
	rawGroup = 1024 // calls to Insert that share one commit at most
)

const rawSchema = `
create table job (
	id integer primary key,
	due integer not null,
	state integer not null,
	epoch integer not null,
	payload blob not null
) strict;
create index job_due on job (due, id) where state = 0;
create table journal (
	seq integer primary key,
	at integer not null,
	job integer not null,
	epoch integer not null,
	outcome integer not null
) strict;`

const (
	rawInsertSQL  = `insert into job (id, due, state, epoch, payload) values (?, ?, 0, 0, ?)`
	rawClaimSQL   = `update job set state = 1, epoch = epoch + 1 where id in (select id from job where state = 0 order by due, id limit ?) returning id, epoch, payload`
	rawFinishSQL  = `delete from job where id = ?`
	rawJournalSQL = `insert into journal (at, job, epoch, outcome) values (?, ?, ?, 1)`
)

func rawSystem() system {
	return system{
		name: "raw loop",
		tuning: "raw loop: no queue but what SQLite allows one, zombiezen " + version("zombiezen.com/go/sqlite") + " (modernc " +
			version("modernc.org/sqlite") + "), 1 connection; one commit = finish 100 + 100 journal rows + claim 100 + the inserts that wait",
		open: openRaw,
		big:  true,
		held: rawBatch,
	}
}

// rawQueue is the shortest durable loop: one goroutine owns the connection, and each of its commits carries all that is
// to be written then. It keeps the order of a real engine (a claim is durable before its job runs, a call to Insert
// returns after its commit) and leaves out retries, constraints, uniqueness, cancel and everything else.
type rawQueue struct {
	conn  *sqlite.Conn
	run   func(job int)
	waits bool

	inbox   chan rawInsert
	start   chan struct{}
	quit    chan struct{}
	stopped chan struct{}
	err     error // why the loop ended; read it after stopped is closed

	// Owned by the loop.
	dispatching bool
	pending     int // rows that nobody claimed
	running     []rawJob
}

// rawInsert asks for jobs from..to-1; done hears how the commit went.
type rawInsert struct {
	from, to int
	done     chan error
}

type rawJob struct {
	id    int64
	epoch int64
	job   int
}

func openRaw(_ context.Context, t trial) (queue, error) {
	conn, err := sqlite.OpenConn(filepath.Join(t.dir, "raw.db"), sqlite.OpenReadWrite, sqlite.OpenCreate, sqlite.OpenWAL)
	if err != nil {
		return nil, err
	}
	if err := prepareRaw(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	r := &rawQueue{
		conn:    conn,
		run:     t.run,
		waits:   t.waits,
		inbox:   make(chan rawInsert, rawGroup),
		start:   make(chan struct{}),
		quit:    make(chan struct{}),
		stopped: make(chan struct{}),
	}
	go r.loop()
	return r, nil
}

func prepareRaw(conn *sqlite.Conn) error {
	if err := sqlitex.ExecuteTransient(conn, "pragma synchronous = full", nil); err != nil {
		return err
	}
	if err := proveDurable(func(pragma string) (value string, err error) {
		err = sqlitex.ExecuteTransient(conn, "pragma "+pragma, &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
			value = s.ColumnText(0)
			return nil
		}})
		return value, err
	}); err != nil {
		return err
	}
	return sqlitex.ExecuteScript(conn, rawSchema, nil)
}

func (r *rawQueue) Fill(ctx context.Context, n int) error {
	return batches(n, 10_000, func(from, to int) error { return r.send(ctx, from, to) })
}

func (r *rawQueue) Insert(ctx context.Context, job int) error { return r.send(ctx, job, job+1) }

func (r *rawQueue) send(ctx context.Context, from, to int) error {
	in := rawInsert{from: from, to: to, done: make(chan error, 1)}
	select {
	case r.inbox <- in:
	case <-r.stopped:
		return r.ended()
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-in.done:
		return err
	case <-r.stopped:
		return r.ended()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *rawQueue) ended() error {
	if r.err != nil {
		return r.err
	}
	return errors.New("the raw loop has stopped")
}

func (r *rawQueue) Start(ctx context.Context) error {
	select {
	case r.start <- struct{}{}:
		return nil
	case <-r.stopped:
		return r.ended()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *rawQueue) Close() error {
	close(r.quit)
	<-r.stopped
	return errors.Join(r.err, r.conn.Close())
}

func (r *rawQueue) loop() {
	defer close(r.stopped)
	var inserts []rawInsert
	for {
		var more bool
		inserts, more = r.gather(inserts[:0])
		if !more {
			return
		}
		if len(inserts) == 0 && len(r.running) == 0 && !r.claimable() {
			continue
		}
		err := r.commit(inserts)
		for _, in := range inserts {
			in.done <- err
		}
		if err != nil {
			r.err = err
			return
		}
		r.runBatch()
	}
}

func (r *rawQueue) claimable() bool { return r.dispatching && r.pending > 0 }

// gather takes what waits to be written. It blocks only when there is nothing to finish and nothing to claim.
func (r *rawQueue) gather(inserts []rawInsert) (_ []rawInsert, more bool) {
	if len(r.running) == 0 && !r.claimable() {
		select {
		case in := <-r.inbox:
			inserts = append(inserts, in)
		case <-r.start:
			r.dispatching = true
			return inserts, true
		case <-r.quit:
			return nil, false
		}
	}
	runtime.Gosched() // callers that the last commit woke get to send again: larger groups, fewer syncs
	for len(inserts) < rawGroup {
		select {
		case in := <-r.inbox:
			inserts = append(inserts, in)
		case <-r.quit:
			return nil, false
		default:
			return inserts, true
		}
	}
	return inserts, true
}

// commit writes the inserts, the finished jobs with their journal rows and the next claim in one transaction,
// and makes what it claimed the running batch.
func (r *rawQueue) commit(inserts []rawInsert) (err error) {
	end, err := sqlitex.ImmediateTransaction(r.conn)
	if err != nil {
		return err
	}
	defer end(&err)
	now := time.Now().UnixMicro()
	for _, in := range inserts {
		for job := in.from; job < in.to; job++ {
			if err := r.exec(rawInsertSQL, func(s *sqlite.Stmt) {
				s.BindInt64(1, int64(job)+1)
				s.BindInt64(2, now)
				s.BindBytes(3, binaryPayload(job))
			}); err != nil {
				return err
			}
		}
		r.pending += in.to - in.from
	}
	for _, j := range r.running {
		if err := r.exec(rawFinishSQL, func(s *sqlite.Stmt) { s.BindInt64(1, j.id) }); err != nil {
			return err
		}
		if err := r.exec(rawJournalSQL, func(s *sqlite.Stmt) {
			s.BindInt64(1, now)
			s.BindInt64(2, j.id)
			s.BindInt64(3, j.epoch)
		}); err != nil {
			return err
		}
	}
	r.running = r.running[:0]
	if !r.claimable() {
		return nil
	}
	return r.claim()
}

func (r *rawQueue) exec(sql string, bind func(*sqlite.Stmt)) error {
	s, err := r.conn.Prepare(sql)
	if err != nil {
		return err
	}
	bind(s)
	if _, err := s.Step(); err != nil {
		return err
	}
	return s.Reset()
}

func (r *rawQueue) claim() error {
	s, err := r.conn.Prepare(rawClaimSQL)
	if err != nil {
		return err
	}
	s.BindInt64(1, rawBatch)
	payload := make([]byte, payloadSize)
	for {
		row, err := s.Step()
		if err != nil {
			return err
		}
		if !row {
			break
		}
		j := rawJob{id: s.ColumnInt64(0), epoch: s.ColumnInt64(1)}
		if j.job, err = jobOfBinary(payload[:s.ColumnBytes(2, payload)]); err != nil {
			return fmt.Errorf("job %d: %w", j.id, err)
		}
		r.running = append(r.running, j)
	}
	r.pending -= len(r.running)
	return s.Reset()
}

func (r *rawQueue) runBatch() {
	if !r.waits {
		for _, j := range r.running {
			r.run(j.job)
		}
		return
	}
	var wg sync.WaitGroup
	for _, j := range r.running {
		wg.Go(func() { r.run(j.job) })
	}
	wg.Wait()
}
