package journal

import (
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// told joins entries, whose wall clock is offset µs ahead of engine time.
func told(offset int64, es ...record.Entry) *Join {
	j := NewJoin()
	for _, e := range es {
		e.Time = time.UnixMicro(e.At + offset).UTC().Format("2006-01-02T15:04:05.000000Z")
		j.Add(&e)
	}
	return j
}

func at(us int64) *int64 { return &us }

func wants(t *testing.T, j *Join, now int64, id work.ID, want ...work.Code) {
	t.Helper()
	if got := j.Codes(id, now); !slices.Equal(got, want) {
		t.Errorf("%s at %d: %v, not %v", id, now, got, want)
	}
}

const (
	waits = "ENQUEUED"
	over  = "CANCELLED"
)

func TestJoinConditions(t *testing.T) {
	j := told(
		0,
		record.Entry{At: 1, Kind: record.EntryCondition, Cond: "charging", Value: "unmet", Code: "charging", Text: "no power"},
		record.Entry{At: 1, Kind: record.EntrySpec, Spec: 1, Conds: []string{"charging", "idle"}},
		record.Entry{At: 1, Kind: record.EntryEnqueued, Work: "a", Spec: 1, State: waits, Due: at(5)},
	)
	wants(t, j, 1, "a", "charging", "delay", "engine-down")
	j.Add(&record.Entry{At: 2, Kind: record.EntryCondition, Cond: "engine", Value: "met"})
	j.Add(&record.Entry{At: 2, Kind: record.EntryCondition, Cond: "slots", Value: "unmet", Code: "slots"})
	wants(t, j, 5, "a", "charging", "slots")
	if hs := j.Reasons("a", 4); hs[0] != (Hold{Code: "delay", Since: 1, Until: 5}) ||
		hs[1] != (Hold{Code: "charging", Text: "no power", Since: 1, Until: record.Never}) || hs[2].Since != 2 {
		t.Errorf("%+v", hs)
	}
	j.Add(&record.Entry{At: 3, Kind: record.EntryCondition, Cond: "charging", Value: "met"})
	j.Add(&record.Entry{At: 3, Kind: record.EntryCondition, Cond: "slots", Value: "met"})
	wants(t, j, 5, "a") // it is about to start
	j.EngineGone(9)
	wants(t, j, 9, "a", "engine-down")
	wants(t, j, 9, "unknown")
}

func TestJoinRuns(t *testing.T) {
	engine := record.Entry{Kind: record.EntryCondition, Cond: "engine", Value: "met"}
	spec := record.Entry{Kind: record.EntrySpec, Spec: 1}
	a := record.Entry{Kind: record.EntryEnqueued, Work: "a", Spec: 1, Name: "n", State: waits, Due: at(0)}
	started := record.Entry{At: 1, Kind: record.EntryStarted, Work: "a", Run: 1}
	reaped := record.Entry{At: 5, Kind: record.EntryReaped, Work: "a", Run: 1}

	j := told(0, engine, spec, a, started)
	wants(t, j, 1, "a")
	j = told(0, engine, spec, a, started, record.Entry{At: 2, Kind: record.EntryEnded, Work: "a", Run: 1, State: waits, Due: at(9), Code: "backoff"})
	wants(t, j, 2, "a", "backoff", "previous-run")
	j.Add(&record.Entry{Kind: record.EntryReaped, Work: "a", Run: 7}) // another one
	wants(t, j, 2, "a", "backoff", "previous-run")
	j.Add(&reaped)
	wants(t, j, 5, "a", "backoff")

	// A replaced work's run holds the next work of its name, and one of its ID.
	b, again := a, a
	b.Work, again.Name = "b", ""
	replaced := record.Entry{At: 2, Kind: record.EntryDeleted, Work: "a", Run: 1, Name: "n"}
	j = told(0, engine, spec, a, started, replaced, b, again)
	wants(t, j, 2, "b", "previous-run")
	wants(t, j, 2, "a", "previous-run")
	j.Add(&record.Entry{Kind: record.EntryFinished, Work: "a", State: over})
	j.Add(&record.Entry{Kind: record.EntryDeleted, Work: "a", Run: 1})
	wants(t, j, 2, "b", "previous-run")
	j.Add(&reaped)
	wants(t, j, 5, "b")

	// A finished work's run that is gone without a word holds nobody.
	j = told(0, engine, spec, a, started, record.Entry{Kind: record.EntryEnded, Work: "a", Run: 1, State: "SUCCEEDED"},
		record.Entry{Kind: record.EntryDeleted, Work: "a", Name: "n"}, b)
	wants(t, j, 2, "b")
	if ids := j.Waiting(); !slices.Equal(ids, []work.ID{"b"}) {
		t.Errorf("%v wait", ids)
	}
}

func TestJoinCalendar(t *testing.T) {
	const hour = 3_600_000_000
	es := []record.Entry{
		{Kind: record.EntryCondition, Cond: "engine", Value: "met"},
		{Kind: record.EntrySpec, Spec: 1},
		{Kind: record.EntrySpec, Spec: 2, Text: "skip"},
		{Kind: record.EntryEnqueued, Work: "once", Spec: 1, State: waits, Due: at(2 * hour), Lane: record.LaneCalendar},
		{Kind: record.EntryEnqueued, Work: "skip", Spec: 2, State: waits, Due: at(2 * hour), Lane: record.LaneCalendar},
		{Kind: record.EntryEnqueued, Work: "never", Spec: 1, State: waits, Due: at(record.Never), Lane: record.LaneCalendar},
		{Kind: record.EntryEnqueued, Work: "blocked", Spec: 1, State: "BLOCKED"},
	}
	j := told(hour, es...)
	wants(t, j, hour-1, "once", "delay")
	wants(t, j, hour, "once")
	wants(t, j, hour, "skip")
	wants(t, j, hour+record.SkippedAfter, "once")
	wants(t, j, hour+record.SkippedAfter, "skip", "delay")
	wants(t, j, hour, "never", "delay")
	wants(t, j, hour, "blocked", "blocked")
	// The wall clock is set: the journal's times tell by how much.
	j.Add(&record.Entry{Time: "1970-01-01T00:00:00.000000Z", Kind: record.EntryClock, Shift: -hour})
	wants(t, j, hour, "once", "delay")
}
