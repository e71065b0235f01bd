package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"zombiezen.com/go/sqlite"

	"github.com/lullwork/lull/internal/store"
)

// Error is a failure of the state in a file, with what can be done about it.
type Error struct {
	Path string
	Err  error // wraps one of store's errors where a caller may branch on it
	Hint string
}

// Error returns the path and what is wrong, without the hint.
func (e *Error) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }

const (
	hintDamaged = "nothing was changed. Copy the file and those beside it aside, then restore a backup or salvage with: sqlite3 %s .recover"
	hintSpace   = "free some space on its disk; %s was given back already if it was there"
	hintBusy    = "another program has locked it: a shell, a backup, a file scanner. Let it finish"
	hintAccess  = "check the owner and mode of the file, its folder and those beside it, and whether the disk is mounted read-only"
)

// wrap names the file and turns errors of SQLite and of the system into store's.
func (p *Place) wrap(err error) error {
	var e *Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	e = &Error{Path: p.path, Err: err}
	switch kind := p.kind(err); kind {
	case nil:
		if sqlite.ErrCode(err).ToPrimary() == sqlite.ResultBusy {
			e.Hint = hintBusy
		}
	case store.ErrDamaged:
		e.Err, e.Hint = join(kind, err), fmt.Sprintf(hintDamaged, p.path)
	case store.ErrNoSpace:
		e.Err, e.Hint = join(kind, err), fmt.Sprintf(hintSpace, p.reservePath())
	case store.ErrReadOnly:
		e.Err, e.Hint = join(kind, err), hintAccess
	default:
		e.Err = join(kind, err)
	}
	return e
}

func join(kind, err error) error {
	if errors.Is(err, kind) {
		return err
	}
	return fmt.Errorf("%w: %w", kind, err)
}

// kind says which of store's errors err is, nil for none of them.
func (p *Place) kind(err error) error {
	for _, k := range []error{store.ErrDamaged, store.ErrNoSpace, store.ErrReadOnly, store.ErrDuplicate} {
		if errors.Is(err, k) {
			return k
		}
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return store.ErrNoSpace
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return store.ErrReadOnly
	}
	switch code := sqlite.ErrCode(err); code.ToPrimary() {
	case sqlite.ResultFull:
		return store.ErrNoSpace
	case sqlite.ResultReadOnly, sqlite.ResultPerm:
		return store.ErrReadOnly
	case sqlite.ResultCorrupt, sqlite.ResultNotADB:
		return store.ErrDamaged
	case sqlite.ResultIOErr, sqlite.ResultCantOpen: // the system's own error is not told: look for its cause
		switch free, readOnly, err := diskState(p.path); {
		case err != nil:
		case readOnly:
			return store.ErrReadOnly
		case free < 64<<10:
			return store.ErrNoSpace
		case p.refusesFiles():
			return store.ErrReadOnly
		}
		if code == sqlite.ResultIOErrShortRead {
			return store.ErrDamaged
		}
	case sqlite.ResultConstraint:
		if code == sqlite.ResultConstraintUnique || code == sqlite.ResultConstraintPrimaryKey {
			return store.ErrDuplicate
		}
	case sqlite.ResultInterrupt:
		return context.Canceled
	}
	return nil
}

// refusesFiles tries what no status tells: a file system that lost its disk takes no
// writes, and may still say that it is mounted for them.
func (p *Place) refusesFiles() bool {
	f, err := os.CreateTemp(filepath.Dir(p.path), ".lull-try-*")
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	return errors.Is(err, syscall.EROFS)
}
