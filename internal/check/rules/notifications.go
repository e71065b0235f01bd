package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/gradle"
	"github.com/lullwork/lull/internal/check/plugins"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/pub"
)

const (
	localNotifications = "flutter_local_notifications"
	alarmManager       = "android_alarm_manager_plus"
	notificationsRepo  = "https://github.com/MaikuB/flutter_local_notifications"
	androidDocs        = "https://developer.android.com/"
)

func notificationRules() []*Rule {
	return []*Rule{
		{
			Name: "notification-receivers-missing", IDs: []string{"N01"}, Group: Notifications, Certainty: finding.Error, Platforms: []string{OnAndroid},
			Title: "notifications are scheduled, but their receivers are not in the manifest",
			Detail: "A scheduled notification is an alarm that Android sends to a receiver of the plugin. Since version 16 flutter_local_notifications does not bring its receivers along: the app declares them. " +
				"The same goes for the service and the receivers of android_alarm_manager_plus. Without the boot receiver all alarms are lost when the phone restarts.",
			Seen:     "the alarm goes off and nobody hears it: no notification, no error",
			Fix:      "Declare the receivers in AndroidManifest.xml, inside of application",
			Versions: []string{"flutter_local_notifications >=16.0.0", "android_alarm_manager_plus"},
			Source:   []string{notificationsRepo + "/issues/116", "MaikuB/flutter_local_notifications README (AndroidManifest.xml setup)", "fluttercommunity/plus_plugins android_alarm_manager_plus README"},
			Example: Example{
				Lang: "xml",
				Bad:  "<application/>\n<!-- Dart: plugin.zonedSchedule(...) -->\n",
				Good: "<application>\n  <receiver android:name=\"com.dexterous.flutterlocalnotifications.ScheduledNotificationReceiver\" android:exported=\"false\"/>\n</application>\n",
			},
			Check: checkReceivers,
		},
		{
			Name: "boot-permission-missing", IDs: []string{"N02"}, Group: Notifications, Certainty: finding.Error, Platforms: []string{OnAndroid},
			Title:  "a receiver waits for the start of the phone, and is never told",
			Detail: "Alarms do not survive a restart. A receiver that sets them again is called only if it has the action BOOT_COMPLETED in an intent filter, and if the app holds the permission RECEIVE_BOOT_COMPLETED.",
			Seen:   "after a restart of the phone nothing is scheduled any more, until the app is opened",
			Fix:    "Declare RECEIVE_BOOT_COMPLETED, and the action BOOT_COMPLETED on the receiver",
			Source: []string{notificationsRepo + "/issues/671", notificationsRepo + "/issues/1436", androidDocs + "develop/background-work/services/alarms#boot"},
			Example: Example{
				Lang: "xml",
				Bad:  "<application>\n  <receiver android:name=\".BootReceiver\" android:exported=\"true\">\n    <intent-filter><action android:name=\"android.intent.action.BOOT_COMPLETED\"/></intent-filter>\n  </receiver>\n</application>\n",
				Good: "<uses-permission android:name=\"android.permission.RECEIVE_BOOT_COMPLETED\"/>\n<application>\n  <receiver android:name=\".BootReceiver\" android:exported=\"true\">\n    <intent-filter><action android:name=\"android.intent.action.BOOT_COMPLETED\"/></intent-filter>\n  </receiver>\n</application>\n",
			},
			Check: checkBoot,
		},
		{
			Name: "exact-alarm-permission", IDs: []string{"N03", "N04"}, Group: Notifications, Certainty: finding.Error, Platforms: []string{OnAndroid},
			Title: "exact alarms without the permission for them",
			Detail: "From Android 12 on an exact alarm needs SCHEDULE_EXACT_ALARM or USE_EXACT_ALARM in the manifest. From Android 14 on the first one is denied until the user grants it, so that the app has to ask. " +
				"USE_EXACT_ALARM is granted at once, but stores accept it of clocks and calendars only.",
			Seen:   "zonedSchedule throws exact_alarms_not_permitted; alarms that repeat are not set again",
			Fix:    "Declare the permission and ask for it, or use an inexact mode",
			Source: []string{notificationsRepo + "/issues/2141", "MaikuB/flutter_local_notifications FlutterLocalNotificationsPlugin.java", androidDocs + "about/versions/14/changes/schedule-exact-alarms"},
			Lint:   "saropa_lints: require_android_exact_alarm_permission; Android lint: ScheduleExactAlarm (Kotlin and Java only)",
			Example: Example{
				Lang: "xml",
				Bad:  "<manifest/>\n<!-- Dart: androidScheduleMode: AndroidScheduleMode.exactAllowWhileIdle -->\n",
				Good: "<manifest>\n  <uses-permission android:name=\"android.permission.SCHEDULE_EXACT_ALARM\"/>\n</manifest>\n<!-- Dart: await android.requestExactAlarmsPermission() first -->\n",
			},
			Check: checkExactAlarms,
		},
		{
			Name: "notification-action-receiver", IDs: []string{"N08"}, Group: Notifications, Certainty: finding.Error, Platforms: []string{OnAndroid},
			Title:  "notifications have actions, but the receiver for them is not in the manifest",
			Detail: "A tap on an action that does not open the app is sent to ActionBroadcastReceiver of flutter_local_notifications, which the app declares in its manifest.",
			Seen:   "a tap on the action does nothing",
			Fix:    "Declare com.dexterous.flutterlocalnotifications.ActionBroadcastReceiver in AndroidManifest.xml",
			Source: []string{"MaikuB/flutter_local_notifications README (AndroidManifest.xml setup)"},
			Example: Example{
				Lang: "xml",
				Bad:  "<application/>\n<!-- Dart: AndroidNotificationAction('done', 'Done') -->\n",
				Good: "<application>\n  <receiver android:name=\"com.dexterous.flutterlocalnotifications.ActionBroadcastReceiver\" android:exported=\"false\"/>\n</application>\n",
			},
			Check: checkActionReceiver,
		},
		{
			Name: "notification-permission", IDs: []string{"N10"}, Group: Notifications, Certainty: finding.Warning, Platforms: []string{OnAndroid},
			Title: "the app shows notifications and never asks for the permission",
			Detail: "From Android 13 on an app that is installed anew may show no notification until the user has allowed it. Plugins bring POST_NOTIFICATIONS in their manifests; the question at run time is the app's. " +
				"A notification of a foreground service is hidden as well.",
			Seen:   "no notification appears on Android 13 and later, and nothing fails",
			Fix:    "Ask while the app is open, for instance with requestNotificationsPermission()",
			Source: []string{androidDocs + "develop/ui/views/notifications/notification-permission"},
			Lint:   "saropa_lints: require_notification_permission_android13; Android lint: NotificationPermission (Kotlin and Java only)",
			Example: Example{
				Lang: "dart",
				Bad:  "await plugin.initialize(settings);\nawait plugin.show(1, 'News', 'Read it', details);\n",
				Good: "await plugin.initialize(settings);\nawait android?.requestNotificationsPermission();\nawait plugin.show(1, 'News', 'Read it', details);\n",
			},
			Check: checkNotificationPermission,
		},
	}
}

// androidCalls are the calls of a plugin that may run on Android.
func (p *Pass) androidCalls(plugin, on string, names ...string) []code.Call {
	var calls []code.Call
	for _, name := range names {
		for _, c := range p.pluginCalls(plugin, on, name) {
			if p.mayRunOn(OnAndroid, c) {
				calls = append(calls, c)
			}
		}
	}
	return calls
}

// absent are the rows of the table which the app uses and does not declare, with the call
// that uses each.
func (p *Pass) absent(m *project.Module, want func(*plugins.Component) bool) (rows []plugins.Component, by []code.Call) {
	for _, row := range plugins.Components() {
		if !want(&row) || p.version(row.Plugin, row.Versions) != pub.Yes {
			continue
		}
		on := ""
		if row.Plugin == alarmManager {
			on = "AndroidAlarmManager"
		}
		calls := p.androidCalls(row.Plugin, on, row.Calls...)
		if len(calls) == 0 {
			continue
		}
		if _, ok := m.Merged.Component(row.Kind, row.Class); !ok {
			rows, by = append(rows, row), append(by, calls[0])
		}
	}
	return rows, by
}

func checkReceivers(p *Pass) {
	for _, m := range p.androidApps() {
		for _, plugin := range []string{localNotifications, alarmManager} {
			rows, by := p.absent(m, func(c *plugins.Component) bool {
				return c.Plugin == plugin && (plugin == alarmManager || slices.Equal(c.Calls, plugins.ScheduleCalls()))
			})
			if plugin == alarmManager { // the boot receiver matters if alarms are set again
				rows = slices.DeleteFunc(rows, func(c plugins.Component) bool { return c.Boot && !p.reschedules() })
			}
			if len(rows) == 0 {
				continue
			}
			var names, elements []string
			for _, row := range rows {
				names = append(names, shortClass(row.Class))
				elements = append(elements, componentXML(row.Kind, row.Class, row.Boot))
			}
			f := p.Report(finding.Whole(m.Manifest.Path), "%s is used, but %s %s not declared", by[0].Node.Kids[0].Name, list(names), are(len(names)))
			f.Subject = strings.Join(names, " ")
			f.Related = []finding.Related{{Place: p.Call(by[0].Unit, by[0].Node), Text: "it is used here"}}
			if len(rows) == 1 && rows[0].Boot {
				f.Seen = "after a restart of the phone the notifications do not come any more, until the app schedules them again"
			}
			if plugin == localNotifications {
				f.Edits = p.addToApplication(m, elements...)
			}
		}
	}
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// reschedules tells whether an alarm of android_alarm_manager_plus is to survive a restart.
func (p *Pass) reschedules() bool {
	for _, c := range p.androidCalls(alarmManager, "AndroidAlarmManager", "oneShot", "oneShotAt", "periodic") {
		if arg := c.Node.Arg("rescheduleOnReboot"); arg != nil && arg.Name != "false" {
			return true
		}
	}
	return false
}

func checkActionReceiver(p *Pass) {
	for _, m := range p.androidApps() {
		rows, by := p.absent(m, func(c *plugins.Component) bool { return shortClass(c.Class) == "ActionBroadcastReceiver" })
		for i, row := range rows {
			silent := slices.ContainsFunc(p.androidCalls(localNotifications, "", "AndroidNotificationAction"), func(c code.Call) bool {
				shows := c.Node.Arg("showsUserInterface") // such a tap opens the app without the receiver
				return shows == nil || shows.Name != "true"
			})
			if !silent {
				continue
			}
			f := p.Report(finding.Whole(m.Manifest.Path), "AndroidNotificationAction is used, but ActionBroadcastReceiver is not declared")
			f.Subject = row.Class
			f.Related = []finding.Related{{Place: p.Call(by[i].Unit, by[i].Node), Text: "an action is made here"}}
			f.Edits = p.addToApplication(m, componentXML(row.Kind, row.Class, false))
		}
	}
}

// libraryMayBoot tells whether a library of a native app may want to know of the start of the phone:
// by its name, or because its build has several parts, and may add libraries elsewhere.
func libraryMayBoot(a *project.Android) bool {
	return len(a.Modules) > 1 || slices.ContainsFunc(a.Modules, func(m *project.Module) bool {
		return slices.ContainsFunc(m.Gradle.Dependencies, func(d gradle.Dependency) bool {
			return slices.ContainsFunc([]string{"ads", "alarm", "background", "boot", "glance", "location", "notif", "push", "signal", "track", "work"}, func(word string) bool {
				return strings.Contains(d.Group+":"+d.Name, word)
			})
		})
	})
}

func checkBoot(p *Pass) {
	for _, m := range p.androidApps() {
		var waiting string
		at := finding.Whole(m.Manifest.Path)
		for _, c := range m.Merged.Components("receiver") {
			if c.From != "" {
				continue // its manifest has the permission too
			}
			switch {
			case boots(c):
				if waiting == "" {
					waiting, at = shortClass(c.Class), placeIn(m, c.Element)
				}
			case shortClass(c.Class) == "ScheduledNotificationBootReceiver" || shortClass(c.Class) == "RebootBroadcastReceiver":
				f := p.Report(placeIn(m, c.Element), "%s has no intent filter with the action BOOT_COMPLETED", shortClass(c.Class))
				f.Subject = c.Class
			}
		}
		if _, ok := m.Merged.Permission("RECEIVE_BOOT_COMPLETED"); ok || waiting == "" {
			continue
		}
		f := p.Report(at, "%s waits for BOOT_COMPLETED, but the app does not declare RECEIVE_BOOT_COMPLETED", waiting)
		f.Subject = waiting
		f.Edits = p.addPermissions(m, "android.permission.RECEIVE_BOOT_COMPLETED")
		if p.mayBring("boot", "alarm", "background", "service", "work", "fetch", "notification", "load", "push", "location", "audio", "call") || !p.Project.Flutter && libraryMayBoot(p.Project.Android) {
			f.Certainty = finding.Warning // a plugin or a library may bring it
		}
	}
}
