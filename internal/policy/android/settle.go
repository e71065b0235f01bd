package android

import (
	"math/bits"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/work"
)

// refresh works out anew what holds each work, what has to stop, and when time alone
// changes that. It reports whether an answer is new.
func (s *System) refresh(at int64) bool {
	if !s.current || at >= s.due {
		s.turn(at)
	}
	changed := false
	if turned := (s.bits^s.looked)&s.cares | s.wary; !s.calm || turned != 0 || s.stale || at >= s.wake {
		changed = s.reckon(at, turned)
		s.looked = s.bits
	}
	s.stale, s.due = false, s.soon(at)
	s.next = s.upcoming(at)
	if acting := s.acting(); s.Doze.Seen.Busy != acting && s.dozed(s.Doze.SetBusy(at, acting)) {
		s.stale, s.at = true, at
	}
	return changed || len(s.orders) > 0
}

// reckon is refresh for the works that mind what the device and the app have turned, of
// which something was told, or whose time has come, and for all jobs if another number of
// them waits for others or runs. They all are calm if they stay as they are until then,
// unless something becomes another that one cares for: who minds what is wary, as a quota
// that is used or waited for, is looked at each time.
func (s *System) reckon(at int64, turned world) (changed bool) {
	if s.moved {
		s.sort(at)
	}
	if !s.calm {
		turned |= everything &^ worldBlocked // which is all that a transfer minds that waits
	}
	called, jobs := s.called(at, turned)
	if jobs {
		called = s.reckonJobs(at, turned, called)
	}
	s.calm, s.wary = true, 0
	for _, x := range called {
		changed = s.reckonOne(at, x) || changed
		s.outlook.add(x)
	}
	s.wake, s.cares = s.outlook.wake, s.outlook.cares
	if len(s.pile) > 0 {
		changed = s.reckonPile(at) || changed
	} else {
		s.pileOpen, s.joined = 0, s.joined[:0]
	}
	return changed
}

// reckonJobs is what jobs have in common. It returns which works have to be looked at.
func (s *System) reckonJobs(at int64, turned world, called []*slot) []*slot {
	// Which rows the library looks at in process depends on the others.
	all := int64(len(s.Slots)) > s.p.values[greedyRows]
	if all {
		called, s.outlook = s.few, outlook{wake: never}
		for _, x := range called {
			if x.isJob() {
				s.weigh(at, x)
			}
		}
	}
	if s.loose > 0 {
		s.takeOver(at)
	}
	crowds := s.crowds && !all
	if s.crowds = false; crowds {
		return s.crowd(at, turned)
	}
	return called
}

// reckonOne is reckon for one work that is not in the pile.
func (s *System) reckonOne(at int64, x *slot) (changed bool) {
	x.open, x.cares = false, 0
	switch {
	case x.Running:
		s.watch(at, x)
	case !x.Waiting:
		x.wake = never
	case x.Due > at:
		s.await(at, x)
	default:
		if !x.isJob() {
			x.own, x.greedy = s.alone(at, x)
		}
		changed = s.judge(at, x) && !x.told
		if x.now&restless != 0 || x.Expedited || s.busy > 0 && x.isJob() && s.crowded() {
			s.unsettle(x)
		}
		x.cares, x.open = s.minds(x), x.now == 0
	}
	x.told = false
	x.call = x.callOf()
	return changed
}

// unsettle has a work looked at again whenever something is, as it may fare otherwise at a
// time that is not known before. Of the quota of jobs that is known: all who mind it.
func (s *System) unsettle(x *slot) {
	if x.now&restless == 1<<gateQuota && !x.Expedited && !s.crowded() {
		s.wary |= worldQuota
	} else {
		s.calm = false
	}
}

// await is judge for a work that is not due.
func (s *System) await(at int64, x *slot) {
	x.wake = x.Due
	if x.Kind == kindPush {
		s.expire(at, x)
		x.wake = min(x.wake, x.Expires)
	}
}

// reckonPile is reckon for the messages that wait. All of one priority fare alike, so that
// as long as they do so as before there is nothing to do.
func (s *System) reckonPile(at int64) (changed bool) {
	own, was := [2]gateSet{s.messageHolds(at, false), s.messageHolds(at, true)}, s.pileOwn
	still := (own[0]|own[1])&restless == 0
	s.calm = s.calm && still
	s.cares |= messagesMind
	if s.again {
		s.countHigh()
	}
	others := own[0] != was[0] && s.pileHigh < len(s.pile) || own[1] != was[1] && s.pileHigh > 0
	s.pileOwn = own
	look := s.joined
	if s.again || others || !still || at >= s.pileWake {
		s.pileWake, s.pileOpen, s.again = never, 0, false
		look = s.pile
	}
	for _, x := range look {
		if x.own = own[0]; x.High {
			x.own = own[1]
		}
		if !still || x.now != x.own || at >= x.wake || x.told {
			changed = s.judge(at, x) && !x.told || changed
			x.told = false
		}
		s.pileWake = min(s.pileWake, x.wake)
		if x.open = x.now == 0; x.open {
			s.pileOpen++
		}
	}
	s.joined = s.joined[:0]
	s.wake = min(s.wake, s.pileWake)
	return changed
}

// restless are gates that may open at a time which is not known before.
const restless gateSet = 1<<gateQuota | 1<<gatePush | 1<<gateServiceQuota

// timed are gates that may open by time alone, but for those of which soon knows when.
const timed gateSet = 1<<gateBackoff | 1<<gatePeriod | 1<<gateQuota | 1<<gateAlarmQuota | 1<<gatePush | 1<<gateBatch | 1<<gateParallel | 1<<gateServiceQuota

// weigh works out what holds a job by itself, if it is due, and counts the jobs that only
// their batch holds, and those that nothing does.
func (s *System) weigh(at int64, x *slot) {
	now := poolNone
	if x.Waiting && !x.Running && x.Due <= at {
		x.own, x.greedy = s.alone(at, x)
		if x.Kind == kindWork && !x.greedy && x.own&^x.Cleared == 0 && s.met(x) {
			now = s.poolOf(at, x)
		}
	}
	if now != x.pool {
		s.sums.pool(x.pool, -1)
		s.sums.pool(now, 1)
		x.pool, s.crowds = now, true
	}
}

// poolOf returns the pool of a job that nothing but its batch may hold.
func (s *System) poolOf(at int64, x *slot) pool {
	if x.Ready == 0 {
		s.noteReady(at, x)
	}
	if _, held := s.holdable(at, x); held {
		return poolHeld
	}
	return poolFree
}

// inProcess reports whether the library runs a row whose job the system has as well.
func (x *slot) inProcess() bool {
	return x.Running && !x.Stopping && x.Kind == kindWork && !x.Hosted && x.Job == jobGiven
}

// takeOver makes such runs the system's as soon as nothing holds their jobs: a job finds the
// row running, and lets it. What waits is judged after that, as there is less room.
func (s *System) takeOver(at int64) {
	for _, x := range s.few {
		if x.lets = never; !x.inProcess() {
			continue
		}
		h := s.jobHolds(at, x) | s.others(at, x)
		if x.lets = s.opens(at, x, h); h != 0 {
			continue
		}
		x.Limit = at + s.host(at, x, s.hastyJob(at, x))
		s.begin(at)
		s.current = false
	}
}

// judge works out what holds a due work in all, and reports whether that is new.
func (s *System) judge(at int64, x *slot) bool {
	wake := int64(never)
	if x.Kind == kindPush {
		s.expire(at, x)
		wake = x.Expires
	}
	was, now := x.now, gateSet(0)
	if !x.greedy {
		if now = x.own; x.Kind == kindWork || x.Kind == kindUser && (s.busy > 0 || x.Demoted) {
			now |= s.others(at, x)
		}
		now &^= x.Cleared
	}
	if x.now, x.mark = now, 0; now&assumable == 0 {
		x.mark = uint64(now)
	}
	if was.has(gateQuota) && !now.has(gateQuota) {
		s.Account.Rechecked(at)
	}
	h := now
	if x.pool == poolHeld { // others mind the end of its wait, also if nothing holds it
		h.add(gateBatch)
	}
	if h&timed != 0 {
		wake = min(wake, s.opens(at, x, h))
	}
	if x.Kind == kindWork && now != 0 {
		if t := s.throttled(x); t > at {
			wake = min(wake, t)
		}
	}
	x.wake = wake
	return now != was
}

// opens returns when the first of some gates may open by time alone, but for those that
// soon knows of.
func (s *System) opens(at int64, x *slot, h gateSet) int64 {
	first := int64(never)
	for h &= timed; h != 0; h &= h - 1 {
		g := gate(bits.TrailingZeros32(uint32(h)))
		if t := s.until(at, x, g); t > at {
			first = min(first, t)
		} else if g == gateQuota {
			first = min(first, at+s.p.values[quotaCheckGap])
		}
	}
	return first
}

// watch stops a run that may not go on.
func (s *System) watch(at int64, x *slot) {
	x.wake, x.cares = never, worldRuns
	if x.Stopping {
		return
	}
	if x.Kind == kindWork && !x.Hosted {
		x.cares, x.wake = worldRuns|worldFrozen, x.lets
		if x.Job == jobGiven {
			s.wary |= worldRuns
		}
		if x.networked() {
			x.cares |= cutOffMind
			if s.cutOff() {
				s.stop(x, work.StopConnectivity, "the app has no network in the background")
				return
			}
		}
	}
	if x.Limit != 0 {
		if at >= x.Limit {
			why := work.StopTimeout
			if x.Kind == kindService {
				why = work.StopForegroundTimeout
			}
			s.stop(x, why, "it ran as long as it may")
			return
		}
		x.wake = min(x.wake, x.Limit)
	}
	if !x.Hosted || x.Kind == kindUser && !x.Demoted {
		return
	}
	x.cares = hostedMind
	if h := s.lost(at, x) &^ x.Cleared; h != 0 {
		s.stopFor(x, h)
		return
	}
	left := int64(0) // none is left where the device lifts the quota
	if a := &s.Account; x.Hasty && !a.Expedited.Free {
		left = a.Expedited.Lasts(at, s.bucket())
	} else if !x.Hasty && x.Counted && !a.Regular.Free {
		left = a.Regular.Lasts(at, s.bucket())
	}
	if left > 0 {
		x.wake = min(x.wake, after(at, left))
		s.wary |= worldQuota
	}
}

// lost returns which gates have closed behind a job that runs.
func (s *System) lost(at int64, x *slot) gateSet {
	const here = 1<<gateStandby | 1<<gateRestricted | 1<<gateSaver | 1<<gateDoze | 1<<gateThermal | 1<<gateCharging | 1<<gateIdle | 1<<gateQuota
	h := s.systemHolds(at, x, x.Hasty) & here
	if x.Hasty {
		a := s.asked(x)
		h.addIf(gateQuota, !s.Account.Expedited.Within(at, &a))
	}
	return h
}

// stopReasons are what the system says when it stops a job.
var stopReasons = [gateCount]work.StopReason{
	gateStandby: work.StopAppStandby, gateRestricted: work.StopBackgroundRestriction, gateSaver: work.StopDeviceState,
	gateDoze: work.StopDeviceState, gateThermal: work.StopDeviceState, gateCharging: work.StopCharging, gateIdle: work.StopDeviceIdle,
	gateQuota: work.StopQuota,
}

func (s *System) stopFor(x *slot, h gateSet) {
	for g := range gates {
		if !h.has(gate(g)) {
			continue
		}
		why := stopReasons[g]
		if gate(g) == gateQuota && s.bucket() == Restricted {
			why = work.StopAppStandby
		}
		s.stop(x, why, "the system stopped its job: "+string(gates[g].code))
		return
	}
}

var (
	_ core.Platform = (*System)(nil)
	_ core.Narrator = (*System)(nil)
)
