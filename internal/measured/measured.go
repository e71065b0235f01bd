// Package measured puts the run logs of phones on a page: task by task and device by device
// what ran and what did not, beside what a plan wants of it or a simulation finds.
package measured

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/runlog"
	"github.com/lullwork/lull/internal/sim/report"
)

// maxGaps is how many gaps of a task are listed.
const maxGaps = 5

// Page is what logs say. Spans of time are seconds.
type Page struct {
	Version int      `json:"version"`
	Plan    string   `json:"plan,omitempty"`
	Devices []Device `json:"devices"`
	Tasks   []Task   `json:"tasks"`
	// Absent are tasks of the plan that no log of their platform has a line of.
	Absent []Name `json:"absent,omitempty"`
	// Unplanned are tasks of logs that the plan does not have on their platform.
	Unplanned []Name `json:"unplanned,omitempty"`

	all []*runlog.Device
}

// Name is a task on a platform.
type Name struct {
	Task     string `json:"task"`
	Platform string `json:"platform"`
}

// Device is a log, as far as one platform goes.
type Device struct {
	File     string       `json:"file"`
	Platform string       `json:"platform,omitempty"` // none: the log is empty
	From     *time.Time   `json:"from,omitempty"`
	Until    *time.Time   `json:"until,omitempty"`
	Runs     int          `json:"runs"`
	Versions []string     `json:"app_versions,omitempty"` // in the order in which they ran
	Bad      int          `json:"bad_lines,omitempty"`    // of the file
	Told     []runlog.Bad `json:"first_bad_lines,omitempty"`
	Cut      bool         `json:"last_line_cut,omitempty"`
}

// Task is a task on a platform.
type Task struct {
	Name
	Every   int64     `json:"every_s,omitempty"` // as the plan has it
	Rows    []Row     `json:"devices"`
	Gaps    []Gap     `json:"gaps"` // that stand out, longest first
	Expects []Verdict `json:"expect,omitempty"`
	Model   *Model    `json:"model,omitempty"` // none: too few runs came to their own end

	planned *plan.Model // nil: there is no plan
}

// Row is a task on a device.
type Row struct {
	File     string                 `json:"file"`
	Runs     int                    `json:"runs"`
	Planned  int                    `json:"planned_runs,omitempty"` // as its period has it
	PerDay   *float64               `json:"runs_per_day"`           // null: the log is shorter than a day
	Median   *int64                 `json:"median_gap_s"`           // null: there are no two runs
	Longest  *int64                 `json:"longest_gap_s"`
	Idle     int                    `json:"days_without_run"`
	Days     int                    `json:"days"`
	Outcomes map[runlog.Outcome]int `json:"outcomes"`
	Last     *time.Time             `json:"last_run"`

	tally  *runlog.Tally
	device *runlog.Device
}

// Gap is a time without a run.
type Gap struct {
	File   string      `json:"file"`
	From   time.Time   `json:"from"`
	Until  time.Time   `json:"until"`
	Length int64       `json:"length_s"`
	Kind   runlog.Kind `json:"kind"`
	Silent int64       `json:"silent_s"` // the longest time in it in which no task wrote
	First  bool        `json:"from_begin_of_log,omitempty"`
	Last   bool        `json:"to_end_of_log,omitempty"`
}

// Config is what is asked of the logs.
type Config struct {
	Plan  *plan.Plan // nil: none
	Task  string     // only this one; "": all
	Taken time.Time  // when the logs were taken; zero: at the last line of each
}

// Of makes the page of some logs.
func Of(logs []*runlog.Log, c Config) *Page {
	p := &Page{Version: 1, Tasks: []Task{}}
	for _, l := range logs {
		for _, d := range l.Devices() {
			d.TakenAt(c.Taken)
			if c.Plan != nil {
				names := map[string]string{}
				for _, task := range d.Tasks() {
					names[task] = planned(c.Plan, d.Platform, task)
				}
				d.Rename(func(task string) string { return names[task] })
			}
			p.all = append(p.all, d)
			p.Devices = append(p.Devices, deviceOf(l, d))
		}
	}
	names := p.names()
	if c.Plan != nil {
		p.Plan = c.Plan.File
		p.compare(c.Plan, names)
	}
	for _, n := range names {
		if c.Task == "" || c.Task == n.Task {
			p.Tasks = append(p.Tasks, p.task(n, c.Plan))
		}
	}
	return p
}

func deviceOf(l *runlog.Log, d *runlog.Device) Device {
	out := Device{File: d.File, Platform: d.Platform, Runs: len(d.Runs), Bad: l.Bad, Told: l.Told, Cut: l.Cut}
	if d.Platform != "" {
		out.From, out.Until = &d.From, &d.Until
	}
	for i := range d.Runs {
		if v := d.Runs[i].Version; v != "" && !slices.Contains(out.Versions, v) {
			out.Versions = append(out.Versions, v)
		}
	}
	return out
}

// names are the tasks of the logs, by name and platform.
func (p *Page) names() []Name {
	var out []Name
	for _, d := range p.all {
		for _, task := range d.Tasks() {
			out = append(out, Name{task, d.Platform})
		}
	}
	return sorted(out)
}

func sorted(names []Name) []Name {
	slices.SortFunc(names, func(a, b Name) int {
		return cmp.Or(cmp.Compare(a.Task, b.Task), cmp.Compare(a.Platform, b.Platform))
	})
	return slices.Compact(names)
}

// planned is what a plan calls a task: its own name, or the identifier that iOS knows.
func planned(p *plan.Plan, platform, task string) string {
	for i := range p.Tasks {
		if t := &p.Tasks[i]; t.Name == task && report.As(t, platform) != "" {
			return task
		}
	}
	for i := range p.Tasks {
		if t := &p.Tasks[i]; platform == "ios" && t.Phone.IOS != nil && t.Phone.IOS.ID == task {
			return t.Name
		}
	}
	return task
}

// compare finds the tasks that only one side has.
func (p *Page) compare(of *plan.Plan, logged []Name) {
	for _, n := range logged {
		if t := taskOf(of, n.Task); t == nil || report.As(t, n.Platform) == "" {
			p.Unplanned = append(p.Unplanned, n)
		}
	}
	for i := range of.Tasks {
		for _, platform := range p.platforms() {
			n := Name{of.Tasks[i].Name, platform}
			if report.As(&of.Tasks[i], platform) != "" && !slices.Contains(logged, n) {
				p.Absent = append(p.Absent, n)
			}
		}
	}
	p.Absent = sorted(p.Absent)
}

func (p *Page) platforms() []string {
	var out []string
	for _, d := range p.all {
		if d.Platform != "" {
			out = append(out, d.Platform)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func taskOf(p *plan.Plan, name string) *plan.Task {
	for i := range p.Tasks {
		if p.Tasks[i].Name == name {
			return &p.Tasks[i]
		}
	}
	return nil
}

// task counts a task on each device of its platform, also on those where it never ran.
func (p *Page) task(n Name, of *plan.Plan) Task {
	out := Task{Name: n, Gaps: []Gap{}}
	var planned *plan.Task
	if of != nil {
		if t := taskOf(of, n.Task); t != nil && report.As(t, n.Platform) != "" {
			planned = t
			out.Every, out.planned = seconds(t.Request.Every), &t.Phone.Model
		}
	}
	var gaps []runlog.Gap
	for _, d := range p.all {
		if d.Platform == n.Platform {
			row := rowOf(d, n.Task)
			if out.Every > 0 {
				row.Planned = int(seconds(d.Span()) / out.Every)
			}
			out.Rows = append(out.Rows, row)
			gaps = append(gaps, row.standOut()...)
		}
	}
	slices.SortStableFunc(gaps, func(a, b runlog.Gap) int { return cmp.Compare(b.Length(), a.Length()) })
	for _, g := range gaps[:min(len(gaps), maxGaps)] {
		out.Gaps = append(out.Gaps, Gap{g.File, g.From, g.Until, seconds(g.Length()), g.Kind, seconds(g.Silent), g.First, g.Last})
	}
	out.Model = modelOf(out.Rows, n.Task)
	if planned != nil && planned.Phone.Expect != nil {
		out.Expects = judge(planned.Phone.Expect, out.Rows, n.Task)
	}
	return out
}

// standOut are the gaps that are longer by half than a task's usual ones on the device.
func (r *Row) standOut() []runlog.Gap {
	n := 0
	for n < len(r.tally.Gaps) && r.tally.Gaps[n].Length() > r.tally.Median+r.tally.Median/2 {
		n++
	}
	return r.tally.Gaps[:n]
}

func rowOf(d *runlog.Device, task string) Row {
	t := d.Tally(task)
	r := Row{File: d.File, Runs: t.Runs, Idle: t.Idle, Days: t.Days, Outcomes: t.Outcomes, tally: t, device: d}
	if t.PerDay >= 0 {
		x := math.Round(t.PerDay*100) / 100
		r.PerDay = &x
	}
	if t.Median >= 0 {
		x := seconds(t.Median)
		r.Median = &x
	}
	if t.Longest != nil {
		x := seconds(t.Longest.Length())
		r.Longest = &x
	}
	if t.Runs > 0 {
		r.Last = &t.Last
	}
	return r
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
