package ios

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lullwork/lull/work"
)

// Verdict is what a push is by its headers and content.
type Verdict string

const (
	PushSilent      Verdict = "silent"                                          // wakes the app and shows nothing
	PushVisible     Verdict = "visible"                                         // shows something; not throttled
	PushPriority    Verdict = "rejected_priority_must_be_5"                     // not accepted for delivery
	PushShows       Verdict = "misconfigured_background_with_user_visible_keys" // says that it is silent and is not
	PushNoAvailable Verdict = "misconfigured_no_content_available"              // shows nothing and wakes nothing
)

// PushMessage is what counts of a push: its type and priority, and what its aps
// dictionary has.
type PushMessage struct {
	Type             string // apns-push-type; "": by what it shows
	Priority         int64  // apns-priority
	ContentAvailable bool   // content-available is 1
	Shows            bool   // alert, badge or sound
}

// ParsePush reads what counts of an aps dictionary.
func ParsePush(kind string, priority int64, aps []byte) (PushMessage, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(aps, &keys); err != nil {
		return PushMessage{}, fmt.Errorf("aps is no dictionary: %w", err)
	}
	whole, part, _ := strings.Cut(string(keys["content-available"]), ".") // it may be written 1.0
	m := PushMessage{Type: kind, Priority: priority, ContentAvailable: whole == "1" && strings.Trim(part, "0") == ""}
	for _, key := range [...]string{"alert", "badge", "sound"} {
		if v, ok := keys[key]; ok && string(v) != "null" {
			m.Shows = true
		}
	}
	return m, nil
}

// silentPriority is the only one that a silent push may have.
const silentPriority = 5

// Validate says what becomes of a push. A silent one of another priority is refused
// before anything else is looked at.
func (m PushMessage) Validate() Verdict {
	background := m.Type == "background"
	switch {
	case m.Shows && !background:
		return PushVisible
	case m.Priority != silentPriority && (background || m.ContentAvailable):
		return PushPriority
	case m.Shows:
		return PushShows
	case !m.ContentAvailable:
		return PushNoAvailable
	}
	return PushSilent
}

// HeldPush is the one push that the system keeps for an app until it may launch it.
type HeldPush struct {
	ID   string
	Held bool
}

// PushHeldBy returns the first gate that keeps a push from launching the app; "": none.
func (l *Limits) PushHeldBy(d *Device) work.Code {
	if h := l.shuts(d) & mindful[kindPush]; h != 0 && !d.Focal && !d.Debugger {
		return gates[h.next()]
	}
	return ""
}

// Throttle is what the system's throttle chose to do with a push.
type Throttle string

const (
	ThrottleHold    Throttle = "hold"
	ThrottleDeliver Throttle = "deliver"
)

// PushArrives tells that a silent push reached the device. What the throttle chose
// counts for an app in the background that nothing else keeps from launching.
func (c *Contract) PushArrives(id string, t Throttle) {
	p := c.fresh(kindPush)
	p.Kind, p.ID = work.KindPush, id
	c.arrive(p, t)
}

// arrive takes in a silent push.
func (c *Contract) arrive(p *pending, t Throttle) {
	gate := c.limits.PushHeldBy(&c.Dev)
	switch {
	case c.Dev.Quit:
		c.recycle(p)
		c.emit(Event{Kind: PushDiscarded, Work: p.Work, Why: string(GateForceQuit)})
	case gate == GateRefreshOff:
		c.recycle(p)
		c.emit(Event{Kind: PushNotLaunched, ID: p.ID, Work: p.Work, Why: string(gate)})
	case gate != "":
		c.hold(p)
		c.emit(Event{Kind: PushNotLaunched, ID: p.ID, Work: p.Work, Why: string(gate)})
	case t == ThrottleHold && !c.Dev.Focal && !c.Dev.Debugger:
		c.hold(p)
	default:
		c.hold(p)
		c.release(p)
	}
}

// held returns the push that is held, nil if there is none.
func (c *Contract) held() *pending {
	for _, p := range c.Waits {
		if p.silent() && !p.Away && !p.Delivered {
			return p
		}
	}
	return nil
}

// hold keeps a push. The one that was held is gone: the newest counts.
func (c *Contract) hold(p *pending) {
	if old := c.held(); old != nil {
		c.remove(old)
		c.recycle(old)
		c.emit(Event{Kind: PushSuperseded, ID: old.ID, Work: old.Work})
	}
	c.Waits = append(c.Waits, p)
}

// release gives a push to the app, which is launched if it does not run.
func (c *Contract) release(p *pending) {
	c.wake()
	c.deliver(p)
}

// deliver hands a push to the app. If a System keeps a work for it, it waits for its run
// to begin.
func (c *Contract) deliver(p *pending) {
	c.stale |= 1 << kindPush
	if p.Delivered = true; p.Work == "" {
		c.remove(p)
		c.recycle(p)
	}
	c.emit(Event{Kind: PushDelivered, ID: p.ID, Work: p.Work})
}

// discardPush drops the held push.
func (c *Contract) discardPush(why string) {
	if p := c.held(); p != nil {
		c.remove(p)
		c.recycle(p)
		c.emit(Event{Kind: PushDiscarded, Work: p.Work, Why: why})
	}
}

// deliverHeld gives the held push to an app that the user opened.
func (c *Contract) deliverHeld() {
	if p := c.held(); p != nil {
		c.deliver(p)
	}
}

// Held returns the push that is held.
func (c *Contract) Held() HeldPush {
	if p := c.held(); p != nil {
		return HeldPush{ID: p.ID, Held: true}
	}
	return HeldPush{}
}
