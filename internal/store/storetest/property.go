package storetest

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// Property checks with random histories that a store under batches, committed
// and reopened at random points, always answers like the rows that were handed
// in, and ends as a Memory does that each step was committed to at once.
func Property(t *testing.T, make func(t *testing.T) store.Opener) {
	rapid.Check(t, func(rt *rapid.T) {
		history(rt, t, make(t))
	})
}

func history(rt *rapid.T, t *testing.T, o store.Opener) {
	ctx := context.Background()
	no := func(err error) {
		if err != nil {
			rt.Helper()
			rt.Fatal(err)
		}
	}
	s, err := o.Open(ctx)
	no(err)
	defer s.Close()
	direct := store.NewMemory()
	w := newWorld(func(n int) int { return rapid.IntRange(0, n-1).Draw(rt, "n") })
	b := store.NewBatch(s)
	flush := func() {
		no(s.Commit(ctx, b.Tx()))
		b.Reset()
	}
	for range rapid.IntRange(1, 40).Draw(rt, "steps") {
		switch w.pick(8) {
		case 0:
			flush()
		case 1:
			flush()
			no(s.Reopen(ctx))
		case 2:
			p := &record.Tx{Prune: &record.Prune{FinishedBefore: w.meta.At - 1, JournalBefore: w.meta.At - 3}}
			b.Apply(p)
			flush()
			no(direct.Commit(ctx, p))
			got, err := b.Resolve(ctx, []record.Need{{Unused: true}})
			no(err)
			want, err := direct.Unused(ctx)
			no(err)
			if d := cmp.Diff(want, got.Unused); d != "" {
				rt.Fatalf("unused specs (-want +got):\n%s", d)
			}
			for _, seq := range append([]int64(nil), w.seqs...) {
				if kept, err := direct.Works(ctx, []work.ID{w.rows[seq].ID}); err == nil && len(kept) == 0 {
					w.forget(w.rows[seq])
				}
			}
		case 3, 4, 5:
			part := w.step()
			no(direct.Commit(ctx, part))
			b.Apply(part)
		default:
			n := w.need()
			want := w.resolve(n)
			got, err := b.Resolve(ctx, []record.Need{n})
			no(err)
			if d := cmp.Diff(want, got); d != "" {
				rt.Fatalf("need %+v %+v %+v (-want +got):\n%s", n, n.Tag, n.Page, d)
			}
			for _, r := range got.Works { // the rows are the caller's own
				scribble(r)
			}
		}
	}
	flush()
	br, err := o.Browse(ctx)
	no(err)
	defer br.Close()
	want, got := everything(rt, direct), everything(rt, br)
	if !strings.HasSuffix(got.Lines, want.Lines) { // pruned by the chunk, and batches have larger ones
		rt.Fatalf("journal: direct commits %q, batches %q", want.Lines, got.Lines)
	}
	want.Lines, got.Lines = "", ""
	if d := cmp.Diff(want, got); d != "" {
		rt.Fatalf("direct commits and batches end differently (-direct +batches):\n%s", d)
	}
}

// scribble changes a row in every place that a caller could.
func scribble(r *record.Work) {
	for _, b := range [][]byte{r.Input, r.Merged, r.Output, r.Progress} {
		clear(b)
	}
	clear(r.Tags)
	clear(r.Parents)
	*r = record.Work{}
}

// state is all that can be read from a store.
type state struct {
	Snapshot *record.Snapshot
	Unused   []int64
	All      []*record.Work
	Some     [][]*record.Work
	Counts   []int
	Lines    string // of the journal, whatever its chunks
	Hosts    [][]record.Host
}

func everything(t rapid.TB, r store.Browser) state {
	ctx := context.Background()
	var s state
	no := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	var err error
	s.Unused, err = r.Unused(ctx)
	no(err)
	s.Snapshot, err = r.Load(ctx)
	no(err)
	s.Snapshot.Meta.Engine = ""
	s.All, err = r.List(ctx, store.Query{})
	no(err)
	for _, q := range []store.Query{
		{States: []work.State{work.Enqueued, work.Failed}},
		{Task: "t"},
		{Tag: "x", Limit: 3},
		{Name: "a"},
		{Begin: "w1", Limit: 2},
		{Begin: "w", States: []work.State{work.Enqueued, work.Cancelled}},
		{States: []work.State{work.Succeeded, work.Cancelled}},
		{Name: "b", Tag: "y", Task: "u", States: []work.State{work.Succeeded}},
	} {
		ws, err := r.List(ctx, q)
		no(err)
		n, err := r.Count(ctx, q)
		no(err)
		if n < len(ws) || n > len(ws) && len(ws) != q.Limit {
			t.Fatalf("%+v lists %d works and counts %d", q, len(ws), n)
		}
		s.Some = append(s.Some, ws)
		s.Counts = append(s.Counts, n)
	}
	cs, err := r.Journal(ctx, 0, 1<<30)
	no(err)
	for _, c := range cs {
		s.Lines += string(c.Lines)
	}
	for _, w := range s.All {
		hs, err := r.Hosts(ctx, w.ID)
		no(err)
		s.Hosts = append(s.Hosts, hs)
	}
	return s
}
