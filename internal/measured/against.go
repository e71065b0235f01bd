package measured

import (
	"fmt"
	"io"
	"slices"

	"github.com/lullwork/lull/internal/page"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/runlog"
	"github.com/lullwork/lull/internal/sim/report"
)

// Against writes a simulation and what phones logged side by side. A measured value is the
// median of the devices'.
func Against(w io.Writer, of *plan.Plan, r *report.Report, logs []*runlog.Log) error {
	p := Of(logs, Config{Plan: of})
	// Only what was simulated has another side.
	simulated := func(n Name) bool { return slices.Contains(r.Platforms, n.Platform) }
	p.Absent = slices.DeleteFunc(p.Absent, func(n Name) bool { return !simulated(n) })
	out := &page.Page{W: w}
	out.Line("%s: %s on each platform in %s, beside %s", r.Plan, many(r.Devices, "simulated phone"), many(r.Days, "day"), many(len(p.all), "phone log"))
	out.Hang("", "Simulated are p10, median and p90; measured is the median of the devices. ! marks one that lies outside.")
	out.Line("")
	rows := [][]string{{"TASK", "PLATFORM", "LOGS", "", "A DAY", "LONGEST GAP", "DAYS NONE", "LOGGED DAYS"}}
	unrecorded := false
	for i := range p.Tasks {
		t := &p.Tasks[i]
		if s := simulation(r, t.Name); s != nil {
			m := measure(t)
			unrecorded = unrecorded || m.unrecorded
			rows = append(rows, sides(t, s, m)...)
		}
	}
	if len(rows) > 1 {
		table(out, rows)
	} else {
		out.Line("No task is on both sides.")
	}
	out.Line("")
	p.oneSided(out)
	for _, platform := range p.platforms() {
		if !slices.Contains(r.Platforms, platform) {
			out.Line("not simulated: %s, which there are logs of", report.PlatformName(platform))
		}
	}
	for _, platform := range r.Platforms {
		if !slices.Contains(p.platforms(), platform) {
			out.Line("no log: of %s", report.PlatformName(platform))
		}
	}
	if unrecorded {
		out.Hang("? ", "in a time without a record of any task: the phone was off, the app gone, its log lost, or nothing ran. lull log shows them.")
	}
	out.Hang("", "A longest gap grows with the days that are looked at: simulate as many as were logged (--days). Logs of few phones are no sample of all.")
	return out.Err
}

func simulation(r *report.Report, n Name) *report.Row {
	for i := range r.Rows {
		if x := &r.Rows[i]; x.Task == n.Task && x.Platform == n.Platform && x.Archetype == report.Everyone {
			return x
		}
	}
	return nil
}

// values are what the logs say of a task: each the median of the devices'.
type values struct {
	devices    int
	perDay     float64 // -1: no log is as long as a day
	longest    int64   // seconds; -1: no log is long enough for one
	unrecorded bool    // the longest gap is on most devices one without a record
	idle       int64   // share of all device-days, millionths; -1: there are none
	days       []int
}

func measure(t *Task) values {
	v := values{devices: len(t.Rows), perDay: -1, longest: -1, idle: -1}
	var perDay []float64
	var longest []int64
	idle, days, silent := 0, 0, 0
	for i := range t.Rows {
		r := &t.Rows[i]
		v.days = append(v.days, r.Days)
		if r.tally.PerDay >= 0 {
			perDay = append(perDay, r.tally.PerDay)
		}
		if r.Longest != nil {
			longest = append(longest, *r.Longest)
			if out := r.standOut(); len(out) > 0 && out[0].Kind == runlog.NoRecord {
				silent++
			}
		}
		idle += r.Idle
		days += r.Days
	}
	if len(perDay) > 0 {
		v.perDay = runlog.Median(perDay)
	}
	if len(longest) > 0 {
		v.longest = runlog.Median(longest)
		v.unrecorded = 2*silent >= len(longest)
	}
	if days > 0 {
		v.idle = int64(idle) * million / int64(days)
	}
	return v
}

// sides are the two rows of a task: simulated and measured.
func sides(t *Task, s *report.Row, m values) [][]string {
	perDay, longest, idle := "-", "-", "-"
	if m.perDay >= 0 {
		perDay = decimal(m.perDay) + outside(m.perDay < float64(s.PerDay.P10) || m.perDay > float64(s.PerDay.P90))
	}
	if m.longest >= 0 {
		longest = report.Span(m.longest)
		if m.unrecorded {
			longest += "?"
		}
		longest += outside(m.longest < s.LongestGap.P10 || m.longest > s.LongestGap.P90)
	}
	if m.idle >= 0 {
		idle = report.Percent(m.idle)
	}
	mark := ""
	if s.Assumed {
		mark = "~"
	}
	days := fmt.Sprintf("%d to %d", slices.Min(m.days), slices.Max(m.days))
	if len(m.days) == 1 {
		days = fmt.Sprint(m.days[0])
	}
	return [][]string{
		{
			t.Task, report.PlatformName(t.Platform), "", "simulated",
			fmt.Sprintf("%s%d %d %d", mark, s.PerDay.P10, s.PerDay.Median, s.PerDay.P90),
			mark + report.Span(s.LongestGap.P10) + " " + report.Span(s.LongestGap.Median) + " " + report.Span(s.LongestGap.P90),
			mark + report.Percent(s.IdleDays),
		},
		{"", "", fmt.Sprint(m.devices), "measured", perDay, longest, idle, days},
	}
}

func outside(yes bool) string {
	if yes {
		return " !"
	}
	return ""
}
