package calendar

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseWindow(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"22:00-06:00", "22:00-06:00"},
		{"00:00-24:00", "00:00-24:00"},
		{"22:00-24:00", "22:00-24:00"},
		{"22:00-00:00", "22:00-24:00"},
		{"00:00-00:01", "00:00-00:01"},
		{"23:59-23:58", "23:59-23:58"},
	} {
		w, err := ParseWindow(c.in)
		if err != nil || w.String() != c.want {
			t.Errorf("%q is %q (%v), want %q", c.in, w, err, c.want)
		}
	}
	if w, _ := ParseWindow("00:00-24:00"); w != (Window{}) {
		t.Error("the whole day is not the zero value")
	}
	for _, c := range []struct {
		in, field string
		column    int
		problem   string
		hint      string
	}{
		{"", "", 1, "a window needs a start and an end", "HH:MM-HH:MM"},
		{"22:00", "", 1, "a window needs a start and an end", "HH:MM-HH:MM"},
		{"22:00 - 06:00", "", 6, "a window has no spaces", "HH:MM-HH:MM"},
		{"22:00-22:00", "end", 7, "start and end are equal", "00:00-24:00"},
		{"00:00-00:00", "end", 7, "start and end are equal", "00:00-24:00"},
		{"24:00-06:00", "start", 1, "24:00 is an end only", "00:00"},
		{"6:00-22:00", "start", 1, `start "6:00" is not a time HH:MM`, "write 06:00"},
		{"22:00-6:5", "end", 7, `end "6:5" is not a time HH:MM`, "write 06:05"},
		{"22-06", "start", 1, `start "22" is not a time HH:MM`, "HH:MM-HH:MM"},
		{"22:00-", "end", 7, `end "" is not a time HH:MM`, "HH:MM-HH:MM"},
		{"22:00-06:00:00", "end", 7, `end "06:00:00" is not a time HH:MM`, "HH:MM-HH:MM"},
		{"22:00-06:00-07:00", "end", 7, `end "06:00-07:00" is not a time HH:MM`, "HH:MM-HH:MM"},
		{"22:60-06:00", "start", 4, "start minute 60 is out of range 0-59", ""},
		{"22:00-24:01", "end", 7, "end 24:01 is past the end of the day", "24:00"},
		{"22:00-99:00", "end", 7, "end 99:00 is past the end of the day", "24:00"},
		{"10pm-6am", "start", 1, `start "10pm" is not a time HH:MM`, "HH:MM-HH:MM"},
	} {
		w, err := ParseWindow(c.in)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: error %v, window %v; want a *SyntaxError", c.in, err, w)
			continue
		}
		if syntax.Field != c.field || syntax.Column != c.column || syntax.Problem != c.problem || !strings.Contains(syntax.Hint, c.hint) || (c.hint == "") != (syntax.Hint == "") {
			t.Errorf("%q:\n got %s|%d|%s|%s\nwant %s|%d|%s|…%s…", c.in, syntax.Field, syntax.Column, syntax.Problem, syntax.Hint, c.field, c.column, c.problem, c.hint)
		}
	}
}

func mustWindow(t testing.TB, s string) Window {
	t.Helper()
	w, err := ParseWindow(s)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// The flips of a window across a transition, as local clock readings.
func TestWindowFlips(t *testing.T) {
	for _, c := range []struct{ zone, window, from, want string }{
		{"America/New_York", "22:00-06:00", "2024-03-09T12:00", "09T22:00-0500 10T06:00-0400 10T22:00-0400"},
		{"America/New_York", "01:30-02:30", "2024-03-10T00:00", "10T01:30-0500 10T03:00-0400 11T01:30-0400"},    // closed by the gap
		{"America/New_York", "02:15-04:00", "2024-03-10T00:00", "10T03:00-0400 10T04:00-0400 11T02:15-0400"},    // opened by the gap
		{"America/New_York", "02:10-02:50", "2024-03-09T12:00", "11T02:10-0400 11T02:50-0400"},                  // inside the gap: not that day
		{"America/New_York", "01:30-02:30", "2024-11-03T00:00", "03T01:30-0400 03T01:00-0500 03T01:30-0500"},    // shut by the overlap, opened again
		{"America/New_York", "00:30-01:15", "2024-11-03T00:00", "03T00:30-0400 03T01:15-0400 03T01:00-0500"},    // opened by the overlap
		{"Pacific/Apia", "09:00-17:00", "2011-12-29T12:00", "29T17:00-1000 31T09:00+1400"},                      // a day that does not exist
		{"Pacific/Apia", "22:00-06:00", "2011-12-29T23:00", "31T06:00+1400 31T22:00+1400"},                      // open right across it
		{"Australia/Lord_Howe", "01:45-12:00", "2024-04-07T00:00", "07T01:45+1100 07T01:30+1030 07T01:45+1030"}, // half an hour
		{"Asia/Kolkata", "22:00-24:00", "2024-01-01T00:00", "01T22:00+0530 02T00:00+0530"},
	} {
		loc := location(t, c.zone)
		z := ZoneOf(loc, unix(2010), unix(2030))
		w := mustWindow(t, c.window)
		start, err := time.ParseInLocation("2006-01-02T15:04", c.from, loc)
		if err != nil {
			t.Fatal(err)
		}
		at := start.UnixMicro()
		var got []string
		for range strings.Fields(c.want) {
			before := w.Contains(z, at)
			at = w.NextChange(z, at)
			if w.Contains(z, at) == before {
				t.Errorf("%s %s: no flip at %v", c.zone, c.window, time.UnixMicro(at).In(loc))
			}
			got = append(got, time.UnixMicro(at).In(loc).Format("02T15:04-0700"))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s %s:\n got %s\nwant %s", c.zone, c.window, s, c.want)
		}
	}
}

func TestWindowWholeDay(t *testing.T) {
	for _, at := range []int64{math.MinInt64, 0, math.MaxInt64} {
		if (Window{}).NextChange(UTC(), at) != Never || !(Window{}).Contains(UTC(), at) {
			t.Errorf("the whole day ends at %d", at)
		}
	}
	w := mustWindow(t, "22:00-06:00")
	if at := w.NextChange(UTC(), math.MaxInt64); at != Never {
		t.Errorf("change after the end of time: %d", at)
	}
}

// Against the clock of time.Location, minute by minute around transitions: with -long around
// each one in every window.
func TestWindowBruteForce(t *testing.T) {
	windows := []string{"22:00-06:00", "02:00-03:00", "02:15-02:20", "00:00-00:30", "23:30-24:00", "01:45-01:30", "01:00-02:30"}
	for _, name := range realZones() {
		loc := location(t, name)
		z := ZoneOf(loc, unix(2010), unix(2022))
		for i, tr := range z.Transitions {
			from, to := tr.At-26*3600, tr.At+26*3600
			for k, text := range windows {
				if !*long && (i+k)%3 != 0 {
					continue
				}
				w := mustWindow(t, text)
				next := w.NextChange(z, from*microSec)
				inside := clockInside(time.Unix(from, 0).In(loc), text)
				for sec := from; sec <= to; sec += 60 {
					now := clockInside(time.Unix(sec, 0).In(loc), text)
					if got := w.Contains(z, sec*microSec); got != now {
						t.Fatalf("%s %s at %v: contains = %v", name, text, time.Unix(sec, 0).In(loc), got)
					}
					if flipped := now != inside; flipped != (next == sec*microSec) {
						t.Fatalf("%s %s at %v: flipped = %v, next change %v", name, text, time.Unix(sec, 0).In(loc), flipped, time.UnixMicro(next).In(loc))
					}
					if now != inside {
						inside = now
						next = w.NextChange(z, sec*microSec)
					}
				}
			}
		}
	}
}

// clockInside compares clock readings as text.
func clockInside(at time.Time, window string) bool {
	now, start, end := at.Format("15:04"), window[:5], window[6:]
	if start < end {
		return start <= now && now < end
	}
	return now >= start || now < end
}

// Zones that do not exist, with transitions in quick succession, second by second.
func TestWindowMadeUpZones(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := drawZone(t)
		start := rapid.IntRange(0, dayMinutes-1).Draw(t, "start")
		end := (start + rapid.IntRange(1, dayMinutes-1).Draw(t, "length")) % dayMinutes
		w, err := ParseWindow(fmt.Sprintf("%02d:%02d-%02d:%02d", start/60, start%60, end/60, end%60))
		if err != nil {
			t.Fatal(err)
		}
		first := rapid.Int64Range(0, madeUpSpan).Draw(t, "at")
		at := first*microSec + rapid.Int64Range(0, microSec-1).Draw(t, "micro")
		change := w.NextChange(z, at)
		before := w.Contains(z, at)
		for sec := first + 1; sec < first+3*daySec; sec++ {
			local := time.Unix(sec+int64(naiveOffset(z, sec)), 0).UTC()
			m := local.Hour()*60 + local.Minute()
			inside := m >= start && m < end
			if start > end {
				inside = m >= start || m < end
			}
			if inside != before {
				if change != sec*microSec {
					t.Fatalf("%v after %d: change at %d, want %d", w, at, change, sec*microSec)
				}
				return
			}
		}
		if change < (first+3*daySec)*microSec {
			t.Fatalf("%v after %d: change at %d, want none so soon", w, at, change)
		}
	})
}

func FuzzParseWindow(f *testing.F) {
	for _, s := range []string{"22:00-06:00", "00:00-24:00", "24:00-00:00", "06:00-06:00", "6:00-7:00", "", "-", ":-:", "22:00–06:00", "99:99-99:99", "+1:00-02:00"} {
		f.Add(s, int64(0))
	}
	z := Zone{To: maxSec, Transitions: []Transition{{0, 3600}, {1_000_000, -5400}, {1_086_400, 86_000}}}
	f.Fuzz(func(t *testing.T, s string, at int64) {
		w, err := ParseWindow(s)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Problem == "" || syntax.Column < 1 || syntax.Column > len(s)+1 {
				t.Fatalf("%q: %#v", s, err)
			}
			return
		}
		if again, err := ParseWindow(w.String()); err != nil || again != w {
			t.Fatalf("%q: canonical %q: %v", s, w, err)
		}
		change := w.NextChange(z, at)
		if change == Never {
			if w != (Window{}) && at < (maxSec-4*daySec)*microSec {
				t.Fatalf("%v never changes after %d", w, at)
			}
			return
		}
		if change <= at || w.Contains(z, change) == w.Contains(z, at) || w.Contains(z, change-1) != w.Contains(z, at) {
			t.Fatalf("%v: no change at %d after %d", w, change, at)
		}
	})
}
