package ios

import "github.com/lullwork/lull/work"

// Why the system cancels transfers of a background session.
const (
	CancelledQuit       = "userForceQuitApplication"
	CancelledUpdatesOff = "backgroundUpdatesDisabled"
	CancelledResources  = "insufficientSystemResources"
)

// TransferLimiter makes transfers that begin in the background wait the longer, the
// more often the app was resumed as one was done. The delay ends when the user opens
// the app, and when it passes without a resume.
type TransferLimiter struct {
	Resumes int
	Until   int64 // engine time
}

// Delayed reports whether a transfer that begins now in the background waits.
func (t *TransferLimiter) Delayed(at int64) bool { return at < t.Until }

// Resume counts a resume.
func (t *TransferLimiter) Resume(l *Limits, at int64) {
	if !t.Delayed(at) {
		t.Resumes = 0
	}
	const most = 16 // doublings: by then it is half a year
	t.Until = later(at, l.TransferDelay<<min(t.Resumes, most))
	t.Resumes++
}

// StartTransfer begins a transfer of a background session. Another process carries it
// out, so it outlives the app's. Begun in the background it is left to the system's
// discretion, and may be delayed.
func (c *Contract) StartTransfer(id string) (discretionary, delayed bool) {
	if p, r := c.transfer(id); p != nil || r != nil {
		return c.standing()
	}
	p := c.fresh(kindTransfer)
	p.Kind, p.ID = work.KindTransfer, id
	return c.handOver(p)
}

// handOver gives a transfer to the system.
func (c *Contract) handOver(p *pending) (discretionary, delayed bool) {
	c.Waits = append(c.Waits, p)
	discretionary, delayed = c.standing()
	p.Discretionary = discretionary
	return discretionary, delayed
}

// standing is how a transfer stands that begins now.
func (c *Contract) standing() (discretionary, delayed bool) {
	discretionary = !c.Dev.Focal
	return discretionary, discretionary && c.Resumes.Delayed(c.now)
}

// transfer finds the transfer of an identifier: it waits or goes on, or there is none.
func (c *Contract) transfer(id string) (*pending, *run) {
	for _, p := range c.Waits {
		if p.Type == kindTransfer && p.ID == id {
			return p, nil
		}
	}
	for i := range c.Runs {
		if r := &c.Runs[i]; r.Type == kindTransfer && r.ID == id {
			return nil, r
		}
	}
	return nil, nil
}

// TransferDone tells that a transfer is done. It resumes or launches an app that is
// not in front.
func (c *Contract) TransferDone(id string) {
	switch p, r := c.transfer(id); {
	case p != nil:
		c.remove(p)
		c.recycle(p)
	case r != nil:
		c.forget(r)
	default:
		return
	}
	if c.Dev.Focal || c.Dev.Quit {
		return
	}
	c.wake()
	c.Resumes.Resume(c.limits, c.now)
	c.emit(Event{Kind: ResumedForTransfer, ID: id})
}

// CancelTransfers tells that the system cancels all transfers for a reason.
func (c *Contract) CancelTransfers(why string) {
	for i := 0; i < len(c.Waits); i++ {
		if p := c.Waits[i]; p.Type == kindTransfer {
			c.remove(p)
			c.recycle(p)
			c.emit(Event{Kind: TransferCancelled, ID: p.ID, Why: why, Work: p.Work})
			i--
		}
	}
	for i := 0; i < len(c.Runs); i++ {
		if r := &c.Runs[i]; r.Type == kindTransfer {
			c.emit(Event{Kind: TransferCancelled, ID: r.ID, Why: why, Work: r.Work, Stop: work.StopUser})
			c.forget(r)
			i--
		}
	}
}
