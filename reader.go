package lull

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

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
