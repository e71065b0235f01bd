package android

// This file is how the System asks the quotas, the buckets and Doze.

func (s *System) bucket() Bucket { return s.Standby.Bucket }

// active reports whether the system takes the app for one that is used right now.
func (s *System) active() bool { return s.App.Front || s.App.Media || s.serving() }

// asked is how the app and the device stand for the quota of a job.
func (s *System) asked(x *slot) Ask {
	return Ask{
		Bucket:   s.bucket(),
		Charging: s.Device.Charging, Idle: s.Device.Idle, BatteryOkay: s.Device.Seen.Low != 1, Unmetered: s.Device.Seen.Metered == 0,
		Top: s.App.Front, Service: s.App.Media || s.serving(), AllowListed: s.App.Allowed,
		UserInitiated: x.Kind == kindUser && !x.Demoted, StartedTop: x.Running && x.InFront, Running: x.Running,
	}
}

// within reports whether a job has quota.
func (s *System) within(at int64, x *slot) bool {
	a := s.asked(x)
	return s.Quota.Within(at, &a)
}

// hasty reports whether a new job may be expedited.
func (s *System) hasty(at int64) bool {
	a := s.asked(&slot{})
	return s.Expedited.Within(at, &a)
}

// hastyJob reports whether a row's job is expedited: as long as there is quota for it,
// and at the first attempt only.
func (s *System) hastyJob(at int64, x *slot) bool {
	return x.Expedited && x.Attempts == 0 && s.API >= apiExpedited && s.hasty(at)
}

// setFree tells the quotas whether what runs counts.
func (s *System) setFree(at int64) {
	a := s.asked(&slot{})
	s.Quota.SetFree(at, a.free(s.p) || a.chargesFree())
	s.Expedited.SetFree(at, s.Expedited.Exempt(at, &a))
}

// quotaReset makes all quotas as they are after a boot.
func (s *System) quotaReset(at int64) {
	s.Quota, s.Expedited = *NewQuota(s.p), *NewExpedited(s.p)
	s.setFree(at)
}
