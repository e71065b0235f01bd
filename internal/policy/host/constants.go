// Package host holds the rules of a real machine: what a work needs of it, and
// how often and how long work may run.
package host

import "github.com/lullwork/lull/internal/core"

const (
	milli  = 1_000 // µs
	second = 1_000 * milli
	minute = 60 * second
	hour   = 60 * minute
)

// rules are lull's own: nothing on a host prescribes them.
func rules() core.Rules {
	return core.Rules{
		Name:           "host",
		MinPeriod:      1 * second, // a hot loop is no schedule
		MinBackoff:     1 * milli,
		MaxBackoff:     5 * hour,    // as WorkManager (WorkRequest.MAX_BACKOFF_MILLIS)
		DefaultBackoff: 30 * second, // as WorkManager (WorkRequest.DEFAULT_BACKOFF_DELAY_MILLIS)
		Budget:         6 * hour,
		Grace:          10 * second,
		Attempts:       10,
		CrashStreak:    5,
		LossStreak:     20,
		CountFailures:  true,
		StopDeleted:    true,
		HoldStopped:    true,
		Calendar:       true,
		Isolates:       true,
	}
}
