package ios

import "github.com/lullwork/lull/work"

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
