package ios

import "github.com/lullwork/lull/internal/policy/promise"

// Reasons lists what keeps a work from starting, in the order in which it is told.
func Reasons() []promise.Reason {
	return []promise.Reason{
		{Code: GateTooEarly, Means: "its earliest begin, or the least time after a submit, has not come", Clears: "time"},
		{Code: GateForceQuit, Means: "the user swiped the app away in the app switcher", Clears: "the user opens the app"},
		{Code: GateRefreshOff, Means: "Background App Refresh is off, for the app or for all", Clears: "the user turns it on"},
		{Code: GateLowPower, Means: "Low Power Mode is on, and the phone is not charging well", Clears: "the mode goes off, or the phone charges"},
		{Code: GateForeground, Means: "the app is in front: refresh and processing wait", Clears: "the user leaves the app"},
		{Code: GateNoNetwork, Means: "there is no network, or for a transfer that was begun in the background no Wi-Fi", Clears: "a network"},
		{Code: GateUnused, Means: "the user has not opened the app for long", Clears: "the user opens the app"},
		{Code: GateBattery, Means: "the battery is critical and the phone not charging", Clears: "a charger"},
		{Code: GateInUse, Means: "somebody uses the phone, or it has not been left alone for long enough", Clears: "the phone is left alone"},
		{Code: GateNotCharging, Means: "processing waits for a charger, whatever the request says; a transfer begun in the background does for a while", Clears: "a charger"},
		{Code: GateSpacing, Means: "the last run of its kind is too near", Clears: "time"},
		{Code: GateBudget, Means: "the budget of energy, cellular data, pushes or reloads is used up", Clears: "time, or a charger; Wi-Fi for data"},
		{Code: GateScore, Means: "the user is not likely to open the app soon", Clears: "time: the threshold falls; use of the app"},
		{Code: GateSlot, Means: "other apps go first", Clears: "time: the next rescoring draws again"},
		{Code: GateNoRoom, Means: "as many continued tasks go on as there is room for", Clears: "one of them ends"},
		{Code: GateNotRunning, Means: "a timer or an assertion lives in the app's process, which is gone", Clears: "the user opens the app"},
		{Code: GateSuspended, Means: "that process is suspended", Clears: "the user opens the app"},
		{Code: GateOff, Means: "the phone is off", Clears: "it is switched on"},
		{Code: GateNotPending, Means: "there is no such request: never submitted, refused, consumed by its start, or dropped", Clears: "the app submits it"},
	}
}
