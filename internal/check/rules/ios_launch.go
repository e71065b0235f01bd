package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plugins"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/pub"
)

func iosLaunchRules() []*Rule {
	return []*Rule{
		{
			Name: "ios-registrant-missing", IDs: []string{"P01"}, Group: Initialising, Certainty: finding.Error, Platforms: []string{OnIOS},
			Title: "the callback uses plugins that its engine on iOS does not know",
			Detail: "On iOS workmanager runs the callback in a Flutter engine of its own. That engine knows no plugin unless the app hands over its registrant with `WorkmanagerPlugin.setPluginRegistrantCallback`. " +
				"The registrant of another plugin, such as FlutterLocalNotificationsPlugin, does not count. `DartPluginRegistrant.ensureInitialized()` registers the Dart side only.",
			Seen:   "the first call of a plugin in the callback throws (channel-error or MissingPluginException) on iOS; in debug on Android all is well",
			Fix:    "Call WorkmanagerPlugin.setPluginRegistrantCallback in application(_:didFinishLaunchingWithOptions:)",
			Source: []string{workmanager + "/issues/174", workmanager + "/issues/513", "fluttercommunity/flutter_workmanager docs/quickstart.mdx", "Dev-hwang/flutter_foreground_task README"},
			Example: Example{
				Lang: "swift",
				Bad:  "GeneratedPluginRegistrant.register(with: self)\nreturn super.application(application, didFinishLaunchingWithOptions: launchOptions)\n",
				Good: "WorkmanagerPlugin.setPluginRegistrantCallback { registry in\n  GeneratedPluginRegistrant.register(with: registry)\n}\nGeneratedPluginRegistrant.register(with: self)\nreturn super.application(application, didFinishLaunchingWithOptions: launchOptions)\n",
			},
			Check: checkRegistrant,
		},
		{
			Name: "ios-notification-registrant", IDs: []string{"P02"}, Group: Initialising, Certainty: finding.Error, Platforms: []string{OnIOS},
			Title:  "notification actions run in an engine without plugins on iOS",
			Detail: "flutter_local_notifications runs the callback of a notification action in an engine of its own when the app is not open. It knows plugins only if the app calls `FlutterLocalNotificationsPlugin.setPluginRegistrantCallback`.",
			Seen:   "the action does nothing on iOS while the app is closed",
			Fix:    "Call FlutterLocalNotificationsPlugin.setPluginRegistrantCallback in the AppDelegate",
			Source: []string{"https://github.com/MaikuB/flutter_local_notifications/issues/1774", "MaikuB/flutter_local_notifications README (notification actions)"},
			Example: Example{
				Lang: "swift",
				Bad:  "GeneratedPluginRegistrant.register(with: self)\n",
				Good: "FlutterLocalNotificationsPlugin.setPluginRegistrantCallback { registry in\n  GeneratedPluginRegistrant.register(with: registry)\n}\nGeneratedPluginRegistrant.register(with: self)\n",
			},
			Check: checkNotificationRegistrant,
		},
		{
			Name: "ios-handler-not-registered", IDs: []string{"I04"}, Group: IOS, Certainty: finding.Error, Platforms: []string{OnIOS},
			Title: "nothing is registered to run when iOS starts the task",
			Detail: "iOS runs a background task through the launch handler that the app has registered for its identifier before it finished launching. " +
				"workmanager registers handlers by itself from workmanager_apple 0.9.3+1 on; an app with an older one does so in its AppDelegate. " +
				"Under the UIScene life cycle plugins are registered too late for that: such an app calls `WorkmanagerPlugin.registerLaunchHandlers()` itself.",
			Seen:     "the task never runs, or iOS ends the app as it starts it for the task (no launch handler registered)",
			Fix:      "Upgrade to workmanager_apple 0.9.3+1 or later, or register the identifier in application(_:didFinishLaunchingWithOptions:)",
			Versions: []string{"workmanager_apple <0.9.3+1", "every version under UIScene", "background_fetch <1.6.1 under UIScene"},
			Source:   []string{"fluttercommunity/flutter_workmanager workmanager_apple CHANGELOG 0.9.3+1 (#692), 0.9.5 (#696)", "https://github.com/transistorsoft/flutter_background_fetch/issues/414", appleDocs + "backgroundtasks/bgtaskscheduler/register(fortaskwithidentifier:using:launchhandler:)"},
			Example: Example{
				Lang: "swift",
				Bad:  "GeneratedPluginRegistrant.register(with: self)\n",
				Good: "WorkmanagerPlugin.registerPeriodicTask(withIdentifier: \"sync\", frequency: nil)\nGeneratedPluginRegistrant.register(with: self)\n",
			},
			Check: checkHandlerNotRegistered,
		},
		{
			Name: "ios-legacy-fetch", IDs: []string{"I10"}, Group: IOS, Certainty: finding.Warning, Platforms: []string{OnIOS},
			Title:  "the old background fetch is used beside permitted identifiers",
			Detail: "An app whose Info.plist has " + permittedKey + " gets no background fetch of the old kind: setMinimumBackgroundFetchInterval and performFetchWithCompletionHandler have no effect any more.",
			Seen:   "the call does nothing; performFetch is never called",
			Fix:    "Remove it, and submit a BGAppRefreshTaskRequest instead",
			Source: []string{appleDocs + "backgroundtasks/choosing-background-strategies-for-your-app", permittedDoc, "fluttercommunity/flutter_workmanager workmanager_impl.dart"},
			Example: Example{
				Lang: "swift",
				Bad:  "UIApplication.shared.setMinimumBackgroundFetchInterval(UIApplication.backgroundFetchIntervalMinimum)\n",
				Good: "try BGTaskScheduler.shared.submit(BGAppRefreshTaskRequest(identifier: \"sync\"))\n",
			},
			Check: checkLegacyFetch,
		},
	}
}

// delegate is the class that starts an app on iOS.
type delegate struct {
	target *project.Target
	unit   *code.Unit
	class  *island.Decl
}

// delegates are those of the app's targets, once each.
func (p *Pass) delegates() []delegate {
	ios := p.Project.IOS
	if ios == nil || ios.Code == nil {
		return nil
	}
	var all []delegate
	for _, t := range p.apps() {
		if t.Delegate == nil {
			continue
		}
		d := delegate{target: t, class: t.Delegate.Decl, unit: ios.Code.Unit(t.Delegate.File)}
		if d.unit != nil && !slices.ContainsFunc(all, func(o delegate) bool { return o.unit == d.unit }) {
			all = append(all, d)
		}
	}
	return all
}

// launch is the method that runs as the app starts; nil without.
func (d *delegate) launch() *island.Decl {
	for _, m := range d.class.Members {
		for i := range m.Params {
			if m.Params[i].Label == "didFinishLaunchingWithOptions" {
				return m
			}
		}
		if strings.Contains(m.Name, "didFinishLaunchingWithOptions:") {
			return m
		}
	}
	return nil
}

// nativeCalls are the calls of a class's method in native code: on is the class, in Swift
// as in Objective-C.
func nativeCalls(native *code.Program, method string, on ...string) []code.Call {
	var calls []code.Call
	for _, name := range []string{method, method + ":"} {
		for _, c := range native.Calls(name) {
			receiver, _ := calledOn(c.Node)
			if (len(on) == 0 || slices.Contains(on, receiver)) && alive(native, c) {
				calls = append(calls, c)
			}
		}
	}
	return calls
}

// alive tells whether a call can be come to: it does not stand behind a return.
func alive(native *code.Program, c code.Call) bool {
	return native.May(code.World{OS: OnIOS, Build: "release"}, c.Unit, c.Node)
}

// starters are the calls of workmanager after which iOS starts its engine.
func (p *Pass) starters() []code.Call {
	methods := []string{"registerPeriodicTask", "registerProcessingTask", "registerHealthResearchTask", "registerContinuedProcessingTask"}
	if p.version("workmanager_apple", ">=0.9.6") == pub.No {
		methods = append(methods, "registerOneOffTask") // later ones run it in the app's engine
	}
	var calls []code.Call
	for _, m := range methods {
		for _, c := range p.pluginCalls("workmanager", "", m) {
			if p.mayRunOn(OnIOS, c) {
				calls = append(calls, c)
			}
		}
	}
	return calls
}

func checkRegistrant(p *Pass) {
	delegates := p.delegates()
	if len(delegates) == 0 {
		if starts := p.starters(); p.Project.IOS != nil && len(starts) > 0 {
			p.Unchecked(p.firstCall(starts), "AppDelegate", "the class that starts the app on iOS was not found: whether it registers plugins and launch handlers is not known")
		}
		return
	}
	for _, row := range plugins.Registrants() {
		var callbacks []code.Call
		switch row.Plugin {
		case "workmanager":
			if len(p.starters()) > 0 {
				callbacks = p.pluginCalls("workmanager", "", "executeTask")
			}
		case "flutter_foreground_task":
			for _, c := range p.pluginCalls(row.Plugin, "FlutterForegroundTask", "startService") {
				if p.mayRunOn(OnIOS, c) {
					callbacks = p.pluginCalls(row.Plugin, "FlutterForegroundTask", "setTaskHandler")
				}
			}
		}
		var roots []*code.Func
		for _, c := range callbacks {
			roots = append(roots, c.In)
		}
		if strings.HasPrefix(row.Plugin, "background_locator") && p.has(row.Plugin) {
			for _, e := range p.working() {
				if e.Class == "BackgroundLocator" && e.Work != nil && p.mayRunOn(OnIOS, e.Call) {
					callbacks, roots = append(callbacks, e.Call), append(roots, e.Work)
				}
			}
		}
		if row.Starts != "" {
			callbacks = p.iosCalls(row.Plugin, row.Starts, "initialize")
		}
		if len(callbacks) == 0 || len(nativeCalls(p.Project.IOS.Code, "setPluginRegistrantCallback", row.Classes...)) > 0 {
			continue
		}
		used := p.channelsIn(roots)
		used = slices.DeleteFunc(used, func(s string) bool { return s == row.Plugin })
		if len(used) == 0 && row.Starts == "" {
			continue
		}
		for _, d := range delegates {
			at := finding.Whole(d.unit.Path)
			text := "the callback that uses them"
			if row.Starts != "" {
				text = "the engine is started here"
			}
			related := []finding.Related{{Place: p.Call(callbacks[0].Unit, callbacks[0].Node), Text: text}}
			for _, other := range nativeCalls(p.Project.IOS.Code, "setPluginRegistrantCallback") {
				if other.Unit == d.unit {
					at = p.Call(other.Unit, other.Node)
				}
			}
			if launch := d.launch(); launch != nil {
				related = append(related, finding.Related{Place: p.Name(d.unit, launch), Text: "register them here"})
			}
			f := p.Report(at, "%s.setPluginRegistrantCallback is not called, but the callback uses %s", row.Classes[0], list(used))
			if row.Starts != "" {
				f.Message = fmt.Sprintf("%s.setPluginRegistrantCallback is not called: %s.initialize starts an engine that calls what it is given there", row.Classes[0], row.Starts)
				f.Seen = "the app ends on iOS as soon as " + row.Starts + " is initialised"
			}
			f.Subject, f.Related = row.Classes[0], related
			f.Fix = fmt.Sprintf("Import %s and call %s.setPluginRegistrantCallback in application(_:didFinishLaunchingWithOptions:)", row.Module, row.Classes[0])
		}
	}
}

// channelsIn are the plugins of the app that functions may reach.
func (p *Pass) channelsIn(roots []*code.Func) []string {
	roots = slices.DeleteFunc(roots, func(f *code.Func) bool { return f == nil })
	reach := p.Project.Dart.ReachIn(code.World{OS: OnIOS, Build: "release"}, roots...)
	var used []string
	for _, row := range plugins.NeedRegistrant() {
		if !p.has(row.Plugin) {
			continue
		}
		for _, name := range row.Names {
			if len(reach.Mentions(name)) > 0 {
				used = append(used, row.Plugin)
				break
			}
		}
	}
	return used
}

func checkNotificationRegistrant(p *Pass) {
	delegates := p.delegates()
	if len(delegates) == 0 || len(nativeCalls(p.Project.IOS.Code, "setPluginRegistrantCallback", "FlutterLocalNotificationsPlugin")) > 0 {
		return
	}
	const plugin = "flutter_local_notifications"
	if len(p.mentions(plugin, "DarwinNotificationAction")) == 0 && len(p.mentions(plugin, "IOSNotificationAction")) == 0 {
		return
	}
	for _, c := range p.pluginCalls(plugin, "", "initialize") {
		if c.Node.Arg("onDidReceiveBackgroundNotificationResponse") == nil || !p.mayRunOn(OnIOS, c) {
			continue
		}
		f := p.Report(finding.Whole(delegates[0].unit.Path), "FlutterLocalNotificationsPlugin.setPluginRegistrantCallback is not called, but notifications have actions")
		f.Related = []finding.Related{{Place: p.Arg(c.Unit, c.Node, "onDidReceiveBackgroundNotificationResponse"), Text: "the callback that runs without plugins"}}
		return
	}
}

func checkLegacyFetch(p *Pass) {
	if p.Project.IOS == nil || p.Project.IOS.Code == nil {
		return
	}
	var declared *project.Target
	p.plists(func(t *project.Target) {
		if t.InfoPlist.Find(permittedKey) != nil {
			declared = t
		}
	})
	if declared == nil {
		return
	}
	native := p.Project.IOS.Code
	related := []finding.Related{{Place: declared.InfoPlist.Find(permittedKey).At, Text: "with this key iOS ignores it"}}
	older := before13(declared)
	for _, c := range nativeCalls(native, "setMinimumBackgroundFetchInterval") {
		if olderOnly(native, c) {
			older = true // and performFetch is for them too
		} else if builds(declared, c.Unit) {
			p.Report(p.Call(c.Unit, c.Node), "setMinimumBackgroundFetchInterval has no effect beside %s", permittedKey).Related = related
		}
	}
	for _, d := range p.delegates() {
		for _, m := range d.class.Members {
			if older {
				break
			}
			if len(m.Params) > 1 && m.Params[1].Label == "performFetchWithCompletionHandler" || strings.HasSuffix(m.Name, ":performFetchWithCompletionHandler:") {
				p.Report(p.Name(d.unit, m), "performFetchWithCompletionHandler is never called beside %s", permittedKey).Related = related
			}
		}
	}
}

// before13 tells whether an app runs on systems that know no background tasks.
func before13(t *project.Target) bool {
	v, ok := t.Setting("IPHONEOS_DEPLOYMENT_TARGET")
	major, _, _ := strings.Cut(v.Text, ".")
	n, err := strconv.Atoi(major)
	return ok && err == nil && n < 13
}

// olderOnly tells whether a call stands where an #available check has failed.
func olderOnly(native *code.Program, c code.Call) bool {
	if c.In == nil {
		return false
	}
	for _, g := range native.Guards(c.In, c.Node) {
		if g.Kind == code.Condition && g.Cond != nil && !g.Holds && strings.Contains(c.Unit.Text(g.Cond.Span), "available") {
			return true
		}
	}
	return false
}
