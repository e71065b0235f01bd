package android_test

import (
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
)

// systemChecks are of what a System does. Values are the first words of the names of the
// parameters that each looks at: another test bends them.
var systemChecks = []struct {
	name   string
	values string
	run    func(coretest.TB, maker)
}{
	{"work runs at once in front", "", checkWorkRunsAtOnceInFront},
	{"a process that lives asks no quota", "greedy process", checkProcessThatLivesAsksNoQuota},
	{"the network of an app that is hardly used", "", checkNetworkOfARareApp},
	{"a run in process ends", "greedy process", checkRunInProcessEnds},
	{"retries in one process are throttled", "greedy", checkRetriesInOneProcessAreThrottled},
	{"the library looks at so many rows in process", "greedy", checkGreedyRows},
	{"slots of the scheduler", "", checkSchedulerSlots},
	{"dropped without quota", "", checkDroppedWithoutQuota},
	{"the process is frozen", "process", checkFreezing},

	{"alarms in Doze", "alarm", checkAlarmsInDoze},
	{"alarms that ring in Doze have quota", "alarm", checkAlarmsWhileIdleHaveQuota},
	{"alarms have quota", "alarm", checkAlarmQuota},
	{"alarms outside of buckets", "alarm", checkAlarmsOutsideOfBuckets},
	{"alarms on the charger have none", "alarm", checkAlarmsOnTheCharger},
	{"an inexact alarm rings in its window", "alarm", checkInexactAlarmRingsInItsWindow},
	{"exact alarms need a permission", "alarm", checkExactAlarmsNeedPermission},
	{"notifications need one", "", checkNotificationsNeedPermission},
	{"too many alarms", "alarm", checkTooManyAlarms},
	{"an alarm rings no sooner", "alarm", checkAlarmRingsNoSooner},
	{"alarms of a restricted app", "alarm", checkAlarmsOfARestrictedApp},
	{"alarms and boots", "boot", checkAlarmsAndBoots},
	{"an alarm is not repeated", "alarm", checkAlarmIsNotRepeated},
	{"an alarm opens the door for a moment", "alarm service", checkAlarmOpensTheDoor},

	{"high priority is capped", "push", checkHighPriorityIsCapped},
	{"unseen messages are downgraded", "push", checkUnseenMessagesAreDowngraded},
	{"messages need a network, and an app that runs", "push", checkMessagesNeedANetworkAndAnAppThatRuns},
	{"stored messages overflow", "push", checkStoredMessagesOverflow},
	{"a message opens the door", "push doze", checkMessageOpensTheDoor},
	{"the allow-list has a limit", "doze", checkAllowListLimit},
	{"a service starts and ends", "service", checkServiceStartsAndEnds},
	{"a service starts later", "service", checkServiceStartsLater},
	{"a service keeps the process", "", checkServiceKeepsTheProcess},

	{"transfers are refused", "user-initiated schedule", checkTransfersAreRefused},
	{"a transfer runs", "run", checkTransferRuns},
	{"the user ends a transfer", "", checkUserEndsATransfer},
	{"transfers are forgotten at a boot", "", checkTransfersAreForgottenAtABoot},
	{"jobs at once, by memory and screen", "parallel", checkParallel},
	{"jobs of one app at once", "parallel device", checkJobsOfOneAppAtOnce},

	{"how long jobs may run", "run", checkHowLongJobsMayRun},
	{"restricted jobs on the charger", "run", checkRestrictedJobsOnTheCharger},
	{"whom the battery saver spares", "", checkWhoTheSaverSpares},
	{"jobs stop", "", checkJobStops},
	{"Doze spares some jobs", "", checkDozeSparesSome},
	{"a retry is never expedited", "", checkRetryIsNeverExpedited},
	{"timeouts restrict the app", "guard run", checkTimeoutsRestrictTheApp},
	{"ANRs restrict the app", "guard", checkANRsRestrictTheApp},
	{"timeouts in a day", "guard run", checkTimeoutsInADay},
	{"ANRs in six hours", "guard", checkANRsInSixHours},
	{"lost jobs back off", "backoff", checkLostJobsBackOff},

	{"batches", "batch", checkBatches},
	{"a batch waits so long", "batch", checkBatchWaitsSoLong},
	{"other apps take jobs along", "batch", checkOtherAppsTakeJobsAlong},
	{"restricted jobs run together", "batch", checkRestrictedJobsRunTogether},
	{"windows of periodic jobs", "periodic", checkPeriodicWindows},

	{"each vendor's savers", "vendor", checkVendors},
	{"a vendor kills with the screen off", "vendor", checkVendorKillsWithTheScreenOff},
	{"a vendor stops apps", "vendor", checkVendorForceStops},
	{"a vendor kills on a swipe", "vendor", checkVendorKillsOnSwipe},
	{"a vendor keeps apps from starting after a boot", "vendor boot", checkVendorKeepsFromStartingAfterABoot},
	{"a vendor puts unused apps to sleep", "vendor", checkVendorPutsUnusedAppsToSleep},
	{"hibernation", "hibernate", checkHibernation},
	{"force-stop", "", checkForceStop},
	{"background use is a switch too", "", checkBackgroundUseIsASwitchToo},
	{"timers", "", checkTimers},
	{"widgets", "widget", checkWidgets},
	{"heat holds jobs", "", checkHeatHoldsJobs},
	{"idle and charging", "fact", checkIdleAndCharging},
}

func TestSystem(t *testing.T) {
	for _, c := range systemChecks {
		t.Run(c.name, func(t *testing.T) { c.run(t, profiles(t)) })
	}
}

// looksAt reports whether a check looks at a parameter.
func looksAt(values, name string) bool {
	group, _, _ := strings.Cut(name, ".")
	for _, v := range strings.Fields(values) {
		if v == group {
			return true
		}
	}
	return false
}

// systemValueMatters reports whether a check fails with another value of a row.
func systemValueMatters(name string, bent maker) bool {
	for _, c := range systemChecks {
		if looksAt(c.values, name) && fails(func(q *quiet) { c.run(q, bent) }) {
			return true
		}
	}
	return false
}

// checkPeriodicWindows shows the values that windows of periodic jobs rest on.
func checkPeriodicWindows(t coretest.TB, profile maker) {
	for _, version := range []string{"11", "16"} {
		p := profile(version, "")
		for _, c := range []struct {
			what                      string
			period, flex, latest, now int64
			want                      android.Window
		}{
			{"shortest period", minute, minute, 10 * hour, 10*hour - 8*minute, android.Window{Earliest: 10*hour + 10*minute, Latest: 10*hour + 15*minute}},
			{"longest period", 400 * day, 400 * day, 400 * day, 399 * day, android.Window{Earliest: 400 * day, Latest: 765 * day}},
			{"shortest flex", hour, second, 10 * hour, 10*hour - 40*minute, android.Window{Earliest: 10*hour + 55*minute, Latest: 11 * hour}},
			{"flex by period", day, minute, 10 * day, 9 * day, android.Window{Earliest: 11*day - 72*minute, Latest: 11 * day}},
			{"near the end", hour, hour, 10 * hour, 10*hour - 4*minute, android.Window{Earliest: 10*hour + 6*minute, Latest: 11 * hour}},
			{"near the end of a long one", day, day, 10 * day, 10*day - 29*minute, android.Window{Earliest: 10*day + 30*minute, Latest: 11 * day}},
			{"not so near", day, day, 10 * day, 10*day - 31*minute, android.Window{Earliest: 10 * day, Latest: 11 * day}},
			{"nowhere near", hour, hour, 10 * hour, 10*hour - 11*minute, android.Window{Earliest: 10 * hour, Latest: 11 * hour}},
		} {
			if got := p.NextWindow(c.period, c.flex, c.latest, c.now); got != c.want {
				t.Errorf("Android %s, %s: %+v, want %+v", version, c.what, got, c.want)
			}
		}
	}
}
