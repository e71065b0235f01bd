package ios

import (
	"fmt"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/promise"
)

// Promises says what iOS guarantees to the tasks of an app, in their order.
func Promises(c Config, asks []promise.Ask) ([]promise.Promise, error) {
	s, err := NewSystem(c)
	if err != nil {
		return nil, err
	}
	l := ledger{system: s, asks: asks}
	out := make([]promise.Promise, len(asks))
	for i := range asks {
		x := &promised{Ask: &asks[i], ledger: &l, m: s.m, seq: int64(i + 1)}
		p := x.promise()
		for _, rule := range rulesOfPromise {
			p.Deny(rule(x, &p)...)
		}
		out[i] = p
	}
	return out, nil
}

// ledger is what all tasks of an app share.
type ledger struct {
	system *System
	asks   []promise.Ask
}

// promised is a task that something is promised to.
type promised struct {
	*promise.Ask
	*ledger
	m   *model
	seq int64
}

func (x *promised) kind() kind { return kindOf(x.Request.Phone.Kind) }

func words(us int64) string { return core.InWords(us) }

func lasts(us int64) time.Duration { return time.Duration(us) * time.Microsecond }

// promise is what iOS promises if nothing is wrong with the task.
func (x *promised) promise() promise.Promise {
	m := x.m
	p := promise.Promise{
		Task: x.Task, Platform: promise.IOS, As: string(x.Request.Phone.Kind), Via: x.Via, Class: promise.Opportunistic,
		Longest: lasts(m.Terms(x.Request.Phone.Kind).Budget), Period: "once, each time it is submitted",
	}
	earliest := x.Request.Delay.Microseconds()
	switch x.kind() {
	case kindRefresh:
		least := max(earliest, m.MinDelay, m.LaunchSpacing)
		p.Shortest, p.Assumed = lasts(least), true
		p.Period = "when iOS likes; no sooner than " + words(least) + " after the last run"
		p.Floor = promise.Floor{Start: lasts(max(earliest, m.MinDelay)), Period: lasts(max(earliest, m.MinDelay, m.LaunchSpacing/2))}
		p.But = "only of an app that is used, is still in the app switcher and may refresh in the background; not in Low Power Mode, " +
			"without a network, or below " + percent(m.CriticalPercent) + " off the charger"
	case kindProcessing:
		least := max(earliest, m.MinDelay, m.ProcessingSpacing)
		p.Shortest, p.Assumed, p.Longest = lasts(least), true, lasts(m.ProcessingMost)
		p.Period = "about once a night, while the phone lies unused on its charger; no sooner than " + words(least) + " after the last run"
		p.Floor = promise.Floor{Start: lasts(max(earliest, m.MinDelay)), Period: lasts(max(earliest, m.MinDelay, m.ProcessingSpacing/2))}
		p.But = "an iPhone needs its charger for it, whatever the request says; it is ended as soon as somebody uses the phone, often after " +
			words(m.ProcessingLimit) + "; of an app that was used within " + fmt.Sprintf("%d days", m.UnusedProcessing) +
			"; within 2 days as a best effort, say Apple's headers, if that was within a week"
	case kindHealth:
		least := max(earliest, m.MinDelay)
		p.Shortest, p.Longest = lasts(least), lasts(m.ProcessingMost)
		p.Period = "when iOS likes, for studies that the user takes part in"
		p.Floor = promise.Floor{Start: lasts(least), Period: lasts(least)}
		p.But = "only while the phone is unused; from iOS 17"
	case kindContinued:
		p.Class, p.Period = promise.Deferred, "at once, for a person who asked for it"
		p.But = "only submitted while the app is in front; needs room beside other apps; it must report progress; the person can cancel it, and swiping the app away " +
			"ends it without a word; from iOS 26"
	case kindTransfer:
		p.Class, p.Period = promise.Deferred, "once, by the system's own process"
		p.But = "with a network; it outlives the app's process, but not a force quit"
		if x.Started != "foreground" {
			p.Class = promise.Opportunistic
			p.But = "begun in the background it is left to the system, which prefers Wi-Fi and a charger; a force quit ends it"
		}
	case kindAssertion, kindTimer:
		p.Class, p.Period = promise.Deferred, "at once, inside the app's process"
		p.But = "only while that process lives: in the background it has " + words(m.AssertionLimit) + ", then it is suspended and the work with it"
	case kindPush:
		if !x.silent() {
			p.Class, p.Period = promise.Deferred, "each as it comes, shown by the system"
			p.But = "with a network, and the user must allow notifications; code of the app runs in its notification service extension only, and what it " +
				"has not changed by then is shown as it came"
			break
		}
		p.Shortest = lasts(m.PushSpacing)
		p.Period = fmt.Sprintf("when a push gets through: not guaranteed, %d an hour at most, %s apart", m.PushesPerHour, words(m.PushSpacing))
		p.Floor = promise.Floor{Spacing: lasts(m.PushSpacing)}
		p.But = "of those that wait only the newest is kept; it shares every gate of a refresh but how much the app is used, and after a force quit none comes until " +
			"the app is opened"
	case kindNotification:
		p.Class, p.Period = promise.Guaranteed, "at its times, shown by the system"
		p.But = fmt.Sprintf("the user must allow notifications; no code of the app runs; the soonest %d are kept", m.NotificationsKept)
	case kindWidget:
		p.Shortest = lasts(m.WidgetWindow / m.WidgetReloads)
		p.Period = fmt.Sprintf("reloaded up to %d times a day, if it is looked at", m.WidgetReloads)
		p.Floor = promise.Floor{Period: lasts(m.WidgetGap)}
		p.But = "entries of its timeline are shown at their times; how many reloads it gets follows how often it is seen"
	}
	return p
}
