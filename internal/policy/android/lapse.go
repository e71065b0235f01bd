package android

// This file is what time alone does to the device and the app. It is worked out when
// somebody asks or something happens: until an instant that counts for a work nobody
// need be told.

// pass lets happen, one after the other, what time makes happen until an instant.
func (s *System) pass(at int64) {
	if !s.Begun {
		s.begun(at)
		s.due = s.soon(at)
	}
	for s.due <= at {
		t := s.due
		s.ring(t)
		s.turn(t)
		s.due = s.soon(t)
	}
}

// reach is pass, if there is something to pass.
func (s *System) reach(at int64) {
	if s.due <= at || !s.Begun {
		s.pass(at)
	}
}

// catchUp is pass up to what somebody has to be told of first.
func (s *System) catchUp(at int64) {
	if s.stale && at > s.at {
		s.settle()
	}
	if at = min(at, s.next-1); s.due <= at {
		s.pass(at)
	}
}

// ring lets happen what time alone makes happen.
func (s *System) ring(at int64) {
	if s.arrange(); s.first <= at {
		s.elapse(at)
	}
	s.Doze.Tick(at)
	sank, ended := s.Standby.Tick(at), s.Account.Tick(at)
	if sank || ended {
		s.turns()
	}
}

// elapse lets end the timers that are over.
func (s *System) elapse(at int64) {
	if s.ends(timerFreeze, at) {
		s.freeze()
		if s.arrange(); s.first > at { // which is mostly all
			return
		}
	}
	if s.ends(timerIdle, at) {
		s.Device.Idle = true
		s.shows(worldIdle, true)
	}
	if s.ends(timerCharging, at) {
		s.Device.Charging = true
		s.shows(worldCharging, true)
	}
	if s.sharp <= at {
		s.turns()
		s.calm = false
		s.strikes(at)
	}
	if s.ends(timerAllowList, at) {
		s.App.Allowed = false
		s.shows(worldAllowed, false)
	}
	if s.ends(timerStarts, at) {
		s.App.Starts = false
		s.shows(worldStarts, false)
	}
}

// ends reports whether a timer is over, which it is no longer then.
func (s *System) ends(t timer, at int64) bool {
	over := s.Timers[t] <= at
	if over {
		s.set(t, never)
	}
	return over
}

// strikes is elapse for what ends the process, or what the user chose.
func (s *System) strikes(at int64) {
	if s.ends(timerKill, at) {
		s.kill(at)
	}
	if s.ends(timerBoot, at) {
		s.tell(at)
	}
	if s.ends(timerSleep, at) {
		s.sleep(at)
	}
	if s.ends(timerHibernate, at) {
		s.hibernate(at)
	}
	if s.ends(timerRevert, at) {
		s.exempt(at, false)
	}
}

// turn takes in that the device or the app may be another than before.
func (s *System) turn(at int64) {
	if !s.seen {
		s.plain, s.seen = s.look(), true
	}
	now := s.plain | s.lookAtDoze(at, s.plain&worldFront != 0)
	if s.current = true; now == s.bits {
		return
	}
	if (now^s.bits)&quotasMind != 0 {
		s.account(at)
		if free := s.Account.Expedited.Free; free != (now&worldHaste != 0) {
			s.plain, now = s.plain^worldHaste, now^worldHaste
		}
	}
	const held = worldDozing | worldSettling
	if s.bits&held != 0 && now&held == 0 {
		s.release(at)
	}
	s.bits = now
}

// soon returns when something that is no work's changes by time alone.
func (s *System) soon(at int64) int64 {
	s.arrange()
	next := min(s.Doze.Next(), s.Standby.Next(), s.Account.Next(), s.first)
	if t := s.Doze.JobsFrom(); t > at {
		next = min(next, t)
	}
	return next
}

// set sets a timer.
func (s *System) set(t timer, at int64) {
	if s.Timers[t] != at {
		s.Timers[t], s.arranged = at, false
	}
}

// arrange finds the first timer, and the first of those that end the process, or what the
// user chose: these are never put off.
func (s *System) arrange() {
	if !s.arranged {
		s.rearrange()
	}
}

func (s *System) rearrange() {
	t := &s.Timers
	s.sharp = min(t[timerKill], t[timerBoot], t[timerSleep], t[timerHibernate], t[timerRevert])
	s.first = min(s.sharp, t[timerFreeze], t[timerIdle], t[timerCharging], t[timerAllowList], t[timerStarts])
	s.arranged = true
}

// upcoming returns when something changes by time alone that may count for a work, once soon
// is as of now.
func (s *System) upcoming(at int64) int64 {
	next := min(s.wake, s.sharp)
	switch {
	case next <= s.due:
		return next
	case !s.calm || s.wary != 0 || s.watched:
		return s.due
	case s.cares == 0:
		return next
	}
	t, c := &s.Timers, s.cares
	if c&worldFrozen != 0 {
		next = min(next, t[timerFreeze])
	}
	if c&worldIdle != 0 {
		next = min(next, t[timerIdle])
	}
	if c&(worldCharging|worldHaste) != 0 {
		next = min(next, t[timerCharging])
	}
	if c&(worldAllowed|worldHaste) != 0 {
		next = min(next, t[timerAllowList])
	}
	if c&worldStarts != 0 {
		next = min(next, t[timerStarts])
	}
	if c&worldAnyBucket != 0 {
		next = min(next, s.Standby.Next())
	}
	if c&worldHaste != 0 {
		next = min(next, s.Account.Next())
	}
	return min(next, s.dozes(at, c))
}

// dozes returns when Doze may change what works mind of it.
func (s *System) dozes(at int64, c world) int64 {
	d := &s.Doze
	light, deep := d.quietLight, d.quietDeep
	next := int64(never)
	switch {
	case c&(worldDozing|worldSettling|worldDozeOff) == 0:
		if c&worldDeep != 0 {
			next = deep
		}
		return next
	case c&(worldDozing|worldSettling) == 0 && s.bits&worldFront == 0 && d.Held():
		// Jobs wait for a moment after it.
		if next = after(min(light, deep), s.p.values[dozeJobDelay]); c&worldDeep != 0 {
			next = min(next, deep)
		}
	default:
		next = min(light, deep)
	}
	if t := d.JobsFrom(); t > at {
		next = min(next, t)
	}
	return next
}

// Watched makes it come up to each instant at which it changes, and not only to those
// that count for a work: it is for who looks at its state.
func (s *System) Watched() { s.watched = true }
