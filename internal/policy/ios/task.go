package ios

import (
	"fmt"
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// run is something that goes on: a task that was handed to a launch handler, and what
// else runs for the app.
type run struct {
	tag
	ID      string
	Type    kind
	Power   bool // it asked for external power
	Visible bool
	Handler bool  // an expiration handler is set
	Expired bool  // it was told that its time is up
	Debug   bool  // the debugger started it: the system knows nothing of it
	Cut     bool  // its time ends before its limit
	Begun   int64 // engine time
	Ends    int64 // engine time at which its time is up; record.Never
	Kill    int64 // engine time of the end of its grace, once it is expired
}

// inApp reports whether it goes on in the app's own process. What a push shows is made
// by an extension.
func (r *run) inApp() bool { return r.Type.inApp() && !r.Visible }

// cause is why a run is ended.
type cause struct {
	stop work.StopReason
	text string
}

// Texts of causes.
const (
	textLimit = "it ran as long as iOS lets it"
	textOver  = "its time is over"
	textInUse = "the user began to use the phone"
	textPower = "the charger was unplugged"
	textUser  = "the user cancelled it"
)

// running returns the task of an identifier that is not complete.
func (c *Contract) running(id string) *run {
	for i := range c.Runs {
		if r := &c.Runs[i]; r.Type.requested() && r.ID == id {
			return r
		}
	}
	return nil
}

// Running returns the identifiers of the tasks that are not complete, sorted.
func (c *Contract) Running() []string {
	ids := []string{}
	for i := range c.Runs {
		if r := &c.Runs[i]; r.Type.requested() {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// SystemLaunch tells that the system decides to start requests now. It reports whether
// it could start one: a request that is not pending cannot be, nor can anything of an
// app that the user swiped away, nor the second run of an identifier, nor what waits
// for the app to leave the foreground.
func (c *Contract) SystemLaunch(ids ...string) (bool, error) {
	launched := false
	for _, id := range ids {
		p := c.requested(id)
		if p == nil || !c.startable(p) {
			continue
		}
		launched = true
		if err := c.launch(p); err != nil {
			return launched, err
		}
	}
	return launched, nil
}

func (c *Contract) startable(p *pending) bool {
	waits := slices.ContainsFunc(c.Process.Queue, func(q *pending) bool { return q.ID == p.ID })
	focal := c.Dev.Focal && (p.Type == kindRefresh || p.Type == kindProcessing)
	return !c.Dev.Quit && !waits && !focal && c.running(p.ID) == nil
}

// launch starts a request, which consumes it. What an extension asked for is handed to
// its app, which is another process.
func (c *Contract) launch(p *pending) error {
	c.remove(p)
	if c.app.Kind.extension() {
		c.recycle(p)
		return nil
	}
	c.wake()
	if c.Process.Launching {
		c.Process.Queue = append(c.Process.Queue, p)
		return nil
	}
	err := c.start(p, false)
	c.recycle(p)
	return err
}

// start hands a run to its launch handler.
func (c *Contract) start(p *pending, debugged bool) error {
	if !c.handles(p.ID) {
		return c.crash(fatal(FatalNoHandler, fmt.Sprintf("the app was launched for %q and has no launch handler for it", p.ID)))
	}
	c.Process.Done = slices.DeleteFunc(c.Process.Done, func(id string) bool { return id == p.ID })
	r := c.begin(p)
	if r.Debug = debugged; debugged {
		r.Ends = record.Never
	}
	c.emit(Event{Kind: HandlerCalled, ID: p.ID, Work: p.Work})
	return nil
}

// begin makes a run of what waits, with the limit that is fixed for its kind. That of a
// background task is its assertion's.
func (c *Contract) begin(p *pending) *run {
	c.remove(p)
	c.Runs = append(c.Runs, run{tag: p.tag, ID: p.ID, Type: p.Type, Power: p.Power, Visible: p.Visible, Begun: c.now, Ends: record.Never})
	r := &c.Runs[len(c.Runs)-1]
	if most := c.limits.terms(p.Type).Budget; most > 0 && p.Type != kindAssertion {
		r.Ends = later(c.now, most)
	}
	c.other(r)
	return r
}

// SetExpirationHandler sets the expiration handler of a running task.
func (c *Contract) SetExpirationHandler(id string) {
	if r := c.running(id); r != nil {
		r.Handler = true
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
	r := c.running(id)
	if r == nil {
		return EffectIgnored
	}
	c.complete(r, Event{OK: ok})
	return EffectCompleted
}

// complete ends a task. The event says how.
func (c *Contract) complete(r *run, e Event) {
	e.Kind, e.ID, e.Work = Completed, r.ID, r.Work
	if r.Type.requested() {
		c.Process.Done = append(c.Process.Done, r.ID)
	}
	c.forget(r)
	c.emit(e)
	// Only a request of the same identifier can have waited for this, and its handler is
	// known: nothing can go wrong.
	_ = c.pump()
}

// forget takes out a run that is over.
func (c *Contract) forget(r *run) {
	for i := range c.Runs {
		if &c.Runs[i] == r {
			c.other(r)
			c.Runs = without(c.Runs, i)
			return
		}
	}
}

// other notes that a run has begun or is over: works are held by those of requests only.
func (c *Contract) other(r *run) {
	if r.Type.requested() {
		c.stale |= running
	}
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
	for _, q := range c.Process.Queue {
		if q.ID == id {
			q.Ended = true
			return
		}
	}
	switch r := c.running(id); {
	case !c.Process.Alive:
	case r != nil && !r.Debug:
		c.expire(r, cause{work.StopTimeout, textOver})
	case r != nil || !slices.Contains(c.Process.Done, id):
		c.emit(Event{Kind: ExpiredUnknown, ID: id})
	}
}

// expire calls the expiration handler, which is used up. Without one the task fails.
func (c *Contract) expire(r *run, why cause) {
	e := Event{Kind: ExpirationCalled, ID: r.ID, Work: r.Work, System: true}
	if !r.Expired {
		e.Why, e.Stop = why.text, why.stop
	}
	r.Ends = record.Never
	if !r.Handler {
		c.complete(r, e)
		return
	}
	r.Handler = false
	r.warn(c)
	c.emit(e)
}

// warn tells a run that its time is up: from now on its grace counts.
func (r *run) warn(c *Contract) {
	if !r.Expired {
		r.Expired, r.Kill = true, later(c.now, c.limits.Grace)
	}
}

// GraceOver tells that the grace of an expired task is over. If it is still not
// complete, the process is killed.
func (c *Contract) GraceOver(id string) {
	if r := c.running(id); r != nil && r.Expired {
		c.die(DiedGrace, r)
	}
}

// interrupt ends the runs that a change of the device takes something from.
func (c *Contract) interrupt(before *Device) {
	c.each(func(r *run) bool {
		why := interrupts(before, &c.Dev, r)
		if why.text == "" || r.Debug || r.Expired {
			return false
		}
		c.expire(r, why)
		return true
	})
}

// interrupts returns why a change of the device ends a run, if it does: the user begins
// to use the device, or takes it off the power that the request asked for.
func interrupts(before, after *Device, r *run) cause {
	switch {
	case r.Type != kindProcessing && r.Type != kindHealth:
	case !before.InUse && after.InUse:
		return cause{work.StopDeviceState, textInUse}
	case r.Power && before.Charging && !after.Charging:
		return cause{work.StopCharging, textPower}
	}
	return cause{}
}

func (c *Contract) expireRuns() {
	c.each(func(r *run) bool {
		if r.Ends > c.now {
			return false
		}
		if r.Cut {
			c.expire(r, cause{work.StopTimeout, textOver})
		} else {
			c.expire(r, cause{work.StopTimeout, textLimit})
		}
		return true
	})
}

// each does something to the runs that need it. It may end the run, and begin others.
func (c *Contract) each(do func(*run) bool) {
	for i := 0; i < len(c.Runs); i++ {
		id, seq := c.Runs[i].ID, c.Runs[i].Seq
		if do(&c.Runs[i]) && (i >= len(c.Runs) || c.Runs[i].ID != id || c.Runs[i].Seq != seq) {
			i-- // it is gone, and the next one in its place
		}
	}
}
