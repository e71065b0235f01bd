// Package lull runs background work that tells the truth. Work is durable: it
// waits until the device's conditions hold, runs in a fresh isolate that can really
// be killed, is retried, is never lost, and says at any time why it does not run.
//
//	var Thumbnail = lull.Define[Photo, Thumb]("thumbnail")
//
//	func main() {
//		isolate.Main(Thumbnail.Do(thumbnail)) // first line: a child isolate never gets past it
//		eng, err := lull.Open(ctx, lull.Config{Store: sqlite.File("work.db")})
//		…
//		q := Thumbnail.Request(Photo{Path: path})
//		q.Needs.Charging = true
//		id, err := eng.Enqueue(ctx, q)
//		…
//		err = eng.Run(ctx) // Open starts nothing; Run does, until ctx is done
//	}
//
//	func thumbnail(ctx context.Context, in Photo) (Thumb, error) { … }
//
// # Words
//
// A task is a named entry point. A work is the durable unit made from a request,
// a run one attempt of it. A gate is a pure predicate that says whether a work may
// run now, and if not, for which reasons. A window is an interval in which a
// platform's policy opens the gates; when no window is open, there is a lull.
// Package work defines the values.
//
// # What is promised
//
// A request that was accepted survives a crash and a power cut. A work has at most
// one run at a time. A run that outlives its budget is gone within budget + grace +
// 3 s, with every process that it started. A work may run more than once: a run
// that is lost with its engine is repeated, so tasks must bear that.
package lull

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/journal"
	"github.com/lullwork/lull/internal/live"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/platform"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/recording"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm/job"
	"github.com/lullwork/lull/work"
)

// Config is what an engine is made of. Only Store is needed.
type Config struct {
	// Store is where works are kept: sqlite.File(path).
	Store store.Opener

	// Plan is a plan file (lull.yaml) whose tasks run beside the program's own.
	// Default: none.
	Plan string
	// Again repeats the plan's one-time tasks that are finished. Default: false.
	Again bool

	// Jobs is how many works may run at the same time. Default: the plan's jobs, else
	// the number of processors.
	Jobs int

	// Assume gives values for signals that cannot be read here, in the words of a
	// plan's assume: {"network": "unmetered"}. Default: the plan's.
	Assume map[string]string
	// Pretend sets signals to values that they do not have, for a try. Default: none.
	Pretend map[string]string

	// Isolation says what the runs of the program's own tasks may use and reach, by the
	// name of the task. Those of the plan's tasks stand in the plan. Default: all that
	// this process may.
	Isolation map[string]Isolation

	// Phone makes the engine follow the rules of a phone's system. Default: the host's own.
	Phone Phone

	// Journal is a file that gets the run log, one JSON object a line. Default: none.
	Journal string
	// Record is a file that gets everything that happens to the engine, so that it can be
	// stepped again (lull sim --replay). It begins with a new state. Default: none.
	Record string
	// Logs is a folder that gets the output of each run that writes some. It is made if
	// it is missing. Default: none.
	Logs string
	// Cache is a folder for what can be made again: the machine code of WebAssembly modules.
	// It is made if it is missing, for this user only. Default: none; then each run of a
	// module compiles it, which may take a second.
	Cache string
	// Keep is how long finished works, their output and the journal are kept. Default:
	// 7 days; negative: for good.
	Keep time.Duration

	// Log is called with what the engine's user should know: a state that cannot be
	// written, an end that was not in order. Default: nothing.
	Log func(format string, args ...any)

	// Device and Clock are replaced in tests, see package lulltest. Default: this
	// machine's.
	Device Device
	Clock  Clock
}

// Clock is the time of an engine. Package lulltest has one that tests move.
type Clock = live.Clock

// Engine runs works. Its methods may be called from any goroutine.
type Engine struct {
	cfg    Config
	live   *live.Engine
	store  store.Store
	plan   *plan.Plan
	assume []record.Fact
	pret   []record.Fact
	file   *journal.File

	recorder   *recording.Writer // nil: nothing is recorded
	unrecorded bool              // nor is the rest

	watchers watchers
	ran      atomic.Bool
	ready    chan struct{} // closed when Run has begun
	ended    chan struct{} // closed when Run has returned
	killed   chan struct{} // closed by Kill
	killing  sync.Once
	device   Device      // set before ready is closed
	heeded   atomic.Bool // a work needs the load to be low
	layers   func() []record.Layer
	rules    core.Policy // the live machine's: to be asked in its order only

	closing sync.Once
	closed  error // what closing came to
}

// ErrClosed is the answer of an engine that was closed.
var ErrClosed = live.ErrClosed

// ErrUnknownOutcome is the answer to a request whose commit failed, if the state
// could not be read again. Asking again with the same ID is safe.
var ErrUnknownOutcome = live.ErrUnknownOutcome

const defaultKeep = 7 * 24 * time.Hour

// Open opens the state and begins to take requests. Nothing is started until Run.
// It reports mistakes in the registered entry points, in the plan and in the
// configuration, all at once. One engine at a time can have a state: the error then
// names the process that has it.
func Open(ctx context.Context, cfg Config) (_ *Engine, err error) {
	e := &Engine{cfg: cfg, ready: make(chan struct{}), ended: make(chan struct{}), killed: make(chan struct{})}
	if err := e.check(); err != nil {
		return nil, err
	}
	if e.store, err = cfg.Store.Open(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.abandon())
		}
	}()
	snap, err := e.store.Load(ctx)
	if err != nil {
		return nil, err
	}
	policy, err := e.policy(snap)
	if err != nil {
		return nil, err
	}
	runner, err := live.NewIsolates(snap.Meta.Engine, cfg.Logs, e.commands())
	if err != nil {
		return nil, err
	}
	e.layers, e.rules = runner.Layers, policy
	if err := e.openJournal(ctx); err != nil {
		return nil, errors.Join(err, runner.Close())
	}
	if err := e.openRecording(snap); err != nil {
		return nil, errors.Join(err, runner.Close())
	}
	e.live, err = live.Open(ctx, live.Config{
		Policy: policy, Store: e.store, Runner: runner, Clock: cfg.Clock, Log: e.cfg.Log, Committed: e.committed, Record: e.recorded,
	})
	if err != nil {
		return nil, errors.Join(err, runner.Close())
	}
	if err = e.tellTasks(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// abandon closes what a failed Open has opened.
func (e *Engine) abandon() error {
	var err error
	if e.live != nil {
		err = e.live.Close() // with the store
	} else {
		err = e.store.Close()
	}
	return errors.Join(err, e.closeFiles())
}

// check fills in defaults and reads the plan.
func (e *Engine) check() error {
	c := &e.cfg
	var errs []error
	if c.Store == nil {
		errs = append(errs, errors.New("no store: set Config.Store, as sqlite.File(\"work.db\")"))
	}
	errs = append(errs, isolate.Err(), checkIsolation(c.Isolation))
	if c.Plan != "" {
		p, err := plan.Read(c.Plan)
		if err != nil {
			errs = append(errs, err)
		} else {
			e.plan = p
			errs = append(errs, checkWasm(p))
			if c.Jobs == 0 {
				c.Jobs = p.Jobs
			}
			for _, t := range p.Tasks {
				if _, both := c.Isolation[t.Name]; both && !t.Modelled {
					errs = append(errs, fmt.Errorf("isolation of %q: the task is the plan's (%s:%d): say it there", t.Name, c.Plan, t.Line))
				}
			}
			for s := range record.Signals {
				if v, ok := p.Assume[s]; ok {
					e.assume = append(e.assume, record.Fact{Signal: s, Value: v, Assumed: true})
				}
			}
		}
	}
	var err error
	if e.assume, err = appendFacts(e.assume, c.Assume, record.Fact{Assumed: true}); err != nil {
		errs = append(errs, fmt.Errorf("assume: %w", err))
	}
	if e.pret, err = appendFacts(nil, c.Pretend, record.Fact{Pretended: true}); err != nil {
		errs = append(errs, fmt.Errorf("pretend: %w", err))
	}
	if c.Jobs < 0 {
		errs = append(errs, fmt.Errorf("jobs %d: must be at least 1", c.Jobs))
	}
	if c.Jobs == 0 && c.Phone.Setup.Name != "" {
		c.Jobs = phoneJobs
	}
	if c.Jobs == 0 {
		c.Jobs = runtime.NumCPU()
	}
	if c.Keep == 0 {
		c.Keep = defaultKeep
	}
	if c.Log == nil {
		c.Log = func(string, ...any) {}
	}
	if c.Logs != "" {
		errs = append(errs, os.MkdirAll(c.Logs, 0o700))
	}
	return errors.Join(errs...)
}

func (e *Engine) commands() map[string]live.Command {
	out := map[string]live.Command{}
	for name, x := range e.cfg.Isolation {
		out[name] = live.Command{Isolation: x}
	}
	if e.plan == nil {
		return out
	}
	for _, c := range e.plan.Commands() {
		if c.Wasm.File != "" {
			out[c.Task] = e.wasmCommand(c)
			continue
		}
		out[c.Task] = live.Command{
			Argv: c.Argv, Shell: c.Shell, Dir: c.Dir, Env: c.Env, Isolation: isolationOf(&c),
		}
	}
	return out
}

func (e *Engine) openJournal(ctx context.Context) (err error) {
	if e.cfg.Journal == "" {
		return nil
	}
	if e.file, err = journal.Open(e.cfg.Journal); err != nil {
		return err
	}
	return e.catchUp(ctx)
}

// catchUp writes what the run log lacks.
func (e *Engine) catchUp(ctx context.Context) error {
	b, err := e.cfg.Store.Browse(ctx)
	if err != nil {
		return err
	}
	return errors.Join(e.file.CatchUp(ctx, b), b.Close())
}

func (e *Engine) committed(c record.Chunk) {
	e.watchers.wake()
	if e.file == nil {
		return
	}
	err := e.file.Append(c)
	if errors.Is(err, journal.ErrGap) {
		// There was no room for the last one, or it seemed to fail and is there after all.
		err = e.catchUp(context.Background())
	}
	if err != nil {
		// The state has it all: the file is made up at the next start.
		e.cfg.Log("run log: %v", err)
	}
}

// tellTasks says which tasks can be started: the plan's and the program's own. A
// program that has neither is a client, and leaves what the state says.
func (e *Engine) tellTasks(ctx context.Context) error {
	rows := map[string]record.TaskRow{}
	if e.plan != nil {
		for _, t := range e.plan.Tasks {
			q := t.Request
			q.Every, q.Flex, q.Cron, q.Zone, q.Missed, q.Chain = 0, 0, "", "", "", nil
			row := record.TaskRow{Name: t.Name, Request: &q, Unique: t.Unique}
			if as := e.cfg.Phone.Setup.Name; as != "" {
				there, ok := e.cfg.Phone.Tasks[t.Name]
				if row.Request, row.Unique = &there.Request, there.Unique; !ok {
					row.Request, row.Held, row.Note = nil, string(work.ReasonNoEntryPoint), "the task does not exist on "+platform.Title(as)
				}
			}
			if t.Modelled {
				row.Held, row.Note = string(work.ReasonNoEntryPoint), "the plan gives the task nothing to run"
			}
			rows[t.Name] = row
		}
	}
	for _, entry := range isolate.Entries() {
		if entry.Name() == job.Entry {
			continue // it runs tasks, and is none
		}
		if r, ok := rows[entry.Name()]; !ok || r.Held != "" {
			rows[entry.Name()] = record.TaskRow{Name: entry.Name()}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	err := e.live.Do(ctx, func(m *core.Machine, _ live.Rows) {
		for _, t := range m.Tasks() {
			if _, ok := rows[t.Name]; !ok && e.plan != nil {
				rows[t.Name] = record.TaskRow{Name: t.Name, Held: string(work.ReasonNotInPlan), Note: "the plan no longer has the task"}
			}
		}
	})
	if err != nil {
		return err
	}
	tasks := make([]record.TaskRow, 0, len(rows))
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		tasks = append(tasks, rows[name])
	}
	_, err = e.live.Ask(ctx, core.TasksKnown{Tasks: tasks})
	return err
}
