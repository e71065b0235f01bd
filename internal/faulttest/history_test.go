//go:build linux

package faulttest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/journal"
	"github.com/lullwork/lull/internal/record"
	lullsqlite "github.com/lullwork/lull/sqlite"
	"github.com/lullwork/lull/work"
)

// history is what is known of all lives of a state, from the outside: its rows, its
// journal, and the traces that runs left.
type history struct {
	works   map[work.ID]lull.Info
	entries []record.Entry
	lost    int // acknowledged works that are not there
	runs    int
}

// quickCheck asks SQLite itself.
func quickCheck(t *testing.T, path string) {
	t.Helper()
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	must(t, err)
	err = sqlitex.ExecuteTransient(c, "PRAGMA quick_check", &sqlitex.ExecOptions{ResultFunc: func(st *sqlite.Stmt) error {
		if msg := st.ColumnText(0); msg != "ok" {
			t.Errorf("quick_check: %s", msg)
		}
		return nil
	}})
	must(t, err, c.Close())
}

// readWorks lists all works of a state.
func readWorks(t *testing.T, dir string) (map[work.ID]lull.Info, int64) {
	t.Helper()
	r, err := lull.Browse(t.Context(), lullsqlite.File(filepath.Join(dir, "work.db")))
	must(t, err)
	defer r.Close()
	list, err := r.List(t.Context(), lull.Filter{})
	must(t, err)
	works := map[work.ID]lull.Info{}
	for _, w := range list {
		works[w.ID] = w
	}
	last, err := r.Journal(t.Context(), 0, func(lull.Entry) bool { return true })
	must(t, err)
	return works, last
}

// check reads the history after the last engine has come to rest, and looks for
// every promise that was broken.
func check(t *testing.T, s script, a *acks) history {
	t.Helper()
	quickCheck(t, filepath.Join(s.State, "work.db"))
	h := history{}
	var last int64
	h.works, last = readWorks(t, s.State)
	h.entries = readJournal(t, filepath.Join(s.State, "journal.jsonl"))
	if got := h.entries[len(h.entries)-1].Seq; got != last {
		t.Errorf("the run log ends with entry %d, the journal with %d", got, last)
	}
	for _, id := range a.once {
		if w, ok := h.works[id]; !ok {
			h.lost++
		} else if w.State != work.Succeeded {
			t.Errorf("work %s is %s: %+v", id, w.State, w.Last)
		} else if trace := readTrace(t, s.Trace, id); strings.Count(trace, "end\n") < 1 {
			t.Errorf("work %s succeeded, but left the trace %q", id, trace)
		}
	}
	for _, id := range a.parked {
		if w, ok := h.works[id]; !ok {
			h.lost++
		} else if w.State != work.Enqueued && w.State != work.Cancelled || w.Attempts > 0 {
			t.Errorf("work %s, which has to wait, is %s after %d runs", id, w.State, w.Attempts)
		}
	}
	for _, id := range a.cancelled {
		if h.works[id].State != work.Cancelled {
			t.Errorf("work %s was cancelled, and is %s", id, h.works[id].State)
		}
	}
	if h.lost > 0 {
		t.Errorf("%d acknowledged works are lost", h.lost)
	}
	overlaps, err := filepath.Glob(filepath.Join(s.Trace, "*.overlap"))
	must(t, err)
	if len(overlaps) > 0 {
		t.Errorf("%d works had two runs at a time: %q", len(overlaps), overlaps)
	}
	h.checkRuns(t, s)
	return h
}

func readTrace(t *testing.T, dir string, id work.ID) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, string(id)))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(b)
}

// readJournal reads the run log, which has every entry once, whole and in order.
func readJournal(t *testing.T, path string) (entries []record.Entry) {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	must(t, journal.Read(f, func(e record.Entry) bool {
		entries = append(entries, e)
		return true
	}))
	for i, e := range entries {
		if e.Seq != int64(i+1) {
			t.Fatalf("run log: entry %d in place %d", e.Seq, i+1)
		}
	}
	if len(entries) == 0 {
		t.Fatal("the run log is empty")
	}
	return entries
}

// life is what the journal tells of one work.
type life struct {
	made      int
	finals    []string // states that it finished in
	started   []int64  // epochs
	concluded map[int64]int
}

// checkRuns compares what the journal tells of works and runs with the rows, and with
// itself.
func (h *history) checkRuns(t *testing.T, s script) {
	t.Helper()
	lives := map[work.ID]*life{}
	for _, e := range h.entries {
		if e.Work == "" {
			continue
		}
		l := lives[e.Work]
		if l == nil {
			l = &life{concluded: map[int64]int{}}
			lives[e.Work] = l
		}
		switch e.Kind {
		case record.EntryEnqueued:
			l.made++
		case record.EntryStarted:
			l.started = append(l.started, e.Run)
			h.runs++
		case record.EntryEnded, record.EntryStopping:
			l.concluded[e.Run]++
		}
		if st := work.State(0); st.UnmarshalText([]byte(e.State)) == nil && st.Finished() {
			l.finals = append(l.finals, e.State)
		}
	}
	for id, l := range lives {
		w, ok := h.works[id]
		if !ok {
			t.Errorf("the journal tells of work %s, which is not there", id)
			continue
		}
		want := []string(nil)
		if w.State.Finished() {
			want = []string{w.State.String()}
		}
		if !slices.Equal(l.finals, want) {
			t.Errorf("work %s is %s; the journal says that it ended as %q", id, w.State, l.finals)
		}
		if l.made != 1 {
			t.Errorf("work %s was made %d times", id, l.made)
		}
		for i, epoch := range l.started {
			if epoch != int64(i+1) || l.concluded[epoch] != 1 {
				t.Errorf("work %s: start %d has epoch %d, and ended %d times", id, i+1, epoch, l.concluded[epoch])
			}
		}
		if n := strings.Count(readTrace(t, s.Trace, id), "start\n"); n > len(l.started) {
			t.Errorf("work %s ran %d times, the journal knows of %d runs", id, n, len(l.started))
		}
		if !w.Started.IsZero() {
			t.Errorf("work %s still runs, and no engine is there", id)
		}
	}
	if len(lives) != len(h.works) {
		t.Errorf("%d works, the journal tells of %d", len(h.works), len(lives))
	}
}

func (h history) String() string {
	return fmt.Sprintf("%d works, %d runs, %d journal entries, %d lost", len(h.works), h.runs, len(h.entries), h.lost)
}
