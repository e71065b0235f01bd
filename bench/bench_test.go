package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

func TestMain(m *testing.M) {
	isolate.Main(lullEntry())
	os.Exit(m.Run())
}

// TestEachJobRunsOnce holds every system to what the figures assume: what was filled before the start and what was
// inserted after it runs, each job once, and nothing else does.
func TestEachJobRunsOnce(t *testing.T) {
	const filled, inserted = 250, 40
	for _, sys := range systems() {
		if sys.only != nil {
			continue
		}
		t.Run(sys.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			o, err := openSession(ctx, sys, t.TempDir(), 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := o.Fill(ctx, filled); err != nil {
				t.Fatal(err)
			}
			if n := o.ran.Load(); n != 0 {
				t.Fatalf("%d jobs ran before Start", n)
			}
			if err := o.Start(ctx); err != nil {
				t.Fatal(err)
			}
			for job := filled; job < filled+inserted; job++ {
				if err := o.Insert(ctx, job); err != nil {
					t.Fatal(err)
				}
			}
			if err := o.wait(ctx, filled+inserted); err != nil {
				t.Fatal(err)
			}
			f, err := o.finish(nil)
			if err != nil {
				t.Fatal(err)
			}
			if n := o.ran.Load(); n != filled+inserted || f.repeats != 0 {
				t.Errorf("%d jobs ran and %d repeats, want %d and 0", n, f.repeats, filled+inserted)
			}
			if f.complaints != 0 {
				t.Errorf("logged %d errors, the first: %s", f.complaints, f.complaint)
			}
		})
	}
}

func TestFsyncCallsTheHandlerAfterStartOnly(t *testing.T) {
	o, err := openSession(t.Context(), fsyncSystem(), t.TempDir(), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for job := range 4 {
		if job == 2 {
			if err := o.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := o.Insert(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.finish(nil); err != nil {
		t.Fatal(err)
	}
	if n := o.ran.Load(); n != 2 {
		t.Errorf("%d handler calls, want 2", n)
	}
}

// TestRawKeepsAJournal checks the raw loop's own books: no job is left, and each has its row with epoch 1.
func TestRawKeepsAJournal(t *testing.T) {
	const n = 1234
	dir := t.TempDir()
	o, err := openSession(t.Context(), rawSystem(), dir, time.Microsecond, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Fill(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if err := o.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := o.wait(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	// One more insert shares a commit with, or comes after, the finish of the last batch.
	if err := o.Insert(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if _, err := o.finish(nil); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "raw.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var rows, jobs, left int
	if err := db.QueryRow(`select count(*), count(distinct job) from journal where epoch = 1 and outcome = 1 and job <= ?`, n).Scan(&rows, &jobs); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRow(`select count(*) from job where id <= ?`, n).Scan(&left); err != nil {
		t.Fatal(err)
	}
	if rows != n || jobs != n || left != 0 {
		t.Errorf("%d journal rows for %d jobs and %d jobs left, want %d, %d and 0", rows, jobs, left, n, n)
	}
	if err := o.Insert(t.Context(), 1); err == nil {
		t.Error("an insert after Close was acknowledged")
	}
}

// TestLooseDurabilityIsRefused is the control: a connection that would win by not syncing must not get in.
func TestLooseDurabilityIsRefused(t *testing.T) {
	for _, c := range []struct{ driver, query, want string }{
		{"sqlite3", "?_journal=WAL", "synchronous is 1"},
		{"sqlite3", "?_journal=WAL&_synchronous=OFF", "synchronous is 0"},
		{"sqlite3", "?_synchronous=FULL", "journal_mode is delete"},
		{"sqlite", "?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)", "synchronous is 1"},
	} {
		db, err := openDurable(t.Context(), c.driver, "file:"+filepath.Join(t.TempDir(), "x.db")+c.query)
		if err == nil {
			_ = db.Close()
			t.Errorf("%s %s was accepted", c.driver, c.query)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v, want it to say %q", c.driver, c.query, err, c.want)
		}
	}
}

func TestTrackerCountsRepeatsApart(t *testing.T) {
	tr := newTracker()
	for _, job := range []int{0, 31, 32, 31, maxJobs - 1} {
		tr.mark(job)
	}
	if tr.ran.Load() != 4 || tr.repeats.Load() != 1 {
		t.Errorf("ran %d, repeats %d; want 4 and 1", tr.ran.Load(), tr.repeats.Load())
	}
	if err := tr.wait(t.Context(), 4); err != nil {
		t.Error(err)
	}
	go tr.mark(7)
	if err := tr.wait(t.Context(), 5); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := tr.wait(ctx, 6); err == nil {
		t.Error("wait for a job that never runs returned nil")
	}
}

func TestPayloads(t *testing.T) {
	for _, job := range []int{0, 1, maxJobs - 1} {
		if got, err := jobOfBinary(binaryPayload(job)); err != nil || got != job {
			t.Errorf("job %d came back as %d, %v", job, got, err)
		}
	}
	if _, err := jobOfBinary([]byte("short")); err == nil {
		t.Error("a short payload was accepted")
	}
	if _, err := jobOfBinary(binaryPayload(maxJobs)); err == nil {
		t.Error("a job that nobody inserted was accepted")
	}
	b, err := json.Marshal(newJSONPayload(1_000_000))
	if err != nil || len(b) != payloadSize {
		t.Errorf("JSON payload has %d bytes (%v), want %d", len(b), err, payloadSize)
	}
}

// goalSuite has figures that meet every gate exactly. A change, if there is one, drops a figure or has another.
func goalSuite(change func(id rowID, name string, value float64) (float64, bool)) *suite {
	s := newSuite(config{n: fullN, million: true, runs: 1}, systems(), nil)
	for _, f := range []struct {
		id    rowID
		name  string
		value float64
	}{
		{rowDrain, subject, 50_000},
		{rowDrain, "raw loop", 50_000 / 0.35},
		{rowDrain, "river", 50_000 / 8.0},
		{rowDrain, "goqite", 50_000 / 15.0},
		{rowDrain, "backlite", 50_000 / 25.0},
		{rowDrainBig, subject, 40_000},
		{rowEnd64, subject, 20_000},
		{rowEnd64, "goqite", 2_000},
		{rowEnd64, "backlite", 1_000},
		{rowEnd64, "river", 1_500},
		{rowP50, subject, 1},
		{rowP50, "fdatasync", 0.4},
		{rowP99, subject, 6},
		{rowP99, "fdatasync", 3},
	} {
		has := true
		if change != nil {
			f.value, has = change(f.id, f.name, f.value)
		}
		if has {
			s.Add(f.id, f.name, f.value)
		}
	}
	return s
}

func TestGatesTurnAtTheirLimit(t *testing.T) {
	if missed, undecided := goalSuite(nil).Missed(gates()); len(missed) != 0 || undecided != 0 {
		t.Fatalf("at the limit: missed %v, undecided %d", missed, undecided)
	}
	for _, g := range gates() {
		factor := 0.99
		if g.AtMost {
			factor = 1.01
		}
		s := goalSuite(func(id rowID, name string, value float64) (float64, bool) {
			if id == g.Row && name == subject {
				value *= factor
			}
			return value, true
		})
		if s.Judge(g).Reached {
			t.Errorf("%s: still reached 1 %% beyond the limit", g.Title)
		}
	}
}

func TestGatesNeedEveryFigure(t *testing.T) {
	s := goalSuite(func(id rowID, name string, value float64) (float64, bool) {
		return value, id != rowEnd64 || name != "backlite" // not the best peer, but it might have been
	})
	s.Fail(rowDrain, "river")
	if missed, undecided := s.Missed(gates()); len(missed) != 0 || undecided != 2 {
		t.Errorf("missed %v, undecided %d; want none and 2", missed, undecided)
	}
}

func TestReport(t *testing.T) {
	s := goalSuite(nil)
	s.Fail(rowEnd8, "goqite")
	s.Remark("a note")
	var b bytes.Buffer
	s.print(&b, "ext4")
	for _, want := range []string{"142,857", "failed", "a note", "≥ 0.35 x", "x8.00", "pass"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "MISSED") {
		t.Errorf("the report says MISSED of goals that are met:\n%s", b.String())
	}
}

func TestSmallDrainsAreMarkedAsFlattering(t *testing.T) {
	s := newSuite(config{n: fullN, runs: 1}, nil, nil)
	sys := system{name: "x", held: 2000}
	m := measurement{rows: []row{{title: "drain"}}}
	for _, pending := range []int{0, 20_000} {
		m.pending = pending
		if s.note(sys, m, figures{}); len(s.Notes) != 0 {
			t.Errorf("%d pending: %v", pending, s.Notes)
		}
	}
	m.pending = 19_999
	s.note(sys, m, figures{})
	s.note(sys, m, figures{}) // the next run says the same
	if len(s.Notes) != 1 || !strings.Contains(s.Notes[0], "flattered") {
		t.Errorf("notes: %v", s.Notes)
	}
}

func TestFlags(t *testing.T) {
	c, err := parse([]string{"-quick", "-n", "7"})
	if err != nil || c.n != 7 || c.runs != 1 || c.million {
		t.Errorf("-quick -n 7: %+v, %v", c, err)
	}
	if c, err := parse(nil); err != nil || c.n != fullN || c.runs != 3 || !c.million {
		t.Errorf("no flags: %+v, %v", c, err)
	}
	for _, args := range [][]string{{"-n", "0"}, {"-runs", "0"}, {"-for", "0s"}, {"-paced", "1ms"}, {"extra"}} {
		if _, err := parse(args); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
	chosen, err := choose(systems(), "river, raw")
	if err != nil || len(chosen) != 2 || chosen[0].name != "raw loop" || chosen[1].name != "river" {
		t.Errorf("river,raw chose %v, %v", chosen, err)
	}
	if chosen, err := choose(systems(), "backlite"); err != nil || len(chosen) != 1 {
		t.Errorf("backlite chose %v, %v", chosen, err)
	}
	if _, err := choose(systems(), "river,asynq"); err == nil || !strings.Contains(err.Error(), "asynq") {
		t.Errorf("an unknown system: %v", err)
	}
}
