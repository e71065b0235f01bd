package sense

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/record"
)

func TestStorage(t *testing.T) {
	for _, c := range []struct {
		name        string
		free, total uint64
		err         error
		want        int64
		source      string
	}{
		{"large, 500 MB free", 500_000_000, 4e12, nil, 0, "free space of d, low under 500 MB"},
		{"large, a little less", 499_999_999, 4e12, nil, 1, "low under 500 MB"},
		{"small, 5 % free", 50_000_000, 1e9, nil, 0, "low under 50 MB"},
		{"small, a little less", 49_999_999, 1e9, nil, 1, "low under 50 MB"},
		{"tiny", 0, 1 << 20, nil, 1, "low under 52 kB"},
		{"no size", 0, 0, nil, record.Unknown, "free space of d"},
		{"error", 1, 1, errors.New("dead"), record.Unknown, "free space of d"},
	} {
		s := newStorage(Config{callTimeout: patience, DataDir: "d", Statfs: func(string) (uint64, uint64, error) { return c.free, c.total, c.err }})
		r, _ := s.read(t.Context())
		r[record.StorageLow].check(t, c.name, c.want, c.source, "")
	}
	r, _ := newStorage(Config{callTimeout: patience, DataDir: filepath.Join(t.TempDir(), "none"), Statfs: statfs}).read(t.Context())
	r[record.StorageLow].check(t, "missing folder", record.Unknown, "free space", "no such file")
	if free, total, err := statfs(os.TempDir()); err != nil || total == 0 || free > total {
		t.Errorf("statfs: %d of %d free, %v", free, total, err)
	}
}

// TestStorageHangs: a dead network file system costs one blocked call, not one
// for each reading.
func TestStorageHangs(t *testing.T) {
	release, calls := make(chan struct{}), make(chan struct{}, 8)
	s := newStorage(Config{callTimeout: patience, DataDir: "d", Statfs: func(string) (uint64, uint64, error) {
		calls <- struct{}{}
		<-release
		return 1e12, 1e12, nil
	}})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	r, _ := s.read(ctx)
	r[record.StorageLow].check(t, "first", record.Unknown, "", "deadline")
	r, _ = s.read(t.Context())
	r[record.StorageLow].check(t, "second", record.Unknown, "", "does not answer")
	<-calls // it may begin after the deadline of who waits for it
	if n := len(calls); n != 0 {
		t.Errorf("%d more calls are blocked", n)
	}
	close(release)
	s.busy <- struct{}{} // waits for the blocked call
	<-s.busy
	r, _ = s.read(t.Context())
	r[record.StorageLow].check(t, "mended", 0, "low under 500 MB", "")
}
