package runlog

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// Kind is what a log knows of a time in which a task did not run.
type Kind string

// The kinds of gaps.
const (
	NotRun   Kind = "not-run"   // other tasks wrote: the app was there, and this one did not run
	NoRecord Kind = "no-record" // nobody wrote: the app is gone, the log lost, the phone off; unknown
	Partly   Kind = "partly"    // others wrote, but for most of the time nobody did
)

// A gap has no record if nobody wrote for so large a part of it in one piece, and partly if
// for so large a one. Tasks that run together at its begin and its end are no record of
// what is between.
const (
	noRecordPart = 0.9
	partlyPart   = 0.5
)

// Gap is a time without a run of a task: from start to start, or to an end of the log.
type Gap struct {
	File   string
	From   time.Time
	Until  time.Time
	Kind   Kind
	Silent time.Duration // the longest time in it in which nobody wrote
	First  bool          // it begins with the log
	Last   bool          // it ends with the log
}

// Length is how long it is.
func (g *Gap) Length() time.Duration { return g.Until.Sub(g.From) }

// gaps are the times between the starts of a task's runs, and those to both ends of the log.
func (d *Device) gaps(task string, runs []Run) []Gap {
	var out []Gap
	if d.Platform == "" {
		return nil
	}
	add := func(g Gap) {
		if g.Until.After(g.From) {
			g.File = d.File
			g.Kind, g.Silent = d.kind(task, g.From, g.Until)
			out = append(out, g)
		}
	}
	if len(runs) == 0 {
		add(Gap{From: d.From, Until: d.Until, First: true, Last: true})
		return out
	}
	add(Gap{From: d.From, Until: runs[0].Started, First: true})
	for i := 1; i < len(runs); i++ {
		add(Gap{From: runs[i-1].Started, Until: runs[i].Started})
	}
	end := runs[len(runs)-1]
	from := end.Started
	if d.Until.Equal(end.Ended) || d.Until.Sub(from) <= patience {
		from = d.Until // the log ends with this run
	}
	add(Gap{From: from, Until: d.Until, Last: true})
	return out
}

// SuccessGaps are the times between the starts of a task's runs that succeeded. Its other
// runs show that the app was there.
func (d *Device) SuccessGaps(task string) []Gap {
	var runs []Run
	for _, r := range d.RunsOf(task) {
		if r.Outcome == Success {
			runs = append(runs, r)
		}
	}
	return d.gaps("", runs)
}

// kind tells what the other tasks' lines say of a time.
func (d *Device) kind(task string, from, until time.Time) (Kind, time.Duration) {
	last, silent, alive := from, time.Duration(0), false
	first := sort.Search(len(d.signs), func(i int) bool { return d.signs[i].at.After(from) })
	for i := first; i < len(d.signs); i++ {
		s := &d.signs[i]
		if !s.at.Before(until) {
			break
		}
		if s.task == task {
			continue // the end of the run before
		}
		silent, last, alive = max(silent, s.at.Sub(last)), s.at, true
	}
	silent = max(silent, until.Sub(last))
	switch part := float64(silent) / float64(until.Sub(from)); {
	case !alive, part >= noRecordPart:
		return NoRecord, silent
	case part >= partlyPart:
		return Partly, silent
	}
	return NotRun, silent
}

// Tally is what a log says of one task.
type Tally struct {
	Runs     int
	Outcomes map[Outcome]int
	PerDay   float64       // in Days; -1: the log is shorter than a day
	Median   time.Duration // between two starts; -1: there are no two
	Longest  *Gap          // nil: there is none
	Idle     int           // of Days, without a run
	Days     int           // whole ones, from the begin of the log
	Last     time.Time     // start of the last run
	Gaps     []Gap         // longest first
}

const day = 24 * time.Hour

// Tally counts a task's runs.
func (d *Device) Tally(task string) *Tally {
	t := &Tally{Outcomes: map[Outcome]int{}, PerDay: -1, Median: -1}
	runs := d.RunsOf(task)
	for i := range runs {
		t.Outcomes[runs[i].Outcome]++
		t.Last = runs[i].Started
	}
	t.Runs = len(runs)
	if span := d.Span(); span >= day {
		t.Days = int(span / day)
		busy, counted := map[int]bool{}, 0
		for _, r := range runs {
			if n := int(r.Started.Sub(d.From) / day); n < t.Days {
				busy[n] = true
				counted++
			}
		}
		t.PerDay = float64(counted) / float64(t.Days)
		t.Idle = t.Days - len(busy)
	}
	if len(runs) > 1 {
		between := make([]time.Duration, len(runs)-1)
		for i := range between {
			between[i] = runs[i+1].Started.Sub(runs[i].Started)
		}
		t.Median = Median(between)
	}
	t.Gaps = d.gaps(task, runs)
	slices.SortStableFunc(t.Gaps, func(a, b Gap) int { return cmp.Compare(b.Length(), a.Length()) })
	if len(t.Gaps) > 0 {
		t.Longest = &t.Gaps[0]
	}
	return t
}

// Median returns the middle of some values, the lower one of two.
func Median[T cmp.Ordered](values []T) T {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sorted[(len(sorted)-1)/2]
}
