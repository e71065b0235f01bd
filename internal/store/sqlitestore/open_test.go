package sqlitestore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"zombiezen.com/go/sqlite"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// wantError checks an error's kind and that its text and hint name things.
func wantError(t *testing.T, err, kind error, names ...string) {
	t.Helper()
	if err == nil || kind != nil && !errors.Is(err, kind) {
		t.Fatalf("error %v, want %v", err, kind)
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("no *Error: %v", err)
	}
	for _, n := range names {
		if !strings.Contains(e.Error()+"\n"+e.Hint, n) {
			t.Errorf("%q, hint %q: does not name %q", e, e.Hint, n)
		}
	}
}

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := At(path).Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s.(*Store)
}

// TestVersion: older ones can lose commits when the log starts again.
func TestVersion(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "lull.db"))
	var v string
	if err := query(s.conn, "SELECT sqlite_version()", func(q *sqlite.Stmt) error { v = q.ColumnText(0); return nil }); err != nil {
		t.Fatal(err)
	}
	var a, b, c int
	if _, err := fmt.Sscanf(v, "%d.%d.%d", &a, &b, &c); err != nil || a*1_000_000+b*1000+c < 3_051_003 {
		t.Errorf("SQLite %s, want 3.51.3 or newer", v)
	}
}

func TestPragmas(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "lull.db"))
	for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "wal_autocheckpoint": "0", "mmap_size": "0", "cache_size": "-16384"} {
		var got string
		if err := query(s.writer.conn, "PRAGMA "+name, func(q *sqlite.Stmt) error { got = q.ColumnText(0); return nil }); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", name, got, err, want)
		}
	}
}

// TestPaths: whatever a file is called, it is that file.
func TestPaths(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, p := range []string{"plain.db", "a b?c#d%20&e.db", "ä:x.db", "./dot.db", filepath.Join(dir, "abs %2f ?.db")} {
		s, err := At(p).Open(context.Background())
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		b, err := At(p).Browse(context.Background())
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		if st, err := os.Stat(p); err != nil || st.Size() == 0 {
			t.Errorf("%s: %v %v", p, st, err)
		}
		if err := errors.Join(b.Close(), s.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestRefused(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	foreign := filepath.Join(dir, "foreign.db")
	c, err := sqlite.OpenConn(foreign)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(query(c, "CREATE TABLE theirs (x)", nil), c.Close()); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		path  string
		kind  error
		names []string
	}{
		{filepath.Join(dir, "no", "such", "lull.db"), os.ErrNotExist, []string{"mkdir -p"}},
		{dir, nil, []string{"not a regular file", filepath.Join(dir, "lull.db")}},
		{filepath.Join(write("file", "x"), "lull.db"), nil, []string{"not a folder"}},
		{write("text.db", strings.Repeat("this is no database ", 500)), store.ErrDamaged, []string{"nothing was changed", ".recover"}},
		{foreign, nil, []string{"another program"}},
	} {
		_, err := At(x.path).Open(ctx)
		wantError(t, err, x.kind, x.names...)
		_, err = At(x.path).Browse(ctx)
		wantError(t, err, x.kind)
		if _, running := Holder(x.path); running {
			t.Errorf("%s: the lock was kept", x.path)
		}
	}
	if b, err := os.ReadFile(filepath.Join(dir, "text.db")); err != nil || !strings.HasPrefix(string(b), "this is no database") {
		t.Error("the file was changed")
	}
	_, err = At(filepath.Join(dir, "none.db")).Browse(ctx)
	wantError(t, err, os.ErrNotExist, "no engine has run here")
	if exists(filepath.Join(dir, "none.db")) {
		t.Error("to browse made a file")
	}
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lull.db")
	if pid, running := Holder(path); running || pid != 0 {
		t.Error(pid, running)
	}
	s := open(t, path)
	_, err := At(path).Open(context.Background())
	wantError(t, err, store.ErrLocked, fmt.Sprintf("another engine has this state: pid %d", os.Getpid()))
	if pid, running := Holder(path); !running || pid != os.Getpid() {
		t.Error(pid, running)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if pid, running := Holder(path); running || pid != 0 {
		t.Error(pid, running)
	}
}

// TestGone: a state whose file was deleted under it is not made anew.
func TestGone(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "lull.db")
	s := open(t, path)
	if err := s.Commit(ctx, &record.Tx{Works: []record.WorkWrite{{Work: numbered(1), Insert: true}}}); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	wantError(t, s.Reopen(ctx), store.ErrDamaged, "the file is gone")
	if exists(path) {
		t.Error("it was made anew")
	}
}

// TestBusy: another program holds the file longer than a commit waits.
func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lull.db")
	s := open(t, path)
	s.writer.conn.SetBusyTimeout(10 * time.Millisecond)
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	if err := query(c, "BEGIN IMMEDIATE", nil); err != nil {
		t.Fatal(err)
	}
	tx := &record.Tx{Works: []record.WorkWrite{{Work: numbered(1), Insert: true}}}
	wantError(t, s.Commit(context.Background(), tx), nil, "locked", "another program")
	if err := errors.Join(c.Close(), s.Reopen(context.Background()), s.Commit(context.Background(), tx)); err != nil {
		t.Fatal(err)
	}
}

// TestBrowse reads beside an engine and after it.
func TestBrowse(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "lull.db")
	s := open(t, path)
	for i := int64(1); i <= 3; i++ {
		b, err := At(path).Browse(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Commit(ctx, &record.Tx{Works: []record.WorkWrite{{Work: numbered(i), Insert: true}}}); err != nil {
			t.Fatal(err)
		}
		if rows, err := b.List(ctx, store.Query{}); err != nil || len(rows) != int(i) {
			t.Fatal(len(rows), err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := At(path).Browse(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := b.Works(ctx, []work.ID{"w1", "w3"}); err != nil || len(rows) != 2 {
		t.Fatal(len(rows), err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err = At(path).Browse(ctx); err != nil {
		t.Fatal(err)
	}
	open(t, path) // an engine may start meanwhile
	if rows, err := b.List(ctx, store.Query{}); err != nil || len(rows) != 3 {
		t.Fatal(len(rows), err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestStopList: a context ends a long query.
func TestStopList(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lull.db")
	open(t, path)
	b, err := At(path).Browse(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	r := b.(*browser).reader
	if err := r.usable(ctx); err != nil {
		t.Fatal(err)
	}
	err = r.each("WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n) SELECT max(i) FROM n", func(*sqlite.Stmt) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := b.List(context.Background(), store.Query{}); err != nil {
		t.Error(err)
	}
}

// TestLogStaysShort: under commits without a pause the log starts again.
func TestLogStaysShort(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "lull.db")
	s := open(t, path)
	var n int64
	var total, largest int64
	for range 400 {
		var tx record.Tx
		for range 100 {
			n++
			tx.Works = append(tx.Works, record.WorkWrite{Work: numbered(n), Insert: true})
		}
		if err := s.Commit(ctx, &tx); err != nil {
			t.Fatal(err)
		}
		if st, err := os.Stat(path + "-wal"); err == nil {
			largest = max(largest, st.Size())
		}
	}
	if st, err := os.Stat(path); err == nil {
		total = st.Size()
	}
	t.Logf("file %d KiB, log at most %d KiB", total>>10, largest>>10)
	if largest > 32<<20 {
		t.Errorf("the log grew to %d bytes", largest)
	}
}

// TestInbox: the rows that another program wrote are taken by a commit.
func TestInbox(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lull.db")
	s := open(t, path)
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(work.Request{Task: "t"})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := query(c, "INSERT INTO inbox (at, request) VALUES (5, ?)", nil, string(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(c.Close(), s.Commit(context.Background(), &record.Tx{Inbox: []int64{1, 3, 99}})); err != nil {
		t.Fatal(err)
	}
	var left []int64
	if err := query(s.conn, "SELECT seq FROM inbox", func(q *sqlite.Stmt) error { left = append(left, q.ColumnInt64(0)); return nil }); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int64{2}, left); d != "" {
		t.Error(d)
	}
}
