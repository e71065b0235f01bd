package android

// Param is one value of the platform that a [Profile] holds and may override.
type Param uint16

// Values that each standby bucket has of its own: add the bucket.
const (
	quotaTime     Param = Param(ranked) * iota // that jobs may run in one window
	quotaWindow                                //
	quotaJobs                                  // that may start in one window
	quotaSessions                              // of jobs in one window
	expeditedTime                              // that expedited jobs may run in one day
	alarmCount                                 // that ring in one window
	alarmWindow                                //
	pushCap                                    // high-priority messages a day; 0: no cap
	bucketParams
)

const (
	quotaDayTime Param = bucketParams + iota
	quotaDayWindow
	quotaMinuteJobs
	quotaMinuteSessions
	quotaMinuteWindow
	quotaCoalesce
	quotaBuffer
	quotaCheckGap
	quotaServiceFree
	quotaTopStartedFree
	quotaRunningTimeOnly

	expeditedWindow
	expeditedTopGrace
	expeditedAllowListGrace
	expeditedTopReward
	expeditedTopChunk
	expeditedTopRound
	expeditedTouchReward
	expeditedSeenReward
	expeditedInstaller

	runRegularMin
	runRegularMax
	runFreeMax
	runExpeditedMin
	runExpeditedTopShare
	runUserMin
	runUserMax
	runUserTotal
	runBindTimeout
	runCallbackTimeout
	guardTimeouts
	guardTimeoutWindow
	guardANRs
	guardANRWindow
	guardRegular
	guardExpedited
	guardUser
	scheduleRate
	scheduleRateWindow
	jobsPerApp
	jobContentDelay
	jobContentDelayMin
	jobContentWait
	jobContentWaitMin
	backoffPerReason

	periodicMin
	periodicMax
	periodicFlexMin
	periodicFlexShare
	periodicLateShare
	periodicLateDelay

	batchReady
	batchShare
	batchWait
	batchCPUReady
	batchNetworkWait
	batchNetworkReady
	batchOthers

	parallelLimit // five, by memory
	parallelLimit6
	parallelLimit8
	parallelLimit12
	parallelLimitMore
	parallelOn // four, by pressure on the memory
	parallelOnModerate
	parallelOnLow
	parallelOnCritical
	parallelOff
	parallelOffModerate
	parallelOffLow
	parallelOffCritical
	parallelBackgroundOn
	parallelBackgroundOnModerate
	parallelBackgroundOnLow
	parallelBackgroundOnCritical
	parallelBackgroundOff
	parallelBackgroundOffModerate
	parallelBackgroundOffLow
	parallelBackgroundOffCritical
	parallelOffAfter
	parallelPackageExpedited
	parallelPackageShare
	parallelUrgentWait
	parallelRegularWait

	standbyElapsed // four: working set, frequent, rare, restricted
	standbyElapsedFrequent
	standbyElapsedRare
	standbyElapsedRestricted
	standbyScreen
	standbyScreenFrequent
	standbyScreenRare
	standbyScreenRestricted
	standbyCheck
	standbyPrediction
	standbyOpenedHold
	standbySystemHold
	standbySyncHold
	standbySeenHold
	standbySliceHold
	standbyExemptSyncHold
	standbyServiceHold
	standbyUpdateHold
	standbyRestrictDelay
	standbyRestrictedOn
	standbyInstalledHold

	dozeLightOn
	dozeLightEntry
	dozeLightPreIdle
	dozeLightIdle
	dozeLightFactor
	dozeLightStep
	dozeLightMax
	dozeLightBudgetMin
	dozeLightBudgetMax
	dozeLightMaintenanceMin
	dozeDeepOn
	dozeInactive
	dozeInactiveSmall
	dozeIdleAfter
	dozeIdleAfterSmall
	dozeSensing
	dozeSensingMax
	dozeLocating
	dozeLocatingMax
	dozeIdle
	dozeIdleFactor
	dozeIdleMax
	dozeMaintenance
	dozeMaintenanceFactor
	dozeMaintenanceMax
	dozeMaintenanceMin
	dozeMotionInactive
	dozeQuickDelay
	dozeAlarmClock
	dozeWaitForUnlock
	dozeJobDelay
	dozeAllowListMax

	factIdleAfter
	factIdleWindow
	factChargingAfter
	factChargingLevel
	factBatteryLow
	factBatteryOkay

	alarmIdleCount
	alarmIdleExactCount
	alarmIdleWindow
	alarmMax
	alarmWindowMin
	alarmIntervalMin
	alarmAheadMin
	alarmExactPermission
	alarmExactDenied
	alarmExactDeniedTarget
	alarmInexactShare
	alarmInexactMost
	alarmHandler
	alarmAllowList

	pushCapWindow
	pushReview
	pushAllowList
	pushTTL
	pushStored
	pushHandler
	pushReviewLeast
	pushReviewSeen

	serviceDataTime
	serviceDataWindow
	serviceStartRefused
	serviceStartGrace
	serviceDataTarget

	userInitiatedJobs
	hibernateAfter
	bootDelay
	widgetPeriod
	processFreeze
	greedyRows
	greedyLimit
	greedyRetries
	greedyRetryWait

	deviceRAM
	deviceSmallBattery

	vendorKillOnScreenOff
	vendorKillOnSwipe
	vendorKillIsForceStop
	vendorNoAutostart
	vendorSleepAfterUnused
	vendorSettingReverts
	vendorKillHolds

	params
)

// Units. A time is in µs.
const (
	unitTime    = "µs"
	unitFlag    = "flag" // 1: yes, 0: no
	unitPercent = "%"
	unitMiB     = "MiB"
	unitJobs    = "jobs"
)

// named is what a profile file calls a parameter. Those that each bucket has hold
// the bucket's name in place of a star.
type named struct{ name, unit string }

var paramNames = [params]named{
	quotaTime:     {"quota.*.time", unitTime},
	quotaWindow:   {"quota.*.window", unitTime},
	quotaJobs:     {"quota.*.jobs", unitJobs},
	quotaSessions: {"quota.*.sessions", "sessions"},
	expeditedTime: {"expedited.*.time", unitTime},
	alarmCount:    {"alarm.*.count", "alarms"},
	alarmWindow:   {"alarm.*.window", unitTime},
	pushCap:       {"push.*.cap", "messages"},

	quotaDayTime:         {"quota.day.time", unitTime},
	quotaDayWindow:       {"quota.day.window", unitTime},
	quotaMinuteJobs:      {"quota.minute.jobs", unitJobs},
	quotaMinuteSessions:  {"quota.minute.sessions", "sessions"},
	quotaMinuteWindow:    {"quota.minute.window", unitTime},
	quotaCoalesce:        {"quota.coalesce", unitTime},
	quotaBuffer:          {"quota.buffer", unitTime},
	quotaCheckGap:        {"quota.check-gap", unitTime},
	quotaServiceFree:     {"quota.service-free", unitFlag},
	quotaTopStartedFree:  {"quota.top-started-free", unitFlag},
	quotaRunningTimeOnly: {"quota.running-time-only", unitFlag},

	expeditedWindow:         {"expedited.window", unitTime},
	expeditedTopGrace:       {"expedited.grace.top", unitTime},
	expeditedAllowListGrace: {"expedited.grace.allow-list", unitTime},
	expeditedTopReward:      {"expedited.reward.top", unitTime},
	expeditedTopChunk:       {"expedited.reward.top-chunk", unitTime},
	expeditedTopRound:       {"expedited.reward.top-round", unitTime},
	expeditedTouchReward:    {"expedited.reward.interaction", unitTime},
	expeditedSeenReward:     {"expedited.reward.notification-seen", unitTime},
	expeditedInstaller:      {"expedited.installer", unitTime},

	runRegularMin:        {"run.regular.min", unitTime},
	runRegularMax:        {"run.regular.max", unitTime},
	runFreeMax:           {"run.free.max", unitTime},
	runExpeditedMin:      {"run.expedited.min", unitTime},
	runExpeditedTopShare: {"run.expedited.front-share", unitPercent},
	runUserMin:           {"run.user-initiated.min", unitTime},
	runUserMax:           {"run.user-initiated.max", unitTime},
	runUserTotal:         {"run.user-initiated.total", unitTime},
	runBindTimeout:       {"run.bind-timeout", unitTime},
	runCallbackTimeout:   {"run.callback-timeout", unitTime},
	guardTimeouts:        {"guard.timeouts", "timeouts"},
	guardTimeoutWindow:   {"guard.timeouts.window", unitTime},
	guardANRs:            {"guard.anrs", "ANRs"},
	guardANRWindow:       {"guard.anrs.window", unitTime},
	guardRegular:         {"guard.timeouts.regular", "timeouts"},
	guardExpedited:       {"guard.timeouts.expedited", "timeouts"},
	guardUser:            {"guard.timeouts.user-initiated", "timeouts"},
	scheduleRate:         {"schedule.rate", "calls"},
	scheduleRateWindow:   {"schedule.rate.window", unitTime},
	jobsPerApp:           {"schedule.jobs", unitJobs},
	jobContentDelay:      {"trigger.delay", unitTime},
	jobContentDelayMin:   {"trigger.delay.min", unitTime},
	jobContentWait:       {"trigger.max-delay", unitTime},
	jobContentWaitMin:    {"trigger.max-delay.min", unitTime},
	backoffPerReason:     {"backoff.per-reason", unitFlag},

	periodicMin:       {"periodic.period.min", unitTime},
	periodicMax:       {"periodic.period.max", unitTime},
	periodicFlexMin:   {"periodic.flex.min", unitTime},
	periodicFlexShare: {"periodic.flex.share", unitPercent},
	periodicLateShare: {"periodic.late.part", "parts of a period"},
	periodicLateDelay: {"periodic.late.delay", unitTime},

	batchReady:        {"batch.ready", unitJobs},
	batchShare:        {"batch.part", "parts of the limit"},
	batchWait:         {"batch.wait", unitTime},
	batchCPUReady:     {"batch.cpu.ready", unitJobs},
	batchNetworkWait:  {"batch.network.wait", unitTime},
	batchNetworkReady: {"batch.network.ready", unitJobs},
	batchOthers:       {"batch.others", unitTime},

	parallelLimit:                 {"parallel.limit.low-ram", unitJobs},
	parallelLimit6:                {"parallel.limit.6gb", unitJobs},
	parallelLimit8:                {"parallel.limit.8gb", unitJobs},
	parallelLimit12:               {"parallel.limit.12gb", unitJobs},
	parallelLimitMore:             {"parallel.limit.more", unitJobs},
	parallelOn:                    {"parallel.screen-on.normal", unitPercent},
	parallelOnModerate:            {"parallel.screen-on.moderate", unitPercent},
	parallelOnLow:                 {"parallel.screen-on.low", unitPercent},
	parallelOnCritical:            {"parallel.screen-on.critical", unitPercent},
	parallelOff:                   {"parallel.screen-off.normal", unitPercent},
	parallelOffModerate:           {"parallel.screen-off.moderate", unitPercent},
	parallelOffLow:                {"parallel.screen-off.low", unitPercent},
	parallelOffCritical:           {"parallel.screen-off.critical", unitPercent},
	parallelBackgroundOn:          {"parallel.background.screen-on.normal", unitPercent},
	parallelBackgroundOnModerate:  {"parallel.background.screen-on.moderate", unitPercent},
	parallelBackgroundOnLow:       {"parallel.background.screen-on.low", unitPercent},
	parallelBackgroundOnCritical:  {"parallel.background.screen-on.critical", unitPercent},
	parallelBackgroundOff:         {"parallel.background.screen-off.normal", unitPercent},
	parallelBackgroundOffModerate: {"parallel.background.screen-off.moderate", unitPercent},
	parallelBackgroundOffLow:      {"parallel.background.screen-off.low", unitPercent},
	parallelBackgroundOffCritical: {"parallel.background.screen-off.critical", unitPercent},
	parallelOffAfter:              {"parallel.screen-off.after", unitTime},
	parallelPackageExpedited:      {"parallel.app.expedited", unitJobs},
	parallelPackageShare:          {"parallel.app.share", unitPercent},
	parallelUrgentWait:            {"parallel.wait.urgent", unitTime},
	parallelRegularWait:           {"parallel.wait.regular", unitTime},

	standbyElapsed:           {"standby.elapsed.working-set", unitTime},
	standbyElapsedFrequent:   {"standby.elapsed.frequent", unitTime},
	standbyElapsedRare:       {"standby.elapsed.rare", unitTime},
	standbyElapsedRestricted: {"standby.elapsed.restricted", unitTime},
	standbyScreen:            {"standby.screen.working-set", unitTime},
	standbyScreenFrequent:    {"standby.screen.frequent", unitTime},
	standbyScreenRare:        {"standby.screen.rare", unitTime},
	standbyScreenRestricted:  {"standby.screen.restricted", unitTime},
	standbyCheck:             {"standby.check", unitTime},
	standbyPrediction:        {"standby.prediction", unitTime},
	standbyOpenedHold:        {"standby.hold.opened", unitTime},
	standbySystemHold:        {"standby.hold.system-interaction", unitTime},
	standbySyncHold:          {"standby.hold.sync-adapter", unitTime},
	standbySeenHold:          {"standby.hold.notification-seen", unitTime},
	standbySliceHold:         {"standby.hold.slice-pinned", unitTime},
	standbyExemptSyncHold:    {"standby.hold.exempt-sync", unitTime},
	standbyServiceHold:       {"standby.hold.first-service", unitTime},
	standbyUpdateHold:        {"standby.hold.system-update", unitTime},
	standbyRestrictDelay:     {"standby.restrict-delay", unitTime},
	standbyRestrictedOn:      {"standby.restricted", unitFlag},
	standbyInstalledHold:     {"standby.hold.installed", unitTime},

	dozeLightOn:             {"doze.light", unitFlag},
	dozeLightEntry:          {"doze.light.entry", unitTime},
	dozeLightPreIdle:        {"doze.light.pre-idle", unitTime},
	dozeLightIdle:           {"doze.light.idle", unitTime},
	dozeLightFactor:         {"doze.light.idle.factor", unitPercent},
	dozeLightStep:           {"doze.light.idle.step", unitTime},
	dozeLightMax:            {"doze.light.idle.max", unitTime},
	dozeLightBudgetMin:      {"doze.light.budget.min", unitTime},
	dozeLightBudgetMax:      {"doze.light.budget.max", unitTime},
	dozeLightMaintenanceMin: {"doze.light.maintenance.min", unitTime},
	dozeDeepOn:              {"doze.deep", unitFlag},
	dozeInactive:            {"doze.inactive", unitTime},
	dozeInactiveSmall:       {"doze.inactive.small-battery", unitTime},
	dozeIdleAfter:           {"doze.idle-after-inactive", unitTime},
	dozeIdleAfterSmall:      {"doze.idle-after-inactive.small-battery", unitTime},
	dozeSensing:             {"doze.sensing", unitTime},
	dozeSensingMax:          {"doze.sensing.max", unitTime},
	dozeLocating:            {"doze.locating", unitTime},
	dozeLocatingMax:         {"doze.locating.max", unitTime},
	dozeIdle:                {"doze.idle", unitTime},
	dozeIdleFactor:          {"doze.idle.factor", unitPercent},
	dozeIdleMax:             {"doze.idle.max", unitTime},
	dozeMaintenance:         {"doze.maintenance", unitTime},
	dozeMaintenanceFactor:   {"doze.maintenance.factor", unitPercent},
	dozeMaintenanceMax:      {"doze.maintenance.max", unitTime},
	dozeMaintenanceMin:      {"doze.maintenance.min", unitTime},
	dozeMotionInactive:      {"doze.motion-inactive", unitTime},
	dozeQuickDelay:          {"doze.quick-delay", unitTime},
	dozeAlarmClock:          {"doze.alarm-clock", unitTime},
	dozeWaitForUnlock:       {"doze.wait-for-unlock", unitFlag},
	dozeJobDelay:            {"doze.job-delay", unitTime},
	dozeAllowListMax:        {"doze.allow-list.max", unitTime},

	factIdleAfter:     {"fact.idle.after", unitTime},
	factIdleWindow:    {"fact.idle.window", unitTime},
	factChargingAfter: {"fact.charging.after", unitTime},
	factChargingLevel: {"fact.charging.level", unitPercent},
	factBatteryLow:    {"fact.battery.low", unitPercent},
	factBatteryOkay:   {"fact.battery.okay", unitPercent},

	alarmIdleCount:         {"alarm.while-idle.count", "alarms"},
	alarmIdleExactCount:    {"alarm.while-idle.exact.count", "alarms"},
	alarmIdleWindow:        {"alarm.while-idle.window", unitTime},
	alarmMax:               {"alarm.max", "alarms"},
	alarmWindowMin:         {"alarm.window.min", unitTime},
	alarmIntervalMin:       {"alarm.interval.min", unitTime},
	alarmAheadMin:          {"alarm.ahead.min", unitTime},
	alarmExactPermission:   {"alarm.exact.permission", unitFlag},
	alarmExactDenied:       {"alarm.exact.denied", unitFlag},
	alarmExactDeniedTarget: {"alarm.exact.denied.target", "API level"},
	alarmInexactShare:      {"alarm.inexact.share", unitPercent},
	alarmInexactMost:       {"alarm.inexact.max", unitTime},
	alarmHandler:           {"alarm.handler", unitTime},
	alarmAllowList:         {"alarm.allow-list", unitTime},

	pushCapWindow:   {"push.cap.window", unitTime},
	pushReview:      {"push.review", unitTime},
	pushAllowList:   {"push.allow-list", unitTime},
	pushTTL:         {"push.ttl", unitTime},
	pushStored:      {"push.stored", "messages"},
	pushHandler:     {"push.handler", unitTime},
	pushReviewLeast: {"push.review.least", "messages"},
	pushReviewSeen:  {"push.review.seen", unitPercent},

	serviceDataTime:     {"service.data.time", unitTime},
	serviceDataWindow:   {"service.data.window", unitTime},
	serviceStartRefused: {"service.background-start-refused", unitFlag},
	serviceStartGrace:   {"service.start-grace", unitTime},
	serviceDataTarget:   {"service.data.target", "API level"},

	userInitiatedJobs: {"user-initiated.jobs", unitFlag},
	hibernateAfter:    {"hibernate.after", unitTime},
	bootDelay:         {"boot.delay", unitTime},
	widgetPeriod:      {"widget.period.min", unitTime},
	processFreeze:     {"process.freeze", unitTime},
	greedyRows:        {"greedy.rows", "works"},
	greedyLimit:       {"greedy.limit", unitTime},
	greedyRetries:     {"greedy.retries", "retries"},
	greedyRetryWait:   {"greedy.retry-wait", unitTime},

	deviceRAM:          {"device.ram", unitMiB},
	deviceSmallBattery: {"device.small-battery", unitFlag},

	vendorKillOnScreenOff:  {"vendor.kill-on-screen-off", unitTime},
	vendorKillOnSwipe:      {"vendor.kill-on-swipe", unitFlag},
	vendorKillIsForceStop:  {"vendor.kill-is-force-stop", unitFlag},
	vendorNoAutostart:      {"vendor.no-autostart-after-boot", unitFlag},
	vendorSleepAfterUnused: {"vendor.sleep-after-unused", unitTime},
	vendorSettingReverts:   {"vendor.setting-reverts", unitTime},
	vendorKillHolds:        {"vendor.kill-holds", unitFlag},
}
