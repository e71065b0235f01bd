package record

import "github.com/lullwork/lull/work"

// Kind is what a journal entry tells.
type Kind string

const (
	EntrySpec      Kind = "spec"      // a new set of shared values: Spec, Task, Conds; Text: "skip" if it skips missed times
	EntryEnqueued  Kind = "enqueued"  // a work was made, or is waiting again
	EntryKept      Kind = "kept"      // a request was dropped: its unique name is taken
	EntryUpdated   Kind = "updated"   // a work was changed in place
	EntryUnblocked Kind = "unblocked" // all works before it have succeeded
	EntryStarted   Kind = "started"   // a run was started
	EntryStopping  Kind = "stopping"  // a run was asked to stop: Stop says why
	EntryEnded     Kind = "ended"     // a run ended: Outcome, and the State that follows
	EntryLate      Kind = "late"      // a result came after the decision it would have changed
	EntryReaped    Kind = "reaped"    // nothing of a run is left
	EntryRefused   Kind = "refused"   // what comes after a period of a work could not be made: Text
	EntryFinished  Kind = "finished"  // a work finished without a run of its own: State
	EntryDeleted   Kind = "deleted"   // a work's row was deleted; Run: one of its runs goes on
	EntrySkipped   Kind = "skipped"   // calendar times were passed over: Due is the next
	EntryCondition Kind = "condition" // a condition changed: Cond, Value, Code, Text
	EntryHeld      Kind = "held"      // the platform lets a due work not start: Code is the first gate, Conds are all, Text says it
	EntryGone      Kind = "gone"      // the process of a phone's app is gone, or nothing of the app may run any more: Text
	EntryClock     Kind = "clock"     // the wall clock moved by Shift µs against engine time
	EntryEngine    Kind = "engine"    // the engine began or ended dispatching: Text
	EntryPlan      Kind = "plan"      // a task of the plan is new, changed or gone: Text
)

// Entry is one line of the journal.
type Entry struct {
	Seq  int64  `json:"seq"`
	Time string `json:"time"` // wall, RFC 3339 in UTC with microseconds
	At   int64  `json:"at"`   // engine time
	Kind Kind   `json:"kind"`

	Work    work.ID      `json:"work,omitempty"`
	Task    string       `json:"task,omitempty"`
	Spec    int64        `json:"spec,omitempty"`
	Name    string       `json:"name,omitempty"`
	Run     int64        `json:"run,omitempty"` // epoch
	Attempt int32        `json:"attempt,omitempty"`
	State   string       `json:"state,omitempty"`
	Outcome work.Outcome `json:"outcome,omitempty"`
	Stop    int32        `json:"stop,omitempty"`
	Text    string       `json:"text,omitempty"`
	// Due is when the work may run next: engine time, or wall time if Lane is
	// LaneCalendar.
	Due  *int64 `json:"due,omitempty"`
	Lane Lane   `json:"lane,omitempty"`
	Wait int32  `json:"wait,omitempty"` // works before it that have not succeeded
	// Code is the reason that a condition gives while it is not met, and ReasonBackoff
	// where Due is the end of a wait after a failed run.
	Code  work.Code `json:"code,omitempty"`
	Cond  string    `json:"cond,omitempty"`  // key of a condition
	Value string    `json:"value,omitempty"` // "met", "unmet" or "unknown"
	Conds []string  `json:"conds,omitempty"` // keys of the conditions that a spec waits for
	After []work.ID `json:"after,omitempty"`
	Shift int64     `json:"shift,omitempty"`
}

// SkippedAfter is how long a work that skips missed times may still be started for
// one after it, µs.
const SkippedAfter = 60 * 1_000_000
