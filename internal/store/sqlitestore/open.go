package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/lullwork/lull/internal/store"
)

// Place is a file that holds a state, or will.
type Place struct{ path string }

// At returns the state in a file. Nothing is opened yet.
func At(path string) *Place { return &Place{path} }

// Where returns the path.
func (p *Place) Where() string { return p.path }

// real follows a symbolic link: all names of a state have one lock.
func (p *Place) real() *Place { return &Place{realPath(p.path)} }

func realPath(path string) string {
	if st, err := os.Lstat(path); err != nil || st.Mode()&fs.ModeSymlink == 0 {
		return path
	}
	if to, err := filepath.EvalSymlinks(path); err == nil {
		return to
	}
	return path
}

// still reports an error unless the path leads to the file that is open.
func (p *Place) still(file os.FileInfo) error {
	const hint = "a state must not be moved, deleted or replaced while an engine has it: put the file back, then start again"
	now, err := os.Stat(p.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Error{Path: p.path, Err: fmt.Errorf("%w: the file is gone", store.ErrDamaged), Hint: hint}
	case err == nil && !os.SameFile(now, file):
		return &Error{Path: p.path, Err: fmt.Errorf("%w: the file was replaced", store.ErrDamaged), Hint: hint}
	}
	return err
}

// Store is the state of the engine that has it. Reads have a connection of their
// own, so that they do not wait for a commit that is being synced.
type Store struct {
	*reader // nil while closed
	writer  *writer
	place   *Place
	lock    *os.File
	mark    *mark
	file    os.FileInfo // of the database that is open
	failed  error       // of the commit after which it must be reopened
}

// Open makes the file if there is none, takes its lock, and brings its schema up
// to date.
func (p *Place) Open(ctx context.Context) (store.Store, error) {
	p = p.real()
	s, err := p.open(ctx)
	if err != nil {
		return nil, p.wrap(err)
	}
	return s, nil
}

func (p *Place) open(ctx context.Context) (_ *Store, err error) {
	if err := p.checkPath(); err != nil {
		return nil, err
	}
	if err := checkDisk(p.path); err != nil {
		return nil, err
	}
	s := &Store{place: p}
	if s.lock, err = p.lock(); err != nil {
		return nil, err
	}
	err = p.create()
	if err == nil {
		err = s.start(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, unlock(s.lock))
	}
	return s, nil
}

// checkPath finds what SQLite would only call "unable to open database file".
func (p *Place) checkPath() error {
	dir := filepath.Dir(p.path)
	if st, err := os.Stat(dir); err != nil {
		return &Error{Path: p.path, Err: err, Hint: "make the folder first: mkdir -p " + dir}
	} else if !st.IsDir() {
		return &Error{Path: p.path, Err: fmt.Errorf("%s is not a folder", dir)}
	}
	if st, err := os.Stat(p.path); err == nil && !st.Mode().IsRegular() {
		return &Error{Path: p.path, Err: errors.New("it is not a regular file"), Hint: "name a file in that folder, as " + filepath.Join(p.path, "lull.db")}
	}
	return nil
}

// create makes an empty file for a new state. An existing one is never opened here:
// to close a file that SQLite has open as well would drop SQLite's locks
// (https://www.sqlite.org/howtocorrupt.html, 2.2).
func (p *Place) create() error {
	if exists(p.path) {
		return nil
	}
	f, err := os.OpenFile(p.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err // of the system, and so clearer than SQLite's
	}
	return errors.Join(f.Close(), p.dropMark())
}

// start opens everything but the lock.
func (s *Store) start(ctx context.Context) (err error) {
	p := s.place
	c, err := connect(p.path, "", sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = s.stop(c) // what went wrong before it is told
		}
	}()
	if s.file, err = os.Stat(p.path); err != nil {
		return err
	}
	if err := s.prepare(ctx, c); err != nil {
		return err
	}
	p.keepReserve()
	if err := syncDir(filepath.Dir(p.path)); err != nil {
		return err
	}
	r, err := connect(p.path, "", sqlite.OpenReadOnly)
	if err != nil {
		return err
	}
	s.reader = &reader{conn: r, wrap: p.wrap}
	return nil
}

// prepare checks a database and makes it ready for commits.
func (s *Store) prepare(ctx context.Context, c *sqlite.Conn) error {
	p := s.place
	if err := sound(ctx, c, p.path); err != nil {
		return err
	}
	ms, err := migrations()
	if err != nil {
		return err
	}
	f, err := inspect(c)
	if err != nil {
		return err
	}
	if err := f.check(p.path, ms); err != nil {
		return err
	}
	// Not before: the file of another program keeps its mode.
	if err := query(c, "PRAGMA journal_mode = WAL", nil); err != nil {
		return err
	}
	if err := migrate(c, f, ms); err != nil {
		return err
	}
	engine, commits, err := identify(c)
	if err != nil {
		return err
	}
	if s.mark, err = p.openMark(engine, commits); err != nil {
		return err
	}
	if err := settle(c); err != nil {
		return err
	}
	s.writer, err = newWriter(c, commits)
	return err
}

// identify returns the state's own name, which the first open makes up, and how
// many commits it saw.
func identify(c *sqlite.Conn) (engine string, commits int64, err error) {
	err = query(c, `INSERT INTO meta VALUES (1, 0, 0, 0, 0, 0, 0, ?, 0, 0) ON CONFLICT (one) DO NOTHING`, nil, store.NewEngineID())
	if err != nil {
		return "", 0, err
	}
	err = query(c, "SELECT engine, commits FROM meta", func(s *sqlite.Stmt) error {
		engine, commits = s.ColumnText(0), s.ColumnInt64(1)
		return nil
	})
	return engine, commits, err
}

// How a connection is set up, apart from its cache, which is small because the hot
// rows live in the engine. Mapping the file would turn an I/O error into a crash.
var pragmas = []string{
	"synchronous = FULL",
	"fullfsync = ON",
	"mmap_size = 0",
	"temp_store = MEMORY",
	"trusted_schema = OFF",
	"cell_size_check = ON",
	"journal_size_limit = 67108864",
}

// busy is how long a statement waits for another program that has the file: a
// backup, or somebody's shell.
const busy = 10 * time.Second

func connect(path, params string, mode sqlite.OpenFlags) (*sqlite.Conn, error) {
	c, err := sqlite.OpenConn(uri(path, params), mode|sqlite.OpenURI)
	if err != nil {
		return nil, err
	}
	c.SetBusyTimeout(busy)
	set := append([]string{"cache_size = -4096"}, pragmas...)
	if mode == sqlite.OpenReadWrite {
		set = append([]string{"cache_size = -16384", "wal_autocheckpoint = 0"}, pragmas...)
	}
	for _, p := range set {
		if err := query(c, "PRAGMA "+p, nil); err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

// stop closes everything but the lock; last the writer's connection, which then
// copies what is left of the write-ahead log.
func (s *Store) stop(writer *sqlite.Conn) error {
	var errs []error
	if s.reader != nil {
		errs = append(errs, s.conn.Close())
	}
	errs = append(errs, writer.Close())
	if s.mark != nil {
		errs = append(errs, s.mark.f.Close())
	}
	s.reader, s.writer, s.mark, s.failed = nil, nil, nil, nil
	return errors.Join(errs...)
}

// Reopen implements store.Store. The lock is kept.
func (s *Store) Reopen(ctx context.Context) error {
	if s.lock == nil {
		return store.ErrClosed
	}
	if s.reader != nil {
		if err := s.stop(s.writer.conn); err != nil {
			return s.place.wrap(err)
		}
	}
	if !named(s.lock, s.place.lockPath()) { // somebody deleted it, and may have one of his own
		lock, err := s.place.lock()
		if err != nil {
			return s.place.wrap(err)
		}
		s.lock.Close()
		s.lock = lock
	}
	// A log that is left would be taken for that of whatever is there now.
	if err := s.place.still(s.file); err != nil {
		return s.place.wrap(err)
	}
	return s.place.wrap(s.start(ctx))
}

// Close implements store.Store. A second one does nothing.
func (s *Store) Close() error {
	if s.lock == nil {
		return nil
	}
	var err error
	if s.reader != nil {
		err = s.stop(s.writer.conn)
	}
	err = errors.Join(err, unlock(s.lock))
	s.lock = nil
	return s.place.wrap(err)
}
