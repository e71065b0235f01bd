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
	pace    time.Duration // between two starts
}

const (
	warmSize = 4
	warmPace = 20 * time.Millisecond // in which a process is replaced many times over
	// After a pause a processor has halted, and its caches are another's: a pipe between two
	// programs then takes 76 us instead of 28. The other rows have no pause, so before this
	// one the host works for a moment.
	warmWork = time.Millisecond
)

func newSpawned(task isolate.Task[work, bool], config isolate.Config) func() (trial.System, error) {
	return func() (trial.System, error) {
		s, err := isolate.NewSpawner(config)
		pooled := spawned{task: task, spawner: s}
		if config.Warm > 0 {
			pooled.pace = warmPace
		}
		return pooled, err
	}
}

// Ready lets a pool fill up. That it has is not to be asked of it, so a start that comes too early shows in p99.
func (s spawned) Ready(ctx context.Context) error {
	time.Sleep(s.pace)
	if s.pace > 0 {
		for began := time.Now(); time.Since(began) < warmWork; {
			runtime.Gosched()
		}
	}
	return ctx.Err()
}

func (s spawned) Close() error { return s.spawner.Close() }

func (s spawned) Start(ctx context.Context, hello []byte) (trial.Isolate, []byte, error) {
	l := &live{news: isolate.NewReceivePort[news](ctx), back: isolate.NewReceivePort[[]byte](ctx)}
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

// Close lets the function return, or stops it where it does not by itself.
func (l *live) Close() error {
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
