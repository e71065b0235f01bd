package ios

import "github.com/lullwork/lull/internal/record"

// standing is what a review found of a work, but for what is drawn and rated, and for runs
// of its identifier. It stands as long as nothing changes that works of its kind depend on.
type standing struct {
	sure gateSet // what holds it for sure, and open
	due  int64   // when it is looked at next
	ends int64   // until then both stand
	ripe bool    // score, budget and draw decide
}

// kindSet is a set of kinds.
type kindSet uint16

const (
	allKinds kindSet = 1<<(kindWidget+1) - 1
	others   kindSet = 1 << kindNone // other works wait
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
	kindRefresh:    mindful[kindRefresh] | 1<<gateOff | shutWiFiOnly,
	kindProcessing: mindful[kindProcessing] | 1<<gateOff | 1<<gateNotCharging | shutPad,
	kindTransfer:   1<<gateOff | 1<<gateNoNetwork | 1<<gateNoWiFi | 1<<gateNotCharging,
	kindPush:       mindful[kindPush] | 1<<gateOff | 1<<gateForeground | 1<<gateNoNetwork | 1<<gateNotCharging | shutWiFiOnly | shutDebugger,
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

// observe takes in what the phone is like, and finds the kinds of work for which it is
// another one than in the last review.
func (s *System) observe() {
	d, v := &s.Dev, &s.seen
	shut := s.m.shuts(d)
	shut.addIf(gateOff, s.Off)
	shut.addIf(gateNoWiFi, s.Metered)
	shut.addIf(gateNotCharging, !d.Charging)
	if d.Debugger {
		shut |= shutDebugger
	}
	if s.Media {
		shut |= shutMedia
	}
	if s.WiFiOnly && s.Metered {
		shut |= shutWiFiOnly
	}
	if d.Battery < s.m.PadProcessingPercent {
		shut |= shutPad
	}
	if other := shut ^ v.Shut; other != 0 {
		for v.Shut = shut; other != 0; {
			s.stale |= heeders[other.next()]
		}
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

// stand finds out how a work stands. Of one that something holds for sure the rest is left
// out. A standing ends with the first instant at which time alone makes it another one.
func (s *System) stand(at int64, p *pending) {
	m := s.m
	x := standing{due: record.Never, ends: record.Never}
	ends := func(t int64) {
		if t > at && t < x.ends {
			x.ends = t
		}
	}
	soon := func(t int64) {
		if t > at && t < x.due {
			x.due = t
		}
	}
	p.Rated = false
	if p.Debug {
		p.standing = x
		return
	}
	x.sure = s.steady(at, p, s.seen.Shut)
	early := p.Type.requested() && at < p.StartAfter
	if early {
		x.sure |= open
		soon(p.StartAfter)
	}
	switch p.Type {
	case kindRefresh:
		unused, spaced := s.unusedFrom(), s.spacedUntil(p)
		ends(unused)
		ends(spaced)
		if early {
			break
		}
		if soon(unused); at >= unused {
			soon(s.unusedCheck())
		}
		s.ripen(at, &x, spaced)
	case kindProcessing:
		unused, spaced, idle := s.LastUse+m.UnusedProcessing*day+1, s.spacedUntil(p), s.untilIdle()
		ends(unused)
		ends(spaced)
		ends(idle)
		if early {
			break
		}
		soon(unused)
		s.ripen(at, &x, max(spaced, idle))
	case kindPush:
		soon(s.spacedUntil(p))
		soon(s.pushTurn())
		ends(p.StartAfter)
	case kindTransfer:
		soon(p.StartAfter)
		soon(p.StartBefore)
	case kindWidget:
		w := s.widgetOf(p.Task)
		soon(s.widgetDue(w, at))
		ends(w.Reloaded + m.WidgetGap)
		ends(w.Ends)
	default:
		if x.ends = never; early {
			break
		}
		switch p.Type {
		case kindHealth:
			soon(s.spacedUntil(p))
		case kindTimer, kindAssertion:
			soon(p.StartAfter)
		}
	}
	x.ends = min(x.ends, x.due)
	p.standing = x
}

// ripen adds to the standing of a request that is drawn for. What happened before holds it
// until an instant, and from then on it is rescored.
func (s *System) ripen(at int64, x *standing, held int64) {
	if x.sure&^(1<<gateSpacing|1<<gateNotIdle) == 0 {
		if held <= at {
			held = (floorDiv(at, s.m.Rescore) + 1) * s.m.Rescore
		}
		x.due = min(x.due, held)
	}
	if x.ripe = x.sure == 0; !x.ripe {
		x.sure |= open
	}
}
