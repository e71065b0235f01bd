package work

import "errors"

// What is wrong with a request. Test with errors.Is.
var (
	ErrInvalid           = errors.New("invalid request")
	ErrUnknownTask       = errors.New("unknown task")
	ErrUnknownWork       = errors.New("unknown work")
	ErrDataTooLarge      = errors.New("data too large")
	ErrDelayOverflow     = errors.New("initial delay overflows")
	ErrExpeditedNeeds    = errors.New("expedited work cannot have this constraint")
	ErrExpeditedDelayed  = errors.New("expedited work cannot be delayed")
	ErrExpeditedPeriodic = errors.New("expedited work cannot be periodic")
	ErrBackoffIdle       = errors.New("backoff cannot be set on work that needs an idle device")
	ErrContentURILimit   = errors.New("too many works with content URI triggers")
	ErrSchedulerLimit    = errors.New("scheduler limit below 20")
	ErrJobIDRange        = errors.New("job id range below 1000")
	ErrUnsupported       = errors.New("unsupported change")
	ErrCycle             = errors.New("chain has a cycle")
	ErrPeriodicInChain   = errors.New("periodic work cannot be part of a chain")
	ErrMergeType         = errors.New("values of different types cannot be collected in one array")
	ErrFinished          = errors.New("the work is finished")
	ErrNotRunning        = errors.New("no run of the work is going on")
	ErrLate              = errors.New("the run is no longer the current one")
)
