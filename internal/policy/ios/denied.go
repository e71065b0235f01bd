package ios

import (
	"errors"
	"fmt"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/promise"
	"github.com/lullwork/lull/work"
)

// rulesOfPromise say what was asked that iOS will not do.
var rulesOfPromise = []func(*promised, *promise.Promise) []promise.Denial{
	lateHandler, repeatInterval, refused, behind, sharedIdentifier, pushRate, pushInTime, periodBelow, timeOfDay, conditions, runTooLong,
	tooMuchCPU, notificationsKept, noRetry, noHaste, notAgain, neverComplete, widgetReloads, discretionary, farAhead, timerDelay,
}

func single(d promise.Denial) []promise.Denial { return []promise.Denial{d} }

// instead of a request that is refused.
var insteadOf = map[int]string{
	CodeUnavailable:  "submit it while the app is in front",
	CodeTooMany:      "let one identifier do the work of all: one run can look after several things",
	CodeNotPermitted: "add the identifier to BGTaskSchedulerPermittedIdentifiers, and its mode to UIBackgroundModes (fetch, processing)",
	CodeIneligible:   "strategy: queue",
}

// refused is what iOS does not take at all.
func refused(x *promised, p *promise.Promise) []promise.Denial {
	if p.Class == promise.None {
		return nil
	}
	err := promise.Admit(x.system, x.seq, x.Ask, true, true)
	if err == nil {
		return nil
	}
	gets, why := promise.Refusal(err)
	d := promise.Denial{Rule: "refused", Asked: x.asked(), Gets: gets, Why: why, Source: headers + "; order of the checks: " + scheduler, Ends: true}
	var r *core.Refusal
	switch errors.As(err, &r); {
	case r != nil && r.Domain == Domain:
		if d.Instead = insteadOf[r.Code]; x.kind() == kindHealth && r.Code == CodeUnavailable {
			d.Instead = "ask Apple for the entitlement; as: processing, if it is no study"
		}
		// Which of the tasks comes first is not for a plan to say.
		d.Ends = r.Code != CodeTooMany
		if r.Code == CodeTooMany {
			d.Rule = "too-many"
		}
	case r != nil && r.Name == string(PushPriority):
		d.Rule, d.Source = "push-priority", apple+"usernotifications/pushing-background-updates-to-your-app"
		d.Gets, d.Instead = "it is not delivered", "priority: 5; or an alert push with a notification service extension, which is not held back"
	case r != nil && r.Name == NoPushMode:
		d.Rule, d.Source = "push-mode", apple+"usernotifications/pushing-background-updates-to-your-app"
		d.Gets, d.Instead = "no silent push launches the app", "modes: ["+ModePush+"], and the entitlement for pushes"
	}
	return single(d)
}

// behind is what iOS does not take while the app is not in front.
func behind(x *promised, p *promise.Promise) []promise.Denial {
	if x.kind() != kindContinued || x.Front || p.Class == promise.None {
		return nil
	}
	err := promise.Admit(x.system, x.seq, x.Ask, false, false)
	if err == nil {
		return nil
	}
	gets, why := promise.Refusal(err)
	return single(promise.Denial{
		Rule: "behind", Asked: "submit, whether or not the app is in front", Gets: "from the background " + gets, Why: why,
		Source: apple + "backgroundtasks/performing-long-running-tasks-on-ios-and-ipados", Instead: "submit: {when: arrival, during: app-open}, or processing",
	})
}

// asked is how the plan says what the task is.
func (x *promised) asked() string {
	s := "as: " + string(x.Request.Phone.Kind)
	if x.kind().scheduled() || x.kind() == kindContinued {
		s += ", id: " + x.Request.Phone.Identifier
	}
	return s
}

func lateHandler(x *promised, p *promise.Promise) []promise.Denial {
	if !x.Late || !x.kind().scheduled() || p.Class == promise.None {
		return nil
	}
	return single(promise.Denial{
		Rule: "registered-late", Asked: "registers: late", Gets: "the app crashes: " + FatalLateRegister, Why: "launch handlers are registered before launch ends, at every launch",
		Source: headers, Instead: "registers: launch, in application(_:didFinishLaunchingWithOptions:)", Ends: true,
	})
}

func sharedIdentifier(x *promised, _ *promise.Promise) []promise.Denial {
	if !x.kind().scheduled() {
		return nil
	}
	for i := range x.asks {
		y := &x.asks[i]
		if y != x.Ask && kindOf(y.Request.Phone.Kind).scheduled() && y.Request.Phone.Identifier == x.Request.Phone.Identifier {
			return single(promise.Denial{
				Rule: "same-identifier", Asked: "id: " + x.Request.Phone.Identifier, Gets: "each submit of " + y.Task + " replaces this one's, and the other way round",
				Why: "an identifier has one pending request", Source: headers, Instead: "an identifier for each, or one task that does both",
			})
		}
	}
	return nil
}

func (x *promised) silent() bool { return x.kind() == kindPush && !x.Request.Phone.Visible }

func pushRate(x *promised, _ *promise.Promise) []promise.Denial {
	if !x.silent() || x.Mean <= 0 || x.Mean.Microseconds() >= x.m.pushEvery {
		return nil
	}
	return single(promise.Denial{
		Rule: "push-rate", Asked: "a push every " + words(x.Mean.Microseconds()), Gets: fmt.Sprintf("%d launches an hour at most; of what waits the newest is kept", x.m.PushesPerHour),
		Why: "silent pushes are throttled", Source: apple + "usernotifications/pushing-background-updates-to-your-app",
		Instead: "let one push stand for several changes; an alert push is not held back",
	})
}

func pushInTime(x *promised, _ *promise.Promise) []promise.Denial {
	if !x.silent() || x.Within <= 0 || x.Within.Microseconds() >= x.m.PushSpacing {
		return nil
	}
	return single(promise.Denial{
		Rule: "push-in-time", Asked: "within: " + words(x.Within.Microseconds()), Gets: "delivery when iOS likes; a push that comes within " + words(x.m.PushSpacing) + " of the last is held",
		Why: "silent pushes have low priority and no guarantee", Source: apple + "usernotifications/pushing-background-updates-to-your-app; " + talk,
		Instead: "visible: true, an alert push (with a notification service extension for code of yours); a local notification scheduled ahead, if its time is known",
	})
}

func periodBelow(x *promised, p *promise.Promise) []promise.Denial {
	if !x.kind().scheduled() || x.Every <= 0 || p.Shortest <= x.Every {
		return nil
	}
	d := promise.Denial{
		Rule: "period-below", Asked: "every: " + words(x.Every.Microseconds()), Gets: "at best every " + words(p.Shortest.Microseconds()),
		Why: "iOS spaces the launches of an app", Source: talk + "; " + duet,
		Instead: "load when the app is opened; a widget's timeline for what is shown; a push for what changes elsewhere",
	}
	if x.kind() == kindProcessing {
		d.Instead = "as: refresh for what cannot wait for the night"
	}
	return single(d)
}

func timeOfDay(x *promised, _ *promise.Promise) []promise.Denial {
	if !x.Clock || x.kind() == kindNotification {
		return nil
	}
	return single(promise.Denial{
		Rule: "time-of-day", Asked: "at: times of day", Gets: "any time that suits iOS", Why: "nothing but a notification is bound to a time",
		Source: headers, Instead: "a notification scheduled ahead, or entries of a widget's timeline",
	})
}

// told are the conditions that a kind can be given.
func conditions(x *promised, _ *promise.Promise) []promise.Denial {
	k, n, told := x.kind(), &x.Needs, &x.Request.Needs
	if k == kindNotification || k == kindWidget {
		return nil
	}
	scheduled := k == kindProcessing || k == kindHealth
	network := n.Network == work.NoNetwork || k == kindRefresh && n.Network == work.Connected || k == kindTransfer && n.Network <= work.Unmetered ||
		scheduled && n.Network == work.Connected && told.Network != work.NoNetwork || k == kindPush && n.Network == work.Connected || k == kindContinued && n.Network == work.Connected
	power := !n.Charging || scheduled && told.Charging
	idle := !n.Idle || scheduled
	var out []promise.Denial
	deny := func(asked, why, instead string) {
		out = append(out, promise.Denial{
			Rule: "condition", Asked: "needs: " + asked, Gets: "it may start without", Why: why, Source: headers, Instead: instead,
		})
	}
	kindWord := string(x.Request.Phone.Kind)
	if !network {
		switch {
		case scheduled && n.Network == work.Connected:
			deny("network: connected", "the request does not set requiresNetworkConnectivity", "ios: {network: true}")
		case scheduled:
			deny("network: "+n.Network.String(), "a request knows a network or none", "network: true, and look at the path in the run; or a transfer that does not allow expensive networks")
		default:
			deny("network: "+n.Network.String(), "a "+kindWord+" cannot ask for it", "a transfer that does not allow expensive networks, or look at the path in the run")
		}
	}
	if !power {
		if scheduled {
			deny("charging", "the request does not set requiresExternalPower", "ios: {power: true}")
		} else {
			deny("charging", "a "+kindWord+" cannot ask for it", "as: processing, power: true")
		}
	}
	if !idle {
		deny("idle", "a "+kindWord+" cannot ask for it", "as: processing, which runs while nobody uses the phone")
	}
	for _, w := range []struct {
		on   bool
		word string
	}{
		{n.BatteryNotLow, "battery: not-low"}, {n.StorageNotLow, "storage: not-low"}, {n.LoadLow, "load: low"}, {n.LowPowerOff, "low-power: off"}, {n.Between != "", "between: " + n.Between},
	} {
		if w.on {
			deny(w.word, "iOS has no such condition", "look at it in the run, and end early")
		}
	}
	return out
}

func runTooLong(x *promised, p *promise.Promise) []promise.Denial {
	limit := p.Longest
	if limit <= 0 || x.Takes <= limit || x.kind() == kindNotification {
		return nil
	}
	instead := map[kind]string{
		kindRefresh:    "as: processing for minutes, a transfer for what is loaded; save as you go and go on the next time",
		kindProcessing: "save as you go and go on the next time; continued for what a person waits for",
		kindHealth:     "save as you go and go on the next time",
		kindPush:       "let the push begin a transfer or submit a processing request",
		kindAssertion:  "as: processing, or continued for what a person waits for",
		kindTimer:      "as: processing, or continued for what a person waits for",
	}
	return single(promise.Denial{
		Rule: "run-too-long", Asked: "takes: " + words(x.Takes.Microseconds()), Gets: "it is asked to stop after " + words(limit.Microseconds()) + ", and killed " + words(x.m.Grace) + " later",
		Why: "iOS grants no more", Source: apple + "backgroundtasks; " + headers, Instead: instead[x.kind()],
	})
}

func tooMuchCPU(x *promised, _ *promise.Promise) []promise.Denial {
	if x.kind() != kindProcessing || x.Request.Needs.Charging || x.CPU <= x.m.MonitorShare || x.Takes.Microseconds() < x.m.MonitorWindow {
		return nil
	}
	return single(promise.Denial{
		Rule: "cpu", Asked: "cpu: " + score(x.CPU), Gets: "the app is killed after " + words(x.m.MonitorWindow), Why: "the processor is watched unless external power is required",
		Source: headers + "; transistorsoft/react-native-background-fetch#323", Instead: "ios: {power: true}, or work in short bursts",
	})
}

func notificationsKept(x *promised, _ *promise.Promise) []promise.Denial {
	if x.kind() != kindNotification {
		return nil
	}
	var all int64
	for i := range x.asks {
		switch a := &x.asks[i]; {
		case kindOf(a.Request.Phone.Kind) != kindNotification:
		case a.Repeats:
			all++
		default:
			all += max(1, a.Count)
		}
	}
	if all <= x.m.NotificationsKept {
		return nil
	}
	return single(promise.Denial{
		Rule: "too-many-notifications", Asked: fmt.Sprintf("%d notifications ahead, in all of the app", all), Gets: fmt.Sprintf("the soonest %d are kept, the others are lost without a word", x.m.NotificationsKept),
		Why: "an app has so many pending notifications", Source: apple + "uikit/uilocalnotification",
		Instead: "repeats: true for what is the same each time; else schedule the next ones each time the app is opened",
	})
}

func repeatInterval(x *promised, _ *promise.Promise) []promise.Denial {
	if x.kind() != kindNotification || !x.Repeats || x.Every <= 0 || x.Every.Microseconds() >= x.m.MinRepeat {
		return nil
	}
	return single(promise.Denial{
		Rule: "repeat-interval", Asked: "every: " + words(x.Every.Microseconds()) + ", repeats", Gets: "the app crashes: " + FatalRepeatInterval,
		Why: "a notification repeats every " + words(x.m.MinRepeat) + " at most", Source: apple + "usernotifications/untimeintervalnotificationtrigger",
		Instead: "every: 1m or more", Ends: true,
	})
}

func noRetry(x *promised, _ *promise.Promise) []promise.Denial {
	if x.Backoff == (work.Backoff{}) {
		return nil
	}
	return single(promise.Denial{
		Rule: "no-retry", Asked: "backoff", Gets: "a run that fails is not repeated", Why: "starting consumes the request, and setTaskCompleted(success: false) asks for nothing",
		Source: headers, Instead: "submit again as the first thing of each run: ios: {resubmit: first}",
	})
}

func noHaste(x *promised, _ *promise.Promise) []promise.Denial {
	if !x.Haste || x.kind() == kindContinued {
		return nil
	}
	return single(promise.Denial{
		Rule: "no-haste", Asked: "expedited", Gets: "nothing of it", Why: "iOS has no such request", Source: headers,
		Instead: "continued for what a person waits for (iOS 26), an assertion of " + words(x.m.AssertionLimit) + " while the app goes to the background",
	})
}

func notAgain(x *promised, _ *promise.Promise) []promise.Denial {
	if !x.kind().scheduled() || x.Every <= 0 || x.Again {
		return nil
	}
	return single(promise.Denial{
		Rule: "not-again", Asked: "every: " + words(x.Every.Microseconds()) + ", resubmit: never", Gets: "one run for each time that the app itself submits it",
		Why: "starting consumes the request", Source: headers, Instead: "resubmit: first",
	})
}

func neverComplete(x *promised, _ *promise.Promise) []promise.Denial {
	if x.Completes || !x.kind().scheduled() && !x.silent() && x.kind() != kindContinued {
		return nil
	}
	return single(promise.Denial{
		Rule: "never-complete", Asked: "completes: never", Gets: "each run takes all of its time, and the process may be killed at the end of it",
		Why: "iOS waits for setTaskCompleted, or the completion handler of a push", Source: headers, Instead: "call it once, at every end, also at the expiration",
	})
}

func widgetReloads(x *promised, p *promise.Promise) []promise.Denial {
	if x.kind() != kindWidget {
		return nil
	}
	var out []promise.Denial
	source := apple + "widgetkit/keeping-a-widget-up-to-date; forum 758400, 768739"
	if period := x.Period(); x.Every > 0 && period < p.Shortest && x.Reload != "never" {
		out = append(out, promise.Denial{
			Rule: "widget-reloads", Asked: "a new timeline every " + words(period.Microseconds()), Gets: fmt.Sprintf("at best %d reloads a day, one in %s", x.m.WidgetReloads, words(p.Shortest.Microseconds())),
			Why: "reloads have a budget", Source: source, Instead: "more entries in each timeline: they cost nothing. Reloads while the app is in front are free",
		})
	}
	if day := 24 * time.Hour; x.Views > 0 && day/x.Views < time.Duration(x.m.WidgetViews) {
		out = append(out, promise.Denial{
			Rule: "widget-views", Asked: fmt.Sprintf("reloads for a widget that is seen %d times a day", day/x.Views), Gets: "a part of the budget only",
			Why: "the budget follows how often a widget is seen", Source: source, Instead: "more entries in each timeline",
		})
	}
	if x.Reload == "never" && x.Every > 0 {
		out = append(out, promise.Denial{
			Rule: "widget-never", Asked: "every: " + words(x.Every.Microseconds()) + ", reload: never", Gets: "a new timeline only when the app asks for one",
			Why: "the policy of the timeline says so", Source: source, Instead: "reload: at-end",
		})
	}
	return out
}

func discretionary(x *promised, _ *promise.Promise) []promise.Denial {
	if x.kind() != kindTransfer || x.Started == "foreground" || x.Within <= 0 || x.Within.Microseconds() >= x.m.TransferPatience {
		return nil
	}
	return single(promise.Denial{
		Rule: "discretionary", Asked: "within: " + words(x.Within.Microseconds()) + ", started: background", Gets: "a transfer that may wait for Wi-Fi and a charger",
		Why: "what is begun in the background is left to the system", Source: talk, Instead: "started: foreground",
	})
}

// farAhead is what nobody should set an earliest begin to: iOS may not launch the app at
// all if the user stays away meanwhile.
const farAheadDays = 7

func farAhead(x *promised, _ *promise.Promise) []promise.Denial {
	if !x.kind().scheduled() || x.Request.Delay.Microseconds() <= farAheadDays*day {
		return nil
	}
	return single(promise.Denial{
		Rule: "far-ahead", Asked: "a begin in " + words(x.Request.Delay.Microseconds()), Gets: "perhaps nothing, if the app is not used meanwhile",
		Why: "the system forgets apps that are not used", Source: "WWDC19 707 (third-party notes)", Instead: "an earliest begin within a week; look in the run whether it is time",
	})
}

func timerDelay(x *promised, _ *promise.Promise) []promise.Denial {
	k := x.kind()
	if k != kindAssertion && k != kindTimer || x.Request.Delay.Microseconds() < x.m.AssertionLimit {
		return nil
	}
	return single(promise.Denial{
		Rule: "timer-delay", Asked: "delay: " + words(x.Request.Delay.Microseconds()), Gets: "it runs if the app is open then, or when it is opened again",
		Why: "a process in the background is suspended after " + words(x.m.AssertionLimit), Source: apple + "uikit/uiapplication/beginbackgroundtask; forum 85066",
		Instead: "as: refresh or processing with an earliest begin; a notification scheduled ahead for what the user should see",
	})
}
