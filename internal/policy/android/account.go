package android

// Account is the quotas of one app, which are free or not as the app and the device
// stand.
type Account struct {
	Regular   Quota     `json:"regular"`
	Expedited Expedited `json:"expedited"`
	App       Ask       `json:"app"`     // what is not of one job
	Checked   int64     `json:"checked"` // when quota was last looked at because it came back
	GraceEnds int64     `json:"grace_ends"`
}

// NewAccount returns an account of which nothing was used.
func NewAccount(p *Profile) *Account {
	a := &Account{GraceEnds: never}
	a.Use(p)
	return a
}

// Use sets the profile, as after a state was read back.
func (a *Account) Use(p *Profile) {
	a.Regular.Use(p)
	a.Expedited.Use(p)
}

// Set tells how the app and the device stand from now on.
func (a *Account) Set(at int64, s *Ask) {
	if *s == a.App && at < a.GraceEnds {
		return
	}
	if a.App.AllowListed && !s.AllowListed {
		a.Expedited.LeftAllowList(at)
	}
	a.Expedited.SetTop(at, s.Top)
	a.App = *s
	a.settle(at)
}

// Tick lets time pass. It reports whether a grace ended.
func (a *Account) Tick(at int64) bool {
	if at < a.GraceEnds {
		return false
	}
	a.settle(at)
	return true
}

// Next is the instant by which Tick must be called; record.Never: not by time alone.
func (a *Account) Next() int64 { return a.GraceEnds }

func (a *Account) settle(at int64) {
	e := &a.Expedited
	a.Regular.SetFree(at, a.App.chargesFree() || a.App.free(e.profile))
	e.SetFree(at, e.Exempt(at, &a.App))
	if a.GraceEnds = never; e.TopGrace > at {
		a.GraceEnds = e.TopGrace
	}
	if e.AllowListGrace > at {
		a.GraceEnds = min(a.GraceEnds, e.AllowListGrace)
	}
}

// Counts reports whether a job is subject to the regular quota at all.
func (a *Account) Counts(job *Ask) bool {
	return !job.UserInitiated && !(job.StartedTop && a.Regular.profile.on(quotaTopStartedFree))
}

// RecheckAt returns the instant at which the system looks whether a bucket has its
// regular quota back; false: it has quota now.
func (a *Account) RecheckAt(at int64, b Bucket) (int64, bool) {
	t, out := a.Regular.RegainsAt(at, b)
	if out {
		t = max(t, after(a.Checked, a.Regular.profile.values[quotaCheckGap]))
	}
	return t, out
}

// Rechecked tells that the system looked.
func (a *Account) Rechecked(at int64) { a.Checked = at }

// Reset forgets all use: the system does not keep it over a boot.
func (a *Account) Reset() {
	p, installer := a.Regular.profile, a.Expedited.Installer
	*a = Account{GraceEnds: never}
	a.Expedited.Installer = installer
	a.Use(p)
}
