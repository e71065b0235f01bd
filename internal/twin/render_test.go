package twin

import (
	"fmt"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// span writes µs as a short duration.
func span(us int64) string {
	sign := "+"
	if us < 0 {
		sign, us = "-", -us
	}
	d := time.Duration(us) * time.Microsecond
	days := d / (24 * time.Hour)
	s := (d % (24 * time.Hour)).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-len(zero)+1]
		}
	}
	if days > 0 {
		day := fmt.Sprintf("%dd", days)
		if s == "0s" {
			return sign + day
		}
		s = day + s
	}
	return sign + s
}

// show writes an entry as one line, with times since the start.
func (r *player) show(e *record.Entry) string {
	var f []string
	add := func(format string, args ...any) { f = append(f, fmt.Sprintf(format, args...)) }
	add("%-8s %-9s", span(e.At-r.start), e.Kind)
	switch e.Kind {
	case record.EntrySpec:
		add("%d of %s: %s", e.Spec, e.Task, strings.Join(e.Conds, " "))
		return strings.Join(f, " ")
	case record.EntryCondition:
		add("%s %s", e.Cond, e.Value)
		if string(e.Code) != "" && string(e.Code) != e.Value {
			add("(%s)", e.Code)
		}
	default:
		if e.Work != "" {
			id := string(e.Work)
			if e.Run != 0 {
				id += fmt.Sprintf("#%d", e.Run)
			}
			add("%s", id)
		} else if e.Task != "" {
			add("%s", e.Task)
		}
	}
	if e.Attempt > 1 {
		add("attempt %d", e.Attempt)
	}
	if e.State != "" {
		add("%s", e.State)
	}
	if e.Outcome != "" {
		add("%s", e.Outcome)
	}
	if e.Stop != 0 {
		add("stop %d", e.Stop)
	}
	if len(e.After) > 0 {
		add("after %v waits for %d", e.After, e.Wait)
	}
	if e.Due != nil {
		add("due %s", r.when(*e.Due, e.Lane))
		if e.Lane == record.LaneExpedited {
			add("expedited")
		}
		if e.Code != "" {
			add("(%s)", e.Code)
		}
	}
	if e.Shift != 0 {
		add("wall clock %s", span(e.Shift))
	}
	if e.Name != "" {
		add("[%s]", e.Name)
	}
	if e.Text != "" {
		add(": %s", e.Text)
	}
	return strings.Replace(strings.TrimRight(strings.Join(f, " "), " "), " : ", ": ", 1)
}

// when writes an instant: engine time since the start, or a wall time.
func (r *player) when(at int64, lane record.Lane) string {
	switch {
	case at == record.Never:
		return "never"
	case lane == record.LaneCalendar:
		return time.UnixMicro(at).UTC().Format("01-02 15:04Z")
	}
	return span(at - r.start)
}

// showReason writes a reason as one line.
func (r *player) showReason(x *work.Reason, offset int64) string {
	s := string(x.Code)
	if !x.Since.IsZero() {
		s += " since " + span(x.Since.UnixMicro()-offset-r.start)
	}
	if !x.Until.IsZero() {
		s += " until " + span(x.Until.UnixMicro()-offset-r.start)
	}
	s += ": " + x.Message + " > " + x.Fix
	if x.Android != 0 {
		s += fmt.Sprintf(" [%d]", x.Android)
	}
	return s
}
