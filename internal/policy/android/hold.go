package android

import "github.com/lullwork/lull/work"

// world is all of the device and the app that decides about works, as bits: while it
// does not change, nothing but time does.
type world uint64

const (
	worldFront world = 1 << iota
	worldAlive
	worldFrozen
	worldDozing
	worldDeep
	worldSettling
	worldCharging
	worldIdle
	worldScreen
	worldHot
	worldLocked
	worldMedia
	worldRestricted
	worldExempt
	worldAllowed
	worldStarts
	worldService
	worldHaste   // quota for haste is free
	worldDozeOff // Doze holds jobs, or they wait a moment after it
	worldQuota   // never set: it turns while some of the quota is used, or comes back

	worldBucket = 20 // where the bucket begins
	worldBlocks = 24 // where the blocks begin
	worldSeen   = 32 // where the facts begin, two bits each

	worldRuns world = 1 << 48 // never set: it turns while a run may be stopped, or become the system's
)

// turns notes that the device or the app is another than before, and not only Doze.
func (s *System) turns() { s.current, s.seen = false, false }

// shows is turns for what look sees as one bit.
func (s *System) shows(b world, on bool) {
	if s.plain &^= b; on {
		s.plain |= b
	}
	s.current = false
}

func (w *world) addIf(b world, on bool) {
	if on {
		*w |= b
	}
}

// lookAtDoze sums up Doze, which the app may be in front of.
func (s *System) lookAtDoze(at int64, front bool) world {
	var w world
	if s.dozing() {
		w = worldDozing | worldDozeOff
		w.addIf(worldDeep, s.deep())
	}
	if s.settling(at) {
		w |= worldSettling
		w.addIf(worldDozeOff, !front)
	}
	return w
}

// look sums up the device and the app, but for Doze.
func (s *System) look() world {
	d, a := &s.Device, &s.App
	var w world
	w.addIf(worldFront, s.top())
	w.addIf(worldAlive, a.Alive)
	w.addIf(worldFrozen, a.Frozen)
	w.addIf(worldCharging, d.Charging)
	w.addIf(worldIdle, d.Idle)
	w.addIf(worldScreen, d.Screen)
	w.addIf(worldHot, d.Hot)
	w.addIf(worldLocked, d.Locked)
	w.addIf(worldMedia, a.Media)
	w.addIf(worldRestricted, a.Restricted)
	w.addIf(worldExempt, a.Exempt)
	w.addIf(worldAllowed, a.Allowed)
	w.addIf(worldStarts, a.Starts)
	w.addIf(worldService, s.serving())
	w.addIf(worldHaste, s.Account.Expedited.Free)
	w |= world(s.bucket())<<worldBucket | world(a.Blocks)<<worldBlocks
	return w | s.told
}

// What works of a kind mind, of all that look sees.
const (
	everything   = ^world(0)
	quotasMind   = 0xffff<<worldSeen | worldAnyBucket | worldFront | worldCharging | worldIdle | worldMedia | worldService | worldAllowed
	messagesMind = worldBlocked | worldLocked | worldDozing | 3<<(worldSeen+2*seenOnline) | worldAnyBucket
	widgetsMind  = worldBlocked | worldLocked | worldDeep
	timersMind   = worldBlocked | worldAlive | worldFrozen
	jobsMind     = everything &^ (worldAlive | worldFrozen | worldDozing | worldDeep | worldSettling | worldLocked | worldStarts | worldHaste)
	hostedMind   = jobsMind&^(worldBlocked|worldScreen) | worldHaste
	cutOffMind   = worldDozing | worldAnyBucket | worldCharging | worldFront | worldMedia | worldService | worldExempt | worldAllowed

	worldBlocked   = 0xff << worldBlocks
	worldAnyBucket = 0xf << worldBucket
	seenOnline     = 3 // its place among the facts that look sees
)

// minds returns what it takes for a due work to fare in another way, but for time and for
// what other works do.
func (s *System) minds(x *slot) world {
	switch x.Kind {
	case kindPush:
		return messagesMind
	case kindWidget:
		return widgetsMind
	case kindTimer:
		return timersMind
	case kindUser:
		if x.Demoted || s.crowded() {
			return jobsMind
		}
		return worldBlocked
	case kindWork:
		w := world(jobsMind)
		// The library may run it in process: one thing that keeps it from that is enough.
		if !x.Needs.has(needIdle | needTrigger) {
			switch {
			case s.bits&worldAlive == 0:
				w |= worldAlive
			case s.bits&worldFrozen != 0:
				w |= worldAlive | worldFrozen
			case s.bits&worldDozing != 0:
				w |= worldDozing
			default:
				w |= worldAlive | worldFrozen | worldDozing
			}
		}
		// Batches are held only while nobody uses the device.
		if x.Network == work.NoNetwork || s.p.values[batchNetworkWait] == 0 || s.Device.Seen.Metered == 0 {
			w &^= worldScreen
		}
		// What the allow-list spares it is not there.
		if s.bits&worldDozeOff == 0 && s.Device.Seen.Saver != 1 && !(x.networked() && s.bucket() >= Rare) {
			w &^= worldAllowed
		}
		return w
	}
	return everything
}

// sum sums up the facts that were told.
func (d *seen) sum() (w world) {
	for i, v := range [...]int8{d.Plugged, d.Low, d.Storage, d.Online, d.Validated, d.Metered, d.Roaming, d.Saver} {
		w |= world(v+1) & 3 << (worldSeen + 2*i)
	}
	return w
}

// holds returns what keeps a waiting work from starting, once it is due.
func (s *System) holds(at int64, x *slot) gateSet {
	h, free := s.alone(at, x)
	if free {
		return 0
	}
	return (h | s.others(at, x)) &^ x.Cleared
}

// alone returns what holds a work whatever other works of the app do. It is free if the
// library runs it in process, and asks nobody.
func (s *System) alone(at int64, x *slot) (h gateSet, free bool) {
	h = s.blocked(x.Kind, x.High)
	switch x.Kind {
	case kindWork:
		if h == 0 && s.greedy(at, x) {
			return 0, true
		}
		h |= s.jobHolds(at, x)
	case kindUser:
		if x.Demoted {
			h |= s.systemHolds(at, x, false)
		}
	case kindAlarm, kindNotification:
		h |= s.alarmHolds(at, x)
	case kindService:
		h |= s.serviceHolds(at, x)
	case kindPush:
		h |= s.pushHolds(at, x.High)
	case kindWidget:
		h.addIf(gateDoze, s.deep())
		h.addIf(gatePeriod, x.Ran != 0 && at < x.Ran+s.p.values[widgetPeriod])
	case kindTimer:
		h.addIf(gateFrozen, !s.App.Alive || s.App.Frozen)
	}
	return h, false
}

// others returns what holds a job for the sake of others: those that it is to run with,
// and those that run.
func (s *System) others(at int64, x *slot) (h gateSet) {
	if x.Kind > kindUser {
		return 0
	}
	hasty := s.haste(at, x)
	h.addIf(gateBatch, !hasty && s.batched(at, x))
	h.addIf(gateParallel, s.busy > 0 && s.full(at, x, hasty))
	return h
}

// haste reports whether a job goes before others.
func (s *System) haste(at int64, x *slot) bool {
	if x.Kind == kindUser {
		return !x.Demoted
	}
	return x.Job == jobLost || x.Expedited && s.expedites(at, x)
}

// blocked returns what keeps anything of the app from running.
func (s *System) blocked(k kind, high bool) gateSet {
	b := s.App.Blocks
	if b == 0 && !s.Device.Locked {
		return 0
	}
	var h gateSet
	h.addIf(gateForceStop, b&blockForceStop != 0)
	h.addIf(gateHibernation, b&blockHibernation != 0)
	vendor := blockVendorStop | blockKiller | blockAsleep | blockAutostart
	if k == kindPush && high {
		vendor &^= blockKiller
	}
	h.addIf(gateVendor, b&vendor != 0)
	switch k {
	case kindPush, kindWidget:
		h.addIf(gateBoot, s.Device.Locked)
	default:
		h.addIf(gateBoot, b&blockBoot != 0)
	}
	return h
}

// jobHolds returns what holds the job of a row of WorkManager.
func (s *System) jobHolds(at int64, x *slot) gateSet {
	var h gateSet
	h.addIf(gateSlots, x.Job == jobNone)
	h.addIf(gateExpedited, x.Job == jobLost)
	h.addIf(gateBackoff, x.Stops.any() && at < s.backedOff(x))
	return h | s.systemHolds(at, x, s.haste(at, x))
}

// systemHolds returns what holds a job of the system.
func (s *System) systemHolds(at int64, x *slot, hasty bool) gateSet {
	a, d := &s.App, &s.Device
	top := s.top()
	var h gateSet
	if !top {
		h.addIf(gateStandby, s.bucket() == Never)
		h.addIf(gateRestricted, a.Restricted)
	}
	if !hasty {
		if !a.Allowed {
			h.addIf(gateSaver, s.saves())
			h.addIf(gateDoze, !a.Exempt && (s.dozing() || !top && s.settling(at)))
		}
		h.addIf(gateThermal, d.Hot && !top)
		h.addIf(gateQuota, !s.within(at, x))
	}
	if x.Needs.has(needCharging | needIdle) {
		h.addIf(gateCharging, x.Needs.has(needCharging) && (!d.Charging || d.Seen.Low == 1))
		h.addIf(gateIdle, x.Needs.has(needIdle) && !d.Idle)
	}
	return h
}
