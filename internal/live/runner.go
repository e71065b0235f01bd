package live

import (
	"encoding/json"
	"time"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Launch is a run to be started.
type Launch struct {
	Work    work.ID
	Epoch   int64
	Task    string
	Input   json.RawMessage
	Attempt int
	Grace   time.Duration
	Require []work.Layer
	// Progress takes what the run reports while it goes on.
	Progress func(json.RawMessage)
}

// Result is how a run ended. It is given when nothing of the run is left.
type Result struct {
	Outcome work.Outcome
	Message string
	Output  json.RawMessage
	Host    *record.Host // nil: nothing worth keeping
}

// Runner starts runs.
type Runner interface {
	// Start begins a run. It returns without waiting for it, and done is called once,
	// from any goroutine, when nothing of the run is left.
	Start(l Launch, done func(Result)) Handle
	// Sweep removes what runs of an earlier engine left behind.
	Sweep() error
	// Close kills what still runs and waits until it is gone. Nothing can be started
	// any more. It may be called again.
	Close() error
}

// Handle is a run that was started.
type Handle interface {
	// Stop asks the run to end and kills it after grace. It returns at once.
	Stop(why work.StopReason, grace time.Duration)
}
