package android_test

import (
	"encoding/json"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
)

func runJobMap(t coretest.TB, _ core.Policy, in json.RawMessage) any {
	input := struct {
		API        int    `json:"api"`
		After      int64  `json:"next_run_offset_ms"`
		Expedited  bool   `json:"expedited"`
		Attempts   int32  `json:"run_attempt_count"`
		Idle       bool   `json:"device_idle"`
		Result     string `json:"schedule_result"`
		OutOfQuota string `json:"out_of_quota_policy"`
	}{API: android.DefaultAPI}
	read(t, in, &input)
	switch input.Result {
	case "", "SUCCESS":
	case "FAILURE":
		drop := false
		switch input.OutOfQuota {
		case "", "RUN_AS_NON_EXPEDITED_WORK_REQUEST":
		case "DROP_WORK_REQUEST":
			drop = true
		default:
			t.Fatalf("unknown policy %q", input.OutOfQuota)
		}
		return map[string]any{"action": android.Refused(input.Expedited, drop)}
	default:
		t.Fatalf("unknown result %q", input.Result)
	}
	j := android.JobFor(input.API, us(input.After), input.Attempts, input.Expedited, input.Idle)
	return map[string]any{
		"min_latency_ms": ms(j.MinLatency), "important_while_foreground": j.Important, "expedited": j.Expedited,
		"persisted": j.Persisted, "backoff_criteria": j.Backoff,
	}
}

func runPeriodicJob(t coretest.TB, _ core.Policy, in json.RawMessage) any {
	input := struct {
		Period  int64  `json:"period_ms"`
		Flex    int64  `json:"flex_ms"`
		Latest  int64  `json:"original_latest_ms"`
		Now     int64  `json:"now_ms"`
		Version string `json:"version"`
	}{Version: "A16"}
	read(t, in, &input)
	v, ok := deviceVersions[input.Version]
	if !ok {
		t.Fatalf("unknown version %q", input.Version)
	}
	p, err := android.NewProfile(v, "")
	if err != nil {
		t.Fatal(err)
	}
	w := p.NextWindow(us(input.Period), us(input.Flex), us(input.Latest), us(input.Now))
	return map[string]any{"earliest_ms": ms(w.Earliest), "latest_ms": ms(w.Latest)}
}
