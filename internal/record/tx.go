package record

import "github.com/lullwork/lull/work"

// Condition is the row of one shared condition, so that a restart keeps since
// when it holds or does not.
type Condition struct {
	Key   string
	State CondState
	Since int64  // engine time
	Text  string // the value behind the state, as the journal tells it
}

// CondState is the value of a condition.
type CondState uint8

const (
	Unmet CondState = iota
	Met
	NotKnown // a signal behind it is unknown: it holds works like Unmet
)

// PlanTask is the row of one root task of the plan.
type PlanTask struct {
	Name    string
	Hash    string    // of the definition that Works were made from
	Work    work.ID   // the root work
	Removed bool      // no longer in the plan
	Pending *PlanRoot // changed while it ran: enqueued once more when it ends
}

// PlanRoot is one root task of a plan with everything that comes after it.
type PlanRoot struct {
	Name  string      `json:"name"`
	Hash  string      `json:"hash"`
	Nodes []work.Node `json:"nodes"` // the first is the root
}

// Meta is the engine's own row.
type Meta struct {
	At      int64  // engine time of the last commit
	Offset  int64  // wall minus engine time, µs
	NextSeq int64  // of the next work
	Spec    int64  // last spec ID
	Journal int64  // seq of the last journal entry
	Engine  string // ID of this state, for cgroup names; made at the first open
	Jobs    int    // works in parallel, as last run
	Stopped int64  // wall time at which the last engine stopped in good order; 0: it runs or died
}

// WorkWrite says what to do with a work's row.
type WorkWrite struct {
	Work   *Work
	Insert bool // not in the store before
	Delete bool // the row goes, with its edges, tags and name
	// Spare is true if only the columns that a run changes differ (state, due,
	// counters, output, progress): input, tags, name, parents need not be written.
	// The spec is the same.
	Spare bool
	// Claim is true if the work was started and nothing else: State is RUNNING, Attempts
	// and Epoch are those of its run's row, which is written in the same commit or an
	// earlier one and stays until the work's row is written again, and StopReason is
	// NotStopped. A store need not write the work's row at all. Claim implies Spare.
	Claim bool
}

// RunKey names a run.
type RunKey struct{ Seq, Epoch int64 }

// Tx is what one commit makes durable, all or nothing.
type Tx struct {
	Meta    *Meta
	Specs   []*Spec
	NoSpecs []int64     // IDs of specs to delete: nothing refers to them
	Works   []WorkWrite // at most one a work
	Runs    []*Run      // written whole
	Reaped  []RunKey    // rows to delete
	NoConds []string    // keys of conditions to delete, before Conds are written
	Conds   []Condition
	Facts   []Fact
	Plan    []PlanTask // written whole
	Zones   []Zone     // written whole
	Tasks   []TaskRow  // nil: unchanged; else the whole table
	Hosts   []Host
	Journal Chunk
	Prune   *Prune
	Inbox   []int64 // inbox rows that were taken
}

// Chunk is a run of journal entries as lines of JSON.
type Chunk struct {
	First, Last int64 // seq; 0, 0: none
	At          int64 // engine time of the last one
	Lines       []byte
}

// Prune deletes old finished works that no unfinished work comes after, and
// journal entries.
type Prune struct {
	FinishedBefore int64 // engine time; a work's own Retention is added
	JournalBefore  int64 // engine time
	// Limit bounds the works that one commit looks at; 0: none. More is set by the
	// store if that was not all of them.
	Limit int
	More  bool
}

// TaskRow is what is known of a task: whether it can be started here.
type TaskRow struct {
	Name string `json:"name"`
	Held string `json:"held,omitempty"` // "", "no-entry-point" or "not-in-plan"
	Note string `json:"note,omitempty"` // why, in words
	// Request and Unique are what the plan asks for works of the task that are made by
	// hand; nil: nothing beyond the task's name.
	Request *work.Request `json:"request,omitempty"`
	Unique  work.Unique   `json:"unique,omitzero"`
}

// Zone is the transition table of one time zone, so that calendars need no clock
// and no files.
type Zone struct {
	Name  string
	Table []byte // JSON of the calendar's zone
}

// Snapshot is everything but the waiting works: what a machine is restored from.
type Snapshot struct {
	Meta    Meta
	Specs   []*Spec // by ID
	Groups  []GroupCount
	Runs    []*Run // by (seq, epoch)
	Running []*Work
	Conds   []Condition
	Facts   Facts
	Plan    []PlanTask
	Zones   []Zone
	Tasks   []TaskRow
}

// GroupCount is how many works wait in a group.
type GroupCount struct {
	Group Group
	Count int64
}
