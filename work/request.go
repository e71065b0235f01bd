package work

import (
	"encoding/json"
	"time"
)

// Request asks for one work. Only Task is needed; every other zero value is the
// default that its comment names. Limits and defaults that a platform sets (the
// shortest period, the backoff's range) belong to its policy and are applied when
// the request is enqueued.
type Request struct {
	ID    ID              `json:"id,omitempty"`    // default: made up, random
	Task  string          `json:"task"`            // entry point; what is stored
	Input json.RawMessage `json:"input,omitempty"` // JSON, at most MaxData bytes; default: none

	Needs Constraints   `json:"needs,omitzero"`
	Delay time.Duration `json:"delay,omitempty"` // before the first run; default 0

	Every  time.Duration `json:"every,omitempty"`  // period, counted from the end of the last run; default: runs once
	Flex   time.Duration `json:"flex,omitempty"`   // the first run comes Every-Flex after enqueueing; default: Every, so at once
	Cron   string        `json:"cron,omitempty"`   // calendar schedule of five fields, instead of Every
	Zone   string        `json:"zone,omitempty"`   // time zone of Cron, as "Europe/Paris"; default: the machine's
	Missed Missed        `json:"missed,omitempty"` // what becomes of missed times of Cron; default: once

	Backoff   Backoff   `json:"backoff,omitzero"`
	Attempts  int       `json:"attempts,omitempty"`   // failed runs before it is FAILED (periodic: before the period ends); default: the policy's (host: 10); negative: no cap
	OnFailure OnFailure `json:"on_failure,omitempty"` // what an Errored run leads to; default: retry

	Tags  []string `json:"tags,omitempty"`
	Group string   `json:"group,omitempty"` // at most one run at a time among works of the same group; default: none

	Budget    time.Duration `json:"budget,omitempty"`    // longest run; default 6h; negative: no limit
	Grace     time.Duration `json:"grace,omitempty"`     // between the stop request and the kill; default 10s
	Expedited bool          `json:"expedited,omitempty"` // first attempt goes before other works
	// DropWithoutQuota drops expedited work when the platform has no expedited quota
	// left; default: it runs as ordinary work. No meaning on a host.
	DropWithoutQuota bool `json:"drop_without_quota,omitempty"`

	// Require names layers of isolation without which it must not run: it waits while
	// the host does not give each of them in full. Default: what the host cannot give is
	// left out, and the record of the run says so. No meaning but on a host.
	Require []Layer `json:"require,omitempty"`

	Merger    Merger        `json:"merger,omitempty"`    // how outputs of earlier works become input; default: overwrite
	Retention time.Duration `json:"retention,omitempty"` // keep the finished work at least so long; default 0

	// NextRun moves the next run of periodic work to a fixed instant, once, in
	// place of its computed time. ClearNextRun takes such an override back. Both
	// matter in an update too.
	NextRun      time.Time `json:"next_run,omitzero"`
	ClearNextRun bool      `json:"clear_next_run,omitempty"`

	// TraceTag names the work in traces; default: the task. Cut to MaxTraceTag characters.
	TraceTag string `json:"trace_tag,omitempty"`

	// BackoffOnInterruption makes a stop by the system count as a retry, so that
	// backoff applies to it (WorkManager's setBackoffForSystemInterruptions).
	BackoffOnInterruption bool `json:"backoff_on_interruption,omitempty"`

	// Phone is what the work is on a phone. It has no meaning on a host.
	Phone Traits `json:"phone,omitzero"`

	// Chain is enqueued anew after each success of a periodic work, unless the
	// last one that it enqueued is unfinished.
	Chain []Node `json:"chain,omitempty"`
}

// Limits of a request's data.
const (
	MaxData     = 10240 // bytes of inline input, output or progress (androidx.work.Data.MAX_DATA_BYTES)
	MaxTraceTag = 127   // characters of a trace tag (android.os.Trace)
	MaxName     = 512   // bytes of a task, tag, group or unique name
)

// Node is one work of a chain. After holds indexes, in the same chain, of the
// nodes that must succeed before it; a node with none is a root.
type Node struct {
	Request Request `json:"request"`
	After   []int   `json:"after,omitempty"`
}

// Backoff says how long a work waits after a failed run. The zero value is the
// policy's default: exponential from 30 s, at most 5 h.
type Backoff struct {
	Policy BackoffPolicy `json:"policy,omitempty"`
	Delay  time.Duration `json:"delay,omitempty"`
}

// BackoffPolicy is how the wait grows with the number of failed runs.
type BackoffPolicy string

const (
	Exponential BackoffPolicy = "exponential" // default: delay, 2 delay, 4 delay ...
	Linear      BackoffPolicy = "linear"      // delay, 2 delay, 3 delay ...
)

// Missed is what becomes of calendar times that passed while the engine was
// down, the machine asleep, a condition unmet or the last run still going on.
type Missed string

const (
	MissedOnce Missed = "once" // default: one run for all of them, as soon as it can
	MissedSkip Missed = "skip" // none: the next time is the next one in the future
	MissedAll  Missed = "all"  // one run for each, one after the other
)

// OnFailure is what a run that ends with an error leads to.
type OnFailure string

const (
	OnFailureRetry OnFailure = "retry" // default: try again after backoff, up to Request.Attempts
	OnFailureFail  OnFailure = "fail"  // the work is FAILED at once
)

// Merger turns the outputs of the works before it into a work's input. Outputs
// that are no JSON objects are taken as {task: output}.
type Merger string

const (
	Overwriting   Merger = "overwrite" // default: later values replace earlier ones
	ArrayCreating Merger = "array"     // values of the same key are collected in an array
)

// Policy is what happens when a unique name is taken.
type Policy string

const (
	Keep            Policy = "keep"              // default: if a work of that name waits or runs, the new one is dropped
	Replace         Policy = "replace"           // cancel and delete the old ones
	Append          Policy = "append"            // run after the old ones; fails if they fail
	AppendOrReplace Policy = "append-or-replace" // run after the old ones; replace them if they failed or were cancelled
	Update          Policy = "update"            // change the waiting work in place and keep its ID
)

// Unique is a name that at most one chain of unfinished works holds.
type Unique struct {
	Name   string `json:"name,omitempty"`
	Policy Policy `json:"policy,omitempty"` // default: keep
}
