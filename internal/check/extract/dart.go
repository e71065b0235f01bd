package extract

import (
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
)

// dart reads the tasks that Dart code asks plugins for.
func (x *reader) dart() {
	p := x.project.Dart
	m := newMoments(p)
	uses := func(plugin string) bool { _, ok := x.project.Plugins[plugin]; return ok }
	if uses("workmanager") {
		x.plan.Via = x.workmanagerLayer()
		x.workmanager(p, m)
	}
	if uses("firebase_messaging") {
		x.messaging(p)
	}
	if uses("flutter_local_notifications") {
		x.notifications(p, m)
	}
	if uses("background_fetch") {
		x.backgroundFetch(p, m)
	}
	if uses("flutter_background_service") {
		x.backgroundService(p, m)
	}
	if uses("android_alarm_manager_plus") {
		x.alarms(p, m)
	}
}

// via is the layer of a task, where it is another than the plan's.
func (x *reader) via(layer string) Setting {
	if layer == x.plan.Via || layer == native && x.plan.Via == "" {
		return Setting{}
	}
	return set("via", layer)
}

// messaging reads the handler of pushes.
func (x *reader) messaging(p *code.Program) {
	for _, c := range p.Calls("onBackgroundMessage") {
		s := site{p, c}
		arg := c.Node.Positional(0)
		if arg == nil {
			continue
		}
		name := "push"
		if t := p.Target(c.In, c.Unit, arg); t.Decl != nil {
			name = strings.TrimLeft(t.Decl.Name, "_")
		}
		t := x.task(name, "push", s.place(nil))
		put(&t.Common, arrival(s, Setting{}))
		if x.project.IOS != nil && s.runs("ios") {
			put(&t.IOS, set("as", "push"), set("priority", "5"), x.via(firebase))
		}
		if x.project.Android != nil && s.runs("android") {
			put(&t.Android, set("as", "push"), Setting{Key: "priority", Value: "normal", Open: "it is for the sender to say; normal stands here for it", At: s.place(nil)}, x.via(firebase))
		}
	}
}

// modes are the words of flutter_local_notifications for how exact an alarm is.
var modes = map[string]string{
	"exact": "exact", "exactAllowWhileIdle": "exact-idle", "inexact": "inexact", "inexactAllowWhileIdle": "inexact-idle", "alarmClock": "alarm-clock",
}

// repeats are the calendar rules of its repetitions, at an hour that the files do not say.
var repeats = map[string]string{
	"time": "0 9 * * *", "dayOfWeekAndTime": "0 9 * * 1", "dayOfMonthAndTime": "0 9 1 * *", "dateAndTime": "0 9 1 1 *",
}

var intervals = map[string]string{"everyMinute": "1m", "hourly": "1h", "daily": "1d", "weekly": "7d"}

// notifications reads what flutter_local_notifications schedules.
func (x *reader) notifications(p *code.Program, m *moments) {
	for _, name := range []string{"zonedSchedule", "periodicallyShow", "periodicallyShowWithDuration"} {
		for _, c := range p.Calls(name) {
			s := site{p, c}
			if c.In != nil && c.In.Decl != nil && c.In.Decl.Name == name {
				continue // a wrapper of the same name: its callers are read
			}
			t := x.task(where(s), name, s.place(nil))
			switch name {
			case "zonedSchedule":
				x.zoned(s, t)
			case "periodicallyShow":
				every := intervals[s.enum(s.interval())]
				if every == "" {
					put(&t.Common, Setting{Key: "every", Value: "1d", Open: "its interval is not a constant; 1d stands here for it", At: s.place(nil)})
				}
				put(&t.Common, set("every", every))
			default:
				put(&t.Common, s.duration("every", s.interval(), 1, "1d", "1d"))
			}
			put(&t.Common, m.submit(s, Setting{}))
			again := name != "zonedSchedule" || c.Node.Arg("matchDateTimeComponents") != nil
			if x.project.IOS != nil && s.runs("ios") {
				put(&t.IOS, set("as", "notification"), x.via(native))
				if again {
					put(&t.IOS, set("repeats", "true"))
				}
			}
			if x.project.Android != nil && s.runs("android") {
				put(&t.Android, set("as", "notification"), set("mode", modes[s.enum(c.Node.Arg("androidScheduleMode"))]), set("reboot", x.rearmed()), x.via(native))
			}
		}
	}
}

// where names a task that has no name of its own by the function that asks for it.
func where(s site) string {
	for f := s.In; f != nil; f = f.Outer {
		if f.Decl != nil && f.Decl.Name != "" {
			return strings.TrimLeft(f.Decl.Name, "_")
		}
	}
	base, _, _ := strings.Cut(s.Unit.Path[strings.LastIndexByte(s.Unit.Path, '/')+1:], ".")
	return base
}

// interval is the argument that tells how often, by name since version 20.
func (s site) interval() *island.Node {
	for _, label := range []string{"repeatInterval", "repeatDurationInterval"} {
		if n := s.Node.Arg(label); n != nil {
			return n
		}
	}
	return s.Node.Positional(3)
}

func (x *reader) zoned(s site, t *Task) {
	match := s.Node.Arg("matchDateTimeComponents")
	if cron := repeats[s.enum(match)]; cron != "" {
		put(&t.Common, group("at", Setting{Key: "cron", Value: `"` + cron + `"`, Open: "the hour is decided while the app runs; 9:00 stands here for it", At: s.place(nil)}, set("zone", "device")))
		return
	}
	put(&t.Common, group("at", Setting{Key: "cron", Value: `"0 9 * * *"`, Open: "the time is decided while the app runs; 9:00 each day stands here for it", At: s.place(nil)}, set("zone", "device")))
}

// rearmed tells whether alarms are set again after a reboot: a receiver of the plugin does it.
func (x *reader) rearmed() string {
	if x.project.Android != nil {
		for _, m := range x.project.Android.Modules {
			if m.Merged == nil {
				continue
			}
			if _, ok := m.Merged.Component("receiver", "com.dexterous.flutterlocalnotifications.ScheduledNotificationBootReceiver"); ok {
				return "rearm"
			}
		}
	}
	return "lost"
}

// fetchID is the identifier of background_fetch's own task (transistorsoft/flutter_background_fetch).
const fetchID = "com.transistorsoft.fetch"

const (
	minute      = 60 * second
	second      = 1_000_000
	millisecond = 1_000
)

// backgroundFetch reads what background_fetch is asked for.
func (x *reader) backgroundFetch(p *code.Program, m *moments) {
	for _, c := range p.Calls("BackgroundFetchConfig") {
		s := site{p, c}
		t := x.task("fetch", "fetch", s.place(nil))
		put(&t.Common, s.duration("every", c.Node.Arg("minimumFetchInterval"), minute, "15m", "15m"), group("needs", fetchNeeds(s)...), m.submit(s, Setting{}))
		if x.project.IOS != nil && s.runs("ios") {
			put(&t.IOS, set("as", "refresh"), set("id", fetchID), set("resubmit", "first"), x.via(native))
		}
		if x.project.Android != nil && s.runs("android") {
			put(&t.Android, set("as", "periodic"), x.via(native))
		}
	}
	for _, c := range p.Calls("TaskConfig") {
		s := site{p, c}
		arg := c.Node.Arg("taskId")
		if arg == nil {
			continue
		}
		name, open := s.name(arg, "fetch")
		t := x.task(name, "fetch task", s.place(nil))
		put(&t.Common, open)
		again := s.yes(c.Node.Arg("periodic"))
		if again {
			put(&t.Common, s.duration("every", c.Node.Arg("delay"), millisecond, "15m", "15m"))
		} else {
			put(&t.Common, s.duration("delay", c.Node.Arg("delay"), millisecond, "", ""))
		}
		put(&t.Common, group("needs", fetchNeeds(s)...), m.submit(s, Setting{}))
		if x.project.IOS != nil && s.runs("ios") {
			put(&t.IOS, set("as", "processing"), identifier(name, s.place(arg)), set("power", "true"), x.via(native))
		}
		if x.project.Android != nil && s.runs("android") {
			as := "one-off"
			if again {
				as = "periodic"
			}
			put(&t.Android, set("as", as), x.via(native))
		}
	}
}

func fetchNeeds(s site) []Setting {
	n := s.Node
	var out []Setting
	switch kind := strings.ToLower(s.enum(n.Arg("requiredNetworkType"))); {
	case network(kind) != "":
		out = append(out, set("network", network(kind)))
	case kind == "any" || kind == "cellular" || s.yes(n.Arg("requiresNetworkConnectivity")):
		out = append(out, set("network", "connected"))
	}
	for _, b := range []struct{ arg, key, value string }{
		{"requiresCharging", "charging", "true"},
		{"requiresDeviceIdle", "idle", "true"},
		{"requiresBatteryNotLow", "battery", "not-low"},
		{"requiresStorageNotLow", "storage", "not-low"},
	} {
		if s.yes(n.Arg(b.arg)) {
			out = append(out, set(b.key, b.value))
		}
	}
	return out
}

// backgroundService reads flutter_background_service: a foreground service on Android, a
// refresh task on iOS.
func (x *reader) backgroundService(p *code.Program, m *moments) {
	for _, c := range p.Calls("AndroidConfiguration") {
		if c.Node.Arg("onStart") == nil || x.project.Android == nil {
			continue
		}
		s := site{p, c}
		t := x.task("background-service", "service", s.place(nil))
		put(&t.Common, m.submit(s, Setting{}))
		types := x.serviceTypes("id.flutter.flutter_background_service.BackgroundService")
		if arg := c.Node.Arg("foregroundServiceTypes"); arg != nil {
			types = s.source(arg)
		}
		kind := "other"
		switch {
		case strings.Contains(types, "dataSync"):
			kind = "data-sync"
		case strings.Contains(types, "mediaProcessing"):
			kind = "media-processing"
		}
		put(&t.Android, set("as", "service"), set("service", kind), x.via(native))
	}
	for _, c := range p.Calls("IosConfiguration") {
		if c.Node.Arg("onBackground") == nil || x.project.IOS == nil {
			continue
		}
		s := site{p, c}
		t := x.task("background-service-fetch", "service fetch", s.place(nil))
		put(&t.Common, set("every", "15m"), m.submit(s, Setting{}))
		put(&t.IOS, set("as", "refresh"), set("id", "dev.flutter.background.refresh"), set("resubmit", "first"), x.via(native))
	}
}

// serviceTypes are the types that the manifest gives a service.
func (x *reader) serviceTypes(class string) string {
	for _, mod := range x.project.Android.Modules {
		if !mod.App || mod.Merged == nil {
			continue
		}
		for _, c := range mod.Merged.Components("service") {
			if c.Class == class {
				return strings.Join(c.Types, "|")
			}
		}
	}
	return ""
}

// alarms reads android_alarm_manager_plus.
func (x *reader) alarms(p *code.Program, m *moments) {
	if x.project.Android == nil {
		return
	}
	for _, name := range []string{"periodic", "oneShot", "oneShotAt"} {
		for _, c := range p.Calls(name) {
			if f := c.Node.Kids[0]; f.Kind != island.Member || len(f.Kids) == 0 || f.Kids[0].Name != "AndroidAlarmManager" {
				continue
			}
			s := site{p, c}
			handler := p.Target(c.In, c.Unit, c.Node.Positional(2))
			task := "alarm"
			if handler.Decl != nil {
				task = strings.TrimLeft(handler.Decl.Name, "_")
			}
			t := x.task(task, "alarm", s.place(nil))
			if name == "periodic" {
				put(&t.Common, s.duration("every", c.Node.Positional(0), 1, "1d", "1d"))
			} else {
				put(&t.Common, Setting{Key: "every", Value: "1d", Open: "its time is decided while the app runs; once a day stands here for it", At: s.place(nil)})
			}
			mode := "inexact"
			switch {
			case s.yes(c.Node.Arg("alarmClock")):
				mode = "alarm-clock"
			case s.yes(c.Node.Arg("exact")) && s.yes(c.Node.Arg("allowWhileIdle")):
				mode = "exact-idle"
			case s.yes(c.Node.Arg("exact")):
				mode = "exact"
			case s.yes(c.Node.Arg("allowWhileIdle")):
				mode = "inexact-idle"
			}
			reboot := "lost"
			if s.yes(c.Node.Arg("rescheduleOnReboot")) {
				reboot = "rearm"
			}
			put(&t.Common, m.submit(s, Setting{}))
			put(&t.Android, set("as", "alarm"), set("mode", mode), set("reboot", reboot), x.via(native))
		}
	}
}
