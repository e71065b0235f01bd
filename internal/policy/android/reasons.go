package android

import (
	"github.com/lullwork/lull/internal/policy/promise"
	"github.com/lullwork/lull/work"
)

// clears say what clears each gate.
var clears = [gateCount]string{
	gateForceStop:    "the user opens the app",
	gateHibernation:  "the user opens the app",
	gateVendor:       "the user opens the app, or exempts it from the saver",
	gateBoot:         "the phone is unlocked; time",
	gateFrozen:       "the user opens the app",
	gatePermission:   "the user gives it",
	gateService:      "the app is in front",
	gateServiceQuota: "time; the user opens the app",
	gateSlots:        "one of them ends",
	gateExpedited:    "quota comes back",
	gateBackoff:      "time",
	gateNetwork:      "such a network",
	gatePeriod:       "time",
	gateStandby:      "the user opens the app",
	gateRestricted:   "the user lifts the restriction",
	gateSaver:        "it goes off; a charger",
	gateDoze:         "a maintenance window; somebody picks it up; a charger",
	gateThermal:      "it cools down",
	gateCharging:     "a charger, for long enough",
	gateIdle:         "it is left alone",
	gateQuota:        "time; use of the app; a charger",
	gateAlarmQuota:   "time; use of the app",
	gatePush:         "fewer that the user does not see; time",
	gateBatch:        "others are ready; time",
	gateParallel:     "one of them ends",
}

// Reasons lists what keeps a work from starting: first what WorkManager judges itself,
// then what the system holds it by, in the order in which it is told.
func Reasons() []promise.Reason {
	out := []promise.Reason{
		{Code: work.ReasonBattery, Clears: "a charger", Android: pendingBattery},
		{Code: work.ReasonStorage, Clears: "files are deleted", Android: pendingStorage},
	}
	for g := range gates {
		out = append(out, promise.Reason{Code: gates[g].code, Clears: clears[g], Android: gates[g].android})
	}
	return out
}
