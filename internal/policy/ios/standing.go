package ios

import "github.com/lullwork/lull/internal/record"

// standing is what a review found of a work, but for what is drawn and rated, and for runs
// of its identifier. It stands as long as nothing changes that works of its kind depend on.
type standing struct {
	sure  gateSet // what holds it for sure, and open
	of    kindSet // its kind
	ripe  bool    // score, budget and draw decide: it is rescored
	poor  bool    // a widget that its balance holds
	due   int64   // when time alone may change that, but for rescoring
	ends  int64   // until then all this stands
	again int64   // from then on a review has something to do
}

// unseen is how a work stands before it was looked at.
var unseen = standing{ends: never, again: never}

// kindSet is a set of kinds.
type kindSet uint16

const (
	allKinds kindSet = 1<<(kindWidget+1) - 1 | outside | running
	others   kindSet = 1 << kindNone // other works wait
	outside  kindSet = 1 << 14       // the phone may be like something else
	running  kindSet = 1 << 15       // other runs of requests go on
	requests kindSet = 1<<kindRefresh | 1<<kindProcessing | 1<<kindHealth | 1<<kindContinued
)

// surroundings are what the standing of works depends on besides themselves, as they were in
// the last review.
type surroundings struct {
	At               int64
	Shut             gateSet
	LastUse          int64
	Launched         int64
	Processed        int64
	Pushed, PushTurn int64
	Left, Plugged    int64
}

// What else is looked at of a phone, beyond what has a gate.
const (
	shutDebugger gateSet = 1 << (gateCount + iota)
	shutMedia
	shutWiFiOnly // and the network is another one
	shutPad      // off the charger
)

// heeded is what works of a kind depend on of what a phone is like.
var heeded = [kindWidget + 1]gateSet{
	kindRefresh:    mindful[kindRefresh] | shutWiFiOnly,
	kindProcessing: mindful[kindProcessing] | 1<<gateNotCharging | shutPad,
	kindTransfer:   1<<gateOff | 1<<gateNoNetwork | 1<<gateNoWiFi | 1<<gateNotCharging,
	kindPush:       mindful[kindPush] | 1<<gateForeground | 1<<gateNoNetwork | 1<<gateNotCharging | shutWiFiOnly | shutDebugger,
	kindWidget:     1<<gateOff | 1<<gateForeground | shutMedia | shutDebugger,
}

// heeders are the kinds that depend on each of it.
var heeders = func() (of [32]kindSet) {
	for k, h := range heeded {
		for h != 0 {
			of[h.next()] |= 1 << k
		}
	}
	return of
}()

// shuts returns what a phone holds works for, of those that heed it.
func (s *System) shuts() gateSet {
	d := &s.Dev
	h := s.m.shuts(d)
	if s.Off {
		h |= 1 << gateOff
	}
	if !d.Charging {
		if h |= 1 << gateNotCharging; d.Battery < s.m.PadProcessingPercent {
			h |= shutPad
		}
	}
	if s.Metered {
		if h |= 1 << gateNoWiFi; s.WiFiOnly {
			h |= shutWiFiOnly
		}
	}
	if d.Debugger {
		h |= shutDebugger
	}
	if s.Media {
		h |= shutMedia
	}
	return h
}

// observe takes in what the phone is like, and finds the kinds of work for which it is
// another one than in the last review.
func (s *System) observe() {
	v := &s.seen
	if s.stale&outside != 0 {
		shut := s.shuts()
		for other := shut ^ v.Shut; other != 0; {
			s.stale |= heeders[other.next()]
		}
		v.Shut = shut
	}
	if s.LastUse != v.LastUse {
		s.stale |= 1<<kindRefresh | 1<<kindProcessing
		v.LastUse = s.LastUse
	}
	if s.Launched != v.Launched {
		s.stale |= 1 << kindRefresh
		v.Launched = s.Launched
	}
	if s.Processed != v.Processed || s.Left != v.Left || s.Plugged != v.Plugged {
		s.stale |= 1 << kindProcessing
		v.Processed, v.Left, v.Plugged = s.Processed, s.Left, s.Plugged
	}
	if s.Pushed != v.Pushed || s.PushTurn != v.PushTurn {
		s.stale |= 1 << kindPush
		v.Pushed, v.PushTurn = s.Pushed, s.PushTurn
	}
}

// observeUse is observe where nothing is new since the last review but that the phone is in
// use, or no longer.
func (s *System) observeUse() {
	s.seen.Shut &^= 1 << gateInUse
	s.seen.Shut.addIf(gateInUse, s.Dev.InUse)
	s.seen.Left = s.Left
	s.stale = s.stale&^outside | heeders[gateInUse]
}

// stand finds out how a work stands on a phone that shuts some gates.
func (s *System) stand(at int64, p *pending, shut gateSet, x *standing) {
	if p.Debug {
		*x = standing{of: 1 << (p.Type & 15), due: record.Never, ends: record.Never, again: record.Never}
		return
	}
	var h gateSet
	var due int64
	ends, poor := int64(record.Never), false
	switch p.Type {
	case kindRefresh:
		h, due, ends = s.refreshStands(at, p, shut)
	case kindProcessing:
		h, due, ends = s.processingStands(at, p, shut)
	case kindTransfer:
		h = s.transferHolds(at, p)
		due = min(ahead(at, p.StartAfter), ahead(at, p.StartBefore))
	case kindPush:
		h = s.pushHolds(at, p, shut)
		due = min(ahead(at, s.Pushed+s.m.PushSpacing), ahead(at, s.pushTurn()))
		ends = ahead(at, p.StartAfter)
	case kindWidget:
		w := s.widgetOf(p)
		spaced := w.Reloaded + s.m.WidgetGap
		h = s.widgetHolds(at, w)
		due = ahead(at, s.widgetDue(at, w))
		ends = min(ahead(at, spaced), ahead(at, w.Ends))
		poor = at >= spaced && w.Balance < one
	default:
		h, due = s.rarely(at, p, shut)
		due, ends = ahead(at, due), never // what else it depends on is not kept
	}
	h |= shut & (1 << gateOff)
	ripe := h == 0 && p.Type.drawn()
	if p.Type.requested() {
		if at < p.StartAfter {
			h, due = h|open, p.StartAfter
		} else if p.Type.drawn() && !ripe {
			h |= open
		}
	}
	x.of, x.sure, x.ripe, x.poor, x.due, x.ends = 1<<(p.Type&15), h, ripe, poor, due, min(ends, due)
	if x.again = x.ends; ripe {
		x.again = never
	}
}

// ahead is an instant if it is to come, else never.
func ahead(at, t int64) int64 {
	if t > at {
		return t
	}
	return record.Never
}

// refreshStands returns what holds a refresh request for sure, when time alone may change
// that, and until when it stands.
func (s *System) refreshStands(at int64, p *pending, shut gateSet) (h gateSet, due, ends int64) {
	unused, spaced := s.unusedFrom(), s.Launched+s.m.LaunchSpacing
	h = s.m.holdsRefresh(&s.Dev, shut, &p.Request, at)
	h.addIf(gateNoWiFi, shut&shutWiFiOnly != 0)
	h.addIf(gateSpacing, at < spaced)
	if due = unused; at >= unused {
		due = ahead(at, s.unusedCheck())
	}
	if h&^(1<<gateSpacing) == 0 {
		due = min(due, ahead(at, spaced))
	}
	return h, due, min(ahead(at, unused), ahead(at, spaced))
}

// processingStands returns the same of a processing request.
func (s *System) processingStands(at int64, p *pending, shut gateSet) (h gateSet, due, ends int64) {
	m := s.m
	unused, spaced, idle := s.LastUse+m.UnusedProcessing*day+1, s.Processed+m.ProcessingSpacing, s.untilIdle()
	if h = m.holdsProcessing(&s.Dev, shut, &p.Request, at); p.Exempt {
		h &^= 1 << gateNotCharging
	}
	h.addIf(gateSpacing, at < spaced)
	h.addIf(gateNotIdle, at < idle && !s.Dev.InUse)
	due = ahead(at, unused)
	ends = min(due, ahead(at, spaced), ahead(at, idle))
	if h&^(1<<gateSpacing|1<<gateNotIdle) == 0 {
		due = min(due, ahead(at, max(spaced, idle)))
	}
	return h, due, ends
}

// rarely returns what holds a work of a kind that is rare, and when time alone may change
// that.
func (s *System) rarely(at int64, p *pending, shut gateSet) (h gateSet, due int64) {
	switch due = record.Never; p.Type {
	case kindHealth:
		due = s.Launched + s.m.LaunchSpacing
		if h = s.m.holdsBack(&s.Dev, shut, kindHealth, &p.Request, at); p.Exempt {
			h &^= 1 << gateNotCharging
		}
		h.addIf(gateSpacing, at < due)
		h.addIf(gateReserve, !p.Power && !s.Dev.Charging && s.Dev.Battery < s.m.UtilityPercent)
	case kindContinued:
		h = s.m.holdsBack(&s.Dev, shut, kindContinued, &p.Request, at)
		h.addIf(gateNoRoom, !s.room(p))
	case kindAssertion, kindTimer:
		due = p.StartAfter
		h.addIf(gateNotRunning, !s.Process.Alive)
		h.addIf(gateSuspended, s.Process.Alive && !s.executes())
	}
	return h, due
}
