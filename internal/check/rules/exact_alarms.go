package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
)

// exactUses are the places in Dart that ask for exact alarms.
func (p *Pass) exactUses() []finding.Place {
	var at []finding.Place
	for _, mode := range []string{"exact", "exactAllowWhileIdle", "alarmClock"} {
		for _, u := range p.mentions(localNotifications, mode) {
			of := u.Node.Kind == island.Member && len(u.Node.Kids) > 0 && lastName(u.Node.Kids[0]) == "AndroidScheduleMode"
			if of && p.mayRunOn(OnAndroid, code.Call{Unit: u.Unit, Node: u.Node, In: u.In}) {
				at = append(at, p.Node(u.Unit, u.Node))
			}
		}
	}
	for _, c := range p.androidCalls(alarmManager, "AndroidAlarmManager", "oneShot", "oneShotAt", "periodic") {
		for _, label := range []string{"exact", "alarmClock"} {
			if arg := c.Node.Arg(label); arg != nil && arg.Kind == island.Bool && arg.Name == "true" {
				at = append(at, p.Arg(c.Unit, c.Node, label))
			}
		}
	}
	return at
}

// asked tells whether any of these names is called or mentioned in Dart outside of tests,
// or in native code of Android.
func (p *Pass) asked(names ...string) bool {
	for _, name := range names {
		if dart := p.Project.Dart; dart != nil {
			for _, u := range dart.Mentions(name) {
				if !inTests(u.Unit) {
					return true
				}
			}
		}
		if p.askedNatively(name) {
			return true
		}
	}
	return false
}

// askedNatively tells whether a name is in the Kotlin or Java of an Android app.
func (p *Pass) askedNatively(name string) bool {
	return slices.ContainsFunc(p.androidApps(), func(m *project.Module) bool {
		return m.Code != nil && len(m.Code.Mentions(name)) > 0
	})
}

// targets tells whether an app is for an API level or a newer one; sure is false where its
// target is not known.
func targets(m *project.Module, api int64) (is, sure bool) {
	if m.TargetSDK == 0 {
		return true, false
	}
	return int64(m.TargetSDK) >= api, true
}

// grants are the calls by which an app checks for exact alarms, or asks the user.
var grants = []string{
	"requestExactAlarmsPermission", "canScheduleExactNotifications", "scheduleExactAlarm", "canScheduleExactAlarms",
	"ACTION_REQUEST_SCHEDULE_EXACT_ALARM", "openAlarmsAndRemindersSettings", "openAlarmPermissionSettings",
}

func checkExactAlarms(p *Pass) {
	uses := p.exactUses()
	if len(uses) == 0 {
		return
	}
	for _, m := range p.androidApps() {
		is, sure := targets(m, androidLimit("target with a permission for exact alarms"))
		if !is {
			continue
		}
		use, needsUse := m.Merged.Permission("USE_EXACT_ALARM")
		schedule, needsSchedule := m.Merged.Permission("SCHEDULE_EXACT_ALARM")
		related := []finding.Related{{Place: uses[0], Text: "an exact alarm is asked for here"}}
		switch {
		case !needsUse && !needsSchedule:
			f := p.Report(finding.Whole(m.Manifest.Path), "alarms are exact, but the app declares neither SCHEDULE_EXACT_ALARM nor USE_EXACT_ALARM")
			f.Related = related
			if !sure || p.mayBring("alarm", "notification", "remind", "background") || p.asked("canScheduleExactNotifications") {
				f.Certainty = finding.Warning
			}
		case needsUse && use.MaxSDK == 0:
		case schedule.MaxSDK != 0:
			f := p.Report(placeIn(m, schedule.Element), "SCHEDULE_EXACT_ALARM ends with API level %d, and USE_EXACT_ALARM is not declared for later ones", schedule.MaxSDK)
			f.Related = related
		default:
			denied, _ := targets(m, androidLimit("alarm.exact.denied.target"))
			if !denied || p.asked(grants...) {
				continue
			}
			f := p.Report(placeIn(m, schedule.Element), "SCHEDULE_EXACT_ALARM is declared, but the app never asks the user for it")
			f.Certainty, f.Related = finding.Warning, related
			f.Fix = "Call requestExactAlarmsPermission() while the app is open, and fall back to an inexact mode if it is denied"
		}
	}
}

// shows are the calls that show notifications, by plugin.
var shows = []struct {
	plugin string
	calls  []string
}{
	{localNotifications, []string{"show", "zonedSchedule", "periodicallyShow", "periodicallyShowWithDuration", "schedule"}},
	{"awesome_notifications", []string{"createNotification"}},
	{"firebase_messaging", []string{"onBackgroundMessage"}},
	{"flutter_foreground_task", []string{"startService"}},
}

// permissionCalls are the calls that ask the user for notifications.
var permissionCalls = []string{
	"requestNotificationsPermission", "requestPermission", "requestPermissions", "requestPermissionToSendNotifications", "requestNotificationPermission",
	"requestNotificationPermissions", "promptForPushNotificationsWithUserResponse", "POST_NOTIFICATIONS",
}

func checkNotificationPermission(p *Pass) {
	var first code.Call
	for _, s := range shows {
		for _, c := range p.androidCalls(s.plugin, "", s.calls...) {
			if first.Unit == nil {
				first = c
			}
		}
	}
	if first.Unit == nil || p.asked(permissionCalls...) || p.asksPermissionHandler() {
		return
	}
	for _, m := range p.androidApps() {
		if is, _ := targets(m, androidLimit("API with a permission for notifications")); !is {
			continue
		}
		f := p.Report(finding.Whole(m.Manifest.Path), "the app shows notifications, and nothing asks the user for the permission")
		f.Related = []finding.Related{{Place: p.Call(first.Unit, first.Node), Text: "a notification is shown here"}}
	}
}

// asksPermissionHandler tells whether Permission.notification of permission_handler is used.
func (p *Pass) asksPermissionHandler() bool {
	for _, u := range p.mentions("permission_handler", "notification") {
		if u.Node.Kind == island.Member && len(u.Node.Kids) > 0 && strings.HasSuffix(lastName(u.Node.Kids[0]), "Permission") {
			return true
		}
	}
	return false
}
