package promised

import (
	"testing"
	"time"

	"github.com/lullwork/lull/internal/policy/promise"
)

// TestExpectations: what the rules exclude is missed, everything else is for the simulation.
func TestExpectations(t *testing.T) {
	const syncExpect = "expect: {fresh: 24h, devices: 90%, among: [heavy, daily]}"
	const messageExpect = "expect: {within: 1m, works: 95%}"
	for _, c := range []struct {
		name     string
		edits    []string
		task, on string
		want     State
	}{
		{"message", nil, "message", promise.IOS, Missed},
		{"message on Android", nil, "message", promise.Android, Undecided},
		{"few messages", []string{"rate: 20/day", "rate: 1/day"}, "message", promise.IOS, Undecided},
		{"messages with patience", []string{messageExpect, "expect: {within: 15m, works: 95%}"}, "message", promise.IOS, Undecided},
		{"most messages", []string{messageExpect, "expect: {within: 1m, works: 80%}"}, "message", promise.IOS, Undecided},
		{"fresh", nil, "sync", promise.IOS, Undecided},
		{"too fresh for iOS", []string{syncExpect, "expect: {fresh: 5m}"}, "sync", promise.IOS, Missed},
		{"within half of what is assumed", []string{syncExpect, "expect: {fresh: 10m}"}, "sync", promise.IOS, Undecided},
		{"too fresh for Android", []string{syncExpect, "expect: {fresh: 10m}"}, "sync", promise.Android, Missed},
		{"too often for Android", []string{syncExpect, "expect: {runs-per-day: 97}"}, "sync", promise.Android, Missed},
		{"as often as Android may", []string{syncExpect, "expect: {runs-per-day: 96}"}, "sync", promise.Android, Undecided},
		{"too often for the night", []string{"takes: 4m, cpu: 0.6}", "takes: 4m}\n    expect: {runs-per-day: 3}"}, "clean", promise.IOS, Missed},
		{"as often as nights might be", []string{"takes: 4m, cpu: 0.6}", "takes: 4m}\n    expect: {runs-per-day: 2}"}, "clean", promise.IOS, Undecided},
		{"sooner than anything begins", []string{syncExpect, "expect: {within: 5m}"}, "sync", promise.IOS, Missed},
		{"refused", []string{"[com.ex.sync, ", "["}, "sync", promise.IOS, Missed},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := promises(t, parse(t, change(t, example(t), c.edits)), c.on, "")[c.task].Expect
			if v == nil || v.State != c.want {
				t.Fatalf("%+v, want %s", v, c.want)
			}
			if v.Expect == "" || v.Line == 0 || (v.Why == "") != (c.want == Undecided) {
				t.Errorf("%+v", v)
			}
		})
	}
}

func TestInTime(t *testing.T) {
	const day = 24 * time.Hour
	last := int64(0)
	for _, mean := range []time.Duration{time.Minute, time.Hour, day, 30 * day, 0} {
		got := inTime(15*time.Minute, time.Minute, mean)
		if got < last || got > whole {
			t.Errorf("one in %v: %d, and for more of them %d", mean, got, last)
		}
		last = got
	}
	if got := inTime(15*time.Minute, 15*time.Minute, time.Minute); got != whole {
		t.Errorf("who can wait as long as the spacing is in time for %d", got)
	}
}
