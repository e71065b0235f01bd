package live

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/host"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// Shutdown in a commit that lands and reports an error: the run is asked to end.
func TestStopInVain(t *testing.T) {
	t.Parallel()
	e, s, r := newRig(t)
	ctx := context.Background()
	e.Begin(ctx)
	e.Ask(ctx, enq("a", time.Hour))
	h := <-r.started
	once := false
	s.set(func(tx *record.Tx, next func() error) error {
		err := next()
		if !once {
			once = true
			return errors.New("fsync")
		}
		return err
	})
	go e.Stop(ctx, nil)
	select {
	case <-h.stopped:
	case <-time.After(patience):
		t.Error("the run was never asked to end")
	}
}

// closingRunner ends its runs when it is closed.
type closingRunner struct {
	fakeRunner
	closed chan struct{}
	once   sync.Once
}

func (r *closingRunner) Close() error {
	r.once.Do(func() {
		close(r.closed)
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, done := range r.dones {
			done(Result{Outcome: work.Stopped})
		}
	})
	return nil
}

// TestStopNow kills runs although nothing can be written, and waits until it is.
func TestStopNow(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m, err := store.NewMemory().Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s := &badStore{Store: m}
	r := &closingRunner{fakeRunner: fakeRunner{started: make(chan *fakeHandle, 9)}, closed: make(chan struct{})}
	var lines []byte
	e, err := Open(ctx, Config{Policy: host.Policy{}, Store: s, Runner: r, Committed: func(c record.Chunk) { lines = append(lines, c.Lines...) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Begin(ctx); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b"} {
		if _, err := e.Ask(ctx, enq(id, time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	<-r.started
	s.set(func(_ *record.Tx, next func() error) error {
		<-r.closed
		return next()
	})
	now := make(chan struct{})
	close(now)
	if err := e.Stop(ctx, now); err != nil {
		t.Error(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if n := bytes.Count(lines, []byte(`"reaped"`)); n != 1 || bytes.Count(lines, []byte(`"shutdown"`)) == 0 {
		t.Errorf("%d runs ended:\n%s", n, lines)
	}
	if len(r.started) > 0 {
		t.Error("another one was started")
	}
}

// TestCloseWrites closes an engine while one flight is being written and the next is decided.
func TestCloseWrites(t *testing.T) {
	for _, fails := range []int{0, 1, 2} { // the flight that cannot be written
		ctx := context.Background()
		m, err := store.NewMemory().Open(ctx)
		if err != nil {
			t.Fatal(err)
		}
		s := &badStore{Store: m}
		stepped := make(chan core.Event, 9)
		var written int
		e, err := Open(ctx, Config{
			Policy: host.Policy{}, Store: s, Runner: &fakeRunner{},
			Committed: func(record.Chunk) { written++ }, Record: func(_ int64, ev core.Event) { stepped <- ev },
		})
		if err != nil {
			t.Fatal(err)
		}
		release, flights := make(chan struct{}), 0
		s.set(func(_ *record.Tx, next func() error) error {
			<-release
			if flights++; flights == fails {
				return errDisk
			}
			return next()
		})
		var asked [2]chan error
		for i, id := range []string{"a", "b"} {
			asked[i] = make(chan error, 1)
			go func() {
				_, err := e.Ask(ctx, enq(id, 0))
				asked[i] <- err
			}()
			<-stepped
		}
		closed := make(chan error, 1)
		go func() { closed <- e.Close() }()
		<-e.ctx.Done()
		close(release)
		if err := <-closed; (err != nil) != (fails > 0) {
			t.Errorf("flight %d fails: close: %v", fails, err)
		}
		for i := range asked {
			if err := <-asked[i]; (err != nil) != (fails > 0 && i+1 >= fails) {
				t.Errorf("flight %d fails: request %d: %v", fails, i+1, err)
			}
		}
		if want := []int{2, 0, 1}[fails]; written != want {
			t.Errorf("flight %d fails: %d were written, want %d", fails, written, want)
		}
	}
}
