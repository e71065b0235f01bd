package work

import "time"

// Code names one kind of reason. Codes are stable: scripts may test for them.
type Code string

// Reason says why a work does not run now.
type Reason struct {
	Code    Code      `json:"code"`
	Message string    `json:"message"`           // in words, with the value that was seen and where it was read
	Since   time.Time `json:"since,omitzero"`    // zero: unknown
	Until   time.Time `json:"until,omitzero"`    // zero: not known in advance
	Fix     string    `json:"fix"`               // the edit or event that clears it
	Android int       `json:"android,omitempty"` // JobScheduler's pending reason, where one exists (PENDING_JOB_REASON_*)
}

// The codes.
const (
	ReasonDelay         Code = "delay"                 // its time has not come: initial delay, period or calendar
	ReasonBackoff       Code = "backoff"               // waits after a failed run
	ReasonCharging      Code = "charging"              // no external power
	ReasonBattery       Code = "battery"               // battery is low
	ReasonStorage       Code = "storage"               // storage is low
	ReasonNetwork       Code = "network"               // no network of the kind it needs
	ReasonIdle          Code = "idle"                  // somebody uses the machine
	ReasonLoad          Code = "load"                  // the machine is under load
	ReasonLowPower      Code = "low-power"             // power saver mode is on
	ReasonHours         Code = "hours"                 // outside its hours of the day
	ReasonSettling      Code = "settling"              // a condition just came true and must hold for a while
	ReasonUnknown       Code = "unknown"               // a signal that it needs cannot be read
	ReasonSlots         Code = "slots"                 // as many runs as allowed are going on
	ReasonGroup         Code = "group"                 // another work of its group runs
	ReasonPreviousRun   Code = "previous-run"          // its previous run is stopping
	ReasonBlocked       Code = "blocked"               // works before it have not succeeded yet
	ReasonNoEntryPoint  Code = "no-entry-point"        // the task has nothing to run here
	ReasonNotInPlan     Code = "not-in-plan"           // the plan no longer has the task
	ReasonIsolation     Code = "isolation-unavailable" // the host cannot enforce what it requires
	ReasonEngineDown    Code = "engine-down"           // no engine runs on this state
	ReasonShutdown      Code = "shutdown"              // the engine is shutting down
	ReasonAsleep        Code = "asleep"                // the machine is going to sleep
	ReasonPlatformEvent Code = "platform"              // the platform has not offered it a start
)

// Error is a request that was refused. Errors that callers branch on wrap one of
// the sentinels below.
type Error struct {
	Op   string // what was asked: "enqueue", "cancel", "update"
	Task string // the task or work concerned, if any
	Err  error  // what is wrong
	Hint string // what to do about it, if that is known
}

// Error returns the operation, the task and what is wrong, without the hint.
func (e *Error) Error() string {
	s := e.Op
	if e.Task != "" {
		s += " " + e.Task
	}
	return s + ": " + e.Err.Error()
}

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }
