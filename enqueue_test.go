package lull_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/lulltest"
	"github.com/lullwork/lull/sqlite"
	"github.com/lullwork/lull/work"
)

// TestRefusals has the mistakes of callers: each refusal is a [work.Error] that names what
// was asked, the task, what is wrong and what to do.
func TestRefusals(t *testing.T) {
	d := lulltest.Start(t, lull.Config{})
	eng := d.Engine
	ctx := context.Background()
	enqueue := func(q work.Request) error { _, err := eng.Enqueue(ctx, q); return err }
	unique := func(u work.Unique) error { _, err := eng.EnqueueUnique(ctx, u, noop.Request(1)); return err }
	for _, test := range []struct {
		what string
		err  error
		is   error
		text string
		hint string // part of it
	}{
		{
			"a task that nobody registered", enqueue(lull.Define[int, int]("nop").Request(1)), work.ErrUnknownTask,
			`enqueue nop: unknown task "nop"`, `did you mean "noop"?; if it is new: pass it to isolate.Main`,
		},
		{
			"a task unlike all others", enqueue(lull.Define[int, int]("from-another-version").Request(1)), work.ErrUnknownTask,
			`enqueue from-another-version: unknown task "from-another-version"`, "pass it to isolate.Main",
		},
		{
			"an input that is no JSON", enqueue(lull.Define[chan int, int]("noop").Request(nil)), work.ErrInvalid,
			"enqueue noop: invalid request: input: json: unsupported type: chan int", "",
		},
		{
			"such an input in a chain of a periodic work", enqueue(work.Request{
				Task: "noop", Every: 1, Chain: []work.Node{{Request: lull.Define[func(), int]("noop").Request(nil)}},
			}), work.ErrInvalid, "enqueue noop: invalid request: input: json: unsupported type: func()", "",
		},
		{
			"such an input in an update", eng.Update(ctx, with(lull.Define[chan int, int]("noop").Request(nil), "x")), work.ErrInvalid,
			"update noop: invalid request: input: json: unsupported type: chan int", "",
		},
		{
			"a zone", enqueue(work.Request{Task: "noop", Cron: "0 3 * * *", Zone: "Mars/Olympus"}), work.ErrInvalid,
			`enqueue noop: invalid request: time zone "Mars/Olympus" cannot be read: unknown time zone Mars/Olympus`, "as Europe/Paris",
		},
		{
			"a zone in an update", eng.Update(ctx, with(work.Request{Task: "noop", Cron: "0 3 * * *", Zone: "Mars/Olympus"}, "x")), work.ErrInvalid,
			`update noop: invalid request: time zone "Mars/Olympus" cannot be read: unknown time zone Mars/Olympus`, "as Europe/Paris",
		},
		{"an update without an ID", eng.Update(ctx, noop.Request(1)), work.ErrInvalid, "update noop: invalid request: no ID", "Request.ID"},
		{"no unique name", unique(work.Unique{}), work.ErrInvalid, "enqueue noop: invalid request: no unique name", "call Enqueue"},
		{
			"a policy for no name", func() error {
				_, err := eng.EnqueueChain(ctx, []work.Node{{Request: noop.Request(1)}}, work.Unique{Policy: work.Append})
				return err
			}(), work.ErrInvalid, `enqueue: invalid request: policy "append" without a unique name`, "Unique.Name",
		},
	} {
		var refused *work.Error
		switch {
		case !errors.As(test.err, &refused) || !errors.Is(test.err, test.is):
			t.Errorf("%s: %v", test.what, test.err)
		case refused.Error() != test.text:
			t.Errorf("%s: %q, want %q", test.what, refused, test.text)
		case !strings.Contains(refused.Hint, test.hint) || test.hint != "" && refused.Hint == "":
			t.Errorf("%s: hint %q", test.what, refused.Hint)
		}
	}
}

func with(q work.Request, id work.ID) work.Request {
	q.ID = id
	return q
}

// Who starts Run in a goroutine and waits at once waits for what is due, and not for
// nothing at all since Run has not begun.
func TestWaitIdleBeforeRun(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	eng, err := lull.Open(ctx, lull.Config{Store: sqlite.File(filepath.Join(t.TempDir(), "work.db"))})
	if err != nil {
		t.Fatal(err)
	}
	id, err := eng.Enqueue(ctx, noop.Request(1))
	if err != nil {
		t.Fatal(err)
	}
	idle, ran := make(chan error, 1), make(chan error, 1)
	go func() { idle <- eng.WaitIdle(ctx) }()
	go func() { ran <- eng.Run(ctx) }()
	if err := <-idle; err != nil {
		t.Error(err)
	}
	if w, err := eng.Get(ctx, id); err != nil || w.State != work.Succeeded {
		t.Errorf("%s, %v, want SUCCEEDED", w.State, err)
	}
	stop()
	if err := errors.Join(<-ran, eng.WaitIdle(context.Background()), eng.Close(), eng.WaitIdle(context.Background())); err != nil {
		t.Error(err)
	}
}

// It does not wait for a Run that was over before it began, nor longer than its context.
func TestWaitIdleWithoutRun(t *testing.T) {
	over, stop := context.WithCancel(context.Background())
	stop()
	eng, err := lull.Open(context.Background(), lull.Config{Store: sqlite.File(filepath.Join(t.TempDir(), "work.db"))})
	if err != nil {
		t.Fatal(err)
	}
	if err := eng.WaitIdle(over); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := errors.Join(eng.Run(over), eng.WaitIdle(context.Background()), eng.Close()); err != nil {
		t.Error(err)
	}
}

// A program that closes in a defer and once more where it ends in order hears of no error.
func TestCloseTwice(t *testing.T) {
	eng, err := lull.Open(context.Background(), lull.Config{
		Store: sqlite.File(filepath.Join(t.TempDir(), "work.db")), Journal: filepath.Join(t.TempDir(), "journal.jsonl"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if err := eng.Close(); err != nil {
			t.Errorf("close %d: %v", i+1, err)
		}
	}
	if _, err := eng.Enqueue(context.Background(), noop.Request(1)); !errors.Is(err, lull.ErrClosed) {
		t.Error(err)
	}
}
