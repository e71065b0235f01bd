package rules

import (
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plugins"
)

const fcmChannel = "firebase/flutterfire: method_channel_messaging.dart"

func pushHandlerRules() []*Rule {
	return []*Rule{
		{
			Name: "push-handler-twice", IDs: []string{"F03"}, Group: Push, Certainty: finding.Warning,
			Title:  "two background handlers for push messages",
			Detail: "There is one place for a handler. On Android the first one that is registered in an isolate stays, on iOS the last.",
			Seen:   "one of the two is never called, another one on each platform",
			Fix:    "Register one handler and let it decide by the message's data",
			Source: []string{fcmChannel},
			Example: Example{
				Lang: "dart",
				Bad:  "FirebaseMessaging.onBackgroundMessage(onChat);\nFirebaseMessaging.onBackgroundMessage(onNews);\n",
				Good: "FirebaseMessaging.onBackgroundMessage(onPush); // calls onChat or onNews\n",
			},
			Check: pushHandlerTwice,
		},
		{
			Name: "push-handler-long", IDs: []string{"F04"}, Group: Push, Certainty: finding.Warning,
			Title:  "long work in a push handler",
			Detail: "On Android one message is handled after the other, with no limit of time: a handler that hangs holds up all that come later. On iOS the plugin reports the message as done after 25 seconds, and the app is suspended.",
			Seen:   "later messages do nothing; on iOS the work is cut off",
			Fix:    "Hand long work to the scheduler and return",
			Source: []string{fcmGuide, "firebase/flutterfire: FlutterFirebaseMessagingBackgroundService.java, FLTFirebaseMessagingPlugin.m"},
			Example: Example{
				Lang: "dart",
				Bad:  "Future<void> onPush(RemoteMessage m) async {\n  await Future.delayed(Duration(minutes: 1));\n  await sync();\n}\n",
				Good: "Future<void> onPush(RemoteMessage m) async {\n  await Workmanager().registerOneOffTask('sync', 'sync', initialDelay: Duration(minutes: 1));\n}\n",
			},
			Check: pushHandlerLong,
		},
		{
			Name: "push-handler-writes-state", IDs: []string{"F06"}, Group: Push, Certainty: finding.Hint, Platforms: []string{OnIOS},
			Title:  "push handler that sets the app's variables",
			Detail: "On Android the handler runs in an isolate of its own, and what it sets is gone after it. On iOS it runs in the app's own engine, and what it sets stays.",
			Seen:   "variables change under the app on iOS, and do not on Android",
			Fix:    "Use local variables in the handler; write what has to stay to storage",
			Source: []string{fcmChannel},
			Example: Example{
				Lang: "dart",
				Bad:  "int unread = 0;\n\nFuture<void> onPush(RemoteMessage m) async {\n  unread++;\n}\n",
				Good: "Future<void> onPush(RemoteMessage m) async {\n  await storage.add('unread', 1);\n}\n",
			},
			Check: pushHandlerWritesState,
		},
		{
			Name: "push-handler-missing", IDs: []string{"F07"}, Group: Push, Certainty: finding.Hint,
			Title:  "messages are handled on the screen only",
			Detail: "onMessage gets what arrives while the app is in front. Data messages that arrive in the background go to the handler of onBackgroundMessage; without one they are dropped. Notification messages are shown by the system either way.",
			Seen:   "data messages have no effect while the app is in the background",
			Fix:    "Register a handler with `FirebaseMessaging.onBackgroundMessage` in main()",
			Source: []string{fcmGuide},
			Lint:   "saropa_lints: require_background_message_handler (one file)",
			Example: Example{
				Lang: "dart",
				Bad:  "FirebaseMessaging.onMessage.listen(handle);\n",
				Good: "FirebaseMessaging.onMessage.listen(handle);\nFirebaseMessaging.onBackgroundMessage(onPush);\n",
			},
			Check: pushHandlerMissing,
		},
	}
}

// pushed are the handlers of push messages.
func (p *Pass) pushed() []*entry {
	var out []*entry
	for _, e := range p.working() {
		if e.Job == plugins.OnPush {
			out = append(out, e)
		}
	}
	return out
}

func pushHandlerTwice(p *Pass) {
	list := p.pushed()
	if len(list) < 2 || list[0].Work == list[1].Work {
		return
	}
	// Two apps in one package, as by flavour, have a main function each.
	if len(p.mains()) > 1 {
		return
	}
	f := p.Report(p.Call(list[1].Call.Unit, list[1].Call.Node), "%s is registered besides %s, but one handler is kept", list[1].name(), list[0].name())
	f.Subject = list[1].name()
	p.related(f, list[0].Call.Unit, list[0].Call.Node.Kids[0], "the other one")
}

func pushHandlerLong(p *Pass) {
	for _, e := range p.pushed() {
		if p.waits(e, pushCut(), "a push on iOS") {
			continue
		}
		if in, loop := p.endless(e); loop != nil {
			f := p.Report(p.Span(in.File, island.Span{Start: loop.Start, End: loop.Start + len("while")}), "%s does not end this loop: no later message is handled", e.name())
			f.Subject = e.name()
		}
	}
}

func pushHandlerWritesState(p *Pass) {
	if p.Project.IOS == nil || p.Project.Android == nil {
		return
	}
	for _, e := range p.pushed() {
		done := false
		for _, f := range p.chain(e) {
			f.Walk(func(n *island.Node) bool {
				if done || n.Kind != island.Assign && (n.Kind != island.Unary || n.Name != "++" && n.Name != "--") || len(n.Kids) == 0 || n.Name == "??=" {
					return !done
				}
				for _, d := range p.dart().Resolve(f, f.File, n.Kids[0]) {
					if d.Kind == island.Variable && (d.Parent == nil && d.File != nil && isTopLevel(d) || d.Has(island.Static)) {
						r := p.Report(p.Node(f.File, n.Kids[0]), "%s sets %s: for the app on iOS, for nobody on Android", e.name(), d.Name)
						r.Subject = d.Name
						done = true
						break
					}
				}
				return !done
			})
		}
	}
}

// isTopLevel tells whether a declaration is one of its file.
func isTopLevel(d *island.Decl) bool {
	for _, top := range d.File.Decls {
		if top == d {
			return true
		}
	}
	return false
}

func pushHandlerMissing(p *Pass) {
	if !p.uses("firebase_messaging") || len(p.dart().Calls("onBackgroundMessage")) > 0 {
		return
	}
	for _, use := range p.dart().Mentions("onMessage") {
		if inTests(use.Unit) || use.Node.Kind != island.Member || named(use.Node) != "FirebaseMessaging" && named(use.Node.Kids[0]) != "FirebaseMessaging" {
			continue
		}
		p.Report(p.Node(use.Unit, use.Node), "messages are handled in the foreground, but there is no onBackgroundMessage")
		return
	}
}

const flnReadme = "https://pub.dev/packages/flutter_local_notifications"

func reminderRules() []*Rule {
	return []*Rule{
		{
			Name: "timezone-not-set", IDs: []string{"N05"}, Group: Notifications, Certainty: finding.Error,
			Title:  "tz.local is used, but the location is never set",
			Detail: "The package timezone does not know where the device is. Until setLocalLocation is called, tz.local is UTC: a time that is made of hours and minutes there, or that repeats by them, is another one than the user means. An instant that is only carried over stays what it is.",
			Seen:   "notifications come hours too early or too late, by the distance to UTC",
			Fix:    "Ask the device for its zone, as by flutter_timezone, and call `tz.setLocalLocation(tz.getLocation(name))` at the start",
			Source: []string{flnReadme, "MaikuB/flutter_local_notifications#1152", "MaikuB/flutter_local_notifications#953"},
			Example: Example{
				Lang: "dart",
				Bad:  "tz.initializeTimeZones();\nplugin.zonedSchedule(1, t, b, tz.TZDateTime(tz.local, y, m, d, 8), details);\n",
				Good: "tz.initializeTimeZones();\ntz.setLocalLocation(tz.getLocation(await FlutterTimezone.getLocalTimezone()));\nplugin.zonedSchedule(1, t, b, tz.TZDateTime(tz.local, y, m, d, 8), details);\n",
			},
			Check: timezoneNotSet,
		},
		{
			Name: "too-many-notifications", IDs: []string{"N06"}, Group: Notifications, Certainty: finding.Warning, Platforms: []string{OnIOS},
			Title:  "more notifications ahead than iOS keeps",
			Detail: "iOS keeps 64 notifications ahead for an app and drops the others without an error.",
			Seen:   "the later ones never come",
			Fix:    "Schedule the next ones only, and more when the app or a background task runs",
			Source: []string{flnReadme, "MaikuB/flutter_local_notifications#2275", "MaikuB/flutter_local_notifications#200"},
			Example: Example{
				Lang: "dart",
				Bad:  "for (var i = 0; i < 365; i++) {\n  await plugin.zonedSchedule(i, t, b, day(i), details);\n}\n",
				Good: "for (var i = 0; i < 30; i++) {\n  await plugin.zonedSchedule(i, t, b, day(i), details);\n}\n",
			},
			Check: func(p *Pass) { p.tooMany(p.Project.IOS != nil, OnIOS, mostPending(), "iOS keeps") },
		},
		{
			Name: "too-many-alarms", IDs: []string{"N07"}, Group: Notifications, Certainty: finding.Warning, Platforms: []string{OnAndroid},
			Title:  "more alarms ahead than Android takes",
			Detail: "An app may have 500 alarms ahead; each scheduled notification is one. The next one throws. It was first seen on phones of Samsung.",
			Seen:   "the app crashes or scheduling throws at alarm 501",
			Fix:    "Schedule the next ones only, and more when the app or a background task runs",
			Source: []string{flnReadme, "AOSP: AlarmManagerService.java MAX_ALARMS_PER_UID"},
			Example: Example{
				Lang: "dart",
				Bad:  "for (var i = 0; i < 1000; i++) {\n  await plugin.zonedSchedule(i, t, b, day(i), details);\n}\n",
				Good: "for (var i = 0; i < 30; i++) {\n  await plugin.zonedSchedule(i, t, b, day(i), details);\n}\n",
			},
			Check: func(p *Pass) { p.tooMany(p.Project.Android != nil, OnAndroid, mostAlarms(), "Android takes") },
		},
		{
			Name: "background-response-for-tap", IDs: []string{"N09"}, Group: Notifications, Certainty: finding.Hint,
			Title:  "background handler for taps that never reach it",
			Detail: "onDidReceiveBackgroundNotificationResponse is called for actions of a notification that do not open the app. A tap on the notification opens the app and goes to onDidReceiveNotificationResponse, or to the launch details.",
			Seen:   "the handler is never called",
			Fix:    "Use `onDidReceiveNotificationResponse` and `getNotificationAppLaunchDetails`, or add actions",
			Source: []string{flnReadme, "MaikuB/flutter_local_notifications#2193", "MaikuB/flutter_local_notifications#2048"},
			Example: Example{
				Lang: "dart",
				Bad:  "plugin.initialize(settings, onDidReceiveBackgroundNotificationResponse: onTap); // no actions\n",
				Good: "plugin.initialize(settings, onDidReceiveNotificationResponse: onTap);\nfinal launch = await plugin.getNotificationAppLaunchDetails();\n",
			},
			Check: backgroundResponseForTap,
		},
	}
}

func timezoneNotSet(p *Pass) {
	if len(p.dart().Calls("setLocalLocation")) > 0 || len(p.dart().Calls("zonedSchedule")) == 0 {
		return
	}
	for _, use := range p.dart().Mentions("local") {
		if use.Node.Kind != island.Member || inTests(use.Unit) || len(use.Node.Kids) == 0 || !prefixOf(use.Unit, use.Node.Kids[0], "timezone") {
			continue
		}
		repeats := p.repeats(use)
		if !repeats && !p.byWallClock(use) {
			continue // an instant is the same in every zone
		}
		if p.asks(use.In, "timeZoneOffset") || p.asks(use.In, "toUtc") {
			continue // the parts are those of UTC
		}
		f := p.Report(p.Node(use.Unit, use.Node), "tz.local is UTC here: nothing calls setLocalLocation")
		f.Subject = "tz.local"
		if repeats {
			f.Certainty = finding.Warning
		}
		if !p.byWallClock(use) {
			f.Message = "the notification repeats by the clock of UTC: nothing calls setLocalLocation"
			f.Seen = "repeats come an hour early or late after the clocks are changed, and at another hour of the day in another zone"
		}
		return
	}
}

// byWallClock tells whether a time is made from its parts in tz.local.
func (p *Pass) byWallClock(use code.Use) bool {
	for _, c := range p.dart().Calls("TZDateTime") {
		if c.Node.Positional(0) == use.Node && c.Node.Positional(1) != nil {
			return true
		}
	}
	return false
}

// repeats tells whether a time is taken in a file that repeats notifications by its parts.
func (p *Pass) repeats(use code.Use) bool {
	for _, c := range p.dart().Calls("zonedSchedule") {
		if n := c.Node.Arg("matchDateTimeComponents"); n != nil && n.Kind != island.Null && c.Unit == use.Unit {
			return true
		}
	}
	return false
}

// tooMany reports notifications that are scheduled in loops with more rounds than a system
// takes.
func (p *Pass) tooMany(there bool, os string, most int64, who string) {
	if !there {
		return
	}
	for _, c := range p.dart().Calls("zonedSchedule") {
		if inTests(c.Unit) || c.In == nil || !p.dart().May(code.World{OS: os, Build: "release"}, c.Unit, c.Node) {
			continue
		}
		rounds := int64(1)
		for _, g := range p.dart().Guards(c.In, c.Node) {
			if g.Kind == code.InLoop {
				rounds *= max(1, p.rounds(c, g.Cond))
			}
		}
		if rounds > most {
			f := p.Report(p.Node(c.Unit, c.Node.Kids[0]), "%d notifications ahead: %s %d", rounds, who, most)
			f.Subject = "zonedSchedule"
		}
	}
}

// rounds is how often a loop runs, where it counts from one constant to another; else 0.
func (p *Pass) rounds(c code.Call, loop *island.Node) int64 {
	if loop.Kind != island.For || loop.Name == "in" {
		return 0
	}
	from, to, some := int64(0), int64(0), false
	for _, part := range loop.Kids[:len(loop.Kids)-1] {
		island.Walk(part, func(n *island.Node) bool {
			switch {
			case n.Kind == island.Local && n.Decl != nil && n.Decl.Init() != nil:
				if v := p.value(c, n.Decl.Init()); v.Exact && len(v.Ints()) == 1 {
					from = v.Ints()[0]
				}
			case n.Kind == island.Binary && (n.Name == "<" || n.Name == "<=") && len(n.Kids) == 2:
				if v := p.value(c, n.Kids[1]); v.Exact && len(v.Ints()) == 1 {
					to, some = v.Ints()[0], true
					if n.Name == "<=" {
						to++
					}
				}
			}
			return true
		})
	}
	if !some {
		return 0
	}
	return to - from
}

func backgroundResponseForTap(p *Pass) {
	for _, e := range p.working() {
		if e.Plugin != "flutter_local_notifications" {
			continue
		}
		for _, u := range p.dart().Units() {
			if len(u.Uses("AndroidNotificationAction"))+len(u.Uses("DarwinNotificationAction")) > 0 && !inTests(u) && !strings.HasSuffix(u.Path, ".g.dart") {
				return
			}
		}
		f := p.Report(p.Node(e.Call.Unit, e.Arg), "%s is for actions, but no notification has any", e.name())
		f.Subject = e.name()
		return
	}
}
