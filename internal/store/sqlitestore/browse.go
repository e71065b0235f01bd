package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

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
	where, args := filter(q, running["state"], "w.seq IN (SELECT seq FROM tag WHERE tag=?%d)")
	doneWhere, _ := filter(q, "w.state", "EXISTS (SELECT 1 FROM json_each(w.tags) WHERE value=?%d)")
	var ws []*record.Work
	err := r.view(func() (err error) {
		ws, err = r.rows("SELECT "+listOpen()+" FROM work w"+withRun+" "+where+" ORDER BY w.seq LIMIT ?1", args...)
		left := args[0].(int64)
		if left > 0 {
			left -= int64(len(ws))
		}
		if err != nil || left == 0 {
			return err
		}
		args[0] = left
		done, err := r.rows("SELECT "+list("w")+" FROM done w "+doneWhere+" ORDER BY w.finished DESC, w.seq DESC LIMIT ?1", args...)
		ws = append(ws, done...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return ws, nil
}

// filter turns a query into a condition and its arguments; the first one is the
// limit, negative for none. state is how a state is told, tagged how a tag is looked for.
func filter(q store.Query, state, tagged string) (string, []any) {
	args := []any{int64(-1)}
	if q.Limit > 0 {
		args[0] = int64(q.Limit)
	}
	var and []string
	add := func(cond string, arg any) {
		args = append(args, arg)
		and = append(and, fmt.Sprintf(cond, len(args)))
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
	if len(and) == 0 {
		return "", args
	}
	return "WHERE " + strings.Join(and, " AND "), args
}
