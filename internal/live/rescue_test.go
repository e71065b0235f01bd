package live

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/host"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

type fakeHandle struct{ stopped chan work.StopReason }

func (h *fakeHandle) Stop(w work.StopReason, _ time.Duration) { h.stopped <- w }

type fakeRunner struct {
	mu      sync.Mutex
	started chan *fakeHandle
	dones   []func(Result)
}

func (r *fakeRunner) Start(l Launch, done func(Result)) Handle {
	h := &fakeHandle{make(chan work.StopReason, 9)}
	r.mu.Lock()
	r.dones = append(r.dones, done)
	r.mu.Unlock()
	r.started <- h
	return h
}
func (r *fakeRunner) Sweep() error { return nil }
func (r *fakeRunner) Close() error { return nil }

type badStore struct {
	store.Store
	mu     sync.Mutex
	commit func(tx *record.Tx, next func() error) error
	works  func(ctx context.Context) error
}

func (s *badStore) Commit(ctx context.Context, tx *record.Tx) error {
	s.mu.Lock()
	f := s.commit
	s.mu.Unlock()
	if f == nil {
		return s.Store.Commit(ctx, tx)
	}
	return f(tx, func() error { return s.Store.Commit(ctx, tx) })
}

func (s *badStore) Works(ctx context.Context, ids []work.ID) ([]*record.Work, error) {
	s.mu.Lock()
	f := s.works
	s.mu.Unlock()
	if f != nil {
		if err := f(ctx); err != nil {
			return nil, err
		}
	}
	return s.Store.Works(ctx, ids)
}

func (s *badStore) set(f func(tx *record.Tx, next func() error) error) {
	s.mu.Lock()
	s.commit = f
	s.mu.Unlock()
}

func newRig(t *testing.T) (*Engine, *badStore, *fakeRunner) {
	t.Helper()
	m, err := store.NewMemory().Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	s := &badStore{Store: m}
	r := &fakeRunner{started: make(chan *fakeHandle, 99)}
	e, err := Open(context.Background(), Config{Policy: host.Policy{}, Store: s, Runner: r, Log: logUntilOver(t), Patience: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return e, s, r
}

// logUntilOver logs until the test is over: some leave an engine in the midst of a rescue.
func logUntilOver(t *testing.T) func(string, ...any) {
	var mu sync.Mutex
	over := false
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		over = true
	})
	return func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		if !over {
			t.Logf(format, args...)
		}
	}
}

func enq(id string, b time.Duration) core.Enqueue {
	return core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: work.ID(id), Task: "t", Input: json.RawMessage(`1`), Budget: b}}}}
}

var errDisk = errors.New("disk")

// (A) Do during an outage in which Reopen works and Commit does not: what it calls is called
// once. What was asked for before is refused, and is not there afterwards.
func TestDoTwice(t *testing.T) {
	t.Parallel()
	e, s, _ := newRig(t)
	ctx := context.Background()
	if err := e.Begin(ctx); err != nil {
		t.Fatal(err)
	}
	bad := make(chan struct{}, 99)
	s.set(func(*record.Tx, func() error) error { bad <- struct{}{}; return errDisk })
	asked, done := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := e.Ask(ctx, enq("a", 0))
		asked <- err
	}()
	<-bad
	<-bad
	var calls atomic.Int32
	go func() {
		done <- e.Do(ctx, func(*core.Machine, Rows) { calls.Add(1) })
	}()
	for range 3 {
		<-bad
	}
	s.set(nil)
	if err := <-asked; !errors.Is(err, errDisk) {
		t.Error("what was asked for in the outage:", err)
	}
	if err := <-done; err != nil {
		t.Error("done in the outage:", err)
	}
	if reply, err := e.Ask(ctx, enq("a", 0)); err != nil || reply.Result != core.ResultEnqueued {
		t.Error("after the outage:", reply, err)
	}
	if n := calls.Load(); n != 1 {
		t.Errorf("called %d times", n)
	}
	e.Close()
}

// (B) A commit that lands but reports an error: the stop request is lost.
func TestLostStop(t *testing.T) {
	for _, how := range []string{"cancel", "budget"} {
		t.Run(how, func(t *testing.T) {
			e, s, r := newRig(t)
			ctx := context.Background()
			if err := e.Begin(ctx); err != nil {
				t.Fatal(err)
			}
			b := time.Hour
			if how == "budget" {
				b = 300 * time.Millisecond
			}
			if _, err := e.Ask(ctx, enq("a", b)); err != nil {
				t.Fatal(err)
			}
			h := <-r.started
			once := false
			s.set(func(tx *record.Tx, next func() error) error {
				err := next()
				if !once {
					once = true
					return errDisk
				}
				return err
			})
			if how == "cancel" {
				_, err := e.Ask(ctx, core.Cancel{ID: "a"})
				t.Logf("cancel: %v", err)
			}
			select {
			case <-h.stopped:
			case <-time.After(patience):
				e.Do(ctx, func(m *core.Machine, _ Rows) { t.Logf("runs: %+v", m.Runs()) })
				t.Errorf("the run is Stopping in the state and was never asked to stop")
			}
		})
	}
}

// (C) Close while a prune is being written and a request waits behind it.
func TestCloseBehindPrune(t *testing.T) {
	e, s, _ := newRig(t)
	release, in := make(chan struct{}), make(chan struct{}, 9)
	s.set(func(tx *record.Tx, next func() error) error {
		if tx.Prune != nil {
			in <- struct{}{}
			<-release
		}
		return next()
	})
	e.Tell(core.Prune{})
	<-in
	got := make(chan error, 1)
	go func() { _, err := e.Ask(context.Background(), enq("a", 0)); got <- err }()
	time.Sleep(200 * time.Millisecond)
	closed := make(chan error, 1)
	go func() { closed <- e.Close() }()
	time.Sleep(200 * time.Millisecond)
	close(release)
	select {
	case err := <-got:
		t.Log(err)
	case <-time.After(patience):
		t.Error("Ask hangs for ever")
	}
	select {
	case <-closed:
	case <-time.After(patience):
		t.Error("Close hangs")
	}
}

// (D) Close while a step reads, with an asker whose context has ended.
func TestDoubleAnswer(t *testing.T) {
	e, s, _ := newRig(t)
	in := make(chan struct{}, 9)
	s.mu.Lock()
	n := 0
	s.works = func(ctx context.Context) error {
		n++
		if n == 2 {
			in <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}
	s.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	// hold the loop so that both are taken in one turn
	hold := make(chan struct{})
	go e.Do(context.Background(), func(*core.Machine, Rows) { <-hold })
	time.Sleep(100 * time.Millisecond)
	go e.Ask(ctx, enq("a", 0))
	time.Sleep(50 * time.Millisecond)
	go e.Ask(ctx, enq("b", 0))
	time.Sleep(50 * time.Millisecond)
	close(hold)
	<-in
	cancel()
	time.Sleep(100 * time.Millisecond)
	closed := make(chan error, 1)
	go func() { closed <- e.Close() }()
	select {
	case <-closed:
	case <-time.After(patience):
		t.Error("Close hangs")
	}
}

// (E) host record after a failed commit
func TestHostLost(t *testing.T) {
	t.Parallel()
	e, s, r := newRig(t)
	ctx := context.Background()
	e.Begin(ctx)
	e.Ask(ctx, enq("a", 0))
	<-r.started
	once, written := false, make(chan struct{}, 9)
	s.set(func(tx *record.Tx, next func() error) error {
		if !once {
			once = true
			return errDisk
		}
		if len(tx.Hosts) > 0 {
			written <- struct{}{}
		}
		return next()
	})
	r.mu.Lock()
	done := r.dones[0]
	r.mu.Unlock()
	done(Result{Outcome: work.Success, Host: &record.Host{Work: "a", Epoch: 1, Tail: "x"}})
	e.WaitIdle(ctx)
	select {
	case <-written:
	case <-time.After(patience):
		t.Error("the host record is lost")
	}
	e.Close()
}
