// Package live drives the core on a real machine: it orders what happens, makes
// every decision durable, then acts on it.
package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
)

// Errors that callers branch on.
var (
	// ErrClosed is the answer of an engine that was closed.
	ErrClosed = errors.New("the engine is closed")
	// ErrUnknownOutcome is the answer to a request whose commit failed, if the state
	// could not be read again to see whether it is there.
	ErrUnknownOutcome = errors.New("the outcome is unknown: the state could not be read again")
)

// Config is what an engine is made of. The zero value of an optional field is its
// default.
type Config struct {
	Policy core.Policy
	Store  store.Store
	Runner Runner
	Clock  Clock // default: SystemClock

	// Committed is called with the journal lines of each commit, in order, and must not
	// keep them. Default: nothing.
	Committed func(record.Chunk)
	// Record is called with each event that is stepped, but not with those that only
	// follow from others. Stepped again on an empty state they give the same journal, as
	// long as no commit fails. Default: nothing.
	Record func(at int64, ev core.Event)
	// Log is called with what the engine's user should know. Default: nothing.
	Log func(format string, args ...any)
	// Patience is how long a store that fails is tried again before the engine gives
	// up. Default: 60 s.
	Patience time.Duration
}

// Engine is one engine on one store. Its methods may be called from any goroutine.
type Engine struct {
	cfg     Config
	clock   anchor
	inbox   *inbox
	machine *core.Machine

	now       int64     // engine time of this turn's steps
	backlog   []item    // taken from the inbox, not stepped yet
	cur       *flight   // is being filled
	flying    *flight   // is being written; nil: none
	spare     []*flight // to be filled after cur
	departing chan *flight
	rescuing  bool  // flights stay on the ground
	departed  int64 // when flying was sent off, see awake
	landed    chan error

	ctx        context.Context // ends when the engine is closed
	cancel     context.CancelFunc
	reads      context.Context // of the loop's steps: ends some time later
	breakReads context.CancelFunc
	done       chan struct{} // closed when the loop has ended
	err        error         // why it ended; read after done

	// dispatching is whether the machine is to dispatch, as of the last commit: it is
	// asked for again after the store was opened anew.
	dispatching bool

	wake       int64 // engine time of the next Tick
	nextBudget int64 // when the first budget may be spent, see awake; Never
	slept      int64 // what the machine had slept at the last look
	live       map[liveKey]*liveRun
	started    int64 // runs, ever

	zones struct {
		sync.Mutex
		known map[string]bool
	}
	idle idleWatch
}

// answer is a reply that is given after the commit.
type answer struct {
	to    func(core.Reply, error)
	reply core.Reply
}

// Open restores the engine's state from the store and begins to take requests. It
// starts no run: Begin does.
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Clock == nil {
		c, err := SystemClock()
		if err != nil {
			return nil, err
		}
		cfg.Clock = c
	}
	if cfg.Committed == nil {
		cfg.Committed = func(record.Chunk) {}
	}
	if cfg.Record == nil {
		cfg.Record = func(int64, core.Event) {}
	}
	if cfg.Log == nil {
		cfg.Log = func(string, ...any) {}
	}
	if cfg.Patience == 0 {
		cfg.Patience = time.Minute
	}
	e := &Engine{
		cfg: cfg, inbox: newInbox(), machine: core.New(cfg.Policy),
		cur: &flight{batch: store.NewBatch(cfg.Store)}, spare: []*flight{{batch: store.NewBatch(cfg.Store)}, {batch: store.NewBatch(cfg.Store)}},
		departing: make(chan *flight, 1), landed: make(chan error, 1),
		done: make(chan struct{}), wake: record.Never, nextBudget: record.Never, live: map[liveKey]*liveRun{},
	}
	e.zones.known = map[string]bool{}
	e.ctx, e.cancel = context.WithCancel(context.WithoutCancel(ctx))
	e.reads, e.breakReads = context.WithCancel(context.WithoutCancel(ctx))
	if err := e.restore(ctx); err != nil {
		e.cancel()
		e.breakReads()
		return nil, errors.Join(err, cfg.Clock.Close())
	}
	meta := e.machine.Meta()
	e.clock = newAnchor(cfg.Clock, meta.At, meta.Offset)
	e.slept = cfg.Clock.Slept()
	go e.write()
	go e.loop()
	return e, nil
}

func (e *Engine) restore(ctx context.Context) error {
	snap, err := e.cfg.Store.Load(ctx)
	if err != nil {
		return err
	}
	if err := e.machine.Restore(snap); err != nil {
		return fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	e.cur.reset(e.cfg.Store)
	return nil
}

// Now returns engine time.
func (e *Engine) Now() int64 { return e.clock.now() }

// Ask steps an event and returns the core's answer once it is durable.
func (e *Engine) Ask(ctx context.Context, ev core.Event) (core.Reply, error) {
	type got struct {
		r   core.Reply
		err error
	}
	c := make(chan got, 1)
	err := e.inbox.ask(ctx, item{
		events: []core.Event{ev}, kept: lasting(ev), reply: func(r core.Reply, err error) {
			select {
			case c <- got{r, err}:
			default: // answered before
			}
		},
	})
	if err != nil {
		return core.Reply{}, err
	}
	select {
	case g := <-c:
		return g.r, cmp.Or(g.err, g.r.Err)
	case <-ctx.Done():
		return core.Reply{}, fmt.Errorf("%w (it may still be carried out)", context.Cause(ctx))
	case <-e.done:
	}
	select { // the last answers are given before done is closed
	case g := <-c:
		return g.r, cmp.Or(g.err, g.r.Err)
	default:
		return core.Reply{}, ErrClosed
	}
}

// Tell steps events without waiting.
func (e *Engine) Tell(events ...core.Event) { e.inbox.put(item{events: events}) }

// TellFacts steps facts; if they come faster than they are taken, the last of each
// signal counts.
func (e *Engine) TellFacts(facts []record.Fact) { e.inbox.tell(facts) }

// Do calls f in the engine's order, between two commits, with the machine, which f
// must not step or keep. When Do returns an error, f was not called and will not be.
func (e *Engine) Do(ctx context.Context, f func(m *core.Machine, r Rows)) error {
	var begun atomic.Bool
	c := make(chan struct{})
	if !e.inbox.put(item{do: func() {
		if begun.CompareAndSwap(false, true) {
			f(e.machine, e.cur.batch)
			close(c)
		}
	}}) {
		return ErrClosed
	}
	var err error
	select {
	case <-c:
		return nil
	case <-e.done:
		err = ErrClosed
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if begun.CompareAndSwap(false, true) {
		return err
	}
	<-c
	return nil
}

// Begin makes the engine dispatch. What an earlier engine left behind is swept
// away first; its runs count as lost.
func (e *Engine) Begin(ctx context.Context) error {
	if err := e.cfg.Runner.Sweep(); err != nil {
		return fmt.Errorf("sweep what an earlier engine left: %w", err)
	}
	_, err := e.Ask(ctx, core.Recover{})
	return err
}

// Stop ends dispatching, asks every run to end and waits until all are gone, or
// ctx is done. Those that still go on when now is closed are killed, whatever their
// grace: now, even if the store takes its time.
func (e *Engine) Stop(ctx context.Context, now <-chan struct{}) error {
	e.Tell(core.Shutdown{}) // not Ask: it is to be in the inbox before the end of a killed run
	gone := make(chan error, 1)
	go func() { gone <- e.WaitIdle(ctx) }()
	select {
	case err := <-gone:
		return err
	case <-now:
	}
	return errors.Join(e.cfg.Runner.Close(), <-gone)
}

// stuckRead is how long a read of the store may go on once the engine is closed.
const stuckRead = time.Second

// Close ends the engine. What was decided is made durable, and nobody acts on it any
// more: runs that still go on are found lost by the next one.
//
// It waits for a commit for as long as the disk takes. A writer that was left behind could
// still write: the store would have to stay locked, so that no next engine reads what is changed
// under it, and whoever asked could not be told what became of it.
func (e *Engine) Close() error {
	e.inbox.close()
	e.cancel()
	stuck := time.AfterFunc(stuckRead, e.breakReads)
	<-e.done
	stuck.Stop()
	e.breakReads()
	return errors.Join(e.err, e.cfg.Runner.Close(), e.cfg.Store.Close(), e.cfg.Clock.Close())
}

// Done is closed when the engine has ended, by Close or because of Err.
func (e *Engine) Done() <-chan struct{} { return e.done }

// Err says why the engine ended by itself; nil after Close.
func (e *Engine) Err() error {
	select {
	case <-e.done:
		return e.err
	default:
		return nil
	}
}

// Rows reads rows as of the engine's last step.
type Rows interface {
	Resolve(ctx context.Context, needs []record.Need) (record.Rows, error)
}
