// Package record holds the rows and journal entries that the core decides, the
// stores keep and everybody reads. It has no behaviour.
//
// Instants are int64 microseconds. Engine time counts suspend, starts at the wall
// clock of the first open and never goes back; wall time is engine time plus the
// current offset.
package record

import (
	"encoding/json"
	"math"

	"github.com/lullwork/lull/work"
)

// Never is the instant of what has no time: Long.MAX in WorkManager.
const Never = math.MaxInt64

// NotEnqueued is Work.LastEnqueue before a work was first ENQUEUED.
const NotEnqueued int64 = -1

// Spec is everything about a request that many works share. Specs are interned:
// equal specs have one row, so works of the same task refer to the same one, and
// all works of a spec wait for the same set of conditions.
type Spec struct {
	ID int64 `json:"-"`

	Task        string             `json:"task"`
	Needs       work.Constraints   `json:"needs,omitzero"`
	Every       int64              `json:"every,omitempty"` // µs; 0: no period
	Flex        int64              `json:"flex,omitempty"`  // µs
	Cron        string             `json:"cron,omitempty"`
	Zone        string             `json:"zone,omitempty"`
	Missed      work.Missed        `json:"missed,omitempty"`
	Backoff     work.BackoffPolicy `json:"backoff"`
	Delay       int64              `json:"backoff_delay"` // µs
	Attempts    int                `json:"attempts"`      // failed runs before it ends; 0: no cap
	OnFailure   work.OnFailure     `json:"on_failure"`
	Group       string             `json:"group,omitempty"`
	Budget      int64              `json:"budget,omitempty"` // µs; 0: no limit
	Require     []work.Layer       `json:"require,omitempty"`
	Grace       int64              `json:"grace"` // µs
	Expedited   bool               `json:"expedited,omitempty"`
	DropQuota   bool               `json:"drop_without_quota,omitempty"`
	Merger      work.Merger        `json:"merger"`
	Retention   int64              `json:"retention,omitempty"` // µs
	TraceTag    string             `json:"trace_tag,omitempty"`
	BackoffStop bool               `json:"backoff_on_interruption,omitempty"`
	Phone       work.Traits        `json:"phone,omitzero"`
	Chain       []work.Node        `json:"chain,omitempty"`
}

// Periodic reports whether the work comes again after it ended.
func (s *Spec) Periodic() bool { return s.Every > 0 || s.Cron != "" }

// Lane tells apart the works of one spec that are ordered differently: each
// (spec, lane) is one group of works in (due, seq) order.
type Lane uint8

const (
	LaneNormal    Lane = iota // Due is engine time
	LaneExpedited             // Due is engine time; goes before the others
	LaneCalendar              // Due is wall time, so that a clock step moves the whole group
	Lanes                     // how many there are
)

// Group names the works that wait for the same conditions in the same order.
type Group struct {
	Spec int64
	Lane Lane
}

// Key orders the works of a group.
type Key struct{ Due, Seq int64 }

// Less reports whether k comes before o.
func (k Key) Less(o Key) bool { return k.Due < o.Due || k.Due == o.Due && k.Seq < o.Seq }

// Work is the row of one work.
type Work struct {
	Seq   int64 // order of arrival; unique, never used again
	ID    work.ID
	Spec  int64
	Lane  Lane
	State work.State

	Name  string   // unique name; "": none
	Tags  []string // sorted
	Input json.RawMessage
	// Merged is the input with the outputs of the works before it; nil: Input.
	Merged   json.RawMessage
	Output   json.RawMessage
	Progress json.RawMessage

	InitialDelay int64 // µs
	LastEnqueue  int64 // engine time, NotEnqueued before
	Due          int64 // next run: engine time, or wall time in LaneCalendar; Never
	Occurrence   int64 // calendar work: wall time of the occurrence that is due or was served last
	Override     int64 // next run of periodic work set by the caller; Never: none
	OverrideGen  int32 // +1 each time an override is set or cleared
	Attempts     int32 // starts: WorkManager's run_attempt_count
	Failures     int32 // failed runs of this period, see work.Outcome.CountsAsFailure
	Crashes      int32 // of those, crashes in a row
	Losses       int32 // runs lost with the engine in a row
	Periods      int32 // finished periods
	Generation   int32 // +1 per update
	Epoch        int64 // of the last run; 0: none yet
	StopReason   work.StopReason
	Parents      []work.ID // works that must succeed before it
	Waiting      int32     // of those, not yet succeeded
	HasNext      bool      // other works name it as a parent

	Created  int64 // engine time
	Finished int64 // engine time; 0: not finished
	Last     Last  // the last run that ended
}

// Last says how a work's last run ended.
type Last struct {
	Epoch   int64
	Outcome work.Outcome
	Message string
	Started int64 // engine time
	Ended   int64 // engine time
}

// Key returns the work's place in its group.
func (w *Work) Key() Key { return Key{w.Due, w.Seq} }

// Group returns the group that the work waits in while it is ENQUEUED.
func (w *Work) Group() Group { return Group{w.Spec, w.Lane} }

// RunState is where a run stands.
type RunState uint8

const (
	Going    RunState = 1 + iota // from the decision to start it on
	Stopping                     // asked to stop, or ended and not yet reaped
)

// Run is the row of one run, from its start until nothing of it is left. While
// it exists, the work, its unique name, its group and a slot stay occupied.
type Run struct {
	Seq        int64 // of the work
	Epoch      int64
	Work       work.ID
	Spec       int64
	Name       string // unique name of the work
	State      RunState
	Attempt    int32
	Generation int32           // of the work when the run started
	Override   int32           // the work's OverrideGen when the run started
	Started    int64           // engine time
	Stop       work.StopReason // why it was asked to stop; NotStopped
	// Orphan is true once the work's row was deleted. Works of the same unique name
	// then wait for the run to be reaped.
	Orphan bool
}

// Host is what a run left behind on the host. It is outside the compared
// journal: two hosts differ in it.
type Host struct {
	Work    work.ID `json:"work"`
	Epoch   int64   `json:"epoch"`
	Pid     int     `json:"pid,omitempty"`
	Tier    string  `json:"tier,omitempty"`    // how its processes were killed or would have been
	Limits  string  `json:"limits,omitempty"`  // which limits were enforced, and how
	Code    int     `json:"code,omitempty"`    // exit code
	Signal  string  `json:"signal,omitempty"`  // that ended it
	Leaked  int     `json:"leaked,omitempty"`  // processes that outlived the leader and were killed
	Output  int64   `json:"output,omitempty"`  // bytes written
	UserUS  int64   `json:"user_us,omitempty"` // processor time, µs
	SysUS   int64   `json:"sys_us,omitempty"`  // processor time, µs
	MaxRSS  int64   `json:"max_rss,omitempty"` // bytes
	Tail    string  `json:"tail,omitempty"`    // end of its output
	Log     string  `json:"log,omitempty"`     // file with its output
	Started int64   `json:"started,omitempty"` // wall time, µs
	Ended   int64   `json:"ended,omitempty"`   // wall time, µs
}
