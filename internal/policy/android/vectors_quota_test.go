package android_test

import (
	"encoding/json"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
)

// device returns the profile that a case of the system's rules runs with: a policy that
// another test bends may have one of its own.
func device(t coretest.TB, policy core.Policy, v android.Version, vendor string) *android.Profile {
	t.Helper()
	if b, ok := policy.(interface {
		device(v android.Version, vendor string) *android.Profile
	}); ok {
		return b.device(v, vendor)
	}
	p, err := android.NewProfile(v, vendor)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// deviceVersions are the versions that cases name.
var deviceVersions = map[string]android.Version{
	"A11_15": android.Android15, "A12_15": android.Android15, "A16": android.Android16, "A16_FIRST": android.Android16First,
	"A11": android.Android11, "A12": android.Android12, "A13": android.Android13, "A14": android.Android14, "A15": android.Android15,
}

func bucket(t coretest.TB, name string) android.Bucket {
	t.Helper()
	b, ok := android.BucketByName(name)
	if !ok {
		t.Fatalf("unknown bucket %q", name)
	}
	return b
}

// quotaInput is how cases describe the use of a quota.
type quotaInput struct {
	Policy   string `json:"policy"`
	Kind     string `json:"kind"`
	Bucket   string `json:"bucket"`
	Now      int64  `json:"now_ms"`
	Sessions []struct {
		Start int64 `json:"start_ms"`
		End   int64 `json:"end_ms"`
		Jobs  int64 `json:"jobs"`
	} `json:"sessions"`
	Rate struct {
		Jobs            int64  `json:"jobs"`
		Sessions        int64  `json:"sessions"`
		Expires         int64  `json:"expires_ms"`
		SessionsExpires *int64 `json:"sessions_expires_ms"`
	} `json:"rate"`
	Charging          bool   `json:"charging"`
	Idle              bool   `json:"device_idle"`
	BatteryNotLow     bool   `json:"battery_not_low"`
	Unmetered         bool   `json:"unmetered"`
	Top               bool   `json:"top"`
	Foreground        bool   `json:"foreground"`
	ForegroundService bool   `json:"foreground_service"`
	UserInitiated     bool   `json:"user_initiated"`
	StartedWhileTop   bool   `json:"started_while_top"`
	JobRunning        bool   `json:"job_running"`
	TempAllowlisted   bool   `json:"temp_allowlisted"`
	SinceTop          *int64 `json:"ms_since_top"`
	SinceAllowlist    *int64 `json:"ms_since_temp_allowlist"`
	Installer         bool   `json:"installer"`
	Rewards           []struct {
		At   int64  `json:"at_ms"`
		Kind string `json:"kind"`
		Took int64  `json:"duration_ms"`
	} `json:"rewards"`
}

func runQuota(t coretest.TB, policy core.Policy, in json.RawMessage) any {
	var input quotaInput
	read(t, in, &input)
	v, ok := deviceVersions[input.Policy]
	if !ok {
		t.Fatalf("unknown policy %q", input.Policy)
	}
	p := device(t, policy, v, "")
	ask := android.Ask{
		Bucket: bucket(t, input.Bucket), Charging: input.Charging, Idle: input.Idle, BatteryOkay: input.BatteryNotLow, Unmetered: input.Unmetered,
		Top: input.Top, Foreground: input.Foreground, Service: input.ForegroundService, AllowListed: input.TempAllowlisted,
		UserInitiated: input.UserInitiated, StartedTop: input.StartedWhileTop, Running: input.JobRunning,
	}
	switch input.Kind {
	case "", "regular":
		return regularQuota(p, &input, &ask)
	case "expedited":
		return expeditedQuota(t, p, &input, &ask)
	}
	t.Fatalf("unknown kind %q", input.Kind)
	return nil
}

func regularQuota(p *android.Profile, in *quotaInput, ask *android.Ask) any {
	q, now := android.NewQuota(p), us(in.Now)
	for _, s := range in.Sessions {
		q.Add(android.Session{Start: us(s.Start), End: us(s.End), Jobs: s.Jobs})
	}
	q.JobRate = android.Rate{Count: in.Rate.Jobs, Until: us(in.Rate.Expires)}
	q.SessionRate = android.Rate{Count: in.Rate.Sessions, Until: us(in.Rate.Expires)}
	if e := in.Rate.SessionsExpires; e != nil {
		q.SessionRate.Until = us(*e)
	}
	used := q.Used(now, ask.Bucket)
	got := map[string]any{
		"within_quota": q.Within(now, ask), "remaining_ms": ms(q.Remaining(now, ask.Bucket)), "time_in_window_ms": ms(used.Time),
		"jobs_in_window": used.Jobs, "sessions_in_window": used.Sessions, "time_in_day_ms": ms(used.DayTime), "in_quota_at_ms": nil,
		"until_consumed_ms": ms(q.Lasts(now, ask.Bucket)),
	}
	if at, out := q.RegainsAt(now, ask.Bucket); out {
		got["in_quota_at_ms"] = ms(at)
	}
	return got
}

func expeditedQuota(t coretest.TB, p *android.Profile, in *quotaInput, ask *android.Ask) any {
	e, now := android.NewExpedited(p), us(in.Now)
	e.Installer = in.Installer
	for _, s := range in.Sessions {
		e.Add(android.Session{Start: us(s.Start), End: us(s.End), Jobs: s.Jobs})
	}
	for _, r := range in.Rewards {
		switch at := us(r.At); r.Kind {
		case "top":
			e.SetTop(at, true)
			e.SetTop(at+us(r.Took), false)
		case "interaction":
			e.Touched(at)
		case "notification_seen":
			e.Seen(at)
		default:
			t.Fatalf("unknown reward %q", r.Kind)
		}
	}
	if in.SinceTop != nil {
		e.LeftTop(now - us(*in.SinceTop))
	}
	if in.SinceAllowlist != nil {
		e.LeftAllowList(now - us(*in.SinceAllowlist))
	}
	got := map[string]any{
		"within_quota": e.Within(now, ask), "remaining_ms": ms(e.Remaining(now, ask.Bucket)), "in_quota_at_ms": nil,
		"until_consumed_ms": ms(e.Lasts(now, ask.Bucket)),
	}
	if at, out := e.RegainsAt(now, ask.Bucket); out {
		got["in_quota_at_ms"] = ms(at)
	}
	return got
}
