package sqlitestore

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

func enqueue(n int64) *record.Tx {
	return &record.Tx{Works: []record.WorkWrite{{Work: numbered(n), Insert: true}}}
}

// TestLockFileDeleted: somebody deletes the lock of an engine that runs, as one does
// with locks that seem stale, and starts another engine. The first one must notice.
func TestLockFileDeleted(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "lull.db")
	first := open(t, path)
	if err := first.Commit(ctx, enqueue(1)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path + ".lock"); err != nil {
		t.Fatal(err)
	}
	second := open(t, path)
	if err := second.Commit(ctx, enqueue(2)); err != nil {
		t.Fatal(err)
	}
	wantError(t, first.Commit(ctx, enqueue(3)), store.ErrLocked)
	wantError(t, first.Reopen(ctx), store.ErrLocked)
	if err := second.Commit(ctx, enqueue(4)); err != nil {
		t.Fatal(err)
	}
	if rows, err := second.Works(ctx, []work.ID{"w1", "w2", "w3", "w4"}); err != nil || len(rows) != 3 {
		t.Errorf("%d works (%v), want those of the commits that were acknowledged", len(rows), err)
	}
}

// TestFileDeleted: what is written to a deleted file is lost, so it must not be
// acknowledged.
func TestFileDeleted(t *testing.T) {
	ctx := context.Background()
	for name, replace := range map[string]bool{"deleted": false, "replaced": true} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "lull.db")
			s := open(t, path)
			if err := s.Commit(ctx, enqueue(1)); err != nil {
				t.Fatal(err)
			}
			other := filepath.Join(t.TempDir(), "other.db")
			if replace {
				o := open(t, other)
				if err := o.Close(); err != nil {
					t.Fatal(err)
				}
				if err := os.Rename(other, path); err != nil {
					t.Fatal(err)
				}
			} else if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			wantError(t, s.Commit(ctx, enqueue(2)), store.ErrDamaged)
			wantError(t, s.Reopen(ctx), store.ErrDamaged)
		})
	}
}

// TestOneStateOfTwoNames: a link to a state is the same state.
func TestOneStateOfTwoNames(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path, link := filepath.Join(dir, "lull.db"), filepath.Join(dir, "link.db")
	s := open(t, path)
	if err := os.Symlink(path, link); err != nil {
		t.Skipf("SKIPPED: no symbolic links: %v", err)
	}
	_, err := At(link).Open(ctx)
	wantError(t, err, store.ErrLocked)
	if _, running := Holder(link); !running {
		t.Error("nobody has the state by its other name")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, link)
	if _, running := Holder(path); !running {
		t.Error("nobody has the state")
	}
}

// TestForeignIsLeftAlone: a database of another program keeps every byte.
func TestForeignIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "theirs.db")
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(query(c, "CREATE TABLE theirs (x)", nil), c.Close()); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = At(path).Open(context.Background())
	wantError(t, err, nil, "another program")
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("their database has changed (%v)", err)
	}
}
