package ios

import "github.com/lullwork/lull/work"

// pump starts the continued work that finds room, in the order in which it was
// submitted. Continued work is the only kind that no system call starts.
func (c *Contract) pump() error {
	if c.process.launching {
		return nil
	}
	for i := 0; i < len(c.pending); {
		r := c.pending[i]
		if r.Kind != work.KindContinued || c.device.ContinuedBusy || len(c.BlockedBy(r.ID)) > 0 || c.running(r.ID) != nil {
			i++
			continue
		}
		c.Cancel(r.ID)
		if err := c.start(r, false); err != nil {
			return err
		}
	}
	return nil
}

// CancelContinued tells that the user cancels continued work in the system's display:
// its task expires. Before it began, its request is dropped.
func (c *Contract) CancelContinued(id string) {
	if r, ok := c.Request(id); ok && r.Kind == work.KindContinued {
		c.Cancel(id)
	}
	if t := c.running(id); t != nil && t.Kind == work.KindContinued {
		c.expire(t)
	}
}
