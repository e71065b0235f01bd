package android

// Hold is a kind of use that lifts an app into a bucket for a while. It does not count
// as use by the two clocks that let an app sink.
type Hold uint8

// The holds.
const (
	SystemInteraction Hold = iota // the system used the app
	SyncAdapter                   // a sync adapter of a provider in use
	NotificationSeen
	SlicePinned
	ExemptSync    // a sync that Doze lets through was scheduled in Doze
	FirstService  // a foreground service, in an app that was never used
	SystemUpdated // the system was updated
	holds
)

// holdKinds are the bucket that a hold lifts into, and for how long.
var holdKinds = [holds]struct {
	bucket Bucket
	time   Param
}{
	SystemInteraction: {Active, standbySystemHold},
	SyncAdapter:       {Active, standbySyncHold},
	NotificationSeen:  {WorkingSet, standbySeenHold},
	SlicePinned:       {WorkingSet, standbySliceHold},
	ExemptSync:        {WorkingSet, standbyExemptSyncHold},
	FirstService:      {Active, standbyServiceHold},
	SystemUpdated:     {Active, standbyUpdateHold},
}

// notYet is the instant of what has not happened.
const notYet = -1

// Standby moves one app between the standby buckets. It sinks by two clocks, time and
// time with the screen on, when the system checks; it rises at once.
type Standby struct {
	Bucket Bucket `json:"bucket"` // as the system last set it

	Used       int64 `json:"used"`        // when the app was last used; -1: never
	UsedScreen int64 `json:"used_screen"` // how long the screen had been on by then
	ByUser     int64 `json:"by_user"`     // when the user last opened or touched it

	Screen     bool  `json:"screen,omitempty"`
	ScreenAt   int64 `json:"screen_at"`   // since when
	ScreenTime int64 `json:"screen_time"` // that the screen was on until then

	ActiveUntil  int64  `json:"active_until,omitempty"`
	WorkingUntil int64  `json:"working_until,omitempty"`
	Predicted    Bucket `json:"predicted"`
	PredictedAt  int64  `json:"predicted_at"`
	RestrictedAt int64  `json:"restricted_at"` // when the system last wanted to restrict it; -1: never

	Exempt   bool   `json:"exempt,omitempty"` // from battery optimisation
	Forced   bool   `json:"forced,omitempty"` // the user chose the bucket
	ForcedTo Bucket `json:"forced_to,omitempty"`
	Check    int64  `json:"check"` // when the system checks all apps next
	Look     int64  `json:"look"`  // when it looks at this one at the latest

	profile *Profile
}

// NewStandby returns an app that was never used.
func NewStandby(p *Profile, at int64) *Standby {
	s := &Standby{Bucket: Never, Used: notYet, ByUser: notYet, PredictedAt: notYet, RestrictedAt: notYet, ScreenAt: at}
	s.Use(p)
	s.Check = at + p.values[standbyCheck]
	s.plan(at)
	return s
}

// Use sets the profile, as after a state was read back.
func (s *Standby) Use(p *Profile) { s.profile = p }

// SetScreen tells that the screen goes on or off.
func (s *Standby) SetScreen(at int64, on bool) {
	s.ScreenTime, s.ScreenAt, s.Screen = s.screen(at), at, on
}

func (s *Standby) screen(at int64) int64 {
	if s.Screen {
		return s.ScreenTime + at - s.ScreenAt
	}
	return s.ScreenTime
}

// Opened tells that the user opens the app or touches what it shows. The methods that
// tell something report whether the bucket changed.
func (s *Standby) Opened(at int64) bool {
	s.ByUser = at
	return s.use(at, standbyOpenedHold)
}

// Installed tells that the app is new.
func (s *Standby) Installed(at int64) bool { return s.use(at, standbyInstalledHold) }

func (s *Standby) use(at int64, hold Param) bool {
	s.Used, s.UsedScreen, s.Forced = at, s.screen(at), false
	s.ActiveUntil = max(s.ActiveUntil, at+s.profile.values[hold])
	return s.rise(at, Active)
}

// Held tells of use that lifts the app for a while.
func (s *Standby) Held(at int64, h Hold) bool {
	if h == FirstService && s.Bucket != Never {
		return false
	}
	k := &holdKinds[h]
	until := at + s.profile.values[k.time]
	if k.bucket == Active {
		s.ActiveUntil = max(s.ActiveUntil, until)
	} else {
		s.WorkingUntil = max(s.WorkingUntil, until)
	}
	if s.misbehaved(at) {
		return false
	}
	return s.rise(at, k.bucket)
}

func (s *Standby) rise(at int64, b Bucket) bool {
	s.plan(at)
	if s.Exempt || s.Forced || b >= s.Bucket {
		return false
	}
	s.Bucket = b
	return true
}

// Predict tells the bucket that the system's predictor puts the app into.
func (s *Standby) Predict(at int64, b Bucket) bool {
	if b == Never || s.Bucket == Never || s.Forced || s.misbehaved(at) {
		return false
	}
	s.Predicted, s.PredictedAt = b, at
	return s.check(at)
}

// Restrict tells that the system wants to restrict the app, because it misbehaves.
func (s *Standby) Restrict(at int64) bool {
	s.RestrictedAt = at
	return s.check(at)
}

// SetExempt tells that the user exempts the app from battery optimisation, or no longer.
func (s *Standby) SetExempt(at int64, exempt bool) bool {
	s.Exempt = exempt
	return s.check(at)
}

// Force puts the app into a bucket in which it stays until it is used.
func (s *Standby) Force(at int64, b Bucket) bool {
	s.Forced, s.ForcedTo = true, b
	return s.check(at)
}

// Tick lets time pass.
func (s *Standby) Tick(at int64) bool {
	if at < s.Look {
		return false
	}
	if at >= s.Check {
		every := s.profile.values[standbyCheck]
		s.Check += (at-s.Check)/every*every + every
	}
	return s.check(at)
}

// Next is the instant at which the bucket may change by time alone.
func (s *Standby) Next() int64 { return s.Look }

// check sets the bucket as it should be.
func (s *Standby) check(at int64) bool {
	was := s.Bucket
	s.Bucket = s.Judge(at)
	s.plan(at)
	return s.Bucket != was
}

// plan finds the next instant of interest: the check of all apps, or that of this one
// at the end of what holds it.
func (s *Standby) plan(at int64) {
	s.Look = s.Check
	for _, t := range [...]int64{s.ActiveUntil, s.WorkingUntil} {
		if t > at {
			s.Look = min(s.Look, t)
		}
	}
	if s.RestrictedAt > s.ByUser && s.ByUser >= 0 {
		if t := s.ByUser + s.profile.values[standbyRestrictDelay]; t > at {
			s.Look = min(s.Look, t)
		}
	}
}

// misbehaved reports whether the app is restricted until the user uses it.
func (s *Standby) misbehaved(at int64) bool {
	return s.ByUser >= 0 && s.RestrictedAt > s.ByUser && at-s.ByUser >= s.profile.values[standbyRestrictDelay]
}

// Judge returns the bucket that the app would be put into.
func (s *Standby) Judge(at int64) Bucket {
	p := s.profile
	switch {
	case s.Exempt:
		return Exempted
	case s.Forced:
		return s.ForcedTo
	}
	b := s.sunk(at)
	if s.PredictedAt >= 0 && at-s.PredictedAt <= p.values[standbyPrediction] && s.Predicted >= Active && s.Predicted <= Rare {
		b = s.Predicted
	}
	switch {
	case b > Active && at < s.ActiveUntil:
		b = Active
	case b > WorkingSet && at < s.WorkingUntil:
		b = WorkingSet
	}
	if s.misbehaved(at) {
		b = Restricted
	}
	if b == Restricted && !p.on(standbyRestrictedOn) {
		b = Rare
	}
	return b
}

// sunk returns the bucket by the two clocks: the deepest of which both have passed.
func (s *Standby) sunk(at int64) Bucket {
	if s.Used < 0 {
		return Never
	}
	elapsed, screen := at-s.Used, s.screen(at)-s.UsedScreen
	for b := Restricted; b >= WorkingSet; b-- {
		i := Param(b - WorkingSet)
		if elapsed >= s.profile.values[standbyElapsed+i] && screen >= s.profile.values[standbyScreen+i] {
			return b
		}
	}
	return Active
}
