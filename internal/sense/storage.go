package sense

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lullwork/lull/internal/record"
)

// Storage is low with less than 5 % and less than 500 MB free, whichever is
// less: Android's threshold. The greater of both would call a disk of 4 TB with
// 100 GB free low.
const (
	lowBytes = 500_000_000
	lowShare = 20 // a twentieth
)

var errHangs = errors.New("the file system does not answer")

// storage reads the free space of one directory.
type storage struct {
	dir     string
	statfs  func(string) (free, total uint64, err error)
	timeout time.Duration
	busy    chan struct{} // holds a token while a call is under way
}

func newStorage(c Config) *storage {
	return &storage{dir: c.DataDir, statfs: c.Statfs, timeout: c.callTimeout, busy: make(chan struct{}, 1)}
}

func (s *storage) read(ctx context.Context) (out readings, again time.Duration) {
	source := "free space of " + s.dir
	free, total, err := s.ask(ctx)
	switch {
	case err != nil:
		out[record.StorageLow] = unknown(source, fmt.Sprintf("cannot read it (%v): mend it, or %s", err, assume(record.StorageLow, "no")))
	case total == 0:
		out[record.StorageLow] = unknown(source, "the file system does not tell its size; "+assume(record.StorageLow, "no"))
	default:
		limit := min(lowBytes, total/lowShare)
		out[record.StorageLow] = yes(free < limit, source+", low under "+size(limit))
	}
	return out, 0
}

// ask waits for the call, but not for ever: a dead network file system blocks
// it, and then no second one is started.
func (s *storage) ask(ctx context.Context) (free, total uint64, err error) {
	select {
	case s.busy <- struct{}{}:
	default:
		return 0, 0, errHangs
	}
	type result struct {
		free, total uint64
		err         error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		r.free, r.total, r.err = s.statfs(s.dir)
		<-s.busy
		done <- r
	}()
	select {
	case r := <-done:
		return r.free, r.total, r.err
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	case <-time.After(s.timeout):
		return 0, 0, errHangs
	}
}

func size(bytes uint64) string {
	if bytes >= 1_000_000 {
		return fmt.Sprintf("%d MB", bytes/1_000_000)
	}
	return fmt.Sprintf("%d kB", bytes/1000)
}
