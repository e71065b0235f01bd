package runlog

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Run is one run, of the one or two or three lines about it.
type Run struct {
	Task      string
	Version   string
	Scheduled time.Time // zero: not known
	Started   time.Time
	Ended     time.Time // zero: it did not, as far as the log goes
	Outcome   Outcome
}

// Device is what a log says of one platform: a device, as a rule.
type Device struct {
	File     string
	Platform string
	From     time.Time // the first sign of life in the log
	Until    time.Time // the last one, or when it was taken
	Runs     []Run     // in the order in which they started
	signs    []sign    // in the order of their times
	byTask   map[string][]Run
}

// sign is a moment at which the log shows that the app was alive.
type sign struct {
	at   time.Time
	task string
}

// patience is how long a run may go without an end while others write, before it counts as
// killed: the platforms give a run of background work some 10 minutes at most.
const patience = 10 * time.Minute

// Devices puts the lines of a log together to runs. A log without a line is a device
// without a platform.
func (l *Log) Devices() []*Device {
	if len(l.Lines) == 0 {
		return []*Device{{File: l.Name}}
	}
	var out []*Device
	type key struct {
		platform, task string
		started        time.Time
	}
	runs := map[key]*Run{}
	var order []key
	for i := range l.Lines {
		x := &l.Lines[i]
		d := find(&out, l.Name, x.Platform)
		d.signs = append(d.signs, sign{x.Started, x.Task}, sign{x.At, x.Task})
		k := key{x.Platform, x.Task, x.Started}
		r := runs[k]
		if r == nil {
			r = &Run{Task: x.Task, Version: x.Version, Started: x.Started, Outcome: Running}
			runs[k] = r
			order = append(order, k)
		}
		if r.Scheduled.IsZero() {
			r.Scheduled = x.Scheduled
		}
		if x.Outcome == Running {
			continue
		}
		if x.Ended.After(r.Ended) {
			r.Ended = x.Ended
		}
		if r.Outcome != Stopped {
			r.Outcome = x.Outcome
		}
	}
	for _, k := range order {
		d := find(&out, l.Name, k.platform)
		d.Runs = append(d.Runs, *runs[k])
	}
	for _, d := range out {
		d.finish()
	}
	return out
}

func find(all *[]*Device, file, platform string) *Device {
	for _, d := range *all {
		if d.Platform == platform {
			return d
		}
	}
	d := &Device{File: file, Platform: platform}
	*all = append(*all, d)
	return d
}

func (d *Device) finish() {
	slices.SortStableFunc(d.signs, func(a, b sign) int { return a.at.Compare(b.at) })
	slices.SortStableFunc(d.Runs, func(a, b Run) int {
		return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.Task, b.Task))
	})
	d.From, d.Until = d.signs[0].at, d.signs[len(d.signs)-1].at
	d.end()
}

// end tells runs that were killed from one that may still go on.
func (d *Device) end() {
	d.byTask = nil
	later := map[string]bool{} // tasks that started again
	for i := len(d.Runs) - 1; i >= 0; i-- {
		r := &d.Runs[i]
		if r.Outcome == Running && (later[r.Task] || d.Until.Sub(r.Started) > patience) {
			r.Outcome = Killed
		}
		later[r.Task] = true
	}
}

// TakenAt says when the log was taken from the device, where that is later than its last
// line.
func (d *Device) TakenAt(t time.Time) {
	if d.Platform != "" && t.After(d.Until) {
		d.Until = t
		d.end()
	}
}

// RunsOf are the runs of a task, in the order in which they started.
func (d *Device) RunsOf(task string) []Run {
	if d.byTask == nil {
		d.byTask = map[string][]Run{}
		for i := range d.Runs {
			d.byTask[d.Runs[i].Task] = append(d.byTask[d.Runs[i].Task], d.Runs[i])
		}
	}
	return d.byTask[task]
}

// Span is how long the log goes.
func (d *Device) Span() time.Duration { return d.Until.Sub(d.From) }

// Tasks are the names in the log, sorted.
func (d *Device) Tasks() []string {
	d.RunsOf("")
	return slices.Sorted(maps.Keys(d.byTask))
}

// Rename gives tasks other names, as those that a plan has for them.
func (d *Device) Rename(name func(task string) string) {
	d.byTask = nil
	for i := range d.Runs {
		d.Runs[i].Task = name(d.Runs[i].Task)
	}
	for i := range d.signs {
		d.signs[i].task = name(d.signs[i].task)
	}
}
