package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

func is(err, want error) bool { return errors.Is(err, want) }

func empty(f *fixture) {
	s, err := f.Load(f.ctx)
	f.no(err)
	s.Meta.Engine = ""
	f.same(s, &record.Snapshot{Facts: record.NewFacts()})
	f.ids()(f.Works(f.ctx, []work.ID{"a"}))
	f.ids()(f.Works(f.ctx, nil))
	f.ids()(f.Named(f.ctx, "n"))
	f.ids()(f.Next(f.ctx, []work.ID{"a"}))
	f.ids()(f.Tagged(f.ctx, "", 0, 10))
	f.ids()(f.Page(f.ctx, record.Group{Spec: 1}, record.Key{}, 10))
	f.ids()(f.browse().List(f.ctx, store.Query{}))
}

// full sets every field, to values at the ends of their ranges.
func full(w *record.Work) {
	*w = record.Work{
		Seq: w.Seq, ID: w.ID, Spec: math.MaxInt64, Lane: record.LaneCalendar, State: work.Running,
		Name: "näme \x00 '\"", Tags: []string{"a b", "ä", `"]`}, Input: json.RawMessage(`{"a":"<&>\u0000"}`), Merged: json.RawMessage(`null`),
		Output: json.RawMessage(`1e400`), Progress: json.RawMessage(`"` + strings.Repeat("x", work.MaxData) + `"`),
		InitialDelay: math.MaxInt64, LastEnqueue: record.NotEnqueued, Due: math.MinInt64, Occurrence: -5, Override: record.Never,
		OverrideGen: math.MaxInt32, Attempts: 1, Failures: 2, Crashes: 3, Losses: 4, Periods: 5, Generation: 6, Epoch: math.MaxInt64,
		StopReason: work.StopUnknown, Parents: []work.ID{"p", "q"}, Waiting: 2, HasNext: true, Created: 7, Finished: 0,
		Last: record.Last{Epoch: 8, Outcome: work.BudgetExceeded, Message: "<b>\n", Started: 9, Ended: 10},
	}
}

func works(f *fixture) {
	a, b := f.new("a", full), f.new("b", func(w *record.Work) { w.Name = "n" })
	c := f.new("c", full, finished(work.Cancelled, 3), func(w *record.Work) { w.Name = "n" })
	f.insert(a, b, c)
	f.no(f.Reopen(f.ctx))
	f.same(f.row("a"), a)
	f.same(f.row("b"), b)
	f.same(f.row("c"), c)
	f.ids("a", "b", "c")(f.Works(f.ctx, []work.ID{"c", "nobody", "b", "a", "c"}))
	f.ids("b", "c")(f.Named(f.ctx, "n"))
	f.ids()(f.Named(f.ctx, "näme"))
}

// moves takes a row through its life and back.
func moves(f *fixture) {
	w := f.new("a", tags("x"), after("p"), func(w *record.Work) { w.Name = "n" })
	f.insert(w)
	b := f.browse()
	for i, s := range []work.State{work.Running, work.Enqueued, work.Succeeded, work.Cancelled, work.Enqueued, work.Failed, work.Blocked} {
		for _, spare := range []bool{true, false} {
			w.State, w.Finished = s, 0
			if s.Finished() {
				w.Finished = int64(10 + i)
			}
			w.Attempts++
			f.write(record.WorkWrite{Work: w, Spare: spare})
			f.same(f.row("a"), w)
			f.ids("a")(f.Named(f.ctx, "n"))
			f.ids("a")(f.Next(f.ctx, []work.ID{"p"}))
			f.ids("a")(b.List(f.ctx, store.Query{Tag: "x", States: []work.State{s}}))
			open := f.ids("a")
			if s.Finished() {
				open = f.ids()
			}
			open(f.Tagged(f.ctx, "x", 0, 9))
			open(f.Tagged(f.ctx, "", 0, 9))
		}
	}
	f.write(record.WorkWrite{Work: w, Delete: true})
	f.ids()(b.List(f.ctx, store.Query{}))
	f.ids()(f.Next(f.ctx, []work.ID{"p"}))
	f.ids()(f.Tagged(f.ctx, "x", 0, 9))
	f.ids()(f.Named(f.ctx, "n"))
	f.write(record.WorkWrite{Work: w, Delete: true}) // of nothing: nothing
}

// spare writes leave alone what they do not cover.
func spare(f *fixture) {
	w := f.new("a", full)
	f.insert(w)
	kept := store.Copy(w)
	w.Attempts, w.Due, w.State, w.Last.Message = 50, 51, work.Enqueued, "m"
	kept.Attempts, kept.Due, kept.State, kept.Last.Message = 50, 51, work.Enqueued, "m"
	kept.Output, kept.Progress = nil, nil
	w.Name, w.Tags, w.Parents, w.Input, w.Output, w.Merged, w.Progress = "", nil, nil, nil, nil, nil, nil
	f.write(record.WorkWrite{Work: w, Spare: true})
	f.same(f.row("a"), kept)
	f.write(record.WorkWrite{Work: w})
	f.same(f.row("a"), w)
	f.ids()(f.Tagged(f.ctx, "ä", 0, 9))
	f.ids()(f.Next(f.ctx, []work.ID{"q"}))
}

// claim starts a work by its run's row: until the work's row is written again, it
// reads as RUNNING everywhere, and then as it was written.
func claim(f *fixture) {
	w, other := f.new("a", tags("x"), after("p"), func(w *record.Work) { w.Name, w.StopReason = "n", work.StopUser }), f.new("b")
	f.insert(w, other)
	g := w.Group()
	w.State, w.Attempts, w.Epoch, w.StopReason = work.Running, 3, 4, work.NotStopped
	run := &record.Run{Seq: w.Seq, Epoch: 4, Work: "a", Spec: 1, Name: "n", Attempt: 3, Started: 5, Stop: work.NotStopped}
	f.commit(&record.Tx{Works: []record.WorkWrite{{Work: w, Spare: true, Claim: true}}, Runs: []*record.Run{run}})
	one := func(ws []*record.Work, err error) {
		f.Helper()
		f.no(err)
		f.same(ws, []*record.Work{w})
	}
	reads := func(waiting int64, ids ...work.ID) {
		f.Helper()
		b := f.browse()
		one(f.Works(f.ctx, []work.ID{"a"}))
		one(f.Named(f.ctx, "n"))
		one(f.Next(f.ctx, []work.ID{"p"}))
		one(b.List(f.ctx, store.Query{Name: "n", States: []work.State{w.State}}))
		if !w.State.Finished() {
			one(f.Tagged(f.ctx, "x", 0, 9))
			one(f.Tagged(f.ctx, "", 0, 1))
		}
		f.ids(ids...)(f.Page(f.ctx, g, record.Key{Due: math.MinInt64}, 9))
		f.ids(ids...)(b.List(f.ctx, store.Query{States: []work.State{work.Enqueued}}))
		s, err := f.Load(f.ctx)
		f.no(err)
		f.same(s.Groups, []record.GroupCount{{Group: g, Count: waiting}})
		one(s.Running, nil)
	}
	reads(1, "b")
	f.no(f.Reopen(f.ctx))
	reads(1, "b")
	run.State = record.Stopping
	w.State, w.Failures = work.Enqueued, 1
	f.commit(&record.Tx{Works: []record.WorkWrite{{Work: w, Spare: true}}, Runs: []*record.Run{run}})
	reads(2, "a", "b")
	w.State, w.Finished = work.Succeeded, 9
	f.write(record.WorkWrite{Work: w, Spare: true})
	reads(1, "b")
}

func next(f *fixture) {
	f.insert(f.new("a"), f.new("b", after("a")), f.new("c", after("a", "b")), f.new("d", after("gone"), finished(work.Failed, 1)))
	f.ids("b", "c")(f.Next(f.ctx, []work.ID{"a"}))
	f.ids("b", "c", "d")(f.Next(f.ctx, []work.ID{"gone", "b", "a"}))
	f.write(record.WorkWrite{Work: f.row("a"), Delete: true})
	f.ids("b", "c")(f.Next(f.ctx, []work.ID{"a"}))
	c := f.row("c")
	c.Parents = []work.ID{"b", "d"}
	f.write(record.WorkWrite{Work: c})
	f.ids("b")(f.Next(f.ctx, []work.ID{"a"}))
	f.ids("c")(f.Next(f.ctx, []work.ID{"d"}))
}

func tagged(f *fixture) {
	f.insert(f.new("a", tags("x")), f.new("b", tags("x", "y")), f.new("c"), f.new("d", tags("x"), finished(work.Failed, 1)), f.new("e", tags("x")))
	f.ids("a", "b", "e")(f.Tagged(f.ctx, "x", 0, 9))
	f.ids("a", "b")(f.Tagged(f.ctx, "x", 0, 2))
	f.ids("e")(f.Tagged(f.ctx, "x", 2, 2))
	f.ids("b")(f.Tagged(f.ctx, "y", 0, 2))
	f.ids("b", "c")(f.Tagged(f.ctx, "", 1, 2))
	b := f.row("b")
	b.Tags = []string{"z"}
	f.write(record.WorkWrite{Work: b})
	f.ids("a", "e")(f.Tagged(f.ctx, "x", 0, 9))
	f.ids("b")(f.Tagged(f.ctx, "z", 0, 9))
}

func page(f *fixture) {
	in := func(lane record.Lane, due int64) func(*record.Work) {
		return func(w *record.Work) { w.Lane, w.Due = lane, due }
	}
	f.insert(f.new("a", in(0, 9)), f.new("b", in(0, 3)), f.new("c", in(1, 1)), f.new("d", in(0, 3)), f.new("e", blocked), f.new("f", in(0, -7)))
	g := record.Group{Spec: 1}
	f.ids("f", "b", "d", "a")(f.Page(f.ctx, g, record.Key{Due: math.MinInt64}, 9))
	f.ids("f", "b")(f.Page(f.ctx, g, record.Key{Due: math.MinInt64}, 2))
	f.ids("d")(f.Page(f.ctx, g, record.Key{Due: 3, Seq: 2}, 1))
	f.ids("a")(f.Page(f.ctx, g, record.Key{Due: 3, Seq: 4}, 9))
	f.ids("c")(f.Page(f.ctx, record.Group{Spec: 1, Lane: 1}, record.Key{}, 9))
	d := f.row("d")
	d.State = work.Running
	f.write(record.WorkWrite{Work: d, Spare: true})
	f.ids("f", "b", "a")(f.Page(f.ctx, g, record.Key{Due: math.MinInt64}, 9))
	s, err := f.Load(f.ctx)
	f.no(err)
	f.same(s.Groups, []record.GroupCount{{Group: g, Count: 3}, {Group: record.Group{Spec: 1, Lane: 1}, Count: 1}})
	f.ids("d")(s.Running, nil)
}

// pageOfOneInstant walks over works that are all due at once.
func pageOfOneInstant(f *fixture) {
	const n = 2000
	var ws []*record.Work
	for i := range n {
		ws = append(ws, f.new(work.ID(fmt.Sprint("w", i)), func(w *record.Work) { w.Due = 5 }))
	}
	f.insert(ws...)
	var seen int64
	for k := (record.Key{Due: 5}); ; {
		page, err := f.Page(f.ctx, record.Group{Spec: 1}, k, 64)
		f.no(err)
		if len(page) == 0 {
			break
		}
		for _, w := range page {
			if seen++; w.Seq != seen {
				f.Fatalf("seq %d, want %d", w.Seq, seen)
			}
		}
		k = page[len(page)-1].Key()
	}
	if seen != n {
		f.Fatalf("%d works, want %d", seen, n)
	}
}

func duplicate(f *fixture) {
	f.insert(f.new("a"), f.new("b", finished(work.Failed, 1)))
	for _, id := range []work.ID{"a", "b"} {
		f.is(f.Commit(f.ctx, &record.Tx{Works: []record.WorkWrite{{Work: f.new(id), Insert: true}}}), store.ErrDuplicate)
		f.no(f.Reopen(f.ctx))
	}
	x, y := f.new("x"), f.new("x")
	f.is(f.Commit(f.ctx, &record.Tx{Works: []record.WorkWrite{{Work: x, Insert: true}, {Work: y, Insert: true}}}), store.ErrDuplicate)
	f.no(f.Reopen(f.ctx))
	// An ID is free again as soon as its work is deleted, in the same commit too.
	f.commit(&record.Tx{Works: []record.WorkWrite{{Work: f.new("a"), Insert: true}, {Work: f.row("a"), Delete: true}}})
	f.same(f.row("a").Seq, f.seq)
}

func missing(f *fixture) {
	for _, w := range []*record.Work{f.new("a"), f.new("b", finished(work.Failed, 1))} {
		for _, spare := range []bool{true, false} {
			if f.Commit(f.ctx, &record.Tx{Works: []record.WorkWrite{{Work: w, Spare: spare}}}) == nil {
				f.Fatalf("a row that is not there was changed (spare %v)", spare)
			}
			f.no(f.Reopen(f.ctx))
		}
	}
}

func allOrNothing(f *fixture) {
	f.insert(f.new("a"))
	if f.Commit(f.ctx, &record.Tx{
		Specs: []*record.Spec{{ID: 9, Task: "t"}}, Meta: &record.Meta{At: 99},
		Works: []record.WorkWrite{{Work: f.new("b"), Insert: true}, {Work: f.row("a"), Delete: true}, {Work: f.new("c")}},
	}) == nil {
		f.Fatal("no error")
	}
	f.no(f.Reopen(f.ctx))
	f.ids("a")(f.browse().List(f.ctx, store.Query{}))
	s, err := f.Load(f.ctx)
	f.no(err)
	f.same(len(s.Specs), 0)
	f.same(s.Meta.At, int64(0))
}

// private: what a store is given and what it returns is not its own.
func private(f *fixture) {
	w := f.new("a", full)
	want := store.Copy(w)
	f.insert(w)
	scribble(w)
	got := f.row("a")
	f.same(got, want)
	scribble(got)
	f.same(f.row("a"), want)
}
