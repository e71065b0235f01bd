package ios

import "github.com/lullwork/lull/work"

// pump starts the continued work that finds room, in the order in which it was
// submitted. Continued work is the only kind that no system call starts.
func (c *Contract) pump() error {
	if c.driven || c.Process.Launching {
		return nil
	}
	for i := 0; i < len(c.Waits); {
		p := c.Waits[i]
		if p.Type != kindContinued || c.Dev.ContinuedBusy || len(c.BlockedBy(p.ID)) > 0 || c.running(p.ID) != nil {
			i++
			continue
		}
		c.remove(p)
		err := c.start(p, false)
		c.recycle(p)
		if err != nil {
			return err
		}
	}
	return nil
}

// CancelContinued tells that the user cancels continued work in the system's display:
// its task expires. Before it began, its request is dropped.
func (c *Contract) CancelContinued(id string) {
	if p := c.requested(id); p != nil && p.Type == kindContinued {
		c.cancel(id, textUser)
	}
	if r := c.running(id); r != nil && r.Type == kindContinued {
		c.expire(r, cause{work.StopUser, textUser})
	}
}
