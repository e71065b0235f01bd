package android_test

import (
	"encoding/json"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

type standbyInput struct {
	Version    string `json:"version"`
	Elapsed    *int64 `json:"elapsed_since_use_ms"` // null or -1: never used
	Screen     int64  `json:"screen_on_since_use_ms"`
	Prediction *struct {
		Bucket string `json:"bucket"`
		Age    int64  `json:"age_ms"`
	} `json:"prediction"`
	ActiveUntil  *int64 `json:"active_until_in_ms"`
	WorkingUntil *int64 `json:"working_until_in_ms"`
	Restrict     bool   `json:"restrict_attempt_after_last_use"`
	Exempt       bool   `json:"exempt"`
	Forced       string `json:"forced_by_user"`
}

func runStandby(t coretest.TB, policy core.Policy, in json.RawMessage) any {
	input := standbyInput{Version: "A16"}
	read(t, in, &input)
	v, ok := deviceVersions[input.Version]
	if !ok {
		t.Fatalf("unknown version %q", input.Version)
	}
	const used = 1_000_000_000_000_000
	now := int64(used)
	s := android.NewStandby(device(t, policy, v, ""), 0)
	if input.Elapsed != nil && *input.Elapsed >= 0 {
		now += us(*input.Elapsed)
		s.Used, s.ByUser, s.ScreenTime = used, used, us(input.Screen)
		if input.Restrict {
			s.RestrictedAt = used + 1
		}
	}
	if input.Prediction != nil {
		s.Predicted, s.PredictedAt = bucket(t, input.Prediction.Bucket), now-us(input.Prediction.Age)
	}
	if input.ActiveUntil != nil {
		s.ActiveUntil = now + us(*input.ActiveUntil)
	}
	if input.WorkingUntil != nil {
		s.WorkingUntil = now + us(*input.WorkingUntil)
	}
	s.Exempt = input.Exempt
	if input.Forced != "" {
		s.Forced, s.ForcedTo = true, bucket(t, input.Forced)
	}
	return map[string]any{"bucket": s.Judge(now).String()}
}

// dozeTimes are the parameters that keys of a case override.
var dozeTimes = map[string]string{
	"light_after_inactive_ms": "doze.light.entry", "light_idle_timeout_ms": "doze.light.idle", "light_max_idle_timeout_ms": "doze.light.idle.max",
	"light_idle_maintenance_min_budget_ms": "doze.light.budget.min", "light_idle_maintenance_max_budget_ms": "doze.light.budget.max",
	"min_light_maintenance_ms": "doze.light.maintenance.min", "inactive_timeout_ms": "doze.inactive", "idle_after_inactive_ms": "doze.idle-after-inactive",
	"idle_timeout_ms": "doze.idle", "max_idle_timeout_ms": "doze.idle.max", "idle_pending_timeout_ms": "doze.maintenance",
	"max_idle_pending_timeout_ms": "doze.maintenance.max", "min_deep_maintenance_ms": "doze.maintenance.min",
	"light_pre_idle_timeout_ms": "doze.light.pre-idle", "motion_inactive_timeout_ms": "doze.motion-inactive",
	"quick_doze_delay_timeout_ms": "doze.quick-delay", "min_time_to_alarm_ms": "doze.alarm-clock",
}

var dozeFlags = map[string]string{"deep": "doze.deep", "light": "doze.light", "small_battery": "device.small-battery"}

// mostSteps is more than any horizon needs that people live to see.
const mostSteps = 1 << 20

func runDoze(t coretest.TB, policy core.Policy, in json.RawMessage) any {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(in, &keys); err != nil {
		t.Fatal(err)
	}
	version, vendor, kind := "A11", "", ""
	var alone android.Alone
	type override struct {
		name  string
		value int64
	}
	var overrides []override
	value := func(key string, to any) {
		if err := json.Unmarshal(keys[key], to); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
	}
	for key := range keys {
		var x int64
		var on bool
		switch name, ok := dozeTimes[key]; {
		case ok:
			value(key, &x)
			overrides = append(overrides, override{name, us(x)})
		case key == "sensing_and_locating_ms":
			value(key, &x)
			overrides = append(overrides, override{"doze.sensing", us(x)}, override{"doze.sensing.max", us(x)}, override{"doze.locating", 0})
		case dozeFlags[key] != "":
			value(key, &on)
			overrides = append(overrides, override{dozeFlags[key], bit(on)})
		case key == "horizon_ms":
			value(key, &x)
			alone.Until = us(x)
		case key == "maintenance" && string(keys[key]) == `"busy"`:
			alone.Work = -1
		case key == "maintenance":
			value(key, &x)
			alone.Work = us(x)
		case key == "network":
			value(key, &on)
			alone.Offline = !on
		case key == "kind":
			value(key, &kind)
		case key == "version":
			value(key, &version)
		case key == "vendor":
			value(key, &vendor)
		default:
			t.Fatalf("unknown key %q", key)
		}
	}
	v, ok := deviceVersions[version]
	if !ok {
		t.Fatalf("unknown version %q", version)
	}
	p := device(t, policy, v, vendor)
	for _, o := range overrides {
		p.Set(param(t, o.name), o.value)
	}
	if kind == "light" {
		p.Set(param(t, "doze.deep"), 0)
	}
	type event struct {
		At    any    `json:"at_ms"`
		State string `json:"state"`
	}
	var events []event
	steps := 0
	alone.Run(p, func(at int64, d *android.Doze) bool {
		state := d.Deep.String()
		if kind == "light" {
			state = d.Light.String()
		}
		if len(events) == 0 || events[len(events)-1].State != state {
			events = append(events, event{ms(at), state})
		}
		steps++
		return steps < mostSteps
	})
	if steps == mostSteps {
		t.Fatalf("no end after %d steps", steps)
	}
	return map[string]any{"events": events}
}

type constraintsInput struct {
	API         int `json:"api"`
	Constraints struct {
		Network        string `json:"network"`
		NetworkRequest string `json:"network_request"`
		Charging       bool   `json:"charging"`
		BatteryNotLow  bool   `json:"battery_not_low"`
		StorageNotLow  bool   `json:"storage_not_low"`
		Idle           bool   `json:"device_idle"`
		ContentURIs    int    `json:"content_uri_triggers"`
	} `json:"constraints"`
	Device struct {
		Charging       bool  `json:"charging"`
		BatteryPercent int64 `json:"battery_pct"`
		BatteryUnknown bool  `json:"battery_status_unknown"`
		StorageLow     bool  `json:"storage_low"`
		Connected      bool  `json:"connected"`
		Validated      bool  `json:"validated"`
		Metered        bool  `json:"metered"`
		Roaming        bool  `json:"roaming"`
		Idle           bool  `json:"idle"`
	} `json:"device"`
}

func runConstraints(t coretest.TB, policy core.Policy, in json.RawMessage) any {
	var input constraintsInput
	read(t, in, &input)
	c, d := &input.Constraints, &input.Device
	network, ok := networks[c.Network]
	if !ok {
		t.Fatalf("unknown network %q", c.Network)
	}
	f := record.NewFacts()
	for s, yes := range map[record.Signal]bool{
		record.Charging: d.Charging, record.StorageLow: d.StorageLow, record.Connected: d.Connected, record.Validated: d.Validated,
		record.Metered: d.Metered, record.Roaming: d.Roaming, record.Idle: d.Idle,
	} {
		f[s].Value = bit(yes)
	}
	if !d.BatteryUnknown {
		f[record.BatteryLow].Value = bit(device(t, policy, android.Android16, "").BatteryLowAtFirst(d.BatteryPercent))
	}
	got := android.Policy{API: input.API}.InProcess(work.Constraints{
		Network: network, NetworkRequest: c.NetworkRequest, Charging: c.Charging, BatteryNotLow: c.BatteryNotLow, StorageNotLow: c.StorageNotLow,
		Idle: c.Idle, ContentURIs: c.ContentURIs,
	}, &f)
	if got.Left {
		return map[string]any{"in_process_met": nil, "first_unmet_stop_reason": nil, "handled_by": "jobscheduler_only"}
	}
	out := map[string]any{"in_process_met": got.Met, "first_unmet_stop_reason": nil, "handled_by": "in_process"}
	if !got.Met {
		out["first_unmet_stop_reason"] = int(got.Stop)
	}
	return out
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
