package android

import (
	"fmt"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

// until returns when a gate that holds a work opens by itself; record.Never: not known.
func (s *System) until(at int64, x *slot, g gate) int64 {
	switch g {
	case gateBoot:
		return s.Timers[timerBoot]
	case gateBackoff:
		return s.backedOff(x)
	case gatePeriod:
		if x.Kind == kindWidget {
			return x.Ran + s.p.values[widgetPeriod]
		}
		return x.Asked + s.p.values[alarmAheadMin]
	case gateDoze:
		if s.dozing() {
			return s.Doze.Next()
		}
		return s.Doze.JobsFrom()
	case gateCharging:
		return s.Timers[timerCharging]
	case gateIdle:
		return s.Timers[timerIdle]
	case gateQuota:
		t, out := s.Account.RecheckAt(at, s.bucket())
		if !out {
			return s.next // it is back, and the system has not looked yet
		}
		return t
	case gateAlarmQuota:
		return s.ringsAt(x)
	case gatePush:
		if t := s.cappedUntil(); t > at {
			return t
		}
	case gateBatch:
		if x.Kind != kindWork && x.Kind != kindUser {
			return x.Draw
		}
		if wait, _ := s.batch(x, s.bucket()); x.Ready != 0 {
			return min(x.Others, after(x.Ready, wait))
		}
	case gateParallel:
		if t := s.Device.ScreenAt + s.p.values[parallelOffAfter]; !s.Device.Screen && at < t {
			return t // when more may run
		}
		if x.Ready != 0 {
			wait := parallelRegularWait
			if x.Kind == kindUser || s.hastyJob(at, x) {
				wait = parallelUrgentWait
			}
			return after(x.Ready, s.p.values[wait])
		}
	case gateServiceQuota:
		for _, v := range *s.Service.of(x) {
			if end := after(v.Start, s.p.values[serviceDataWindow]); end > at {
				return end
			}
		}
	}
	return never
}

// assumable are the gates of which assumed may say so.
const assumable gateSet = 1<<gateHibernation | 1<<gateVendor | 1<<gateBoot | 1<<gatePush | 1<<gateBatch

// unsteady are those of them of which it may say another thing before a work is looked at anew.
const unsteady gateSet = 1<<gateVendor | 1<<gateBoot | 1<<gatePush

// assumed reports whether a gate rests on a value that is an assumption of ours.
func (s *System) assumed(at int64, x *slot, g gate) bool {
	tag := func(p Param) bool { return s.p.tags[p] == "assumed" }
	switch g {
	case gateHibernation:
		return tag(hibernateAfter)
	case gateVendor:
		b := s.App.Blocks
		return b&blockKiller != 0 && tag(vendorKillHolds) || b&(blockKiller|blockVendorStop) != 0 && tag(vendorKillOnScreenOff) || b&blockAsleep != 0 && tag(vendorSleepAfterUnused)
	case gateBoot:
		return s.Timers[timerBoot] != never && tag(bootDelay)
	case gatePush:
		return at >= s.cappedUntil() && (tag(pushReviewLeast) || tag(pushReviewSeen))
	case gateBatch:
		// Nobody knows when other apps' jobs and alarms come.
		return isAlarm(x) || x.Ready == 0 || x.Others != never && tag(batchOthers)
	}
	return false
}

// Explain puts a gate into words.
func (s *System) Explain(at int64, j core.Job, g core.Gate, _ *record.Facts) (message, fix string) {
	s.catchUp(at)
	x := s.find(j.Work.Seq)
	if x == nil {
		y := newSlot(j)
		x = &y
	}
	for i := range gates {
		if gates[i].code == g.Code {
			return s.say(at, x, gate(i))
		}
	}
	return string(g.Code), ""
}

func (s *System) say(at int64, x *slot, g gate) (message, fix string) {
	p, b := s.p, s.bucket()
	words := core.InWords
	switch g {
	case gateForceStop:
		return "the user stopped the app in the settings: nothing of it runs until it is opened", "open the app"
	case gateHibernation:
		return "the app was not used for " + words(p.values[hibernateAfter]) + ", and hibernates", "open the app"
	case gateVendor:
		return s.sayVendor()
	case gateBoot:
		if s.Device.Locked {
			return "since the phone was booted nobody has unlocked it, and apps are not told of the boot before", "unlock the phone"
		}
		return "the app has not been told of the boot yet", "wait, or open the app"
	case gateFrozen:
		return "its timer stands still with the app's process", "open the app"
	case gatePermission:
		return s.sayPermission(x)
	case gateService:
		return "the app may not start a service from the background", "open the app, or start the service while it is open"
	case gateServiceQuota:
		return "services of its type ran " + words(s.Service.used(x, at, p.values[serviceDataWindow])) + " of " + words(p.values[serviceDataTime]) + " a day", "open the app"
	case gateSlots:
		return fmt.Sprintf("WorkManager has %d works with the system, as many as it may", s.handed), "wait for one of them to end, or open the app"
	case gateExpedited:
		return "there was no quota to run it at once, and it asked not to run otherwise", "open the app"
	case gateBackoff:
		return fmt.Sprintf("its job was lost with the app's process %d times", x.Stops.Failures+x.Stops.System), "wait"
	case gateNetwork:
		return "the phone is offline", "connect it to a network"
	case gatePeriod:
		return "it comes sooner than the system allows", "wait"
	case gateStandby:
		return "nobody has used the app yet (bucket " + b.String() + ")", "open the app"
	case gateRestricted:
		return "the user restricts the app's use of the battery", "lift the restriction in the settings of the app"
	case gateSaver:
		return "the battery saver is on", "turn it off, charge the phone, or open the app"
	case gateDoze:
		return s.sayDoze(at), "pick up the phone or charge it, or exempt the app from battery optimisation"
	case gateThermal:
		return "the phone is hot", "let it cool down"
	case gateCharging:
		return "the phone is not on the charger for long enough yet to count as charging", "leave it there for " + words(p.values[factChargingAfter])
	case gateIdle:
		return "the phone was used in the last " + words(p.values[factIdleAfter]), "leave it alone"
	case gateQuota:
		return s.sayQuota(at)
	case gateAlarmQuota:
		return fmt.Sprintf("the app's alarms have rung as often as they may in bucket %s", b), "open the app, or charge the phone"
	case gatePush:
		return s.sayPush(at)
	case gateBatch:
		if isAlarm(x) {
			return "an inexact alarm rings together with others, some time in its window", "wait, or set an exact alarm"
		}
		return fmt.Sprintf("it waits to run together with other jobs (bucket %s)", b), "wait, or open the app"
	case gateParallel:
		return fmt.Sprintf("%d jobs of the app run, as many as may at once", s.busy), "wait for one of them to end"
	}
	return string(gates[g].code), ""
}

func (s *System) sayVendor() (message, fix string) {
	b := s.App.Blocks
	switch {
	case b&blockVendorStop != 0:
		return "the battery saver of " + s.p.Vendor + " has stopped the app", "open the app, and exempt it from the vendor's saver"
	case b&blockKiller != 0:
		return "the battery saver of " + s.p.Vendor + " keeps apps down while the screen is off", "turn the screen on, or exempt the app from the vendor's saver"
	case b&blockAsleep != 0:
		return s.p.Vendor + " has put the app to sleep: it was not used for " + core.InWords(s.p.values[vendorSleepAfterUnused]), "open the app"
	}
	return s.p.Vendor + " does not let the app start by itself after a boot", "open the app, or allow it to start by itself"
}

func (s *System) sayPermission(x *slot) (message, fix string) {
	if x.Mode != modeInexact && !s.p.exactAllowed() {
		return "exact alarms need the permission SCHEDULE_EXACT_ALARM", "ask the user for it"
	}
	return "the app may not show notifications: it lacks POST_NOTIFICATIONS", "ask the user for it"
}

func (s *System) sayDoze(at int64) string {
	switch {
	case s.deep():
		return "the phone dozes deeply: it lies still with its screen off"
	case s.dozing():
		return "the phone dozes: its screen is off"
	case s.settling(at):
		return "the phone has just stopped dozing"
	}
	return "the phone does not doze any more"
}

func (s *System) sayQuota(at int64) (message, fix string) {
	p, b := s.p, s.bucket()
	const mend = "use the app, or charge the phone"
	if b == Never {
		return "apps in bucket NEVER have no quota", "open the app"
	}
	u := s.Account.Regular.Used(at, b)
	used := func(n int64, what string, of int64) (string, string) {
		return fmt.Sprintf("the app's jobs have used %d of %d %s in %s (bucket %s)", n, of, what, core.InWords(p.of(quotaWindow, b)), b), mend
	}
	switch {
	case u.DayTime >= p.values[quotaDayTime]:
		return "the app's jobs have run " + core.InWords(u.DayTime) + " of " + core.InWords(p.values[quotaDayTime]) + " a day", mend
	case u.Time >= p.of(quotaTime, b):
		return "the app's jobs have run " + core.InWords(u.Time) + " of the " + core.InWords(p.of(quotaTime, b)) + " that bucket " + b.String() +
			" gets in " + core.InWords(p.of(quotaWindow, b)), mend
	case u.Jobs >= p.of(quotaJobs, b):
		return used(u.Jobs, "jobs", p.of(quotaJobs, b))
	case u.Sessions >= p.of(quotaSessions, b):
		return used(u.Sessions, "sessions", p.of(quotaSessions, b))
	}
	return fmt.Sprintf("the app started %d jobs within a minute", s.Account.Regular.JobRate.Count), "wait"
}

func (s *System) sayPush(at int64) (message, fix string) {
	if at < s.cappedUntil() {
		return fmt.Sprintf("the app got its %d messages of high priority of the day (bucket %s): more are as normal ones",
			s.p.of(pushCap, min(s.bucket(), Restricted)), s.bucket()), "use the app"
	}
	sent, seen := s.Push.review(at, s.p.values[pushReview])
	return fmt.Sprintf("of %d messages of high priority the user saw %d: more are as normal ones", sent, seen), "send with high priority only what the user gets to see"
}
