package android

import (
	"github.com/lullwork/lull/internal/policy/promise"
	"github.com/lullwork/lull/work"
)

// reasonWords say what each gate means and what clears it.
var reasonWords = [gateCount]struct{ means, clears string }{
	gateForceStop:    {"the user stopped the app in the settings", "the user opens the app"},
	gateHibernation:  {"the app was not used for months", "the user opens the app"},
	gateVendor:       {"the vendor's battery saver has stopped the app, or keeps it from starting", "the user opens the app, or exempts it from the saver"},
	gateBoot:         {"since a boot the app has not been told, or the phone not unlocked", "the phone is unlocked; time"},
	gateFrozen:       {"a timer stands still with the app's process", "the user opens the app"},
	gatePermission:   {"a permission is missing: exact alarms, notifications", "the user gives it"},
	gateService:      {"a service is not started from the background", "the app is in front"},
	gateServiceQuota: {"services of its type have run as long as they may today", "time; the user opens the app"},
	gateSlots:        {"WorkManager has as many jobs with the system as it may", "one of them ends"},
	gateExpedited:    {"no quota for haste is left, and it was not to run without", "quota comes back"},
	gateBackoff:      {"its job was lost with the app's process", "time"},
	gateNetwork:      {"the phone is offline, or not on the network it needs", "such a network"},
	gatePeriod:       {"it comes sooner than the system allows", "time"},
	gateStandby:      {"nobody has used the app yet", "the user opens the app"},
	gateRestricted:   {"the user restricts the app's use of the battery", "the user lifts the restriction"},
	gateSaver:        {"the battery saver is on", "it goes off; a charger"},
	gateDoze:         {"the phone dozes", "a maintenance window; somebody picks it up; a charger"},
	gateThermal:      {"the phone is hot", "it cools down"},
	gateCharging:     {"the phone does not count as charging, or not yet", "a charger, for long enough"},
	gateIdle:         {"the phone does not count as idle, or not yet", "it is left alone"},
	gateQuota:        {"the app's jobs have used up what its standby bucket gets", "time; use of the app; a charger"},
	gateAlarmQuota:   {"its alarms have rung as often as they may", "time; use of the app"},
	gatePush:         {"messages of high priority are treated as normal ones", "fewer that the user does not see; time"},
	gateBatch:        {"it waits for other jobs or alarms, to run with them", "others are ready; time"},
	gateParallel:     {"as many jobs run as may at once", "one of them ends"},
}

// Reasons lists what keeps a work from starting: first what WorkManager judges itself,
// then what the system holds it by, in the order in which it is told.
func Reasons() []promise.Reason {
	out := []promise.Reason{
		{Code: work.ReasonBattery, Means: "the battery is low, and it asked for one that is not", Clears: "a charger"},
		{Code: work.ReasonStorage, Means: "storage is low, and it asked for some", Clears: "files are deleted"},
	}
	for g := range gates {
		out = append(out, promise.Reason{Code: gates[g].code, Means: reasonWords[g].means, Clears: reasonWords[g].clears, Android: gates[g].android})
	}
	return out
}
