package ios

import (
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Contract is one app on one device as its calls see it: what each call answers and
// what follows from it. It decides nothing that is the system's to choose: which
// request is started, what the throttle of pushes does and when time is up beyond a
// fixed limit are told to it. An error of type core.Refusal that is fatal has ended
// the process.
type Contract struct {
	limits  Limits
	app     App
	device  Device
	quit    bool // the user swiped the app away and has not opened it since
	now     int64
	events  []Event
	process process
	pending []Request // in the order in which they were submitted

	held          HeldPush
	transfers     transfers
	notifications Notifications
	widget        WidgetBudget
}

// New returns the contract of an app that does not run.
func New(l Limits, a App, d Device) *Contract {
	return &Contract{limits: l, app: a, device: d, widget: WidgetBudget{Reloads: l.WidgetReloads, Window: l.WidgetWindow}}
}

// Now returns the engine time up to which it was advanced.
func (c *Contract) Now() int64 { return c.now }

// Events returns what happened since it was asked last.
func (c *Contract) Events() []Event {
	events := c.events
	c.events = nil
	return events
}

func (c *Contract) emit(e Event) { c.events = append(c.events, e) }

// Device returns the device as it was set.
func (c *Contract) Device() Device { return c.device }

// seen is the device with what the contract knows itself: an app in front is used.
func (c *Contract) seen() Device {
	d := c.device
	d.Quit = c.quit
	d.Focal = d.Focal || c.process.front
	d.InUse = d.InUse || c.process.front
	return d
}

// SetDevice tells what the device is like now. Runs that lose what they need are ended,
// and continued work that now finds room begins. A switch of Background App Refresh
// that the user turns is told by SetRefresh.
func (c *Contract) SetDevice(d Device) error {
	before := c.seen()
	c.device = d
	c.interrupt(before)
	return c.pump()
}

// SetRefresh turns the switches of Background App Refresh. Turning one off drops the
// pending requests that need it, the push that is held and the transfers.
func (c *Contract) SetRefresh(app, all bool) error {
	was := c.device.refreshes()
	c.device.RefreshApp, c.device.RefreshAll = app, all
	if was && !c.device.refreshes() {
		c.drop(work.KindRefresh, work.KindProcessing)
		c.CancelTransfers(CancelledUpdatesOff)
		c.discardPush()
	}
	return c.pump()
}

// drop forgets the pending requests of some kinds.
func (c *Contract) drop(kinds ...work.Kind) {
	c.pending = slices.DeleteFunc(c.pending, func(r Request) bool { return slices.Contains(kinds, r.Kind) })
}

// Next returns the instant at which something happens by time alone, or record.Never.
func (c *Contract) Next() int64 {
	next := int64(record.Never)
	for _, t := range c.process.tasks {
		next = min(next, t.deadline)
	}
	for _, a := range c.process.assertions {
		next = min(next, a.deadline)
	}
	return next
}

// AdvanceTo lets time pass. Limits that end on the way are kept in their order. Time
// never goes back.
func (c *Contract) AdvanceTo(at int64) {
	for next := c.Next(); next <= at && next != record.Never; next = c.Next() {
		c.now = max(c.now, next)
		c.expireTasks()
		c.expireAssertions()
	}
	c.now = max(c.now, at)
	c.notifications.Show(c.now)
}

// Pending returns the identifiers of the requests that are pending, sorted. A task that
// runs is none of them.
func (c *Contract) Pending() []string {
	ids := make([]string, len(c.pending))
	for i := range c.pending {
		ids[i] = c.pending[i].ID
	}
	slices.Sort(ids)
	return ids
}

func (c *Contract) find(id string) int {
	return slices.IndexFunc(c.pending, func(r Request) bool { return r.ID == id })
}

// Request returns the pending request of an identifier.
func (c *Contract) Request(id string) (Request, bool) {
	if i := c.find(id); i >= 0 {
		return c.pending[i], true
	}
	return Request{}, false
}

// Cancel drops the pending request of an identifier, if there is one. A task that runs
// goes on.
func (c *Contract) Cancel(id string) {
	c.pending = slices.DeleteFunc(c.pending, func(r Request) bool { return r.ID == id })
}

// CancelAll drops all pending requests.
func (c *Contract) CancelAll() { c.pending = nil }

// BlockedBy returns the hard gates of a pending request, in their order; none: the
// system may start it.
func (c *Contract) BlockedBy(id string) []work.Code {
	r, ok := c.Request(id)
	if !ok {
		return []work.Code{GateNotPending}
	}
	codes, d := []work.Code{}, c.seen()
	c.limits.HardGates(&d, &r, c.now, func(code work.Code) bool {
		codes = append(codes, code)
		return true
	})
	return codes
}
