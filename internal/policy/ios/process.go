package ios

import "github.com/lullwork/lull/work"

// process is the app's, if it runs. It takes handlers, tasks and background tasks with
// it when it ends.
type process struct {
	alive       bool
	launching   bool // handlers wait for the end of launch
	registering bool // launch handlers may be registered
	front       bool
	handlers    []string
	queue       []queued
	tasks       []task // of this process, in the order in which they began
	assertions  []assertion
}

// queued is a request that the system started and whose handler waits for the end of
// launch.
type queued struct {
	Request
	expired bool
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
	switch {
	case !c.process.alive:
		return ProcessNone
	case c.process.front:
		return ProcessForeground
	case c.process.launching:
		return ProcessLaunching
	}
	return ProcessBackground
}

// Suspended reports whether the process stands still: it is in the background and
// nothing keeps it awake.
func (c *Contract) Suspended() bool {
	return c.State() == ProcessBackground && len(c.Running()) == 0 && len(c.process.assertions) == 0
}

// Launch starts the process. What the system has started while the process was
// launching waits on.
func (c *Contract) Launch() {
	queue := c.process.queue
	c.lose("")
	c.process = process{alive: true, launching: true, registering: true, queue: queue}
}

// wake starts the process in the background, if there is none.
func (c *Contract) wake() {
	if !c.process.alive {
		c.Launch()
	}
}

// FinishLaunching ends the launch: the handlers of what the system has started are
// called. In the foreground it was the user who opened the app.
func (c *Contract) FinishLaunching(foreground bool) error {
	c.wake()
	p := &c.process
	p.launching, p.registering = false, false
	if foreground {
		c.toFront()
	} else if !p.front {
		c.startAssertions()
	}
	queue := p.queue
	p.queue = nil
	for _, q := range queue {
		if err := c.start(q.Request, false); err != nil {
			return err
		}
		if q.expired {
			c.Expire(q.ID)
		}
	}
	if p.front {
		c.deliverHeld()
	}
	return c.pump()
}

// Open tells that the user opens the app, whether it runs or not.
func (c *Contract) Open() error {
	if !c.process.alive {
		c.Launch()
		c.process.launching = false
	}
	c.toFront()
	c.deliverHeld()
	return c.pump()
}

// toFront is what changes with an app that the user looks at.
func (c *Contract) toFront() {
	before := c.seen()
	c.process.front, c.quit, c.device.DaysSinceUse = true, false, 0
	c.transfers.reset()
	c.stopAssertions()
	c.interrupt(before)
}

// EnterBackground tells that the app is no longer in front. A launch by the user is
// over then.
func (c *Contract) EnterBackground() {
	c.process.front, c.device.Focal = false, false
	c.process.registering = c.process.launching
}

// Backgrounded tells that the app is in the background for good: the clocks of its
// background tasks run.
func (c *Contract) Backgrounded() {
	c.EnterBackground()
	c.startAssertions()
}

// Terminate tells that the system ended the process to get its memory. Requests,
// transfers and notifications stay.
func (c *Contract) Terminate() {
	c.lose("")
	c.discardPush()
}

// ForceQuit tells that the user swiped the app away. Nothing starts it again until the
// user opens it. Of the pending requests refreshes are dropped; whether processing ones
// are is not known, and they are held.
func (c *Contract) ForceQuit() {
	c.quit, c.device.Focal = true, false
	c.drop(work.KindRefresh)
	c.lose("")
	c.CancelTransfers(CancelledQuit)
	c.discardPush()
}

// die ends the process for a reason; the task that is the reason is not lost but
// killed.
func (c *Contract) die(why, task string) {
	c.emit(Event{Kind: ProcessDied, Why: why})
	c.lose(task)
	c.discardPush()
}

// crash ends the process by a mistake of its programmer.
func (c *Contract) crash(err error) error {
	c.lose("")
	c.discardPush()
	return err
}

// lose ends the process. The tasks that ran in it, but for one, are lost, and so is the
// continued work that waits for room, as it belongs to what the user did there.
func (c *Contract) lose(but string) {
	for _, t := range c.process.tasks {
		if !t.done && t.ID != but {
			c.emit(Event{Kind: TaskLost, ID: t.ID})
		}
	}
	c.process = process{}
	c.drop(work.KindContinued)
}
