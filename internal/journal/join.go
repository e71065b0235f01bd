package journal

import (
	"slices"
	"time"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Join says why works do not run, from the journal alone. The journal tells each
// change of a condition once and each work's set of conditions once: a work's
// reasons are their join. It must be given all entries since the first one that
// tells of a work.
type Join struct {
	conds  map[string]Hold    // by key; a condition that is met has no code
	specs  map[int64]waitsFor // by ID
	works  map[work.ID]*waiting
	runs   map[work.ID]left // what is left of the runs of unfinished and of deleted works
	named  map[string]int   // runs of deleted works by unique name
	offset int64            // of the wall clock, µs
}

// Hold is one thing that keeps a work from running.
type Hold struct {
	Code  work.Code
	Text  string // what the journal says of it
	Since int64  // engine time
	Until int64  // engine time; Never: not known
}

// waitsFor is what all works of a spec wait for.
type waitsFor struct {
	conds []string
	skips bool // it passes over calendar times that were missed
}

// waiting is an unfinished work.
type waiting struct {
	state string
	spec  int64
	name  string
	due   int64
	lane  record.Lane
	code  work.Code // of the wait until due
	since int64
}

// left is what is left of a run.
type left struct {
	epoch   int64
	since   int64
	deleted bool   // its work was
	name    string // of that work
}

// keys of the conditions that every work has.
const (
	slotsKey  = "slots"
	engineKey = "engine"
)

// NewJoin returns a join of no entries: no engine runs.
func NewJoin() *Join {
	j := &Join{
		conds: map[string]Hold{}, specs: map[int64]waitsFor{}, works: map[work.ID]*waiting{},
		runs: map[work.ID]left{}, named: map[string]int{},
	}
	j.EngineGone(0)
	return j
}

// EngineGone says that the engine that wrote the journal is gone without a word.
func (j *Join) EngineGone(at int64) {
	j.conds[engineKey] = Hold{Code: work.ReasonEngineDown, Text: "no engine runs on this state", Since: at, Until: record.Never}
}

// Add takes in the next entry.
func (j *Join) Add(e *record.Entry) {
	if t, err := time.Parse(time.RFC3339Nano, e.Time); err == nil {
		j.offset = t.UnixMicro() - e.At
	}
	switch e.Kind {
	case record.EntrySpec:
		j.specs[e.Spec] = waitsFor{conds: e.Conds, skips: e.Text == string(work.MissedSkip)}
	case record.EntryCondition:
		j.conds[e.Cond] = Hold{Code: e.Code, Text: e.Text, Since: e.At, Until: record.Never}
	case record.EntryStarted:
		j.runs[e.Work] = left{epoch: e.Run, since: e.At}
		if w := j.works[e.Work]; w != nil {
			w.state = work.Running.String()
		}
	case record.EntryReaped:
		j.reaped(e)
	case record.EntryDeleted:
		j.deleted(e)
	case record.EntryEnqueued, record.EntryUpdated, record.EntryUnblocked, record.EntryStopping, record.EntryEnded,
		record.EntryFinished, record.EntrySkipped:
		j.told(e)
	}
}

// told takes in what an entry says of a work's state.
func (j *Join) told(e *record.Entry) {
	var s work.State
	if s.UnmarshalText([]byte(e.State)) != nil {
		return // of a run whose work was deleted
	}
	if s.Finished() {
		delete(j.works, e.Work)
		if !j.runs[e.Work].deleted { // when nothing is left of a run is told only if that matters
			delete(j.runs, e.Work)
		}
		return
	}
	w := j.works[e.Work]
	if w == nil {
		w = &waiting{}
		j.works[e.Work] = w
	}
	if w.state != e.State || e.Kind == record.EntryEnded {
		w.since = e.At
	}
	w.state, w.code, w.due, w.lane = e.State, e.Code, 0, e.Lane
	if e.Spec != 0 {
		w.spec = e.Spec
	}
	if e.Name != "" {
		w.name = e.Name
	}
	if e.Due != nil {
		w.due = *e.Due
	}
}

func (j *Join) deleted(e *record.Entry) {
	delete(j.works, e.Work)
	if e.Run == 0 {
		delete(j.runs, e.Work)
		return
	}
	if j.runs[e.Work].deleted {
		return // it is of an earlier work of this ID
	}
	j.runs[e.Work] = left{epoch: e.Run, name: e.Name, since: e.At, deleted: true}
	if e.Name != "" {
		j.named[e.Name]++
	}
}

func (j *Join) reaped(e *record.Entry) {
	r, ok := j.runs[e.Work]
	if !ok || r.epoch != e.Run {
		return
	}
	delete(j.runs, e.Work)
	if r.name == "" {
		return
	}
	if j.named[r.name]--; j.named[r.name] == 0 {
		delete(j.named, r.name)
	}
}

// Waiting lists the unfinished works that do not run, in order.
func (j *Join) Waiting() []work.ID {
	ids := make([]work.ID, 0, len(j.works))
	for id, w := range j.works {
		if w.state != work.Running.String() {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Reasons returns what keeps a work from running at an instant: nothing if it runs,
// is finished or is not known.
func (j *Join) Reasons(id work.ID, at int64) []Hold {
	w := j.works[id]
	switch {
	case w == nil:
		return nil
	case w.state == work.Blocked.String():
		return []Hold{{Code: work.ReasonBlocked, Since: w.since, Until: record.Never}}
	case w.state != work.Enqueued.String():
		return nil
	}
	var out []Hold
	sp := j.specs[w.spec]
	if h, late := j.wait(w, sp, at); late {
		out = append(out, h)
	}
	if r, ok := j.runs[id]; ok || j.named[w.name] > 0 {
		out = append(out, Hold{Code: work.ReasonPreviousRun, Since: max(w.since, r.since), Until: record.Never})
	}
	for _, key := range append(slices.Clip(sp.conds), slotsKey, engineKey) {
		if h := j.conds[key]; h.Code != "" {
			h.Since = max(h.Since, w.since)
			out = append(out, h)
		}
	}
	return out
}

// wait says whether a work's time has not come.
func (j *Join) wait(w *waiting, sp waitsFor, at int64) (Hold, bool) {
	h := Hold{Code: work.ReasonDelay, Since: w.since, Until: w.due}
	if w.code != "" {
		h.Code = w.code
	}
	if w.lane == record.LaneCalendar && w.due != record.Never {
		h.Until -= j.offset
		if sp.skips && h.Until <= at-record.SkippedAfter {
			h.Until = record.Never // it waits for the one after, which the journal does not tell
			return h, true
		}
	}
	return h, h.Until > at
}

// Codes returns the codes of Reasons, in order, each once.
func (j *Join) Codes(id work.ID, at int64) []work.Code {
	var codes []work.Code
	for _, h := range j.Reasons(id, at) {
		codes = append(codes, h.Code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}
