package report

import (
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/policy/ios"
	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/work"
)

// words are what a reason means, and the edit of an app that helps against it. None
// exempts it from a platform's rules; where only the user can, they say so.
type words struct{ means, helps string }

const (
	openOnly   = "nothing but opening the app helps; show what is missing when it is opened"
	wakeByUser = "a notification that the user opens brings the app back"
	fewer      = "make one request do the work of two"
	noHelp     = "nothing an app can do; load when it is opened too"
	keepOld    = "keep what was loaded, and show its age"
	forNight   = "use a refresh for what cannot wait for the night"
	smaller    = "make runs shorter and fewer, or use an expedited or user-initiated job for what the user waits for"
)

var reasons = map[work.Code]words{
	phone.NotPending: {"nothing asks for it: never asked, refused, or not asked again", "ask for it again as the first thing of each run, and at each start of the app"},

	// iOS.
	ios.GateTooEarly:    {"it was asked for not long enough ago, or to begin later", "ask for an earlier begin"},
	ios.GateForceQuit:   {"the user has swiped the app away and not opened it since", openOnly},
	ios.GateRefreshOff:  {"Background App Refresh is off", "ask the user to turn Background App Refresh on"},
	ios.GateLowPower:    {"Low Power Mode is on", "load when the app is opened; Low Power Mode stops all of it"},
	ios.GateForeground:  {"the app is in front", "load in the app while it is open"},
	ios.GateNoNetwork:   {"no network is connected", keepOld},
	ios.GateUnused:      {"the app was not used for two weeks", wakeByUser},
	ios.GateBattery:     {"the battery is nearly empty, and nothing charges it", "nothing helps below 20 %"},
	ios.GateInUse:       {"the phone is in use, or was until a moment ago", forNight},
	ios.GateNotCharging: {"no charger is connected", "use a refresh for what cannot wait for a charger"},
	ios.GateRunning:     {"its last run still goes on", "make runs shorter, or ask for the next one later"},
	ios.GateSpacing:     {"too soon after the last run", fewer},
	ios.GateBudget:      {"the system's budget for the app is used up", "load less in each run"},
	ios.GateScore:       {"the user is not likely to open the app soon", "the system runs apps that are used: send an alert push, or load when the app is opened"},
	ios.GateSlot:        {"other apps go first", noHelp},
	ios.GateNoRoom:      {"as much continued work runs as may", "begin it when the other has ended"},
	ios.GateNotRunning:  {"a timer needs the app's process, which does not run", openOnly},
	ios.GateSuspended:   {"the app's process is suspended", openOnly},
	ios.GateOff:         {"the phone is off", noHelp},

	// Android.
	android.ReasonForceStopped:    {"the user has stopped the app and not opened it since", openOnly},
	android.ReasonHibernation:     {"the app was not used for months", wakeByUser},
	android.ReasonVendorKilled:    {"the vendor's battery saver keeps the app from starting", "ask the user to let the app start by itself in the vendor's settings; else a notification that the user opens"},
	android.ReasonBoot:            {"after a boot the app has not set its works again", "listen for the boot: permission receive-boot-completed"},
	android.ReasonProcessFrozen:   {"a timer needs the app's process to go on", "use work of WorkManager instead of a timer"},
	android.ReasonPermission:      {"a permission is missing", "declare it, and ask the user for it"},
	android.ReasonBackgroundStart: {"services are not started from the background", "start it while the app is in front, or use a job"},
	android.ReasonServiceQuota:    {"services of its type have run too long today", smaller},
	android.ReasonSchedulerSlots:  {"WorkManager has as many jobs with the system as it may", "cancel what is no longer needed"},
	android.ReasonExpeditedQuota:  {"no quota for haste, and it was not to run without", "let it run as ordinary work when the quota is used up"},
	android.ReasonAppStandby:      {"nobody has used the app yet", "ask for an exemption from battery optimisation only if the store allows it; else " + wakeByUser},
	android.ReasonRestricted:      {"the user restricts the app's battery use", "ask the user to lift the restriction"},
	android.ReasonBatterySaver:    {"the battery saver is on", keepOld},
	android.ReasonDoze:            {"the phone dozes: it lies still, and nobody uses it", "a high-priority push that shows something, or an exact alarm, reaches a phone that lies still"},
	android.ReasonThermal:         {"the phone is hot", noHelp},
	android.ReasonQuota:           {"the app's jobs have used up what its standby bucket gets", smaller},
	android.ReasonBatching:        {"it waits for more jobs, to run with them", "the wait is at most about half an hour: expect no less"},
	android.ReasonConcurrency:     {"as many jobs run as may", fewer},
	android.ReasonAlarmQuota:      {"the app's alarms have rung as often as they may", fewer},
	android.ReasonPushCapped:      {"messages of high priority are treated as normal ones", "use high priority only for what is shown at once"},

	// Conditions that the app itself asks for.
	work.ReasonNetwork:     {"no network of the kind it needs", "take any network (network: connected), or wait longer"},
	work.ReasonCharging:    {"no charger is connected", "leave charging: out, if the work is small"},
	work.ReasonIdle:        {"somebody uses the phone", "leave idle: out, if the work is small"},
	work.ReasonBattery:     {"the battery is low", "leave battery-not-low: out, if the work is small"},
	work.ReasonStorage:     {"storage is low", "leave storage-not-low: out, if it stores little"},
	work.ReasonLoad:        {"the phone is under load", noHelp},
	work.ReasonLowPower:    {"the battery saver is on", keepOld},
	work.ReasonHours:       {"outside its hours of the day", "allow more hours"},
	work.ReasonDelay:       {"its period or delay is not over", "shorten every, if the platform allows"},
	work.ReasonBackoff:     {"it waits after a failed run", "mend what makes runs fail"},
	work.ReasonGroup:       {"another run of its group goes on", "let runs end sooner: one waits for the other"},
	work.ReasonPreviousRun: {"its previous run is stopping", "end at once when asked to stop"},
	work.ReasonUnknown:     {"a signal that it needs is not known", "leave the condition out"},
}

// Meaning says in a few words what a reason means.
func Meaning(c work.Code) string {
	if w, ok := reasons[c]; ok {
		return w.means
	}
	return "see lull why"
}

func helps(c work.Code) string {
	if w, ok := reasons[c]; ok {
		return w.helps
	}
	return "see docs/platforms.md on " + string(c)
}
