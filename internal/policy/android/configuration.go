package android

import "github.com/lullwork/lull/work"

// SchedulerLimits checks WorkManager's own limits, scheduler slots and the range
// of job IDs, and returns the slots, lowered to the most that are used.
func SchedulerLimits(slots, minJob, maxJob int64) (int64, error) {
	if slots < minSchedulerSlots {
		return 0, work.ErrSchedulerLimit
	}
	if maxJob-minJob < minJobIDRange {
		return 0, work.ErrJobIDRange
	}
	return min(slots, maxSchedulerSlots), nil
}
