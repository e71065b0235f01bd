package ios

import (
	"math/bits"

	"github.com/lullwork/lull/work"
)

// What keeps a request from starting, in the order in which it is told.
const (
	GateTooEarly    work.Code = "too_early"
	GateForceQuit   work.Code = "force_quit"
	GateRefreshOff  work.Code = "background_refresh_off"
	GateLowPower    work.Code = "low_power_mode"
	GateForeground  work.Code = "app_in_foreground"
	GateNoNetwork   work.Code = "no_network"
	GateUnused      work.Code = "app_unused"
	GateBattery     work.Code = "battery_critical"
	GateInUse       work.Code = "device_in_use"
	GateNotCharging work.Code = "not_charging"

	// What keeps a work from starting that no hard gate holds, and other kinds than requests.
	GateRunning    work.Code = "still_running"         // the last run of the identifier
	GateSpacing    work.Code = "spacing"               // too soon after the last one
	GateBudget     work.Code = "budget_exhausted"      // of energy, cellular data, pushes or reloads
	GateScore      work.Code = "score_below_threshold" // the user is not likely to open the app soon
	GateSlot       work.Code = "slot_contention"       // other apps go first
	GateNoRoom     work.Code = "no_room"               // for more continued work
	GateNotRunning work.Code = "app_not_running"       // a timer or an assertion lives in the app's process
	GateSuspended  work.Code = "app_suspended"
	GateOff        work.Code = "device_off"
	GateNotPending work.Code = "not_pending" // alone: there is no such request
)

// gate is one thing that keeps a work from starting. Some are told by the same code.
type gate uint8

// The gates in the order in which they are told.
const (
	gateOff gate = iota
	gatePutOff
	gateTooEarly
	gateForceQuit
	gateRefreshOff
	gateLowPower
	gateForeground
	gateNoNetwork
	gateNoWiFi
	gateUnused
	gateBattery
	gateInUse
	gateNotCharging
	gateNoPower
	gateRunning
	gateSpacing
	gateNotIdle
	gateBudget
	gateData
	gateReserve
	gateScore
	gateSlot
	gateNoRoom
	gateNotRunning
	gateSuspended
	gateCount
)

// gates are the codes by which they are told.
var gates = [gateCount]work.Code{
	gateOff:         GateOff,
	gatePutOff:      GateSpacing, // of a transfer
	gateTooEarly:    GateTooEarly,
	gateForceQuit:   GateForceQuit,
	gateRefreshOff:  GateRefreshOff,
	gateLowPower:    GateLowPower,
	gateForeground:  GateForeground,
	gateNoNetwork:   GateNoNetwork,
	gateNoWiFi:      GateNoNetwork, // for a transfer that can wait, and by the switch of the user
	gateUnused:      GateUnused,
	gateBattery:     GateBattery,
	gateInUse:       GateInUse,
	gateNotCharging: GateNotCharging,
	gateNoPower:     GateNotCharging, // for a transfer that can wait
	gateRunning:     GateRunning,
	gateSpacing:     GateSpacing,
	gateNotIdle:     GateInUse, // not for long enough
	gateBudget:      GateBudget,
	gateData:        GateBudget,  // of cellular data
	gateReserve:     GateBattery, // for health research
	gateScore:       GateScore,
	gateSlot:        GateSlot,
	gateNoRoom:      GateNoRoom,
	gateNotRunning:  GateNotRunning,
	gateSuspended:   GateSuspended,
}

// gateSet is a set of gates.
type gateSet uint32

// open is no gate: score, budget and draw were not looked at.
const open gateSet = 1 << 31

func (h gateSet) has(g gate) bool { return h>>g&1 == 1 }

func (h *gateSet) addIf(g gate, holds bool) {
	if holds {
		*h |= 1 << g
	}
}

// several reports whether there is more than one.
func (h gateSet) several() bool { return h&(h-1) != 0 }

// next takes out the first one, of which there must be one.
func (h *gateSet) next() gate {
	g := gate(bits.TrailingZeros32(uint32(*h)))
	*h &= *h - 1
	return g
}

// HardGates yields what keeps a request from starting whatever its score, until yield
// returns false. For a push it is what keeps it from launching the app.
func (l *Limits) HardGates(d *Device, r *Request, at int64, yield func(work.Code) bool) {
	for h := l.hard(d, kindOf(r.Kind), r, at); h != 0; {
		if !yield(gates[h.next()]) {
			return
		}
	}
}

// hard returns what HardGates yields.
func (l *Limits) hard(d *Device, k kind, r *Request, at int64) gateSet {
	return l.holdsBack(d, l.shuts(d), k, r, at)
}

// shuts returns what a device holds works for, of those that mind it.
func (l *Limits) shuts(d *Device) (h gateSet) {
	h.addIf(gateForceQuit, d.Quit)
	h.addIf(gateRefreshOff, !d.refreshes())
	h.addIf(gateLowPower, l.SavesPower(d))
	h.addIf(gateForeground, d.Focal)
	h.addIf(gateNoNetwork, d.Network == NetworkNone)
	h.addIf(gateBattery, l.BatteryCritical(d))
	h.addIf(gateInUse, d.InUse)
	return h
}

// mindful are the gates of a device that a request of a kind minds, if it asks for all
// that it may.
var mindful = [kindWidget + 1]gateSet{
	kindRefresh:    1<<gateOff | 1<<gateForceQuit | 1<<gateRefreshOff | 1<<gateLowPower | 1<<gateForeground | 1<<gateNoNetwork | 1<<gateBattery,
	kindProcessing: 1<<gateOff | 1<<gateForceQuit | 1<<gateRefreshOff | 1<<gateLowPower | 1<<gateForeground | 1<<gateNoNetwork | 1<<gateInUse,
	kindHealth:     1<<gateOff | 1<<gateForceQuit | 1<<gateLowPower | 1<<gateNoNetwork | 1<<gateInUse,
	kindContinued:  1<<gateOff | 1<<gateForceQuit | 1<<gateRefreshOff | 1<<gateLowPower,
	kindPush:       1<<gateOff | 1<<gateForceQuit | 1<<gateRefreshOff | 1<<gateLowPower | 1<<gateBattery,
}

// holdsBack is hard on a device that is known to shut some gates.
func (l *Limits) holdsBack(d *Device, shut gateSet, k kind, r *Request, at int64) gateSet {
	h := shut & mindful[k]
	switch k {
	case kindRefresh:
		return l.holdsRefresh(d, shut, r, at)
	case kindProcessing:
		return l.holdsProcessing(d, shut, r, at)
	case kindHealth:
		if !r.Network {
			h &^= 1 << gateNoNetwork
		}
		h.addIf(gateNotCharging, l.wantsCharger(d, kindHealth, r))
	case kindContinued:
		if r.LowPower {
			h &^= 1 << gateLowPower
		}
	case kindPush:
		if d.Focal || d.Debugger {
			return 0
		}
	default:
		return 0
	}
	h.addIf(gateTooEarly, at < r.StartAfter)
	return h
}

// holdsRefresh is holdsBack for refresh requests.
func (l *Limits) holdsRefresh(d *Device, shut gateSet, r *Request, at int64) gateSet {
	h := shut & mindful[kindRefresh]
	h.addIf(gateUnused, d.DaysSinceUse > l.UnusedRefresh)
	h.addIf(gateTooEarly, at < r.StartAfter)
	return h
}

// holdsProcessing is holdsBack for processing requests.
func (l *Limits) holdsProcessing(d *Device, shut gateSet, r *Request, at int64) gateSet {
	h := shut & mindful[kindProcessing]
	if !r.Network {
		h &^= 1 << gateNoNetwork
	}
	h.addIf(gateUnused, d.DaysSinceUse > l.UnusedProcessing)
	h.addIf(gateNotCharging, l.wantsCharger(d, kindProcessing, r))
	h.addIf(gateTooEarly, at < r.StartAfter)
	return h
}

// SavesPower reports whether Low Power Mode holds work back: it is on, and neither
// charger nor charge speak against it.
func (l *Limits) SavesPower(d *Device) bool {
	return d.LowPower && (!d.Charging || d.Battery < l.PowerReleasePercent)
}

// BatteryCritical reports whether only essential work may use the battery.
func (l *Limits) BatteryCritical(d *Device) bool {
	return !d.Charging && d.Battery < l.CriticalPercent
}

// wantsCharger reports whether a request waits for external power. A phone processes
// on the charger only, whatever the request says, and a tablet off it only while it is
// well charged.
func (l *Limits) wantsCharger(d *Device, k kind, r *Request) bool {
	switch {
	case d.Charging:
		return false
	case k == kindProcessing:
		return r.Power || !d.Pad || d.Battery < l.PadProcessingPercent
	}
	return k == kindHealth && r.Power
}
