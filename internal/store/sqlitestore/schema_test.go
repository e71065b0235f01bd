package sqlitestore

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"zombiezen.com/go/sqlite"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

var update = flag.Bool("update", false, "write the golden files of the newest schema")

// TestSchema: a released schema never changes; a new one is a new step.
func TestSchema(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "lull.db"))
	var got strings.Builder
	err := query(s.conn, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name", func(q *sqlite.Stmt) error {
		got.WriteString(q.ColumnText(0) + ";\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "schema1.sql", got.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// contents is what golden states hold.
type contents struct {
	Snapshot *record.Snapshot
	Works    []*record.Work
	Journal  []record.Chunk
	Hosts    []record.Host
}

func read(t *testing.T, s *Store) string {
	t.Helper()
	ctx := context.Background()
	var c contents
	var errs [4]error
	c.Snapshot, errs[0] = s.Load(ctx)
	c.Works, errs[1] = s.List(ctx, store.Query{})
	c.Journal, errs[2] = s.Journal(ctx, 0, 100)
	c.Hosts, errs[3] = s.Hosts(ctx, "w1")
	b, err := json.MarshalIndent(c, "", " ")
	if err := errors.Join(append(errs[:], err)...); err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

// TestOldStates opens a state that each released schema left behind.
func TestOldStates(t *testing.T) {
	if *update {
		dump(t, "testdata/state1.sql")
	}
	files, err := filepath.Glob("testdata/state*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden states", err)
	}
	for _, file := range files {
		path := filepath.Join(t.TempDir(), "lull.db")
		script, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := sqlite.OpenConn(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(script), ";;\n") {
			if strings.TrimSpace(line) == "" {
				continue
			}
			if err := query(c, line, nil); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		s := open(t, path)
		golden(t, strings.TrimSuffix(filepath.Base(file), ".sql")+".json", read(t, s))
		// It is in use at once.
		if err := s.Commit(context.Background(), &record.Tx{Works: []record.WorkWrite{{Work: numbered(99), Insert: true}}}); err != nil {
			t.Error(err)
		}
	}
}

// dump writes a state that has every kind of row as statements.
func dump(t *testing.T, file string) {
	t.Helper()
	s := open(t, filepath.Join(t.TempDir(), "lull.db"))
	w, d := numbered(1), numbered(2)
	w.Name, w.State, w.HasNext, w.Attempts, w.Epoch = "n", work.Running, true, 1, 1
	d.State, d.Finished, d.Parents, d.Output = work.Failed, 5, []work.ID{"w1"}, json.RawMessage(`{"a":"ä"}`)
	err := s.Commit(context.Background(), &record.Tx{
		Meta:    &record.Meta{At: 7, Offset: 8, NextSeq: 3, Spec: 1, Journal: 2, Jobs: 4, Stopped: 9},
		Specs:   []*record.Spec{{ID: 1, Task: "t", Every: 6, Needs: work.Constraints{Charging: true}, Retention: 3}},
		Works:   []record.WorkWrite{{Work: w, Insert: true}, {Work: d, Insert: true}, {Work: numbered(3), Insert: true}, {Work: numbered(4), Insert: true}},
		Runs:    []*record.Run{{Seq: 1, Epoch: 1, Work: "w1", Spec: 1, Name: "n", State: record.Going, Attempt: 1, Stop: work.NotStopped}, {Seq: 4, Epoch: 1, Work: "w4", Spec: 1, Attempt: 1, Stop: work.NotStopped}},
		Conds:   []record.Condition{{Key: "charging", State: record.Met, Since: 3, Text: "yes"}},
		Facts:   []record.Fact{{Signal: record.Charging, Value: 1, Source: "sysfs", Since: 3}},
		Plan:    []record.PlanTask{{Name: "t", Hash: "h", Work: "w1", Pending: &record.PlanRoot{Name: "t", Nodes: []work.Node{{Request: work.Request{Task: "t"}}}}}},
		Zones:   []record.Zone{{Name: "UTC", Table: []byte(`{}`)}},
		Tasks:   []record.TaskRow{{Name: "t", Held: "not-in-plan", Note: "gone"}},
		Hosts:   []record.Host{{Work: "w1", Epoch: 1, Pid: 5}},
		Journal: chunkOf(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	stmt := func(q *sqlite.Stmt) error { out.WriteString(q.ColumnText(0) + ";;\n"); return nil }
	fmt.Fprintf(&out, "PRAGMA application_id = %d;;\n", applicationID)
	var tables []string
	errs := []error{
		query(s.conn, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid", stmt),
		query(s.conn, "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%' ORDER BY name", func(q *sqlite.Stmt) error {
			tables = append(tables, q.ColumnText(0))
			return nil
		}),
	}
	for _, name := range tables {
		var cols []string
		errs = append(errs, query(s.conn, "SELECT name FROM pragma_table_info(?)", func(q *sqlite.Stmt) error {
			cols = append(cols, "quote("+q.ColumnText(0)+")")
			return nil
		}, name))
		errs = append(errs, query(s.conn, "SELECT 'INSERT INTO "+name+" VALUES (' || "+strings.Join(cols, "||','||")+" || ')' FROM "+name, stmt))
	}
	if err := errors.Join(append(errs, os.WriteFile(file, []byte(out.String()), 0o644))...); err != nil {
		t.Fatal(err)
	}
}

// TestInterrupted crashes after each statement of the first opening: what is
// left can be opened.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ms, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	script := strings.SplitAfter(ms[0].sql, ";\n")
	for n := range len(script) + 1 {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.db")
		c, err := connect(path, "", sqlite.OpenReadWrite|sqlite.OpenCreate)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			first := ms[0]
			first.sql = strings.Join(script[:n-1], "") + "SELECT * FROM crash_here;"
			if err := migrate(c, found{}, []migration{first}); err == nil {
				t.Fatal("it did not crash")
			}
		}
		crashed := filepath.Join(dir, "lull.db")
		if exists(path + "-wal") { // not before the first write
			if err := copyFile(path+"-wal", crashed+"-wal"); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(copyFile(path, crashed), c.Close()); err != nil {
			t.Fatal(err)
		}
		s := open(t, crashed)
		if err := s.Commit(context.Background(), &record.Tx{Works: []record.WorkWrite{{Work: numbered(1), Insert: true}}}); err != nil {
			t.Errorf("after statement %d: %v", n, err)
		}
	}
}

// TestNextSchema takes a state through a step that fails, then one that works.
func TestNextSchema(t *testing.T) {
	path := image(t, 5)
	ms, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	c, err := connect(path, "", sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	next := migration{2, "CREATE TABLE more (x INTEGER) STRICT; INSERT INTO more SELECT no_such FROM work;", "sum2"}
	f, err := inspect(c)
	if err != nil || f.version != 1 {
		t.Fatal(f, err)
	}
	if err := migrate(c, f, append(ms, next)); err == nil || !strings.Contains(err.Error(), "schema version 2") {
		t.Fatal(err)
	}
	if f, err = inspect(c); err != nil || f.version != 1 {
		t.Fatal(f, err)
	}
	next.sql = "CREATE TABLE more (x INTEGER) STRICT; INSERT INTO more SELECT seq FROM work;"
	if err := migrate(c, f, append(ms, next)); err != nil {
		t.Fatal(err)
	}
	if f, err = inspect(c); err != nil || f.version != 2 || f.check(path, append(ms, next)) != nil {
		t.Fatal(f, err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	// This program knows nothing of version 2.
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = At(path).Open(context.Background())
	wantError(t, err, store.ErrNewer, "version 2", "up to 1", "newer program")
	_, err = At(path).Browse(context.Background())
	wantError(t, err, store.ErrNewer, "version 2")
	if now, err := os.ReadFile(path); err != nil || string(now) != string(before) {
		t.Error("the file was changed", err)
	}
}

// TestOtherHistory: the same number, but not the same step.
func TestOtherHistory(t *testing.T) {
	path := image(t, 5)
	c, err := connect(path, "", sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(query(c, "UPDATE lull_migration SET checksum='x'", nil), c.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = At(path).Open(context.Background())
	wantError(t, err, store.ErrDamaged, "step 1")
}
