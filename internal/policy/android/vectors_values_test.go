package android_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

const noTask = "<worker class name>"

// rowSpec is how cases write a row of one work.
type rowSpec struct {
	State           work.State `json:"state"`
	Periodic        bool       `json:"periodic"`
	Interval        int64      `json:"interval_ms"`
	Flex            *int64     `json:"flex_ms"`
	InitialDelay    int64      `json:"initial_delay_ms"`
	BackoffPolicy   string     `json:"backoff_policy"`
	BackoffDelay    int64      `json:"backoff_delay_ms"`
	Attempts        int32      `json:"run_attempt_count"`
	LastEnqueue     int64      `json:"last_enqueue_ms"`
	Periods         int32      `json:"period_count"`
	Override        *int64     `json:"override_ms"`
	OverrideGen     int32      `json:"override_generation"`
	BackoffStop     bool       `json:"backoff_on_system_interruptions"`
	OverrideChanged any        `json:"override_changed_during_run"`
}

func newRowSpec() rowSpec {
	return rowSpec{BackoffPolicy: "EXPONENTIAL", BackoffDelay: 30_000, LastEnqueue: -1}
}

func backoffPolicy(t coretest.TB, name string) work.BackoffPolicy {
	t.Helper()
	switch name {
	case "EXPONENTIAL":
		return work.Exponential
	case "LINEAR":
		return work.Linear
	}
	t.Fatalf("unknown backoff policy %q", name)
	return ""
}

// us and ms convert times; -1 and null keep their meanings.
func us(ms int64) int64 {
	switch {
	case ms == -1:
		return record.NotEnqueued
	case ms > math.MaxInt64/1000:
		return record.Never
	case ms < math.MinInt64/1000:
		return math.MinInt64
	}
	return ms * 1000
}

func ms(us int64) any {
	if us == record.Never {
		return nil
	}
	if us < 0 {
		return (us - 999) / 1000
	}
	return us / 1000
}

// rows returns the row and the shared values that a case describes.
func (r rowSpec) rows(t coretest.TB) (*record.Spec, *record.Work) {
	s := &record.Spec{Task: noTask, Backoff: backoffPolicy(t, r.BackoffPolicy), Delay: us(r.BackoffDelay), BackoffStop: r.BackoffStop}
	if r.Periodic {
		s.Every, s.Flex = us(r.Interval), us(r.Interval)
		if r.Flex != nil {
			s.Flex = us(*r.Flex)
		}
	}
	w := &record.Work{
		State: r.State, InitialDelay: us(r.InitialDelay), LastEnqueue: us(r.LastEnqueue), Attempts: r.Attempts, Periods: r.Periods,
		Override: record.Never, StopReason: work.NotStopped,
	}
	if r.Override != nil {
		w.Override, w.OverrideGen = us(*r.Override), max(r.OverrideGen, 1)
	}
	return s, w
}

func runNextRun(t coretest.TB, p core.Policy, in json.RawMessage) any {
	input := struct {
		Spec rowSpec `json:"spec"`
	}{newRowSpec()}
	read(t, in, &input)
	rules := p.Rules()
	s, w := input.Spec.rows(t)
	return map[string]any{"next_run_ms": ms(core.NextRun(&rules, s, w))}
}

func runBackoff(t coretest.TB, p core.Policy, in json.RawMessage) any {
	input := struct {
		Engine   string `json:"engine"`
		Policy   string `json:"policy"`
		Delay    int64  `json:"requested_delay_ms"`
		Attempts int32  `json:"run_attempt_count"`

		Initial   int64  `json:"initial_backoff_ms"`
		Failures  int32  `json:"num_failures"`
		Stops     int32  `json:"num_system_stops"`
		Abandoned int32  `json:"num_abandoned"`
		Event     string `json:"event"`
	}{Policy: "EXPONENTIAL", Delay: 30_000, Initial: 30_000}
	read(t, in, &input)
	policy := backoffPolicy(t, input.Policy)
	switch input.Engine {
	case "workmanager":
		rules := p.Rules()
		delay := core.ClampBackoff(&rules, us(input.Delay))
		wait := core.RetryDelay(&rules, &record.Spec{Backoff: policy, Delay: delay}, input.Attempts)
		return map[string]any{"effective_delay_ms": ms(delay), "retry_delay_ms": ms(wait)}
	case "jobscheduler_16":
		s := android.JobStops{Failures: input.Failures, System: input.Stops, Abandoned: input.Abandoned}.After(android.JobEnd(input.Event))
		got := map[string]any{"num_failures": s.Failures, "num_system_stops": s.System, "num_abandoned": s.Abandoned, "delay_ms": nil}
		if d, ok := s.Delay(policy, us(input.Initial)); ok {
			got["delay_ms"] = ms(d)
		}
		return got
	}
	t.Fatalf("unknown engine %q", input.Engine)
	return nil
}

// requestInput is how cases call the builders.
type requestInput struct {
	Kind          string  `json:"kind"`
	Now           int64   `json:"now_ms"`
	Interval      int64   `json:"interval_ms"`
	Flex          *int64  `json:"flex_ms"`
	InitialDelay  int64   `json:"initial_delay_ms"`
	BackoffPolicy *string `json:"backoff_policy"`
	BackoffDelay  *int64  `json:"backoff_delay_ms"`
	Expedited     bool    `json:"expedited"`
	OutOfQuota    string  `json:"out_of_quota_policy"`
	Constraints   struct {
		Charging      bool   `json:"charging"`
		BatteryNotLow bool   `json:"battery_not_low"`
		StorageNotLow bool   `json:"storage_not_low"`
		Idle          bool   `json:"device_idle"`
		Network       string `json:"network"`
		NetworkType   string `json:"network_type"`
		URIs          int    `json:"content_uri_triggers"`
	} `json:"constraints"`
	Tags      []string `json:"tags"`
	Merger    string   `json:"input_merger"`
	Retention int64    `json:"min_retention_ms"`
	TraceTag  int      `json:"trace_tag_len"`
	Bytes     int      `json:"serialized_input_bytes"`
	OldURIs   int      `json:"existing_unfinished_content_uri_work"`
	NewURIs   *int     `json:"new_content_uri_work"`
	Slots     *int64   `json:"max_scheduler_limit"`
	MinJob    *int64   `json:"min_job_id"`
	MaxJob    *int64   `json:"max_job_id"`
}

var networks = map[string]work.Network{
	"": work.NoNetwork, "NOT_REQUIRED": work.NoNetwork, "CONNECTED": work.Connected, "UNMETERED": work.Unmetered,
	"NOT_ROAMING": work.NotRoaming, "METERED": work.Metered, "TEMPORARILY_UNMETERED": work.TemporarilyUnmetered,
}

var mergers = map[string]work.Merger{
	"": "", "OverwritingInputMerger": work.Overwriting, "ArrayCreatingInputMerger": work.ArrayCreating,
}

var requestErrors = map[string]error{
	"expedited_unsupported_constraint": work.ErrExpeditedNeeds,
	"expedited_delayed":                work.ErrExpeditedDelayed,
	"expedited_periodic":               work.ErrExpeditedPeriodic,
	"backoff_with_device_idle":         work.ErrBackoffIdle,
	"initial_delay_overflow":           work.ErrDelayOverflow,
	"data_too_large":                   work.ErrDataTooLarge,
	"content_uri_limit":                work.ErrContentURILimit,
	"scheduler_limit_below_20":         work.ErrSchedulerLimit,
	"job_id_range_below_1000":          work.ErrJobIDRange,
}

func runRequest(t coretest.TB, p core.Policy, in json.RawMessage) any {
	var input requestInput
	read(t, in, &input)
	var got map[string]any
	var err error
	if input.Kind == "configuration" {
		got, err = configure(&input)
	} else {
		got, err = build(t, p, &input)
	}
	if err == nil {
		got["valid"] = true
		return got
	}
	for code, e := range requestErrors {
		if errors.Is(err, e) {
			return map[string]any{"valid": false, "error": code}
		}
	}
	return map[string]any{"valid": false, "error": err.Error()}
}

func configure(in *requestInput) (map[string]any, error) {
	slots, minJob, maxJob := int64(20), int64(0), int64(math.MaxInt32)
	for _, x := range []struct{ to, from *int64 }{{&slots, in.Slots}, {&minJob, in.MinJob}, {&maxJob, in.MaxJob}} {
		if x.from != nil {
			*x.to = *x.from
		}
	}
	slots, err := android.SchedulerLimits(slots, minJob, maxJob)
	return map[string]any{"max_scheduler_limit": slots, "min_job_id": minJob, "max_job_id": maxJob}, err
}

// enough is how long text is made at most: longer than all limits.
const enough = 1 << 20

func build(t coretest.TB, p core.Policy, in *requestInput) (map[string]any, error) {
	rules := p.Rules()
	network, ok := networks[in.Constraints.Network+in.Constraints.NetworkType]
	merger, ok2 := mergers[in.Merger]
	if !ok || !ok2 {
		t.Fatalf("unknown network or merger in %+v", in)
	}
	q := work.Request{
		ID: "a", Task: noTask, Tags: in.Tags, Merger: merger, Retention: span(in.Retention), Expedited: in.Expedited, Delay: span(in.InitialDelay),
		Needs: work.Constraints{
			Network: network, Charging: in.Constraints.Charging, BatteryNotLow: in.Constraints.BatteryNotLow,
			StorageNotLow: in.Constraints.StorageNotLow, Idle: in.Constraints.Idle, ContentURIs: in.Constraints.URIs,
		},
		TraceTag: strings.Repeat("x", min(max(in.TraceTag, 0), enough)),
	}
	switch in.OutOfQuota {
	case "", "RUN_AS_NON_EXPEDITED_WORK_REQUEST":
	case "DROP_WORK_REQUEST":
		q.DropWithoutQuota = true
	default:
		t.Fatalf("unknown policy %q", in.OutOfQuota)
	}
	switch in.Kind {
	case "periodic":
		q.Every = span(in.Interval)
		if in.Flex != nil {
			q.Flex = max(span(*in.Flex), 1) // a Request means by 0 that none is set
		}
	case "one_time":
	default:
		t.Fatalf("unknown kind %q", in.Kind)
	}
	if in.BackoffPolicy != nil || in.BackoffDelay != nil {
		q.Backoff = work.Backoff{Policy: work.Exponential, Delay: 30 * time.Second}
		if in.BackoffPolicy != nil {
			q.Backoff.Policy = backoffPolicy(t, *in.BackoffPolicy)
		}
		if in.BackoffDelay != nil {
			q.Backoff.Delay = span(*in.BackoffDelay)
		}
	}
	if in.Bytes > 0 {
		q.Input = json.RawMessage(strings.Repeat("1", min(in.Bytes, enough)))
	}
	added := min(in.Constraints.URIs, 1)
	if in.NewURIs != nil {
		added = *in.NewURIs
	}
	if !rules.ContentURIsLeft(in.OldURIs, added) {
		return nil, work.ErrContentURILimit
	}
	if longDelay(in.InitialDelay) {
		// A Request cannot hold it: only the rule itself is asked.
		if core.DelayOverflows(in.Now, in.InitialDelay) {
			return nil, work.ErrDelayOverflow
		}
		q.Delay = 0
	}
	s, w, err := core.Normalize(&rules, us(in.Now), &q)
	if err != nil {
		return nil, err
	}
	got := values(s, w)
	if longDelay(in.InitialDelay) {
		got["initial_delay_ms"] = in.InitialDelay
	}
	return got, nil
}

// longDelay reports whether milliseconds exceed a time.Duration.
func longDelay(ms int64) bool { return ms > math.MaxInt64/int64(time.Millisecond) }

func span(ms int64) time.Duration {
	if longDelay(ms) {
		return math.MaxInt64
	}
	return time.Duration(ms) * time.Millisecond
}

// values names a request's values as WorkManager does.
func values(s *record.Spec, w *record.Work) map[string]any {
	names := map[bool]string{true: "DROP_WORK_REQUEST", false: "RUN_AS_NON_EXPEDITED_WORK_REQUEST"}
	got := map[string]any{
		"backoff_policy": policyName(s.Backoff), "backoff_delay_ms": ms(s.Delay), "initial_delay_ms": ms(w.InitialDelay),
		"run_attempt_count": w.Attempts, "state": w.State, "tags": w.Tags, "out_of_quota_policy": names[s.DropQuota],
		"min_retention_ms": ms(s.Retention), "generation": w.Generation, "stop_reason": w.StopReason, "period_count": w.Periods,
		"interval_ms": ms(s.Every), "flex_ms": ms(s.Flex), "expedited": s.Expedited, "last_enqueue_ms": enqueuedMS(w),
		"override_ms": ms(w.Override), "override_generation": w.OverrideGen, "trace_tag_len": len(s.TraceTag),
		"backoff_on_system_interruptions": s.BackoffStop,
	}
	for name, m := range mergers {
		if m == s.Merger {
			got["input_merger"] = name
		}
	}
	for name, n := range networks {
		if n == s.Needs.Network && name != "" {
			got["network_type"] = name
		}
	}
	return got
}

func policyName(p work.BackoffPolicy) string { return strings.ToUpper(string(p)) }

func enqueuedMS(w *record.Work) any {
	if w.LastEnqueue == record.NotEnqueued {
		return -1
	}
	return ms(w.LastEnqueue)
}
