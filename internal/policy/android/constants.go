// Package android holds the rules of Android as far as WorkManager has them: the
// floors and defaults of requests, and how constraints are judged in process.
package android

import "github.com/lullwork/lull/internal/core"

const (
	second = 1_000_000 // µs
	minute = 60 * second
	hour   = 60 * minute
)

// Constant is one value of the platform, with where it comes from.
type Constant struct {
	Name   string
	Value  int64
	Unit   string
	Since  string // version that it holds from
	Source string
	Tag    string // evidence: doc, src, observed, 3rd, mem
}

// Constants lists every value that this package uses.
func Constants() []Constant {
	const jobScheduler = "AOSP apex/jobscheduler/service/java/com/android/server/job/JobSchedulerService.java"
	const androidx = "androidx/androidx work/work-runtime/src/main/java/androidx/work/"
	return []Constant{
		{"minimum period", minPeriod, "µs", "work 1.0", androidx + "PeriodicWorkRequest.kt MIN_PERIODIC_INTERVAL_MILLIS", "src"},
		{"minimum flex", minFlex, "µs", "work 1.0", androidx + "PeriodicWorkRequest.kt MIN_PERIODIC_FLEX_MILLIS", "src"},
		{"minimum backoff", minBackoff, "µs", "work 1.0", androidx + "WorkRequest.kt MIN_BACKOFF_MILLIS", "src"},
		{"maximum backoff", maxBackoff, "µs", "work 1.0", androidx + "WorkRequest.kt MAX_BACKOFF_MILLIS", "src"},
		{"default backoff", defaultBackoff, "µs", "work 1.0", androidx + "WorkRequest.kt DEFAULT_BACKOFF_DELAY_MILLIS", "src"},
		{"override floor", minPeriod, "µs", "work 2.8", androidx + "impl/model/WorkSpec.kt calculateNextRunTime", "src"},
		{"content URI works", maxContentURIs, "works", "work 2.9", androidx + "Configuration.kt DEFAULT_CONTENT_URI_TRIGGERS_WORKERS_LIMIT", "src"},
		{"API with validated networks", apiValidated, "API level", "work 1.0", androidx + "impl/constraints/controllers/ContraintControllers.kt", "src"},
		{"API with NOT_ROAMING", apiRoaming, "API level", "work 1.0", androidx + "impl/constraints/controllers/ContraintControllers.kt", "src"},
		{"API with METERED", apiMetered, "API level", "work 1.0", androidx + "impl/constraints/controllers/ContraintControllers.kt", "src"},
		{"least scheduler slots", minSchedulerSlots, "works", "work 2.x", androidx + "Configuration.kt MIN_SCHEDULER_LIMIT", "src"},
		{"most scheduler slots", maxSchedulerSlots, "works", "work 2.x", androidx + "impl/Scheduler.java MAX_SCHEDULER_LIMIT", "src"},
		{"least range of job IDs", minJobIDRange, "IDs", "work 2.x", androidx + "Configuration.kt setJobSchedulerJobIdRange", "src"},
		{"system stops per failure", stopsPerFailure, "stops", "Android 14", jobScheduler + " SYSTEM_STOP_TO_FAILURE_RATIO", "src"},
		{"abandoned runs before exponential backoff", abandonedMost, "runs", "Android 16", jobScheduler + " ABANDONED_JOB_TIMEOUTS_BEFORE_AGGRESSIVE_BACKOFF", "src"},
		{"minimum backoff of a job", minJobBackoff, "µs", "Android 16", jobScheduler + " MIN_LINEAR_BACKOFF_TIME_MS, MIN_EXP_BACKOFF_TIME_MS", "src"},
		{"maximum backoff of a job", maxJobBackoff, "µs", "Android 16", "android.app.job.JobInfo MAX_BACKOFF_DELAY_MILLIS", "src"},
	}
}

const (
	minPeriod      = 15 * minute
	minFlex        = 5 * minute
	minBackoff     = 10 * second
	maxBackoff     = 5 * hour
	defaultBackoff = 30 * second
	maxContentURIs = 8
	apiValidated   = 26
	apiRoaming     = 24
	apiMetered     = 26

	minSchedulerSlots = 20
	maxSchedulerSlots = 50
	minJobIDRange     = 1000

	stopsPerFailure = 3
	abandonedMost   = 3
	minJobBackoff   = 10 * second
	maxJobBackoff   = 5 * hour
)

func rules() core.Rules {
	return core.Rules{
		Name:           "android",
		MinPeriod:      minPeriod,
		MinFlex:        minFlex,
		MinBackoff:     minBackoff,
		MaxBackoff:     maxBackoff,
		DefaultBackoff: defaultBackoff,
		OverrideFloor:  minPeriod,
		MaxContentURIs: maxContentURIs,
		Float32Backoff: true,
		ErrorIsFailure: true,
		BudgetStops:    true,
		Offered:        true,
		TagTask:        true,
	}
}
