package sqlitestore

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// The columns of work and done. Column i is parameter i+1 in every statement. The
// first ones are those that a Spare write covers.
var columns = []string{
	"seq", "spec", "lane", "state", "due", "initial_delay", "last_enqueue", "occurrence", "override", "override_gen",
	"attempts", "failures", "crashes", "losses", "periods", "generation", "epoch", "stop_reason", "waiting", "has_next",
	"created", "finished", "last_epoch", "last_started", "last_ended", "last_outcome", "last_message", "output", "progress",
	"id", "name", "tags", "parents", "input", "merged",
}

const (
	spareColumns = 29
	idColumn     = 29 // set by an insert only
)

// list returns the columns with a table's prefix, for a select.
func list(table string) string {
	return table + "." + strings.Join(columns, ","+table+".")
}

// A work that was started and not written since is RUNNING by its run's row: that it
// is the newer one of the two shows in its epoch. So a start writes one small row
// and leaves the work's place in the table and in the index alone.
const (
	started    = "r.seq=w.seq AND r.epoch>w.epoch"
	withRun    = " LEFT JOIN run r ON " + started
	notRunning = "NOT EXISTS (SELECT 1 FROM run r WHERE " + started + ")"
)

// running are the columns of work that its run's row may know better.
var running = map[string]string{
	"state":       fmt.Sprintf("iif(r.seq IS NULL, w.state, %d)", work.Running),
	"attempts":    "coalesce(r.attempt, w.attempts)",
	"epoch":       "coalesce(r.epoch, w.epoch)",
	"stop_reason": fmt.Sprintf("iif(r.seq IS NULL, w.stop_reason, %d)", work.NotStopped),
}

// listOpen returns the columns of work w, joined withRun.
func listOpen() string {
	var l []string
	for _, c := range columns {
		if now, ok := running[c]; ok {
			l = append(l, now)
		} else {
			l = append(l, "w."+c)
		}
	}
	return strings.Join(l, ",")
}

func insertSQL(table string) string {
	marks := make([]string, len(columns))
	for i := range marks {
		marks[i] = fmt.Sprintf("?%d", i+1)
	}
	return "INSERT INTO " + table + " (" + strings.Join(columns, ",") + ") VALUES (" + strings.Join(marks, ",") + ")"
}

func updateSQL(table string, n int) string {
	var set []string
	for i := 1; i < n; i++ {
		if i != idColumn {
			set = append(set, fmt.Sprintf("%s=?%d", columns[i], i+1))
		}
	}
	return "UPDATE " + table + " SET " + strings.Join(set, ",") + " WHERE seq=?1"
}

// binder is a statement that remembers what is bound to its parameters: most
// columns of most rows hold what they held in the row before.
type binder struct {
	*sqlite.Stmt
	bound []bound // by parameter
}

type bound struct {
	kind uint8
	n    int64
}

const (
	unbound uint8 = iota
	isNull
	isInt
	isText
)

func (b *binder) int(i int, n int64) {
	if p := &b.bound[i]; p.kind != isInt || p.n != n {
		p.kind, p.n = isInt, n
		b.BindInt64(i, n)
	}
}

func (b *binder) bool(i int, v bool) {
	if v {
		b.int(i, 1)
	} else {
		b.int(i, 0)
	}
}

// text binds NULL for the empty string.
func (b *binder) text(i int, s string) {
	if s != "" {
		b.bound[i].kind = isText
		b.BindText(i, s)
	} else if p := &b.bound[i]; p.kind != isNull {
		p.kind = isNull
		b.BindNull(i)
	}
}

func (b *binder) blob(i int, v []byte) {
	b.bound[i].kind = isText
	b.BindBytes(i, v)
}

// exec runs the statement, which returns no rows.
func (b *binder) exec() error {
	if _, err := b.Step(); err != nil {
		return err
	}
	return b.Reset()
}

// each runs a query and calls row for each row.
func (b *binder) each(row func() error) error {
	for {
		ok, err := b.Step()
		if err != nil {
			return err
		}
		if !ok {
			return b.Reset()
		}
		if err := row(); err != nil {
			return errors.Join(err, b.Reset())
		}
	}
}

func bindSpare(b *binder, w *record.Work) {
	b.int(1, w.Seq)
	b.int(2, w.Spec)
	b.int(3, int64(w.Lane))
	b.int(4, int64(w.State))
	b.int(5, w.Due)
	b.int(6, w.InitialDelay)
	b.int(7, w.LastEnqueue)
	b.int(8, w.Occurrence)
	b.int(9, w.Override)
	b.int(10, int64(w.OverrideGen))
	b.int(11, int64(w.Attempts))
	b.int(12, int64(w.Failures))
	b.int(13, int64(w.Crashes))
	b.int(14, int64(w.Losses))
	b.int(15, int64(w.Periods))
	b.int(16, int64(w.Generation))
	b.int(17, w.Epoch)
	b.int(18, int64(w.StopReason))
	b.int(19, int64(w.Waiting))
	b.bool(20, w.HasNext)
	b.int(21, w.Created)
	b.int(22, w.Finished)
	b.int(23, w.Last.Epoch)
	b.int(24, w.Last.Started)
	b.int(25, w.Last.Ended)
	b.text(26, string(w.Last.Outcome))
	b.text(27, w.Last.Message)
	b.text(28, string(w.Output))
	b.text(29, string(w.Progress))
}

func bindAll(b *binder, w *record.Work, withID bool) {
	bindSpare(b, w)
	if withID {
		b.text(30, string(w.ID))
	}
	b.text(31, w.Name)
	b.text(32, array(w.Tags))
	b.text(33, array(w.Parents))
	b.text(34, string(w.Input))
	b.text(35, string(w.Merged))
}

// array encodes strings; none is the empty string, which is bound as NULL.
func array[S ~string](ss []S) string {
	if len(ss) == 0 {
		return ""
	}
	s, _ := encode(ss) // strings always can be
	return s
}

// encode returns v as one line of JSON.
func encode(v any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// scan reads a row of columns from the column at on.
func scan(s *sqlite.Stmt, at int) (*record.Work, error) {
	i := at - 1
	int64s := func() int64 { i++; return s.ColumnInt64(i) }
	int32s := func() int32 { i++; return int32(s.ColumnInt64(i)) }
	texts := func() string { i++; return s.ColumnText(i) }
	raws := func() json.RawMessage {
		if t := texts(); t != "" {
			return json.RawMessage(t)
		}
		return nil
	}
	w := &record.Work{
		Seq: int64s(), Spec: int64s(), Lane: record.Lane(int64s()), State: work.State(int64s()), Due: int64s(),
		InitialDelay: int64s(), LastEnqueue: int64s(), Occurrence: int64s(), Override: int64s(), OverrideGen: int32s(),
		Attempts: int32s(), Failures: int32s(), Crashes: int32s(), Losses: int32s(), Periods: int32s(), Generation: int32s(),
		Epoch: int64s(), StopReason: work.StopReason(int32s()), Waiting: int32s(), HasNext: int64s() != 0,
		Created: int64s(), Finished: int64s(),
		Last:   record.Last{Epoch: int64s(), Started: int64s(), Ended: int64s(), Outcome: work.Outcome(texts()), Message: texts()},
		Output: raws(), Progress: raws(),
		ID: work.ID(texts()), Name: texts(),
	}
	if w.State > work.Cancelled || w.Lane >= record.Lanes {
		return nil, fmt.Errorf("%w: work %s has state %d and lane %d", store.ErrDamaged, w.ID, w.State, w.Lane)
	}
	if err := decode(texts(), &w.Tags); err != nil {
		return nil, fmt.Errorf("tags of work %s: %w", w.ID, err)
	}
	if err := decode(texts(), &w.Parents); err != nil {
		return nil, fmt.Errorf("parents of work %s: %w", w.ID, err)
	}
	w.Input, w.Merged = raws(), raws()
	return w, nil
}

// decode reads JSON of ours; none at all leaves v alone.
func decode(s string, v any) error {
	if s == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(s), v); err != nil {
		return fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	return nil
}
