//go:build linux

package faulttest

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/internal/store/sqlitestore"
	"github.com/lullwork/lull/sqlite"
	"github.com/lullwork/lull/work"
)

// script is what a victim does.
type script struct {
	State string // folder of the state
	Trace string // folder in which runs leave traces
	Do    string // what runs do
	Load  int    // callers that enqueue works without end
	Pause int    // ms between the works of a caller; default 15
	Works int    // ends the load after so many works, and the engine with it
	Idle  bool   // end in good order as soon as the engine is idle
	Sit   bool   // open the state and hold it, no more
	Watch bool   // follow the journal beside

	Crash string // where the process kills itself
	Fails bool   // a commit fails there instead
	Nth   int    // at which passage
}

func (s script) config() lull.Config {
	c := lull.Config{
		Store: sqlite.File(filepath.Join(s.State, "work.db")), Jobs: 3,
		Journal: filepath.Join(s.State, "journal.jsonl"), Logs: filepath.Join(s.State, "runs"),
		Log: func(format string, args ...any) { fmt.Printf("log "+format+"\n", args...) },
	}
	if plan := filepath.Join(s.State, "lull.yaml"); exists(plan) {
		c.Plan = plan
	}
	if s.Crash != "" {
		c.Store = &crasher{Opener: c.Store, point: s.Crash, fails: s.Fails, left: s.Nth}
	}
	return c
}

func (s script) request(do string) work.Request {
	id := lull.NewID()
	q := chore.Request(errand{s.Trace, string(id), do})
	q.ID, q.Backoff.Delay = id, time.Millisecond
	return q
}

// beVictim is an engine that says what it was told is durable, a line each, and
// takes commands from its standard input.
func beVictim(text string) {
	var s script
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		panic(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	e, err := lull.Open(ctx, s.config())
	if err != nil {
		say("refused", err)
		os.Exit(1)
	}
	fmt.Println("open", os.Getpid())
	if strings.HasPrefix(s.Crash, "trip") {
		go awaitTrip(s.Trace)
	}
	ran := make(chan error, 1)
	switch {
	case s.Sit:
		ran <- nil
	case s.Idle:
		ran <- e.RunUntilIdle(ctx)
	default:
		go func() { ran <- e.Run(ctx) }()
	}
	if s.Watch {
		go follow(ctx, e)
	}
	var load sync.WaitGroup
	for i := range s.Load {
		load.Go(func() { s.enqueueForever(ctx, e, i) })
	}
	if s.Works > 0 {
		go func() { load.Wait(); <-e.Ready(); stop() }()
	}
	if !s.Idle {
		go s.obey(ctx, e, stop)
	}
	err = <-ran
	stop()
	if s.Sit {
		select {}
	}
	load.Wait()
	if err = errors.Join(err, e.Close()); err != nil {
		say("error", err)
		os.Exit(1)
	}
	fmt.Println("closed")
	os.Exit(0)
}

// say prints an error with its kind and its hint, on one line.
func say(what string, err error) {
	kind := "other"
	for _, k := range []struct {
		err  error
		word string
	}{
		{store.ErrNoSpace, "no-space"},
		{store.ErrReadOnly, "read-only"},
		{store.ErrDamaged, "damaged"},
		{store.ErrLocked, "locked"},
		{lull.ErrUnknownOutcome, "unknown"},
		{lull.ErrClosed, "closed"},
		{context.Canceled, "cancelled"},
	} {
		if errors.Is(err, k.err) {
			kind = k.word
			break
		}
	}
	hint := "none"
	if e := (*sqlitestore.Error)(nil); errors.As(err, &e) && e.Hint != "" {
		hint = e.Hint
	}
	fmt.Println(what, kind+":", strings.ReplaceAll(err.Error(), "\n", "; "), "hint:", hint)
}

// enqueueForever enqueues what there is of shapes: single works, several at once,
// chains, and some that are cancelled.
func (s script) enqueueForever(ctx context.Context, e *lull.Engine, caller int) {
	for n := caller; ctx.Err() == nil && (s.Works == 0 || n < s.Works); n += s.Load {
		var qs []work.Request
		var err error
		ack := "once"
		switch n % 6 {
		case 0:
			qs = []work.Request{s.request(s.Do), s.request(s.Do)}
			_, err = e.EnqueueChain(ctx, []work.Node{{Request: qs[0]}, {Request: qs[1], After: []int{0}}}, work.Unique{})
		case 1:
			qs = []work.Request{s.request(s.Do), s.request(s.Do), s.request(s.Do)}
			_, err = e.EnqueueMany(ctx, qs)
		case 2:
			qs, ack = []work.Request{s.request(s.Do)}, "parked"
			qs[0].Delay = time.Hour
			_, err = e.Enqueue(ctx, qs[0])
		default:
			qs = []work.Request{s.request(s.Do)}
			_, err = e.Enqueue(ctx, qs[0])
		}
		if err != nil {
			say("refused", err)
			time.Sleep(20 * time.Millisecond)
			continue
		}
		for _, q := range qs {
			fmt.Println("ack", ack, q.ID)
		}
		if ack == "parked" {
			switch n, err := e.Cancel(ctx, qs[0].ID); {
			case err != nil:
				say("refused", err)
			case n == 1:
				fmt.Println("ack cancelled", qs[0].ID)
			}
		}
		time.Sleep(time.Duration(cmp.Or(s.Pause, 15)) * time.Millisecond)
	}
}

// obey carries out commands, a line each.
func (s script) obey(ctx context.Context, e *lull.Engine, stop func()) {
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		verb, rest, _ := strings.Cut(in.Text(), " ")
		switch verb {
		case "enqueue": // DO N BYTES
			var do string
			var n, size int
			fmt.Sscan(rest, &do, &n, &size)
			fmt.Println("enqueued", s.enqueueSome(ctx, e, do, n, size))
		case "state": // ID
			if i, err := e.Get(ctx, work.ID(rest)); err != nil {
				say("refused", err)
			} else {
				fmt.Println("state", i.State, i.Attempts)
			}
		case "stop":
			stop()
		}
	}
}

// enqueueSome enqueues n works, or as many as it can, with input of a size.
func (s script) enqueueSome(ctx context.Context, e *lull.Engine, do string, n, size int) (done int) {
	for ; done < n; done++ {
		q := s.request(do)
		q.Tags = []string{"pad" + strconv.Itoa(done)}
		q.Input, _ = json.Marshal(map[string]string{"Trace": s.Trace, "Name": string(q.ID), "Do": do, "Pad": strings.Repeat("x", size)})
		ack := "ack once"
		switch {
		case size > 0:
			q.Delay, ack = time.Hour, "ack parked"
		case do == hang:
			q.Budget, q.Grace, q.Attempts, ack = time.Second, grace, 1, "hung"
		}
		if _, err := e.Enqueue(ctx, q); err != nil {
			say("refused", err)
			return done
		}
		fmt.Println(ack, q.ID)
	}
	return done
}

func follow(ctx context.Context, e *lull.Engine) {
	for _, err := range e.Watch(ctx, 0) {
		if err != nil && ctx.Err() == nil {
			fmt.Println("log watch:", err)
			return
		}
	}
}

func awaitTrip(trace string) {
	f, err := os.OpenFile(filepath.Join(trace, "trip"), os.O_RDWR, 0)
	if err == nil {
		_, err = f.Read(make([]byte, 1))
	}
	if err != nil {
		say("error", err)
		os.Exit(1)
	}
	die()
}

func die() {
	_ = unix.Kill(os.Getpid(), unix.SIGKILL)
	select {}
}

func ignoreStops() { signal.Ignore(unix.SIGTERM, unix.SIGINT, unix.SIGHUP) }
