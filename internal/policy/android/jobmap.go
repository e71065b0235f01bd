package android

import "github.com/lullwork/lull/internal/record"

// Job is the job of the system that stands for one row of WorkManager. It runs once,
// for periodic work too, and the system forgets it at a boot.
type Job struct {
	MinLatency int64 // µs from now; record.Never: none is set
	Important  bool  // while the app is in front
	Expedited  bool
	Persisted  bool // the system keeps it over a boot: never, the library schedules anew
	Backoff    bool // the row's backoff is passed on
}

// JobFor returns the job that WorkManager asks the system for when a row is to run
// after a time, µs, which may have passed.
func JobFor(api int, after int64, attempts int32, expedited, needsIdle bool) Job {
	after = max(after, 0)
	j := Job{MinLatency: record.Never, Backoff: !needsIdle}
	switch {
	case after > 0 || api < apiBareJobs:
		j.MinLatency = after
	case !expedited:
		j.Important = true
	}
	j.Expedited = expedited && api >= apiExpedited && attempts == 0 && after == 0
	return j
}

// JobRefusal is what WorkManager does when the system refuses a job.
type JobRefusal string

const (
	RefusalRegular JobRefusal = "reschedule_as_regular" // it asks once more, without the haste
	RefusalLogged  JobRefusal = "log_only"              // the row waits, and may run in process
)

// Refused says what becomes of a row whose job the system refused.
func Refused(expedited, dropQuota bool) JobRefusal {
	if expedited && !dropQuota {
		return RefusalRegular
	}
	return RefusalLogged
}
