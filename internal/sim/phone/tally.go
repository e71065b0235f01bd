package phone

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/sim/tally"
	"github.com/lullwork/lull/work"
)

// Tally is what came of the tasks of many phones. Tallies are added in any order.
type Tally struct {
	Devices int64
	Days    int64 // device-days
	Events  int64 // that reached the machine
	Opens   int64 // of the app
	Tasks   []TaskTally
}

// TaskTally is what came of one task. Times are µs.
type TaskTally struct {
	Name      string
	Devices   int64 // that have the task
	Idle      int64 // of those, devices without any run
	Days      int64 // device-days
	IdleDays  int64 // of those, days without any run
	Asked     int64 // works asked for
	Done      int64 // of those, that succeeded
	Refused   int64
	Runs      int64
	Succeeded int64
	Cut       int64           // runs that were stopped, lost, longer than their time, or used more of the processor than they may
	PerDay    tally.Histogram // runs, of each device-day
	Longest   tally.Histogram // longest time without a run, of each device
	Stale     tally.Histogram // age of the data, at each opening of the app
	Took      tally.Histogram // from being asked for to the end of a run that succeeded, of works
	CPU       int64           // of a core
	Up, Down  int64           // bytes
	Fresh     int64           // devices on which the data was never older than expected
	FreshOf   int64           // devices on which that could be seen
	Often     int64           // devices with as many runs a day as expected
	InTime    int64           // works that succeeded within the expected time
	InTimeOf  int64           // works whose time is over
	Waited    int64           // from due to start
	Waits     []Wait
	Refusals  []Count
}

// Wait is how long a reason held works of a task.
type Wait struct {
	Code    work.Code
	First   int64 // as the first reason
	Alone   int64 // as the only one
	Assumed bool  // it rests on an assumption of ours
}

// Count is how often something with a name happened.
type Count struct {
	Name string
	Text string // in words: of several the first in their order
	N    int64
}

// Merge adds another tally.
func (t *Tally) Merge(o *Tally) {
	t.Devices += o.Devices
	t.Days += o.Days
	t.Events += o.Events
	t.Opens += o.Opens
	for i := range o.Tasks {
		t.task(o.Tasks[i].Name).Merge(&o.Tasks[i])
	}
}

// Reset empties it and keeps its memory.
func (t *Tally) Reset() {
	for i := range t.Tasks {
		x := &t.Tasks[i]
		for _, h := range []*tally.Histogram{&x.PerDay, &x.Longest, &x.Stale, &x.Took} {
			h.Reset()
		}
		*x = TaskTally{Name: x.Name, PerDay: x.PerDay, Longest: x.Longest, Stale: x.Stale, Took: x.Took, Waits: x.Waits[:0], Refusals: x.Refusals[:0]}
	}
	*t = Tally{Tasks: t.Tasks}
}

// task finds or makes the tally of a task. The order of tasks is that of their names'
// first coming, which is the plan's.
func (t *Tally) task(name string) *TaskTally {
	for i := range t.Tasks {
		if t.Tasks[i].Name == name {
			return &t.Tasks[i]
		}
	}
	t.Tasks = append(t.Tasks, TaskTally{Name: name})
	return &t.Tasks[len(t.Tasks)-1]
}

// Merge adds what another one counted.
func (t *TaskTally) Merge(o *TaskTally) {
	for _, x := range [...]struct {
		to   *int64
		from int64
	}{
		{&t.Devices, o.Devices},
		{&t.Idle, o.Idle},
		{&t.Days, o.Days},
		{&t.IdleDays, o.IdleDays},
		{&t.Asked, o.Asked},
		{&t.Done, o.Done},
		{&t.Refused, o.Refused},
		{&t.Runs, o.Runs},
		{&t.Succeeded, o.Succeeded},
		{&t.Cut, o.Cut},
		{&t.CPU, o.CPU},
		{&t.Up, o.Up},
		{&t.Down, o.Down},
		{&t.Fresh, o.Fresh},
		{&t.FreshOf, o.FreshOf},
		{&t.Often, o.Often},
		{&t.InTime, o.InTime},
		{&t.InTimeOf, o.InTimeOf},
		{&t.Waited, o.Waited},
	} {
		*x.to += x.from
	}
	t.PerDay.Merge(&o.PerDay)
	t.Longest.Merge(&o.Longest)
	t.Stale.Merge(&o.Stale)
	t.Took.Merge(&o.Took)
	for _, w := range o.Waits {
		t.wait(w.Code, w.First, w.Alone, w.Assumed)
	}
	for _, c := range o.Refusals {
		t.refuse(c)
	}
}

// wait adds to the time that a reason held works. Reasons are kept in the order of
// their names, so that the order of adding does not matter.
func (t *TaskTally) wait(code work.Code, first, alone int64, assumed bool) {
	i, ok := slices.BinarySearchFunc(t.Waits, code, func(w Wait, c work.Code) int { return cmp.Compare(w.Code, c) })
	if !ok {
		t.Waits = slices.Insert(t.Waits, i, Wait{Code: code})
	}
	t.Waits[i].add(first, alone, assumed)
}

func (w *Wait) add(first, alone int64, assumed bool) {
	w.First += first
	w.Alone += alone
	w.Assumed = w.Assumed || assumed
}

func (t *TaskTally) refuse(c Count) {
	i, ok := slices.BinarySearchFunc(t.Refusals, c.Name, func(c Count, n string) int { return strings.Compare(c.Name, n) })
	if !ok {
		t.Refusals = slices.Insert(t.Refusals, i, c)
		return
	}
	x := &t.Refusals[i]
	x.N += c.N
	x.Text = min(x.Text, c.Text)
}
