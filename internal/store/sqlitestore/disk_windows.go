package sqlitestore

import (
	"errors"
	"math"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// diskState says how much a user may still write on the disk of path. Windows
// tells of a read-only disk when it is written to.
func diskState(path string) (free int64, readOnly bool, err error) {
	dir, err := windows.UTF16PtrFromString(filepath.Dir(path))
	if err != nil {
		return 0, false, err
	}
	var n uint64
	if err := windows.GetDiskFreeSpaceEx(dir, &n, nil, nil); err != nil {
		return 0, false, err
	}
	return int64(min(n, math.MaxInt64)), false, nil
}

// syncDir has nothing to do: NTFS journals names.
func syncDir(string) error { return nil }

// tryLock locks one byte far behind the end, so that the text in the file can be
// read while it is locked. It never waits.
func tryLock(f *os.File, shared bool) (bool, error) {
	how := uint32(windows.LOCKFILE_FAIL_IMMEDIATELY)
	if !shared {
		how |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	err := windows.LockFileEx(windows.Handle(f.Fd()), how, 0, 1, 0, &windows.Overlapped{Offset: 1 << 30})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return false, nil
	}
	return err == nil, err
}

func checkDisk(string) error { return nil }

func allocate(f *os.File, n int64) error { return fill(f, n) }

// alive is not asked for: here a lock ends with its process.
func alive(int) bool { return true }
