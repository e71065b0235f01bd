package ios

import (
	"slices"

	"github.com/lullwork/lull/work"
)

// kind is a work.Kind that can be switched on.
type kind uint8

const (
	kindNone kind = iota
	kindRefresh
	kindProcessing
	kindHealth
	kindContinued
	kindTransfer
	kindAssertion
	kindTimer
	kindPush
	kindNotification
	kindWidget
)

//go:noinline
func kindOf(k work.Kind) kind {
	switch k {
	case work.KindRefresh:
		return kindRefresh
	case work.KindProcessing:
		return kindProcessing
	case work.KindHealth:
		return kindHealth
	case work.KindContinued:
		return kindContinued
	case work.KindTransfer:
		return kindTransfer
	case work.KindAssertion:
		return kindAssertion
	case work.KindTimer:
		return kindTimer
	case work.KindPush:
		return kindPush
	case work.KindNotification:
		return kindNotification
	case work.KindWidget:
		return kindWidget
	}
	return kindNone
}

// scheduled reports whether the system starts works of a kind when it thinks best.
func (k kind) scheduled() bool { return k >= kindRefresh && k <= kindHealth }

// requested reports whether works of a kind are requests of BGTaskScheduler.
func (k kind) requested() bool { return k >= kindRefresh && k <= kindContinued }

// drawn reports whether works of a kind wait for their turn: it is drawn for.
func (k kind) drawn() bool { return k >= kindRefresh && k <= kindProcessing }

// inApp reports whether runs of a kind go on in the app's own process.
func (k kind) inApp() bool {
	return k.requested() || k == kindAssertion || k == kindTimer || k == kindPush
}

// tag is whose a request is, for those who keep works for it.
type tag struct {
	Seq  int64
	Work work.ID
	Task string
	Key  uint64 // of its chances
}

// pending is what waits: a request, a push, a transfer that does not go on, what wants to
// run in the app's process, a widget that wants a timeline. What reviews look at comes
// first: code that reaches for it is the shorter.
type pending struct {
	Type          kind
	Visible       bool // a push that the user sees
	Away          bool // a push that has not reached the phone
	Delivered     bool // a push that was given to the app
	Discretionary bool // a transfer that the system may put off
	Ended         bool // the system ended it before its handler was called
	standing
	choice
	mark uint32 // of what holds it, as was told; markUnknown: more is to be looked at
	tag
	draw
	Request
	shelf int // index of its widget, counted from 1; 0: not known
}

// silent reports whether it is a push that wakes the app and shows nothing.
func (p *pending) silent() bool { return p.Type == kindPush && !p.Visible }

// requested returns the pending request of an identifier, nil if there is none.
func (c *Contract) requested(id string) *pending {
	for _, p := range c.Waits {
		if p.Type.requested() && p.ID == id {
			return p
		}
	}
	return nil
}

// fresh is room for what is going to wait. Requests come and go: their memory is used
// again.
func (c *Contract) fresh(k kind) (p *pending) {
	if n := len(c.spare); n > 0 {
		p, c.spare = c.spare[n-1], c.spare[:n-1]
		*p = pending{}
	} else {
		p = new(pending)
	}
	c.stale |= others
	p.Type, p.standing = k, unseen
	return p
}

// remove takes out what waits.
func (c *Contract) remove(p *pending) {
	for i, q := range c.Waits {
		if q == p {
			c.stale |= others
			c.Waits = without(c.Waits, i)
			return
		}
	}
}

// without takes one out of a list of few, for which slices.Delete goes a long way.
func without[T any](list []T, i int) []T {
	last := len(list) - 1
	for ; i < last; i++ {
		list[i] = list[i+1]
	}
	var none T
	list[last] = none
	return list[:last]
}

// dropped forgets what was taken out, and tells whose it was.
func (c *Contract) dropped(p *pending, why string) {
	c.recycle(p)
	if p.Work != "" {
		c.emit(Event{Kind: requestDropped, ID: p.ID, Work: p.Work, Why: why})
	}
}

// recycle lets the memory of what does not wait any more be used again. What it holds stays
// until then.
func (c *Contract) recycle(p *pending) { c.spare = append(c.spare, p) }

// drop drops what waits.
func (c *Contract) drop(why string, which func(*pending) bool) {
	if !slices.ContainsFunc(c.Waits, which) {
		return
	}
	c.stale |= others
	kept := c.Waits[:0]
	for _, p := range c.Waits {
		if which(p) {
			c.dropped(p, why)
		} else {
			kept = append(kept, p)
		}
	}
	clear(c.Waits[len(kept):])
	c.Waits = kept
}
