package android

// This file is how the System asks the quotas, the buckets and Doze.

func (s *System) bucket() Bucket { return s.Standby.Bucket }

// top reports whether the user has the app before him.
func (s *System) top() bool { return s.App.Front && s.Device.Screen }

// active reports whether the system takes the app for one that is used right now.
func (s *System) active() bool { return s.top() || s.App.Media || s.serving() }

// asked is how the app and the device stand for the quota of a job.
func (s *System) asked(x *slot) Ask {
	a := s.Account.App
	a.UserInitiated = x.Kind == kindUser && !x.Demoted
	a.StartedTop, a.Running = x.Running && x.InFront, x.Running && x.Hosted
	return a
}

// within reports whether a job has quota.
func (s *System) within(at int64, x *slot) bool {
	if s.Account.Regular.has(at, s.Account.App.Bucket) {
		return true
	}
	a := s.asked(x)
	if a.Running {
		return s.Account.Regular.GoesOn(at, &a)
	}
	return s.Account.Regular.Within(at, &a)
}

// hasty reports whether a new job may be expedited.
func (s *System) hasty(at int64) bool {
	return s.Account.Expedited.Within(at, &s.Account.App)
}

// hastyJob reports whether a row's job is expedited: as long as there is quota for it,
// and at the first attempt only.
func (s *System) hastyJob(at int64, x *slot) bool {
	return x.Expedited && s.expedites(at, x)
}

func (s *System) expedites(at int64, x *slot) bool {
	return x.Attempts == 0 && s.API >= apiExpedited && (s.hasty(at) || x.Cleared.has(gateExpedited))
}

// account tells the quotas how the app and the device stand.
func (s *System) account(at int64) {
	d := &s.Device
	s.Account.Set(at, &Ask{
		Bucket: s.bucket(), Charging: d.Charging, Idle: d.Idle, BatteryOkay: d.Seen.Low != 1, Unmetered: d.Seen.Online == 1 && d.Seen.Metered == 0,
		Top: s.top(), Service: s.App.Media || s.serving(), AllowListed: s.App.Allowed,
	})
}

// saves reports whether the battery saver holds what the app asked for: not while somebody
// uses the app, and never on the charger (BatterySaverStateMachine).
func (s *System) saves() bool {
	d := &s.Device.Seen
	return d.Saver == 1 && d.Plugged != 1 && !s.active() && !s.App.Exempt
}

// cutOff reports whether the app gets no network: in Doze, or as it is hardly ever used,
// and not just now. What JobScheduler runs gets one for all that it is hardly used
// (ConnectivityController requestStandbyExceptionLocked), and stops for Doze itself: it is
// what the library runs in process that goes without.
func (s *System) cutOff() bool {
	rare := s.bucket() >= Rare && !s.Device.Charging
	return (rare || s.dozing()) && !s.active() && !s.App.Exempt && !s.App.Allowed
}

// dozing reports whether Doze holds things, light or deep.
func (s *System) dozing() bool { return s.Doze.Held() }

// deep reports whether deep Doze does, which holds alarms too.
func (s *System) deep() bool { return s.Doze.Deep == DeepIdle }

// settling reports whether ordinary jobs still wait a moment after Doze.
func (s *System) settling(at int64) bool { return at < s.Doze.JobsFrom() }
