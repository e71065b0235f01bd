package android

import (
	"errors"
	"fmt"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/promise"
	"github.com/lullwork/lull/work"
)

// rulesOfPromise say what was asked that Android will not do.
var rulesOfPromise = []func(*promised, *promise.Promise) []promise.Denial{
	refused, behind, unshown, clamped, flexOnce, hasteVersion, conditions, timeOfDay, runTooLong, periodOfWidget,
	tooManyAlarms, alarmNear, inexactTime, exactInDoze, lostAtBoot, pushUnseen, pushWaits, transferNetwork,
}

func single(d promise.Denial) []promise.Denial { return []promise.Denial{d} }

// Sources of rules that have no constant.
const (
	workRequest = "androidx/androidx work/work-runtime/src/main/java/androidx/work/WorkRequest.kt, Constraints.kt"
	alarmGuide  = "developer.android.com/develop/background-work/services/alarms"
	uidt        = "developer.android.com/develop/background-work/background-tasks/uidt"
	serviceDoc  = "developer.android.com/develop/background-work/services/fgs/service-types"
	notifyDoc   = "developer.android.com/develop/ui/views/notifications/notification-permission"
)

// refused is what Android, or WorkManager, does not take at all.
func refused(x *promised, _ *promise.Promise) []promise.Denial {
	err := promise.Admit(x.system, x.seq, x.Ask, true, true)
	if err == nil {
		return nil
	}
	gets, why := promise.Refusal(err)
	d := promise.Denial{Rule: "refused", Asked: x.asked(), Gets: gets, Why: why, Ends: true}
	switch {
	case errors.Is(err, work.ErrExpeditedNeeds), errors.Is(err, work.ErrExpeditedDelayed):
		d.Rule, d.Asked, d.Gets, d.Source = "expedited", "expedited: true with conditions or a delay", "the app crashes: IllegalArgumentException", workRequest
		d.Instead = "leave expedited out, or the delay and every condition but network and storage"
	case errors.Is(err, work.ErrBackoffIdle):
		d.Rule, d.Asked, d.Gets, d.Source = "backoff-idle", "backoff with needs: {idle: true}", "the app crashes: IllegalArgumentException", workRequest
		d.Instead = "leave one of them out: work that waits for an idle phone is tried again anyway"
	case x.kind == kindUser:
		d.Rule, d.Source, d.Instead = "user-initiated", uidt, "permissions: [run-user-initiated-jobs]"
		if !x.profile.on(userInitiatedJobs) {
			d.Gets, d.Why = "Android "+x.profile.Version.String()+" has no such job", "they came with Android 14"
			d.Instead = "as: one-off, expedited, on phones that are older than Android 14"
		}
	case x.kind == kindService && x.lacks() != "":
		d.Rule, d.Source, d.Instead = "service-permission", serviceDoc, "permissions: ["+x.lacks()+"]"
	case isAlarm(&slot{Kind: x.kind}) && x.mode != modeInexact:
		d.Rule, d.Source = "exact-alarm", alarmGuide
		d.Instead = "permissions: [use-exact-alarm] for a clock or a calendar (Android 13 and newer); [schedule-exact-alarm], and ask the user, for others; mode: inexact-idle if an hour does not matter"
		if x.profile.Permissions.Has(ScheduleExactAlarm) {
			d.Why = fmt.Sprintf("since Android 14 the permission is denied until the user gives it (target %d and newer)", x.value(alarmExactDeniedTarget))
		}
	}
	return single(d)
}

// lacks names the permission that a service lacks.
func (x *promised) lacks() string { return x.profile.serviceLacks(x.Request.Phone.Mode) }

// asked is how the plan says what the task is.
func (x *promised) asked() string {
	s := "as: " + string(x.Request.Phone.Kind)
	if isAlarm(&slot{Kind: x.kind}) {
		s += ", mode: " + x.Request.Phone.Mode
	}
	return s
}

// behind is what Android does not take while the app is not in front.
func behind(x *promised, p *promise.Promise) []promise.Denial {
	if x.kind != kindUser && x.kind != kindService || x.Front || p.Class == promise.None {
		return nil
	}
	// A system of its own: on that of the others the app has just been in front.
	err := promise.Admit(NewSystem(x.profile, x.system.dice), x.seq, x.Ask, false, false)
	if err == nil {
		return nil
	}
	gets, why := promise.Refusal(err)
	d := promise.Denial{
		Rule: "behind", Asked: "submit, whether or not the app is in front", Gets: "from the background " + gets, Why: why, Source: uidt,
		Instead: "submit: {when: arrival, during: app-open}; from the background as: one-off",
	}
	if x.kind == kindService {
		d.Source, d.Instead = guide+"/services/fgs/restrictions-bg-start", "as: one-off, expedited; or start it while the app is in front"
	}
	return single(d)
}

func unshown(x *promised, p *promise.Promise) []promise.Denial {
	missing := x.system.API >= apiNotifications && !x.profile.Permissions.Has(PostNotifications)
	if !missing || p.Class == promise.None {
		return nil
	}
	d := promise.Denial{
		Rule: "notifications", Source: notifyDoc, Why: "the app lacks POST_NOTIFICATIONS (Android 13 and newer)",
		Instead: "permissions: [post-notifications], and ask the user at a moment at which it makes sense",
	}
	switch {
	case x.kind == kindNotification:
		d.Asked, d.Gets, d.Ends = "as: notification", "nothing is shown", true
	case x.kind == kindPush && x.Request.Phone.Visible:
		d.Asked, d.Gets = "visible: true", "the message comes and shows nothing: those of high priority are soon treated as normal ones"
	default:
		return nil
	}
	return single(d)
}

// clamped is what WorkManager raises or lowers without a word.
func clamped(x *promised, p *promise.Promise) []promise.Denial {
	if x.kind != kindWork || p.Class == promise.None {
		return nil
	}
	var out []promise.Denial
	source := "androidx/androidx work/work-runtime/src/main/java/androidx/work/PeriodicWorkRequest.kt, WorkRequest.kt"
	add := func(rule, asked, gets, instead string) {
		out = append(out, promise.Denial{Rule: rule, Asked: asked, Gets: gets, Why: "WorkManager corrects it and logs a warning", Source: source, Instead: instead})
	}
	q := &x.Request
	if every := q.Every.Microseconds(); every > 0 && every < minPeriod {
		add("period-below", "every: "+core.InWords(every), "every "+core.InWords(minPeriod),
			"a foreground service while the user knows of it; a high-priority push for what changes elsewhere; load when the app is opened")
	}
	if flex := q.Flex.Microseconds(); q.Every > 0 && flex > 0 && flex < minFlex {
		add("flex-below", "flex: "+core.InWords(flex), "flex: "+core.InWords(minFlex), "an exact alarm for what is bound to a time")
	}
	if d := x.Backoff.Delay.Microseconds(); d > 0 && (d < minBackoff || d > maxBackoff) {
		add("backoff-range", "backoff: {delay: "+core.InWords(d)+"}", "a delay of "+core.InWords(core.ClampBackoff(&core.Rules{MinBackoff: minBackoff, MaxBackoff: maxBackoff}, d)),
			"a delay from "+core.InWords(minBackoff)+" to "+core.InWords(maxBackoff))
	}
	return out
}

func flexOnce(x *promised, p *promise.Promise) []promise.Denial {
	if x.kind != kindWork || x.Flex <= 0 || x.Request.Every <= 0 || p.Class == promise.None {
		return nil
	}
	return single(promise.Denial{
		Rule: "flex", Asked: "flex: " + core.InWords(x.Flex.Microseconds()), Gets: "it puts off the first run only; each later one is due a period after the end of the last",
		Why: "WorkManager counts flex in the first period", Source: "androidx/androidx work/work-runtime/src/main/java/androidx/work/impl/model/WorkSpec.kt calculateNextRunTime",
		Instead: "leave it out; an alarm for what is bound to a time",
	})
}

func hasteVersion(x *promised, p *promise.Promise) []promise.Denial {
	if x.kind != kindWork || !x.Request.Expedited || x.system.API >= apiExpedited || p.Class == promise.None {
		return nil
	}
	return single(promise.Denial{
		Rule: "expedited-version", Asked: "expedited: true", Gets: "a foreground service with a notification, before Android 12", Why: "expedited jobs came with Android 12",
		Source: wm + "background/systemjob/SystemJobInfoConverter.java", Instead: "implement getForegroundInfo",
	})
}

// conditions of the plan that a kind does not know.
func conditions(x *promised, p *promise.Promise) []promise.Denial {
	if p.Class == promise.None {
		return nil
	}
	n := &x.Needs
	word := string(x.Request.Phone.Kind)
	job := x.kind == kindWork || x.kind == kindUser
	var out []promise.Denial
	for _, w := range []struct {
		on   bool
		word string
		job  bool
	}{
		{n.Network > work.NoNetwork && !(x.kind == kindPush && n.Network == work.Connected), "network: " + n.Network.String(), true},
		{n.Charging, "charging", true},
		{n.Idle, "idle", true},
		{n.BatteryNotLow, "battery: not-low", true},
		{n.StorageNotLow, "storage: not-low", true},
		{n.LoadLow, "load: low", false},
		{n.LowPowerOff, "low-power: off", false},
		{n.Between != "", "between: " + n.Between, false},
	} {
		if !w.on || job && w.job {
			continue
		}
		d := promise.Denial{
			Rule: "condition", Asked: "needs: " + w.word, Gets: "it starts without", Why: "WorkManager has no such constraint", Source: workRequest,
			Instead: "look at it in the run, and return retry",
		}
		if !job {
			d.Why, d.Source = "a "+word+" has no conditions", guide
			d.Instead = "let it enqueue a one-off with the condition"
		}
		out = append(out, d)
	}
	return out
}

func timeOfDay(x *promised, p *promise.Promise) []promise.Denial {
	if !x.Clock || isAlarm(&slot{Kind: x.kind}) || p.Class == promise.None {
		return nil
	}
	return single(promise.Denial{
		Rule: "time-of-day", Asked: "at: times of day", Gets: "any time from then on", Why: "jobs are not bound to a time: periods count from the end of the last run, and drift",
		Source:  "androidx/androidx work/work-runtime/src/main/java/androidx/work/impl/model/WorkSpec.kt calculateNextRunTime",
		Instead: "as: alarm or as: notification, mode: exact-idle",
	})
}

func runTooLong(x *promised, p *promise.Promise) []promise.Denial {
	if p.Longest <= 0 || x.Takes <= p.Longest {
		return nil
	}
	d := promise.Denial{
		Rule: "run-too-long", Asked: "takes: " + core.InWords(x.Takes.Microseconds()), Gets: "it may be stopped after " + core.InWords(p.Longest.Microseconds()),
		Why: "no more is guaranteed", Source: jss, Instead: "save as you go: a run that is stopped comes again; user-initiated for a transfer, a foreground service for what the user watches",
	}
	switch x.kind {
	case kindPush:
		d.Source, d.Instead = "firebase.google.com/docs/cloud-messaging/android/receive", "let the message enqueue an expedited one-off"
	case kindAlarm, kindWidget:
		d.Source, d.Instead = guide+": a broadcast receiver", "let the receiver enqueue an expedited one-off"
	case kindService:
		d.Source, d.Instead = "developer.android.com/develop/background-work/services/fgs/timeout", "user-initiated for a transfer"
	}
	return single(d)
}

func periodOfWidget(x *promised, p *promise.Promise) []promise.Denial {
	if x.kind != kindWidget || x.Every <= 0 || x.Every.Microseconds() >= x.value(widgetPeriod) || p.Class == promise.None {
		return nil
	}
	return single(promise.Denial{
		Rule: "widget-period", Asked: "every: " + core.InWords(x.Every.Microseconds()), Gets: "every " + x.words(widgetPeriod), Why: "updatePeriodMillis has a floor",
		Source: "developer.android.com/develop/ui/views/appwidgets/advanced", Instead: "periodic work that updates the widget, from 15m; update it when the app is open",
	})
}

func tooManyAlarms(x *promised, _ *promise.Promise) []promise.Denial {
	if !isAlarm(&slot{Kind: x.kind}) {
		return nil
	}
	var all int64
	for i := range x.asks {
		if k, _ := kindOf(x.asks[i].Request.Phone.Kind); isAlarm(&slot{Kind: k}) {
			all += max(1, x.asks[i].Count)
		}
	}
	if all <= x.value(alarmMax) {
		return nil
	}
	return single(promise.Denial{
		Rule: "too-many-alarms", Asked: fmt.Sprintf("%d alarms ahead, in all of the app", all), Gets: fmt.Sprintf("the app crashes at alarm %d: IllegalStateException", x.value(alarmMax)+1),
		Why: "an app has so many alarms", Source: ams, Instead: "set the next one as each rings, and again after a boot",
	})
}

func alarmNear(x *promised, p *promise.Promise) []promise.Denial {
	if x.kind != kindAlarm && x.kind != kindNotification || x.Every <= 0 || x.Every.Microseconds() >= x.value(alarmIntervalMin) || p.Class == promise.None {
		return nil
	}
	return single(promise.Denial{
		Rule: "alarm-interval", Asked: "every: " + core.InWords(x.Every.Microseconds()), Gets: "every " + x.words(alarmIntervalMin), Why: "repeating alarms have a floor",
		Source: ams, Instead: "a timer while the app is open; a foreground service while the user knows of it",
	})
}

func inexactTime(x *promised, p *promise.Promise) []promise.Denial {
	if !x.Clock || !isAlarm(&slot{Kind: x.kind}) || x.mode != modeInexact || p.Class == promise.None {
		return nil
	}
	return single(promise.Denial{
		Rule: "inexact", Asked: "at: times of day, mode: " + x.Request.Phone.Mode, Gets: "up to " + x.words(alarmInexactMost) + " later",
		Why: "inexact alarms ring together", Source: alarmGuide, Instead: "mode: exact-idle with its permission, or alarm-clock, if the time matters",
	})
}

func exactInDoze(x *promised, p *promise.Promise) []promise.Denial {
	if !x.Clock || !isAlarm(&slot{Kind: x.kind}) || x.mode != modeExact || x.whileIdle || p.Class == promise.None {
		return nil
	}
	return single(promise.Denial{
		Rule: "exact-in-doze", Asked: "at: times of day, mode: exact", Gets: "the next maintenance window if the phone lies still: up to " + x.words(dozeIdleMax) + " later",
		Why: "Doze holds alarms that do not say allow-while-idle", Source: power, Instead: "mode: exact-idle",
	})
}

func lostAtBoot(x *promised, p *promise.Promise) []promise.Denial {
	if !isAlarm(&slot{Kind: x.kind}) || p.Class == promise.None {
		return nil
	}
	d := promise.Denial{
		Rule: "lost-at-boot", Asked: "reboot: lost", Gets: "after a boot nothing rings until the app is opened", Why: "alarms do not outlive a boot",
		Source: alarmGuide, Instead: "reboot: rearm, with a receiver of BOOT_COMPLETED",
	}
	switch {
	case !x.Request.Phone.Rearm:
	case !x.profile.Permissions.Has(ReceiveBootCompleted):
		d.Asked, d.Why, d.Instead = "reboot: rearm", "the app is not told of a boot: it lacks RECEIVE_BOOT_COMPLETED", "permissions: [receive-boot-completed]"
	default:
		return nil
	}
	return single(d)
}

func pushUnseen(x *promised, _ *promise.Promise) []promise.Denial {
	if x.kind != kindPush || x.Request.Phone.Priority != "high" || x.Request.Phone.Visible {
		return nil
	}
	d := promise.Denial{
		Rule: "push-unseen", Asked: "priority: high, without something visible", Gets: "messages are soon treated as normal ones, which Doze holds",
		Why: "the sender's messages of the last days are looked at", Source: fcm, Instead: "visible: true, and show something; else priority: normal",
	}
	if x.value(pushReview) == 0 {
		d.Gets = fmt.Sprintf("at most %d a day for an app that is rarely used, the others as normal ones", x.profile.of(pushCap, Rare))
		d.Why, d.Source = "buckets have caps before Android 13", power+" (as archived)"
	}
	return single(d)
}

func pushWaits(x *promised, _ *promise.Promise) []promise.Denial {
	if x.kind != kindPush || x.Request.Phone.Priority == "high" || x.Within <= 0 || x.Within.Microseconds() >= x.value(dozeIdleMax) {
		return nil
	}
	return single(promise.Denial{
		Rule: "push-waits", Asked: "within: " + core.InWords(x.Within.Microseconds()) + ", priority: normal", Gets: "in Doze it waits for a maintenance window, up to " + x.words(dozeIdleMax) + " away",
		Why: "messages of normal priority do not wake a phone", Source: fcm, Instead: "priority: high, and show something",
	})
}

func transferNetwork(x *promised, p *promise.Promise) []promise.Denial {
	if x.kind != kindUser || x.Needs.Network != work.NoNetwork || p.Class == promise.None {
		return nil
	}
	return single(promise.Denial{
		Rule: "transfer-network", Asked: "as: user-initiated, without a network", Gets: "network: connected is taken; the call as such throws IllegalArgumentException",
		Why: "a user-initiated transfer has to name its network", Source: uidt, Instead: "needs: {network: connected}",
	})
}
