package sqlitestore

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/lullwork/lull/internal/store"
)

// The schema's versions, as the numbered steps to them. A step that was released
// never changes.
//
//go:embed schema/*.sql
var schemaFS embed.FS

// applicationID marks our files among other SQLite databases: "lull".
const applicationID = 0x6c756c6c

// migration is one step.
type migration struct {
	version  int
	sql      string
	checksum string
}

func migrations() ([]migration, error) {
	names, err := fs.Glob(schemaFS, "schema/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var ms []migration
	for i, name := range names {
		b, err := schemaFS.ReadFile(name)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(b)
		ms = append(ms, migration{i + 1, string(b), hex.EncodeToString(sum[:])})
	}
	return ms, nil
}

// found is what a file holds before anything is done to it.
type found struct {
	app     int64 // application_id
	tables  int64
	version int // 0: no schema yet
	sums    []string
}

func inspect(c *sqlite.Conn) (found, error) {
	var f found
	var hasLog int64
	err := query(c, "SELECT application_id, (SELECT count(*) FROM sqlite_schema), (SELECT count(*) FROM sqlite_schema WHERE name='lull_migration') FROM pragma_application_id",
		func(s *sqlite.Stmt) error {
			f.app, f.tables, hasLog = s.ColumnInt64(0), s.ColumnInt64(1), s.ColumnInt64(2)
			return nil
		})
	if err != nil || hasLog == 0 {
		return f, err
	}
	err = query(c, "SELECT version, checksum FROM lull_migration ORDER BY version", func(s *sqlite.Stmt) error {
		f.version = s.ColumnInt(0)
		f.sums = append(f.sums, s.ColumnText(1))
		return nil
	})
	return f, err
}

// check refuses files that are not ours, that are newer, or whose history is not
// the one of this program.
func (f found) check(path string, ms []migration) error {
	switch {
	case f.tables == 0:
		return nil
	case f.app != applicationID:
		return &Error{Path: path, Err: fmt.Errorf("it is a SQLite database of another program (application_id %#x)", f.app), Hint: "name another file"}
	case f.version > len(ms):
		return &Error{
			Path: path, Err: fmt.Errorf("%w: its schema is version %d, this program knows up to %d", store.ErrNewer, f.version, len(ms)),
			Hint: "use the newer program; the state was not touched",
		}
	case f.version != len(f.sums):
		return fmt.Errorf("%w: the log of its schema has gaps", store.ErrDamaged)
	}
	for i, sum := range f.sums {
		if sum != ms[i].checksum {
			return fmt.Errorf("%w: step %d to its schema is not the one of this program", store.ErrDamaged, i+1)
		}
	}
	return nil
}

// migrate brings the schema up to date. Each step is one transaction, so that a
// crash leaves one version or the next.
func migrate(c *sqlite.Conn, f found, ms []migration) error {
	if f.tables == 0 {
		err := transact(c, func() error {
			return sqlitex.ExecuteScript(c, fmt.Sprintf(`PRAGMA application_id = %d;
				CREATE TABLE lull_migration (version INTEGER PRIMARY KEY, checksum TEXT NOT NULL, at INTEGER NOT NULL) STRICT;`, applicationID), nil)
		})
		if err != nil {
			return err
		}
	}
	for _, m := range ms[f.version:] {
		err := transact(c, func() error {
			if err := sqlitex.ExecuteScript(c, m.sql, nil); err != nil {
				return err
			}
			return sqlitex.Execute(c, "INSERT INTO lull_migration VALUES (?, ?, ?)", &sqlitex.ExecOptions{
				Args: []any{m.version, m.checksum, time.Now().UnixMicro()},
			})
		})
		if err != nil {
			return fmt.Errorf("schema version %d: %w", m.version, err)
		}
	}
	return nil
}

// transact runs f in a transaction of its own.
func transact(c *sqlite.Conn, f func() error) (err error) {
	end, err := sqlitex.ImmediateTransaction(c)
	if err != nil {
		return err
	}
	defer end(&err)
	return f()
}

// query runs a statement that is used once.
func query(c *sqlite.Conn, sql string, row func(*sqlite.Stmt) error, args ...any) error {
	return sqlitex.ExecuteTransient(c, sql, &sqlitex.ExecOptions{Args: args, ResultFunc: row})
}
