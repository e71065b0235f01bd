package plugins

// Job is the kind of run that a plugin gives to a function.
type Job uint8

// The kinds.
const (
	OnSchedule Job = 1 + iota // at a time that the system chooses
	OnFetch                   // a scheduled run that has to be finished by a call
	OnPush                    // for a push message
	OnAlarm                   // at a time that the app chose
	OnAction                  // for a tap on a notification or a widget
	AsService                 // as long as the service lives
	OnOther                   // downloads, places, messages of the system
)

// Entry is a parameter of a plugin's call which takes a function that runs without the
// app's screen.
type Entry struct {
	Plugin string // package, "" of Flutter itself
	Class  string // what has the method, by name
	Method string // "" for the constructor of Class
	Label  string // of the argument; "": the positional one number Arg
	Arg    int
	Job    Job

	Handle bool   // the system stores a handle of it: a top-level or static function with the pragma
	Fresh  bool   // it runs in an engine or isolate of its own, where nothing of main() has happened
	Ends   bool   // what is not awaited ends with it
	Inner  string // method whose first argument is the work, inside of the function: "executeTask"
	Bool   bool   // its result tells whether it succeeded
	Source string
}

const (
	wmImpl   = "fluttercommunity/flutter_workmanager, workmanager/lib/src/workmanager_impl.dart"
	fcmGuide = "https://firebase.google.com/docs/cloud-messaging/flutter/receive"
	flnGuide = "https://pub.dev/packages/flutter_local_notifications"
	bfGuide  = "https://pub.dev/packages/background_fetch"
	fbsGuide = "https://pub.dev/packages/flutter_background_service"
	aamGuide = "https://pub.dev/packages/android_alarm_manager_plus"
)

// Entries is the table of such parameters.
func Entries() []Entry {
	return []Entry{
		{Plugin: "workmanager", Class: "Workmanager", Method: "initialize", Job: OnSchedule, Handle: true, Fresh: true, Ends: true, Inner: "executeTask", Bool: true, Source: wmImpl},
		{Plugin: "firebase_messaging", Class: "FirebaseMessaging", Method: "onBackgroundMessage", Job: OnPush, Handle: true, Fresh: true, Ends: true, Source: fcmGuide},
		{Plugin: "flutter_local_notifications", Class: "FlutterLocalNotificationsPlugin", Method: "initialize", Label: "onDidReceiveBackgroundNotificationResponse", Job: OnAction, Handle: true, Fresh: true, Source: flnGuide},
		{Plugin: "background_fetch", Class: "BackgroundFetch", Method: "registerHeadlessTask", Job: OnFetch, Handle: true, Fresh: true, Ends: true, Source: bfGuide},
		{Plugin: "background_fetch", Class: "BackgroundFetch", Method: "configure", Arg: 1, Job: OnFetch, Ends: true, Source: bfGuide},
		{Plugin: "background_fetch", Class: "BackgroundFetch", Method: "configure", Arg: 2, Job: OnFetch, Ends: true, Source: bfGuide},
		{Plugin: "flutter_background_service", Class: "AndroidConfiguration", Label: "onStart", Job: AsService, Handle: true, Fresh: true, Source: fbsGuide},
		{Plugin: "flutter_background_service", Class: "IosConfiguration", Label: "onForeground", Job: AsService, Handle: true, Fresh: true, Source: fbsGuide},
		{Plugin: "flutter_background_service", Class: "IosConfiguration", Label: "onBackground", Job: OnSchedule, Handle: true, Fresh: true, Ends: true, Bool: true, Source: fbsGuide},
		{Plugin: "android_alarm_manager_plus", Class: "AndroidAlarmManager", Method: "oneShot", Arg: 2, Job: OnAlarm, Handle: true, Fresh: true, Source: aamGuide},
		{Plugin: "android_alarm_manager_plus", Class: "AndroidAlarmManager", Method: "oneShotAt", Arg: 2, Job: OnAlarm, Handle: true, Fresh: true, Source: aamGuide},
		{Plugin: "android_alarm_manager_plus", Class: "AndroidAlarmManager", Method: "periodic", Arg: 2, Job: OnAlarm, Handle: true, Fresh: true, Source: aamGuide},
		{Plugin: "flutter_foreground_task", Class: "FlutterForegroundTask", Method: "startService", Label: "callback", Job: AsService, Handle: true, Fresh: true, Source: "https://pub.dev/packages/flutter_foreground_task"},
		{Plugin: "flutter_foreground_task", Class: "FlutterForegroundTask", Method: "updateService", Label: "callback", Job: AsService, Handle: true, Fresh: true, Source: "https://pub.dev/packages/flutter_foreground_task"},
		{Plugin: "home_widget", Class: "HomeWidget", Method: "registerInteractivityCallback", Job: OnAction, Handle: true, Fresh: true, Ends: true, Source: "https://pub.dev/packages/home_widget"},
		{Plugin: "home_widget", Class: "HomeWidget", Method: "registerBackgroundCallback", Job: OnAction, Handle: true, Fresh: true, Ends: true, Source: "https://pub.dev/packages/home_widget"},
		{Plugin: "awesome_notifications", Class: "AwesomeNotifications", Method: "setListeners", Label: "onActionReceivedMethod", Job: OnAction, Handle: true, Source: "https://pub.dev/packages/awesome_notifications"},
		{Plugin: "awesome_notifications", Class: "AwesomeNotifications", Method: "setListeners", Label: "onNotificationCreatedMethod", Job: OnAction, Handle: true, Source: "https://pub.dev/packages/awesome_notifications"},
		{Plugin: "awesome_notifications", Class: "AwesomeNotifications", Method: "setListeners", Label: "onNotificationDisplayedMethod", Job: OnAction, Handle: true, Source: "https://pub.dev/packages/awesome_notifications"},
		{Plugin: "awesome_notifications", Class: "AwesomeNotifications", Method: "setListeners", Label: "onDismissActionReceivedMethod", Job: OnAction, Handle: true, Source: "https://pub.dev/packages/awesome_notifications"},
		{Plugin: "native_workmanager", Class: "NativeWorkManager", Method: "registerDartWorker", Arg: 1, Job: OnSchedule, Handle: true, Fresh: true, Ends: true, Bool: true, Source: "https://pub.dev/packages/native_workmanager"},
		{Plugin: "flutter_background_geolocation", Class: "BackgroundGeolocation", Method: "registerHeadlessTask", Job: OnOther, Handle: true, Fresh: true, Ends: true, Source: "https://pub.dev/packages/flutter_background_geolocation"},
		{Plugin: "background_locator_2", Class: "BackgroundLocator", Method: "registerLocationUpdate", Job: OnOther, Handle: true, Fresh: true, Source: "https://pub.dev/packages/background_locator_2"},
		{Plugin: "background_locator_2", Class: "BackgroundLocator", Method: "registerLocationUpdate", Label: "initCallback", Job: OnOther, Handle: true, Fresh: true, Source: "https://pub.dev/packages/background_locator_2"},
		{Plugin: "background_locator_2", Class: "BackgroundLocator", Method: "registerLocationUpdate", Label: "disposeCallback", Job: OnOther, Handle: true, Fresh: true, Source: "https://pub.dev/packages/background_locator_2"},
		{Plugin: "background_locator_2", Class: "AndroidNotificationSettings", Label: "notificationTapCallback", Job: OnOther, Handle: true, Fresh: true, Source: "https://pub.dev/packages/background_locator_2"},
		{Plugin: "flutter_downloader", Class: "FlutterDownloader", Method: "registerCallback", Job: OnOther, Handle: true, Fresh: true, Source: "https://pub.dev/packages/flutter_downloader"},
		{Plugin: "flutter_isolate", Class: "FlutterIsolate", Method: "spawn", Job: OnOther, Handle: true, Fresh: true, Source: "https://pub.dev/packages/flutter_isolate"},
		{Plugin: "", Class: "PluginUtilities", Method: "getCallbackHandle", Job: OnOther, Handle: true, Source: "https://api.flutter.dev/flutter/dart-ui/PluginUtilities/getCallbackHandle.html"},
		{Plugin: "another_telephony", Class: "Telephony", Method: "listenIncomingSms", Label: "onBackgroundMessage", Job: OnOther, Handle: true, Fresh: true, Source: "https://pub.dev/packages/another_telephony"},
		{Plugin: "telephony", Class: "Telephony", Method: "listenIncomingSms", Label: "onBackgroundMessage", Job: OnOther, Handle: true, Fresh: true, Source: "https://pub.dev/packages/telephony"},
	}
}

// Start is a call which asks for runs.
type Start struct {
	Plugin   string
	Class    string
	Method   string
	Periodic bool
	Unique   int    // positional argument with the unique name; -1: none
	Task     int    // that with the name of the task; -1: none
	Every    string // label of the period
	Policy   string // label of what to do with what is already there
	IOS      bool   // it submits to BGTaskScheduler on iOS
	OnlyIOS  bool
}

// Starts is the table of such calls.
func Starts() []Start {
	return []Start{
		{Plugin: "workmanager", Class: "Workmanager", Method: "registerPeriodicTask", Periodic: true, Task: 1, Every: "frequency", Policy: "existingWorkPolicy", IOS: true},
		{Plugin: "workmanager", Class: "Workmanager", Method: "registerOneOffTask", Task: 1, Policy: "existingWorkPolicy"},
		{Plugin: "workmanager", Class: "Workmanager", Method: "registerProcessingTask", Task: 1, IOS: true, OnlyIOS: true},
		{Plugin: "workmanager", Class: "Workmanager", Method: "registerHealthResearchTask", Task: 1, IOS: true, OnlyIOS: true},
		{Plugin: "workmanager", Class: "Workmanager", Method: "registerContinuedProcessingTask", Task: 1, IOS: true, OnlyIOS: true},
	}
}

// Use is what needs something to have happened before in the same isolate.
type Use struct {
	What    string   // in words
	Package string   // has to be imported
	Class   string   // what has the member, "" where Alias or a type tells
	Members []string // that are used
	Type    string   // of the receiver, where it is no class
	Before  []string // names of calls, one of which has to come before
	How     string   // what to write
	Source  string
}

// Uses is the table of what has to be initialised in each isolate.
func Uses() []Use {
	return []Use{
		{What: "the time zone tz.local", Package: "timezone", Class: "local", Before: []string{"initializeTimeZones", "initializeTimeZone", "setLocalLocation", "initializeDatabase"}, How: "tz.initializeTimeZones() and tz.setLocalLocation(...)", Source: "https://pub.dev/packages/timezone"},
		{What: "a Hive box", Package: "hive", Class: "Hive", Members: []string{"openBox", "openLazyBox", "boxExists"}, Before: []string{"initFlutter", "init"}, How: "await Hive.initFlutter() and the adapters", Source: "https://pub.dev/packages/hive"},
		{What: "flutter_local_notifications", Package: "flutter_local_notifications", Type: "FlutterLocalNotificationsPlugin", Members: []string{"show", "zonedSchedule", "periodicallyShow", "periodicallyShowWithDuration"}, Before: []string{"initialize"}, How: "await plugin.initialize(...)", Source: flnGuide},
		{What: "Supabase", Package: "supabase_flutter", Class: "Supabase", Members: []string{"instance"}, Before: []string{"initialize"}, How: "await Supabase.initialize(...)", Source: "https://pub.dev/packages/supabase_flutter"},
		{What: "dotenv", Package: "flutter_dotenv", Class: "dotenv", Members: []string{"env", "get", "maybeGet"}, Before: []string{"load", "testLoad", "loadFromString"}, How: "await dotenv.load()", Source: "https://pub.dev/packages/flutter_dotenv"},
		{What: "GetStorage", Package: "get_storage", Class: "GetStorage", Before: []string{"init"}, How: "await GetStorage.init()", Source: "https://pub.dev/packages/get_storage"},
		{What: "MMKV", Package: "mmkv", Class: "MMKV", Members: []string{"defaultMMKV"}, Before: []string{"initialize"}, How: "await MMKV.initialize()", Source: "https://pub.dev/packages/mmkv"},
	}
}

// FirebaseServices are the classes that need Firebase.initializeApp in each isolate.
func FirebaseServices() []string {
	return []string{
		"FirebaseFirestore", "FirebaseAuth", "FirebaseDatabase", "FirebaseStorage", "FirebaseFunctions",
		"FirebaseRemoteConfig", "FirebaseAnalytics", "FirebaseCrashlytics", "FirebasePerformance", "FirebaseAppCheck",
	}
}

// Channels are the calls that talk to the platform, by class and method, so that they need
// a messenger in an isolate that Dart code starts.
func Channels() map[string][]string {
	return map[string][]string{
		"SharedPreferences":               {"getInstance"},
		"SharedPreferencesAsync":          {""},
		"FlutterSecureStorage":            {"read", "write", "readAll", "delete"},
		"MethodChannel":                   {"invokeMethod", "invokeListMethod", "invokeMapMethod"},
		"PackageInfo":                     {"fromPlatform"},
		"Geolocator":                      {"getCurrentPosition", "getLastKnownPosition"},
		"FlutterLocalNotificationsPlugin": {"show", "zonedSchedule"},
		"Firebase":                        {"initializeApp"},
		"HomeWidget":                      {"saveWidgetData", "updateWidget", "getWidgetData"},
		"":                                {"getApplicationDocumentsDirectory", "getTemporaryDirectory", "getApplicationSupportDirectory", "getExternalStorageDirectory", "getDatabasesPath"},
	}
}

// Futures are the methods of plugins that give a future whose work is lost if nobody waits
// for it.
func Futures() map[string]bool {
	return map[string]bool{
		"show": true, "createNotification": true, "zonedSchedule": true, "periodicallyShow": true, "showDailyAtTime": true,
		"saveWidgetData": true, "updateWidget": true, "renderFlutterWidget": true,
		"setString": true, "setInt": true, "setBool": true, "setDouble": true, "setStringList": true,
		"writeAsString": true, "writeAsBytes": true, "openBox": true, "invokeMethod": true,
		"registerPeriodicTask": true, "registerOneOffTask": true, "registerProcessingTask": true,
		"initializeApp": true, "openDatabase": true, "rawInsert": true, "rawUpdate": true, "rawDelete": true,
	}
}
