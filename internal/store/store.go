// Package store keeps rows: [Store] is what a driver needs of one, [Memory] is
// the one for tests and simulation, and [Batch] is a view of a store with the
// changes that are not committed yet on top.
package store

import (
	"context"
	"errors"
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Errors that drivers branch on.
var (
	ErrLocked    = errors.New("another engine has this state")
	ErrNoSpace   = errors.New("no space left for the state")
	ErrReadOnly  = errors.New("the state cannot be written")
	ErrDamaged   = errors.New("the state is damaged")
	ErrNewer     = errors.New("the state was written by a newer version")
	ErrDuplicate = errors.New("a work with this ID exists")
	ErrClosed    = errors.New("the store is closed")
)

// Reader reads rows. Works come in the order of their seq, each once; rows that
// do not exist are left out.
type Reader interface {
	// Works returns the works with these IDs, finished ones too.
	Works(ctx context.Context, ids []work.ID) ([]*record.Work, error)
	// Named returns every work with a unique name, finished ones too.
	Named(ctx context.Context, name string) ([]*record.Work, error)
	// Next returns the works that name one of ids as a parent.
	Next(ctx context.Context, ids []work.ID) ([]*record.Work, error)
	// Tagged returns unfinished works with a tag (all, for the empty tag) whose seq
	// is above after.
	Tagged(ctx context.Context, tag string, after int64, limit int) ([]*record.Work, error)
	// Page returns the ENQUEUED works of a group whose key is above after, in the order
	// of their keys.
	Page(ctx context.Context, g record.Group, after record.Key, limit int) ([]*record.Work, error)
	// Unused returns the IDs of the specs that no work refers to, in order.
	Unused(ctx context.Context) ([]int64, error)
	// Load returns everything but the waiting and the finished works. Running are
	// the works that are RUNNING or that a run belongs to, whatever their state.
	Load(ctx context.Context) (*record.Snapshot, error)
}

// Store is a durable place for rows. One goroutine at a time uses it, but for this:
// while one commits, another may read, and sees all of the commit or nothing of it.
// Its rows are its own: what it returns may be changed by the caller, what it is
// given is not kept.
type Store interface {
	Reader
	// Commit makes tx durable before it returns nil. After an error the outcome is
	// unknown: nothing or all of tx may be there, and the store must be reopened.
	Commit(ctx context.Context, tx *record.Tx) error
	// Reopen drops every handle and opens again, as after a restart.
	Reopen(ctx context.Context) error
	Close() error
}

// Opener is a place where rows are kept, before it is opened.
type Opener interface {
	// Open makes the caller the one engine of the state there. If another engine has
	// it, the error is ErrLocked.
	Open(ctx context.Context) (Store, error)
	// Browse reads the state without having it, beside an engine or without one.
	Browse(ctx context.Context) (Browser, error)
	// Where names the place, for messages.
	Where() string
}

// Query selects works for a listing.
type Query struct {
	States []work.State // none: all
	Task   string
	Tag    string
	Name   string
	Begin  string // of the ID
	Limit  int    // 0: all
}

// Open reports whether unfinished works are asked for.
func (q *Query) Open() bool {
	return len(q.States) == 0 || slices.ContainsFunc(q.States, func(s work.State) bool { return !s.Finished() })
}

// Done reports whether finished works are asked for.
func (q *Query) Done() bool {
	return len(q.States) == 0 || slices.ContainsFunc(q.States, work.State.Finished)
}

// Browser reads what listings and the run log need, beside a running engine or
// without one. One goroutine at a time uses it.
type Browser interface {
	Reader
	// List returns works, unfinished ones first, then finished ones from the newest.
	List(ctx context.Context, q Query) ([]*record.Work, error)
	// Count returns how many works List would, without the limit.
	Count(ctx context.Context, q Query) (int, error)
	// Journal returns chunks that hold entries above seq, in order, at most limit.
	Journal(ctx context.Context, after int64, limit int) ([]record.Chunk, error)
	// Hosts returns the host records of a work's runs, by epoch.
	Hosts(ctx context.Context, id work.ID) ([]record.Host, error)
	Close() error
}
