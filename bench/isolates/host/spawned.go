package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/lullwork/lull/bench/isolates/internal/trial"
	"github.com/lullwork/lull/isolate"
)

// spawned is a system of isolates started by isolate.Spawn.
type spawned struct {
	task    isolate.Task[work, bool]
	spawner *isolate.Spawner
	row     *row // nil without a pool
}

// row is some starts from a pool, one after the other.
type row struct {
	most  int
	left  int     // until the pool has a rest
	over  []*live // of it, to be ended before the next one
	begun bool    // somebody asks when it is ready
}

const (
	warmSize = 4
	warmRest = 20 * time.Millisecond // in which a pool fills up many times over
	// After a rest a processor has halted, and its caches are another's: a pipe between two
	// programs then takes 76 us instead of 28. So before a row the host works for a moment.
	warmWork = time.Millisecond
)

// newSpawned has a pool of warmSize if starts come in rows.
func newSpawned(task isolate.Task[work, bool], rows int) func() (trial.System, error) {
	return func() (trial.System, error) {
		made := spawned{task: task}
		var config isolate.Config
		if rows > 0 {
			made.row, config.Warm = &row{most: rows}, warmSize
		}
		var err error
		made.spawner, err = isolate.NewSpawner(config)
		return made, err
	}
}

// Ready lets a pool fill up after each row. That it has is not to be asked of it, so a start that comes too early shows
// in p99.
func (s spawned) Ready(ctx context.Context) error {
	r := s.row
	if r == nil {
		return ctx.Err()
	}
	if r.begun = true; r.left == 0 {
		if err := r.end(); err != nil {
			return err
		}
		time.Sleep(warmRest)
		for began := time.Now(); time.Since(began) < warmWork; {
			runtime.Gosched()
		}
		r.left = r.most
	}
	r.left--
	return ctx.Err()
}

func (r *row) end() (err error) {
	for _, l := range r.over {
		err = errors.Join(err, l.end())
	}
	r.over = r.over[:0]
	return err
}

func (s spawned) Close() error {
	var err error
	if s.row != nil {
		err = s.row.end()
	}
	return errors.Join(err, s.spawner.Close())
}

func (s spawned) Start(ctx context.Context, hello []byte) (trial.Isolate, []byte, error) {
	l := &live{news: isolate.NewReceivePort[news](ctx), back: isolate.NewReceivePort[[]byte](ctx)}
	if s.row != nil && s.row.begun {
		l.row = s.row
	}
	var err error
	in := work{Hello: hello, News: l.news.SendPort(), Back: l.back.SendPort()}
	if l.isolate, err = isolate.Spawn(ctx, s.task, in, isolate.SpawnConfig{Spawner: s.spawner}); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-l.isolate.Done():
			cancel(fmt.Errorf("it has ended: %s", l.isolate.Wait()))
		case <-ctx.Done():
		}
	}()
	first, err := l.news.Receive(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, l.Close())
	}
	l.to = first.To
	return l, first.Hello, nil
}

// live is an isolate that runs serve.
type live struct {
	isolate *isolate.Isolate[bool]
	news    *isolate.ReceivePort[news]
	back    *isolate.ReceivePort[[]byte]
	to      isolate.SendPort[[]byte]
	left    bool // the loop that sends back
	row     *row // nil: it is of none
	buf     []byte
}

func (l *live) RoundTrip(ctx context.Context, p []byte) ([]byte, error) {
	if err := l.to.Send(ctx, p); err != nil {
		return nil, err
	}
	err := l.back.ReceiveInto(ctx, &l.buf)
	return l.buf, err
}

// leave has the isolate listen to another port.
func (l *live) leave(ctx context.Context, how byte) (news, error) {
	l.left = true
	if err := l.to.Send(ctx, []byte{how}); err != nil {
		return news{}, err
	}
	return l.news.Receive(ctx)
}

func (l *live) Push(ctx context.Context, p []byte) error {
	if !l.left {
		n, err := l.leave(ctx, beginPushes)
		if err != nil {
			return err
		}
		l.to = n.To
	}
	return l.to.Send(ctx, p)
}

func (l *live) Flush(ctx context.Context) (int64, error) {
	if err := l.Push(ctx, nil); err != nil {
		return 0, err
	}
	n, err := l.news.Receive(ctx)
	return n.Count, err
}

// Lend times what a user does each time, NewTransfer too.
func (l *live) Lend(ctx context.Context, size int) (lend func() error, err error) {
	n, err := l.leave(ctx, beginLends)
	if err != nil {
		return nil, err
	}
	return func() error {
		t, err := isolate.NewTransfer(n.Lends, size)
		if err != nil {
			return err
		}
		b := t.Bytes()
		b[0], b[len(b)-1] = mark, mark
		if err := n.Lends.Send(ctx, loan{t}); err != nil {
			return err
		}
		got, err := l.news.Receive(ctx)
		if err == nil && got.Count != int64(size) {
			err = fmt.Errorf("%d bytes were lent, the isolate has %d", size, got.Count)
		}
		return err
	}, nil
}

// Close ends it now, or when its row is over.
func (l *live) Close() error {
	if l.row != nil {
		l.row.over = append(l.row.over, l)
		return nil
	}
	return l.end()
}

// end lets the function return, or stops it where it does not by itself.
func (l *live) end() error {
	want := isolate.Success
	if l.left || l.to.Send(context.Background(), nil) != nil {
		want = isolate.Stopped
		l.isolate.Stop("the trial is over", 0)
	}
	exit := l.isolate.Wait()
	l.news.Close()
	l.back.Close()
	if exit.Outcome != want {
		return fmt.Errorf("its end: %s", exit)
	}
	return nil
}
