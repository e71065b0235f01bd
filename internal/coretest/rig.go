// Package coretest drives a machine in tests as a driver does: it resolves what a
// step needs through the uncommitted batch, steps follow-ups, commits, and keeps
// what came out. Runs end when the test says so.
package coretest

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// TB is what a rig needs of a test: *testing.T and *rapid.T have it.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Fatal(args ...any)
}

// Rig is a machine over a memory store.
type Rig struct {
	TB      TB
	M       *core.Machine
	Store   *store.Memory
	At      int64 // engine time of the last step
	Wake    int64
	Effects []core.Effect // all since the start
	Follow  int           // follow-ups stepped since the start
	// Every is how many outer steps share one commit; default 1.
	Every int
	// Short steps as phones do: by Pass, Sense, Read, Ask and Over, which reaps too, where
	// they are for the event.
	Short bool
	// Check is called after each outer step and its follow-ups.
	Check func()

	policy core.Policy
	batch  *store.Batch
	lines  []byte
	steps  int
}

// New returns a rig whose machine dispatches and has room for 1,000 runs.
func New(tb TB, p core.Policy) *Rig {
	r := Idle(tb, p)
	r.Do(0, core.JobsSet{Jobs: 1000})
	r.Do(0, core.Recover{})
	return r
}

// Idle returns a rig whose machine has seen no event.
func Idle(tb TB, p core.Policy) *Rig {
	tb.Helper()
	s := store.NewMemory()
	return &Rig{TB: tb, M: core.New(p), Store: s, Every: 1, policy: p, batch: store.NewBatch(s), Wake: record.Never}
}

// Do steps an event and all that follows from it, and returns the merged reply.
func (r *Rig) Do(at int64, ev core.Event) core.Reply {
	r.TB.Helper()
	r.At = max(r.At, at)
	var reply core.Reply
	_, prune := ev.(core.Prune)
	if prune { // what is unused must not depend on when was committed last
		r.Commit()
	}
	for i, queue := 0, []core.Event{ev}; len(queue) > 0; i, queue = i+1, queue[1:] {
		if i > 1_000_000 {
			r.TB.Fatalf("the follow-ups of %T do not end: now %T", ev, queue[0])
		}
		rows, err := r.batch.Resolve(context.Background(), r.M.Needs(queue[0]))
		if err != nil {
			r.TB.Fatalf("resolve: %v", err)
		}
		out := r.step(queue[0], rows)
		r.batch.Apply(&out.Tx)
		r.lines = append(r.lines, out.Tx.Journal.Lines...)
		r.Effects = append(r.Effects, out.Effects...)
		r.Wake = out.Wake
		queue = append(queue, out.Then...)
		if i == 0 {
			reply = out.Reply
			reply.IDs = append([]work.ID(nil), out.Reply.IDs...)
			continue
		}
		r.Follow++
		reply.IDs = append(reply.IDs, out.Reply.IDs...)
		if reply.Err == nil {
			reply.Err = out.Reply.Err
		}
	}
	if r.steps++; r.steps%max(1, r.Every) == 0 || prune {
		r.Commit()
	}
	if r.Check != nil {
		r.Check()
	}
	return reply
}

func (r *Rig) step(ev core.Event, rows record.Rows) *core.Output {
	if !r.Short {
		return r.M.Step(r.At, ev, rows)
	}
	switch ev := ev.(type) {
	case core.Tick:
		return r.M.Pass(r.At)
	case core.Sensed:
		return r.M.Sense(r.At, ev.Sense)
	case core.FactsRead:
		return r.M.Read(r.At, ev.Facts)
	case core.Enqueue:
		return r.M.Ask(r.At, &ev, rows)
	case core.Ended:
		if out, _ := r.M.Over(r.At, &ev); out != nil {
			return out
		}
	}
	return r.M.Step(r.At, ev, rows)
}

// Commit makes everything stepped so far durable.
func (r *Rig) Commit() {
	r.TB.Helper()
	if r.batch.Empty() {
		return
	}
	if err := r.Store.Commit(context.Background(), r.batch.Tx()); err != nil {
		r.TB.Fatalf("commit: %v", err)
	}
	r.batch.Reset()
}

// Restore throws the machine away and restores another one from the store.
func (r *Rig) Restore() {
	r.TB.Helper()
	r.Commit()
	s, err := r.Store.Load(context.Background())
	if err != nil {
		r.TB.Fatalf("load: %v", err)
	}
	m := core.New(r.policy)
	if err := m.Restore(s); err != nil {
		r.TB.Fatalf("restore: %v", err)
	}
	r.M, r.batch = m, store.NewBatch(r.Store)
}

// Restart is Restore and Recover: the process died, and its runs with it, but for
// those that are alive.
func (r *Rig) Restart(at int64, alive ...record.RunKey) {
	r.TB.Helper()
	r.Restore()
	r.Do(at, core.Recover{Alive: alive})
}

// Seed puts rows straight into the store and restores the machine from it.
func (r *Rig) Seed(specs []*record.Spec, works []*record.Work, runs []*record.Run) {
	r.TB.Helper()
	r.Commit()
	s, err := r.Store.Load(context.Background())
	if err != nil {
		r.TB.Fatalf("load: %v", err)
	}
	tx := record.Tx{Meta: &s.Meta, Specs: specs, Runs: runs}
	for _, sp := range specs {
		tx.Meta.Spec = max(tx.Meta.Spec, sp.ID)
	}
	for _, w := range works {
		tx.Works = append(tx.Works, record.WorkWrite{Work: w, Insert: true})
		tx.Meta.NextSeq = max(tx.Meta.NextSeq, w.Seq+1)
	}
	if err := r.Store.Commit(context.Background(), &tx); err != nil {
		r.TB.Fatalf("seed: %v", err)
	}
	var alive []record.RunKey
	for _, x := range runs {
		alive = append(alive, record.RunKey{Seq: x.Seq, Epoch: x.Epoch})
	}
	r.Restart(r.At, alive...)
}

// Row returns a work's row as of now, nil if there is none.
func (r *Rig) Row(id work.ID) *record.Work {
	r.TB.Helper()
	rows, err := r.batch.Resolve(context.Background(), []record.Need{{Works: []work.ID{id}}})
	if err != nil {
		r.TB.Fatalf("resolve: %v", err)
	}
	if len(rows.Works) == 0 {
		return nil
	}
	return rows.Works[0]
}

// Rows returns all rows, unfinished ones first.
func (r *Rig) Rows() []*record.Work {
	r.TB.Helper()
	r.Commit()
	ws, err := r.Store.List(context.Background(), store.Query{})
	if err != nil {
		r.TB.Fatalf("list: %v", err)
	}
	return ws
}

// Unfinished returns the unfinished rows by seq, without a commit.
func (r *Rig) Unfinished() []*record.Work {
	r.TB.Helper()
	rows, err := r.batch.Resolve(context.Background(), []record.Need{{Tag: &record.TagPage{Limit: 1 << 30}}})
	if err != nil {
		r.TB.Fatalf("resolve: %v", err)
	}
	return rows.Works
}

// Run returns a work's run that is not reaped.
func (r *Rig) Run(id work.ID) (record.Run, bool) {
	for _, x := range r.M.Runs() {
		if x.Work == id {
			return x, true
		}
	}
	return record.Run{}, false
}

// End ends the current run of a work and reaps it. It returns the reply to the
// outcome.
func (r *Rig) End(at int64, id work.ID, o work.Outcome, output ...string) core.Reply {
	r.TB.Helper()
	run, ok := r.Run(id)
	if !ok {
		r.TB.Fatalf("%s does not run", id)
	}
	ev := core.Ended{Work: id, Epoch: run.Epoch, Outcome: o}
	if len(output) > 0 {
		ev.Output = json.RawMessage(output[0])
	}
	reply := r.Do(at, ev)
	r.Do(at, core.Reaped{Work: id, Epoch: run.Epoch})
	return reply
}

// Reap gives back the places of a run that was asked to end.
func (r *Rig) Reap(at int64, id work.ID) {
	r.TB.Helper()
	run, ok := r.Run(id)
	if !ok {
		r.TB.Fatalf("%s does not run", id)
	}
	r.Do(at, core.Reaped{Work: id, Epoch: run.Epoch})
}

// Explain returns why a work does not run now.
func (r *Rig) Explain(at int64, id work.ID) []work.Reason {
	r.TB.Helper()
	w := r.Row(id)
	if w == nil {
		r.TB.Fatalf("no work %s", id)
	}
	rows, err := r.batch.Resolve(context.Background(), []record.Need{{Works: append([]work.ID{}, w.Parents...)}})
	if err != nil {
		r.TB.Fatalf("resolve: %v", err)
	}
	return r.M.Explain(at, w, rows.Works)
}

// Codes returns the codes of Explain.
func (r *Rig) Codes(at int64, id work.ID) []work.Code {
	r.TB.Helper()
	var cs []work.Code
	for _, x := range r.Explain(at, id) {
		cs = append(cs, x.Code)
	}
	return cs
}

// Starts returns the works that were started, in order.
func (r *Rig) Starts() []work.ID { return r.effects(core.StartRun) }

// Stops returns the works whose runs were asked to end, in order.
func (r *Rig) Stops() []work.ID { return r.effects(core.RequestEnd) }

func (r *Rig) effects(kind core.EffectKind) []work.ID {
	var ids []work.ID
	for _, e := range r.Effects {
		if e.Kind == kind {
			ids = append(ids, e.Work)
		}
	}
	return ids
}

// Journal returns the journal's entries.
func (r *Rig) Journal() []record.Entry {
	r.TB.Helper()
	var es []record.Entry
	for _, line := range bytes.Split(bytes.TrimSuffix(r.lines, []byte("\n")), []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var e record.Entry
		if err := json.Unmarshal(line, &e); err != nil {
			r.TB.Fatalf("journal line %s: %v", line, err)
		}
		es = append(es, e)
	}
	return es
}
