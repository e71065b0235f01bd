package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/lullwork/lull/internal/store"
)

const (
	soundTime = 2 * time.Second // what a check at the start may take
	soundSize = 64 << 20        // files up to here are checked in full
)

// sound looks for damage: in a small file everywhere, indexes against tables, in
// a large one as far as it gets in time. What lies beyond shows when it is read.
func sound(ctx context.Context, c *sqlite.Conn, path string) error {
	ctx, cancel := context.WithTimeout(ctx, soundTime)
	defer cancel()
	defer c.SetInterrupt(c.SetInterrupt(ctx.Done()))
	check := "quick_check"
	if st, err := os.Stat(path); err == nil && st.Size() <= soundSize {
		check = "integrity_check"
	}
	err := query(c, "PRAGMA "+check+"(1)", func(s *sqlite.Stmt) error {
		if msg := s.ColumnText(0); msg != "ok" {
			return fmt.Errorf("%w: %s", store.ErrDamaged, msg)
		}
		return nil
	})
	if err == nil && check == "integrity_check" {
		err = identified(c)
	}
	if ctx.Err() != nil && !errors.Is(err, store.ErrDamaged) {
		if context.Cause(ctx) == context.DeadlineExceeded {
			return nil
		}
		return ctx.Err()
	}
	return err
}

// identified compares the table of IDs with the works.
func identified(c *sqlite.Conn) error {
	var has, wrong int64
	err := query(c, "SELECT count(*) FROM sqlite_schema WHERE name IN ('id', 'work', 'done')", func(s *sqlite.Stmt) error {
		has = s.ColumnInt64(0)
		return nil
	})
	if err != nil || has < 3 {
		return err // no schema yet
	}
	err = query(c, `SELECT (SELECT count(*) FROM id) <> (SELECT count(*) FROM work) + (SELECT count(*) FROM done)
			OR EXISTS (SELECT 1 FROM work w LEFT JOIN id i ON i.id=w.id WHERE i.seq IS NOT w.seq)
			OR EXISTS (SELECT 1 FROM done w LEFT JOIN id i ON i.id=w.id WHERE i.seq IS NOT w.seq)`,
		func(s *sqlite.Stmt) error {
			wrong = s.ColumnInt64(0)
			return nil
		})
	if err == nil && wrong != 0 {
		err = fmt.Errorf("%w: works and their IDs do not fit together", store.ErrDamaged)
	}
	return err
}

// uri names a file so that every character in its path is taken as it is.
func uri(path, params string) string {
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: params}
	if !filepath.IsAbs(path) {
		u.Path, u.Opaque = "", (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	}
	return u.String()
}
