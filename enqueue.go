package lull

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/live"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Enqueue makes one work and returns its ID once it is durable. A request with an
// ID that exists changes nothing and returns that ID.
func (e *Engine) Enqueue(ctx context.Context, q work.Request) (work.ID, error) {
	return e.enqueueOne(ctx, work.Unique{}, q)
}

func (e *Engine) enqueueOne(ctx context.Context, u work.Unique, q work.Request) (work.ID, error) {
	r, err := e.enqueue(ctx, []work.Node{{Request: q}}, u)
	if err != nil {
		return "", err
	}
	return r.IDs[0], nil
}

// EnqueueMany makes works that have nothing to do with each other, all or none of
// them, in one commit. Those whose IDs exist stay as they are. It returns their IDs in
// the order of the requests.
func (e *Engine) EnqueueMany(ctx context.Context, qs []work.Request) ([]work.ID, error) {
	nodes := make([]work.Node, len(qs))
	for i, q := range qs {
		nodes[i].Request = q
	}
	r, err := e.enqueue(ctx, nodes, work.Unique{})
	return r.IDs, err
}

// EnqueueUnique makes one work under a unique name. What becomes of it, if the name
// is taken, says the policy; the ID is that of the work that now has the name. An empty
// name is an error: it would keep nothing apart.
func (e *Engine) EnqueueUnique(ctx context.Context, u work.Unique, q work.Request) (work.ID, error) {
	if u.Name == "" {
		return "", &work.Error{
			Op: "enqueue", Task: q.Task, Err: fmt.Errorf("%w: no unique name", work.ErrInvalid),
			Hint: "set Unique.Name, or call Enqueue",
		}
	}
	return e.enqueueOne(ctx, u, q)
}

// EnqueueChain makes works that come after one another, all or none of them. With
// a unique name the policy applies to those that come first. It returns the IDs in
// the order in which the works may run, or that of the work that keeps the name.
func (e *Engine) EnqueueChain(ctx context.Context, nodes []work.Node, u work.Unique) ([]work.ID, error) {
	r, err := e.enqueue(ctx, nodes, u)
	return r.IDs, err
}

func (e *Engine) enqueue(ctx context.Context, nodes []work.Node, u work.Unique) (core.Reply, error) {
	if u.Name == "" && u.Policy != "" {
		return core.Reply{}, &work.Error{
			Op: "enqueue", Err: fmt.Errorf("%w: policy %q without a unique name", work.ErrInvalid, u.Policy), Hint: "set Unique.Name",
		}
	}
	if err := written("enqueue", nodes); err != nil {
		return core.Reply{}, err
	}
	if err := e.live.EnsureZones(ctx, "enqueue", nodes); err != nil {
		return core.Reply{}, err
	}
	e.heedLoad(nodes)
	fresh := true
	filled := make([]work.Node, len(nodes))
	for i, n := range nodes {
		if n.Request.ID == "" {
			n.Request.ID = NewID()
		} else {
			fresh = false
		}
		filled[i] = n
	}
	r, err := e.live.Ask(ctx, core.Enqueue{Nodes: filled, Unique: u, Fresh: fresh})
	return r, e.hinted(ctx, err)
}

// written refuses inputs that Task.Request could not write as JSON, with the reason.
func written(op string, nodes []work.Node) error {
	for i := range nodes {
		q := &nodes[i].Request
		if len(q.Input) > 0 && q.Input[0] == unwritten {
			return &work.Error{Op: op, Task: q.Task, Err: fmt.Errorf("%w: input: %s", work.ErrInvalid, q.Input[1:])}
		}
		if err := written(op, q.Chain); err != nil {
			return err
		}
	}
	return nil
}

// hinted adds to the refusal of an unknown task what would make it known.
func (e *Engine) hinted(ctx context.Context, err error) error {
	var refused *work.Error
	if !errors.Is(err, work.ErrUnknownTask) || !errors.As(err, &refused) || refused.Hint != "" {
		return err
	}
	var tasks []record.TaskRow
	if e.live.Do(ctx, func(m *core.Machine, _ live.Rows) { tasks = m.Tasks() }) != nil {
		return err
	}
	hint := *refused
	hint.Hint = "pass it to isolate.Main, or write it into the plan and start the engine again"
	if near := plan.DidYouMean(hint.Task, taskNames(tasks)); near != "" {
		hint.Hint = near + "; if it is new: " + hint.Hint
	}
	return &hint
}

func taskNames(tasks []record.TaskRow) []string {
	names := make([]string, len(tasks))
	for i, t := range tasks {
		names[i] = t.Name
	}
	return names
}

// Update changes the unfinished work with the request's ID in place: its place in
// time and its counters stay. A run that goes on keeps the old values.
func (e *Engine) Update(ctx context.Context, q work.Request) error {
	if q.ID == "" {
		return &work.Error{
			Op: "update", Task: q.Task, Err: fmt.Errorf("%w: no ID", work.ErrInvalid),
			Hint: "set Request.ID to that of the work",
		}
	}
	nodes := []work.Node{{Request: q}}
	if err := written("update", nodes); err != nil {
		return err
	}
	if err := e.live.EnsureZones(ctx, "update", nodes); err != nil {
		return err
	}
	e.heedLoad(nodes)
	r, err := e.live.Ask(ctx, core.Change{Request: q})
	if err == nil && r.Result == core.ResultNotDone {
		return &work.Error{Op: "update", Task: string(q.ID), Err: work.ErrFinished}
	}
	return err
}

// TaskRequest asks for a work of a task by its name. All but Task may be empty.
type TaskRequest struct {
	Task   string
	ID     work.ID         // default: made up
	Input  json.RawMessage // default: the plan's
	Delay  time.Duration   // default: the plan's
	Tags   []string        // beside the plan's
	Unique work.Unique     // default: the plan's
}

// EnqueueTask makes a work of a task that is known to the state, with the
// conditions that the plan gives it.
func (e *Engine) EnqueueTask(ctx context.Context, r TaskRequest) (work.ID, error) {
	var tasks []record.TaskRow
	if err := e.live.Do(ctx, func(m *core.Machine, _ live.Rows) { tasks = m.Tasks() }); err != nil {
		return "", err
	}
	q := work.Request{Task: r.Task}
	if i := slices.IndexFunc(tasks, func(t record.TaskRow) bool { return t.Name == r.Task }); i >= 0 {
		t := tasks[i]
		if t.Request != nil {
			q = *t.Request
		}
		if r.Unique.Name == "" {
			r.Unique = work.Unique{Name: t.Unique.Name, Policy: cmp.Or(r.Unique.Policy, t.Unique.Policy)}
		}
	} else if tasks != nil {
		hint := plan.DidYouMean(r.Task, taskNames(tasks))
		if strings.HasPrefix(hint, "use ") { // no name is near
			hint += "; a task that is new in the plan is known once an engine was started with it"
		}
		return "", &work.Error{Op: "enqueue", Err: fmt.Errorf("%w %q", work.ErrUnknownTask, r.Task), Hint: hint}
	}
	q.ID = r.ID
	if r.Input != nil {
		q.Input = r.Input
	}
	if r.Delay != 0 {
		q.Delay = r.Delay
	}
	q.Tags = append(slices.Clone(q.Tags), r.Tags...)
	return e.enqueueOne(ctx, r.Unique, q)
}
