package android

import (
	"fmt"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/policy/promise"
)

// Promises says what Android guarantees to the tasks of an app, in their order, on a
// device of a profile.
func Promises(p *Profile, asks []promise.Ask) []promise.Promise {
	l := ledger{profile: p, system: NewSystem(p, chance.New(1)), asks: asks}
	out := make([]promise.Promise, len(asks))
	for i := range asks {
		x := &promised{Ask: &asks[i], ledger: &l, seq: int64(i + 1)}
		x.kind, _ = kindOf(x.Request.Phone.Kind)
		x.mode, x.whileIdle = modeOf(x.Request.Phone.Mode)
		q := x.promise()
		for _, rule := range rulesOfPromise {
			q.Deny(rule(x, &q)...)
		}
		out[i] = q
	}
	return out
}

// ledger is what all tasks of an app share.
type ledger struct {
	profile *Profile
	system  *System
	asks    []promise.Ask
}

// promised is a task that something is promised to.
type promised struct {
	*promise.Ask
	*ledger
	seq       int64
	kind      kind
	mode      mode
	whileIdle bool
}

func (x *promised) value(p Param) int64 { return x.profile.values[p] }

// words writes a value of a parameter.
func (x *promised) words(p Param) string { return core.InWords(x.value(p)) }

func timeOf(us int64) time.Duration {
	if us == never {
		return 0
	}
	return time.Duration(us) * time.Microsecond
}

// promise is what Android promises if nothing is wrong with the task.
func (x *promised) promise() promise.Promise {
	p := promise.Promise{
		Task: x.Task, Platform: promise.Android, As: string(x.Request.Phone.Kind), Via: x.Via, Class: promise.Deferred,
		Period: "once, each time it is asked for",
	}
	const stopped = "never after a force stop, until the app is opened"
	switch x.kind {
	case kindWork:
		x.row(&p, stopped)
	case kindUser:
		p.Period, p.Longest = "at once, outside of quotas and Doze", timeOf(x.value(runUserMax))
		p.But = "while the app is in front, with its network and a notification; after " + x.words(runUserTotal) + " in all it is an ordinary job; a boot ends it; " + stopped
	case kindAlarm, kindNotification:
		x.alarm(&p)
		p.But += "; " + stopped
	case kindPush:
		p.Longest, p.Period = timeOf(x.value(pushHandler)), "when a message comes"
		if x.Request.Phone.Priority == "high" {
			p.But = "with a network; also in Doze, as long as most messages lead to something that the user sees; " + stopped
		} else {
			p.But = "with a network; in Doze it waits for a maintenance window, up to " + x.words(dozeIdleMax) + " away; " + stopped
		}
	case kindWidget:
		least := max(x.Request.Every.Microseconds(), x.value(widgetPeriod))
		p.Shortest, p.Longest = timeOf(least), timeOf(x.value(alarmHandler))
		p.Floor.Period = timeOf(x.value(widgetPeriod))
		p.Period = "every " + core.InWords(least) + ", asked by the system"
		p.But = "not in deep Doze; updates that the app itself makes have no such limit; " + stopped
	case kindService:
		p.Class, p.Period = promise.Guaranteed, "at once, with a notification that stays"
		p.But = "started while the app is in front; vendors may end it; " + stopped
		if x.Request.Phone.Mode != "other" && int64(x.profile.Target) >= x.value(serviceDataTarget) {
			p.Longest = timeOf(x.value(serviceDataTime))
		}
	case kindTimer:
		p.Period, p.But = "in the app's process", "only while that process lives and is not frozen"
	}
	return p
}

// row is what is promised to a row of WorkManager.
func (x *promised) row(p *promise.Promise, stopped string) {
	p.As, p.Longest = "one-off", timeOf(x.value(runRegularMin))
	doze := "in Doze it waits for a maintenance window, up to " + x.words(dozeIdleMax) + " away"
	quota := fmt.Sprintf("an app that is rarely used gets %s of jobs in %s", core.InWords(x.profile.of(quotaTime, Rare)), core.InWords(x.profile.of(quotaWindow, Rare)))
	switch {
	case x.Request.Every > 0:
		least := max(x.Request.Every.Microseconds(), minPeriod)
		p.As, p.Shortest = "periodic", timeOf(least)
		p.Period = "every " + core.InWords(least) + ", from the end of the last run"
		p.Floor.Period = timeOf(minPeriod)
		p.But = doze + "; " + quota + "; " + stopped
	case x.Request.Expedited:
		p.Longest = timeOf(x.value(runExpeditedMin))
		p.Period = "at once, at the first attempt"
		p.But = fmt.Sprintf("an active app gets %s of it a day, one that is rarely used %s; then it is an ordinary job; %s",
			core.InWords(x.profile.of(expeditedTime, Active)), core.InWords(x.profile.of(expeditedTime, Rare)), stopped)
	default:
		p.But = "at once while the app's process lives; else " + doze + ", and " + quota + "; " + stopped
	}
}

// alarm is what is promised to an alarm, or to a notification that one shows.
func (x *promised) alarm(p *promise.Promise) {
	p.Longest = timeOf(x.value(alarmHandler))
	if x.kind == kindNotification {
		p.Longest = 0
	}
	p.Shortest = timeOf(max(x.Every.Microseconds(), x.value(alarmAheadMin)))
	if x.Every == 0 {
		p.Shortest = 0
	}
	quota := fmt.Sprintf("%d in %s of an app that is rarely used", x.profile.of(alarmCount, Rare), core.InWords(x.profile.of(alarmWindow, Rare)))
	switch {
	case x.mode == modeClock:
		p.Class, p.Period, p.But = promise.Guaranteed, "at its times, shown as an alarm clock", "the phone must be on"
	case x.mode == modeExact && x.whileIdle:
		p.Class, p.Period = promise.Guaranteed, "at its times"
		count, counted := x.profile.whileIdle(x.mode)
		p.But = fmt.Sprintf("in Doze %d in %s", count, x.words(alarmIdleWindow))
		if counted {
			p.But = quota + "; " + p.But
		}
	case x.mode == modeExact:
		p.Period, p.But = "at its times", "in deep Doze it waits for a maintenance window, up to "+x.words(dozeIdleMax)+" away; "+quota
	case x.whileIdle:
		p.Period = "near its times, up to " + x.words(alarmInexactMost) + " later"
		p.But = fmt.Sprintf("%s; in Doze %d in %s", quota, x.value(alarmIdleCount), x.words(alarmIdleWindow))
	default:
		p.Period = "near its times, up to " + x.words(alarmInexactMost) + " later, together with others"
		p.But = "in deep Doze it waits for a maintenance window, up to " + x.words(dozeIdleMax) + " away; " + quota
	}
	if !x.Request.Phone.Rearm {
		p.But += "; a boot ends it"
	}
}
