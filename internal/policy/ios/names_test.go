package ios_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/core"
)

// named is everything that a case can show, as the format names it.
var named = map[string][]string{
	"exception": {
		"no_launch_handler_registered", "register_after_launch_finished", "duplicate_registration",
		"register_not_available_in_extension", "time_interval_must_be_positive", "repeating_interval_below_60s",
	},
	"error": {"1 unavailable", "2 tooManyPendingTaskRequests", "3 notPermitted", "4 immediateRunIneligible"},
	"event": {
		"handler_called ID", "completed ID success app", "completed ID failure app", "completed ID failure system",
		"expiration_called ID", "expired_unknown ID completed_immediately", "task_lost ID", "process_died background_task_not_ended",
		"process_died expired_task_not_completed", "log released_without_completing ID", "log no_request_scheduled ID",
		"log not_being_simulated ID", "log no_expiration_handler ID", "push_delivered ID", "push_discarded", "push_superseded ID",
		"push_not_launched ID background_refresh_off", "push_not_launched ID low_power_mode", "push_not_launched ID battery_critical",
		"transfer_cancelled ID userForceQuitApplication", "transfer_cancelled ID backgroundUpdatesDisabled",
		"app_resumed_for_transfer ID", "bt_expiration_called ID",
	},
	"eligible": {
		"not_pending", "too_early", "force_quit", "background_refresh_off", "low_power_mode", "app_in_foreground", "no_network",
		"app_unused", "battery_critical", "device_in_use", "not_charging",
	},
	"legacyFetchEligible": {"app_uses_bgtaskscheduler", "no_interval_set", "background_refresh_off", "app_unused"},
	"pushValidate": {
		"silent", "visible", "rejected_priority_must_be_5", "misconfigured_background_with_user_visible_keys",
		"misconfigured_no_content_available",
	},
	"setTaskCompleted": {"completed", "ignored"},
	"processState":     {"none", "launching", "foreground", "background"},
}

// TestEveryNameHasACase looks for each call and name in what the cases bring out.
func TestEveryNameHasACase(t *testing.T) {
	seen := map[string]map[string]bool{"call": {}}
	for kind := range named {
		seen[kind] = map[string]bool{}
	}
	for _, c := range allCases(t) {
		p, err := newPlayer(defaults, c.Env)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range c.Steps {
			value, err := p.play(s)
			seen["call"][s.Call] = true
			if r := (*core.Refusal)(nil); errors.As(err, &r) {
				if r.Fatal {
					seen["exception"][r.Name] = true
				} else {
					seen["error"][text(r.Code)+" "+r.Name] = true
				}
			}
			for _, e := range p.c.Events() {
				seen["event"][anonymous(e.String(), e.ID)] = true
			}
			if kind := seen[s.Call]; kind != nil {
				for _, name := range words(tree(value)) {
					kind[name] = true
				}
			}
		}
	}
	for name := range calls {
		if !seen["call"][name] {
			t.Errorf("no case calls %s", name)
		}
	}
	for kind, names := range named {
		for _, name := range names {
			if !seen[kind][name] {
				t.Errorf("no case shows %s %q", kind, name)
			}
			delete(seen[kind], name)
		}
		for name := range seen[kind] {
			t.Errorf("%s %q is shown and is no name", kind, name)
		}
	}
}

// anonymous puts ID in the place of an identifier.
func anonymous(event, id string) string {
	fields := strings.Fields(event)
	for i, f := range fields {
		if f == id && id != "" {
			fields[i] = "ID"
		}
	}
	return strings.Join(fields, " ")
}

// words collects the text in a value.
func words(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, e := range v {
			all = append(all, words(e)...)
		}
		return all
	case map[string]any:
		var all []string
		for _, e := range v {
			all = append(all, words(e)...)
		}
		return all
	}
	return nil
}

// TestAdapterRefuses shows that a case that is not understood fails.
func TestAdapterRefuses(t *testing.T) {
	step := func(call, args, expect string) vectorStep {
		s := vectorStep{Call: call}
		if err := errors.Join(json.Unmarshal([]byte(args), &s.Args), json.Unmarshal([]byte(expect), &s.Expect)); err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, s := range map[string]vectorStep{
		"an unknown call":        step("reboot", `{}`, `{}`),
		"an unknown argument":    step("launch", `{"fast": true}`, `{}`),
		"an unknown fact":        step("setDevice", `{"colour": "red"}`, `{}`),
		"a wrong type":           step("cancel", `{"id": 7}`, `{}`),
		"an unknown expectation": step("launch", `{}`, `{"state": "running"}`),
		"another value":          step("getPending", `{}`, `{"return": ["a"]}`),
		"another event":          step("launch", `{}`, `{"events": ["push_discarded"]}`),
		"an error that is none":  step("launch", `{}`, `{"error": {"code": 1, "name": "unavailable"}}`),
		"an exception":           step("launch", `{}`, `{"exception": "duplicate_registration"}`),
		"a failure":              step("notify", `{"id": "a", "interval": 0}`, `{"events": []}`),
		"a failure to read":      step("cancel", `{"id": 7}`, `{"ok": false}`),
		"half a notification":    step("notifyMany", `{"n": 0.5, "start": 1, "step": 1}`, `{"ok": false}`),
		"an argument too many":   {Call: "cancel", Pos: []json.RawMessage{[]byte(`"a"`), []byte(`"b"`)}},
	} {
		if diffs := runCase(defaults, vectorCase{Steps: []vectorStep{s}}); len(diffs) == 0 {
			t.Errorf("%s passes", name)
		}
	}
	for _, device := range []string{`{"network": "fax"}`, `{"idiom": "desk"}`, `{"battery": "full"}`} {
		if diffs := runCase(defaults, vectorCase{Env: vectorEnv{Device: json.RawMessage(device)}}); len(diffs) != 1 {
			t.Errorf("an unknown device %s: %q", device, diffs)
		}
	}
	var file vectorFile
	if err := strict([]byte(`{"cases": [{"id": "a", "section": 3}, {"id": "b"}]}`), &file); err != nil {
		t.Fatal(err)
	}
	if a, b := runCase(defaults, file.Cases[0]), runCase(defaults, file.Cases[1]); len(a) != 1 || len(b) != 0 {
		t.Errorf("of two cases the first cannot be read: %q, %q", a, b)
	}
}
