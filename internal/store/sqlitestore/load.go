package sqlitestore

import (
	"context"
	"errors"

	"zombiezen.com/go/sqlite"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Load implements store.Reader.
func (r *reader) Load(ctx context.Context) (*record.Snapshot, error) {
	if err := r.usable(ctx); err != nil {
		return nil, err
	}
	s := &record.Snapshot{Facts: record.NewFacts()}
	err := r.view(func() error {
		for _, p := range parts {
			if err := r.each(p.sql, func(q *sqlite.Stmt) error { return p.row(s, q) }); err != nil {
				return err
			}
		}
		ws, err := r.rows(sqlRunning)
		s.Running = bySeq(ws)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// parts are the tables of a snapshot.
var parts = []struct {
	sql string
	row func(*record.Snapshot, *sqlite.Stmt) error
}{
	{
		"SELECT at, wall_offset, next_seq, spec, journal, engine, jobs, stopped FROM meta",
		func(s *record.Snapshot, q *sqlite.Stmt) error {
			s.Meta = record.Meta{
				At: q.ColumnInt64(0), Offset: q.ColumnInt64(1), NextSeq: q.ColumnInt64(2), Spec: q.ColumnInt64(3), Journal: q.ColumnInt64(4),
				Engine: q.ColumnText(5), Jobs: q.ColumnInt(6), Stopped: q.ColumnInt64(7),
			}
			return nil
		},
	},
	{
		"SELECT id, body FROM spec ORDER BY id",
		func(s *record.Snapshot, q *sqlite.Stmt) error {
			spec := &record.Spec{}
			err := decode(q.ColumnText(1), spec)
			spec.ID = q.ColumnInt64(0)
			s.Specs = append(s.Specs, spec)
			return err
		},
	},
	{
		`SELECT spec, lane, sum(n) FROM (
			SELECT spec, lane, count(*) AS n FROM work WHERE state=0 GROUP BY spec, lane
			UNION ALL SELECT w.spec, w.lane, -1 FROM run r CROSS JOIN work w ON ` + started + ` WHERE w.state=0
		) GROUP BY spec, lane HAVING sum(n) > 0 ORDER BY spec, lane`,
		func(s *record.Snapshot, q *sqlite.Stmt) error {
			g := record.Group{Spec: q.ColumnInt64(0), Lane: record.Lane(q.ColumnInt64(1))}
			s.Groups = append(s.Groups, record.GroupCount{Group: g, Count: q.ColumnInt64(2)})
			return nil
		},
	},
	{
		"SELECT seq, epoch, work, spec, name, state, attempt, generation, override, started, stop, orphan FROM run ORDER BY seq, epoch",
		func(s *record.Snapshot, q *sqlite.Stmt) error {
			s.Runs = append(s.Runs, &record.Run{
				Seq: q.ColumnInt64(0), Epoch: q.ColumnInt64(1), Work: work.ID(q.ColumnText(2)), Spec: q.ColumnInt64(3), Name: q.ColumnText(4),
				State: record.RunState(q.ColumnInt64(5)), Attempt: int32(q.ColumnInt64(6)), Generation: int32(q.ColumnInt64(7)),
				Override: int32(q.ColumnInt64(8)), Started: q.ColumnInt64(9), Stop: work.StopReason(q.ColumnInt64(10)),
				Orphan: q.ColumnInt64(11) != 0,
			})
			return nil
		},
	},
	{
		"SELECT key, state, since, text FROM condition ORDER BY key",
		func(s *record.Snapshot, q *sqlite.Stmt) error {
			s.Conds = append(s.Conds, record.Condition{
				Key: q.ColumnText(0), State: record.CondState(q.ColumnInt64(1)), Since: q.ColumnInt64(2), Text: q.ColumnText(3),
			})
			return nil
		},
	},
	{
		"SELECT signal, value, next, settles, source, note, pretended, assumed, since FROM fact",
		func(s *record.Snapshot, q *sqlite.Stmt) error {
			n := q.ColumnInt64(0)
			if n < 0 || n >= int64(record.Signals) {
				return nil // of a version that knew more
			}
			s.Facts[n] = record.Fact{
				Signal: record.Signal(n), Value: q.ColumnInt64(1), Next: q.ColumnInt64(2), Settles: q.ColumnInt64(3), Source: q.ColumnText(4),
				Note: q.ColumnText(5), Pretended: q.ColumnInt64(6) != 0, Assumed: q.ColumnInt64(7) != 0, Since: q.ColumnInt64(8),
			}
			return nil
		},
	},
	{
		"SELECT name, hash, work, removed, pending FROM plan_task ORDER BY name",
		func(s *record.Snapshot, q *sqlite.Stmt) (err error) {
			p := record.PlanTask{Name: q.ColumnText(0), Hash: q.ColumnText(1), Work: work.ID(q.ColumnText(2)), Removed: q.ColumnInt64(3) != 0}
			if !q.ColumnIsNull(4) {
				p.Pending = &record.PlanRoot{}
				err = decode(q.ColumnText(4), p.Pending)
			}
			s.Plan = append(s.Plan, p)
			return err
		},
	},
	{
		"SELECT name, body FROM zone ORDER BY name",
		func(s *record.Snapshot, q *sqlite.Stmt) error {
			s.Zones = append(s.Zones, record.Zone{Name: q.ColumnText(0), Table: bytesOf(q, 1)})
			return nil
		},
	},
	{
		"SELECT name, held, note, request, uniq FROM task ORDER BY position",
		func(s *record.Snapshot, q *sqlite.Stmt) error {
			t := record.TaskRow{Name: q.ColumnText(0), Held: q.ColumnText(1), Note: q.ColumnText(2)}
			err := errors.Join(decode(q.ColumnText(3), &t.Request), decode(q.ColumnText(4), &t.Unique))
			s.Tasks = append(s.Tasks, t)
			return err
		},
	},
}
