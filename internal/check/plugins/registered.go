package plugins

// Registered is a plugin that an engine has to know before Dart code can use it, and the
// names by which that code reaches it.
type Registered struct {
	Plugin string
	Names  []string
}

// NeedRegistrant is the table of such plugins, as far as background code uses them.
func NeedRegistrant() []Registered {
	return []Registered{
		{"audioplayers", []string{"AudioPlayer"}},
		{"awesome_notifications", []string{"AwesomeNotifications"}},
		{"battery_plus", []string{"Battery"}},
		{"cloud_firestore", []string{"FirebaseFirestore"}},
		{"connectivity_plus", []string{"Connectivity"}},
		{"device_info_plus", []string{"DeviceInfoPlugin"}},
		{"firebase_analytics", []string{"FirebaseAnalytics"}},
		{"firebase_auth", []string{"FirebaseAuth"}},
		{"firebase_core", []string{"Firebase"}},
		{"firebase_crashlytics", []string{"FirebaseCrashlytics"}},
		{"firebase_database", []string{"FirebaseDatabase"}},
		{"firebase_remote_config", []string{"FirebaseRemoteConfig"}},
		{"firebase_storage", []string{"FirebaseStorage"}},
		{"flutter_local_notifications", []string{"FlutterLocalNotificationsPlugin"}},
		{"flutter_blue_plus", []string{"FlutterBluePlus"}},
		{"flutter_ringtone_player", []string{"FlutterRingtonePlayer"}},
		{"flutter_secure_storage", []string{"FlutterSecureStorage"}},
		{"flutter_timezone", []string{"FlutterTimezone"}},
		{"flutter_tts", []string{"FlutterTts"}},
		{"geolocator", []string{"Geolocator"}},
		{"get_storage", []string{"GetStorage"}},
		{"health", []string{"Health", "HealthFactory"}},
		{"hive_ce_flutter", []string{"initFlutter"}},
		{"hive_flutter", []string{"initFlutter"}},
		{"home_widget", []string{"HomeWidget"}},
		{"just_audio", []string{"AudioPlayer"}},
		{"location", []string{"Location"}},
		{"package_info_plus", []string{"PackageInfo"}},
		{"path_provider", []string{"getApplicationDocumentsDirectory", "getApplicationSupportDirectory", "getTemporaryDirectory", "getLibraryDirectory"}},
		{"pedometer", []string{"Pedometer"}},
		{"permission_handler", []string{"Permission"}},
		{"sensors_plus", []string{"accelerometerEventStream"}},
		{"sentry_flutter", []string{"SentryFlutter"}},
		{"shared_preferences", []string{"SharedPreferences", "SharedPreferencesAsync", "SharedPreferencesWithCache"}},
		{"sqflite", []string{"openDatabase", "databaseFactory"}},
		{"supabase_flutter", []string{"Supabase"}},
		{"url_launcher", []string{"launchUrl"}},
		{"vibration", []string{"Vibration"}},
	}
}
