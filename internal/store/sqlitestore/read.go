package sqlitestore

import (
	"context"
	"errors"
	"slices"

	"zombiezen.com/go/sqlite"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// reader answers store.Reader and store.Browser over one connection.
type reader struct {
	conn *sqlite.Conn
	wrap func(error) error
	// stoppable lets a context stop a query that is going on. The engine's own are
	// too short for what that costs.
	stoppable bool
}

// usable says why nothing can be read.
func (r *reader) usable(ctx context.Context) error {
	if r == nil {
		return store.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.stoppable {
		r.conn.SetInterrupt(ctx.Done())
	}
	return nil
}

// view runs f on one state of the database.
func (r *reader) view(f func() error) error {
	none := func(*sqlite.Stmt) error { return nil }
	if err := r.each("BEGIN", none); err != nil {
		return err
	}
	err := f()
	return errors.Join(err, r.each("ROLLBACK", none))
}

// both selects from the two tables of works with one condition, in no order.
func both(where string) string {
	return "SELECT " + listOpen() + " FROM work w" + withRun + " " + where + " UNION ALL SELECT " + list("w") + " FROM done w " + where
}

var (
	sqlByID = "SELECT " + listOpen() + " FROM id i JOIN work w ON w.seq=i.seq" + withRun + " WHERE i.id=?1" +
		" UNION ALL SELECT " + list("w") + " FROM id i JOIN done w ON w.seq=i.seq WHERE i.id=?1"
	sqlByName = both("WHERE w.name=?1")
	sqlNext   = "SELECT " + listOpen() + " FROM edge e JOIN work w ON w.seq=e.child" + withRun + " WHERE e.parent=?1" +
		" UNION ALL SELECT " + list("w") + " FROM edge e JOIN done w ON w.seq=e.child WHERE e.parent=?1"
	sqlOpen   = "SELECT " + listOpen() + " FROM work w" + withRun + " WHERE w.seq>?1 ORDER BY w.seq LIMIT ?2"
	sqlTagged = "SELECT " + listOpen() + " FROM tag t JOIN work w ON w.seq=t.seq" + withRun + " WHERE t.tag=?1 AND t.seq>?2 ORDER BY t.seq LIMIT ?3"
	// Two ranges of the index, so that a page costs the same however many works are
	// due at one instant.
	sqlSame    = sqlWaiting + "w.due=?3 AND w.seq>?4 ORDER BY w.seq LIMIT ?5"
	sqlLater   = sqlWaiting + "w.due>?3 ORDER BY w.due, w.seq LIMIT ?4"
	sqlWaiting = "SELECT " + list("w") + " FROM work w WHERE w.state=0 AND " + notRunning + " AND w.spec=?1 AND w.lane=?2 AND "
	// Only few rows are not ENQUEUED, but a scan is needed to find them: it is made
	// once, when an engine starts.
	sqlRunning = both("WHERE w.seq IN (SELECT seq FROM run)") + " UNION SELECT " + list("w") + " FROM work w WHERE w.state=1"
)

// rows runs a query of works that is used over and over.
func (r *reader) rows(sql string, args ...any) ([]*record.Work, error) {
	var ws []*record.Work
	err := r.each(sql, func(s *sqlite.Stmt) error {
		w, err := scan(s, 0)
		ws = append(ws, w)
		return err
	}, args...)
	if err != nil {
		return nil, err
	}
	return ws, nil
}

func (r *reader) each(sql string, row func(*sqlite.Stmt) error, args ...any) error {
	s, err := r.conn.Prepare(sql)
	if err != nil {
		return r.wrap(err)
	}
	for i, a := range args {
		switch a := a.(type) {
		case int64:
			s.BindInt64(i+1, a)
		case int:
			s.BindInt64(i+1, int64(a))
		case string:
			s.BindText(i+1, a)
		}
	}
	b := binder{Stmt: s}
	return r.wrap(b.each(func() error { return row(s) }))
}

// bySeq orders rows and takes out doubles.
func bySeq(ws []*record.Work) []*record.Work {
	slices.SortFunc(ws, func(x, y *record.Work) int {
		if x.Seq < y.Seq {
			return -1
		}
		return 1
	})
	return slices.CompactFunc(ws, func(x, y *record.Work) bool { return x.Seq == y.Seq })
}

// Works implements store.Reader.
func (r *reader) Works(ctx context.Context, ids []work.ID) ([]*record.Work, error) {
	return r.forEach(ctx, sqlByID, ids)
}

// Next implements store.Reader.
func (r *reader) Next(ctx context.Context, ids []work.ID) ([]*record.Work, error) {
	return r.forEach(ctx, sqlNext, ids)
}

func (r *reader) forEach(ctx context.Context, sql string, ids []work.ID) ([]*record.Work, error) {
	if err := r.usable(ctx); err != nil {
		return nil, err
	}
	var all []*record.Work
	for _, id := range ids {
		ws, err := r.rows(sql, string(id))
		if err != nil {
			return nil, err
		}
		all = append(all, ws...)
	}
	if len(all) > 1 {
		all = bySeq(all)
	}
	return all, nil
}

// Named implements store.Reader.
func (r *reader) Named(ctx context.Context, name string) ([]*record.Work, error) {
	if err := r.usable(ctx); err != nil {
		return nil, err
	}
	ws, err := r.rows(sqlByName, name)
	return bySeq(ws), err
}

// Tagged implements store.Reader.
func (r *reader) Tagged(ctx context.Context, tag string, after int64, limit int) ([]*record.Work, error) {
	if err := r.usable(ctx); err != nil {
		return nil, err
	}
	if tag == "" {
		return r.rows(sqlOpen, after, limit)
	}
	return r.rows(sqlTagged, tag, after, limit)
}

// Page implements store.Reader.
func (r *reader) Page(ctx context.Context, g record.Group, after record.Key, limit int) ([]*record.Work, error) {
	if err := r.usable(ctx); err != nil {
		return nil, err
	}
	ws, err := r.rows(sqlSame, g.Spec, int64(g.Lane), after.Due, after.Seq, limit)
	if err != nil || len(ws) >= limit {
		return ws, err
	}
	more, err := r.rows(sqlLater, g.Spec, int64(g.Lane), after.Due, limit-len(ws))
	return append(ws, more...), err
}

// Unused implements store.Reader.
func (r *reader) Unused(ctx context.Context) ([]int64, error) {
	if err := r.usable(ctx); err != nil {
		return nil, err
	}
	var ids []int64
	err := r.each("SELECT id FROM spec WHERE works=0 ORDER BY id", func(q *sqlite.Stmt) error {
		ids = append(ids, q.ColumnInt64(0))
		return nil
	})
	return ids, err
}

func bytesOf(q *sqlite.Stmt, col int) []byte {
	n := q.ColumnLen(col)
	if n == 0 {
		return nil
	}
	b := make([]byte, n)
	return b[:q.ColumnBytes(col, b)]
}

// Journal implements store.Browser.
func (r *reader) Journal(ctx context.Context, after int64, limit int) ([]record.Chunk, error) {
	if err := r.usable(ctx); err != nil {
		return nil, err
	}
	var cs []record.Chunk
	err := r.each(`SELECT first, last, at, lines FROM journal
		WHERE first >= coalesce((SELECT max(first) FROM journal WHERE first <= ?1 + 1), 0) AND last > ?1 ORDER BY first LIMIT ?2`,
		func(q *sqlite.Stmt) error {
			cs = append(cs, record.Chunk{First: q.ColumnInt64(0), Last: q.ColumnInt64(1), At: q.ColumnInt64(2), Lines: bytesOf(q, 3)})
			return nil
		}, after, limit)
	return cs, err
}

// Hosts implements store.Browser.
func (r *reader) Hosts(ctx context.Context, id work.ID) ([]record.Host, error) {
	if err := r.usable(ctx); err != nil {
		return nil, err
	}
	var hs []record.Host
	err := r.each("SELECT body FROM host WHERE work=?1 ORDER BY epoch", func(q *sqlite.Stmt) error {
		var h record.Host
		err := decode(q.ColumnText(0), &h)
		hs = append(hs, h)
		return err
	}, string(id))
	return hs, err
}
