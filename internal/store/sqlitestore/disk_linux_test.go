package sqlitestore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
)

// disk mounts a small disk, which needs root.
func disk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("lull-test", dir, "tmpfs", 0, "size="+size); err != nil {
		if strings.Contains(os.Getenv("LULL_REQUIRE"), "mount") {
			t.Fatal("mount:", err)
		}
		t.Skip("SKIPPED: needs root to mount a tmpfs:", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func eat(t *testing.T, path string, leave int64) {
	t.Helper()
	free, _, err := diskState(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(fill(f, free-leave), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestDiskFull fills the disk: commits are refused as a whole, the reserve makes
// room for more of them, and nothing that was acknowledged is lost.
func TestDiskFull(t *testing.T) {
	ctx := context.Background()
	dir := disk(t, "96m")
	path := filepath.Join(dir, "lull.db")
	s := open(t, path)
	if st, err := os.Stat(path + ".reserve"); err != nil || st.Size() != reserveSize {
		t.Fatal("no reserve", err)
	}
	eat(t, filepath.Join(dir, "ballast"), 1<<20)
	n := int64(0)
	commit := func() error {
		meta := record.Meta{NextSeq: n + 1}
		err := s.Commit(ctx, &record.Tx{Meta: &meta, Works: []record.WorkWrite{{Work: numbered(n + 1), Insert: true}}, Journal: chunkOf(n + 1)})
		if err == nil {
			n++
		}
		return err
	}
	untilFull := func() {
		for {
			if err := commit(); err != nil {
				wantError(t, err, store.ErrNoSpace, path+".reserve")
				return
			}
		}
	}
	untilFull()
	first := n
	if exists(path + ".reserve") {
		t.Error("the reserve was not given back")
	}
	if err := commit(); err == nil {
		t.Error("a store that failed went on without being reopened")
	}
	if err := s.Reopen(ctx); err != nil {
		t.Fatal("reopen on a full disk with the reserve given back:", err)
	}
	untilFull()
	if first == 0 || n <= first {
		t.Errorf("%d works before the disk was full, %d with the reserve: it helps nothing", first, n)
	}
	for range 3 { // wholly full, an engine cannot start; that is an error like any other
		if err := s.Reopen(ctx); err != nil {
			wantError(t, err, store.ErrNoSpace)
		}
	}
	b, err := At(path).Browse(ctx)
	if err != nil {
		t.Fatal("browse on a full disk:", err)
	}
	rows, err := b.List(ctx, store.Query{})
	if err != nil || int64(len(rows)) != n {
		t.Errorf("%d rows (%v), %d were acknowledged", len(rows), err, n)
	}
	if err := errors.Join(b.Close(), os.Remove(filepath.Join(dir, "ballast")), s.Reopen(ctx)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(commit(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if got, err := complete(path, n); err != nil || got != n {
		t.Error(got, err)
	}
	if !exists(path + ".reserve") {
		t.Error("no new reserve although there is room")
	}
}

// TestReadOnlyDisk takes the right to write away from a state in use, and reads
// what is left there.
func TestReadOnlyDisk(t *testing.T) {
	ctx := context.Background()
	for _, clean := range []bool{true, false} {
		dir := disk(t, "96m")
		path := filepath.Join(dir, "lull.db")
		s := open(t, path)
		tx := &record.Tx{Meta: &record.Meta{NextSeq: 1}, Works: []record.WorkWrite{{Work: numbered(1), Insert: true}}}
		if err := s.Commit(ctx, tx); err != nil {
			t.Fatal(err)
		}
		if clean {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		} else { // what a killed engine leaves
			killed := filepath.Join(dir, "killed.db")
			if err := errors.Join(copyFile(path, killed), copyFile(path+"-wal", killed+"-wal"), s.Close()); err != nil {
				t.Fatal(err)
			}
			path = killed
		}
		if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
			t.Fatal(err)
		}
		_, err := At(path).Open(ctx)
		wantError(t, err, store.ErrReadOnly, "mounted read-only")
		b, err := At(path).Browse(ctx)
		if err != nil {
			t.Fatalf("clean %v: %v", clean, err)
		}
		if rows, err := b.List(ctx, store.Query{}); err != nil || len(rows) != 1 {
			t.Errorf("clean %v: %d rows, %v", clean, len(rows), err)
		}
		copied := b.(*browser).copied
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		if (copied == "") != clean || copied != "" && exists(copied) {
			t.Errorf("clean %v: copied to %q, left there: %v", clean, copied, exists(copied))
		}
	}
}

// TestNetwork: none can be mounted here, so only the numbers are checked.
func TestNetwork(t *testing.T) {
	for magic, want := range map[uint32]string{unix.NFS_SUPER_MAGIC: "NFS", unix.SMB2_SUPER_MAGIC: "SMB", unix.V9FS_MAGIC: "9P", unix.AFS_SUPER_MAGIC: "AFS"} {
		if got, ok := networkName(magic); !ok || got != want {
			t.Errorf("%#x is %q, want %q", magic, got, want)
		}
	}
	for _, magic := range []uint32{unix.EXT4_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.TMPFS_MAGIC, unix.OVERLAYFS_SUPER_MAGIC, unix.FUSE_SUPER_MAGIC} {
		if name, ok := networkName(magic); ok {
			t.Errorf("%#x is refused as %s", magic, name)
		}
	}
	if err := checkDisk(filepath.Join(t.TempDir(), "lull.db")); err != nil {
		t.Error(err)
	}
}
