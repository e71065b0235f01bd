package rules

import (
	"fmt"
	"time"

	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/policy/flutter"
	"github.com/lullwork/lull/internal/policy/ios"
)

// androidLimit is a value of Android by its name in the policy's table: the newest one. It
// panics on a name that is none: it is ours.
func androidLimit(name string) int64 {
	value, found := int64(0), false
	for _, c := range android.Constants() {
		if c.Name == name {
			value, found = c.Value, true
		}
	}
	if !found {
		panic("no limit of Android is called " + name)
	}
	return value
}

// The limits that rules speak of. Durations are µs.
func minPeriod() int64   { return androidLimit("minimum period") }
func minFlex() int64     { return androidLimit("minimum flex") }
func longestRun() int64  { return androidLimit("run.regular.min") } // what a run has for certain
func minAlarm() int64    { return androidLimit("alarm.interval.min") }
func mostAlarms() int64  { return androidLimit("alarm.max") }
func refreshRun() int64  { return ios.DefaultLimits().RefreshLimit }
func mostPending() int64 { return ios.DefaultLimits().NotificationsKept }

// pushCut is after how long firebase_messaging reports a push as done on iOS.
func pushCut() int64 {
	l, _ := flutter.LayerOf("firebase")
	return l.Cut
}

// span is a duration of µs in words: "15 min".
func span(us int64) string {
	d := time.Duration(us) * time.Microsecond
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "days"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if d >= unit.of && d%unit.of == 0 {
			if unit.name == "days" && d == unit.of {
				return "1 day"
			}
			return fmt.Sprintf("%d %s", d/unit.of, unit.name)
		}
	}
	return d.String()
}
