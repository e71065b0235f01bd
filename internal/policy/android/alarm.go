package android

import "github.com/lullwork/lull/internal/core"

// mode is how exactly an alarm rings.
type mode uint8

const (
	modeInexact mode = iota
	modeExact
	modeClock // as an alarm clock, which the user sees coming
)

// modeOf reads [work.Traits]' mode, and whether the alarm may ring in Doze.
func modeOf(s string) (m mode, whileIdle bool) {
	switch s {
	case "exact":
		return modeExact, false
	case "exact-idle":
		return modeExact, true
	case "inexact-idle":
		return modeInexact, true
	case "alarm-clock":
		return modeClock, true
	}
	return modeInexact, false
}

// rings are the instants at which alarms of the app rang, oldest first.
type rings struct {
	At []int64 `json:"at,omitempty"`
}

// add notes one. What is older than the window is no longer needed.
func (r *rings) add(at, window int64) {
	old := 0
	for old < len(r.At) && r.At[old] <= at-window {
		old++
	}
	r.At = append(r.At[:copy(r.At, r.At[old:])], at)
}

// freeAt returns from when on one more may ring, if at most count may in any window.
func (r *rings) freeAt(count, window int64) int64 {
	switch n := int64(len(r.At)); {
	case count <= 0:
		return never
	case n < count:
		return 0
	default:
		return after(r.At[n-count], window)
	}
}

// exactAllowed reports whether the app may set exact alarms.
func (p *Profile) exactAllowed() bool {
	switch {
	case !p.on(alarmExactPermission) || p.Target < apiExactAlarms || p.Version.API() >= apiUseExactAlarm && p.Permissions.Has(UseExactAlarm):
		return true
	case !p.Permissions.Has(ScheduleExactAlarm):
		return false
	}
	return !p.on(alarmExactDenied) || int64(p.Target) < p.values[alarmExactDeniedTarget]
}

// whileIdle returns how many alarms may ring in Doze of a mode that may at all, and whether
// their bucket counts them as well: not those that are exact by permission
// (AlarmManagerService isExemptFromAppStandby; others are FLAG_ALLOW_WHILE_IDLE_COMPAT).
func (p *Profile) whileIdle(m mode) (count int64, bucket bool) {
	if m == modeExact && p.on(alarmExactPermission) && p.Target >= apiExactAlarms {
		return p.values[alarmIdleExactCount], false
	}
	return p.values[alarmIdleCount], true
}

// alarmHolds returns what holds an alarm, or a notification that an alarm shows.
func (s *System) alarmHolds(at int64, x *slot) gateSet {
	a := &s.App
	spared := a.Exempt || s.top() || x.Mode == modeClock
	var h gateSet
	h.addIf(gatePermission, s.unpermitted(x))
	h.addIf(gatePeriod, at < x.Asked+s.p.values[alarmAheadMin])
	h.addIf(gateRestricted, a.Restricted && !s.top())
	h.addIf(gateSaver, s.saves() && !a.Allowed && !x.WhileIdle)
	h.addIf(gateDoze, s.deep() && !spared && !x.WhileIdle)
	h.addIf(gateAlarmQuota, at < s.ringsAt(x))
	h.addIf(gateBatch, at < x.Draw)
	return h
}

// unpermitted reports whether an alarm lacks a permission.
func (s *System) unpermitted(x *slot) bool {
	return x.Mode != modeInexact && !s.p.exactAllowed() ||
		x.Kind == kindNotification && s.API >= apiNotifications && !s.p.Permissions.Has(PostNotifications)
}

// idles reports whether only alarms ring that may ring in Doze, and these not without end:
// the battery saver treats them alike.
func (s *System) idles() bool { return s.deep() || s.saves() }

// ringsAt returns from when on an alarm has quota.
func (s *System) ringsAt(x *slot) int64 {
	a, p, b := &s.App, s.p, s.bucket()
	if a.Exempt || s.top() || x.Mode == modeClock {
		return 0
	}
	var t int64
	count, counted := p.whileIdle(x.Mode)
	if s.idles() && x.WhileIdle {
		t = s.RangIdle.freeAt(count, p.values[alarmIdleWindow])
	}
	if x.WhileIdle && !counted || s.Device.Charging && b != Restricted {
		return t
	}
	b = min(b, Restricted) // who was never used is no better off
	return max(t, s.Rang.freeAt(p.of(alarmCount, b), p.of(alarmWindow, b)))
}

// draw says when in its window an inexact alarm rings: with others of the device, of
// which nothing is known here.
func (s *System) draw(at int64, x *slot) {
	x.Draw = 0
	if x.Mode != modeInexact || x.Due <= at && x.Every == 0 {
		return
	}
	p, window := s.p, int64(0)
	if x.Every > 0 {
		window = x.Every * p.values[alarmInexactShare] / 100
	} else {
		window = min((x.Due-at)*p.values[alarmInexactShare]/100, p.values[alarmInexactMost])
	}
	dice := s.dice.Fork(forkAlarm).Fork(uint64(x.Seq)).Fork(uint64(x.Due))
	x.Draw = x.Due + dice.Below(max(window, p.values[alarmWindowMin])+1)
}

// rang is that an alarm rings.
func (s *System) rang(at int64, x *slot) {
	p := s.p
	if _, counted := p.whileIdle(x.Mode); x.Mode != modeClock && (counted || !x.WhileIdle) {
		s.Rang.add(at, max(p.of(alarmWindow, Active), p.of(alarmWindow, Restricted)))
	}
	if s.idles() && x.WhileIdle && x.Mode != modeClock {
		s.RangIdle.add(at, p.values[alarmIdleWindow])
	}
	if x.WhileIdle || x.Mode != modeInexact {
		s.allow(at, p.values[alarmAllowList])
	}
	if x.Mode != modeInexact {
		s.allowStarts(at)
	}
}

// admitAlarm refuses what the app may not ask for.
func (s *System) admitAlarm(x *slot) error {
	if x.Mode != modeInexact && !s.p.exactAllowed() {
		return &core.Refusal{
			Domain: "java.lang", Name: "SecurityException", Fatal: x.Kind == kindAlarm,
			Text: "exact alarms need the permission SCHEDULE_EXACT_ALARM, which the user gives, or USE_EXACT_ALARM",
		}
	}
	alarms := int64(0)
	for i := range s.Slots {
		if y := &s.Slots[i]; isAlarm(y) && y.Waiting {
			alarms++
		}
	}
	if alarms >= s.p.values[alarmMax] {
		return &core.Refusal{Domain: "java.lang", Name: "IllegalStateException", Text: "the app has as many alarms as it may", Fatal: true}
	}
	return nil
}
