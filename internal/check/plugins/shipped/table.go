package shipped

// row is what one plugin brings in a range of its versions.
type row struct {
	plugin      string
	versions    string // as in a pubspec
	source      string
	permissions string // without android.permission. where they have it
	parts       []part
	needs       string // a library that brings more
}

// part is a component.
type part struct {
	kind, class string
	exported    bool
	permission  string // that a caller needs
	types       string // foregroundServiceType
	actions     string
}

const (
	boot     = "android.intent.action.BOOT_COMPLETED"
	replaced = "android.intent.action.MY_PACKAGE_REPLACED"
	quick    = "android.intent.action.QUICKBOOT_POWERON"
	bindJob  = "android.permission.BIND_JOB_SERVICE"
	system   = "androidx.work.impl.foreground.SystemForegroundService"
	dataSync = "workmanager.enableDataSyncForegroundService" // of gradle.properties
)

const (
	localNotifications = "com.dexterous.flutterlocalnotifications."
	workManager        = "androidx.work"
)

// table holds the plugins and versions whose own manifests were read, in the repositories named. Where the
// versions of a plugin's history were not read, a row has what any that was read brings.
var table = []row{
	{
		plugin: "flutter_local_notifications", versions: ">=3.0.1+4 <9.0.0", source: "MaikuB/flutter_local_notifications f15cfd1a",
		permissions: "RECEIVE_BOOT_COMPLETED VIBRATE USE_FULL_SCREEN_INTENT",
		parts:       []part{scheduled, scheduledBoot},
	},
	{
		plugin: "flutter_local_notifications", versions: ">=9.0.0 <9.8.0", source: "MaikuB/flutter_local_notifications 9c0d23a2",
		permissions: "RECEIVE_BOOT_COMPLETED VIBRATE USE_FULL_SCREEN_INTENT SCHEDULE_EXACT_ALARM",
		parts:       []part{scheduled, scheduledBoot},
	},
	{
		plugin: "flutter_local_notifications", versions: ">=9.8.0 <10.0.0", source: "MaikuB/flutter_local_notifications f13b9b99",
		permissions: "RECEIVE_BOOT_COMPLETED VIBRATE USE_FULL_SCREEN_INTENT SCHEDULE_EXACT_ALARM POST_NOTIFICATIONS",
		parts:       []part{scheduled, scheduledBoot},
	},
	{
		plugin: "flutter_local_notifications", versions: ">=10.0.0 <16.0.0-dev.1", source: "MaikuB/flutter_local_notifications 0144fa62",
		permissions: "RECEIVE_BOOT_COMPLETED VIBRATE USE_FULL_SCREEN_INTENT SCHEDULE_EXACT_ALARM POST_NOTIFICATIONS",
		parts:       []part{{kind: "receiver", class: localNotifications + "ActionBroadcastReceiver"}, scheduled, scheduledBoot},
	},
	{
		plugin: "flutter_local_notifications", versions: ">=16.0.0-dev.1", source: "MaikuB/flutter_local_notifications fa27ae27",
		permissions: "VIBRATE POST_NOTIFICATIONS",
	},
	{
		plugin: "workmanager", versions: "<0.9.0", source: "fluttercommunity/flutter_workmanager 1b44c95",
		needs: workManager,
	},
	{
		plugin: "workmanager_android", versions: "<0.9.3", source: "fluttercommunity/flutter_workmanager b45313bd",
		permissions: "POST_NOTIFICATIONS", needs: workManager,
	},
	{
		plugin: "workmanager_android", versions: ">=0.9.3 <0.10.6", source: "fluttercommunity/flutter_workmanager d7933bee",
		permissions: "POST_NOTIFICATIONS FOREGROUND_SERVICE FOREGROUND_SERVICE_DATA_SYNC FOREGROUND_SERVICE_SHORT_SERVICE",
		parts:       []part{{kind: "service", class: system, types: "dataSync|shortService"}}, needs: workManager,
	},
	{
		plugin: "workmanager_android", versions: ">=0.10.6", source: "fluttercommunity/flutter_workmanager 20c88294",
		permissions: "POST_NOTIFICATIONS FOREGROUND_SERVICE FOREGROUND_SERVICE_SHORT_SERVICE",
		parts:       []part{{kind: "service", class: system, types: "shortService"}}, needs: workManager,
	},
	{
		plugin: "native_workmanager", versions: "<1.0.5", source: "brewkits/native_workmanager 7b4d3d19", needs: workManager,
	},
	{
		plugin: "native_workmanager", versions: ">=1.0.5 <1.1.0", source: "brewkits/native_workmanager 45657886",
		permissions: "FOREGROUND_SERVICE FOREGROUND_SERVICE_DATA_SYNC",
		parts:       []part{{kind: "service", class: system, types: "dataSync"}}, needs: workManager,
	},
	{
		plugin: "native_workmanager", versions: ">=1.1.0 <1.2.6", source: "brewkits/native_workmanager 6d50ba57",
		permissions: "FOREGROUND_SERVICE FOREGROUND_SERVICE_DATA_SYNC POST_NOTIFICATIONS",
		parts:       []part{{kind: "service", class: system, types: "dataSync"}}, needs: workManager,
	},
	{
		plugin: "native_workmanager", versions: ">=1.2.6", source: "brewkits/native_workmanager 05563858",
		permissions: "FOREGROUND_SERVICE FOREGROUND_SERVICE_DATA_SYNC POST_NOTIFICATIONS",
		parts: []part{{
			kind: "service", class: system,
			types: "dataSync|location|mediaPlayback|connectedDevice|mediaProjection|health|remoteMessaging|specialUse|systemExempted",
		}},
		needs: workManager,
	},
	{
		plugin: "firebase_messaging", versions: "<13.0.0", source: "firebase/flutterfire a37c605e",
		permissions: "INTERNET WAKE_LOCK ACCESS_NETWORK_STATE com.google.android.c2dm.permission.RECEIVE", parts: messaging,
	},
	{
		plugin: "firebase_messaging", versions: ">=13.0.0", source: "firebase/flutterfire 43b3b06b",
		permissions: "INTERNET WAKE_LOCK ACCESS_NETWORK_STATE POST_NOTIFICATIONS com.google.android.c2dm.permission.RECEIVE", parts: messaging,
	},
	{
		plugin: "background_fetch", versions: ">=0.5.1", source: "transistorsoft/transistor-background-fetch 18820654, its Android library",
		permissions: "RECEIVE_BOOT_COMPLETED WAKE_LOCK SCHEDULE_EXACT_ALARM GET_TASKS",
		parts: []part{
			{kind: "receiver", class: "com.transistorsoft.tsbackgroundfetch.FetchAlarmReceiver"},
			{kind: "service", class: "com.transistorsoft.tsbackgroundfetch.FetchJobService", exported: true, permission: bindJob},
			{kind: "receiver", class: "com.transistorsoft.tsbackgroundfetch.BootReceiver", actions: boot + " " + replaced},
		},
	},
	{
		plugin: "flutter_background_service_android", versions: "any", source: "ekasetiawans/flutter_background_service 00bf06da, 5cbea355",
		permissions: "FOREGROUND_SERVICE RECEIVE_BOOT_COMPLETED WAKE_LOCK",
		parts: []part{
			{kind: "service", class: "id.flutter.flutter_background_service.BackgroundService", exported: true},
			{kind: "receiver", class: "id.flutter.flutter_background_service.WatchdogReceiver", exported: true},
			{kind: "receiver", class: "id.flutter.flutter_background_service.BootReceiver", exported: true, actions: boot + " " + quick},
		},
	},
	{
		plugin: "flutter_foreground_task", versions: ">=2.2.0 <6.0.0+1", source: "Dev-hwang/flutter_foreground_task f50f0450",
		parts: []part{
			{kind: "receiver", class: foregroundTask + "BootReceiver", exported: true, actions: boot},
			{kind: "receiver", class: foregroundTask + "RestartReceiver"},
		},
	},
	{
		plugin: "flutter_foreground_task", versions: ">=6.0.0+1 <6.3.0", source: "Dev-hwang/flutter_foreground_task 4e0890aa",
		permissions: "FOREGROUND_SERVICE WAKE_LOCK RECEIVE_BOOT_COMPLETED POST_NOTIFICATIONS",
		parts: []part{
			{kind: "receiver", class: foregroundTask + "BootReceiver", exported: true, actions: boot},
			{kind: "receiver", class: foregroundTask + "RestartReceiver"},
		},
	},
	{
		plugin: "flutter_foreground_task", versions: ">=6.3.0", source: "Dev-hwang/flutter_foreground_task b3245de5",
		permissions: "FOREGROUND_SERVICE WAKE_LOCK RECEIVE_BOOT_COMPLETED POST_NOTIFICATIONS",
		parts: []part{
			{kind: "receiver", class: foregroundTask + "RebootReceiver", exported: true, actions: boot + " " + replaced},
			{kind: "receiver", class: foregroundTask + "RestartReceiver"},
		},
	},
	{plugin: "android_alarm_manager_plus", versions: "any", source: "fluttercommunity/plus_plugins 825f0fb3"},
	{plugin: "home_widget", versions: ">=0.7.0", source: "ABausG/home_widget 085fdc3d", needs: workManager},
	{
		plugin: "flutter_downloader", versions: "any", source: "fluttercommunity/flutter_downloader 17ef2123, 024368de",
		permissions: "POST_NOTIFICATIONS", needs: workManager,
	},
	{
		plugin: "awesome_notifications", versions: "any", source: "rafaelsetragni/awesome_notifications 04e066b0",
		permissions: "RECEIVE_BOOT_COMPLETED",
		parts: []part{{
			kind: "receiver", class: "me.carda.awesome_notifications.notifications.broadcastReceivers.RefreshNotificationBootReceiver",
			actions: boot + " " + replaced + " " + quick,
		}},
	},
	{
		plugin: "alarm", versions: "any", source: "gdelataillade/alarm 000c605e",
		permissions: "RECEIVE_BOOT_COMPLETED WAKE_LOCK VIBRATE USE_FULL_SCREEN_INTENT FOREGROUND_SERVICE ACCESS_NOTIFICATION_POLICY " +
			"POST_NOTIFICATIONS FOREGROUND_SERVICE_MEDIA_PLAYBACK USE_EXACT_ALARM SCHEDULE_EXACT_ALARM",
		parts: []part{
			{kind: "receiver", class: "com.gdelataillade.alarm.alarm.AlarmReceiver", exported: true},
			{kind: "service", class: "com.gdelataillade.alarm.alarm.AlarmService", types: "mediaPlayback"},
		},
	},
	{
		plugin: "geolocator_android", versions: "any", source: "Baseflow/flutter-geolocator 2ad57c45", permissions: "POST_NOTIFICATIONS",
		parts: []part{{kind: "service", class: "com.baseflow.geolocator.GeolocatorLocationService", types: "location"}},
	},
	{
		plugin: "location", versions: "any", source: "Lyokone/flutterlocation 64f3b57b",
		permissions: "ACCESS_COARSE_LOCATION ACCESS_FINE_LOCATION FOREGROUND_SERVICE FOREGROUND_SERVICE_LOCATION",
		parts:       []part{{kind: "service", class: "com.lyokone.location.FlutterLocationService", types: "location"}},
	},
	{
		plugin: "flutter_background", versions: "any", source: "JulianAssmann/flutter_background 2421c6cf",
		permissions: "WAKE_LOCK FOREGROUND_SERVICE REQUEST_IGNORE_BATTERY_OPTIMIZATIONS",
	},
	{
		plugin: "onesignal_flutter", versions: ">=5.0.0", source: "OneSignal/OneSignal-Android-SDK 3456a697",
		permissions: "POST_NOTIFICATIONS WAKE_LOCK VIBRATE RECEIVE_BOOT_COMPLETED com.google.android.c2dm.permission.RECEIVE",
		parts: []part{
			{kind: "receiver", class: "com.onesignal.notifications.receivers.BootUpReceiver", exported: true, actions: boot + " " + quick},
			{kind: "receiver", class: "com.onesignal.notifications.receivers.UpgradeReceiver", exported: true, actions: replaced},
		},
		needs: workManager,
	},
}

const foregroundTask = "com.pravera.flutter_foreground_task.service."

var (
	scheduled     = part{kind: "receiver", class: localNotifications + "ScheduledNotificationReceiver"}
	scheduledBoot = part{kind: "receiver", class: localNotifications + "ScheduledNotificationBootReceiver", actions: boot + " " + replaced + " " + quick}
)

var messaging = []part{
	{kind: "service", class: "io.flutter.plugins.firebase.messaging.FlutterFirebaseMessagingBackgroundService", permission: bindJob},
	{kind: "service", class: "io.flutter.plugins.firebase.messaging.FlutterFirebaseMessagingService", actions: "com.google.firebase.MESSAGING_EVENT"},
	{
		kind: "receiver", class: "io.flutter.plugins.firebase.messaging.FlutterFirebaseMessagingReceiver", exported: true,
		permission: "com.google.android.c2dm.permission.SEND", actions: "com.google.android.c2dm.intent.RECEIVE",
	},
}

// libraries are what plugins and builds need, by the beginning of their names in Gradle.
var libraries = map[string]row{
	workManager: {
		source:      "androidx/androidx, work/work-runtime/src/main/AndroidManifest.xml",
		permissions: "WAKE_LOCK ACCESS_NETWORK_STATE RECEIVE_BOOT_COMPLETED FOREGROUND_SERVICE",
		parts: []part{
			{kind: "service", class: "androidx.work.impl.background.systemalarm.SystemAlarmService"},
			{kind: "service", class: "androidx.work.impl.background.systemjob.SystemJobService", exported: true, permission: bindJob},
			{kind: "service", class: system},
			{kind: "receiver", class: "androidx.work.impl.background.systemalarm.RescheduleReceiver", actions: boot},
		},
	},
}
