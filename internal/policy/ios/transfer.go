package ios

import "slices"

// Why the system cancels transfers of a background session.
const (
	CancelledQuit       = "userForceQuitApplication"
	CancelledUpdatesOff = "backgroundUpdatesDisabled"
	CancelledResources  = "insufficientSystemResources"
)

// transfers are those of a background session. Another process carries them out, so
// they outlive the app's.
type transfers struct {
	running []string
	limiter TransferLimiter
}

func (t *transfers) reset() { t.limiter = TransferLimiter{} }

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

// StartTransfer begins a transfer. Begun in the background it is left to the system's
// discretion, and may be delayed.
func (c *Contract) StartTransfer(id string) (discretionary, delayed bool) {
	if !slices.Contains(c.transfers.running, id) {
		c.transfers.running = append(c.transfers.running, id)
	}
	discretionary = !c.process.front
	return discretionary, discretionary && c.transfers.limiter.Delayed(c.now)
}

// TransferDone tells that a transfer is done. It resumes or launches an app that is
// not in front.
func (c *Contract) TransferDone(id string) {
	i := slices.Index(c.transfers.running, id)
	if i < 0 {
		return
	}
	c.transfers.running = slices.Delete(c.transfers.running, i, i+1)
	if c.process.front || c.quit {
		return
	}
	c.wake()
	c.transfers.limiter.Resume(&c.limits, c.now)
	c.emit(Event{Kind: ResumedForTransfer, ID: id})
}

// CancelTransfers tells that the system cancels all transfers for a reason.
func (c *Contract) CancelTransfers(why string) {
	for _, id := range c.transfers.running {
		c.emit(Event{Kind: TransferCancelled, ID: id, Why: why})
	}
	c.transfers.running = nil
}
