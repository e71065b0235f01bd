package core

import (
	"encoding/json"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Output is what one step decided. It is valid until the next step.
type Output struct {
	Tx      record.Tx
	Effects []Effect
	Then    []Event // to be stepped at the same time, before any other event
	Wake    int64   // engine time of the next Tick; record.Never: none needed
	Reply   Reply
}

// EffectKind is what to do.
type EffectKind uint8

const (
	StartRun   EffectKind = iota // start an isolate for the run
	RequestEnd                   // ask it to stop, then kill it after Grace
)

// Effect is one thing for the driver to do after the commit.
type Effect struct {
	Kind    EffectKind
	Work    work.ID
	Seq     int64 // of the work
	Epoch   int64
	Task    string
	Input   json.RawMessage
	Attempt int32
	Budget  int64 // µs; 0: no limit
	Require []work.Layer
	Grace   int64 // µs
	Stop    work.StopReason
	Killed  bool // RequestEnd: nothing is asked, its process is gone
}

// Result is what became of a request.
type Result string

const (
	ResultEnqueued  Result = "enqueued"
	ResultExists    Result = "exists"               // the ID is known: nothing changed
	ResultKept      Result = "kept"                 // the unique name is taken: nothing changed
	ResultUpdated   Result = "updated"              // changed in place, before its next run
	ResultNextRun   Result = "updated-for-next-run" // changed in place; the run that goes on keeps the old values
	ResultNotDone   Result = "not-applied"          // the work is finished
	ResultCancelled Result = "cancelled"
)

// Reply answers Enqueue, Change and Cancel.
type Reply struct {
	Result Result
	IDs    []work.ID // works enqueued, kept, updated or cancelled
	More   int       // cancelled works beyond IDs
	Err    error     // refused: nothing changed
}
