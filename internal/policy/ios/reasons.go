package ios

import "github.com/lullwork/lull/internal/policy/promise"

// Reasons lists what keeps a work from starting, in the order in which it is told.
func Reasons() []promise.Reason {
	return []promise.Reason{
		{Code: GateTooEarly, Clears: "time"},
		{Code: GateForceQuit, Clears: "the user opens the app"},
		{Code: GateRefreshOff, Clears: "the user turns it on"},
		{Code: GateLowPower, Clears: "the mode goes off, or the phone charges"},
		{Code: GateForeground, Clears: "the user leaves the app"},
		{Code: GateNoNetwork, Clears: "a network"},
		{Code: GateUnused, Clears: "the user opens the app"},
		{Code: GateBattery, Clears: "a charger"},
		{Code: GateInUse, Clears: "the phone is left alone"},
		{Code: GateNotCharging, Clears: "a charger"},
		{Code: GateRunning, Clears: "that run ends"},
		{Code: GateSpacing, Clears: "time"},
		{Code: GateBudget, Clears: "time, or a charger; Wi-Fi for data"},
		{Code: GateScore, Clears: "time: the threshold falls; use of the app"},
		{Code: GateSlot, Clears: "time: the next rescoring draws again"},
		{Code: GateNoRoom, Clears: "one of them ends"},
		{Code: GateNotRunning, Clears: "the user opens the app"},
		{Code: GateSuspended, Clears: "the user opens the app"},
		{Code: GateOff, Clears: "it is switched on"},
		{Code: GateNotPending, Clears: "the app submits it"},
	}
}
