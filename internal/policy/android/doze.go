package android

// DeepState is a state of deep Doze.
type DeepState uint8

// The states of deep Doze.
const (
	DeepActive      DeepState = iota // in use or charging
	DeepInactive                     // the screen is off
	DeepIdlePending                  // and motion is watched for
	DeepSensing                      // the system looks whether the phone lies still
	DeepQuickDelay                   // battery saver: straight to idle
	DeepIdle
	DeepMaintenance // a window in which held things may run
)

var deepNames = [...]string{"ACTIVE", "INACTIVE", "IDLE_PENDING", "SENSING", "QUICK_DOZE_DELAY", "IDLE", "IDLE_MAINTENANCE"}

// String returns Android's name of the state.
func (s DeepState) String() string { return deepNames[s] }

// LightState is a state of light Doze.
type LightState uint8

// The states of light Doze.
const (
	LightActive LightState = iota
	LightInactive
	LightPreIdle // jobs may end first
	LightIdle
	LightWaiting // for a network, to open a window
	LightMaintenance
	LightOverride // deep Doze has taken over
)

var lightNames = [...]string{"ACTIVE", "INACTIVE", "PRE_IDLE", "IDLE", "WAITING_FOR_NETWORK", "IDLE_MAINTENANCE", "OVERRIDE"}

// String returns Android's name of the state.
func (s LightState) String() string { return lightNames[s] }

// DozeSenses are what Doze sees of the device.
type DozeSenses struct {
	Screen     bool  `json:"screen,omitempty"`   // on
	Unlocked   bool  `json:"unlocked,omitempty"` // behind a lock, the screen alone ends nothing
	Charging   bool  `json:"charging,omitempty"`
	Moving     bool  `json:"moving,omitempty"`
	Network    bool  `json:"network,omitempty"`
	Saver      bool  `json:"saver,omitempty"`       // battery saver
	Busy       bool  `json:"busy,omitempty"`        // jobs or alarms of any app run
	AlarmClock int64 `json:"alarm_clock,omitempty"` // when the next one rings; 0: none
}

// Doze is both machines of Doze of one device. In IDLE, and in light Doze's
// WAITING_FOR_NETWORK, things are held.
type Doze struct {
	Deep  DeepState  `json:"deep"`
	Light LightState `json:"light"`
	Seen  DozeSenses `json:"seen"`
	Left  int64      `json:"left"` // when things were last held no longer

	DeepAt      int64 `json:"deep_at"`    // of the next step
	DeepMin     int64 `json:"deep_min"`   // a window ends no earlier
	Inactive    int64 `json:"inactive"`   // that INACTIVE lasts
	IdleFor     int64 `json:"idle_for"`   // that the next IDLE lasts
	WindowFor   int64 `json:"window_for"` // that the next window lasts
	Watching    bool  `json:"watching"`   // for motion
	SaverInIdle bool  `json:"saver_idle"` // battery saver began in IDLE
	LightAt     int64 `json:"light_at"`   //
	LightMin    int64 `json:"light_min"`  //
	LightFor    int64 `json:"light_for"`  // that the next IDLE lasts
	LightFrom   int64 `json:"light_from"` // when the window began
	Budget      int64 `json:"budget"`     // for windows of light Doze
	profile     *Profile
	pending     int64 // from the end of INACTIVE to that of IDLE_PENDING
	still       int64 // how long it takes to find that the phone lies still

	// As of the last plan.
	next       int64
	held       bool
	jobsFrom   int64
	quietLight int64 // before this time alone changes nothing of what light Doze holds
	quietDeep  int64 // and of what deep Doze does
}

// NewDoze returns a device that is in use.
func NewDoze(p *Profile) *Doze {
	d := &Doze{DeepAt: never, LightAt: never, DeepMin: never, LightMin: never}
	d.Seen.Screen, d.Seen.Unlocked = true, true
	d.Use(p)
	d.Inactive = d.inactive()
	return d
}

// Use sets the profile, as after a state was read back.
func (d *Doze) Use(p *Profile) {
	d.profile = p
	v := &p.values
	d.pending = d.small(dozeIdleAfter, dozeIdleAfterSmall)
	d.still = min(v[dozeSensing], v[dozeSensingMax]) + min(v[dozeLocating], v[dozeLocatingMax])
	d.plan()
}

// Held reports whether jobs and the network are held, by light or by deep Doze.
func (d *Doze) Held() bool { return d.held }

func (d *Doze) holds() bool {
	return d.Deep == DeepIdle || d.Light == LightIdle || d.Light == LightWaiting
}

// JobsFrom is the instant from which on ordinary jobs of apps in the background may
// start if nothing is held.
func (d *Doze) JobsFrom() int64 { return d.jobsFrom }

// Next is the instant by which Tick must be called; record.Never: not by time alone.
func (d *Doze) Next() int64 { return d.next }

// Tick lets time pass. It reports whether a state changed.
func (d *Doze) Tick(at int64) bool {
	if at < d.next {
		return false
	}
	for d.next <= at {
		d.step(d.next)
	}
	return true
}

// Sense takes in how the device is from now on, and reports what Tick reports.
func (d *Doze) Sense(at int64, s *DozeSenses) bool {
	changed := d.Tick(at)
	if *s == d.Seen {
		return changed
	}
	was, stood, used := d.Seen, d.stance(), d.used()
	d.Seen = *s
	if s.Charging && !was.Charging || d.used() && !used {
		d.active(at, d.inactive(), true)
	}
	if was.Charging && !s.Charging || was.Screen && !s.Screen {
		d.rest(at)
	}
	if s.Saver != was.Saver {
		d.SaverInIdle = s.Saver && (d.Deep == DeepIdle || d.Deep == DeepMaintenance)
		if s.Saver {
			d.rest(at)
		}
	}
	if s.Network && d.Light == LightWaiting {
		d.stepLight(at)
	}
	return d.settle(at, stood, s.Moving && !was.Moving) || changed
}

// SetMoving is Sense of nothing but whether the device moves.
func (d *Doze) SetMoving(at int64, on bool) bool {
	changed := d.Tick(at)
	if on == d.Seen.Moving {
		return changed
	}
	if d.Seen.Moving = on; on && d.Watching || d.mayEnd() {
		return d.respond(at, on, false, false) || changed
	}
	return changed
}

// SetScreen is Sense of nothing but that the screen goes on or off.
func (d *Doze) SetScreen(at int64, on bool) bool {
	changed := d.Tick(at)
	used, off := d.used(), d.Seen.Screen && !on
	d.Seen.Screen, d.Seen.Unlocked = on, false
	if comes := d.used() && !used; comes || off || d.mayEnd() {
		return d.respond(at, false, comes, off) || changed
	}
	return changed
}

// SetUnlocked is Sense of nothing but that the device is unlocked.
func (d *Doze) SetUnlocked(at int64) bool {
	changed := d.Tick(at)
	if d.Seen.Unlocked {
		return changed
	}
	used := d.used()
	d.Seen.Unlocked = true
	if comes := d.used() && !used; comes || d.mayEnd() {
		return d.respond(at, false, comes, false) || changed
	}
	return changed
}

// SetBusy is Sense of nothing but whether something runs.
func (d *Doze) SetBusy(at int64, on bool) bool {
	changed := d.Tick(at)
	if on == d.Seen.Busy {
		return changed
	}
	if d.Seen.Busy = on; d.mayEnd() {
		return d.respond(at, false, false, false) || changed
	}
	return changed
}

// respond is what follows as the device begins to move, the user comes to it or puts the
// screen off, or nothing is left to do in a window.
func (d *Doze) respond(at int64, moves, comes, off bool) bool {
	stood := d.stance()
	if comes {
		d.active(at, d.inactive(), true)
	}
	if off {
		d.rest(at)
	}
	return d.settle(at, stood, moves)
}

// stance is where Doze stands.
type stance struct {
	deep  DeepState
	light LightState
	held  bool
}

func (d *Doze) stance() stance { return stance{d.Deep, d.Light, d.Held()} }

// settle is the end of all that Doze senses. It reports whether it stands elsewhere than
// before.
func (d *Doze) settle(at int64, stood stance, moves bool) bool {
	if moves {
		d.moved(at)
	}
	if d.mayEnd() {
		d.early(at)
	}
	d.noteLeft(at, stood.held)
	d.plan()
	return d.Deep != stood.deep || d.Light != stood.light
}

// used reports whether the user is at the device.
func (d *Doze) used() bool {
	return d.Seen.Screen && (d.Seen.Unlocked || !d.profile.on(dozeWaitForUnlock))
}

func (d *Doze) small(p, small Param) int64 {
	if d.profile.on(deviceSmallBattery) {
		p = small
	}
	return d.profile.values[p]
}

func (d *Doze) inactive() int64 { return d.small(dozeInactive, dozeInactiveSmall) }

// noteLeft notes when things are held no longer.
func (d *Doze) noteLeft(at int64, held bool) {
	if held && !d.holds() {
		d.Left = at
	}
}

// plan finds the next instant at which something happens by time alone.
func (d *Doze) plan() {
	d.held, d.jobsFrom = d.holds(), 0
	if d.Left != 0 {
		d.jobsFrom = d.Left + d.profile.values[dozeJobDelay]
	}
	light, deep := min(d.LightAt, d.LightMin), min(d.DeepAt, d.DeepMin)
	d.next, d.quietLight, d.quietDeep = min(light, deep), light, deep
	switch d.Deep {
	case DeepInactive:
		d.quietDeep = d.unless(deep, after(deep, d.pending+d.still))
	case DeepIdlePending:
		d.quietDeep = d.unless(deep, after(deep, d.still))
	}
}

// unless returns until when deep Doze stays as it is to works, which it does beyond its next
// step: unless an alarm clock rings soon after a step before then, which ends light Doze too.
func (d *Doze) unless(step, then int64) int64 {
	if c := d.Seen.AlarmClock; c > step && c-then <= d.profile.values[dozeAlarmClock] {
		return step
	}
	return then
}

// step does the one thing that is due at an instant.
func (d *Doze) step(at int64) {
	held := d.Held()
	switch at {
	case d.LightMin:
		d.LightMin = never
		d.early(at)
	case d.DeepMin:
		d.DeepMin = never
		d.early(at)
	case d.LightAt:
		d.stepLight(at)
	default:
		d.stepDeep(at)
	}
	d.noteLeft(at, held)
	d.plan()
}

// active ends what Doze does: the device is used, charged or moved.
func (d *Doze) active(at, inactive int64, light bool) {
	if d.Deep == DeepActive && d.Light == LightActive {
		return
	}
	d.Inactive = inactive
	d.reset(DeepActive, never)
	if light {
		d.Light, d.LightAt, d.LightMin = LightActive, never, never
	}
}

// reset puts deep Doze into a state that is no part of being idle.
func (d *Doze) reset(s DeepState, at int64) {
	d.Deep, d.DeepAt, d.DeepMin, d.Watching, d.SaverInIdle = s, at, never, false, false
}

// rest begins what Doze does, unless the device is in use.
func (d *Doze) rest(at int64) {
	v := &d.profile.values
	if d.Seen.Charging || d.used() {
		return
	}
	// No alarm is set for before an alarm clock: it would be in vain.
	from := at
	if d.ringsSoon(at) {
		from = d.Seen.AlarmClock
	}
	switch {
	case v[dozeDeepOn] == 0:
	case d.Seen.Saver:
		if d.Deep >= DeepQuickDelay {
			return
		}
		d.reset(DeepQuickDelay, from+v[dozeQuickDelay])
	case d.Deep == DeepActive:
		d.reset(DeepInactive, from+d.Inactive)
	}
	if d.Light == LightActive && v[dozeLightOn] != 0 {
		d.Light, d.LightAt = LightInactive, at+v[dozeLightEntry]
	}
}

func (d *Doze) ringsSoon(at int64) bool {
	return d.Seen.AlarmClock > at && d.Seen.AlarmClock-at <= d.profile.values[dozeAlarmClock]
}

func (d *Doze) stepDeep(at int64) {
	v := &d.profile.values
	if d.ringsSoon(at) {
		d.active(at, d.inactive(), true)
		d.rest(at)
		return
	}
	switch d.Deep {
	case DeepInactive:
		d.Deep, d.DeepAt, d.Watching = DeepIdlePending, at+d.pending, true
		if d.Seen.Moving {
			d.moved(at)
		}
	case DeepIdlePending:
		d.Deep, d.DeepAt = DeepSensing, at+d.still
	case DeepSensing, DeepQuickDelay:
		d.IdleFor, d.WindowFor = v[dozeIdle], v[dozeMaintenance]
		d.idle(at)
	case DeepMaintenance:
		d.idle(at)
	case DeepIdle:
		d.Deep, d.DeepAt, d.DeepMin = DeepMaintenance, at+d.WindowFor, at+min(v[dozeMaintenanceMin], d.WindowFor)
		d.WindowFor = max(v[dozeMaintenance], min(v[dozeMaintenanceMax], d.WindowFor*v[dozeMaintenanceFactor]/100))
	}
}

func (d *Doze) idle(at int64) {
	v := &d.profile.values
	d.Deep, d.DeepAt, d.DeepMin = DeepIdle, at+d.IdleFor, never
	d.IdleFor = max(v[dozeIdle], min(v[dozeIdleMax], d.IdleFor*v[dozeIdleFactor]/100))
	d.Light, d.LightAt, d.LightMin = LightOverride, never, never
}

// moved ends deep Doze, and light Doze only where deep had taken it over. Nobody
// watches for motion before the device has been inactive for long.
func (d *Doze) moved(at int64) {
	if !d.Watching || d.Seen.Saver && !d.SaverInIdle {
		return
	}
	d.active(at, d.profile.values[dozeMotionInactive], d.Light == LightOverride)
	d.rest(at)
}

func (d *Doze) stepLight(at int64) {
	v := &d.profile.values
	switch d.Light {
	case LightInactive:
		d.Budget, d.LightFor = v[dozeLightBudgetMin], v[dozeLightIdle]
		if v[dozeLightPreIdle] > 0 && d.Seen.Busy {
			d.Light, d.LightAt = LightPreIdle, at+v[dozeLightPreIdle]
			return
		}
		d.lightIdle(at)
	case LightPreIdle:
		d.lightIdle(at)
	case LightMaintenance:
		// What a window leaves of the least budget is saved; what it takes more is paid from it.
		d.Budget += v[dozeLightBudgetMin] - (at - d.LightFrom)
		d.lightIdle(at)
	case LightIdle, LightWaiting:
		if !d.Seen.Network && d.Light == LightIdle {
			d.Light, d.LightAt = LightWaiting, at+d.LightFor
			return
		}
		d.Budget = max(v[dozeLightBudgetMin], min(v[dozeLightBudgetMax], d.Budget))
		d.Light, d.LightFrom, d.LightAt = LightMaintenance, at, at+d.Budget
		d.LightMin = at + min(v[dozeLightMaintenanceMin], d.Budget)
	}
}

func (d *Doze) lightIdle(at int64) {
	v := &d.profile.values
	d.Light, d.LightAt, d.LightMin = LightIdle, at+d.LightFor, never
	longer := d.LightFor * v[dozeLightFactor] / 100
	if step := v[dozeLightStep]; step > 0 {
		longer = d.LightFor + step
	}
	d.LightFor = max(v[dozeLightIdle], min(v[dozeLightMax], longer))
}

// mayEnd reports whether nothing is left to do in a window that has lasted a little.
func (d *Doze) mayEnd() bool { return !d.Seen.Busy && (d.deepMayEnd() || d.lightMayEnd()) }

func (d *Doze) deepMayEnd() bool { return d.Deep == DeepMaintenance && d.DeepMin == never }

func (d *Doze) lightMayEnd() bool {
	return d.Light == LightPreIdle || d.Light == LightMaintenance && d.LightMin == never
}

// early ends such a window.
func (d *Doze) early(at int64) {
	switch {
	case d.Seen.Busy:
	case d.deepMayEnd():
		d.stepDeep(at)
	case d.lightMayEnd():
		d.stepLight(at)
	}
}

// Alone is a device that is left alone from instant 0 on: unplugged, its screen off,
// lying still, with no alarm clock.
type Alone struct {
	Offline bool
	Work    int64 // µs for which jobs run in each window; negative: for longer than any lasts
	Until   int64
}

// Run yields the machines of Doze at 0 and after each step.
func (a Alone) Run(p *Profile, yield func(at int64, d *Doze) bool) {
	d, idleAt := NewDoze(p), int64(never)
	s := DozeSenses{Network: !a.Offline}
	d.Sense(0, &s)
	for at := int64(0); at <= a.Until && yield(at, d); {
		if idleAt < d.next {
			at, idleAt = idleAt, never
			s.Busy = false
			d.Sense(at, &s)
			continue
		}
		if at = d.next; at > a.Until {
			return
		}
		open := d.open()
		d.step(at)
		if d.open() && !open {
			s.Busy = a.Work != 0
			d.Seen.Busy = s.Busy
			idleAt = never
			if a.Work > 0 {
				idleAt = at + a.Work
			}
		}
	}
}

// open reports whether a window is open.
func (d *Doze) open() bool { return d.Deep == DeepMaintenance || d.Light == LightMaintenance }
