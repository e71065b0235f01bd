// Package app is how a phone app behaves: when it asks for works, and when it asks for
// them again. Whether and when they run is for others to decide.
package app

import (
	"strconv"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/work"
)

// Host is what an app lives in.
type Host interface {
	// NewID makes up the ID of a work.
	NewID() work.ID
	// Ask hands a request to the machine: the n-th of those that are asked for at a time,
	// from 0 on. It must not keep the nodes. The error is the machine's, which refuses it.
	Ask(task, n int, ev core.Enqueue) error
	// Stands reports whether a notification waits that was asked for before, with the same
	// number and for the same time: to ask for it again changes nothing.
	Stands(task, n int, due int64) bool
	// Later wants Arrived to be called for a task at an instant.
	Later(task int, at int64)
}

// App is one app on one phone. It is used by one goroutine at a time.
type App struct {
	Alive   bool // its process
	Front   bool
	Started bool // at least once
	Handles bool // callbacks are known to this version of the app
	Tasks   []State

	host  Host
	shift int64 // local time minus engine time
}

// State is a task with what the app remembers of it.
type State struct {
	*Task
	Chance  chance.Stream
	arrival bool // one is on its way
	late    bool // one waits for the app to come to the front
	node    [1]work.Node
	names   []string // of several, as far as they were asked for
	times   []int64  // of At, the next ones in their order, as far as they were asked for
}

// New returns an app that was never started.
func New(tasks []Task, c chance.Stream, h Host) *App {
	a := &App{Handles: true, host: h}
	for i := range tasks {
		a.Tasks = append(a.Tasks, State{Task: &tasks[i], Chance: c.Fork(uint64(i))})
	}
	return a
}

// Sees lets the app do what it does when something happens on the phone.
func (a *App) Sees(at int64, s core.Sense) {
	switch s.Kind {
	case core.SenseAppOpened:
		fresh, first := !a.Alive, !a.Started
		a.Alive, a.Front, a.Started, a.Handles = true, true, true, true
		for i := range a.Tasks {
			if !a.Alive {
				return // what it asked for has ended it
			}
			t := &a.Tasks[i]
			if t.When == AppOpen || t.When == AppStart && fresh || t.When == Once && first {
				a.Ask(at, i, 0)
			}
			if t.late {
				t.late = false
				a.Ask(at, i, 0)
			}
			a.expect(at, i)
		}
	case core.SenseAppLeft:
		a.Front = false
	case core.SenseAppSwiped, core.SenseAppDied, core.SenseAppCrashed, core.SenseForceStop, core.SenseShutdown:
		a.Alive, a.Front = false, false
	case core.SenseUpdated:
		a.Alive, a.Front, a.Handles = false, false, false
	case core.SenseLocalTime:
		a.shift = s.Value
	}
}

// Begun tells that a run of a task begins.
func (a *App) Begun(at int64, i int) {
	if t := &a.Tasks[i]; t.Again == AgainFirst {
		a.Ask(at, i, t.Delay)
	}
}

// Ended tells how a run of a task ended. Only one that got to its end asks for the next.
func (a *App) Ended(at int64, i int, out work.Outcome) {
	t := &a.Tasks[i]
	if t.Again != AgainLast {
		return
	}
	switch out {
	case work.Success, work.Retry, work.Failure, work.Errored:
		a.Ask(at, i, t.Delay)
	}
}

// expect waits for the next arrival of a task.
func (a *App) expect(at int64, i int) {
	t := &a.Tasks[i]
	if t.arrival || t.late || t.When != Arrival && t.When != Clock {
		return
	}
	t.arrival = true
	a.host.Later(i, at+chance.Exponential(&t.Chance, t.Mean))
}

// Arrived lets something arrive for a task. What comes only while the app is used, as a
// photo that is taken in it, comes with the next use if it is not.
func (a *App) Arrived(at int64, i int) {
	t := &a.Tasks[i]
	t.arrival = false
	switch {
	case t.When == Clock && !a.Alive:
		return // a timer of the process has died with it
	case t.During && !a.Front:
		t.late = true
		return
	}
	a.Ask(at, i, 0)
	a.expect(at, i)
}

// time returns the n-th time of a task after an instant of its own clock. What comes after
// the first one is known if that is the one of the last time.
func (t *State) time(n int, after int64) (int64, bool) {
	if n > 0 && n < len(t.times) {
		return t.times[n], true
	}
	if n > 0 {
		after = t.times[n-1]
	}
	next, ok := calendar.Next(*t.At, t.Zone, after)
	if ok && (n > 0 || len(t.times) == 0 || t.times[0] != next) {
		t.times = append(t.times[:n], next)
	}
	return next, ok
}

// Ask hands the requests of a task to the machine, to begin after a delay at the
// earliest. The first that is refused is the last: what is thrown ends the loop in which
// an app asks for many.
func (a *App) Ask(now int64, i int, delay int64) {
	t := &a.Tasks[i]
	shift := int64(0) // of the clock of the task's times
	if t.Local {
		shift = a.shift
	}
	for n := range int(max(1, t.Count)) {
		wait := t.Request.Delay + time.Duration(delay)*time.Microsecond
		if t.At != nil {
			next, ok := t.time(n, now+shift)
			if !ok {
				return
			}
			wait = time.Duration(next-shift-now) * time.Microsecond
		}
		if a.host.Stands(i, n, now+wait.Microseconds()) {
			continue
		}
		t.node[0].Request = t.Request
		q, u := &t.node[0].Request, t.Unique
		q.ID, q.Delay = a.host.NewID(), wait
		if t.Count > 1 && u.Name != "" {
			if n == len(t.names) {
				t.names = append(t.names, u.Name+"/"+strconv.Itoa(n))
			}
			u.Name = t.names[n]
		}
		if a.host.Ask(i, n, core.Enqueue{Nodes: t.node[:], Unique: u, Fresh: true}) != nil {
			return
		}
	}
}
