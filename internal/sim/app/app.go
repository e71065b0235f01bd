// Package app is how a phone app behaves: when it asks for works, and when it asks for
// them again. Whether and when they run is for others to decide.
package app

import (
	"slices"
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
	// Ask hands a request to the machine: number n, from 0 on, of those of a task that stand
	// side by side. It must not keep the nodes. The error is the machine's, which refuses it.
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
	arrival bool         // one is on its way
	late    bool         // one waits for the app to come to the front
	node    [1]work.Node // what is asked for; only the ID and the delay change
	names   []string     // of several, as far as they were asked for
	times   []int64      // of At, the next ones after since in their order, as far as they were asked for
	passed  int64        // how many were before
	since   int64
}

// New returns an app that was never started.
func New(tasks []Task, c chance.Stream, h Host) *App {
	a := &App{Handles: true, host: h}
	for i := range tasks {
		a.Tasks = append(a.Tasks, State{
			Task: &tasks[i], Chance: c.Fork(uint64(i)), node: [1]work.Node{{Request: tasks[i].Request}},
		})
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

// time returns the n-th time of a task after those that have passed, by its own clock.
func (t *State) time(n int) (at int64, ok bool) {
	if n < len(t.times) {
		return t.times[n], true
	}
	after := t.since
	if n > 0 {
		after = t.times[n-1]
	}
	if at, ok = calendar.Next(*t.At, t.Zone, after); ok {
		t.times = append(t.times, at)
	}
	return at, ok
}

// pass forgets the times up to an instant, and all of them if the clock was set back.
func (t *State) pass(after int64) {
	if after < t.since {
		t.times = t.times[:0]
	}
	t.since = after
	i := 0
	for i < len(t.times) && t.times[i] <= after {
		i++
	}
	t.times = slices.Delete(t.times, 0, i)
	t.passed += int64(i)
}

// name returns the unique name of one of several works.
func (t *State) name(n int) string {
	for n >= len(t.names) {
		t.names = append(t.names, t.Unique.Name+"/"+strconv.Itoa(len(t.names)))
	}
	return t.names[n]
}

// Ask hands the requests of a task to the machine, to begin after a delay at the
// earliest. The first that is refused is the last: what is thrown ends the loop in which
// an app asks for many. It is not made part of its callers: they are several, and what is
// called seldom is out of the processor's cache.
//
//go:noinline
func (a *App) Ask(now int64, i int, delay int64) {
	t := &a.Tasks[i]
	count := int(max(1, t.Count))
	if t.At != nil {
		a.askTimes(now, i, count)
		return
	}
	wait := t.Request.Delay + time.Duration(delay)*time.Microsecond
	due := now + wait.Microseconds()
	for n := range count {
		if !a.host.Stands(i, n, due) && !a.ask(i, n, wait) {
			return
		}
	}
}

// askTimes is Ask for a task with times of its own. The number of the request for a time
// stays the same while others pass before it.
func (a *App) askTimes(now int64, i, count int) {
	t := &a.Tasks[i]
	shift := int64(0) // of the clock of the task's times
	if t.Local {
		shift = a.shift
	}
	t.pass(now + shift)
	n := int(t.passed % int64(count))
	for k := range count {
		next, ok := t.time(k)
		if !ok {
			return
		}
		due := next - shift
		if !a.host.Stands(i, n, due) && !a.ask(i, n, time.Duration(due-now)*time.Microsecond) {
			return
		}
		if n++; n == count {
			n = 0
		}
	}
}

// ask hands one request to the machine, and reports whether it was taken.
func (a *App) ask(i, n int, wait time.Duration) bool {
	t := &a.Tasks[i]
	q, u := &t.node[0].Request, t.Unique
	q.ID, q.Delay = a.host.NewID(), wait
	if t.Count > 1 && u.Name != "" {
		u.Name = t.name(n)
	}
	return a.host.Ask(i, n, core.Enqueue{Nodes: t.node[:], Unique: u, Fresh: true, Like: &t.Task.Request}) == nil
}
