package lull

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/live"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// Info is what is known of a work.
type Info struct {
	ID       work.ID         `json:"id"`
	Seq      int64           `json:"seq"` // order of arrival
	Task     string          `json:"task"`
	State    work.State      `json:"state"`
	Name     string          `json:"name,omitempty"` // unique name
	Tags     []string        `json:"tags,omitempty"`
	Periodic bool            `json:"periodic,omitempty"`
	Attempts int             `json:"attempts"`           // starts, of this period
	Failures int             `json:"failures,omitempty"` // failed runs, of this period
	Periods  int             `json:"periods,omitempty"`  // finished periods
	After    []work.ID       `json:"after,omitempty"`    // works that it comes after
	Input    json.RawMessage `json:"input,omitempty"`
	Output   json.RawMessage `json:"output,omitempty"`
	Progress json.RawMessage `json:"progress,omitempty"`
	Created  time.Time       `json:"created"`
	Due      time.Time       `json:"due,omitzero"`      // next run; zero: none
	Finished time.Time       `json:"finished,omitzero"` // zero: not finished
	Started  time.Time       `json:"started,omitzero"`  // of the run that goes on; zero: none
	Stop     work.StopReason `json:"stop,omitempty"`    // why the last run was stopped; 0: it was not
	Last     *Run            `json:"last,omitempty"`    // the last run that ended
	Unrun    string          `json:"unrun,omitempty"`   // why it FAILED without a run of its own
}

// Run is a run that ended.
type Run struct {
	Epoch   int64        `json:"epoch"`
	Outcome work.Outcome `json:"outcome"`
	Message string       `json:"message,omitempty"`
	Started time.Time    `json:"started"`
	Ended   time.Time    `json:"ended"`
	// Of programs and functions in a process of their own:
	Tier   string `json:"tier,omitempty"`   // how its processes are killed on this host
	Layers string `json:"layers,omitempty"` // which limits and which sandbox it had, and by what
	Code   int    `json:"code,omitempty"`   // exit code
	Signal string `json:"signal,omitempty"` // that ended it
	Tail   string `json:"tail,omitempty"`   // end of its output
	Log    string `json:"log,omitempty"`    // file with its output
}

// Why says why a work does not run now.
type Why struct {
	Work    Info          `json:"work"`
	Reasons []work.Reason `json:"reasons,omitempty"` // none: it runs or is finished

	// Previous is, on a phone, the work of the task that ran last, if this one is another:
	// there each request is a work of its own. Only Reader.Whys looks for it.
	Previous *Info `json:"previous,omitempty"`
}

// Why returns every reason that keeps a work from running now, as the engine's own
// gates give them.
func (e *Engine) Why(ctx context.Context, id work.ID) (Why, error) {
	var why Why
	var err error
	closed := e.live.Do(ctx, func(m *core.Machine, r live.Rows) {
		at := e.live.Now()
		if e.cfg.Phone.Setup.Name != "" {
			at = m.Meta().At // what a platform decided last stands until it is told more
		}
		why, err = view{m: m, rows: r}.why(ctx, id, at)
	})
	return why, errors.Join(err, closed)
}

// Get returns what is known of a work.
func (e *Engine) Get(ctx context.Context, id work.ID) (Info, error) {
	w, err := e.Why(ctx, id)
	return w.Work, err
}

// view reads works through a machine: a live one, or one restored to look at.
type view struct {
	m    *core.Machine
	rows live.Rows
}

func (v view) works(ctx context.Context, ids []work.ID) ([]*record.Work, error) {
	rows, err := v.rows.Resolve(ctx, []record.Need{{Works: ids}})
	return rows.Works, err
}

func (v view) why(ctx context.Context, id work.ID, at int64) (Why, error) {
	found, err := v.works(ctx, []work.ID{id})
	if err != nil {
		return Why{}, err
	}
	if len(found) == 0 {
		return Why{}, &work.Error{Op: "why", Task: string(id), Err: work.ErrUnknownWork}
	}
	w := found[0]
	var parents []*record.Work
	if w.State == work.Blocked {
		if parents, err = v.works(ctx, w.Parents); err != nil {
			return Why{}, err
		}
	}
	if err := v.knows(append(found, parents...)); err != nil {
		return Why{}, err
	}
	return Why{Work: v.info(w), Reasons: v.m.Explain(at, w, parents)}, nil
}

// errNewer is the answer to works that were made after the view.
var errNewer = errors.New("the state went on while it was read")

func (v view) knows(ws []*record.Work) error {
	for _, w := range ws {
		if !v.m.Knows(w) {
			return errNewer
		}
	}
	return nil
}

// info turns a row into what callers see.
func (v view) info(w *record.Work) Info {
	sp := v.m.SpecOf(w)
	i := Info{
		ID: w.ID, Seq: w.Seq, Task: sp.Task, State: w.State, Name: w.Name, Tags: w.Tags, Periodic: sp.Periodic(),
		Attempts: int(w.Attempts), Failures: int(w.Failures), Periods: int(w.Periods), After: w.Parents,
		Input: w.Input, Output: w.Output, Progress: w.Progress,
		Created: v.m.Time(w.Created),
	}
	if w.StopReason != work.NotStopped {
		i.Stop = w.StopReason
	}
	if w.Merged != nil {
		i.Input = w.Merged
	}
	if w.State == work.Enqueued {
		i.Due = v.m.Time(v.m.DueAt(w))
	}
	if w.Finished != 0 {
		i.Finished = v.m.Time(w.Finished)
	}
	if w.State == work.Running {
		i.Started = v.m.Time(v.m.StartedAt(w.ID))
	}
	if w.State == work.Failed && w.Last.Epoch == 0 {
		i.Unrun = cmp.Or(w.Last.Message, "a work before it failed")
	}
	if l := w.Last; l.Epoch != 0 {
		i.Last = &Run{Epoch: l.Epoch, Outcome: l.Outcome, Message: l.Message, Started: v.m.Time(l.Started), Ended: v.m.Time(l.Ended)}
	}
	return i
}

// addHost completes a run by what it left on the host.
func (r *Run) addHost(hosts []record.Host) {
	for _, h := range hosts {
		if h.Epoch == r.Epoch {
			r.Tier, r.Layers, r.Code, r.Signal, r.Tail, r.Log = h.Tier, h.Limits, h.Code, h.Signal, h.Tail, h.Log
		}
	}
}

// Reader looks into a state, beside a running engine or without one. It changes
// nothing. It must be used by one goroutine at a time.
type Reader struct {
	b store.Browser
}

// Browse opens a state for reading.
func Browse(ctx context.Context, s store.Opener) (*Reader, error) {
	b, err := s.Browse(ctx)
	if err != nil {
		return nil, err
	}
	return &Reader{b}, nil
}

// Reader looks into the engine's state beside it.
func (e *Engine) Reader(ctx context.Context) (*Reader, error) { return Browse(ctx, e.cfg.Store) }

// Close closes the reader.
func (r *Reader) Close() error { return r.b.Close() }

// view restores a machine from what is stored now. It decides nothing.
func (r *Reader) view(ctx context.Context, running bool) (view, *record.Snapshot, error) {
	snap, err := r.b.Load(ctx)
	if err != nil {
		return view{}, nil, err
	}
	setup, err := storedPlatform(snap)
	if err != nil {
		return view{}, nil, fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	policy, err := setup.Policy()
	if err != nil {
		return view{}, nil, fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	m := core.New(policy)
	if err := m.Restore(snap); err != nil {
		return view{}, nil, fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	m.SetDispatching(running)
	return view{m: m, rows: store.NewBatch(r.b)}, snap, nil
}

// glances is how often a state is looked at anew that goes on while it is read.
const glances = 10

// glance lets f look at what is stored now, again if the state went on meanwhile.
func (r *Reader) glance(ctx context.Context, running bool, f func(view, *record.Snapshot) error) error {
	for try := 1; ; try++ {
		v, snap, err := r.view(ctx, running)
		if err == nil {
			err = f(v, snap)
		}
		if !errors.Is(err, errNewer) || try == glances {
			return err
		}
	}
}

// Why is [Engine.Why] on what is stored. Running says whether an engine runs on
// the state; if not, that is one of the reasons.
func (r *Reader) Why(ctx context.Context, id work.ID, running bool) (Why, error) {
	all, err := r.Whys(ctx, []work.ID{id}, running)
	if err != nil {
		return Why{}, err
	}
	return all[0], nil
}

// Whys is Why of several works at one time.
func (r *Reader) Whys(ctx context.Context, ids []work.ID, running bool) ([]Why, error) {
	out := make([]Why, len(ids))
	err := r.glance(ctx, running, func(v view, snap *record.Snapshot) (err error) {
		for i, id := range ids {
			if out[i], err = v.why(ctx, id, now(snap)); err != nil {
				return err
			}
			if err := r.onPhone(ctx, v, &out[i]); err != nil {
				return err
			}
			for _, w := range []*Info{&out[i].Work, out[i].Previous} {
				if w == nil || w.Last == nil {
					continue
				}
				hosts, err := r.b.Hosts(ctx, w.ID)
				if err != nil {
					return err
				}
				w.Last.addHost(hosts)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// now is engine time as far as it can be told from outside: from the wall clock.
func now(s *record.Snapshot) int64 {
	return max(s.Meta.At, time.Now().UnixMicro()-s.Meta.Offset)
}

// Filter selects works. The zero value selects all.
type Filter struct {
	States []work.State
	Task   string
	Tag    string
	Name   string // unique name
	Begin  string // of the ID
	Limit  int    // default: all
}

func (f *Filter) query() store.Query {
	return store.Query{States: f.States, Task: f.Task, Tag: f.Tag, Name: f.Name, Begin: f.Begin, Limit: f.Limit}
}

// List returns works, unfinished ones first, then finished ones from the newest.
func (r *Reader) List(ctx context.Context, f Filter) ([]Info, error) {
	var out []Info
	err := r.glance(ctx, true, func(v view, _ *record.Snapshot) error {
		rows, err := r.b.List(ctx, f.query())
		if err == nil {
			err = v.knows(rows)
		}
		if err != nil {
			return err
		}
		out = make([]Info, len(rows))
		for i, w := range rows {
			out[i] = v.info(w)
		}
		return nil
	})
	return out, err
}

// Count returns how many works the filter selects, without its limit.
func (r *Reader) Count(ctx context.Context, f Filter) (int, error) { return r.b.Count(ctx, f.query()) }

// Has reports whether there is a work with this ID.
func (r *Reader) Has(ctx context.Context, id work.ID) (bool, error) {
	found, err := r.b.Works(ctx, []work.ID{id})
	return len(found) > 0, err
}

// Explained is a waiting work with its reasons.
type Explained = Why

// Waiting returns the selected works that are unfinished and do not run, with their
// reasons, in the order of arrival. Running is that of [Reader.Why]; the filter's
// states do not count.
func (r *Reader) Waiting(ctx context.Context, running bool, f Filter) ([]Explained, error) {
	f.States = []work.State{work.Enqueued, work.Blocked}
	var out []Explained
	err := r.glance(ctx, running, func(v view, snap *record.Snapshot) error {
		rows, err := r.b.List(ctx, f.query())
		if err != nil {
			return err
		}
		out = make([]Explained, 0, len(rows))
		for _, w := range rows {
			why, err := v.why(ctx, w.ID, now(snap))
			if errors.Is(err, work.ErrUnknownWork) {
				continue // it was replaced meanwhile
			}
			if err != nil {
				return err
			}
			out = append(out, why)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Stopping returns the works whose runs were asked to end, or have ended, and are not
// gone yet. Their slots are taken.
func (r *Reader) Stopping(ctx context.Context) ([]work.ID, error) {
	snap, err := r.b.Load(ctx)
	if err != nil {
		return nil, err
	}
	var out []work.ID
	for _, x := range snap.Runs {
		if x.State == record.Stopping {
			out = append(out, x.Work)
		}
	}
	return out, nil
}

// Entry is one line of the journal.
type Entry = record.Entry

// Journal calls f with the entries after seq, in order, until it returns false. It
// returns the seq of the last entry that it has passed.
func (r *Reader) Journal(ctx context.Context, after int64, f func(Entry) bool) (int64, error) {
	const chunks = 64
	for {
		cs, err := r.b.Journal(ctx, after, chunks)
		if err != nil || len(cs) == 0 {
			return after, err
		}
		for _, c := range cs {
			entries, err := parseLines(c.Lines)
			if err != nil {
				return after, err
			}
			for _, e := range entries {
				if e.Seq <= after {
					continue
				}
				if after = e.Seq; !f(e) {
					return after, nil
				}
			}
		}
	}
}

func parseLines(lines []byte) ([]Entry, error) {
	var out []Entry
	for len(lines) > 0 {
		n := 0
		for n < len(lines) && lines[n] != '\n' {
			n++
		}
		var e Entry
		if err := json.Unmarshal(lines[:n], &e); err != nil {
			return nil, fmt.Errorf("%w: journal: %w", store.ErrDamaged, err)
		}
		out = append(out, e)
		lines = lines[min(n+1, len(lines)):]
	}
	return out, nil
}

// TaskInfo is a task that the state knows.
type TaskInfo struct {
	Name string `json:"name"`
	Held string `json:"held,omitempty"` // code of the reason that holds its works; "": none
	Note string `json:"note,omitempty"` // the same in words
}

// Tasks returns the tasks that the state knows, by name.
func (r *Reader) Tasks(ctx context.Context) ([]TaskInfo, error) {
	snap, err := r.b.Load(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]TaskInfo, len(snap.Tasks))
	for i, t := range snap.Tasks {
		out[i] = TaskInfo{t.Name, t.Held, t.Note}
	}
	return out, nil
}
