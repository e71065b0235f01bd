package calendar

import (
	"errors"
	"strings"
	"testing"
)

func TestParseCanonical(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"* * * * *", "* * * * *"},
		{" \t0   3 * * *\n", "0 3 * * *"},
		{"*/15 * * * *", "*/15 * * * *"},
		{"0,15,30,45 0-23 1-31 1-12 0-6", "*/15 * 1-31 * 0-6"},
		{"00 09 01 01 *", "0 9 1 1 *"},
		{"5-7,1,2,59 8-10/2 * * *", "1,2,5-7,59 8,10 * * *"},
		{"0 0-23/6 * * *", "0 */6 * * *"},
		{"0 */12 * * *", "0 0,12 * * *"},
		{"0 0 * JAN,mar-May *", "0 0 * 1,3-5 *"},
		{"0 0 * * 7", "0 0 * * 0"},
		{"0 0 * * sun", "0 0 * * 0"},
		{"0 0 * * fri-sun", "0 0 * * 0,5,6"},
		{"0 0 * * 5-7", "0 0 * * 0,5,6"},
		{"0 0 * * 0-7", "0 0 * * 0-6"},
		{"0 0 * * 1-7/2", "0 0 * * 0,1,3,5"},
		{"0 0 * * Mon-FRI", "0 0 * * 1-5"},
		{"0 0 * * */2", "0 0 * * */2"},
		{"0 0 */7,3 * *", "0 0 */7,3 * *"},
		{"0 0 *,5 * 1", "0 0 * * 1"},
		{"0 0 5,* * 1", "0 0 1-31 * 1"},
		{"0 0 */31 * *", "0 0 */31 * *"},
		{"0 0 30 2 1", "0 0 30 2 1"}, // either day field: the Mondays of February
		{"0 0 29 2 *", "0 0 29 2 *"},
		{"@hourly", "0 * * * *"},
		{"@daily", "0 0 * * *"},
		{"@Midnight ", "0 0 * * *"},
		{"@weekly", "0 0 * * 0"},
		{"@monthly", "0 0 1 * *"},
		{"@yearly", "0 0 1 1 *"},
		{"@annually", "0 0 1 1 *"},
	} {
		e, err := Parse(c.in)
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		if got := e.String(); got != c.want {
			t.Errorf("%q is %q, want %q", c.in, got, c.want)
		}
		if again, err := Parse(e.String()); err != nil || again != e {
			t.Errorf("%q: its canonical form is not equal to it (%v)", c.in, err)
		}
	}
	if got := (Expr{}).String(); got != "" {
		t.Errorf("zero value is %q", got)
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		in, field string
		column    int
		problem   string
		hint      string // a part of it
	}{
		{"", "", 1, "the expression is empty", "five fields"},
		{" \t ", "", 1, "the expression is empty", "five fields"},
		{"0 3 * *", "day-of-week", 8, "day-of-week is missing: an expression has 5 fields, not 4", "minute hour"},
		{"5", "hour", 2, "hour is missing: an expression has 5 fields, not 1", "minute hour"},
		{"0 0 3 * * *", "", 11, "an expression has 5 fields, not 6", "seconds are not supported"},
		{"0 3 * * * 2027", "", 11, "an expression has 5 fields, not 6", "years are not supported"},
		{"0 0 3 * * * *", "", 11, "an expression has 5 fields, not 7", "seconds and years"},
		{"0 0 3 * * * * *", "", 11, "an expression has 5 fields, not 8", "minute hour"},
		{"0 24 * * *", "hour", 3, "hour 24 is out of range 0-23", "midnight is hour 0"},
		{"60 * * * *", "minute", 1, "minute 60 is out of range 0-59", "minute 0"},
		{"0 0 0 * *", "day-of-month", 5, "day-of-month 0 is out of range 1-31", ""},
		{"0 0 * 13 *", "month", 7, "month 13 is out of range 1-12", ""},
		{"0 0 * * 8", "day-of-week", 9, "day-of-week 8 is out of range 0-7", ""},
		{"0 99999999999999999999999 * * *", "hour", 3, "hour 99999999999999999999999 is out of range 0-23", ""},
		{"0 1,2,x * * *", "hour", 7, `hour "x" is not a value`, "0-23"},
		{"0 1-x * * *", "hour", 5, `hour "x" is not a value`, "0-23"},
		{"0 -5 * * *", "hour", 3, `hour "" is not a value`, "0-23"},
		{"0 +5 * * *", "hour", 3, `hour "+5" is not a value`, "without a sign"},
		{"0 1,,2 * * *", "hour", 5, "hour has an empty list item", "comma"},
		{"0 5/6 * * *", "hour", 3, `hour "5/6" has a step but no range`, "write 5-23/6"},
		{"0 0 * * 7/2", "day-of-week", 9, `day-of-week "7/2" has a step but no range`, "write 0-6/2"},
		{"*/0 * * * *", "minute", 3, "minute step 0 never advances", "1"},
		{"*/90 * * * *", "minute", 3, "minute step 90 exceeds the range 0-59", "every:"},
		{"0 */24 * * *", "hour", 5, "hour step 24 exceeds the range 0-23", "every:"},
		{"*/ * * * *", "minute", 3, `minute step "" is not a number`, "*/2"},
		{"*/2/3 * * * *", "minute", 3, `minute step "2/3" is not a number`, "*/2"},
		{"*5 * * * *", "minute", 1, `minute "*5" is not a value`, "star"},
		{"*-5 * * * *", "minute", 1, `minute "*" is not a value`, "star"},
		{"0 22-6 * * *", "hour", 3, `hour range "22-6" runs backwards`, "write 22-23,0-6"},
		{"0 23-0 * * *", "hour", 3, `hour range "23-0" runs backwards`, "write 23,0"},
		{"0 0 * * fri-mon", "day-of-week", 9, `day-of-week range "fri-mon" runs backwards`, "write 5-6,0-1"},
		{"0 0 * nov-feb *", "month", 7, `month range "nov-feb" runs backwards`, "write 11-12,1-2"},
		{"0 0 ? * *", "day-of-month", 5, `day-of-month "?" is not a value`, "write *"},
		{"0 0 L * *", "day-of-month", 5, `day-of-month "l" is not a value`, "last"},
		{"0 0 15W * *", "day-of-month", 5, `day-of-month "15w" is not a value`, "nearest"},
		{"0 0 * * mon#2", "day-of-week", 9, `day-of-week "mon#2" is not a value`, "n-th"},
		{"0 0 * * 5L", "day-of-week", 9, `day-of-week "5l" is not a value`, "last"},
		{"0 0 * * monday", "day-of-week", 9, `day-of-week "monday" is not a value`, "write mon"},
		{"0 0 * july *", "month", 7, `month "july" is not a value`, "write jul"},
		{"0 0 * foo *", "month", 7, `month "foo" is not a value`, "jan-dec"},
		{"H 3 * * *", "minute", 1, `minute "h" is not a value`, "hashed"},
		{"\xff\xfe/x * * * *", "minute", 4, `minute step "x" is not a number`, "*/2"},
		{"0 İ,MON * * *", "hour", 3, `hour "İ" is not a value`, "0-23"},
		{"0 mon * * *", "hour", 3, `hour "mon" is not a value`, "0-23"},
		{"0 0 30 2 *", "day-of-month", 5, "day 30 of month 2 never happens", "no such month"},
		{"0 0 31 4,jun,9,11 *", "day-of-month", 5, "day 31 of month 4,jun,9,11 never happens", "no such month"},
		{"0 0 30 feb */2", "day-of-month", 5, "day 30 of month feb never happens", "no such month"},
		{"@reboot", "", 1, `unknown macro "@reboot"`, "start of the machine"},
		{"@fortnightly", "", 1, `unknown macro "@fortnightly"`, "@hourly"},
		{"@every 6h", "", 8, `unexpected "6h" after @every`, "every: 6h"},
		{"@daily 3", "", 8, `unexpected "3" after @daily`, "alone"},
		{"TZ=UTC 0 3 * * *", "", 1, `"tz=utc" is not part of an expression`, "zone"},
		{strings.Repeat("1,", 600), "", 1001, "the expression is longer than 1000 bytes", ""},
	} {
		e, err := Parse(c.in)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: error %v, expression %v; want a *SyntaxError", c.in, err, e)
			continue
		}
		if !e.IsZero() {
			t.Errorf("%q: an error and an expression", c.in)
		}
		if syntax.Field != c.field || syntax.Column != c.column || syntax.Problem != c.problem || !strings.Contains(syntax.Hint, c.hint) || (c.hint == "") != (syntax.Hint == "") {
			t.Errorf("%q:\n got %s|%d|%s|%s\nwant %s|%d|%s|…%s…", c.in, syntax.Field, syntax.Column, syntax.Problem, syntax.Hint, c.field, c.column, c.problem, c.hint)
		}
		if got, want := errors.Is(err, ErrNever), strings.HasSuffix(c.problem, "never happens"); got != want {
			t.Errorf("%q: is ErrNever = %v, want %v", c.in, got, want)
		}
	}
}

// The suggestions for what is refused must themselves be accepted.
func TestHintsParse(t *testing.T) {
	for _, in := range []string{"0 22-6 * * *", "0 5/6 * * *", "0 0 * * fri-mon", "0 0 * * 7/2", "0 0 * * 7-3", "0 0 * * monday", "0 0 12/3 * *", "0 0 * nov-feb *"} {
		_, err := Parse(in)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Fatalf("%q: %v", in, err)
		}
		words := strings.Fields(in)
		for i, f := range fields() {
			if f.name == syntax.Field {
				words[i] = strings.TrimPrefix(syntax.Hint, "write ")
			}
		}
		if _, err := Parse(strings.Join(words, " ")); err != nil {
			t.Errorf("%q: hint %q: %v", in, syntax.Hint, err)
		}
	}
}

func TestErrorText(t *testing.T) {
	_, err := Parse("0 24 * * *")
	if got, want := err.Error(), `"0 24 * * *", column 3: hour 24 is out of range 0-23 (midnight is hour 0)`; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	_, err = Parse(strings.Repeat("é", 400))
	if n := len(err.Error()); n > 400 {
		t.Errorf("message of %d bytes: %v", n, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"* * * * *", "*/15 2 * * *", "0 0 29 2 */2", "59 23 31 12 7", "0 0 1-31 * fri-sun", "@daily", "@every 1h",
		"0 22-6 * * *", "5/3 * * * *", "0 0 30 2 *", ",,, - / *", "0 0 L * *", "TZ=UTC 0 0 * * *", "\x00 é \xff * *", "1-7/2,*/3 * */7,3 jan-mar *,1",
	} {
		f.Add(s, int64(0))
	}
	gaps := Zone{To: maxSec, Transitions: []Transition{{0, 3600}, {1_000_000, -5400}, {1_086_400, 86_000}}}
	f.Fuzz(func(t *testing.T, s string, after int64) {
		e, err := Parse(s)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Problem == "" || syntax.Column < 1 || syntax.Column > len(s)+1 || !e.IsZero() {
				t.Fatalf("%q: %#v", s, err)
			}
			return
		}
		if again, err := Parse(e.String()); err != nil || again != e {
			t.Fatalf("%q: canonical %q: %v", s, e, err)
		}
		for range 3 {
			at, ok := Next(e, gaps, after)
			if !ok {
				if after < (maxSec-50*366*daySec)*microSec {
					t.Fatalf("%q has no occurrence after %d", e, after)
				}
				return
			}
			if at <= after {
				t.Fatalf("%q: next after %d is %d", e, after, at)
			}
			if last, ok := Last(e, gaps, after, at); !ok || last != at {
				t.Fatalf("%q: last in (%d, %d] is %d %v", e, after, at, last, ok)
			}
			if n := Count(e, gaps, after, at, 5); n != 1 {
				t.Fatalf("%q: %d occurrences in (%d, %d]", e, n, after, at)
			}
			after = at
		}
	})
}
