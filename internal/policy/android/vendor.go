package android

// What vendors add to Android: savers that kill apps, put them to sleep, keep them from
// starting after a boot, and undo what the user chose.

// armKiller makes the vendor's saver strike some time after the screen went off.
func (s *System) armKiller(at int64) {
	s.set(timerKill, after(at, s.p.values[vendorKillOnScreenOff]))
}

// kill is the saver's work with the screen off: it ends the app, and whatever starts it
// again, until the screen goes on. Who the user exempted is spared, and so is what plays;
// messages of high priority come through.
func (s *System) kill(at int64) {
	if s.App.Exempt || s.App.Front || s.App.Media {
		return
	}
	s.strike(at, "the vendor's battery saver ended the app")
	if s.p.on(vendorKillHolds) {
		s.App.Blocks |= blockKiller
	}
}

// strike is what a vendor does to an app that it wants gone: it ends the process, or
// stops the app as the user could.
func (s *System) strike(at int64, why string) {
	if s.p.on(vendorKillIsForceStop) {
		s.block(at, blockVendorStop, why)
		return
	}
	s.die(at, why)
}

// armUnused makes the system, and the vendor, act on an app that is not used for long.
func (s *System) armUnused(at int64) {
	s.set(timerSleep, after(at, s.p.values[vendorSleepAfterUnused]))
	hibernates := int64(never)
	if s.p.Target >= apiHibernation {
		hibernates = after(at, s.p.values[hibernateAfter])
	}
	s.set(timerHibernate, hibernates)
}

// sleep puts an app to sleep that was not used.
func (s *System) sleep(at int64) {
	if s.App.Exempt || s.App.Front {
		return
	}
	s.die(at, "the vendor put the app to sleep")
	s.App.Blocks |= blockAsleep
}

// hibernate does so to an app that was not used for months.
func (s *System) hibernate(at int64) {
	if !s.App.Exempt && !s.App.Front {
		s.block(at, blockHibernation, "the app was not used for months")
	}
}

// systemUpdated is that the system was updated. A vendor that undoes what the user chose
// does it now.
func (s *System) systemUpdated(at int64) {
	s.Standby.Held(at, SystemUpdated)
	if s.p.values[vendorSettingReverts] != never {
		s.exempt(at, false)
	}
}
