package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plugins"
)

const (
	schedulerDoc = appleDocs + "backgroundtasks/bgtaskscheduler"
	refreshDoc   = appleDocs + "backgroundtasks/using-background-tasks-to-update-your-app"
)

func nativeIOSRules() []*Rule {
	return []*Rule{
		{
			Name: "ios-register-late", IDs: []string{"I05"}, Group: NativeIOS, Certainty: finding.Error, Platforms: []string{OnIOS},
			Title:  "a launch handler is registered after the app has launched",
			Detail: "BGTaskScheduler takes launch handlers until application(_:didFinishLaunchingWithOptions:) returns. When iOS launches the app in the background for a task there may be no view and no scene that would register later.",
			Seen:   "NSInternalInconsistencyException: all launch handlers must be registered before application finishes launching; or the task never runs",
			Fix:    "Register in application(_:didFinishLaunchingWithOptions:), before it returns and not in a closure that runs later",
			Source: []string{schedulerDoc + "/register(fortaskwithidentifier:using:launchhandler:)", "https://github.com/transistorsoft/flutter_background_fetch/issues/415"},
			Example: Example{
				Lang: "swift",
				Bad:  "override func viewDidLoad() {\n  BGTaskScheduler.shared.register(forTaskWithIdentifier: \"sync\", using: nil) { sync($0) }\n}\n",
				Good: "func application(_ app: UIApplication, didFinishLaunchingWithOptions o: Options?) -> Bool {\n  BGTaskScheduler.shared.register(forTaskWithIdentifier: \"sync\", using: nil) { sync($0) }\n  return true\n}\n",
			},
			Check: checkRegisterLate,
		},
		{
			Name: "ios-task-not-completed", IDs: []string{"I06"}, Group: NativeIOS, Certainty: finding.Error, Platforms: []string{OnIOS},
			Title:  "a way through the launch handler does not complete the task",
			Detail: "A background task that is not completed by setTaskCompleted(success:) keeps the app awake until iOS ends it for running too long. That counts against the app, and it is woken less often afterwards.",
			Seen:   "iOS kills the app some seconds after the time is up; later tasks come more rarely",
			Fix:    "Call setTaskCompleted(success:) once on every way out, also on early returns and errors",
			Source: []string{appleDocs + "backgroundtasks/bgtask/settaskcompleted(success:)", "fluttercommunity/flutter_workmanager WorkmanagerPlugin.swift"},
			Example: Example{
				Lang: "swift",
				Bad:  "guard let user = store.user else { return }\nsync(user) { task.setTaskCompleted(success: true) }\n",
				Good: "guard let user = store.user else {\n  task.setTaskCompleted(success: true)\n  return\n}\nsync(user) { task.setTaskCompleted(success: true) }\n",
			},
			Check: checkNotCompleted,
		},
		{
			Name: "ios-completed-twice", IDs: []string{"I06"}, Group: NativeIOS, Certainty: finding.Warning, Platforms: []string{OnIOS},
			Title:  "a task is completed twice",
			Detail: "The second call of setTaskCompleted(success:) comes when the task does not exist any more. It hides the first result, and code that runs after it is not covered by any background time.",
			Seen:   "the outcome that was meant is lost; work after the first call is suspended in its middle",
			Fix:    "Leave after the first call, or guard both with one flag",
			Source: []string{appleDocs + "backgroundtasks/bgtask/settaskcompleted(success:)", "ekasetiawans/flutter_background_service SwiftFlutterBackgroundServicePlugin.swift"},
			Example: Example{
				Lang: "swift",
				Bad:  "if store.isEmpty { task.setTaskCompleted(success: true) }\nsync()\ntask.setTaskCompleted(success: true)\n",
				Good: "if store.isEmpty { task.setTaskCompleted(success: true); return }\nsync()\ntask.setTaskCompleted(success: true)\n",
			},
			Check: checkCompletedTwice,
		},
		{
			Name: "ios-no-expiration", IDs: []string{"I07"}, Group: NativeIOS, Certainty: finding.Error, Platforms: []string{OnIOS},
			Title: "nothing stops the work when its time is up",
			Detail: "A refresh task gets about " + span(iosLimits().RefreshLimit) + ". When the time is up iOS calls the expirationHandler of the task and kills the app shortly after, unless the task is completed by then. " +
				"A handler that only logs does not help: it has to cancel the work and complete the task.",
			Seen:   "iOS kills the app in the middle of its work; later tasks come more rarely",
			Fix:    "Set task.expirationHandler first thing: cancel the work, then setTaskCompleted(success: false)",
			Source: []string{appleDocs + "backgroundtasks/bgtask/expirationhandler", refreshDoc},
			Example: Example{
				Lang: "swift",
				Bad:  "register(forTaskWithIdentifier: \"sync\", using: nil) { task in\n  Task { await sync(); task.setTaskCompleted(success: true) }\n}\n",
				Good: "register(forTaskWithIdentifier: \"sync\", using: nil) { task in\n  let work = Task { await sync(); task.setTaskCompleted(success: !Task.isCancelled) }\n  task.expirationHandler = { work.cancel() }\n}\n",
			},
			Check: checkNoExpiration,
		},
		{
			Name: "ios-no-reschedule", IDs: []string{"I08"}, Group: NativeIOS, Certainty: finding.Warning, Platforms: []string{OnIOS},
			Title:  "a refresh task does not ask for the next one",
			Detail: "A request is for one run. A handler that does not submit the next request has run for the last time until the app is opened. It should submit first, because iOS may end it at any moment.",
			Seen:   "one run after the app was used, then none",
			Fix:    "Submit the next BGAppRefreshTaskRequest at the beginning of the handler",
			Source: []string{refreshDoc},
			Example: Example{
				Lang: "swift",
				Bad:  "func handle(_ task: BGAppRefreshTask) {\n  sync { task.setTaskCompleted(success: true) }\n}\n",
				Good: "func handle(_ task: BGAppRefreshTask) {\n  scheduleRefresh()\n  sync { task.setTaskCompleted(success: true) }\n}\n",
			},
			Check: checkNoReschedule,
		},
		{
			Name: "ios-submit-swallowed", IDs: []string{"I09"}, Group: NativeIOS, Certainty: finding.Warning, Platforms: []string{OnIOS},
			Title:  "nobody sees that iOS refuses a request",
			Detail: "submit throws with code 1 (background refresh is switched off), 2 (too many pending requests) or 3 (the identifier or the mode is not permitted). Swallowed, each of them looks like a task that iOS does not care to run.",
			Seen:   "the task never runs and nothing says why",
			Fix:    "Catch the error and record its code",
			Source: []string{schedulerDoc + "/error/code", workmanager + "/issues/517", workmanager + "/issues/455"},
			Example: Example{
				Lang: "swift",
				Bad:  "try? BGTaskScheduler.shared.submit(request)\n",
				Good: "do { try BGTaskScheduler.shared.submit(request) }\ncatch { log.error(\"refresh not scheduled: \\(error)\") }\n",
			},
			Check: checkSubmitSwallowed,
		},
		{
			Name: "ios-cancels-all", Group: NativeIOS, Certainty: finding.Hint, Platforms: []string{OnIOS},
			Title:  "every request is cancelled to submit one",
			Detail: "cancelAllTaskRequests() takes back the requests of all identifiers, those of plugins too. A new request for the same identifier replaces the old one by itself.",
			Seen:   "other background tasks of the app, or of its plugins, stop coming",
			Fix:    "Leave it out, or cancel the one identifier with cancel(taskRequestWithIdentifier:)",
			Source: []string{schedulerDoc + "/cancelalltaskrequests()", schedulerDoc + "/submit(_:)"},
			Example: Example{
				Lang: "swift",
				Bad:  "BGTaskScheduler.shared.cancelAllTaskRequests()\ntry BGTaskScheduler.shared.submit(request)\n",
				Good: "try BGTaskScheduler.shared.submit(request)\n",
			},
			Check: checkCancelsAll,
		},
		{
			Name: "ios-assertion-not-ended", Group: NativeIOS, Certainty: finding.Warning, Platforms: []string{OnIOS},
			Title:  "background time is taken and never given back",
			Detail: "beginBackgroundTask asks for some time after the app leaves the screen. The app gives it back with endBackgroundTask, in the expiration handler at the latest; one that does not is killed when the time is up.",
			Seen:   "iOS kills the app about " + span(iosLimits().AssertionLimit) + " after it left the screen",
			Fix:    "Call endBackgroundTask when the work is done, and in the expiration handler",
			Source: []string{appleDocs + "uikit/uiapplication/beginbackgroundtask(withname:expirationhandler:)"},
			Example: Example{
				Lang: "swift",
				Bad:  "id = app.beginBackgroundTask(withName: \"save\")\nsave { }\n",
				Good: "id = app.beginBackgroundTask(withName: \"save\") { app.endBackgroundTask(id) }\nsave { app.endBackgroundTask(id) }\n",
			},
			Check: checkAssertion,
		},
		{
			Name: "ios-transfer-unheard", Group: NativeIOS, Certainty: finding.Warning, Platforms: []string{OnIOS},
			Title:  "a background transfer whose end nobody hears",
			Detail: "iOS goes on with the transfers of a background session while the app is suspended or ended, and starts the app when they are done. It tells so by application(_:handleEventsForBackgroundURLSession:completionHandler:), or SwiftUI's .backgroundTask(.urlSession); without it the app does not learn of the end in the background.",
			Seen:   "downloads are handled only when the user opens the app; iOS delays further ones",
			Fix:    "Implement handleEventsForBackgroundURLSession and call its completion handler",
			Source: []string{appleDocs + "foundation/downloading-files-in-the-background"},
			Example: Example{
				Lang: "swift",
				Bad:  "let c = URLSessionConfiguration.background(withIdentifier: \"files\")\n",
				Good: "let c = URLSessionConfiguration.background(withIdentifier: \"files\")\nfunc application(_ a: UIApplication, handleEventsForBackgroundURLSession id: String,\n                 completionHandler done: @escaping () -> Void) { finish = done }\n",
			},
			Check: checkTransferUnheard,
		},
	}
}

// handled is a launch handler and the function that it is.
type handled struct {
	launchHandler
	fn      *code.Func
	reach   *code.Reach
	refresh bool
	task    string // name of its parameter
}

// handlers are the launch handlers of native code that are understood.
func (p *Pass) handlers() []handled {
	if p.Project.IOS == nil || p.Project.IOS.Code == nil {
		return nil
	}
	native := p.Project.IOS.Code
	var all []handled
	for _, l := range launchHandlers(native) {
		if l.Handler == nil {
			continue
		}
		to := native.Target(l.In, l.Unit, l.Handler)
		if to.Func == nil {
			p.Unchecked(p.Call(l.Unit, l.Node), "launch handler", "the function it is was not found")
			continue
		}
		h := handled{launchHandler: l, fn: to.Func, reach: native.Reach(to.Func)}
		switch f := to.Func; {
		case f.Closure != nil && len(f.Closure.Params) > 0:
			h.task = f.Closure.Params[0].Name
		case f.Decl != nil && len(f.Decl.Params) > 0:
			h.task = f.Decl.Params[0].Name
		default:
			h.task = "$0"
		}
		h.refresh = p.isRefresh(&h)
		all = append(all, h)
	}
	return all
}

// isRefresh tells whether a handler is one of refresh tasks: it says so, or such a request
// has its identifier.
func (p *Pass) isRefresh(h *handled) bool {
	if len(h.reach.Mentions("BGAppRefreshTask")) > 0 || h.typed("BGAppRefreshTask") {
		return true
	}
	if len(h.reach.Mentions("BGProcessingTask")) > 0 || h.typed("BGProcessingTask") {
		return false
	}
	native := p.Project.IOS.Code
	ids := native.Value(h.In, h.Unit, h.ID).Strings()
	for _, a := range p.nativeAsks(native) {
		if a.Kind == plugins.Refresh && a.ID != "" && slices.Contains(ids, a.ID) {
			return true
		}
	}
	return false
}

// typed tells whether a function that the handler reaches takes a task of a class.
func (h *handled) typed(class string) bool {
	for _, f := range h.reach.Funcs() {
		if f.Decl == nil {
			continue
		}
		for i := range f.Decl.Params {
			if strings.TrimSuffix(f.Decl.Params[i].Type, "?") == class {
				return true
			}
		}
	}
	return strings.Contains(h.Unit.Text(h.Node.Span), "as! "+class)
}

// reaches are the calls that a handler may come to, of a Swift or an Objective-C name.
func (h *handled) reaches(names ...string) []code.Call {
	var calls []code.Call
	for _, name := range names {
		calls = append(calls, h.reach.Calls(name)...)
	}
	return calls
}

func (h *handled) completions() []code.Call {
	return h.reaches("setTaskCompleted", "setTaskCompletedWithSuccess:")
}

// escapes tells whether a handler hands its task to something that is not known.
func (h *handled) escapes(native *code.Program) bool {
	gone := false
	for _, f := range h.reach.Funcs() {
		names := h.names(native, f)
		if len(names) == 0 {
			continue
		}
		island.Walk(f.Body(), func(n *island.Node) bool {
			if h.hands(native, f, n, names) {
				gone = true
			}
			return n.Kind != island.Closure || n == f.Closure
		})
	}
	return gone
}

// names are those that the task has in a function: none in one that is neither in the handler nor
// takes it.
func (h *handled) names(native *code.Program, f *code.Func) []string {
	for ; f != nil; f = f.Outer {
		if f == h.fn {
			return []string{"task", h.task}
		}
		for i := 0; f.Decl != nil && i < len(f.Decl.Params); i++ {
			param := &f.Decl.Params[i]
			if takes(native, param) {
				return []string{param.Name}
			}
		}
	}
	return nil
}

// takes tells whether a parameter may be a task: by its class, or by a protocol that the app has
// given to it.
func takes(native *code.Program, param *island.Param) bool {
	name := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(param.Type, "any "), "some "), "?")
	if strings.HasPrefix(name, "BG") || strings.HasPrefix(name, "Any") && param.Name == "task" {
		return true
	}
	return slices.ContainsFunc(native.Units(), func(u *code.Unit) bool {
		return slices.ContainsFunc(u.Decls, func(d *island.Decl) bool {
			return d.Kind == island.Extension && strings.HasPrefix(d.Name, "BG") && slices.Contains(d.Supers, name)
		})
	})
}

// hands tells whether a node passes a task on to a function that is not here, or keeps it.
func (h *handled) hands(native *code.Program, f *code.Func, n *island.Node, names []string) bool {
	is := func(n *island.Node) bool {
		for n != nil && n.Kind == island.Binary && (n.Name == "as" || n.Name == "as!" || n.Name == "as?") && len(n.Kids) > 0 {
			n = n.Kids[0]
		}
		return n != nil && n.Kind == island.Ident && slices.Contains(names, n.Name)
	}
	switch n.Kind {
	case island.Call:
		for i := range n.Args {
			if !is(n.Args[i].Value) || len(n.Kids) == 0 {
				continue
			}
			decls := native.Resolve(f, f.File, n.Kids[0])
			if len(decls) == 0 || !slices.ContainsFunc(decls, func(d *island.Decl) bool { return d.Body() != nil }) {
				return true // also a struct that keeps it
			}
		}
	case island.Assign:
		return len(n.Kids) > 1 && is(n.Kids[1]) && n.Kids[0].Kind == island.Member
	}
	return false
}

// expirations are the assignments of an expirationHandler that a handler may come to.
func (h *handled) expirations() []code.Use {
	var uses []code.Use
	for _, name := range []string{"expirationHandler", "setExpirationHandler:"} {
		for _, u := range h.reach.Mentions(name) {
			if u.Write || u.Called {
				uses = append(uses, u)
			}
		}
	}
	return uses
}
