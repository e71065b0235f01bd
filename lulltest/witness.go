package lulltest

import (
	"slices"
	"time"

	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/work"
)

// witness writes down what happens to the tasks of a phone, from some instant on.
type witness struct {
	from  int64
	tasks []seen
}

// seen is what was seen of one task.
type seen struct {
	runs    []PhoneRun
	going   []going
	stale   Durations
	refused []Refusal
}

// going is a run that has not ended, and where it is written down.
type going struct {
	id  work.ID
	run int
}

func newWitness(c *phone.Config) *witness {
	w := &witness{from: c.Count, tasks: make([]seen, len(c.Tasks))}
	c.Watch = w
	return w
}

// Opened implements phone.Watcher.
func (w *witness) Opened(at int64, task int, age int64) {
	if x := &w.tasks[task]; at >= w.from {
		x.stale = append(x.stale, micros(age))
	}
}

// Refused implements phone.Watcher.
func (w *witness) Refused(at int64, task int, err error) {
	if x := &w.tasks[task]; at >= w.from {
		x.refused = append(x.refused, Refusal{instant(at), err})
	}
}

// Began implements phone.Watcher.
func (w *witness) Began(at int64, task int, id work.ID) {
	if x := &w.tasks[task]; at >= w.from {
		x.going = append(x.going, going{id, len(x.runs)})
		x.runs = append(x.runs, PhoneRun{Began: instant(at)})
	}
}

// Ended implements phone.Watcher.
func (w *witness) Ended(at int64, task int, id work.ID, out work.Outcome) {
	x := &w.tasks[task]
	k := slices.IndexFunc(x.going, func(g going) bool { return g.id == id })
	if k < 0 {
		return // it began before
	}
	r := &x.runs[x.going[k].run]
	r.Ended, r.Outcome = instant(at), out
	x.going = slices.Delete(x.going, k, k+1)
}

// life is what was seen of a task, with what was counted of it.
func (w *witness) life(task int, t *phone.TaskTally, from, end int64) TaskLife {
	s := &w.tasks[task]
	x := TaskLife{
		Task: t.Name, Phones: int(t.Devices), Idle: int(t.Idle), Runs: s.runs, Stale: s.stale, Refused: s.refused,
		Days: int(t.Days), IdleDays: int(t.IdleDays), Asked: int(t.Asked), Waited: micros(t.Waited),
	}
	last := instant(from)
	for _, r := range s.runs {
		x.Gaps = append(x.Gaps, r.Began.Sub(last))
		last = r.Began
	}
	x.Gaps = append(x.Gaps, instant(end).Sub(last))
	for _, v := range t.Waits {
		if v.First > 0 || v.Alone > 0 {
			x.Waits = append(x.Waits, PhoneWait{v.Code, micros(v.First), micros(v.Alone), v.Assumed})
		}
	}
	x.sort()
	return x
}

// instant is engine time as what a clock at home shows: UTC stands for its time zone.
func instant(at int64) time.Time { return time.UnixMicro(at).UTC() }

func micros(us int64) time.Duration { return time.Duration(us) * time.Microsecond }
