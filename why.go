package lull

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/live"
	"github.com/lullwork/lull/internal/record"
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
	// What programs and functions in a process of their own left on this host. A [Reader]
	// has it by Why and Whys; it is empty elsewhere.
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

// Get returns what is known of a work, but for what its last run left on this host: see
// [Engine.Reader].
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
