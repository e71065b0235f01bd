// Package android holds the rules of Android: WorkManager's floors, defaults and
// judgement of constraints, and what the system decides about jobs by quotas,
// standby buckets and Doze. All values are in constants.go.
package android

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

const (
	second = 1_000_000 // µs
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
	never  = record.Never
)

// Constant is one value of the platform, with where it comes from.
type Constant struct {
	Name   string
	Value  int64
	Unit   string
	Since  string // version that it holds from, and the vendor where it is one vendor's
	Source string
	Tag    string // evidence: doc, src, observed, 3rd, mem, assumed
}

// Constants lists every value that this package uses.
func Constants() []Constant {
	cs := libraryConstants()
	for _, r := range table() {
		since := "Android " + r.since.String()
		if r.vendor != "" {
			since += ", " + r.vendor
		}
		cs = append(cs, Constant{r.param.Name(), r.value, r.param.Unit(), since, r.source, r.tag})
	}
	return cs
}

// libraryConstants are WorkManager's own, which no device changes.
func libraryConstants() []Constant {
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
		{"API with TEMPORARILY_UNMETERED", apiTemporary, "API level", "work 2.5", androidx + "impl/constraints/controllers/ContraintControllers.kt", "src"},
		{"API with network requests", apiRequest, "API level", "work 2.10", androidx + "Constraints.kt setRequiredNetworkRequest", "src"},
		{"API with METERED", apiMetered, "API level", "work 1.0", androidx + "impl/constraints/controllers/ContraintControllers.kt", "src"},
		{"API with jobs without a condition", apiBareJobs, "API level", "work 2.x", androidx + "impl/background/systemjob/SystemJobInfoConverter.java", "src"},
		{"API with expedited jobs", apiExpedited, "API level", "work 2.7", androidx + "impl/background/systemjob/SystemJobInfoConverter.java", "src"},
		{"API that tells why a job was stopped", apiStopReasons, "API level", "work 2.9", androidx + "impl/background/systemjob/SystemJobService.java", "src"},
		{"target with hibernation", apiHibernation, "API level", "Android 11", "developer.android.com/topic/performance/app-hibernation", "doc"},
		{"target with a permission for exact alarms", apiExactAlarms, "API level", "Android 12", guide, "doc"},
		{"API with a permission for clocks and calendars", apiUseExactAlarm, "API level", "Android 13", guide, "doc"},
		{"target that may not start services from the background", apiServiceStarts, "API level", "Android 12", guide, "doc"},
		{"target with a permission for services", apiServicePermission, "API level", "Android 9", guide, "doc"},
		{"target with a permission for types of services", apiServiceTypes, "API level", "Android 14", guide, "doc"},
		{"API with a permission for notifications", apiNotifications, "API level", "Android 13", "developer.android.com/develop/ui/views/notifications/notification-permission", "doc"},
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
	apiTemporary   = 30
	apiRequest     = 28
	apiBareJobs    = 29
	apiExpedited   = 31
	apiStopReasons = 31

	apiHibernation   = 30
	apiExactAlarms   = 31
	apiUseExactAlarm = 33
	apiServiceStarts = 31
	apiNotifications = 33

	apiServicePermission = 28
	apiServiceTypes      = 34

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
		WallClock:      true,
		TagTask:        true,
	}
}

// row is one value of a parameter, from a version on, of all vendors or of one.
type row struct {
	param  Param
	since  Version
	vendor string
	value  int64
	tag    string
	source string
}

// The sources of rows.
const (
	a11    = "AOSP 11, apex/jobscheduler/service/java/com/android/server/"
	a16    = "AOSP of the Android 16 era, apex/jobscheduler/service/java/com/android/server/"
	qc     = a16 + "job/controllers/QuotaController.java QcConstants"
	qc11   = a11 + "job/controllers/QuotaController.java"
	jss    = a16 + "job/JobSchedulerService.java"
	jsc    = a16 + "job/JobServiceContext.java"
	jcm    = "AOSP 14, JobConcurrencyManager.java"
	asc    = "AOSP 13, AppStandbyController.java"
	asc11  = "AOSP 11, AppStandbyController.java"
	dic11  = a11 + "DeviceIdleController.java"
	dic    = a16 + "DeviceIdleController.java"
	ams    = "AOSP AlarmManagerService.java"
	power  = "developer.android.com/topic/performance/power/power-details"
	guide  = "developer.android.com/develop/background-work"
	fcm    = "firebase.google.com/docs/cloud-messaging/android/message-priority"
	wm     = "androidx/androidx work/work-runtime/src/main/java/androidx/work/impl/"
	killer = "dontkillmyapp.com"
	ours   = "our own choice"
)

// table lists every value of the system. Later rows replace earlier ones where their
// version and vendor hold; vendors come last.
func table() []row {
	t := make(rows, 0, 512)
	t.quota()
	t.runs()
	t.batches()
	t.standby()
	t.doze()
	t.senses()
	t.alarms()
	t.app()
	t.vendors()
	return t
}

type rows []row

func (t *rows) add(p Param, v Version, value int64, tag, source string) {
	*t = append(*t, row{p, v, "", value, tag, source})
}

// list adds the values of parameters that follow one another.
func (t *rows) list(p Param, v Version, tag, source string, values ...int64) {
	for i, x := range values {
		t.add(p+Param(i), v, x, tag, source)
	}
}

func (t *rows) of(vendor string, p Param, v Version, value int64, tag, source string) {
	*t = append(*t, row{p, v, vendor, value, tag, source})
}

// By bucket: exempted, active, working set, frequent, rare, restricted.
func (t *rows) quota() {
	t.list(quotaTime, Android11, "src", qc11, 10*minute, 10*minute, 10*minute, 10*minute, 10*minute, 10*minute)
	t.list(quotaTime, Android16First, "src", qc, 20*minute, 20*minute)
	t.list(quotaWindow, Android11, "src", qc11, 10*minute, 10*minute, 2*hour, 8*hour, 24*hour, 24*hour)
	t.list(quotaWindow, Android16First, "observed", qc, 20*minute, 30*minute)
	t.list(quotaWindow+Param(WorkingSet), Android16First, "src", qc, 4*hour, 12*hour)
	t.list(quotaWindow, Android16, "src", qc, 40*minute, 60*minute)
	t.list(quotaJobs, Android11, "src", qc11, 75, 75, 120, 200, 48, 10)
	t.list(quotaSessions, Android11, "src", qc11, 75, 75, 10, 8, 3, 1)
	t.add(quotaDayTime, Android11, 4*hour, "src", qc11)
	t.add(quotaDayWindow, Android11, 24*hour, "src", qc11)
	t.add(quotaMinuteJobs, Android11, 20, "src", qc11)
	t.add(quotaMinuteSessions, Android11, 20, "src", qc11)
	t.add(quotaMinuteWindow, Android11, minute, "src", qc11)
	t.add(quotaCoalesce, Android11, 5*second, "src", qc11)
	t.add(quotaBuffer, Android11, 30*second, "src", qc11)
	t.add(quotaCheckGap, Android11, minute, "src", qc11)
	t.add(quotaServiceFree, Android11, 1, "3rd", power)
	t.add(quotaServiceFree, Android16First, 0, "doc", "developer.android.com/about/versions/16/behavior-changes-all")
	t.add(quotaTopStartedFree, Android11, 1, "src", qc11)
	t.add(quotaTopStartedFree, Android16First, 0, "doc", "developer.android.com/about/versions/16/behavior-changes-all")
	t.add(quotaRunningTimeOnly, Android11, 0, "src", qc11)
	t.add(quotaRunningTimeOnly, Android16First, 1, "src", qc+" isWithinQuotaLocked")

	t.list(expeditedTime, Android11, "assumed", ours+": there are none before Android 12", 0, 0, 0, 0, 0, 0)
	t.add(expeditedTime, Android12, 60*minute, "assumed", qc+" (from Android 16's)")
	t.list(expeditedTime+Param(Active), Android12, "observed", qc, 30*minute, 30*minute, 10*minute, 10*minute, 5*minute)
	t.add(expeditedTime, Android16First, 60*minute, "src", qc)
	t.add(expeditedTime+Param(WorkingSet), Android16First, 15*minute, "src", qc)
	t.add(expeditedWindow, Android11, 24*hour, "src", qc)
	t.add(expeditedTopGrace, Android11, minute, "src", qc)
	t.add(expeditedAllowListGrace, Android11, 3*minute, "src", qc)
	t.add(expeditedTopReward, Android11, 10*second, "src", qc)
	t.add(expeditedTopChunk, Android11, 30*second, "src", qc)
	t.add(expeditedTopChunk, Android16First, 5*minute, "src", qc)
	t.add(expeditedTopRound, Android11, second, "src", qc+" TopAppTimer")
	t.add(expeditedTouchReward, Android11, 15*second, "src", qc)
	t.add(expeditedTouchReward, Android16First, 5*second, "src", qc)
	t.add(expeditedSeenReward, Android11, 0, "src", qc)
	t.add(expeditedInstaller, Android11, 30*minute, "src", qc)
}

func (t *rows) runs() {
	t.add(runRegularMin, Android11, 10*minute, "src", jss)
	t.add(runRegularMax, Android11, 10*minute, "src", a11+"job/JobServiceContext.java")
	t.add(runRegularMax, Android12, never, "src", jss+" (what is left of the quota)")
	t.add(runFreeMax, Android11, 10*minute, "src", a11+"job/JobServiceContext.java")
	t.add(runFreeMax, Android12, 30*minute, "src", jss+" RUNTIME_FREE_QUOTA_MAX_LIMIT_MS")
	t.add(runExpeditedMin, Android11, 3*minute, "src", jss)
	t.add(runExpeditedTopShare, Android11, 50, "src", qc+" getMaxJobExecutionTimeMsLocked")
	t.add(runUserMin, Android11, 6*hour, "src", jss)
	t.add(runUserMax, Android11, 12*hour, "src", jss)
	t.add(runUserTotal, Android11, 24*hour, "src", jss)
	t.add(runBindTimeout, Android11, 18*second, "src", jsc)
	t.add(runCallbackTimeout, Android11, 8*second, "src", jsc)
	t.list(guardTimeouts, Android11, "assumed", ours+": there are none before Android 14", 0, 24*hour, 0, 6*hour, 0, 0, 0)
	t.add(guardTimeouts, Android14, 10, "src", jss)
	t.add(guardANRs, Android14, 3, "src", jss)
	t.list(guardRegular, Android14, "observed", jss, 3, 5, 2)
	t.add(scheduleRate, Android11, 250, "src", jss)
	t.add(scheduleRateWindow, Android11, minute, "src", jss)
	t.add(jobsPerApp, Android11, 100, "src", a11+"job/JobSchedulerService.java MAX_JOBS_PER_APP")
	t.add(jobsPerApp, Android12, 150, "mem", jss)
	t.list(jobContentDelay, Android11, "src", a11+"job/controllers/JobStatus.java", 10*second, 500*second/1000, 2*minute, second)
	t.add(backoffPerReason, Android11, 0, "src", a11+"job/JobSchedulerService.java")
	t.add(backoffPerReason, Android14, 1, "src", jss)
	t.list(periodicMin, Android11, "src", jss+", JobInfo.java", 15*minute, 365*day, 5*minute, 5, 6, 30*minute)
}

func (t *rows) batches() {
	t.list(batchReady, Android11, "src", jss, 5, 3, 31*minute, 5, 0)
	t.add(batchCPUReady, Android15, 3, "observed", jss)
	t.add(batchNetworkWait, Android15, 31*minute, "observed", jss)
	t.add(batchNetworkReady, Android11, 3, "src", jss+" DEFAULT_CONN_TRANSPORT_BATCH_THRESHOLD, of mobile networks")
	t.add(batchOthers, Android11, 10*minute, "assumed", ours+": some other app's job starts so often on average")
	t.list(parallelLimit, Android11, "mem", jcm+" (one limit before Android 14)", 8, 16, 16, 16, 16)
	t.list(parallelLimit, Android14, "src", jcm, 8, 16, 20, 32, 40)
	t.list(parallelOn, Android11, "src", jcm, 75, 50, 40, 40)
	t.list(parallelOff, Android11, "src", jcm, 100, 90, 60, 40)
	t.list(parallelBackgroundOn, Android11, "src", jcm, 50, 40, 33, 17)
	t.list(parallelBackgroundOff, Android11, "src", jcm, 60, 50, 25, 10)
	t.add(parallelOffAfter, Android11, 30*second, "src", jcm)
	t.list(parallelPackageExpedited, Android11, "src", jcm, 3, 50)
	t.list(parallelUrgentWait, Android11, "src", jcm, 5*minute, 30*minute)
}

func (t *rows) standby() {
	t.list(standbyElapsed, Android11, "src", asc11, 12*hour, 24*hour, 48*hour, 30*day)
	t.add(standbyElapsedRestricted, Android12, 45*day, "doc", power)
	t.add(standbyElapsedRestricted, Android13, 8*day, "src", asc)
	t.list(standbyScreen, Android11, "src", asc11, 0, hour, 2*hour, 6*hour)
	t.add(standbyCheck, Android11, 3*hour, "src", asc11)
	t.add(standbyCheck, Android12, 4*hour, "assumed", asc+" (from Android 13's)")
	t.add(standbyCheck, Android13, 4*hour, "src", asc)
	t.add(standbyPrediction, Android11, 12*hour, "src", asc11)
	t.add(standbyOpenedHold, Android11, hour, "src", asc11)
	t.list(standbySystemHold, Android11, "src", asc11, 10*minute, 10*minute, 12*hour, 12*hour, 4*hour, 30*minute, 2*hour)
	t.add(standbyRestrictDelay, Android11, 24*hour, "src", asc11)
	t.add(standbyRestrictDelay, Android12, hour, "assumed", asc+" (from Android 13's)")
	t.add(standbyRestrictDelay, Android13, hour, "src", asc)
	t.add(standbyRestrictedOn, Android11, 0, "src", asc11)
	t.add(standbyRestrictedOn, Android12, 1, "doc", power)
	t.add(standbyInstalledHold, Android11, hour, "mem", asc)
}

func (t *rows) doze() {
	t.add(dozeLightOn, Android11, 1, "src", dic11)
	t.add(dozeLightEntry, Android11, 3*minute, "src", dic11)
	t.add(dozeLightEntry, Android12, 4*minute, "observed", dic)
	t.add(dozeLightEntry, Android13, minute, "src", "AOSP 13, DeviceIdleController.java and its resources")
	t.add(dozeLightPreIdle, Android11, 3*minute, "src", dic11)
	t.add(dozeLightPreIdle, Android13, 0, "src", dic)
	t.list(dozeLightIdle, Android11, "src", dic11, 5*minute, 200, 0, 15*minute, minute, 5*minute, 5*second)
	t.add(dozeDeepOn, Android11, 1, "src", dic11)
	t.list(dozeInactive, Android11, "src", dic11, 30*minute, 15*minute, 30*minute, 15*minute)
	t.add(dozeInactiveSmall, Android15, minute, "src", dic)
	t.add(dozeIdleAfterSmall, Android15, minute, "src", dic)
	t.add(dozeSensing, Android11, 10*second, "assumed", ours+": the sensor needs some seconds")
	t.add(dozeSensingMax, Android11, 4*minute, "src", dic11)
	t.add(dozeLocating, Android11, 30*second, "assumed", ours+": indoors no fix comes in time")
	t.add(dozeLocatingMax, Android11, 30*second, "src", dic11)
	t.list(dozeIdle, Android11, "src", dic11, hour, 200, 6*hour, 5*minute, 200, 10*minute, 30*second)
	t.list(dozeMotionInactive, Android11, "src", dic11, 10*minute, minute, 30*minute, 1)
	t.add(dozeJobDelay, Android11, 3*second, "src", a11+"job/controllers/DeviceIdleJobsController.java")
	t.add(dozeAllowListMax, Android11, 5*minute, "src", dic11)
}

func (t *rows) senses() {
	t.list(factIdleAfter, Android11, "src", "AOSP 11, core/res/res/values/config.xml", 31*minute, 5*minute)
	t.add(factChargingAfter, Android11, 15*minute, "src", a11+"job/controllers/BatteryController.java")
	t.add(factChargingLevel, Android11, 90, "mem", "AOSP BatteryStatsImpl.java")
	t.list(factBatteryLow, Android11, "src", "AOSP BatteryService.java", 15, 20)
}

func (t *rows) alarms() {
	t.list(alarmCount, Android11, "src", ams, 0, 720, 10, 2, 1, 1)
	t.list(alarmWindow, Android11, "src", ams, hour, hour, hour, hour, hour, day)
	t.list(alarmIdleCount, Android11, "src", ams, 7, 72, hour)
	t.list(alarmMax, Android11, "src", ams, 500, 10*minute, minute, 5*second)
	t.add(alarmExactPermission, Android11, 0, "doc", guide)
	t.add(alarmExactPermission, Android12, 1, "doc", guide)
	t.add(alarmExactDenied, Android11, 0, "doc", guide)
	t.add(alarmExactDenied, Android14, 1, "doc", guide)
	t.add(alarmExactDeniedTarget, Android11, 33, "doc", guide)
	t.list(alarmInexactShare, Android11, "src", ams+" maxTriggerTime", 75, hour)
	t.add(alarmHandler, Android11, 10*second, "doc", guide+": a broadcast receiver")
	t.add(alarmAllowList, Android11, 10*second, "mem", ams)
}

func (t *rows) app() {
	t.list(pushCap, Android11, "doc", power+" (as archived)", 0, 0, 0, 10, 5, 5)
	t.list(pushCap+Param(Frequent), Android13, "doc", fcm, 0, 0, 0)
	t.add(pushCapWindow, Android11, day, "doc", power+" (as archived)")
	t.add(pushReview, Android11, 0, "doc", fcm)
	t.add(pushReview, Android13, 7*day, "doc", fcm)
	t.add(pushAllowList, Android11, 10*second, "mem", fcm)
	t.add(pushTTL, Android11, 28*day, "doc", "firebase.google.com/docs/cloud-messaging/concept-options")
	t.add(pushStored, Android11, 100, "doc", "firebase.google.com/docs/cloud-messaging/concept-options")
	t.add(pushHandler, Android11, 20*second, "doc", "firebase.google.com/docs/cloud-messaging/android/receive")
	t.add(pushReviewLeast, Android11, 10, "assumed", ours)
	t.add(pushReviewSeen, Android11, 50, "assumed", ours)
	t.add(serviceDataTime, Android11, never, "doc", guide)
	t.add(serviceDataTime, Android15, 6*hour, "doc", guide)
	t.add(serviceDataWindow, Android11, day, "doc", guide)
	t.add(serviceStartRefused, Android11, 0, "doc", guide)
	t.add(serviceStartRefused, Android12, 1, "doc", guide)
	t.add(serviceStartGrace, Android11, 10*second, "mem", guide+": after a touch of a notification, an exact alarm, a boot")
	t.add(serviceDataTarget, Android11, 35, "doc", guide)
	t.add(userInitiatedJobs, Android11, 0, "doc", guide)
	t.add(userInitiatedJobs, Android14, 1, "doc", guide)
	t.add(hibernateAfter, Android11, never, "doc", "developer.android.com/topic/performance/app-hibernation")
	t.add(hibernateAfter, Android12, 90*day, "assumed", "developer.android.com/topic/performance/app-hibernation: a few months")
	t.add(bootDelay, Android11, 30*second, "assumed", ours+": the receivers of all apps run one after the other")
	t.add(widgetPeriod, Android11, 30*minute, "doc", "developer.android.com/develop/ui/views/appwidgets/advanced")
	t.add(processFreeze, Android11, 10*minute, "src", "AOSP CachedAppOptimizer.java DEFAULT_FREEZER_DEBOUNCE_TIMEOUT")
	t.add(processFreeze, Android14, 10*second, "src", "AOSP CachedAppOptimizer.java DEFAULT_FREEZER_DEBOUNCE_TIMEOUT")
	t.list(greedyRows, Android11, "src", wm+"background/greedy/GreedyScheduler.java", 200, 90*minute, 5, 30*second)
	t.add(deviceRAM, Android11, 8*1024, "assumed", ours)
	t.add(deviceSmallBattery, Android11, 0, "assumed", ours)
}

// What vendors add has no source of theirs: it is what their users report.
func (t *rows) vendors() {
	t.add(vendorKillOnScreenOff, Android11, never, "src", "AOSP")
	t.list(vendorKillOnSwipe, Android11, "src", "AOSP", 0, 0, 0)
	t.list(vendorSleepAfterUnused, Android11, "src", "AOSP", never, never)
	t.add(vendorKillHolds, Android11, 1, "assumed", ours+": who ends apps with the screen off ends them again until it is on")

	t.of("asus", vendorKillOnScreenOff, Android11, minute, "assumed", killer+": cleans up on suspend")
	t.of("asus", vendorNoAutostart, Android11, 1, "3rd", killer)
	t.of("blackview", vendorNoAutostart, Android11, 1, "3rd", killer)
	t.of("huawei", vendorKillOnScreenOff, Android11, 60*minute, "3rd", killer+": PowerGenie, after a wake lock of 60 min")
	t.of("huawei", vendorKillIsForceStop, Android11, 1, "3rd", killer)
	t.of("huawei", vendorNoAutostart, Android11, 1, "3rd", killer)
	t.of("lenovo", vendorKillOnSwipe, Android11, 1, "3rd", killer)
	t.of("meizu", vendorKillOnScreenOff, Android11, 30*minute, "assumed", killer+": power plan")
	t.of("meizu", vendorNoAutostart, Android11, 1, "3rd", killer)
	t.of("motorola", vendorKillOnScreenOff, Android11, 60*minute, "assumed", killer+": battery care while inactive")
	t.of("oneplus", vendorKillOnScreenOff, Android11, 60*minute, "assumed", killer+": deep optimization")
	t.of("oneplus", vendorKillOnSwipe, Android11, 1, "3rd", killer)
	t.of("oneplus", vendorNoAutostart, Android11, 1, "3rd", killer)
	t.of("oneplus", vendorSettingReverts, Android11, 14*day, "assumed", killer+": reverts by itself and after updates")
	t.of("oppo", vendorKillOnScreenOff, Android11, 0, "3rd", killer)
	t.of("oppo", vendorKillOnSwipe, Android11, 1, "3rd", killer)
	t.of("oppo", vendorNoAutostart, Android11, 1, "3rd", killer)
	t.of("realme", vendorKillOnScreenOff, Android11, 30*minute, "assumed", killer+": app freeze")
	t.of("realme", vendorNoAutostart, Android11, 1, "3rd", killer)
	t.of("samsung", vendorSleepAfterUnused, Android11, 3*day, "3rd", killer)
	t.of("samsung", vendorSettingReverts, Android11, 30*day, "assumed", killer+": apps are added again after updates")
	t.of("tecno", vendorNoAutostart, Android11, 1, "3rd", killer)
	t.of("tecno", vendorSleepAfterUnused, Android11, day, "assumed", killer+": freezes apps until they are opened")
	t.of("unihertz", vendorKillOnScreenOff, Android11, 30*minute, "assumed", killer+": cleanup")
	t.of("unihertz", vendorNoAutostart, Android11, 1, "3rd", killer)
	t.of("vivo", vendorKillOnScreenOff, Android11, 60*minute, "assumed", killer+": high background power")
	t.of("vivo", vendorNoAutostart, Android11, 1, "3rd", killer)
	t.of("wiko", vendorKillOnScreenOff, Android11, 30*minute, "assumed", killer+": eco mode")
	t.of("xiaomi", vendorKillOnScreenOff, Android11, 10*minute, "assumed", killer+": battery saver of the app")
	t.of("xiaomi", vendorKillOnSwipe, Android11, 1, "3rd", killer)
	t.of("xiaomi", vendorNoAutostart, Android11, 1, "3rd", killer)
	t.of("xiaomi", dozeLightEntry, Android13, 4*minute, "3rd", "public dumpsys deviceidle of HyperOS, 2026-06")
	t.of("xiaomi", dozeLightStep, Android13, 5*minute, "3rd", "public dumpsys deviceidle of HyperOS, 2026-06")
}
