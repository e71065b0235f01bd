package android

// pushes is what the messages of the app have come to.
type pushes struct {
	Caps rings `json:"caps,omitzero"` // high-priority messages that were delivered as such
	// Sent and Seen count the high-priority messages of each of the last days, and those of
	// them that the user could see. Day is the number of the last.
	Day  int64    `json:"day,omitempty"`
	Sent [8]int64 `json:"sent"`
	Seen [8]int64 `json:"seen"`
}

// turn makes room for the day of an instant.
func (p *pushes) turn(at int64) {
	today := at / day
	for d := max(p.Day+1, today-int64(len(p.Sent))+1); d <= today; d++ {
		p.Sent[d%int64(len(p.Sent))], p.Seen[d%int64(len(p.Seen))] = 0, 0
	}
	p.Day = max(p.Day, today)
}

// review returns how many high-priority messages came in the days before, and how many
// the user could see.
func (p *pushes) review(at, window int64) (sent, seen int64) {
	n := int64(len(p.Sent))
	for d := max(firstDay(at, window), p.Day-n+1); d <= p.Day; d++ {
		sent, seen = sent+p.Sent[d%n], seen+p.Seen[d%n]
	}
	return sent, seen
}

// capped reports whether messages of high priority are treated as normal ones: there were
// too many today, or too many lately that the user did not get to see.
func (s *System) capped(at int64) bool { return at < s.cappedUntil() || s.downgraded(at) }

// cappedUntil returns the end of a cap, which Android 12 and older have.
func (s *System) cappedUntil() int64 {
	b := min(s.bucket(), Restricted)
	if most := s.p.of(pushCap, b); most > 0 {
		return s.Push.Caps.freeAt(most, s.p.values[pushCapWindow])
	}
	return 0
}

// downgraded reports whether the sender is, which newer ones may be.
func (s *System) downgraded(at int64) bool {
	p := s.p
	if p.values[pushReview] == 0 {
		return false
	}
	r := &s.reviewed
	if from := firstDay(at, p.values[pushReview]); !r.known || r.from != from {
		sent, seen := s.Push.review(at, p.values[pushReview])
		*r = review{from, true, sent >= p.values[pushReviewLeast] && seen*100 < sent*p.values[pushReviewSeen]}
	}
	return r.downgraded
}

// review is the last answer of downgraded: it is so for as long as the same days count, and
// no message is delivered.
type review struct {
	from       int64
	known      bool
	downgraded bool
}

// firstDay is the number of the first day that lies in a window.
func firstDay(at, window int64) int64 { return max(0, (at-window)/day) }

// messageHolds returns all that keeps a message from being delivered.
func (s *System) messageHolds(at int64, high bool) gateSet {
	return s.blocked(kindPush, high) | s.pushHolds(at, high)
}

// pushHolds returns what keeps a message from being delivered to an app that is not
// blocked.
func (s *System) pushHolds(at int64, high bool) gateSet {
	var h gateSet
	h.addIf(gateNetwork, s.Device.Seen.Online != 1)
	if !s.dozing() {
		return h
	}
	if !high {
		h.add(gateDoze)
	} else if s.capped(at) {
		h.add(gatePush)
	}
	return h
}

// expiry returns when a message is dropped that was not delivered.
func (s *System) expiry(at int64, ttl int64) int64 {
	switch {
	case ttl == 0:
		ttl = s.p.values[pushTTL]
	case ttl < 0:
		ttl = 1 // now or never
	}
	return after(at, min(ttl, s.p.values[pushTTL]))
}

// overflow drops all messages that wait when there are too many: the server keeps only
// so many of them.
func (s *System) overflow() {
	if int64(len(s.Slots)) <= s.p.values[pushStored] {
		return
	}
	stored := int64(0)
	for i := range s.Slots {
		if x := &s.Slots[i]; x.Kind == kindPush && x.Waiting && !x.Stopping {
			stored++
		}
	}
	if stored <= s.p.values[pushStored] {
		return
	}
	s.forget("the server has dropped the messages that wait: there are too many", func(x *slot) bool {
		return x.Kind == kindPush && x.Waiting
	})
}

// pushed is that a message is delivered.
func (s *System) pushed(at int64, x *slot) {
	if !x.High {
		return
	}
	if p := &s.Push; !s.capped(at) || x.Cleared.has(gatePush) {
		p.Caps.add(at, s.p.values[pushCapWindow])
		s.allow(at, s.p.values[pushAllowList])
		s.allowStarts(at)
	}
	s.reviewed.known = false
	s.Push.turn(at)
	i := (at / day) % int64(len(s.Push.Sent))
	s.Push.Sent[i]++
	if x.Visible {
		s.Push.Seen[i]++
	}
}

// expire drops a message whose time is over.
func (s *System) expire(at int64, x *slot) {
	if x.Kind == kindPush && x.Waiting && at >= x.Expires {
		x.Expires = never // it is told once
		s.forget("its time to live is over", func(y *slot) bool { return y == x })
	}
}
