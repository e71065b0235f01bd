package ios

import "github.com/lullwork/lull/work"

// process is the app's, if it runs. It takes handlers, tasks and background tasks with
// it when it ends.
type process struct {
	Alive       bool
	Launching   bool // handlers wait for the end of launch
	Registering bool // launch handlers may be registered
	Front       bool
	Handlers    []string
	Queue       []*pending // started by the system, their handlers wait for the end of launch
	Done        []string   // identifiers of tasks that are complete
	Assertions  []assertion
}

// ProcessState is what the app's process does.
type ProcessState string

const (
	ProcessNone       ProcessState = "none"
	ProcessLaunching  ProcessState = "launching"
	ProcessForeground ProcessState = "foreground"
	ProcessBackground ProcessState = "background"
)

// State returns what the app's process does.
func (c *Contract) State() ProcessState {
	switch p := &c.Process; {
	case !p.Alive:
		return ProcessNone
	case p.Front:
		return ProcessForeground
	case p.Launching:
		return ProcessLaunching
	}
	return ProcessBackground
}

// Suspended reports whether the process stands still: it is in the background and
// nothing keeps it awake. A timer does not.
func (c *Contract) Suspended() bool {
	p := &c.Process
	if !p.Alive || p.Front || p.Launching || len(p.Assertions) > 0 {
		return false
	}
	for i := range c.Runs {
		if r := &c.Runs[i]; r.inApp() && r.Type != kindTimer {
			return false
		}
	}
	return true
}

// Launch starts the process. What the system has started while the process was
// launching waits on.
func (c *Contract) Launch() {
	p := &c.Process
	queue := p.Queue
	if p.Alive {
		p.Queue = nil
		c.lose(cause{work.StopUnknown, "relaunched"}, nil)
	}
	p.Alive, p.Launching, p.Registering, p.Queue = true, true, true, queue
}

// wake starts the process in the background, if there is none.
func (c *Contract) wake() {
	if !c.Process.Alive {
		c.Launch()
	}
}

// FinishLaunching ends the launch: the handlers of what the system has started are
// called. In the foreground it was the user who opened the app.
func (c *Contract) FinishLaunching(foreground bool) error {
	c.wake()
	p := &c.Process
	p.Launching, p.Registering = false, false
	if foreground {
		c.toFront()
	} else if !p.Front {
		c.startAssertions()
	}
	queue := p.Queue
	p.Queue = nil
	for _, q := range queue {
		if err := c.start(q, false); err != nil {
			return err
		}
		if q.Ended {
			c.Expire(q.ID)
		}
		c.recycle(q)
	}
	p.Queue = queue[:0]
	if p.Front {
		c.deliverHeld()
	}
	return c.pump()
}

// Open tells that the user opens the app, whether it runs or not. Its launch is over, if
// no handler waits for that.
func (c *Contract) Open() error {
	c.wake()
	if len(c.Process.Queue) == 0 {
		c.Process.Launching = false
	}
	c.toFront()
	c.deliverHeld()
	return c.pump()
}

// toFront is what changes with an app that the user looks at.
func (c *Contract) toFront() {
	before := c.Dev
	c.Process.Front, c.Dev.Quit, c.Dev.DaysSinceUse = true, false, 0
	c.derive()
	c.Resumes = TransferLimiter{}
	c.stopAssertions()
	c.interrupt(&before)
}

// EnterBackground tells that the app is no longer in front. A launch by the user is
// over then.
func (c *Contract) EnterBackground() {
	c.Process.Front, c.ToldFocal = false, false
	c.Process.Registering = c.Process.Launching
	c.derive()
}

// Backgrounded tells that the app is in the background for good: the clocks of its
// background tasks run.
func (c *Contract) Backgrounded() {
	c.EnterBackground()
	c.startAssertions()
}

// Terminate tells that the system ended the process to get its memory. Requests,
// transfers and notifications stay.
func (c *Contract) Terminate() { c.end(cause{work.StopUnknown, "app-died"}, nil) }

// ForceQuit tells that the user swiped the app away. Nothing starts it again until the
// user opens it. Of the pending requests refreshes are dropped; whether processing ones
// are is not known, and they are held.
func (c *Contract) ForceQuit() {
	const why = string(GateForceQuit)
	if !c.Process.Alive && !c.Dev.Quit {
		c.gone(why)
	}
	c.Dev.Quit, c.ToldFocal = true, false
	c.drop(why, func(p *pending) bool { return p.Type == kindRefresh })
	c.lose(cause{work.StopUser, why}, nil)
	c.CancelTransfers(CancelledQuit)
	c.discardPush(why)
}

// die ends the process for what a run has not done. That one is not lost but killed.
func (c *Contract) die(why string, killed *run) {
	c.emit(Event{Kind: ProcessDied, Why: why})
	c.end(cause{work.StopUnknown, why}, killed)
}

// crash ends the process by a mistake of its programmer.
func (c *Contract) crash(err error) error {
	c.end(cause{work.StopUnknown, "app-crashed"}, nil)
	return err
}

// end ends the process, and with it the push that is held for it.
func (c *Contract) end(why cause, but *run) {
	c.lose(why, but)
	c.discardPush(why.text)
}

// lose ends the process. The runs that went on in it, but for one, are lost, and so is
// what waits to go on there: continued work, which belongs to what the user did, timers,
// background tasks and a push that it was given.
func (c *Contract) lose(why cause, but *run) {
	if c.Process.Alive {
		c.gone(why.text)
	}
	kept := c.Runs[:0]
	for i := range c.Runs {
		switch r := &c.Runs[i]; {
		case !r.inApp():
			kept = append(kept, *r)
		case r != but:
			c.emit(Event{Kind: TaskLost, ID: r.ID, Work: r.Work, Why: why.text, Stop: why.stop})
		}
	}
	clear(c.Runs[len(kept):])
	c.Runs, c.stale = kept, c.stale|running
	p := &c.Process
	*p = process{Handlers: p.Handlers[:0], Queue: p.Queue[:0], Done: p.Done[:0], Assertions: p.Assertions[:0]}
	c.derive()
	c.drop(why.text, func(p *pending) bool {
		return p.Type == kindContinued || p.Type == kindTimer || p.Type == kindAssertion || p.Delivered
	})
}

// endings say what a process comes to its end by.
var endings = map[string]string{
	"app-died": "the system needed its memory", "app-crashed": "it crashed", "relaunched": "it was launched anew",
	"updated": "a new version of the app was installed", "installed": "the app was installed",
	"shutdown": "the phone was switched off", "reboot": "the phone was booted", string(GateForceQuit): "the user swiped the app away",
	DiedAssertion: "a background task was not ended in time", DiedGrace: "a task was not completed within its grace",
	DiedProcessor: "a task used too much of the processor",
}

// gone tells a journal why the process is gone, or why nothing of the app runs any more.
func (c *Contract) gone(why string) {
	if c.driven {
		c.emit(Event{Kind: processGone, Why: why, OK: c.Process.Alive})
	}
}
