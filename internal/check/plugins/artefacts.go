// Package plugins is a table of what plugins need: which of their calls hand over an entry
// point, and what an app's own files must hold so that they work.
package plugins

// Kind is a kind of task of BGTaskScheduler.
type Kind string

// The kinds, by what they are called in messages.
const (
	Refresh    Kind = "refresh"
	Processing Kind = "processing"
	Health     Kind = "health research"
	Continued  Kind = "continued processing"
	Unknown    Kind = "" // of an identifier that is registered only
)

// Mode is the background mode that a kind of task needs in UIBackgroundModes.
func (k Kind) Mode() string {
	switch k {
	case Refresh:
		return "fetch"
	case Processing, Health:
		return "processing"
	}
	return ""
}

// Task is a call after which a plugin asks iOS for a task.
type Task struct {
	Plugin   string
	Versions string // "": every version
	Call     string // last name of the call in Dart
	On       string // what it is called on, where the name alone says too little
	With     string // argument without which it does not ask; "": it always does
	Arg      int    // positional argument that is the identifier, where Label and ID are ""
	Label    string // named argument that is the identifier
	ID       string // the identifier itself, where it is the plugin's own
	Own      string // property of the plugin's class in Swift that replaces ID
	Kind     Kind
	Lesser   bool // the plugin does its main work without it
	Source   string
}

// What is the call in words.
func (t Task) What() string {
	if t.On != "" {
		return t.On + "." + t.Call
	}
	return t.Call
}

// Tasks is the table of such calls.
func Tasks() []Task {
	const workmanager = "fluttercommunity/flutter_workmanager docs/quickstart.mdx; WorkmanagerPlugin.swift"
	return []Task{
		{Plugin: "workmanager", Call: "registerPeriodicTask", Kind: Refresh, Source: workmanager},
		{Plugin: "workmanager", Call: "registerProcessingTask", Kind: Processing, Source: workmanager},
		{Plugin: "workmanager", Call: "registerHealthResearchTask", Kind: Health, Source: workmanager},
		{Plugin: "workmanager", Call: "registerContinuedProcessingTask", Kind: Continued, Source: workmanager},
		{Plugin: "workmanager", Versions: "<0.6.0", Call: "registerOneOffTask", Kind: Processing, Source: "fluttercommunity/flutter_workmanager 0.5.1 SwiftWorkmanagerPlugin.swift"},
		{Plugin: "flutter_background_service", Call: "IosConfiguration", With: "onBackground", ID: "dev.flutter.background.refresh", Own: "taskIdentifier", Kind: Refresh, Source: "ekasetiawans/flutter_background_service README"},
		{Plugin: "background_fetch", Call: "configure", On: "BackgroundFetch", ID: "com.transistorsoft.fetch", Kind: Refresh, Source: "transistorsoft/flutter_background_fetch help/INSTALL-IOS.md"},
		{Plugin: "background_fetch", Call: "TaskConfig", Label: "taskId", Kind: Processing, Source: "transistorsoft/flutter_background_fetch help/INSTALL-IOS.md"},
		{Plugin: "flutter_background_geolocation", Call: "ready", On: "BackgroundGeolocation", ID: "com.transistorsoft.fetch", Kind: Refresh, Lesser: true, Source: "transistorsoft/flutter_background_geolocation help/INSTALL-IOS.md"},
		{Plugin: "flutter_foreground_task", Versions: ">=8.9.0", Call: "startService", On: "FlutterForegroundTask", With: "callback", ID: "com.pravera.flutter_foreground_task.refresh", Kind: Refresh, Lesser: true, Source: "Dev-hwang/flutter_foreground_task README"},
		{Plugin: "native_workmanager", Call: "enqueue", On: "NativeWorkManager", ID: "dev.brewkits.native_workmanager.task", Kind: Processing, Source: "brewkits/native_workmanager doc/IOS_SETUP_GUIDE.md"},
	}
}

// Mode is a call after which a plugin works in the background on iOS only if the app has a mode.
type Mode struct {
	Plugin string
	Call   string
	On     string // what it is called on, "" where the name alone says enough
	With   string // argument that has to be true for it, "" without
	Mode   string
	Source string
}

// Modes is the table of such calls.
func Modes() []Mode {
	const location, audio = "location", "audio"
	return []Mode{
		{"background_locator", "registerLocationUpdate", "BackgroundLocator", "", location, "https://pub.dev/packages/background_locator"},
		{"background_locator_2", "registerLocationUpdate", "BackgroundLocator", "", location, "https://pub.dev/packages/background_locator_2"},
		{"geolocator", "AppleSettings", "", "allowBackgroundLocationUpdates", location, "Baseflow/flutter-geolocator geolocator README"},
		{"flutter_background_geolocation", "ready", "BackgroundGeolocation", "", location, "transistorsoft/flutter_background_geolocation help/INSTALL-IOS.md"},
		{"just_audio_background", "init", "JustAudioBackground", "", audio, "https://pub.dev/packages/just_audio_background"},
		{"audio_service", "init", "AudioService", "", audio, "https://pub.dev/packages/audio_service"},
	}
}

// What is the call in words.
func (m Mode) What() string {
	switch {
	case m.With != "":
		return m.Call + "(" + m.With + ": true)"
	case m.On != "":
		return m.On + "." + m.Call
	}
	return m.Call
}

// Registrant is a class of a plugin which must be told how to register plugins in the
// engines that it starts on iOS.
type Registrant struct {
	Plugin  string
	Module  string   // to import in Swift
	Classes []string // the current name first
	Starts  string   // class in Dart whose initialize starts an engine that calls it without looking, "" without
	Source  string
}

// Registrants is the table of such classes.
func Registrants() []Registrant {
	return []Registrant{
		{"workmanager", "workmanager_apple", []string{"WorkmanagerPlugin", "SwiftWorkmanagerPlugin"}, "", "fluttercommunity/flutter_workmanager#174, #513, docs/quickstart.mdx"},
		{"flutter_foreground_task", "flutter_foreground_task", []string{"SwiftFlutterForegroundTaskPlugin", "FlutterForegroundTaskPlugin"}, "", "Dev-hwang/flutter_foreground_task README"},
		{"background_locator", "background_locator", []string{"BackgroundLocatorPlugin"}, "", "https://pub.dev/packages/background_locator"},
		{"background_locator_2", "background_locator_2", []string{"BackgroundLocatorPlugin"}, "", "https://pub.dev/packages/background_locator_2"},
		{"flutter_downloader", "flutter_downloader", []string{"FlutterDownloaderPlugin"}, "FlutterDownloader", "fluttercommunity/flutter_downloader FlutterDownloaderPlugin.m, README"},
		{"flutter_local_notifications", "flutter_local_notifications", []string{"FlutterLocalNotificationsPlugin"}, "", "MaikuB/flutter_local_notifications#1774, README"},
	}
}

// Component is something of a plugin that an app must declare in its own manifest.
type Component struct {
	Plugin   string
	Versions string
	Kind     string // "receiver", "service"
	Class    string // full name
	Calls    []string
	Boot     bool // it is told of a restart of the phone
	Source   string
}

const notificationsReadme = "MaikuB/flutter_local_notifications README, section AndroidManifest.xml setup"

// ScheduleCalls are the calls of flutter_local_notifications that set alarms.
func ScheduleCalls() []string {
	return []string{"zonedSchedule", "periodicallyShow", "periodicallyShowWithDuration", "schedule", "showDailyAtTime", "showWeeklyAtDayAndTime"}
}

// Components is the table of what an app declares.
func Components() []Component {
	const (
		dexterous = "com.dexterous.flutterlocalnotifications."
		alarms    = "dev.fluttercommunity.plus.androidalarmmanager."
		alarmsDoc = "fluttercommunity/plus_plugins android_alarm_manager_plus README"
	)
	alarmCalls := []string{"oneShot", "oneShotAt", "periodic"}
	return []Component{
		{"flutter_local_notifications", ">=16.0.0", "receiver", dexterous + "ScheduledNotificationReceiver", ScheduleCalls(), false, notificationsReadme},
		{"flutter_local_notifications", ">=16.0.0", "receiver", dexterous + "ScheduledNotificationBootReceiver", ScheduleCalls(), true, notificationsReadme},
		{"flutter_local_notifications", "", "receiver", dexterous + "ActionBroadcastReceiver", []string{"AndroidNotificationAction"}, false, notificationsReadme},
		{"flutter_local_notifications", "", "service", dexterous + "ForegroundService", []string{"startForegroundService"}, false, notificationsReadme},
		{"android_alarm_manager_plus", "", "service", alarms + "AlarmService", alarmCalls, false, alarmsDoc},
		{"android_alarm_manager_plus", "", "receiver", alarms + "AlarmBroadcastReceiver", alarmCalls, false, alarmsDoc},
		{"android_alarm_manager_plus", "", "receiver", alarms + "RebootBroadcastReceiver", alarmCalls, true, alarmsDoc},
		{"flutter_foreground_task", "", "service", "com.pravera.flutter_foreground_task.service.ForegroundService", []string{"startService"}, false, "Dev-hwang/flutter_foreground_task README"},
	}
}

// Service is a service of a plugin that Android runs in the foreground.
type Service struct {
	Plugin   string
	Versions string
	Class    string
	Calls    []string // that start it
	Source   string
}

// Services is the table of such services.
func Services() []Service {
	return []Service{
		{"flutter_background_service", "", "id.flutter.flutter_background_service.BackgroundService", []string{"configure", "startService"}, "ekasetiawans/flutter_background_service#426, #429, README"},
		{"flutter_foreground_task", "", "com.pravera.flutter_foreground_task.service.ForegroundService", []string{"startService"}, "Dev-hwang/flutter_foreground_task README"},
		{"flutter_local_notifications", "", "com.dexterous.flutterlocalnotifications.ForegroundService", []string{"startForegroundService"}, notificationsReadme},
	}
}
