package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCivilAgreesWithTime(t *testing.T) {
	check := func(t interface{ Errorf(string, ...any) }, day int64) {
		want := time.Unix(day*daySec, 0).UTC()
		month, dom := monthOf(day)
		if y, m := int(floorDiv(month, 12)), time.Month(floorMod(month, 12)+1); y != want.Year() || m != want.Month() || dom != want.Day() {
			t.Errorf("day %d: %d-%d-%d, want %v", day, y, m, dom, want)
		}
		if got := monthStart(month) + int64(dom) - 1; got != day {
			t.Errorf("day %d: back as %d", day, got)
		}
		if got := weekday(day); got != int(want.Weekday()) {
			t.Errorf("day %d: weekday %d, want %v", day, got, want.Weekday())
		}
	}
	for day := int64(-cycleDays); day <= cycleDays; day++ {
		check(t, day)
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.Int64Range(minSec/daySec, maxSec/daySec).Draw(t, "day"))
	})
}

func TestFloor(t *testing.T) {
	for _, c := range []struct{ a, b, div, mod int64 }{
		{7, 3, 2, 1}, {-7, 3, -3, 2}, {-6, 3, -2, 0}, {0, 3, 0, 0}, {-1, 1_000_000, -1, 999_999},
	} {
		if div, mod := floorDiv(c.a, c.b), floorMod(c.a, c.b); div != c.div || mod != c.mod {
			t.Errorf("%d by %d = %d rest %d, want %d rest %d", c.a, c.b, div, mod, c.div, c.mod)
		}
	}
}
