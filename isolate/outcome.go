package isolate

import (
	"fmt"
	"time"
)

// Outcome says how a run ended. It is a fact about the run, not a decision about
// the work: whether to retry is for the caller to decide.
type Outcome string

const (
	// Success: the function returned a nil error and its result arrived, or the program exited 0.
	Success Outcome = "success"
	// Retried: the function returned an error made by [Retry], or the program exited 75 (EX_TEMPFAIL).
	Retried Outcome = "retry"
	// Failure: the function returned an error made by [Permanent]. Running it again is useless.
	Failure Outcome = "failure"
	// Error: the function returned another error, or the program exited with another code.
	Error Outcome = "error"
	// Crashed: the isolate ended without a result: a panic, a fatal error of the
	// runtime, or os.Exit inside a function.
	Crashed Outcome = "crashed"
	// Signalled: a signal that the spawner did not send ended the isolate.
	Signalled Outcome = "signalled"
	// OutOfMemory: the kernel, or the Go runtime under a limit, ended the isolate for its memory.
	OutOfMemory Outcome = "out-of-memory"
	// OutputLimit: it wrote more than Spec.OutputLimit and was killed.
	OutputLimit Outcome = "output-limit"
	// ProtocolError: the isolate broke the frame protocol, or its result was too large.
	ProtocolError Outcome = "protocol-error"
	// Stopped: it was asked to stop (or killed) and ended without success. Exit.Killed
	// tells a clean stop from one that needed the kill.
	Stopped Outcome = "stopped"
	// NotStarted: it cannot be started, now or later: the program or its folder is
	// missing or not executable (also exit codes 126 and 127), or the entry point is unknown.
	NotStarted Outcome = "not-started"
	// StartFailed: it could not be started this time (no processes, memory or
	// descriptors left; no handshake in 10 s). Trying again later is reasonable.
	StartFailed Outcome = "start-failed"
)

// Exit is the record of one finished run. When a caller holds one, every process of
// the run is gone, its pipes are closed and its cgroup is removed.
type Exit struct {
	Outcome Outcome
	// Name is SpawnConfig.Name, or that of the task, of an isolate made by Spawn; else empty.
	Name string
	// Message is one line for people; empty after a plain success.
	Message string
	// Pid is the process id of the leading process; 0 if there was none.
	Pid int
	// Code is the exit code of the leading process; -1 if it was signalled or never started.
	Code int
	// Signal names the signal that ended the leading process, such as "SIGKILL"; else empty.
	Signal string
	// Killed is true if the spawner had to kill the run: the grace ran out, Kill was
	// called, or a limit or the protocol was broken.
	Killed bool
	// StopReason is the reason given to the first Stop; empty if nobody asked.
	StopReason string
	// Result is the JSON result; nil if there is none. At most Spec.ResultLimit bytes.
	Result []byte
	// Tail is the captured stdout and stderr: at most the first and the last 64 KiB,
	// with a line between them that says how much is left out.
	Tail []byte
	// OutputBytes counts all that was written, also what Tail leaves out.
	OutputBytes int64
	// Truncated is true if Tail leaves something out.
	Truncated bool
	// Leaked counts the processes that were still there when the leading process had
	// ended by itself and that had to be killed. -1 if it cannot be known.
	Leaked int
	// Tier is the means of tree kill that the run had.
	Tier Tier
	// Layers says what was enforced, such as "memory: cgroup v1" or "processes: not enforced".
	// Only limits that were asked for are listed.
	Layers []string
	// UserTime, SysTime and MaxRSS (bytes) are those of the leading process and of the
	// descendants it waited for.
	UserTime, SysTime time.Duration
	MaxRSS            int64
	Started, Ended    time.Time
}

// String is a one-line summary: the outcome, then the message.
func (e Exit) String() string {
	if e.Message == "" {
		return string(e.Outcome)
	}
	return fmt.Sprintf("%s: %s", e.Outcome, e.Message)
}

// ExitError is the error of [Run] when the isolate did not succeed.
type ExitError struct {
	// Name is the entry point.
	Name string
	Exit Exit
	// Cause is the cause of the caller's context if that ended the run; else nil.
	Cause error
}

func (e *ExitError) Error() string {
	return fmt.Sprintf("isolate %s: %s", e.Name, e.Exit)
}

// Unwrap returns Cause, so errors.Is(err, context.Canceled) works.
func (e *ExitError) Unwrap() error { return e.Cause }
