package rules

import (
	"slices"
	"strings"
	"unicode"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/gradle"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/manifest"
	"github.com/lullwork/lull/internal/check/plugins"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/pub"
	"github.com/lullwork/lull/internal/policy/android"
)

const (
	backgroundService = "flutter_background_service"
	foregroundTask    = "flutter_foreground_task"
	serviceTypes      = androidDocs + "develop/background-work/services/fgs/service-types"
	serviceRepo       = "https://github.com/ekasetiawans/flutter_background_service"
)

// barredAtBoot are the types that Android 15 does not start from BOOT_COMPLETED.
var barredAtBoot = []string{"dataSync", "camera", "mediaPlayback", "phoneCall", "mediaProjection", "microphone"}

// whileInUse are the types that need the app to be visible as they start.
var whileInUse = []string{"location", "camera", "microphone"}

func serviceRules() []*Rule {
	return []*Rule{
		{
			Name: "service-type-missing", IDs: []string{"A03", "K02"}, Group: Services, Certainty: finding.Error, Platforms: []string{OnAndroid},
			Title: "a foreground service has no type, or lacks the permission of its type",
			Detail: "For an app that targets Android 14 every foreground service declares android:foregroundServiceType, and the app holds the permission of that type, such as FOREGROUND_SERVICE_DATA_SYNC. " +
				"flutter_background_service and flutter_foreground_task leave the choice of the type to the app.",
			Seen:   "the app crashes as the service starts: MissingForegroundServiceTypeException or SecurityException",
			Fix:    "Declare the service with its type in AndroidManifest.xml, and the permission of that type",
			Source: []string{serviceTypes, serviceRepo + "/issues/426", serviceRepo + "/issues/429", "Dev-hwang/flutter_foreground_task README"},
			Lint:   "Android lint: ForegroundServiceType, ForegroundServicePermission; androidx.work lint: SpecifyForegroundServiceType (Kotlin and Java only)",
			Example: Example{
				Lang: "xml",
				Bad:  "<service android:name=\"id.flutter.flutter_background_service.BackgroundService\"/>\n",
				Good: "<uses-permission android:name=\"android.permission.FOREGROUND_SERVICE_DATA_SYNC\"/>\n<service android:name=\"id.flutter.flutter_background_service.BackgroundService\"\n    android:foregroundServiceType=\"dataSync\"/>\n",
			},
			Check: checkServiceType,
		},
		{
			Name: "service-undeclared", IDs: []string{"A03"}, Group: Services, Certainty: finding.Error, Platforms: []string{OnAndroid},
			Title:  "a service is started, but not in the manifest",
			Detail: "Android knows the services of the manifest only. flutter_foreground_task and flutter_local_notifications do not bring their foreground service along: the app declares it, because it alone knows its type.",
			Seen:   "the service does not start; Android logs \"Unable to start service Intent\" only",
			Fix:    "Declare the service, with its type, in AndroidManifest.xml",
			Source: []string{"Dev-hwang/flutter_foreground_task README", "MaikuB/flutter_local_notifications README (AndroidManifest.xml setup)"},
			Example: Example{
				Lang: "xml",
				Bad:  "<application/>\n<!-- Dart: FlutterForegroundTask.startService(...) -->\n",
				Good: "<application>\n  <service android:name=\"com.pravera.flutter_foreground_task.service.ForegroundService\"\n      android:foregroundServiceType=\"dataSync\" android:exported=\"false\"/>\n</application>\n",
			},
			Check: checkServiceUndeclared,
		},
		{
			Name: "service-type-barred-at-boot", IDs: []string{"A05"}, Group: Services, Certainty: finding.Error, Platforms: []string{OnAndroid},
			Title: "a service is started at boot, with a type that is barred from boot",
			Detail: "For an app that targets Android 15 a receiver of BOOT_COMPLETED may not start foreground services of the types " + list(barredAtBoot) + ". " +
				"flutter_background_service starts its service at boot unless autoStartOnBoot is false.",
			Seen:   "ForegroundServiceStartNotAllowedException after a restart of the phone; the service does not run until the app is opened",
			Fix:    "Set autoStartOnBoot: false and schedule the work with WorkManager, or use a type that may start at boot",
			Source: []string{androidDocs + "about/versions/15/behavior-changes-15#fgs-boot-completed", "Dev-hwang/flutter_foreground_task README"},
			Example: Example{
				Lang: "dart",
				Bad:  "AndroidConfiguration(onStart: onStart, isForegroundMode: true) // type dataSync\n",
				Good: "AndroidConfiguration(onStart: onStart, isForegroundMode: true, autoStartOnBoot: false)\n",
			},
			Check: checkBarredAtBoot,
		},
		{
			Name: "service-time-limit", IDs: []string{"A06"}, Group: Services, Certainty: finding.Hint, Platforms: []string{OnAndroid},
			Title:  "a dataSync service runs without an end",
			Detail: "Android 15 lets services of the types dataSync and mediaProcessing run for " + span(androidLimit("service.data.time")) + " in 24 hours, all together; then it calls onTimeout, and ends the app that does not stop its service. The count starts again when the user opens the app.",
			Seen:   "the service is stopped, or the app crashes, after some hours in the background",
			Fix:    "Stop the service when its work is done, and do regular work with WorkManager",
			Source: []string{androidDocs + "develop/background-work/services/fgs/timeout", "https://github.com/Dev-hwang/flutter_foreground_task/issues/345"},
			Example: Example{
				Lang: "dart",
				Bad:  "Future<void> onStart(ServiceInstance s) async { Timer.periodic(minute, sync); }\n",
				Good: "Future<void> onStart(ServiceInstance s) async { await sync(); await s.stopSelf(); }\n",
			},
			Check: checkServiceTimeLimit,
		},
		{
			Name: "service-channel-missing", IDs: []string{"S01"}, Group: Services, Certainty: finding.Error, Platforms: []string{OnAndroid},
			Title: "the service names a notification channel that nobody creates",
			Detail: "flutter_background_service creates its own channel only if the app names none, and a service of the app's own has none at all before the app creates it. A notification on a channel that does not exist is a bad notification, and Android ends the app that starts a foreground service with it. " +
				"A channel that comes of a notification which the service's own Dart code shows comes too late.",
			Seen:   "the app crashes as the service starts: Bad notification for startForeground",
			Fix:    "Create the channel with createNotificationChannel before configure(), or before startForeground",
			Source: []string{"ekasetiawans/flutter_background_service README (custom notification)", androidDocs + "develop/ui/views/notifications/channels"},
			Example: Example{
				Lang: "dart",
				Bad:  "service.configure(androidConfiguration: AndroidConfiguration(\n  onStart: onStart, isForegroundMode: true, notificationChannelId: 'sync'));\n",
				Good: "await android?.createNotificationChannel(const AndroidNotificationChannel('sync', 'Sync'));\nservice.configure(androidConfiguration: AndroidConfiguration(\n  onStart: onStart, isForegroundMode: true, notificationChannelId: 'sync'));\n",
			},
			Check: checkServiceChannel,
		},
		{
			Name: "service-needs-visible-app", IDs: []string{"S03"}, Group: Services, Certainty: finding.Warning, Platforms: []string{OnAndroid},
			Title:  "a service with location, camera or microphone starts while the app is not visible",
			Detail: "From Android 14 on a foreground service of the types location, camera and microphone may start only while the app is visible, because its permission holds while the app is in use. A start at boot comes too early for that.",
			Seen:   "SecurityException as the service starts in the background",
			Fix:    "Start the service while the app is open; for location, ask for ACCESS_BACKGROUND_LOCATION",
			Source: []string{androidDocs + "develop/background-work/services/fgs/restrictions-bg-start#wiu-restrictions"},
			Example: Example{
				Lang: "dart",
				Bad:  "AndroidConfiguration(onStart: track, isForegroundMode: true, autoStartOnBoot: true) // type location\n",
				Good: "AndroidConfiguration(onStart: track, isForegroundMode: true, autoStartOnBoot: false)\n",
			},
			Check: checkNeedsVisibleApp,
		},
	}
}

func on(p gradle.Property, ok bool) bool { return ok && strings.TrimSpace(p.Value) == "true" }

// started is a foreground service of a plugin that the app starts.
type started struct {
	row   plugins.Service
	calls []code.Call
	types []string // that the app names as it starts it; nil: all that the manifest has
}

func (p *Pass) startedServices() []started {
	var all []started
	for _, row := range plugins.Services() {
		if p.version(row.Plugin, row.Versions) != pub.Yes {
			continue
		}
		on := ""
		if row.Plugin == foregroundTask {
			on = "FlutterForegroundTask"
		}
		calls := p.androidCalls(row.Plugin, on, row.Calls...)
		if row.Plugin == backgroundService && !p.foregroundMode() {
			continue
		}
		if len(calls) > 0 {
			all = append(all, started{row, calls, p.namedTypes(row.Plugin, calls)})
		}
	}
	return all
}

// namedTypes are the types with which an app starts a service; nil where it names none.
func (p *Pass) namedTypes(plugin string, calls []code.Call) []string {
	label := "serviceTypes"
	if plugin == backgroundService {
		label, calls = "foregroundServiceTypes", p.androidCalls(plugin, "", "AndroidConfiguration")
	}
	var types []string
	for _, c := range calls {
		given := c.Node.Arg(label)
		if given == nil || given.Kind != island.List {
			return nil
		}
		for _, kind := range given.Kids {
			types = append(types, lastName(kind))
		}
	}
	return types
}

// foregroundMode tells whether flutter_background_service runs in the foreground, as it does
// by default.
func (p *Pass) foregroundMode() bool {
	for _, c := range p.androidCalls(backgroundService, "", "AndroidConfiguration") {
		if mode := c.Node.Arg("isForegroundMode"); mode == nil || mode.Kind != island.Bool || mode.Name == "true" {
			return true
		}
	}
	return false
}

// typePermission is the permission that a type of service needs; "" for none.
func typePermission(kind string) string {
	if kind == "shortService" {
		return ""
	}
	var b strings.Builder
	b.WriteString("android.permission.FOREGROUND_SERVICE_")
	for _, r := range kind {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

func checkServiceType(p *Pass) {
	for _, m := range p.androidApps() {
		is, sure := targets(m, androidLimit("target with a permission for types of services"))
		if !is {
			continue
		}
		for _, s := range p.startedServices() {
			if c, ok := m.Merged.Component("service", s.row.Class); ok {
				related := []finding.Related{{Place: p.firstCall(s.calls), Text: "it is started here"}}
				p.reportTypes(m, c, s.types, sure, related)
			}
		}
		for _, c := range m.Merged.Components("service") {
			if c.From == "" && p.startsForeground(m, c.Class) {
				p.reportTypes(m, c, nil, sure, nil)
			}
		}
	}
}

func (p *Pass) reportTypes(m *project.Module, c manifest.Component, only []string, sure bool, related []finding.Related) {
	report := func(format string, args ...any) *finding.Finding {
		f := p.Report(placeIn(m, c.Element), format, args...)
		f.Subject, f.Related = shortClass(c.Class), related
		if !sure {
			f.Certainty = finding.Warning
		}
		return f
	}
	if len(c.Types) == 0 {
		report("the foreground service %s has no android:foregroundServiceType", shortClass(c.Class))
		return
	}
	for _, kind := range c.Types {
		permission := typePermission(kind)
		if _, ok := m.Merged.Permission(permission); ok || permission == "" || only != nil && !slices.Contains(only, kind) {
			continue
		}
		f := report("the service %s is of type %s, but the app does not declare %s", shortClass(c.Class), kind, strings.TrimPrefix(permission, "android.permission."))
		f.Subject += " " + kind
		f.Edits = p.addPermissions(m, permission)
		if p.mayBring("service", "location", "audio", "call", "record", "background", "media", "load") {
			f.Certainty = finding.Warning
		}
	}
}

// startsForeground tells whether a class of the app's own calls startForeground.
func (p *Pass) startsForeground(m *project.Module, class string) bool {
	for _, part := range p.partsOf(m) {
		for _, name := range []string{"startForeground", "startForegroundCompat"} {
			for _, c := range part.Code.Calls(name) {
				for d := c.Unit.At(c.Node.Start); d != nil; d = d.Parent {
					if d.Kind == island.Class && d.Name == shortClass(class) {
						return true
					}
				}
			}
		}
	}
	return false
}

func checkServiceUndeclared(p *Pass) {
	for _, m := range p.androidApps() {
		rows, by := p.absent(m, func(c *plugins.Component) bool {
			return c.Kind == "service" && (c.Plugin == foregroundTask || c.Plugin == localNotifications)
		})
		for i, row := range rows {
			if row.Plugin == foregroundTask && len(p.androidCalls(foregroundTask, "FlutterForegroundTask", "startService")) == 0 {
				continue
			}
			f := p.Report(finding.Whole(m.Manifest.Path), "%s is called, but the service %s is not declared", by[i].Node.Kids[0].Name, row.Class)
			f.Subject = row.Class
			f.Related = []finding.Related{{Place: p.Call(by[i].Unit, by[i].Node), Text: "it is started here"}}
		}
	}
}

// atBoot are the places which have a service of a plugin start with the phone, with its class.
func (p *Pass) atBoot() (at []finding.Place, class []string) {
	for _, c := range p.androidCalls(backgroundService, "", "AndroidConfiguration") {
		boot, mode := c.Node.Arg("autoStartOnBoot"), c.Node.Arg("isForegroundMode")
		if boot != nil && boot.Name == "false" || mode != nil && mode.Name == "false" {
			continue
		}
		at, class = append(at, p.Arg(c.Unit, c.Node, "autoStartOnBoot")), append(class, "id.flutter.flutter_background_service.BackgroundService")
	}
	for _, c := range p.androidCalls(foregroundTask, "", "ForegroundTaskOptions") {
		if boot := c.Node.Arg("autoRunOnBoot"); boot != nil && boot.Name == "true" {
			at, class = append(at, p.Arg(c.Unit, c.Node, "autoRunOnBoot")), append(class, "com.pravera.flutter_foreground_task.service.ForegroundService")
		}
	}
	return at, class
}

func checkBarredAtBoot(p *Pass) {
	p.checkAtBoot(barredAtBoot, android.Android15)
	p.nativeAtBoot(barredAtBoot, android.Android15)
}

// nativeAtBoot reports receivers of the app's own that start a service of one of the types at boot.
func (p *Pass) nativeAtBoot(types []string, from android.Version) {
	asked := p.hosted() || p.says("ACCESS_BACKGROUND_LOCATION")
	p.receivers(func(m *project.Module, u *code.Unit, class *island.Decl, onReceive *code.Func) {
		is, sure := targets(m, int64(from.API()))
		if !is || m.Merged == nil {
			return
		}
		if c, ok := m.Merged.Component("receiver", class.Name); !ok || !boots(c) {
			return
		}
		for _, call := range m.Code.Reach(onReceive).Calls("startForegroundService") {
			if call.In == nil || !m.Code.Reach(onReceive).Sure(call.In) {
				continue
			}
			body := call.Unit.Text(call.Node.Span)
			if !strings.Contains(body, ":class") && !strings.Contains(body, ".class") { // the intent is made before
				body = call.Unit.Text(call.In.Body().Span)
			}
			for _, s := range m.Merged.Components("service") {
				name := shortClass(s.Class)
				if !strings.Contains(body, name+"::class") && !strings.Contains(body, name+".class") || p.namesTypes(name) {
					continue
				}
				for _, kind := range s.Types {
					if !slices.Contains(types, kind) || kind == "location" && asked && holds(m, "ACCESS_BACKGROUND_LOCATION") {
						continue
					}
					f := p.Report(p.verb(call.Unit, call.Node), "%s starts %s at boot, but services of type %s may not when the app targets Android %s", class.Name, name, kind, from)
					f.Subject = kind
					f.Related = []finding.Related{{Place: placeIn(m, s.Element), Text: "its type is declared here"}}
					if !sure {
						f.Certainty = min(f.Certainty, finding.Warning)
					}
				}
			}
		}
	})
}

// namesTypes tells whether a service names its types each time it goes to the foreground: these
// may be fewer than its manifest has.
func (p *Pass) namesTypes(class string) bool {
	some := false
	for _, m := range p.nativeModules() {
		for _, c := range m.Code.Calls("startForeground") {
			for d := c.Unit.At(c.Node.Start); d != nil; d = d.Parent {
				if d.Kind == island.Class && d.Name == class {
					if len(c.Node.Args) < 3 {
						return false
					}
					some = true
				}
			}
		}
	}
	return some
}

func checkNeedsVisibleApp(p *Pass) {
	p.checkAtBoot(whileInUse, android.Android14)
	p.nativeAtBoot(whileInUse, android.Android14)
}

// checkAtBoot reports services that start with the phone and are of a type that may not, for
// apps that target a version.
func (p *Pass) checkAtBoot(types []string, from android.Version) {
	at, classes := p.atBoot()
	for _, m := range p.androidApps() {
		is, sure := targets(m, int64(from.API()))
		if !is {
			continue
		}
		for i, class := range classes {
			c, ok := m.Merged.Component("service", class)
			if !ok {
				continue
			}
			for _, kind := range c.Types {
				if !slices.Contains(types, kind) || kind == "location" && holds(m, "ACCESS_BACKGROUND_LOCATION") {
					continue
				}
				f := p.Report(at[i], "%s starts with the phone, but services of type %s may not when the app targets Android %s", shortClass(class), kind, from)
				f.Subject = kind
				f.Related = []finding.Related{{Place: placeIn(m, c.Element), Text: "its type is declared here"}}
				if !sure {
					f.Certainty = min(f.Certainty, finding.Warning)
				}
			}
		}
	}
}

func checkServiceTimeLimit(p *Pass) {
	if p.asked("stopSelf", "stopService", "onTimeout") {
		return
	}
	for _, m := range p.androidApps() {
		if is, _ := targets(m, androidLimit("service.data.target")); !is {
			continue
		}
		for _, s := range p.startedServices() {
			c, ok := m.Merged.Component("service", s.row.Class)
			if !ok || !slices.Contains(c.Types, "dataSync") && !slices.Contains(c.Types, "mediaProcessing") {
				continue
			}
			f := p.Report(p.firstCall(s.calls), "the service %s is of type %s, and nothing stops it", shortClass(c.Class), list(c.Types))
			f.Subject = c.Class
		}
	}
}
