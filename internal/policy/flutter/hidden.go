package flutter

import (
	"slices"
	"strings"
	"time"

	"github.com/lullwork/lull/work"
)

// LocalNotifications is the plugin that shows notifications. It is no layer of a plan: an
// app that goes through another plugin to its system is taken to use it.
const LocalNotifications = "flutter_local_notifications"

// Use is a task as far as it counts for what a layer hides from it.
type Use struct {
	Platform string // android, ios, linux, macos
	Layer    Layer
	Flutter  bool // the app goes through a plugin, for this task or another
	Kind     work.Kind
	Periodic bool             // on Android, of ordinary work
	Policy   work.Policy      // as the plan says
	Needs    work.Constraints // likewise
	Backoff  work.Backoff     // likewise
	Delay    time.Duration    //
	Every    time.Duration    //
	Mode     string           // of an alarm or a notification
	Clock    bool             // at times of day
	Count    int64            // of notifications ahead
	Others   int              // tasks that go through the same layer
}

func (u *Use) scheduled() bool {
	return u.Kind == work.KindRefresh || u.Kind == work.KindProcessing || u.Kind == work.KindHealth
}

// Hidden is one thing that a layer hides from the app.
type Hidden struct {
	Name      string   // that stays
	Platforms []string // on which
	Layers    []string // a name without a version stands for all of them
	When      string   // it applies, in words
	Seen      string   // what the app, or its user, gets to see of it
	Source    string

	applies func(*Use) bool // beside platform and layer
}

// Applies reports whether it is hidden from a task.
func (h *Hidden) Applies(u *Use) bool {
	layer := slices.ContainsFunc(h.Layers, func(name string) bool {
		if name == LocalNotifications {
			return u.Flutter && u.Kind == work.KindNotification
		}
		family, _, _ := strings.Cut(u.Layer.Name, "@")
		return name == u.Layer.Name || name == family
	})
	return layer && slices.Contains(h.Platforms, u.Platform) && h.applies(u)
}

// HiddenFrom lists what the layer hides from a task.
func HiddenFrom(u *Use) []Hidden {
	return slices.DeleteFunc(AllHidden(), func(h Hidden) bool { return !h.Applies(u) })
}

var (
	android     = []string{"android"}
	ios         = []string{"ios"}
	both        = []string{"android", "ios"}
	desktop     = []string{"linux", "macos"}
	workmanager = []string{"workmanager"}
	messaging   = []string{"firebase"}
	reminders   = []string{LocalNotifications}
)

// Where the facts were read.
const (
	apple      = "fluttercommunity/flutter_workmanager, workmanager_apple: "
	droid      = "fluttercommunity/flutter_workmanager, workmanager_android: "
	dart       = "fluttercommunity/flutter_workmanager, workmanager: "
	flutterFCM = "firebase/flutterfire, firebase_messaging: "
	guideFCM   = "firebase.google.com/docs/cloud-messaging/flutter/receive"
	flnp       = "MaikuB/flutter_local_notifications 22.1.0, README"
)

// AllHidden lists everything that the layers are known to hide.
func AllHidden() []Hidden {
	return slices.Concat(hiddenByWorkmanager(), hiddenByMessaging(), hiddenByReminders())
}

func hiddenByWorkmanager() []Hidden {
	always := func(*Use) bool { return true }
	refresh := func(u *Use) bool { return u.Kind == work.KindRefresh }
	processing := func(u *Use) bool { return u.Kind == work.KindProcessing }
	long := func(u *Use) bool { return processing(u) || u.Kind == work.KindHealth }
	oneOff := func(u *Use) bool { return u.Kind == work.KindAssertion || u.Kind == work.KindTimer }
	row := func(u *Use) bool { return u.Kind == work.KindWork }
	return []Hidden{
		{
			"refused-submit", ios, workmanager, "BGTaskScheduler refuses a request: identifier, mode, limit, switch",
			"the Dart future succeeds; a line in the device's log; it never runs", apple + "WorkmanagerPlugin.swift schedulePeriodicTask, scheduleBackgroundProcessingTask",
			func(u *Use) bool { return u.Layer.RefusalHidden && u.scheduled() },
		},
		{
			"expired-refresh", ios, workmanager, "a refresh outlives its 30 s",
			"the callback is not told and the task is not completed: the system ends the app", apple + "WorkmanagerPlugin.swift handlePeriodicTask",
			func(u *Use) bool { return u.Layer.ExpiryHidden && refresh(u) },
		},
		{
			"lost-handle-refresh", ios, workmanager, "the callback's handle is missing as a refresh starts",
			"the run ends at once and is never completed: it takes all of its time", apple + "WorkmanagerPlugin.swift handlePeriodicTask", refresh,
		},
		{
			"processing-result", ios, workmanager, "a run of processing or health research ends, or expires",
			"the system hears success whatever Dart returned; at expiration the callback is not told and the completion waits for it",
			apple + "WorkmanagerPlugin.swift handleBGProcessingTask, handleBGHealthResearchTask",
			func(u *Use) bool { return u.Layer.FalseSucceeds && long(u) },
		},
		{
			"processing-network", ios, workmanager, "needs: a network other than connected or metered",
			"no network is asked for at all", apple + "WorkmanagerPlugin.swift, requiresNetworkConnectivity",
			func(u *Use) bool {
				return u.Layer.ConnectedOnly && long(u) && u.Layer.Network(u.Needs.Network) != u.Needs.Network && u.Needs.Network != work.Metered
			},
		},
		{
			"processing-input", ios, workmanager, "processing with input",
			"inputData is null in the callback", apple + "WorkmanagerPlugin.swift",
			func(u *Use) bool { return u.Layer.InputDropped && processing(u) },
		},
		{
			"one-off-timer", ios, workmanager, "one-off work",
			"a timer in the process, inside a background task of about 30 s: suspended with the app, and ended twice if it expires", apple + "WorkmanagerPlugin.swift registerOneOffTask",
			func(u *Use) bool { return u.Layer.OneOffIsTimer && oneOff(u) },
		},
		{
			"task-name", ios, workmanager, "periodic and processing work",
			"the callback gets the unique name, not the task name that Android and one-off work give it: a switch over names falls through", apple + "BackgroundWorker.swift",
			func(u *Use) bool { return u.scheduled() },
		},
		{
			"scene-registration", ios, workmanager, "the app has a scene delegate (UIScene)",
			"launch handlers must be registered by hand in the AppDelegate, else every launch ends in a crash or nothing", apple + "README; transistorsoft/flutter_background_fetch#414",
			func(u *Use) bool { return u.scheduled() },
		},
		{
			"frequency", ios, workmanager, "every on a periodic task",
			"the frequency is not told to the system: the initial delay is the earliest begin, at each submit", apple + "WorkmanagerPlugin.swift schedulePeriodicTask",
			func(u *Use) bool { return u.Layer.FrequencyIgnored && refresh(u) && u.Every > 0 },
		},
		{
			"submits-again", ios, workmanager, "a refresh begins",
			"the layer submits the next one itself, whatever the app does", apple + "WorkmanagerPlugin.swift handlePeriodicTask",
			func(u *Use) bool { return u.Layer.SubmitsAgain && refresh(u) },
		},
		{
			"stop-hook", android, workmanager, "a run is stopped, or the Dart side does not answer at its start",
			"the worker stays RUNNING for ever, and holds its unique name (mended by #735, in versions after 0.10.6 of the Android part)", droid + "BackgroundWorker.kt; #735", row,
		},
		{
			"append-or-replace", android, workmanager, "one-off work with policy update or append",
			"both mean append-or-replace: a failed work before it is deleted", droid + "WorkManagerUtils.kt",
			func(u *Use) bool {
				return u.Layer.NoUpdate && row(u) && !u.Periodic && (u.Policy == work.Update || u.Policy == work.Append)
			},
		},
		{
			"half-backoff", android, workmanager, "backoff with a policy or a delay, but not both",
			"none of it is applied: 30 s, exponential", droid + "WorkManagerUtils.kt",
			func(u *Use) bool {
				return u.Layer.BackoffWhole && row(u) && u.Backoff != (work.Backoff{}) && (u.Backoff.Policy == "" || u.Backoff.Delay == 0)
			},
		},
		{
			"overlap", both, workmanager, "two tasks are due at a time",
			"they run beside each other, each in an engine of its own: files and databases are shared, memory is not", "fluttercommunity/flutter_workmanager#456",
			func(u *Use) bool { return u.Others > 0 && (row(u) || u.scheduled()) },
		},
		{
			"handle-after-update", android,
			[]string{"workmanager", "firebase"},
			"the app was updated and not opened since",
			"the callback's handle belongs to the old build: the run fails, which only a debug handler sees", dart + "initialize; " + flutterFCM + "onBackgroundMessage",
			func(u *Use) bool { return u.Layer.HandleLost },
		},
		{
			"marker-file", both, workmanager, "each run",
			"a leftover debug line writes a marker file into the folder for temporary files", dart + "workmanager_impl.dart executeTask", always,
		},
		{
			"no-identifier-needed", ios, workmanager, "a periodic task whose identifier is not in the plist, as the quick start says it may be",
			"a BGAppRefreshTaskRequest is always submitted, and refused", apple + "README, quick start option A", refresh,
		},
		{
			"engine-per-run", both, workmanager, "each run",
			"an engine is booted, with empty globals and no plugins but those that are registered; no run history; the attempt number does not reach Dart; " +
				"the official sample reports success for names it does not know", dart + "README, example", always,
		},
		{
			"false-and-throw", android, workmanager, "a run does not succeed",
			"false is retried (30 s, doubling, at most 5 h), an exception is final, and null is a retry", droid + "BackgroundWorker.kt",
			func(u *Use) bool { return u.Layer.FalseRetries && row(u) },
		},
		{
			"delay-ignored", android,
			[]string{"workmanager@0.9"},
			"periodic work with a delay and no flex",
			"the first run is at once (mended in workmanager_android 0.9.1+1)", droid + "CHANGELOG",
			func(u *Use) bool { return u.Layer.DelayIgnored && row(u) && u.Periodic && u.Delay > 0 },
		},
		{
			"desktop-constraints", desktop, workmanager, "any task",
			"Linux ignores constraints, backoff, the policy replace, and tags; macOS ignores constraints, and work dies with the app", "fluttercommunity/flutter_workmanager, workmanager_linux, workmanager_apple", always,
		},
	}
}

func hiddenByMessaging() []Hidden {
	push := func(u *Use) bool { return u.Kind == work.KindPush }
	return []Hidden{
		{
			"one-at-a-time", android, messaging, "a message comes while the handler of another still runs",
			"it waits, with no time limit: a handler that hangs blocks all later ones", flutterFCM + "FlutterFirebaseMessagingBackgroundService.java",
			func(u *Use) bool { return u.Layer.OneAtATime && push(u) },
		},
		{
			"engine-start", android, messaging, "messages come while the engine starts",
			"they run later, outside the service's job, which may end before they do", flutterFCM + "FlutterFirebaseMessagingBackgroundService.java onInitialized", push,
		},
		{
			"first-handler", android, messaging, "onBackgroundMessage is called twice",
			"the first handler of the isolate stays", flutterFCM + "method_channel_messaging.dart", push,
		},
		{
			"handler-errors", android, messaging, "the handler throws",
			"the error is printed; the message counts as handled and does not come again", flutterFCM + "method_channel_messaging.dart", push,
		},
		{
			"own-isolate", ios, messaging, "a silent push comes",
			"the handler runs in the app's own isolate, not in one of its own as on Android; the last one that was registered stays", flutterFCM + "FLTFirebaseMessagingPlugin.m", push,
		},
		{
			"cut-off", ios, messaging, "the handler takes more than 25 s",
			"the push is reported as done with new data, whatever still runs", flutterFCM + "FLTFirebaseMessagingPlugin.m",
			func(u *Use) bool { return u.Layer.Cut > 0 && push(u) },
		},
		{
			"entry-point", both, messaging, "the handler is a closure, or lacks @pragma('vm:entry-point')",
			"a release build drops it: nothing runs", guideFCM, push,
		},
		{
			"swiped-away", both, messaging, "the user swipes the app away (iOS) or force-stops it (Android)",
			"no message reaches it until it is opened", guideFCM, push,
		},
	}
}

func hiddenByReminders() []Hidden {
	always := func(*Use) bool { return true }
	exact := func(u *Use) bool { return strings.HasPrefix(u.Mode, "exact") || u.Mode == "alarm-clock" }
	return []Hidden{
		{
			"exact-permission", android, reminders, "an exact mode, and the user has not given SCHEDULE_EXACT_ALARM",
			"zonedSchedule throws; if it is taken back later, repeating ones are not set again", flnp, exact,
		},
		{
			"own-receivers", android, reminders, "any scheduled notification",
			"since version 16 the manifest brings VIBRATE and POST_NOTIFICATIONS only: without the app's own receivers nothing fires, nor after a boot", flnp, always,
		},
		{
			"desugaring", android, reminders, "any scheduled notification",
			"without core library desugaring the build, or old phones, fail", flnp, always,
		},
		{
			"time-zone", both, reminders, "times of day",
			"the zone is UTC until the app sets its own: reminders are off by the difference", flnp, func(u *Use) bool { return u.Clock },
		},
		{
			"alarms-of-samsung", android, reminders, "about 500 ahead",
			"on Samsung's phones an error is thrown at about 500", flnp, func(u *Use) bool { return u.Count >= 500 },
		},
		{
			"last-64", ios, reminders, "more than 64 ahead",
			"64 are kept: the README says the last that were set, Apple the soonest; one user saw none fire at 65", flnp + "; MaikuB/flutter_local_notifications#2312",
			func(u *Use) bool { return u.Count > 64 },
		},
		{
			"background-response", both, reminders, "the user touches the notification",
			"the background callback is for its actions only, not for the notification itself", flnp, always,
		},
	}
}
