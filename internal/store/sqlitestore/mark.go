package sqlitestore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/lullwork/lull/internal/store"
)

// mark remembers outside of the database how many commits there were. It is
// written after each commit and not synced, so that it is never ahead of a sound
// database: not after a kill, and not after a power cut. SQLite takes a torn
// write-ahead log for the end of it, and a log of another database for its own;
// both show here.
type mark struct {
	f      *os.File
	engine string
}

// The number has a fixed width, so that one write always covers the last one.
const markFormat = "%020d %s\n"

func (p *Place) markPath() string { return p.path + ".mark" }

// openMark compares the mark with the database, and keeps it.
func (p *Place) openMark(engine string, commits int64) (*mark, error) {
	f, err := os.OpenFile(p.markPath(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	var was string
	var n int64
	if _, err := fmt.Fscanf(f, "%d %s\n", &n, &was); err == nil && (was != engine || n > commits) {
		f.Close()
		e := &Error{
			Path: p.path,
			Err:  fmt.Errorf("%w: of %d commits that were acknowledged only %d are there", store.ErrDamaged, n, commits),
			Hint: fmt.Sprintf("the file or its -wal was cut, damaged or replaced. To go on with what is left, as after restoring a backup, delete %s", p.markPath()),
		}
		if was != engine {
			e.Err = fmt.Errorf("%w: it holds the state %s, not %s", store.ErrDamaged, engine, was)
		}
		return nil, e
	}
	m := &mark{f, engine}
	return m, m.set(commits)
}

func (m *mark) set(commits int64) error {
	return writeAt(m.f, fmt.Sprintf(markFormat, commits, m.engine))
}

func (p *Place) dropMark() error {
	if err := os.Remove(p.markPath()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
