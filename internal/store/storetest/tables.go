package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// rest writes every other kind of row, then changes it.
func rest(f *fixture) {
	spec := &record.Spec{
		ID: 3, Task: "t", Needs: work.Constraints{Network: work.Unmetered, Between: "22:00-06:00"}, Cron: "0 3 * * *", Zone: "Europe/Paris",
		Missed: work.MissedAll, Backoff: work.Linear, Delay: 5, Attempts: 7, OnFailure: work.OnFailureFail, Group: "g", Budget: -1, Grace: 9,
		Expedited: true, Merger: work.ArrayCreating, Retention: 11, TraceTag: "<t>",
		Chain: []work.Node{{Request: work.Request{Task: "u", Input: json.RawMessage(`{"a":[1]}`), Delay: time.Second}}, {Request: work.Request{Task: "v"}, After: []int{0}}},
	}
	root := &record.PlanRoot{Name: "t", Hash: "h2", Nodes: spec.Chain}
	run := &record.Run{
		Seq: 1, Epoch: 2, Work: "a", Spec: 3, Name: "n", State: record.Going, Attempt: 4, Generation: 5, Override: 6, Started: 7, Stop: work.NotStopped,
		Orphan: true,
	}
	w := f.new("a", func(w *record.Work) { w.State = work.Running })
	lost := f.new("b", finished(work.Cancelled, 5)) // with a run that is still stopping
	f.commit(&record.Tx{
		Meta: &record.Meta{
			At: 1, Offset: -2, NextSeq: 3, Spec: 4, Journal: 5, Jobs: 7, Stopped: 8,
		},
		Specs:  []*record.Spec{spec, {ID: 1, Task: "x"}},
		Works:  []record.WorkWrite{{Work: w, Insert: true}, {Work: lost, Insert: true}},
		Runs:   []*record.Run{run, {Seq: 1, Epoch: 1, Work: "a"}, {Seq: 2, Epoch: 1, Work: "b"}},
		Conds:  []record.Condition{{Key: "k", State: record.Met, Since: 1, Text: "85 %"}, {Key: "j"}},
		Facts:  []record.Fact{{Signal: record.Idle, Value: 1, Next: -1, Settles: 5, Source: "s", Note: "n", Pretended: true, Assumed: true, Since: 6}},
		Plan:   []record.PlanTask{{Name: "t", Hash: "h", Work: "a", Pending: root}, {Name: "s", Removed: true}},
		Zones:  []record.Zone{{Name: "Europe/Paris", Table: []byte(`{"x":1}`)}},
		Tasks:  []record.TaskRow{{Name: "t", Held: "no-entry-point", Note: "why", Request: &root.Nodes[0].Request, Unique: work.Unique{Name: "u", Policy: work.Append}}, {Name: "a"}},
		Reaped: []record.RunKey{{Seq: 1, Epoch: 1}, {Seq: 77, Epoch: 1}},
	})
	f.no(f.Reopen(f.ctx))
	s, err := f.Load(f.ctx)
	f.no(err)
	engine := s.Meta.Engine
	if len(engine) != 16 {
		f.Fatalf("engine %q", engine)
	}
	facts := record.NewFacts()
	facts[record.Idle] = record.Fact{Signal: record.Idle, Value: 1, Next: -1, Settles: 5, Source: "s", Note: "n", Pretended: true, Assumed: true, Since: 6}
	f.same(s, &record.Snapshot{
		Meta:    record.Meta{At: 1, Offset: -2, NextSeq: 3, Spec: 4, Journal: 5, Engine: engine, Jobs: 7, Stopped: 8},
		Specs:   []*record.Spec{{ID: 1, Task: "x"}, spec},
		Runs:    []*record.Run{run, {Seq: 2, Epoch: 1, Work: "b"}},
		Running: []*record.Work{w, lost},
		Conds:   []record.Condition{{Key: "j"}, {Key: "k", State: record.Met, Since: 1, Text: "85 %"}},
		Facts:   facts,
		Plan:    []record.PlanTask{{Name: "s", Removed: true}, {Name: "t", Hash: "h", Work: "a", Pending: root}},
		Zones:   []record.Zone{{Name: "Europe/Paris", Table: []byte(`{"x":1}`)}},
		Tasks:   []record.TaskRow{{Name: "t", Held: "no-entry-point", Note: "why", Request: &root.Nodes[0].Request, Unique: work.Unique{Name: "u", Policy: work.Append}}, {Name: "a"}},
	})
	run.State = record.Stopping
	f.commit(&record.Tx{
		Runs: []*record.Run{run}, Plan: []record.PlanTask{{Name: "t", Hash: "h2", Work: "a"}},
		Conds: []record.Condition{{Key: "k", State: record.NotKnown}}, Tasks: []record.TaskRow{},
	})
	s, err = f.Load(f.ctx)
	f.no(err)
	f.same(s.Runs[0], run)
	f.same(s.Plan[1], record.PlanTask{Name: "t", Hash: "h2", Work: "a"})
	f.same(s.Conds[1], record.Condition{Key: "k", State: record.NotKnown})
	f.same(len(s.Tasks), 0)
	f.same(s.Meta.Engine, engine)
}

func chunk(first, last int64) record.Chunk {
	c := record.Chunk{First: first, Last: last, At: last * 10}
	for i := first; i <= last; i++ {
		c.Lines = fmt.Appendf(c.Lines, "{\"seq\":%d}\n", i)
	}
	return c
}

func journal(f *fixture) {
	a, b, c := chunk(1, 3), chunk(4, 4), chunk(5, 9)
	for _, k := range []record.Chunk{a, b, {}, c} {
		f.commit(&record.Tx{Journal: k})
	}
	br := f.browse()
	for _, t := range []struct {
		after int64
		limit int
		want  []record.Chunk
	}{
		{0, 9, []record.Chunk{a, b, c}},
		{2, 9, []record.Chunk{a, b, c}},
		{3, 1, []record.Chunk{b}},
		{4, 9, []record.Chunk{c}},
		{8, 9, []record.Chunk{c}},
		{9, 9, nil},
		{100, 9, nil},
	} {
		got, err := br.Journal(f.ctx, t.after, t.limit)
		f.no(err)
		f.same(got, t.want)
	}
}

func hosts(f *fixture) {
	f.insert(f.new("a"))
	h := record.Host{Work: "a", Epoch: 2, Pid: 3, Tier: "cgroup", Limits: "memory", Code: 1, Signal: "SIGKILL", Tail: "<x>\n", UserUS: 5}
	f.commit(&record.Tx{Hosts: []record.Host{{Work: "a", Epoch: 2}, {Work: "a", Epoch: 1}, {Work: "nobody", Epoch: 1}}})
	f.commit(&record.Tx{Hosts: []record.Host{h}})
	b := f.browse()
	got, err := b.Hosts(f.ctx, "a")
	f.no(err)
	f.same(got, []record.Host{{Work: "a", Epoch: 1}, h})
	f.write(record.WorkWrite{Work: f.row("a"), Delete: true})
	for _, id := range []work.ID{"a", "nobody"} {
		got, err = b.Hosts(f.ctx, id)
		f.no(err)
		f.same(len(got), 0)
	}
}

func prune(f *fixture) {
	kept := func(w *record.Work) { w.Spec = 2 } // for 100
	f.commit(&record.Tx{Specs: []*record.Spec{{ID: 1, Task: "t"}, {ID: 2, Task: "u", Retention: 100}}})
	f.insert(
		f.new("old", finished(work.Failed, 10), tags("x"), after("p"), func(w *record.Work) { w.Name = "n" }),
		f.new("kept", finished(work.Succeeded, 10), kept),
		f.new("young", finished(work.Cancelled, 20)),
		f.new("open"),
		f.new("awaited", finished(work.Succeeded, 5)),
		f.new("between", finished(work.Succeeded, 6), after("awaited")),
		f.new("waits", blocked, after("between")),
		f.new("chain", finished(work.Succeeded, 5)),
		f.new("end", finished(work.Succeeded, 6), after("chain")),
		f.new("stopping", finished(work.Cancelled, 5)),
	)
	f.commit(&record.Tx{Runs: []*record.Run{{Seq: f.seq, Epoch: 1, Work: "stopping"}}, Hosts: []record.Host{{Work: "old", Epoch: 1}}})
	f.commit(&record.Tx{Prune: &record.Prune{FinishedBefore: 20}})
	b := f.browse()
	f.ids("open", "waits", "young", "kept", "between", "stopping", "awaited")(b.List(f.ctx, store.Query{}))
	f.ids()(f.Named(f.ctx, "n"))
	f.ids()(f.Next(f.ctx, []work.ID{"p", "chain"}))
	hs, err := b.Hosts(f.ctx, "old")
	f.no(err)
	f.same(len(hs), 0)
	f.insert(f.new("old")) // its ID is free
	f.commit(&record.Tx{Prune: &record.Prune{FinishedBefore: 111}, Reaped: []record.RunKey{{Seq: 10, Epoch: 1}}})
	f.ids("open", "waits", "old", "between", "awaited")(b.List(f.ctx, store.Query{}))
	waits := f.row("waits")
	waits.State, waits.Finished = work.Failed, 110
	// A commit prunes last: what it finishes itself counts.
	f.commit(&record.Tx{Works: []record.WorkWrite{{Work: waits, Spare: true}}, Prune: &record.Prune{FinishedBefore: 111}})
	f.ids("open", "old")(b.List(f.ctx, store.Query{}))
}

func pruneJournal(f *fixture) {
	a, b, c := chunk(1, 3), chunk(4, 4), chunk(5, 9) // at 30, 40, 90
	for _, k := range []record.Chunk{a, b, c} {
		f.commit(&record.Tx{Journal: k})
	}
	br := f.browse()
	for _, t := range []struct {
		before int64
		want   []record.Chunk
	}{{30, []record.Chunk{a, b, c}}, {41, []record.Chunk{c}}, {91, nil}} {
		f.commit(&record.Tx{Prune: &record.Prune{JournalBefore: t.before}})
		got, err := br.Journal(f.ctx, 0, 9)
		f.no(err)
		f.same(got, t.want)
	}
}

func oneEngine(f *fixture) {
	f.insert(f.new("a"))
	_, err := f.at.Open(f.ctx)
	f.is(err, store.ErrLocked)
	f.no(f.Reopen(f.ctx))
	_, err = f.at.Open(f.ctx)
	f.is(err, store.ErrLocked)
	f.ids("a")(f.browse().List(f.ctx, store.Query{}))
	before, err := f.Load(f.ctx)
	f.no(err)
	f.no(f.Close())
	s, err := f.at.Open(f.ctx)
	f.no(err)
	f.Store = s
	f.Cleanup(func() { f.no(s.Close()) })
	after, err := f.Load(f.ctx)
	f.no(err)
	f.same(after, before)
	f.same(f.row("a").ID, work.ID("a"))
}

func closed(f *fixture) {
	b := f.browse()
	f.no(f.Close())
	f.no(f.Close())
	f.is(f.Commit(f.ctx, &record.Tx{}), store.ErrClosed)
	_, err := f.Works(f.ctx, []work.ID{"a"})
	f.is(err, store.ErrClosed)
	_, err = f.Load(f.ctx)
	f.is(err, store.ErrClosed)
	f.no(b.Close())
	f.no(b.Close())
}

func cancelled(f *fixture) {
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	f.is(f.Commit(ctx, &record.Tx{}), context.Canceled)
	_, err := f.Load(ctx)
	f.is(err, context.Canceled)
	b := f.browse()
	_, err = b.List(ctx, store.Query{})
	f.is(err, context.Canceled)
	f.ids()(b.List(f.ctx, store.Query{})) // and it still works
	f.insert(f.new("a"))
}

// beside reads while commits go on: each commit is seen as a whole.
func beside(f *fixture) {
	const commits = 60
	done := make(chan error)
	go func() {
		for i := range int64(commits) {
			var tx record.Tx
			for j := range int64(10) {
				tx.Works = append(tx.Works, record.WorkWrite{Insert: true, Work: &record.Work{
					Seq: 1 + 10*i + j, ID: work.ID(fmt.Sprint(i, "-", j)), Spec: 1, Due: i, Name: fmt.Sprint(i), Tags: []string{"x"},
				}})
			}
			if err := f.Commit(f.ctx, &tx); err != nil {
				done <- err
				return
			}
		}
		close(done)
	}()
	for {
		select {
		case err := <-done:
			f.no(err)
			ws, err := f.Tagged(f.ctx, "x", 0, 1<<20)
			f.no(err)
			f.same(len(ws), 10*commits)
			return
		default:
		}
		tagged, err := f.Tagged(f.ctx, "x", 0, 1<<20)
		f.no(err)
		paged, err := f.Page(f.ctx, record.Group{Spec: 1}, record.Key{Due: -1}, 1<<20)
		f.no(err)
		named, err := f.Named(f.ctx, fmt.Sprint(len(tagged)/10))
		f.no(err)
		for _, n := range []int{len(tagged), len(paged), len(named)} {
			if n%10 != 0 {
				f.Fatalf("%d works: a part of a commit", n)
			}
		}
	}
}

// unused specs are those that no row refers to, and they can be deleted.
func unused(f *fixture) {
	on := func(spec int64) func(*record.Work) { return func(w *record.Work) { w.Spec = spec } }
	var specs []*record.Spec
	for id := int64(1); id <= 4; id++ {
		specs = append(specs, &record.Spec{ID: id, Task: "t"})
	}
	f.commit(&record.Tx{Specs: specs, Conds: []record.Condition{{Key: "a"}, {Key: "b"}}})
	are := func(want ...int64) {
		f.Helper()
		got, err := f.Unused(f.ctx)
		f.no(err)
		f.same(got, want)
	}
	are(1, 2, 3, 4)
	a, b := f.new("a", on(1)), f.new("b", on(2), finished(work.Failed, 1))
	f.insert(a, b)
	are(3, 4)
	a.State, a.Finished = work.Succeeded, 2
	f.write(record.WorkWrite{Work: a, Spare: true})
	are(3, 4)
	a.Spec = 3
	f.write(record.WorkWrite{Work: a})
	are(1, 4)
	batch := store.NewBatch(f.Store)
	batch.Apply(&record.Tx{Works: []record.WorkWrite{{Work: f.new("c", on(1)), Insert: true}}})
	got, err := batch.Over().Unused(f.ctx)
	f.no(err)
	f.same(got, []int64{4})
	f.write(record.WorkWrite{Work: b, Delete: true})
	are(1, 2, 4)
	f.commit(&record.Tx{NoSpecs: []int64{1, 4}, NoConds: []string{"a", "nobody"}})
	are(2)
	f.no(f.Reopen(f.ctx))
	s, err := f.Load(f.ctx)
	f.no(err)
	f.same(len(s.Specs), 2)
	f.same(s.Conds, []record.Condition{{Key: "b"}})
	// Of a deletion and a write of one condition the later one counts.
	batch.Reset()
	batch.Apply(&record.Tx{Conds: []record.Condition{{Key: "x"}, {Key: "y"}}})
	batch.Apply(&record.Tx{NoConds: []string{"x", "b"}})
	batch.Apply(&record.Tx{Conds: []record.Condition{{Key: "b", Since: 7}, {Key: "y", Since: 8}}})
	f.commit(batch.Tx())
	s, err = f.Load(f.ctx)
	f.no(err)
	f.same(s.Conds, []record.Condition{{Key: "b", Since: 7}, {Key: "y", Since: 8}})
}

// fold checks what becomes of several writes of one row in one batch.
func fold(f *fixture) {
	b := store.NewBatch(f.Store)
	apply := func(ns ...record.WorkWrite) {
		for _, n := range ns {
			b.Apply(&record.Tx{Works: []record.WorkWrite{n}})
		}
	}
	old := f.new("old", tags("x"))
	f.insert(old)
	a, gone, in := f.new("a"), f.new("gone", after("a"), func(w *record.Work) { w.Name = "n" }), f.new("in")
	apply(record.WorkWrite{Work: a, Insert: true}, record.WorkWrite{Work: a, Spare: true}, record.WorkWrite{Work: a})
	apply(record.WorkWrite{Work: gone, Insert: true}, record.WorkWrite{Work: gone, Spare: true}, record.WorkWrite{Work: gone, Delete: true})
	apply(record.WorkWrite{Work: old, Spare: true})
	b.Apply(&record.Tx{Journal: chunk(1, 2), Runs: []*record.Run{{Seq: in.Seq, Epoch: 1}}, Meta: &record.Meta{At: 1}})
	b.Apply(&record.Tx{Journal: chunk(3, 3), Reaped: []record.RunKey{{Seq: in.Seq, Epoch: 1}}, Meta: &record.Meta{At: 2}})
	old.Attempts = 5 // a live row may change until the commit
	tx := b.Tx()
	f.same(tx.Works, []record.WorkWrite{{Work: a, Insert: true}, {Work: old, Spare: true}})
	f.same(tx.Journal, record.Chunk{First: 1, Last: 3, At: 30, Lines: append(chunk(1, 2).Lines, chunk(3, 3).Lines...)})
	f.same(len(tx.Runs), 0)
	f.same(tx.Meta, &record.Meta{At: 2})
	apply(record.WorkWrite{Work: old}, record.WorkWrite{Work: old, Spare: true})
	f.same(b.Tx().Works[1], record.WorkWrite{Work: old})
	for _, n := range []record.Need{{Name: "n"}, {Tree: "gone"}, {Next: "a"}} {
		rows, err := b.Resolve(f.ctx, []record.Need{n})
		f.no(err)
		f.same(len(rows.Works), 0)
	}
	// Needs that meet in one row each see what is behind it.
	apply(record.WorkWrite{Work: f.new("child", after("old")), Insert: true})
	rows, err := b.Resolve(f.ctx, []record.Need{{Works: []work.ID{"old"}}, {Tree: "old"}})
	f.ids("old", "child")(rows.Works, err)
	f.commit(b.Tx())
	b.Reset()
	f.same(f.row("old").Attempts, int32(5))
	if !b.Empty() || len(b.Tx().Works) != 0 || b.Tx().Meta != nil {
		f.Fatal("not empty after Reset")
	}
}
