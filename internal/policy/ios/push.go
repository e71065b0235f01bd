package ios

import (
	"encoding/json"
	"fmt"

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
	m := PushMessage{Type: kind, Priority: priority, ContentAvailable: string(keys["content-available"]) == "1"}
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

// Put holds a push. The one that was held is gone: the newest counts.
func (h *HeldPush) Put(id string) (superseded HeldPush) {
	superseded, *h = *h, HeldPush{ID: id, Held: true}
	return superseded
}

// Take returns what is held, and holds nothing any more.
func (h *HeldPush) Take() HeldPush {
	held := *h
	*h = HeldPush{}
	return held
}

// PushHeldBy returns the first gate that keeps a push from launching the app; "": none.
func (l *Limits) PushHeldBy(d *Device) (gate work.Code) {
	l.HardGates(d, &Request{Kind: work.KindPush}, 0, func(c work.Code) bool {
		gate = c
		return false
	})
	return gate
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
	d := c.seen()
	gate := c.limits.PushHeldBy(&d)
	switch {
	case c.quit:
		c.emit(Event{Kind: PushDiscarded})
	case gate == GateRefreshOff:
		c.emit(Event{Kind: PushNotLaunched, ID: id, Why: string(gate)})
	case t == ThrottleHold && !d.Focal && !d.Debugger:
		c.hold(id)
	case gate != "":
		c.hold(id)
		c.emit(Event{Kind: PushNotLaunched, ID: id, Why: string(gate)})
	default:
		c.superseded(c.held.Take())
		c.wake()
		c.emit(Event{Kind: PushDelivered, ID: id})
	}
}

func (c *Contract) hold(id string) { c.superseded(c.held.Put(id)) }

func (c *Contract) superseded(old HeldPush) {
	if old.Held {
		c.emit(Event{Kind: PushSuperseded, ID: old.ID})
	}
}

// discardPush drops the held push.
func (c *Contract) discardPush() {
	if c.held.Take().Held {
		c.emit(Event{Kind: PushDiscarded})
	}
}

// deliverHeld gives the held push to an app that the user opened.
func (c *Contract) deliverHeld() {
	if h := c.held.Take(); h.Held {
		c.emit(Event{Kind: PushDelivered, ID: h.ID})
	}
}

// Held returns the push that is held.
func (c *Contract) Held() HeldPush { return c.held }
