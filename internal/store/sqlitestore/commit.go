package sqlitestore

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
)

// writer holds the statements of commits, prepared once.
type writer struct {
	conn    *sqlite.Conn
	commits int64           // of the state's whole life
	users   map[int64]int64 // how many more works refer to a spec than before the commit
	rows    int             // written since the log was last copied
	since   int             // commits since then

	begin, commit, rollback *binder

	insertWork, updateWork, spareWork, deleteWork *binder
	insertDone, updateDone, spareDone, deleteDone *binder

	addID, dropID, oldRow                *binder
	addTag, dropTag, addEdge, dropEdge   *binder
	putSpec, useSpec, dropSpec           *binder
	dropCond                             *binder
	putRun, reapRun, putHost             *binder
	putCond, putFact, putPlan, putZone   *binder
	clearTasks, addTask, takeInbox       *binder
	addJournal, putMeta, countMeta       *binder
	old, awaited, dropHosts, dropJournal *binder
}

func newWriter(c *sqlite.Conn, commits int64) (*writer, error) {
	w := &writer{conn: c, commits: commits, users: map[int64]int64{}}
	for _, s := range []struct {
		to  **binder
		sql string
	}{
		{&w.begin, "BEGIN IMMEDIATE"},
		{&w.commit, "COMMIT"},
		{&w.rollback, "ROLLBACK"},
		{&w.insertWork, insertSQL("work")},
		{&w.updateWork, updateSQL("work", len(columns))},
		{&w.spareWork, updateSQL("work", spareColumns)},
		{&w.deleteWork, "DELETE FROM work WHERE seq=?1"},
		{&w.insertDone, insertSQL("done")},
		{&w.updateDone, updateSQL("done", len(columns))},
		{&w.spareDone, updateSQL("done", spareColumns)},
		{&w.deleteDone, "DELETE FROM done WHERE seq=?1"},
		{&w.addID, "INSERT INTO id VALUES (?1, ?2)"},
		{&w.dropID, "DELETE FROM id WHERE id=?1"},
		{&w.oldRow, "SELECT id, tags, parents, 0, spec FROM work WHERE seq=?1 UNION ALL SELECT id, tags, parents, 1, spec FROM done WHERE seq=?1"},
		{&w.addTag, "INSERT OR IGNORE INTO tag VALUES (?1, ?2)"},
		{&w.dropTag, "DELETE FROM tag WHERE tag=?1 AND seq=?2"},
		{&w.addEdge, "INSERT OR IGNORE INTO edge VALUES (?1, ?2)"},
		{&w.dropEdge, "DELETE FROM edge WHERE parent=?1 AND child=?2"},
		{&w.putSpec, "INSERT INTO spec (id, task, retention, works, body) VALUES (?1, ?2, ?3, 0, ?4)"},
		{&w.useSpec, "UPDATE spec SET works=works+?2 WHERE id=?1"},
		{&w.dropSpec, "DELETE FROM spec WHERE id=?1 AND works=0"},
		{&w.dropCond, "DELETE FROM condition WHERE key=?1"},
		{&w.putRun, "INSERT OR REPLACE INTO run VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"},
		{&w.reapRun, "DELETE FROM run WHERE seq=?1 AND epoch=?2"},
		{&w.putHost, `INSERT OR REPLACE INTO host SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM id WHERE id=?1)`},
		{&w.putCond, "INSERT OR REPLACE INTO condition VALUES (?1, ?2, ?3, coalesce(?4, ''))"},
		{&w.putFact, "INSERT OR REPLACE INTO fact VALUES (?1, ?2, ?3, ?4, ?5, coalesce(?6, ''), coalesce(?7, ''), ?8, ?9, ?10)"},
		{&w.putPlan, "INSERT OR REPLACE INTO plan_task VALUES (?1, coalesce(?2, ''), coalesce(?3, ''), ?4, ?5)"},
		{&w.putZone, "INSERT OR REPLACE INTO zone VALUES (?1, ?2)"},
		{&w.clearTasks, "DELETE FROM task"},
		{&w.addTask, "INSERT INTO task VALUES (?1, coalesce(?2, ''), coalesce(?3, ''), coalesce(?4, ''), ?5, ?6)"},
		{&w.takeInbox, "DELETE FROM inbox WHERE seq=?1"},
		{&w.addJournal, "INSERT INTO journal VALUES (?1, ?2, ?3, ?4)"},
		{&w.putMeta, `UPDATE meta SET commits=?1, at=?2, wall_offset=?3, next_seq=?4, spec=?5, journal=?6,
			jobs=?7, stopped=?8 WHERE commits=?1-1`},
		{&w.countMeta, "UPDATE meta SET commits=?1 WHERE commits=?1-1"},
		{&w.old, `SELECT d.seq, d.id, EXISTS (SELECT 1 FROM edge WHERE parent=d.id) FROM done d LEFT JOIN spec s ON s.id=d.spec
			WHERE d.finished < ?1 AND coalesce(s.retention, 0) < ?1 - d.finished AND NOT EXISTS (SELECT 1 FROM run WHERE seq=d.seq) ORDER BY d.finished LIMIT ?2`},
		{&w.awaited, `WITH RECURSIVE after(id) AS (VALUES (?1)
				UNION SELECT d.id FROM after JOIN edge e ON e.parent=after.id JOIN done d ON d.seq=e.child)
			SELECT 1 FROM after JOIN edge e ON e.parent=after.id JOIN work w ON w.seq=e.child LIMIT 1`},
		{&w.dropHosts, "DELETE FROM host WHERE work=?1"},
		{&w.dropJournal, `DELETE FROM journal WHERE first < coalesce(
			(SELECT first FROM journal WHERE at >= ?1 ORDER BY first LIMIT 1), 9223372036854775807)`},
	} {
		st, err := c.Prepare(s.sql)
		if err != nil {
			return nil, fmt.Errorf("%w (%s)", err, s.sql)
		}
		*s.to = &binder{st, make([]bound, st.BindParamCount()+1)}
	}
	return w, nil
}

const (
	checkpointRows    = 8192 // rows written before the log is copied, about 1,000 pages
	checkpointCommits = 128  // or commits: rarely enough to stay out of the slowest hundredth
)

// Commit implements store.Store. It does not look at ctx once it has begun: half
// a commit helps nobody.
func (s *Store) Commit(ctx context.Context, tx *record.Tx) error {
	switch {
	case s.reader == nil:
		return store.ErrClosed
	case s.failed != nil:
		return s.failed
	case ctx.Err() != nil:
		return ctx.Err()
	}
	if err := s.writer.transact(tx); err != nil {
		s.fail(err)
		return s.failed
	}
	if err := s.place.still(s.file); err != nil { // what was written is in a file without a name
		s.fail(err)
		return s.failed
	}
	// The mark may lag, never lead: that it could not be written is no error.
	_ = s.mark.set(s.writer.commits)
	s.tidy()
	return nil
}

// fail makes this handle useless until it is reopened: after an error, and above
// all after a failed sync, nobody knows what it would write.
func (s *Store) fail(err error) {
	s.failed = s.place.wrap(err)
	if errors.Is(s.failed, store.ErrNoSpace) {
		s.place.giveReserve()
	}
}

// tidy keeps the write-ahead log short. SQLite would copy the log into the file by
// itself, but not tell that it could not. This commit is durable all the same: it
// is the next one that fails.
func (s *Store) tidy() {
	w := s.writer
	if w.rows < checkpointRows && w.since < checkpointCommits {
		return
	}
	w.rows, w.since = 0, 0
	if err := checkpoint(w.conn); err != nil && sqlite.ErrCode(err).ToPrimary() != sqlite.ResultBusy {
		s.fail(err)
	}
}

func checkpoint(c *sqlite.Conn) error {
	return query(c, "PRAGMA wal_checkpoint(PASSIVE)", nil)
}

func (w *writer) transact(tx *record.Tx) error {
	if err := w.begin.exec(); err != nil {
		return err
	}
	err := w.write(tx)
	if err == nil {
		if err = w.commit.exec(); err == nil {
			w.commits++
			w.since++
			return nil
		}
	}
	clear(w.users)
	if !w.conn.AutocommitEnabled() { // some errors roll back by themselves
		_ = w.rollback.exec()
	}
	return err
}

func (w *writer) write(tx *record.Tx) error {
	for _, s := range tx.Specs {
		if err := w.spec(s); err != nil {
			return err
		}
	}
	for i := range tx.Works { // first, so that an ID may be used again at once
		if n := &tx.Works[i]; n.Delete {
			if err := w.delete(n.Work); err != nil {
				return err
			}
		}
	}
	for i := range tx.Works {
		var err error
		switch n := &tx.Works[i]; {
		case n.Delete:
		case n.Insert:
			err = w.insert(n.Work)
		case n.Claim: // the run's row tells
		case n.Spare:
			err = w.spare(n.Work)
		default:
			err = w.update(n.Work)
		}
		if err != nil {
			return fmt.Errorf("work %s: %w", tx.Works[i].Work.ID, err)
		}
	}
	for _, r := range tx.Runs {
		if err := w.run(r); err != nil {
			return err
		}
	}
	for _, k := range tx.Reaped {
		w.reapRun.int(1, k.Seq)
		w.reapRun.int(2, k.Epoch)
		if err := w.reapRun.exec(); err != nil {
			return err
		}
	}
	w.rows += 2*len(tx.Works) + len(tx.Runs) + len(tx.Reaped) + len(tx.Journal.Lines)/4096
	return w.rest(tx)
}
