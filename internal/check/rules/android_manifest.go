package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/manifest"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/pub"
)

const (
	workInitializer = "androidx.work.WorkManagerInitializer"
	startupProvider = "androidx.startup.InitializationProvider"
	workDocs        = androidDocs + "develop/background-work/background-tasks/persistent/"
)

func androidRules() []*Rule {
	return []*Rule{
		{
			Name: "work-initialiser-removed", IDs: []string{"A01"}, Group: Android, Certainty: finding.Error, Platforms: []string{OnAndroid},
			Title: "WorkManager's initialiser is removed, and nothing else initialises it",
			Detail: "The manifest takes away WorkManager's own initialiser (tools:node=\"remove\"). Then the Application class has to implement Configuration.Provider, or code has to call WorkManager.initialize. " +
				"Without either the first use throws, also in plugins that build on WorkManager.",
			Seen:   "IllegalStateException: WorkManager is not initialized properly",
			Fix:    "Implement Configuration.Provider in the Application class, or keep the initialiser",
			Source: []string{workDocs + "configuration/custom-configuration", workmanager + "/issues/91", workmanager + "/issues/123"},
			Lint:   "androidx.work lint has the opposite: RemoveWorkManagerInitializer, BadConfigurationProvider",
			Example: Example{
				Lang: "xml",
				Bad:  "<provider android:name=\"androidx.startup.InitializationProvider\" tools:node=\"remove\"/>\n<!-- class App : Application() -->\n",
				Good: "<provider android:name=\"androidx.startup.InitializationProvider\" tools:node=\"remove\"/>\n<!-- class App : Application(), Configuration.Provider -->\n",
			},
			Check: checkInitialiserRemoved,
		},
		{
			Name: "native-worker-provider", IDs: []string{"A02"}, Group: Android, Certainty: finding.Error, Platforms: []string{OnAndroid},
			Title:  "Dart workers of native_workmanager without its worker factory",
			Detail: "When Android starts the process for a job, Flutter does not run yet. WorkManager then builds the worker with its default factory, which does not know those of native_workmanager, unless the Application class implements Configuration.Provider.",
			Seen:   "Dart workers fail after Android has ended the app; while it is open all is well",
			Fix:    "Implement Configuration.Provider in the Application class as the setup guide shows",
			Source: []string{"brewkits/native_workmanager doc/ANDROID_SETUP.md"},
			Example: Example{
				Lang: "kotlin",
				Bad:  "class App : Application()\n",
				Good: "class App : Application(), Configuration.Provider {\n    override val workManagerConfiguration = NativeWorkmanagerPlugin.configuration()\n}\n",
			},
			Check: checkNativeWorkerProvider,
		},
		{
			Name: "data-sync-switch-missing", IDs: []string{"A04"}, Group: Android, Certainty: finding.Error, Platforms: []string{OnAndroid},
			Title:    "a worker wants a dataSync service that the build leaves out",
			Detail:   "From workmanager_android 0.10.6 on the permission for dataSync services is declared only if gradle.properties says workmanager.enableDataSyncForegroundService=true, because stores ask for a declaration with it. `dataSync` is the default of ForegroundServiceConfig.",
			Seen:     "the task fails as it starts its service: a permission is missing in the merged manifest",
			Fix:      "Set workmanager.enableDataSyncForegroundService=true in android/gradle.properties, or use ForegroundServiceType.shortService",
			Versions: []string{"workmanager_android >=0.10.6"},
			Source:   []string{workmanager + "/issues/725", "fluttercommunity/flutter_workmanager workmanager_android AndroidManifest.xml"},
			Example: Example{
				Lang: "dart",
				Bad:  "registerOneOffTask('up', 'up', foregroundServiceConfig: ForegroundServiceConfig());\n",
				Good: "registerOneOffTask('up', 'up', foregroundServiceConfig: ForegroundServiceConfig(\n  foregroundServiceType: ForegroundServiceType.shortService));\n",
			},
			Check: checkDataSyncSwitch,
		},
		{
			Name: "gson-rules-missing", IDs: []string{"A07"}, Group: Android, Certainty: finding.Warning, Platforms: []string{OnAndroid},
			Title: "code shrinking breaks scheduled notifications of flutter_local_notifications before 19",
			Detail: "flutter_local_notifications stores scheduled notifications with Gson. R8, which release builds of Flutter use unless they switch it off, removes the types that Gson needs. " +
				"Version 19 brings the rules that keep them; with older ones they belong into proguard-rules.pro.",
			Seen:     "in release builds only: \"Missing type parameter\" when a notification is scheduled or cancelled, and none after a restart",
			Fix:      "Upgrade to version 19, or add Gson's rules to android/app/proguard-rules.pro",
			Versions: []string{"flutter_local_notifications <19.0.0"},
			Source:   []string{notificationsRepo + "/issues/382", notificationsRepo + "/issues/2799", "MaikuB/flutter_local_notifications README (ProGuard rules)"},
			Example: Example{
				Lang: "groovy",
				Bad:  "buildTypes { release { minifyEnabled true } }\n",
				Good: "buildTypes { release { minifyEnabled true; proguardFiles 'proguard-rules.pro' } }\n// proguard-rules.pro: -keep class com.google.gson.reflect.TypeToken { *; } ...\n",
			},
			Check: checkGsonRules,
		},
		{
			Name: "battery-exemption-requested", IDs: []string{"A08"}, Group: Android, Certainty: finding.Hint, Platforms: []string{OnAndroid},
			Title:  "the app asks to be left out of battery optimisation",
			Detail: "Google Play accepts REQUEST_IGNORE_BATTERY_OPTIMIZATIONS only of apps whose core function breaks without. The exemption does not lift the limits of vendors' own battery savers either.",
			Seen:   "questions at store review; on phones of some vendors the app is stopped all the same",
			Fix:    "Send the user to the settings screen instead (ACTION_IGNORE_BATTERY_OPTIMIZATION_SETTINGS), or explain the need to the store",
			Source: []string{androidDocs + "training/monitoring-device-state/doze-standby#exemption-cases", "https://dontkillmyapp.com"},
			Lint:   "Android lint: BatteryLife",
			Example: Example{
				Lang: "xml",
				Bad:  "<uses-permission android:name=\"android.permission.REQUEST_IGNORE_BATTERY_OPTIMIZATIONS\"/>\n",
				Good: "<!-- no permission; the app opens the settings screen -->\n",
			},
			Check: checkBatteryExemption,
		},
	}
}

// implements tells whether a class of an app's native code has a supertype, by its name.
func implements(m *project.Module, super string) bool {
	found := false
	if m.Code == nil {
		return false
	}
	for _, u := range m.Code.Units() {
		for _, off := range u.Uses(shortClass(super)) {
			for d := u.At(off); d != nil; d = d.Parent {
				for _, s := range d.Supers {
					found = found || s == super || strings.HasSuffix(s, "."+super)
				}
			}
		}
	}
	return found
}

func checkInitialiserRemoved(p *Pass) {
	for _, m := range p.androidApps() {
		var removed *manifest.Element
		for _, e := range m.Manifest.Removes() {
			if name := e.Value("name"); name == workInitializer || e.Name == "provider" && name == startupProvider {
				removed = e
			}
		}
		if removed == nil || !p.hasWork(m) || slices.ContainsFunc(p.partsOf(m), func(m *project.Module) bool {
			return implements(m, "Configuration.Provider") || len(nativeCalls(m.Code, "initialize", "WorkManager"))+len(m.Code.Calls("workManagerFactory")) > 0 // Koin's
		}) {
			continue
		}
		f := p.Report(removed.Open, "WorkManager's initialiser is removed, but no class implements Configuration.Provider and nothing calls WorkManager.initialize")
		class := m.Merged.ApplicationClass()
		framework := class == "" || strings.HasPrefix(class, "android.") || strings.HasPrefix(class, "io.flutter.")
		if !framework && !p.declares(m, class) {
			f.Certainty = finding.Warning // it may be in a library
		}
	}
}

// declares tells whether an app's own native code has a class.
func (p *Pass) declares(m *project.Module, class string) bool {
	if m.Code == nil {
		return false
	}
	name := shortClass(class)
	for _, u := range m.Code.Units() {
		for _, off := range u.Uses(name) {
			if d := u.At(off); d != nil && d.Kind == island.Class && d.Name == name {
				return true
			}
		}
	}
	return false
}

// hasWork tells whether an app uses WorkManager, by a plugin or itself.
func (p *Pass) hasWork(m *project.Module) bool {
	if p.has("workmanager") || p.has("native_workmanager") {
		return true
	}
	if m.Gradle != nil {
		for i := range m.Gradle.Dependencies {
			if m.Gradle.Dependencies[i].Group == "androidx.work" {
				return true
			}
		}
	}
	return slices.ContainsFunc(p.partsOf(m), func(m *project.Module) bool { return len(m.Code.Mentions("WorkManager")) > 0 })
}

func checkNativeWorkerProvider(p *Pass) {
	calls := p.androidCalls("native_workmanager", "", "registerDartWorker", "DartWorker")
	if len(calls) == 0 {
		return
	}
	for _, m := range p.androidApps() {
		if implements(m, "Configuration.Provider") {
			continue
		}
		f := p.Report(p.Call(calls[0].Unit, calls[0].Node), "a Dart worker is used, but no class of the Android app implements Configuration.Provider")
		f.Related = []finding.Related{{Place: placeIn(m, m.Manifest.Application()), Text: "the application is declared here"}}
	}
}

func checkDataSyncSwitch(p *Pass) {
	if p.version("workmanager_android", ">=0.10.6") != pub.Yes {
		return
	}
	const key = "workmanager.enableDataSyncForegroundService"
	if a := p.Project.Android; a == nil || a.Properties != nil && on(a.Properties.Get(key)) {
		return
	}
	for _, m := range p.androidApps() {
		if holds(m, "FOREGROUND_SERVICE_DATA_SYNC") {
			return
		}
	}
	for _, c := range p.androidCalls("workmanager", "", "ForegroundServiceConfig") {
		if kind := c.Node.Arg("foregroundServiceType"); kind == nil || kind.Name == "dataSync" {
			p.Report(p.Call(c.Unit, c.Node), "this dataSync service needs %s=true in gradle.properties", key)
		}
	}
}

func checkGsonRules(p *Pass) {
	if p.version(localNotifications, "<19.0.0") != pub.Yes {
		return
	}
	calls := p.androidCalls(localNotifications, "", "zonedSchedule", "periodicallyShow", "periodicallyShowWithDuration")
	if len(calls) == 0 {
		return
	}
	for _, m := range p.androidApps() {
		if m.Gradle == nil || p.keepsGson(m) {
			continue
		}
		at, explicit := finding.Whole(m.Gradle.Path), false
		shrinks := true // a release build of Flutter does
		for i := range m.Gradle.BuildTypes {
			if b := m.Gradle.BuildTypes[i]; b.Name == "release" {
				at = b.At
				if b.Minify.Set {
					shrinks, explicit, at = b.Minify.On || !b.Minify.Known, b.Minify.On, b.Minify.At
				}
			}
		}
		if !shrinks {
			continue
		}
		f := p.Report(at, "release builds are shrunk, flutter_local_notifications is %s, and no rule keeps Gson's types", p.Project.Plugins[localNotifications].Version)
		f.Related = []finding.Related{{Place: p.Call(calls[0].Unit, calls[0].Node), Text: "a notification is scheduled here"}}
		if explicit {
			f.Certainty = finding.Error
		}
	}
}

// keepsGson tells whether the app's rules for R8 mention Gson.
func (p *Pass) keepsGson(m *project.Module) bool {
	for _, path := range m.Proguard {
		if src, err := p.Files.Read(path); err == nil && strings.Contains(string(src), "gson") {
			return true
		}
	}
	return false
}

func checkBatteryExemption(p *Pass) {
	for _, m := range p.androidApps() {
		for _, perm := range m.Merged.Permissions() {
			if perm.From == "" && strings.HasSuffix(perm.Name, ".REQUEST_IGNORE_BATTERY_OPTIMIZATIONS") {
				p.Report(placeIn(m, perm.Element), "the app declares REQUEST_IGNORE_BATTERY_OPTIMIZATIONS")
			}
		}
	}
}

// firstCall is the place of the first of calls.
func (p *Pass) firstCall(calls []code.Call) finding.Place {
	return p.Call(calls[0].Unit, calls[0].Node)
}
