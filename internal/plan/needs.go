package plan

import (
	"errors"
	"slices"
	"time"

	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/work"
)

var needKeys = []keyOf[*work.Constraints]{
	{"network", func(c *work.Constraints, f field) {
		var names []string
		for n := work.NoNetwork; n <= work.TemporarilyUnmetered; n++ {
			names = append(names, n.String())
		}
		s, _ := f.word(names...)
		c.Network = work.Network(max(0, slices.Index(names, s)))
	}},
	{"charging", func(c *work.Constraints, f field) { c.Charging, _ = f.yes() }},
	{"idle", func(c *work.Constraints, f field) { c.Idle, _ = f.yes() }},
	{"battery", func(c *work.Constraints, f field) { c.BatteryNotLow = f.only("not-low") }},
	{"storage", func(c *work.Constraints, f field) { c.StorageNotLow = f.only("not-low") }},
	{"load", func(c *work.Constraints, f field) { c.LoadLow = f.only("low") }},
	{"power-saver", func(c *work.Constraints, f field) {
		on, ok := f.yes()
		if ok && on {
			f.fail("write power-saver: off, or leave it out", "a task can wait until the power saver is off, not until it is on")
		}
		c.LowPowerOff = ok && !on
	}},
	{"between", func(c *work.Constraints, f field) { c.Between = f.hours() }},
	{"zone", func(c *work.Constraints, f field) { c.Zone = f.zone() }},
}

// needs reads the conditions of the device. A value of false (charging: false)
// asks for nothing, so that it can take back what << brought in.
func (f field) needs(c *work.Constraints) {
	entries, _ := readKeys(f, c, needKeys)
	var zone *field
	for i, e := range entries {
		switch e.keyName() {
		case "between":
			return
		case "zone":
			zone = &entries[i]
		}
	}
	if zone != nil {
		zone.refuse("the zone of cron stands beside cron", "is the time zone of between, which is missing")
	}
}

// only reads a value of which there is just one.
func (f field) only(word string) bool {
	s, ok := f.text()
	if ok && s != word {
		f.fail("write "+f.keyName()+": "+word+", or leave it out", "unknown value %s", quoted(s))
		return false
	}
	return ok
}

// cron reads a calendar schedule.
func (f field) cron() string {
	s, ok := f.text()
	if !ok {
		return ""
	}
	if _, err := calendar.Parse(s); err != nil {
		f.report(f.val, fromCalendar(err))
		return ""
	}
	return s
}

// hours reads hours of the day.
func (f field) hours() string {
	s, ok := f.text()
	if !ok {
		return ""
	}
	if _, err := calendar.ParseWindow(s); err != nil {
		f.report(f.val, fromCalendar(err))
		return ""
	}
	return s
}

// fromCalendar keeps the hint apart from the message.
func fromCalendar(err error) *Error {
	var s *calendar.SyntaxError
	if !errors.As(err, &s) {
		return bad("", "%s", err)
	}
	return bad(s.Hint, "%q, column %d: %s", s.Input, s.Column, s.Problem)
}

// zone reads the name of a time zone.
func (f field) zone() string {
	const longestName = 100
	s, ok := f.text()
	if !ok {
		return ""
	}
	// "Local" and "" are names to the time package only.
	if s != "" && s != "Local" && len(s) <= longestName {
		if _, err := time.LoadLocation(s); err == nil {
			return s
		}
	}
	f.fail("write a name of the time zone database, as Europe/Paris; without zone, the machine's applies",
		"unknown time zone %s", quoted(s))
	return ""
}
