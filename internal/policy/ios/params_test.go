package ios

import (
	"strings"
	"testing"
)

// calibration is what the model is calibrated by: name, default, and what it stands on.
var calibration = []struct{ name, value, tag string }{
	{"min_delay_after_submit_s", "450", "observed+3rd"},
	{"refresh_window_s", "86400", "observed"},
	{"processing_window_s", "604800", "observed+3rd"},
	{"health_window_s", "600", "observed"},
	{"rescore_s", "900", "observed"},
	{"lookahead_min_s", "450", "observed"},
	{"lookahead_jitter_s", "1350", "observed"},
	{"p_default", "0.0025", "observed"},
	{"app_score_cliff", "0.25", "observed"},
	{"app_score_floor", "0.01", "observed"},
	{"overdue_mult", "0.65", "observed"},
	{"overdue_recent_bonus", "0.35", "observed"},
	{"overdue_promote", "0.5", "observed"},
	{"recent_apps_kept", "25", "observed"},
	{"w_app", "50", "observed"},
	{"w_device", "5", "observed+3rd"},
	{"w_battery", "10", "assumed"},
	{"battery_floor_pct", "20", "doc+observed"},
	{"battery_exponent", "0.5", "observed"},
	{"battery_plug_mult", "1.2", "observed"},
	{"ipad_processing_battery_pct", "75", "observed"},
	{"lpm_plug_release_pct", "30", "observed"},
	{"theta0", "0.8", "assumed"},
	{"theta1", "0.33", "assumed"},
	{"p_slot_refresh", "0.25", "assumed"},
	{"launch_spacing_s", "900", "3rd+assumed"},
	{"processing_spacing_s", "72000", "assumed"},
	{"idle_before_processing_s", "2700", "assumed"},
	{"p_slot_processing", "0.1", "assumed"},
	{"unused_days_processing", "14", "doc+observed"},
	{"unused_days_refresh", "14", "observed+assumed"},
	{"learn_days", "2", "3rd"},
	{"budget_slots_per_day", "48", "observed"},
	{"budget_capacity", "200", "observed"},
	{"budget_other_use_per_day", "180", "assumed"},
	{"budget_refresh_cost", "5", "assumed"},
	{"budget_free_when_plugged", "true", "observed"},
	{"cell_budget_bytes", "52428800", "observed"},
	{"predictor_days", "28", "assumed"},
	{"predictor_slot_s", "1800", "assumed"},
	{"refresh_limit_s", "30", "doc"},
	{"processing_limit_mean_s", "300", "3rd"},
	{"processing_limit_min_s", "60", "3rd"},
	{"processing_limit_max_s", "600", "3rd"},
}

func TestParameters(t *testing.T) {
	if len(calibration) != 44 {
		t.Fatalf("%d of 44", len(calibration))
	}
	for _, c := range calibration {
		d, err := ParameterByName(c.name)
		if err != nil {
			t.Error(err)
			continue
		}
		var p Params
		if got := d.Text(d.Of(&p)); got != c.value || d.Tag != c.tag {
			t.Errorf("%s is %s (%s), not %s (%s)", c.name, got, d.Tag, c.value, c.tag)
		}
	}
	seen := map[string]bool{}
	for _, d := range Parameters() {
		if seen[d.Name] || d.Source == "" || d.Since == "" || d.Unit == "" {
			t.Errorf("%+v", d)
		}
		seen[d.Name] = true
		for _, tag := range strings.Split(d.Tag, "+") {
			switch tag {
			case "doc", "observed", "3rd", "mem", "assumed":
			default:
				t.Errorf("%s: unknown tag %q", d.Name, tag)
			}
		}
		var p Params
		v, err := d.read(d.Text(d.Default))
		if err != nil || v != d.Default {
			t.Errorf("%s: %s is read as %d: %v", d.Name, d.Text(d.Default), v, err)
		}
		for _, percent := range []int64{0, 50, 150} {
			if err := p.Scale(d.Name, percent); err != nil {
				t.Error(err)
			}
			if _, err := newModel(p, false); err != nil && !strings.Contains(err.Error(), "processing_limit_min_s is above") {
				t.Errorf("%s at %d %%: %v", d.Name, percent, err)
			}
			p = Params{}
		}
	}
	if n := len(Assumed()); n < 20 || n > 40 {
		t.Errorf("%d are assumed", n)
	}
}

func TestSetByName(t *testing.T) {
	for _, c := range []struct{ name, value, want, err string }{
		{"theta0", "0.75", "0.75", ""},
		{"theta0", "1", "1", ""},
		{"theta0", "0.000001", "0.000001", ""},
		{"theta0", "0", "0", ""},
		{"budget_free_when_plugged", "false", "false", ""},
		{"launch_spacing_s", "0", "0", ""},
		{"launch_spacing_s", "60", "60", ""},
		{"iphone_processes_off_charger", "true", "true", ""},
		{"teta0", "1", "", `unknown parameter "teta0" of ios: do you mean theta0?`},
		{"launch_spacing", "1", "", "do you mean launch_spacing_s?"},
		{"", "1", "", "unknown parameter"},
		{"theta0", "0.1234567", "", "at most six decimals"},
		{"theta0", "-1", "", "out of range"},
		{"theta0", "1.", "", "decimals"},
		{"theta0", "high", "", "it takes a value like 0.8 (share)"},
		{"rescore_s", "1.5", "", "it takes a value like 900 (s)"},
		{"rescore_s", "1", "", "it may be 60 to 86400"},
		{"predictor_days", "65", "", "it may be 1 to 64"},
		{"predictor_slot_s", "60", "", "it may be 675 to 86400"},
		{"budget_free_when_plugged", "2", "", "it takes a value like true"},
		{"cell_budget_bytes", "99999999999999999999", "", "it takes a value like"},
	} {
		var p Params
		err := p.Set(c.name, c.value)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s %s: %v", c.name, c.value, err)
			}
			if p != (Params{}) {
				t.Errorf("%s %s is refused and changes something", c.name, c.value)
			}
			continue
		}
		d, _ := ParameterByName(c.name)
		if got := d.Text(d.Of(&p)); err != nil || got != c.want {
			t.Errorf("%s %s is %s: %v", c.name, c.value, got, err)
		}
	}
	bad := Params{}
	bad.PredictorDays = 1000
	bad.ProcessingLeast, bad.ProcessingMost = 100*second, 50*second
	if _, err := NewSystem(Config{Params: bad}); err == nil || !strings.Contains(err.Error(), "predictor_days") || !strings.Contains(err.Error(), "above") {
		t.Errorf("both mistakes are told at once: %v", err)
	}
	if err := (&Params{}).Apply("exposure"); err == nil || !strings.Contains(err.Error(), "exposure-notification-24h") {
		t.Error(err)
	}
}

func FuzzSet(f *testing.F) {
	f.Add("theta0", "0.8")
	f.Add("rescore_s", "1e3")
	f.Add("bugdet_capacity", "")
	f.Add("p_default", ".5")
	f.Fuzz(func(t *testing.T, name, value string) {
		var p Params
		if err := p.Set(name, value); err != nil {
			return
		}
		d, err := ParameterByName(name)
		if err != nil {
			t.Fatal(err)
		}
		var q Params
		if err := q.Set(name, d.Text(d.Of(&p))); err != nil || p != q {
			t.Fatalf("%s %q comes back as %s: %v", name, value, d.Text(d.Of(&p)), err)
		}
		if _, err := newModel(p, false); err != nil && !strings.Contains(err.Error(), "above") {
			t.Fatal(err)
		}
	})
}
