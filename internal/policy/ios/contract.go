package ios

import (
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Contract is one app on one device as its calls see it: what each call answers and
// what follows from it. It decides nothing that is the system's to choose: which
// request is started, what the throttle of pushes does and when time is up beyond a
// fixed limit are told to it, by a [System] or by whoever plays one. An error of type
// core.Refusal that is fatal has ended the process.
type Contract struct {
	now   int64
	stale kindSet // kinds of which works stand otherwise, so that a review looks at them anew
	// driven is true where a System tells when the device is in use, when continued work
	// begins and when notifications are shown, and the app registers what it declares as it
	// is launched. Else an app in front is what uses the device, continued work begins and
	// notifications are shown by themselves, and the app's calls tell what it registers.
	driven bool
	contract
	events  []Event
	limits  *Limits
	app     App
	spare   []*pending // to be used again
	reloads int64      // of a widget, in a window
	noted   int64      // no notification is pending of a work with a greater number
	unkept  int64      // the number of the work whose notification is not, as sooner ones were kept; 0: there is none
}

// contract is everything that a Contract remembers, as Save writes it.
type contract struct {
	Waits []*pending // in the order in which they were submitted
	Runs  []run      // in the order in which they began
	// Dev is the device as far as it counts, with what the contract knows itself.
	Dev       Device
	ToldInUse bool // of Dev, what was told
	ToldFocal bool
	Process   process
	Resumes   TransferLimiter
	Notes     Notifications
	Widgets   []widget
}

// New returns the contract of an app that does not run.
func New(l Limits, a App, d Device) *Contract {
	c := &Contract{limits: &l, app: a, reloads: l.WidgetReloads}
	d.Quit = false
	c.tell(d)
	return c
}

// Now returns the engine time up to which it was advanced.
func (c *Contract) Now() int64 { return c.now }

// Events returns what happened since it was asked last. The slice is valid until the
// next call.
func (c *Contract) Events() []Event {
	events := c.events
	c.events = c.events[:0]
	return events
}

func (c *Contract) emit(e Event) { c.events = append(c.events, e) }

// Device returns the device as it was told.
func (c *Contract) Device() Device {
	d := c.Dev
	d.InUse, d.Focal = c.ToldInUse, c.ToldFocal
	return d
}

func (c *Contract) tell(d Device) {
	c.Dev, c.ToldInUse, c.ToldFocal = d, d.InUse, d.Focal
	c.derive()
}

// derive works out what the contract knows itself: an app in front is used.
func (c *Contract) derive() {
	c.Dev.Focal = c.ToldFocal || c.Process.Front
	c.Dev.InUse = c.ToldInUse || c.Process.Front && !c.driven
	c.stale |= outside
}

// SetDevice tells what the device is like now. Runs that lose what they need are ended,
// and continued work that now finds room begins. A switch of Background App Refresh
// that the user turns is told by SetRefresh.
func (c *Contract) SetDevice(d Device) error {
	before := c.Dev
	d.Quit = before.Quit
	c.tell(d)
	c.interrupt(&before)
	return c.pump()
}

// SetRefresh turns the switches of Background App Refresh. Turning one off drops the
// pending requests that need it, the push that is held and the transfers.
func (c *Contract) SetRefresh(app, all bool) error {
	was := c.Dev.refreshes()
	c.Dev.RefreshApp, c.Dev.RefreshAll = app, all
	c.stale |= outside
	if was && !c.Dev.refreshes() {
		c.drop(string(GateRefreshOff), func(p *pending) bool { return p.Type == kindRefresh || p.Type == kindProcessing })
		c.CancelTransfers(CancelledUpdatesOff)
		c.discardPush(string(GateRefreshOff))
	}
	return c.pump()
}

// Next returns the instant at which something happens by time alone, or record.Never.
func (c *Contract) Next() int64 {
	next := int64(record.Never)
	for i := range c.Runs {
		next = min(next, c.Runs[i].Ends)
	}
	for i := range c.Process.Assertions {
		next = min(next, c.Process.Assertions[i].Ends)
	}
	return next
}

// AdvanceTo lets time pass. Limits that end on the way are kept in their order. Time
// never goes back.
func (c *Contract) AdvanceTo(at int64) {
	for next := c.Next(); next <= at && next != record.Never; next = c.Next() {
		c.now = max(c.now, next)
		c.expireRuns()
		c.expireAssertions()
	}
	if c.now = max(c.now, at); !c.driven {
		c.Notes.Show(c.now)
	}
}

// Pending returns the identifiers of the requests that are pending, sorted. A task that
// runs is none of them.
func (c *Contract) Pending() []string {
	ids := []string{}
	for _, p := range c.Waits {
		if p.Type.requested() {
			ids = append(ids, p.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// Request returns the pending request of an identifier.
func (c *Contract) Request(id string) (Request, bool) {
	if p := c.requested(id); p != nil {
		return p.Request, true
	}
	return Request{}, false
}

// Cancel drops the pending request of an identifier, if there is one. A task that runs
// goes on.
func (c *Contract) Cancel(id string) { c.cancel(id, "cancelled") }

func (c *Contract) cancel(id, why string) {
	if p := c.requested(id); p != nil {
		c.remove(p)
		c.dropped(p, why)
	}
}

// CancelAll drops all pending requests.
func (c *Contract) CancelAll() {
	c.drop("cancelled", func(p *pending) bool { return p.Type.requested() })
}

// BlockedBy returns the hard gates of a pending request, in their order; none: the
// system may start it.
func (c *Contract) BlockedBy(id string) []work.Code {
	p := c.requested(id)
	if p == nil {
		return []work.Code{GateNotPending}
	}
	codes := []work.Code{}
	c.limits.HardGates(&c.Dev, &p.Request, c.now, func(code work.Code) bool {
		codes = append(codes, code)
		return true
	})
	return codes
}
