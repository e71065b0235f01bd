package work

import "fmt"

// ID names one work for good. The caller may choose it, and then it is the
// idempotency key: enqueueing the same ID twice gives one work. The engine makes
// up one where it is empty. At most 128 bytes of printable ASCII without spaces.
type ID string

// MaxIDLen is the longest ID, in bytes.
const MaxIDLen = 128

// State is where a work stands. The six states and their transitions are
// WorkManager's (androidx.work.WorkInfo.State).
type State uint8

const (
	Enqueued  State = iota // waits for its conditions
	Running                // one run of it is going on
	Succeeded              // finished, result success
	Failed                 // finished, will not be tried again
	Blocked                // waits for works that it comes after
	Cancelled              // finished, by request
)

var stateNames = [...]string{"ENQUEUED", "RUNNING", "SUCCEEDED", "FAILED", "BLOCKED", "CANCELLED"}

// String returns the state's name in capitals, as WorkManager writes it.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// Finished reports whether no run can follow: SUCCEEDED, FAILED or CANCELLED.
func (s State) Finished() bool { return s == Succeeded || s == Failed || s == Cancelled }

// MarshalText writes the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the state's name; an unknown one is an error.
func (s *State) UnmarshalText(b []byte) error {
	for i, n := range stateNames {
		if n == string(b) {
			*s = State(i)
			return nil
		}
	}
	return fmt.Errorf("unknown state %q", b)
}

// Outcome is how one run ended.
type Outcome string

const (
	Success        Outcome = "success"         // result success
	Retry          Outcome = "retry"           // it asked to be tried again
	Failure        Outcome = "failure"         // it failed for good: never tried again
	Errored        Outcome = "error"           // it ended with an error: Request.OnFailure decides
	Crashed        Outcome = "crashed"         // panic, or an exit without a result
	Signalled      Outcome = "signalled"       // killed by a signal that was not ours
	OutOfMemory    Outcome = "out-of-memory"   // killed at its memory limit
	BudgetExceeded Outcome = "budget-exceeded" // ran longer than its budget
	CPUExceeded    Outcome = "cpu-exceeded"    // used more processor time than allowed
	OutputLimit    Outcome = "output-limit"    // wrote more output than allowed
	ProtocolError  Outcome = "protocol-error"  // its messages could not be understood
	NotStarted     Outcome = "not-started"     // the program is missing or cannot be executed
	StartError     Outcome = "start-error"     // the host could not start it now (no process, no memory)
	Lost           Outcome = "lost"            // the engine ended while it ran
	Stopped        Outcome = "stopped"         // stopped by the engine: StopReason says why
)

// CountsAsFailure reports whether the outcome adds to a work's failures, which
// caps and host backoff count. Stops and lost runs do not.
func (o Outcome) CountsAsFailure() bool {
	switch o {
	case Success, Stopped, Lost, "":
		return false
	}
	return true
}

// IsCrash reports whether the outcome adds to a work's crash streak: the run
// did not get to say how it ended.
func (o Outcome) IsCrash() bool {
	switch o {
	case Crashed, Signalled, OutOfMemory, BudgetExceeded, CPUExceeded, OutputLimit, ProtocolError:
		return true
	}
	return false
}

// StopReason says why a run was stopped. The numbers are WorkManager's
// (androidx.work.WorkInfo, STOP_REASON_*).
type StopReason int32

const (
	StopUnknown               StopReason = -512 // the process died: crash, power loss
	NotStopped                StopReason = -256
	StopForegroundTimeout     StopReason = -128
	StopCancelled             StopReason = 1
	StopPreempted             StopReason = 2
	StopTimeout               StopReason = 3
	StopDeviceState           StopReason = 4
	StopBatteryLow            StopReason = 5
	StopCharging              StopReason = 6
	StopConnectivity          StopReason = 7
	StopDeviceIdle            StopReason = 8
	StopStorage               StopReason = 9
	StopQuota                 StopReason = 10
	StopBackgroundRestriction StopReason = 11
	StopAppStandby            StopReason = 12
	StopUser                  StopReason = 13
	StopSystem                StopReason = 14 // also: the engine shuts down
	StopLaunchTimeChanged     StopReason = 15
)

var stopNames = map[StopReason]string{
	StopUnknown: "process died", NotStopped: "not stopped", StopForegroundTimeout: "foreground timeout",
	StopCancelled: "cancelled", StopPreempted: "preempted", StopTimeout: "timeout", StopDeviceState: "device state",
	StopBatteryLow: "battery low", StopCharging: "not charging", StopConnectivity: "connectivity", StopDeviceIdle: "device not idle",
	StopStorage: "storage low", StopQuota: "quota", StopBackgroundRestriction: "background restriction", StopAppStandby: "app standby",
	StopUser: "user", StopSystem: "shutdown", StopLaunchTimeChanged: "launch time changed",
}

// String returns the reason in words.
func (r StopReason) String() string {
	if n, ok := stopNames[r]; ok {
		return n
	}
	return fmt.Sprintf("stop reason %d", int32(r))
}
