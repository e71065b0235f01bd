package world

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

// unused are events that are known, and from which nothing follows here: they are
// told by others too, or are what a system has decided.
var unused = []string{
	"lock", "notif_post", "bucket_change", "doze_off", "doze_light", "doze_light_maint", "doze_deep", "doze_deep_maint", "user_switch",
}

// appSenses are events of an app.
var appSenses = []struct {
	event string
	kind  core.SenseKind
}{
	{"app_open", core.SenseAppOpened},
	{"app_close", core.SenseAppLeft},
	{"notif_seen", core.SenseNotified},
	{"app_interact", core.SenseInteracted},
	{"app_swipe", core.SenseAppSwiped},
	{"app_kill", core.SenseAppDied},
	{"app_crash", core.SenseAppCrashed},
	{"app_force_stop", core.SenseForceStop},
	{"app_install", core.SenseInstalled},
	{"app_update", core.SenseUpdated},
	{"widget_seen", core.SenseWidgetSeen},
}

// take makes events of a row. It is false if the value cannot be.
func (b *builder) take(d *DeviceTrace, r *row) bool {
	// A phone that tells something again has been booted.
	if !d.on && r.event != "phone_off" {
		d.on = true
		d.sense(r.at, core.SenseBooted, 0)
	}
	switch r.event {
	case "screen_on", "screen_off":
		b.turn(d, r.at, &d.lit, r.event == "screen_on", core.SenseScreen)
	case "motion", "still":
		b.turn(d, r.at, &d.moving, r.event == "motion", core.SenseMotion)
	case "unlock":
		d.sense(r.at, core.SenseUnlocked, 0)
	case "system_update":
		d.sense(r.at, core.SenseSystemUpdated, 0)
	case "phone_off":
		if !d.on {
			b.Again++
			break
		}
		if d.front == 1 {
			d.sense(r.at, core.SenseAppLeft, 0)
		}
		if d.lit == 1 {
			d.sense(r.at, core.SenseScreen, 0)
		}
		d.on, d.lit, d.front = false, 0, 0
		d.sense(r.at, core.SenseShutdown, 0)
	case "phone_on":
	case "charging_start", "charging_stop":
		b.fact(d, r.at, &d.plugged, r.event == "charging_start", record.Charging)
	case "power_save_on", "power_save_off":
		b.fact(d, r.at, &d.saving, r.event == "power_save_on", record.LowPower)
	case "battery_pct":
		return b.battery(d, r)
	case "network_wifi":
		b.connect(d, r.at, wifi)
	case "network_cell":
		b.connect(d, r.at, cell)
	case "network_roaming":
		b.connect(d, r.at, roaming)
	case "network_none":
		b.connect(d, r.at, noLink)
	case "bucket_predicted":
		return b.bucket(d, r)
	default:
		b.other(d, r)
	}
	return true
}

// other is an event of an app, or one that is not used.
func (b *builder) other(d *DeviceTrace, r *row) {
	i := slices.IndexFunc(appSenses, func(a struct {
		event string
		kind  core.SenseKind
	},
	) bool {
		return a.event == r.event
	})
	switch {
	case i < 0 && slices.Contains(unused, r.event):
		b.Unused++
	case i < 0:
		b.Unknown++
		if len(b.UnknownKinds) < 10 && !slices.Contains(b.UnknownKinds, r.event) {
			b.UnknownKinds = append(b.UnknownKinds, strings.Clone(r.event[:min(len(r.event), 60)]))
		}
	case r.value != b.cfg.App || r.value == "":
		b.Others++
	case appSenses[i].kind == core.SenseAppOpened:
		b.turnTo(d, r.at, &d.front, 1, core.SenseAppOpened)
	case appSenses[i].kind == core.SenseAppLeft:
		b.turnTo(d, r.at, &d.front, 0, core.SenseAppLeft)
	default:
		d.sense(r.at, appSenses[i].kind, 0)
	}
}

func (d *DeviceTrace) add(at int64, ev Event) {
	d.events = append(d.events, recorded{at - d.cut, ev})
}

func (d *DeviceTrace) sense(at int64, k core.SenseKind, value int64) {
	d.add(at, Event{Kind: k, Value: value})
}

// turn tells a state, if it is not told already.
func (b *builder) turn(d *DeviceTrace, at int64, state *int8, is bool, k core.SenseKind) {
	if *state == yes(is) {
		b.Again++
		return
	}
	*state = yes(is)
	d.sense(at, k, int64(yes(is)))
}

// turnTo tells one of two senses that a state has.
func (b *builder) turnTo(d *DeviceTrace, at int64, state *int8, is int8, k core.SenseKind) {
	if *state == is {
		b.Again++
		return
	}
	*state = is
	d.sense(at, k, 0)
}

func (b *builder) fact(d *DeviceTrace, at int64, state *int8, is bool, s record.Signal) {
	if *state == yes(is) {
		b.Again++
		return
	}
	*state = yes(is)
	d.told[s] = true
	var ev Event
	ev.put(s, *state)
	d.add(at, ev)
}

func (b *builder) battery(d *DeviceTrace, r *row) bool {
	whole, _, _ := strings.Cut(strings.TrimSuffix(r.value, "%"), ".")
	n, ok := number(whole)
	if !ok || n > 100 {
		return false
	}
	if d.level == int8(n) {
		b.Again++
		return true
	}
	first := d.level < 0
	d.level = int8(n)
	d.told[record.BatteryLevel], d.told[record.BatteryLow] = true, true
	var ev Event
	ev.put(record.BatteryLevel, d.level)
	if low := isLow(d.low, n, specs[BatteryLowAt].Default, specs[BatteryOkayAt].Default); low != d.low || first {
		d.low = low
		ev.put(record.BatteryLow, yes(low))
	}
	d.add(r.at, ev)
	return true
}

func (b *builder) connect(d *DeviceTrace, at int64, now link) {
	if d.hasLink && d.network == now {
		b.Again++
		return
	}
	var ev Event
	for i, s := range linkSignals {
		if v := linkFacts[now][i]; !d.hasLink || v != linkFacts[d.network][i] {
			ev.put(s, v)
			d.told[s] = true
		}
	}
	d.network, d.hasLink = now, true
	d.add(at, ev)
}

// bucket is the standby bucket that the system's predictor gives an app: "app=40".
func (b *builder) bucket(d *DeviceTrace, r *row) bool {
	i := strings.LastIndexByte(r.value, '=')
	n, ok := number(r.value[i+1:])
	if i < 0 || !ok || n > 100 {
		return false
	}
	if app := r.value[:i]; app != b.cfg.App || app == "" {
		b.Others++
		return true
	}
	d.sense(r.at, core.SenseBucket, n)
	return true
}

// number reads a whole number of up to nine digits.
func number(s string) (n int64, ok bool) {
	if s == "" || len(s) > 9 {
		return 0, false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
