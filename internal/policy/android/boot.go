package android

// shutDown is that the phone goes off.
func (s *System) shutDown(at int64) {
	const why = "the phone was switched off"
	s.tellGone(why)
	s.end(at, why)
	s.App.Blocks |= blockBoot
	s.App.Starts, s.App.Allowed = false, false
	for _, t := range []timer{timerStarts, timerAllowList, timerBoot} {
		s.set(t, never)
	}
	s.setScreen(at, false)
	s.set(timerKill, never)
}

// booted is that the phone was booted. The system has forgotten what it counted and the
// app's jobs and alarms. The library, and an app that wants to, sets them again when it
// is told of the boot, which it is once the phone is unlocked.
func (s *System) booted(at int64) {
	if s.App.Blocks&blockBoot == 0 {
		s.shutDown(at) // nobody said that it went off
	}
	s.Device.Locked = true
	s.Account.Reset()
	s.account(at)
	s.Rang, s.RangIdle = rings{}, rings{}
	s.Guard = guard{}
	s.forget("its alarm does not outlive a boot unless the app sets it again", func(x *slot) bool {
		return isAlarm(x) && !(x.Rearm && s.p.Permissions.Has(ReceiveBootCompleted))
	})
	s.forget("the system forgets transfers at a boot", func(x *slot) bool { return x.Kind == kindUser })
	s.scheduleAnew(at)
}

// unlocked is that the user unlocks the phone: for the first time after a boot, apps are
// told of it.
func (s *System) unlocked(at int64) bool {
	dozed := s.dozed(s.Doze.SetUnlocked(at))
	if !s.Device.Locked {
		return dozed
	}
	s.turns()
	s.Device.Locked = false
	if s.App.Blocks&blockBoot != 0 {
		s.set(timerBoot, at+s.p.values[bootDelay])
	}
	return true
}

// tell is that the app is told of the boot, if it may start.
func (s *System) tell(at int64) {
	a := &s.App
	a.Blocks &^= blockBoot
	if s.p.on(vendorNoAutostart) && !a.Exempt {
		a.Blocks |= blockAutostart
	}
	if a.Blocks == 0 {
		s.begin(at)
		s.allowStarts(at)
		s.rest(at)
	}
}
