package calendar

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/adhocore/gronx"
	"pgregory.net/rapid"
)

// The oracle is gronx, in UTC. The generator stays within what both accept and
// mean alike. Known differences, ours first:
//   - a list that starts with a bare star ("*,5") counts as a star in both day
//     fields; there it does so in day-of-month only
//   - "5/15" is refused; there it means "5-59/15"
//   - steps above the range ("*/90") are refused; there they mean the first value
//   - "30 2" never happens; there it is valid, and the search ends in an error
//   - "?", L, W, #, seconds, years, @5minutes and the like are refused
//   - "fri-sun" is a range up to day 7; there sun is always 0, so the range is refused
//   - its search gives up after 500 steps, so that rare dates ("29 2" on a star
//     step of weekdays) are errors

// field draws one field as text.
func drawField(t *rapid.T, name string, lo, hi int, names string) string {
	value := func(v int) string {
		if i := v - lo; names != "" && i < 7 && rapid.IntRange(0, 3).Draw(t, "named") == 0 {
			if words := strings.Fields(names); i < len(words) {
				return words[i]
			}
		}
		return fmt.Sprint(v)
	}
	item := func() string {
		a, b := rapid.IntRange(lo, hi).Draw(t, "a"), rapid.IntRange(lo, hi).Draw(t, "b")
		a, b = min(a, b), max(a, b)
		step := rapid.IntRange(1, max(1, hi/2)).Draw(t, "step")
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			return value(a)
		case 1:
			return value(a) + "-" + value(b)
		default:
			return fmt.Sprintf("%d-%d/%d", a, b, step)
		}
	}
	switch rapid.IntRange(0, 4).Draw(t, name) {
	case 0:
		return "*"
	case 1:
		text := fmt.Sprintf("*/%d", rapid.IntRange(1, max(1, hi/2)).Draw(t, "step"))
		if rapid.Bool().Draw(t, "more") {
			text += "," + item()
		}
		return text
	case 2:
		return item()
	default:
		return item() + "," + item()
	}
}

func drawExpr(t *rapid.T) (string, Expr) {
	text := strings.Join([]string{
		drawField(t, "minute", 0, 59, ""),
		drawField(t, "hour", 0, 23, ""),
		drawField(t, "dom", 1, 31, ""),
		drawField(t, "month", 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"),
		drawField(t, "dow", 0, 7, "sun mon tue wed thu fri sat"),
	}, " ")
	e, err := Parse(text)
	if err != nil {
		if strings.Contains(err.Error(), "never happens") {
			t.Skip("no such date")
		}
		t.Fatalf("%v", err)
	}
	return text, e
}

func TestAgreesWithGronx(t *testing.T) {
	instants, matched := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		text, e := drawExpr(t)
		gron, utc := gronx.New(), UTC()
		agree := func(sec int64) {
			instants++
			at, ok := Next(e, utc, sec*microSec-1)
			due := ok && at == sec*microSec
			if due {
				matched++
			}
			when := time.Unix(sec, 0).UTC()
			want, err := gron.IsDue(text, when)
			if err != nil {
				t.Fatalf("%q: oracle: %v", text, err)
			}
			if due != want {
				t.Fatalf("%q at %v: %v, oracle %v", text, when.Format("Mon 2006-01-02 15:04"), due, want)
			}
		}
		const year2100 = 4_102_444_800
		for range 100 {
			sec := rapid.Int64Range(-year2100/2, year2100).Draw(t, "sec") / 60 * 60
			agree(sec)
			at, ok := Next(e, utc, sec*microSec)
			if !ok {
				t.Fatalf("%q: no occurrence after %d", text, sec)
			}
			// At the occurrence, around it, and on the days around it.
			for _, d := range []int64{0, -60, 60, -3600, 3600, -daySec, daySec, -7 * daySec, 31 * daySec} {
				agree(at/microSec + d)
			}
		}
		// The oracle's own search, from one instant.
		start := time.Unix(rapid.Int64Range(0, year2100).Draw(t, "start"), 0).UTC()
		if want, err := gronx.NextTickAfter(text, start, false); err == nil {
			if at, _ := Next(e, utc, start.UnixMicro()); at != want.UnixMicro() {
				t.Fatalf("%q after %v: %v, oracle %v", text, start, time.UnixMicro(at).UTC(), want)
			}
		}
	})
	if instants < 10_000 || matched < 1000 {
		t.Errorf("only %d instants compared, %d of them occurrences", instants, matched)
	}
	t.Logf("%d instants compared, %d of them occurrences", instants, matched)
}
