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
	for t := range s.Timers {
		if s.Timers[t] > at {
			continue
		}
		s.Timers[t] = never
		s.calm = s.calm && !(timer(t) >= timerKill && timer(t) <= timerRevert)
		switch timer(t) {
		case timerFreeze:
			s.freeze()
		case timerIdle:
			s.Device.Idle = true
		case timerCharging:
			s.Device.Charging = true
		case timerKill:
			s.kill(at)
		case timerBoot:
			s.tell(at)
		case timerSleep:
			s.sleep(at)
		case timerHibernate:
			s.hibernate(at)
		case timerRevert:
			s.exempt(at, false)
		case timerAllowList:
			s.App.Allowed = false
		case timerStarts:
			s.App.Starts = false
		}
	}
	s.Doze.Tick(at)
	s.Standby.Tick(at)
	s.Account.Tick(at)
}

// turn takes in that the device or the app may be another than before.
func (s *System) turn(at int64) {
	now := s.look(at)
	if now == s.bits {
		return
	}
	s.account(at)
	now &^= worldHaste
	now.addIf(worldHaste, s.Account.Expedited.Free)
	const held = worldDozing | worldSettling
	if s.bits&held != 0 && now&held == 0 {
		s.release(at)
	}
	s.bits = now
}

// soon returns when something that is no work's changes by time alone.
func (s *System) soon(at int64) int64 {
	next := min(s.Doze.Next(), s.Standby.Next(), s.Account.Next())
	if t := s.Doze.JobsFrom(); t > at {
		next = min(next, t)
	}
	for _, t := range s.Timers {
		next = min(next, t)
	}
	return next
}

// upcoming returns when something changes by time alone that may count for a work.
func (s *System) upcoming(at int64) int64 {
	if !s.calm || s.watched {
		return min(s.wake, s.due)
	}
	next, c := s.wake, s.cares
	for t, moves := range timersMove {
		if c&moves != 0 || moves == everything {
			next = min(next, s.Timers[t])
		}
	}
	if c&worldAnyBucket != 0 {
		next = min(next, s.Standby.Next())
	}
	if c&worldHaste != 0 {
		next = min(next, s.Account.Next())
	}
	return min(next, s.dozes(at, c))
}

// timersMove are what of the device and the app each timer may change, as far as works
// mind it. Those that end the process or what the user chose are never put off.
var timersMove = [timers]world{
	timerFreeze: worldFrozen, timerIdle: worldIdle, timerCharging: worldCharging | worldHaste, timerAllowList: worldAllowed | worldHaste,
	timerStarts: worldStarts, timerKill: everything, timerBoot: everything, timerSleep: everything, timerHibernate: everything, timerRevert: everything,
}

// dozes returns when Doze may change what works mind of it.
func (s *System) dozes(at int64, c world) int64 {
	d := &s.Doze
	light, deep := d.felt()
	next := int64(never)
	switch {
	case c&(worldDozing|worldSettling|worldDozeOff) == 0:
		if c&worldDeep != 0 {
			next = deep
		}
		return next
	case c&(worldDozing|worldSettling|worldDeep) == 0 && s.bits&worldFront == 0 && d.Held():
		// Jobs wait for a moment after it.
		next = after(min(light, deep), s.p.values[dozeJobDelay])
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
