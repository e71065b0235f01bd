package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"zombiezen.com/go/sqlite"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
)

// browser reads a state on a connection of its own.
type browser struct {
	*reader
	copied string // folder to delete
}

// Close implements store.Browser.
func (b *browser) Close() error {
	if b.reader == nil {
		return nil
	}
	err := b.conn.Close()
	b.reader = nil
	if b.copied != "" {
		err = errors.Join(err, os.RemoveAll(b.copied))
	}
	return err
}

// Browse implements store.Opener. It takes no lock and changes nothing of the
// state, so it works beside an engine, without one, and on a disk that cannot be
// written. SQLite may leave an empty PATH-wal and PATH-shm.
func (p *Place) Browse(ctx context.Context) (store.Browser, error) {
	p = p.real()
	if err := p.checkPath(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(p.path); err != nil {
		return nil, &Error{Path: p.path, Err: err, Hint: "no engine has run here yet, or the state is elsewhere"}
	}
	b := &browser{}
	err := p.look(ctx, b, p.path, "")
	// A reader has to write too: its place in the log, into PATH-shm. Where that
	// cannot be, and nobody else writes either, the file is read as it stands.
	if _, running := Holder(p.path); err != nil && !running && p.unwritable(err) {
		err = p.lookAtRest(ctx, b)
	}
	if err != nil {
		return nil, p.wrap(err)
	}
	return b, nil
}

func (p *Place) unwritable(err error) bool {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultReadOnly, sqlite.ResultCantOpen, sqlite.ResultPerm:
		return true
	}
	return errors.Is(err, store.ErrReadOnly)
}

// look opens a connection and tries it.
func (p *Place) look(ctx context.Context, b *browser, path, params string) error {
	c, err := connect(path, params, sqlite.OpenReadOnly)
	if err != nil {
		return err
	}
	ms, err := migrations()
	if err == nil {
		var f found
		if f, err = inspect(c); err == nil {
			err = f.check(p.path, ms)
		}
		if err == nil && f.version < len(ms) {
			err = &Error{
				Path: p.path, Err: fmt.Errorf("its schema is version %d, this program reads version %d", f.version, len(ms)),
				Hint: "start an engine of this version on it once",
			}
		}
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return errors.Join(err, c.Close())
	}
	b.reader = &reader{conn: c, wrap: p.wrap, stoppable: true}
	return nil
}

// lookAtRest reads a file that nobody writes. What a killed engine left in the
// log counts, and to read that SQLite needs a folder that it can write.
func (p *Place) lookAtRest(ctx context.Context, b *browser) error {
	if st, err := os.Stat(p.path + "-wal"); err != nil || st.Size() == 0 {
		return p.look(ctx, b, p.path, "immutable=1")
	}
	dir, err := os.MkdirTemp("", "lull-state-")
	if err != nil {
		return err
	}
	b.copied = dir
	to := filepath.Join(dir, "lull.db")
	err = errors.Join(copyFile(p.path, to), copyFile(p.path+"-wal", to+"-wal"))
	if err == nil {
		err = p.look(ctx, b, to, "")
	}
	if err != nil {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

func copyFile(from, to string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}

// List implements store.Browser.
func (r *reader) List(ctx context.Context, q store.Query) ([]*record.Work, error) {
	if err := r.usable(ctx); err != nil {
		return nil, err
	}
	left := int64(-1)
	if q.Limit > 0 {
		left = int64(q.Limit)
	}
	var ws []*record.Work
	err := r.view(func() error {
		for _, t := range tables(q) {
			if left == 0 {
				return nil
			}
			more, err := r.rows("SELECT "+t.columns+t.from+" ORDER BY "+t.order+" LIMIT ?1", append([]any{left}, t.args...)...)
			if err != nil {
				return err
			}
			ws = append(ws, more...)
			if left > 0 {
				left -= int64(len(more))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ws, nil
}

// Count implements store.Browser.
func (r *reader) Count(ctx context.Context, q store.Query) (int, error) {
	if err := r.usable(ctx); err != nil {
		return 0, err
	}
	n := 0
	err := r.view(func() error {
		for _, t := range tables(q) {
			err := r.each("SELECT ?1 + count(*)"+t.from, func(s *sqlite.Stmt) error {
				n = s.ColumnInt(0)
				return nil
			}, append([]any{n}, t.args...)...)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// selection is what a query selects from one of the tables of works. Its parameters
// begin with ?2.
type selection struct {
	columns, from, order string
	args                 []any
}

// tables are those that a query asks for, in its order.
func tables(q store.Query) []selection {
	var out []selection
	if q.Open() {
		where, args := filter(q, running["state"], "w.seq IN (SELECT seq FROM tag WHERE tag=?%d)")
		out = append(out, selection{listOpen(), " FROM work w" + withRun + " " + where, "w.seq", args})
	}
	if q.Done() {
		where, args := filter(q, "w.state", "EXISTS (SELECT 1 FROM json_each(w.tags) WHERE value=?%d)")
		out = append(out, selection{list("w"), " FROM done w " + where, "w.finished DESC, w.seq DESC", args})
	}
	return out
}

// filter turns a query into a condition and its arguments. state is how a state is told,
// tagged how a tag is looked for.
func filter(q store.Query, state, tagged string) (string, []any) {
	var args []any
	var and []string
	add := func(cond string, values ...any) {
		var at []any
		for _, v := range values {
			args = append(args, v)
			at = append(at, len(args)+1)
		}
		and = append(and, fmt.Sprintf(cond, at...))
	}
	if len(q.States) > 0 {
		var in []string
		for _, s := range q.States {
			in = append(in, fmt.Sprint(uint8(s)))
		}
		and = append(and, state+" IN ("+strings.Join(in, ",")+")")
	}
	if q.Task != "" {
		add("w.spec IN (SELECT id FROM spec WHERE task=?%d)", q.Task)
	}
	if q.Tag != "" {
		add(tagged, q.Tag)
	}
	if q.Name != "" {
		add("w.name=?%d", q.Name)
	}
	if q.Begin != "" { // text is compared byte by byte: the last letter of all ends the range
		add("w.seq IN (SELECT seq FROM id WHERE id >= ?%d AND id < ?%d)", q.Begin, q.Begin+string(utf8.MaxRune))
	}
	if len(and) == 0 {
		return "", args
	}
	return "WHERE " + strings.Join(and, " AND "), args
}
