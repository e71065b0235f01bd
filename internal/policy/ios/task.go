package ios

import (
	"fmt"
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// task is a run that was handed to a launch handler.
type task struct {
	Request
	handler  bool // an expiration handler is set
	expired  bool // it was called
	done     bool
	debugged bool  // it was started by the debugger: the system knows nothing of it
	deadline int64 // engine time at which its time is up; record.Never
}

// running returns the task of an identifier that is not complete.
func (c *Contract) running(id string) *task {
	if t := c.task(id); t != nil && !t.done {
		return t
	}
	return nil
}

func (c *Contract) task(id string) *task {
	i := slices.IndexFunc(c.process.tasks, func(t task) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return &c.process.tasks[i]
}

// Running returns the identifiers of the tasks that are not complete, sorted.
func (c *Contract) Running() []string {
	ids := []string{}
	for _, t := range c.process.tasks {
		if !t.done {
			ids = append(ids, t.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// SystemLaunch tells that the system decides to start requests now. It reports whether
// it could start one: a request that is not pending cannot be, nor can anything of an
// app that the user swiped away, nor the second run of an identifier, nor what waits
// for the app to leave the foreground. A start consumes the request. What an extension
// asked for is handed to its app, which is another process.
func (c *Contract) SystemLaunch(ids ...string) (bool, error) {
	launched := false
	for _, id := range ids {
		r, ok := c.Request(id)
		if !ok || !c.startable(&r) {
			continue
		}
		launched = true
		c.Cancel(id)
		if c.app.Kind.extension() {
			continue
		}
		c.wake()
		if c.process.launching {
			c.process.queue = append(c.process.queue, queued{Request: r})
			continue
		}
		if err := c.start(r, false); err != nil {
			return launched, err
		}
	}
	return launched, nil
}

func (c *Contract) startable(r *Request) bool {
	waits := slices.ContainsFunc(c.process.queue, func(q queued) bool { return q.ID == r.ID })
	focal := c.seen().Focal && (r.Kind == work.KindRefresh || r.Kind == work.KindProcessing)
	return !c.quit && !waits && !focal && c.running(r.ID) == nil
}

// start hands a run to its launch handler.
func (c *Contract) start(r Request, debugged bool) error {
	p := &c.process
	if !slices.Contains(p.handlers, r.ID) {
		return c.crash(fatal(FatalNoHandler, fmt.Sprintf("the app was launched for %q and has no launch handler for it", r.ID)))
	}
	p.tasks = slices.DeleteFunc(p.tasks, func(t task) bool { return t.ID == r.ID })
	t := task{Request: r, debugged: debugged, deadline: record.Never}
	if most := c.limits.Terms(r.Kind).Budget; most > 0 && !debugged {
		t.deadline = later(c.now, most)
	}
	p.tasks = append(p.tasks, t)
	c.emit(Event{Kind: HandlerCalled, ID: r.ID})
	return nil
}

// SetExpirationHandler sets the expiration handler of a running task.
func (c *Contract) SetExpirationHandler(id string) {
	if t := c.running(id); t != nil {
		t.handler = true
	}
}

// Effect is what a call of SetTaskCompleted leads to.
type Effect string

const (
	EffectCompleted Effect = "completed"
	EffectIgnored   Effect = "ignored" // it was not the first, or there is no such task
)

// SetTaskCompleted completes a task. The first call counts.
func (c *Contract) SetTaskCompleted(id string, ok bool) Effect {
	t := c.running(id)
	if t == nil {
		return EffectIgnored
	}
	c.complete(t, ok, false)
	return EffectCompleted
}

func (c *Contract) complete(t *task, ok, system bool) {
	t.done, t.handler, t.deadline = true, false, record.Never
	c.emit(Event{Kind: Completed, ID: t.ID, OK: ok, System: system})
	// Only a request of the same identifier can have waited for this, and its handler is
	// known: nothing can go wrong.
	_ = c.pump()
}

// ReleaseTask tells that the app lets go of a task. It stays open.
func (c *Contract) ReleaseTask(id string) {
	if c.running(id) != nil {
		c.emit(Event{Kind: Logged, ID: id, Why: LogReleased})
	}
}

// Expire tells that the system ends a run: its time is up or its conditions are gone.
// While the app launches it is told once its handler was called.
func (c *Contract) Expire(id string) {
	for i := range c.process.queue {
		if q := &c.process.queue[i]; q.ID == id {
			q.expired = true
			return
		}
	}
	switch t := c.task(id); {
	case !c.process.alive:
	case t == nil || t.debugged && !t.done:
		c.emit(Event{Kind: ExpiredUnknown, ID: id})
	case !t.done:
		c.expire(t)
	}
}

// expire calls the expiration handler, which is used up. Without one the task fails.
func (c *Contract) expire(t *task) {
	t.deadline = record.Never
	if !t.handler {
		c.complete(t, false, true)
		return
	}
	t.handler, t.expired = false, true
	c.emit(Event{Kind: ExpirationCalled, ID: t.ID})
}

// GraceOver tells that the grace of an expired task is over. If it is still not
// complete, the process is killed.
func (c *Contract) GraceOver(id string) {
	if t := c.running(id); t != nil && t.expired {
		c.die(DiedGrace, id)
	}
}

// interrupt ends the runs that a change of the device takes something from.
func (c *Contract) interrupt(before Device) {
	after := c.seen()
	c.each(func(t *task) bool { return !t.debugged && Interrupts(&before, &after, &t.Request) }, c.expire)
}

func (c *Contract) expireTasks() {
	c.each(func(t *task) bool { return t.deadline <= c.now }, c.expire)
}

// each does something with the tasks that are not complete and of which a condition
// holds. What it does may begin and end tasks.
func (c *Contract) each(holds func(*task) bool, do func(*task)) {
	var ids []string
	for i := range c.process.tasks {
		if t := &c.process.tasks[i]; !t.done && holds(t) {
			ids = append(ids, t.ID)
		}
	}
	for _, id := range ids {
		if t := c.running(id); t != nil && holds(t) {
			do(t)
		}
	}
}
