package calendar

import (
	"fmt"
	"math"
	"strings"
)

// Never is the instant that does not come.
const Never int64 = math.MaxInt64

// Window is a daily stretch of local time, start inclusive, end exclusive, which
// may wrap over midnight. It reads the local clock: where a transition jumps into
// or out of it, it opens or closes at the transition, and a boundary inside an
// overlap is passed twice. The zero value is the whole day.
type Window struct {
	start, end int16 // minutes of the day, 0-1439; equal only in the zero value
}

// ParseWindow reads "HH:MM-HH:MM". 24:00 is allowed as an end and means the same
// as 00:00 there; "00:00-24:00" is the whole day. Errors are *SyntaxError.
func ParseWindow(s string) (Window, error) {
	p := parser{input: s}
	const form = "write HH:MM-HH:MM, as in 22:00-06:00"
	startText, endText, ok := strings.Cut(s, "-")
	if !ok {
		return Window{}, p.fail("", 1, "a window needs a start and an end", form)
	}
	if strings.ContainsAny(s, " \t\r\n") {
		return Window{}, p.fail("", strings.IndexAny(s, " \t\r\n")+1, "a window has no spaces", form)
	}
	start, err := p.clock("start", word{text: startText, column: 1}, form)
	if err != nil {
		return Window{}, err
	}
	column := len(startText) + 2
	end, err := p.clock("end", word{text: endText, column: column}, form)
	if err != nil {
		return Window{}, err
	}
	switch {
	case start == dayMinutes:
		return Window{}, p.fail("start", 1, "24:00 is an end only", "a day starts at 00:00")
	case start == 0 && end == dayMinutes:
		return Window{}, nil
	case start == end%dayMinutes:
		return Window{}, p.fail("end", column, "start and end are equal", "for the whole day write 00:00-24:00")
	}
	return Window{start: int16(start), end: int16(end % dayMinutes)}, nil
}

// clock reads HH:MM as a minute of the day, up to 24:00.
func (p parser) clock(field string, w word, form string) (int, error) {
	hourText, minuteText, ok := strings.Cut(w.text, ":")
	hour, hourOK := number(hourText)
	minute, minuteOK := number(minuteText)
	if !ok || !hourOK || !minuteOK || len(hourText) != 2 || len(minuteText) != 2 {
		hint := form
		if ok && hourOK && minuteOK && hour < 24 && minute < 60 {
			hint = fmt.Sprintf("write %02d:%02d", hour, minute)
		}
		return 0, p.fail(field, w.column, fmt.Sprintf("%s %s is not a time HH:MM", field, quote(w.text)), hint)
	}
	if minute > 59 {
		return 0, p.fail(field, w.column+3, fmt.Sprintf("%s minute %d is out of range 0-59", field, minute), "")
	}
	if at := hour*60 + minute; at <= dayMinutes {
		return at, nil
	}
	return 0, p.fail(field, w.column, fmt.Sprintf("%s %s is past the end of the day", field, w.text), "the latest end is 24:00")
}

// String returns the canonical form; an end at midnight is 24:00.
func (w Window) String() string {
	end := int(w.end)
	if end == 0 {
		end = dayMinutes
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", w.start/60, w.start%60, end/60, end%60)
}

// Contains reports whether an instant lies in the window.
func (w Window) Contains(zone Zone, at int64) bool {
	sec := floorDiv(at, microSec)
	_, minute := splitLocal(sec + zone.span(zone.spanAt(sec)).offset)
	return w.holds(minute)
}

func (w Window) holds(minute int) bool {
	start, end := int(w.start), int(w.end)
	if start < end {
		return start <= minute && minute < end
	}
	return minute >= start || minute < end
}

// NextChange returns the first instant after at from which on Contains gives the
// other answer; Never if there is none.
func (w Window) NextChange(zone Zone, at int64) int64 {
	if w == (Window{}) {
		return Never
	}
	inside := w.Contains(zone, at)
	border := int64(w.start)
	if inside {
		border = int64(w.end)
	}
	from := floorDiv(at, microSec)
	for i := zone.spanAt(from); i <= len(zone.Transitions); i++ {
		s := zone.span(i)
		local := max(s.start, from) + s.offset
		if _, minute := splitLocal(local); w.holds(minute) != inside {
			return s.start * microSec
		}
		wait := floorMod(border*minuteSec-local, daySec)
		if sec := local + wait - s.offset; sec < s.end {
			return sec * microSec
		}
	}
	return Never
}
