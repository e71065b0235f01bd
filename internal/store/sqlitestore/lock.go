package sqlitestore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/store"
)

func (p *Place) lockPath() string { return p.path + ".lock" }

// lock makes this process the one engine of the state. The lock goes with the
// process, however it ends. The file stays: to delete it would let two processes
// lock two files of the same name.
func (p *Place) lock() (*os.File, error) {
	f, err := os.OpenFile(p.lockPath(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	// Whoever looks for a holder has the lock for an instant, shared; a new holder has
	// it for an instant before its number is there.
	for try := 0; ; try++ {
		ok, err := tryLock(f, false)
		if err != nil {
			f.Close()
			return nil, err
		}
		if ok {
			break
		}
		// A child that a killed holder had just forked has the lock until it executes.
		if pid := holder(f); try >= 10 && pid > 0 && alive(pid) || try == 400 {
			f.Close()
			return nil, p.locked(pid)
		}
		time.Sleep(5 * time.Millisecond)
	}
	if !named(f, p.lockPath()) { // it was deleted meanwhile, and is nobody's
		f.Close()
		return p.lock()
	}
	if err := errors.Join(f.Truncate(0), writeAt(f, fmt.Sprintln(os.Getpid()))); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// named reports whether a path leads to an open file.
func named(f *os.File, path string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(open, there)
}

func (p *Place) locked(pid int) error {
	e := &Error{Path: p.path, Err: store.ErrLocked, Hint: "stop it, or talk to it through its socket"}
	if pid > 0 {
		e.Err = fmt.Errorf("%w: pid %d", store.ErrLocked, pid)
	}
	return e
}

// unlock empties the file first, so that nobody reads the number of a process
// that is gone.
func unlock(f *os.File) error {
	if f == nil {
		return nil
	}
	return errors.Join(f.Truncate(0), f.Close())
}

func writeAt(f *os.File, s string) error {
	_, err := f.WriteAt([]byte(s), 0)
	return err
}

func holder(f *os.File) int {
	b, err := io.ReadAll(io.NewSectionReader(f, 0, 64))
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(b), "\n")
	pid, _ := strconv.Atoi(line)
	return pid
}

// Holder reports whether an engine has the state at path, and the process ID
// that it wrote down (0: it has not yet).
func Holder(path string) (pid int, running bool) {
	f, err := os.Open(realPath(path) + ".lock")
	if err != nil {
		return 0, false
	}
	defer f.Close()
	if ok, err := tryLock(f, true); ok || err != nil {
		return 0, false // nobody has it, and closing gives it back
	}
	return holder(f), true
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
