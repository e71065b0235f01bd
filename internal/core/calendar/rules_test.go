package calendar

import (
	"math"
	"strings"
	"testing"
	"time"
)

func mustParse(t testing.TB, s string) Expr {
	t.Helper()
	e, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The table of rules in the package documentation, line by line, as local clock
// readings of the occurrences that follow an instant.
func TestRules(t *testing.T) {
	for _, c := range []struct{ zone, expr, after, want string }{
		// New York springs from 02:00 to 03:00 on 2024-03-10, fixed.
		{"America/New_York", "30 2 * * *", "2024-03-08T12:00", "09T02:30-0500 10T03:00-0400 11T02:30-0400"},
		{"America/New_York", "*/15 2 * * *", "2024-03-09T02:30", "09T02:45-0500 10T03:00-0400 11T02:00-0400"},
		{"America/New_York", "0 2,3 * * *", "2024-03-09T12:00", "10T03:00-0400 11T02:00-0400 11T03:00-0400"},
		{"America/New_York", "30 2,3 * * *", "2024-03-09T12:00", "10T03:00-0400 10T03:30-0400 11T02:30-0400"},
		{"America/New_York", "30 1-3 * * *", "2024-03-09T12:00", "10T01:30-0500 10T03:00-0400 10T03:30-0400"},
		{"America/New_York", "0 */2 * * *", "2024-03-10T00:00", "10T03:00-0400 10T04:00-0400 10T06:00-0400"},
		{"America/New_York", "30 2 * * 0", "2024-03-04T00:00", "10T03:00-0400 17T02:30-0400"},
		{"America/New_York", "30 2 10 * *", "2024-02-11T00:00", "10T03:00-0400 10T02:30-0400"},
		// The same, hourly: no run for the gap, 60 minutes of elapsed time each.
		{"America/New_York", "30 * * * *", "2024-03-10T00:45", "10T01:30-0500 10T03:30-0400 10T04:30-0400"},
		{"America/New_York", "0 * * * *", "2024-03-10T00:45", "10T01:00-0500 10T03:00-0400 10T04:00-0400"},
		{"America/New_York", "*/30 0-23 * * *", "2024-03-10T01:10", "10T01:30-0500 10T03:00-0400 10T03:30-0400"},
		// It falls back from 02:00 to 01:00 on 2024-11-03.
		{"America/New_York", "30 1 * * *", "2024-11-02T12:00", "03T01:30-0400 04T01:30-0500"},
		{"America/New_York", "*/30 1 * * *", "2024-11-02T12:00", "03T01:00-0400 03T01:30-0400 04T01:00-0500"},
		{"America/New_York", "0 1,2 * * *", "2024-11-02T12:00", "03T01:00-0400 03T02:00-0500 04T01:00-0500"},
		{"America/New_York", "30 * * * *", "2024-11-03T00:45", "03T01:30-0400 03T01:30-0500 03T02:30-0500"},
		{"America/New_York", "30 */1 3 11 *", "2024-11-03T00:45", "03T01:30-0400 03T01:30-0500 03T02:30-0500"},
		// Lord Howe moves by half an hour: 02:00 to 02:30, and 02:00 to 01:30.
		{"Australia/Lord_Howe", "15 2 * * *", "2024-10-05T12:00", "06T02:30+1100 07T02:15+1100"},
		{"Australia/Lord_Howe", "0 * * * *", "2024-10-06T00:30", "06T01:00+1030 06T03:00+1100"},
		{"Australia/Lord_Howe", "45 1 * * *", "2024-04-06T12:00", "07T01:45+1100 08T01:45+1030"},
		{"Australia/Lord_Howe", "*/15 * * * *", "2024-04-07T01:20", "07T01:30+1100 07T01:45+1100 07T01:30+1030 07T01:45+1030 07T02:00+1030"},
		// Troll moves by two hours: 01:00 to 03:00, and 03:00 to 01:00.
		{"Antarctica/Troll", "30 1,2 * * *", "2024-03-30T12:00", "31T03:00+0200 01T01:30+0200"},
		{"Antarctica/Troll", "30 1,2 * * *", "2024-10-26T12:00", "27T01:30+0200 27T02:30+0200 28T01:30+0000"},
		// Apia left out 2011-12-30, a Friday.
		{"Pacific/Apia", "0 9 * * *", "2011-12-29T00:00", "29T09:00-1000 31T00:00+1400 31T09:00+1400"},
		{"Pacific/Apia", "0 0 * * *", "2011-12-29T00:00", "31T00:00+1400 01T00:00+1400"},
		{"Pacific/Apia", "0 9 * * 5", "2011-12-24T00:00", "31T00:00+1400 06T09:00+1400"},
		{"Pacific/Apia", "0 9 30 12 *", "2011-01-01T00:00", "31T00:00+1400 30T09:00+1400"},
		{"Pacific/Apia", "0 * * * *", "2011-12-29T22:30", "29T23:00-1000 31T00:00+1400 31T01:00+1400"},
		{"Pacific/Apia", "0 * 30 12 *", "2011-01-01T00:00", "30T00:00+1400"}, // hourly: of 2012
		// Cairo's gap is at midnight: no day without its midnight run.
		{"Africa/Cairo", "0 0 * * *", "2024-04-25T00:00", "26T01:00+0300 27T00:00+0300"},
		{"Africa/Cairo", "0 */6 * * *", "2024-04-25T12:00", "25T18:00+0200 26T01:00+0300 26T06:00+0300"},
		// Casablanca goes back for Ramadan and forth after it.
		{"Africa/Casablanca", "30 2 * * *", "2024-03-09T12:00", "10T02:30+0100 11T02:30+0000"},
		{"Africa/Casablanca", "30 2 * * *", "2024-04-13T12:00", "14T03:00+0100 15T02:30+0100"},
		// Monrovia jumped 44 min 30 s, to a time that is not on a full minute.
		{"Africa/Monrovia", "30 0 * * *", "1972-01-06T12:00", "07T00:44:30+0000 08T00:30+0000"},
		{"Africa/Monrovia", "*/15 * * * *", "1972-01-06T23:40", "06T23:45-0044 07T00:45+0000"},
		{"Asia/Kolkata", "30 2 * * *", "2024-03-30T12:00", "31T02:30+0530 01T02:30+0530"},
		{"Pacific/Chatham", "0 3 * * *", "2024-09-28T12:00", "29T03:45+1345 30T03:00+1345"}, // 02:45 to 03:45
	} {
		loc := location(t, c.zone)
		z := ZoneOf(loc, unix(1960), unix(2030))
		e := mustParse(t, c.expr)
		start, err := time.ParseInLocation("2006-01-02T15:04", c.after, loc)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for at := start.UnixMicro(); len(got) < len(strings.Fields(c.want)); {
			next, ok := Next(e, z, at)
			if !ok {
				t.Fatalf("%s %q: ends after %d", c.zone, c.expr, at)
			}
			at = next
			when := time.UnixMicro(at).In(loc)
			layout := "02T15:04-0700"
			if when.Second() != 0 {
				layout = "02T15:04:05-0700"
			}
			got = append(got, when.Format(layout))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s %q after %s:\n got %s\nwant %s", c.zone, c.expr, c.after, s, c.want)
		}
	}
}

func TestRareDates(t *testing.T) {
	day := func(y, m, d int) int64 { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).UnixMicro() }
	for _, c := range []struct {
		expr        string
		after, want int64
	}{
		{"0 0 29 2 *", day(2024, 3, 1), day(2028, 2, 29)},
		{"0 0 29 2 *", day(2096, 3, 1), day(2104, 2, 29)},
		{"0 0 29 2 */7", day(2004, 2, 29), day(2032, 2, 29)},  // a Sunday as well
		{"0 0 29 2 */7", day(2088, 2, 29), day(2128, 2, 29)},  // 40 years, over 2100
		{"0 0 */13 * */5", day(2024, 1, 14), day(2024, 3, 1)}, // both: 1, 14, 27 on Sunday or Friday
		{"0 0 13 * 5", day(2024, 9, 1), day(2024, 9, 6)},      // either
		{"0 0 1-31 * 1", day(2024, 9, 3), day(2024, 9, 4)},    // 1-31 is not a star
		{"0 0 31 2,12 *", day(2024, 1, 1), day(2024, 12, 31)}, // February has none, December has
	} {
		e := mustParse(t, c.expr)
		at, ok := Next(e, UTC(), c.after)
		if !ok || at != c.want {
			t.Errorf("%q after %v: %v, want %v", c.expr, time.UnixMicro(c.after).UTC(), time.UnixMicro(at).UTC(), time.UnixMicro(c.want).UTC())
		}
		if last, ok := Last(e, UTC(), c.after, c.want+5); !ok || last != c.want {
			t.Errorf("%q: last is %v %v", c.expr, time.UnixMicro(last).UTC(), ok)
		}
		if last, ok := Last(e, UTC(), c.after, c.want-1); ok {
			t.Errorf("%q: last before is %v", c.expr, time.UnixMicro(last).UTC())
		}
	}
}

// The ends of time, and intervals that are empty or backwards.
func TestEdges(t *testing.T) {
	every, leap := mustParse(t, "* * * * *"), mustParse(t, "0 0 29 2 */7")
	ends := []int64{math.MinInt64, math.MinInt64 + 1, -1, 0, 1, math.MaxInt64 - 1, math.MaxInt64}
	for _, z := range []Zone{{}, UTC(), Fixed("east", maxOffset), Fixed("west", -maxOffset)} {
		for _, e := range []Expr{every, leap, {}} {
			for _, a := range ends {
				if at, ok := Next(e, z, a); ok && at <= a {
					t.Errorf("%q after %d: %d", e, a, at)
				}
				for _, b := range ends {
					n := Count(e, z, a, b, 10)
					at, ok := Last(e, z, a, b)
					if ok != (n > 0) || ok && (at <= a || at > b) || b <= a && n != 0 {
						t.Errorf("%q in (%d, %d]: %d, last %d %v", e, a, b, n, at, ok)
					}
				}
			}
		}
	}
	if _, ok := Next(every, UTC(), math.MaxInt64); ok {
		t.Error("an occurrence after the end of time")
	}
	if _, ok := Next(Expr{}, UTC(), 0); ok {
		t.Error("the zero value occurs")
	}
	if n := Count(every, UTC(), 0, 3600*microSec, -3); n != 0 {
		t.Errorf("count with a negative limit: %d", n)
	}
	if n := Count(every, UTC(), 0, 3600*microSec, 7); n != 7 {
		t.Errorf("count with limit 7: %d", n)
	}
	// All of time: the Gregorian cycle has 97 leap days, 13 of them Sundays; the
	// rest is what the cycles leave over at both ends.
	if n, want := Count(leap, UTC(), math.MinInt64, math.MaxInt64, math.MaxInt), 2*maxSec/daySec/cycleDays*13; n < want-26 || n > want+26 {
		t.Errorf("count over all of time: %d, about %d expected", n, want)
	}
	if n, want := Count(every, UTC(), math.MinInt64, math.MaxInt64, math.MaxInt), min(int64(maxSec/minuteSec*2+1), math.MaxInt); int64(n) != want {
		t.Errorf("count over all of time: %d, want %d", n, want)
	}
	// Strictly after, and up to and including.
	if at, _ := Next(every, UTC(), 60*microSec); at != 120*microSec {
		t.Errorf("next after an occurrence is %d", at)
	}
	if at, _ := Next(every, UTC(), 60*microSec-1); at != 60*microSec {
		t.Errorf("next a microsecond before an occurrence is %d", at)
	}
	if at, ok := Last(every, UTC(), 0, 60*microSec); !ok || at != 60*microSec {
		t.Errorf("last up to an occurrence is %d %v", at, ok)
	}
	if _, ok := Last(every, UTC(), 60*microSec, 120*microSec-1); ok {
		t.Error("an occurrence between two minutes")
	}
}
