package rules

import (
	"slices"
	"time"

	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/policy/ios"
)

// The numbers of the platforms, from the tables that also decide in a simulation.

func iosLimits() ios.Limits { return ios.DefaultLimits() }

// androidValue is a value of Android by its name in the table, the newest one; a test looks up
// all that are used here.
func androidValue(name string) int64 {
	for _, c := range slices.Backward(android.Constants()) {
		if c.Name == name {
			return c.Value
		}
	}
	panic("android has no constant " + name)
}

// span is a duration in microseconds as people read it.
func span(us int64) string {
	d := time.Duration(us) * time.Microsecond
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return plural(int64(d/time.Hour), "hour")
	case d >= time.Minute && d%time.Minute == 0:
		return plural(int64(d/time.Minute), "minute")
	case d >= time.Second && d%time.Second == 0:
		return plural(int64(d/time.Second), "second")
	}
	return d.String()
}
