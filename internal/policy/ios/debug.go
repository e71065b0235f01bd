package ios

// SimulateLaunch is the debugger's call that runs the pending request of an identifier
// now, whatever its date. The system knows nothing of the task. It reports whether it
// was launched.
func (c *Contract) SimulateLaunch(id string) (bool, error) {
	r, ok := c.Request(id)
	if !ok {
		c.emit(Event{Kind: Logged, ID: id, Why: LogNoRequest})
		return false, nil
	}
	if !c.process.alive || c.process.launching || c.running(id) != nil {
		return false, nil
	}
	c.Cancel(id)
	if err := c.start(r, true); err != nil {
		return false, err
	}
	return true, nil
}

// SimulateExpiration is the debugger's call that expires such a task. Unlike the
// system it does not complete a task without an expiration handler.
func (c *Contract) SimulateExpiration(id string) {
	switch t := c.running(id); {
	case t == nil || !t.debugged:
		c.emit(Event{Kind: Logged, ID: id, Why: LogNotDebugged})
	case !t.handler:
		c.emit(Event{Kind: Logged, ID: id, Why: LogNoHandler})
	default:
		c.emit(Event{Kind: ExpirationCalled, ID: id})
		t.handler = false
	}
}
