package ios

import "github.com/lullwork/lull/work"

// SimulateLaunch is the debugger's call that runs the pending request of an identifier
// now, whatever its date. The system knows nothing of the task. It reports whether it
// was launched.
func (c *Contract) SimulateLaunch(id string) (bool, error) {
	p := c.requested(id)
	if p == nil {
		c.emit(Event{Kind: Logged, ID: id, Why: LogNoRequest})
		return false, nil
	}
	if !c.Process.Alive || c.Process.Launching || c.running(id) != nil {
		return false, nil
	}
	if err := c.simulate(p); err != nil {
		return false, err
	}
	return true, nil
}

func (c *Contract) simulate(p *pending) error {
	c.remove(p)
	err := c.start(p, true)
	c.recycle(p)
	return err
}

// SimulateExpiration is the debugger's call that expires such a task. Unlike the
// system it does not complete a task without an expiration handler.
func (c *Contract) SimulateExpiration(id string) {
	switch r := c.running(id); {
	case r == nil || !r.Debug:
		c.emit(Event{Kind: Logged, ID: id, Why: LogNotDebugged})
	case !r.Handler:
		c.emit(Event{Kind: Logged, ID: id, Why: LogNoHandler})
	default:
		c.emit(Event{Kind: ExpirationCalled, ID: id, Work: r.Work, Why: "a debugger expired it", Stop: work.StopTimeout})
		r.Handler = false
	}
}
