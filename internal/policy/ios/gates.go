package ios

import "github.com/lullwork/lull/work"

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

	GateNotPending work.Code = "not_pending" // alone: there is no such request
)

// HardGates yields what keeps a request from starting whatever its score, until yield
// returns false. For a push it is what keeps it from launching the app.
func (l *Limits) HardGates(d *Device, r *Request, at int64, yield func(work.Code) bool) {
	var refresh, processing, health, continued, push bool
	switch r.Kind {
	case work.KindRefresh:
		refresh = true
	case work.KindProcessing:
		processing = true
	case work.KindHealth:
		health = true
	case work.KindContinued:
		continued = true
	case work.KindPush:
		if push = true; d.Focal || d.Debugger {
			return
		}
	default:
		return
	}
	_ = at < r.StartAfter && !yield(GateTooEarly) ||
		d.Quit && !yield(GateForceQuit) ||
		!health && !d.refreshes() && !yield(GateRefreshOff) ||
		!(continued && r.LowPower) && l.SavesPower(d) && !yield(GateLowPower) ||
		d.Focal && (refresh || processing) && !yield(GateForeground) ||
		d.Network == NetworkNone && (refresh || (processing || health) && r.Network) && !yield(GateNoNetwork) ||
		(refresh && d.DaysSinceUse > l.UnusedRefresh || processing && d.DaysSinceUse > l.UnusedProcessing) && !yield(GateUnused) ||
		(refresh || push) && l.BatteryCritical(d) && !yield(GateBattery) ||
		d.InUse && (processing || health) && !yield(GateInUse) ||
		l.wantsCharger(d, r) && !yield(GateNotCharging)
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
func (l *Limits) wantsCharger(d *Device, r *Request) bool {
	switch {
	case d.Charging:
		return false
	case r.Kind == work.KindProcessing:
		return r.Power || !d.Pad || d.Battery < l.PadProcessingPercent
	}
	return r.Kind == work.KindHealth && r.Power
}
