package android

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// JobEnd is why the system takes a job back that is to run again.
type JobEnd string

// What the system blames on the app. After any other end, such as a constraint
// that was lost, the job was stopped by the system.
const (
	JobAppReschedule    JobEnd = "app_reschedule" // the app asked for it
	JobTimeout          JobEnd = "timeout"
	JobTimeoutAbandoned JobEnd = "timeout_abandoned" // timed out, and the app had let go of the job's parameters
	JobANR              JobEnd = "anr"
	JobUserStop         JobEnd = "user_stop"
)

// JobStops counts how the runs of one job of the system ended since it last
// finished. The system counts apart from WorkManager, and both back off.
type JobStops struct {
	Failures, System, Abandoned int32
}

func (s *JobStops) any() bool { return s.Failures|s.System|s.Abandoned != 0 }

// After returns the counts after one more end.
func (s JobStops) After(e JobEnd) JobStops {
	switch e {
	case JobTimeoutAbandoned:
		s.Abandoned++
		s.Failures++
	case JobAppReschedule, JobTimeout, JobANR, JobUserStop:
		s.Failures++
	default:
		s.System++
	}
	return s
}

// Delay returns the least time in µs until the job runs again; false: at once.
func (s JobStops) Delay(p work.BackoffPolicy, initial int64) (int64, bool) {
	attempts := s.Failures + s.System/stopsPerFailure
	if attempts == 0 {
		return 0, false
	}
	if s.Abandoned > abandonedMost {
		p = work.Exponential
	}
	// Math.scalb takes the long as a float there as well.
	r := core.Rules{MinBackoff: minJobBackoff, MaxBackoff: maxJobBackoff, Float32Backoff: true}
	return core.RetryDelay(&r, &record.Spec{Backoff: p, Delay: max(initial, minJobBackoff)}, attempts), true
}
