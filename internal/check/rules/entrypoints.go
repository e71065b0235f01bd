package rules

import (
	"path"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plugins"
	"github.com/lullwork/lull/internal/check/pub"
)

const (
	entryPoint = "vm:entry-point"
	pragmaDoc  = "https://github.com/dart-lang/sdk/blob/main/runtime/docs/compiler/aot/entry_point_pragma.md"
	wmImpl     = "fluttercommunity/flutter_workmanager: workmanager/lib/src/workmanager_impl.dart"
	wmRepo     = "https://github.com/fluttercommunity/flutter_workmanager"
	fcmGuide   = "https://firebase.google.com/docs/cloud-messaging/flutter/receive"
)

func entryPointRules() []*Rule {
	return []*Rule{
		{
			Name: "entry-point-missing", IDs: []string{"E01"}, Group: EntryPoints, Certainty: finding.Error,
			Title:  "background function without the entry-point pragma",
			Detail: "The system starts the function by a stored handle, not by a call in Dart. A release build keeps only what it sees called, so that the handle leads nowhere there. Debug builds and hot reload keep everything and hide it.",
			Seen:   "works in debug, never runs in a release build; at most a line in the device's log",
			Fix:    "Put `@pragma('vm:entry-point')` on the line above the function",
			Source: []string{pragmaDoc, fcmGuide, "firebase/flutterfire#9446", "fluttercommunity/flutter_workmanager#422"},
			Lint:   "saropa_lints has it for two plugins, in one file",
			Example: Example{
				Lang: "dart",
				Bad:  "void dispatcher() { ... }\n\nWorkmanager().initialize(dispatcher);\n",
				Good: "@pragma('vm:entry-point')\nvoid dispatcher() { ... }\n\nWorkmanager().initialize(dispatcher);\n",
			},
			Check: entryPointMissing,
		},
		{
			Name: "callback-not-top-level", IDs: []string{"E02", "E03"}, Group: EntryPoints, Certainty: finding.Error,
			Title:  "closure or instance method as a background function",
			Detail: "The system can store a handle of a top-level or a static function only: nothing that a closure has captured, and no object, exists in the process that it starts later.",
			Seen:   "an assert in debug; in a release build a null error at registration, or nothing at all",
			Fix:    "Move the body into a top-level or static function with `@pragma('vm:entry-point')` and hand that over",
			Source: []string{fcmGuide, "firebase/flutterfire#5541", "firebase/flutterfire#9793", "firebase/flutterfire: method_channel_messaging.dart"},
			Lint:   "saropa_lints: require_notification_handler_top_level (lets closures through)",
			Example: Example{
				Lang: "dart",
				Bad:  "FirebaseMessaging.onBackgroundMessage((m) async => save(m));\n",
				Good: "@pragma('vm:entry-point')\nFuture<void> onPush(RemoteMessage m) => save(m);\n\nFirebaseMessaging.onBackgroundMessage(onPush);\n",
			},
			Check: callbackNotTopLevel,
		},
		{
			Name: "entry-point-misspelt", IDs: []string{"E04"}, Group: EntryPoints, Certainty: finding.Error,
			Title:  "misspelt entry-point pragma",
			Detail: "The compiler ignores pragmas that it does not know, without a word. A misspelt one is as good as none.",
			Seen:   "works in debug, never runs in a release build",
			Fix:    "Spell it `@pragma('vm:entry-point')`",
			Source: []string{pragmaDoc},
			Lint:   "saropa_lints: avoid_unknown_pragma",
			Example: Example{
				Lang: "dart",
				Bad:  "@pragma('vm:entrypoint')\nvoid dispatcher() { ... }\n",
				Good: "@pragma('vm:entry-point')\nvoid dispatcher() { ... }\n",
			},
			Check: entryPointMisspelt,
		},
		{
			Name: "execute-task-late", IDs: []string{"E05"}, Group: EntryPoints, Certainty: finding.Warning,
			Title:    "the dispatcher does not call executeTask first",
			Detail:   "The native side starts the dispatcher and waits for executeTask to announce a handler. What is awaited before delays or loses that; a dispatcher that never calls it leaves the native side waiting, without a limit up to workmanager 0.10.7.",
			Seen:     "the work shows as running until the system stops it, and does nothing",
			Fix:      "Call `Workmanager().executeTask` as the first statement and await inside of its handler",
			Versions: []string{"workmanager: the wait has a limit after 0.10.7"},
			Source:   []string{wmRepo + "/pull/735", wmImpl},
			Example: Example{
				Lang: "dart",
				Bad:  "void dispatcher() async {\n  await setUp();\n  Workmanager().executeTask(run);\n}\n",
				Good: "void dispatcher() {\n  Workmanager().executeTask((task, input) async {\n    await setUp();\n    return run(task, input);\n  });\n}\n",
			},
			Check: executeTaskLate,
		},
		{
			Name: "callback-registered-late", IDs: []string{"E06"}, Group: EntryPoints, Certainty: finding.Hint,
			Title:  "background function registered from a screen",
			Detail: "The stored handle belongs to the build that last ran the registration. After an update of the app, runs fail until the screen which registers has been opened once more.",
			Seen:   "after an update no run until the user opens that screen; the system reports failures only to its own log",
			Fix:    "Register in main(), before runApp, without a condition",
			Source: []string{wmRepo + "/issues/368", "workmanager_android: BackgroundWorker.kt"},
			Example: Example{
				Lang: "dart",
				Bad:  "void initState() {\n  super.initState();\n  Workmanager().initialize(dispatcher);\n}\n",
				Good: "void main() {\n  WidgetsFlutterBinding.ensureInitialized();\n  Workmanager().initialize(dispatcher);\n  runApp(const App());\n}\n",
			},
			Check: func(p *Pass) { registeredLate(p, plugins.OnSchedule, plugins.OnFetch) },
		},
		{
			Name: "push-handler-late", IDs: []string{"E06"}, Group: Push, Certainty: finding.Hint,
			Title:  "push handler registered from a screen or under a condition",
			Detail: "firebase_messaging stores the handle when onBackgroundMessage runs. Until then, after an installation or an update, messages that arrive in the background are dropped.",
			Seen:   "data messages are lost until the user has come to that screen; nothing is logged",
			Fix:    "Call `FirebaseMessaging.onBackgroundMessage` in main(), before runApp",
			Source: []string{fcmGuide, "firebase/flutterfire: FlutterFirebaseMessagingBackgroundExecutor.java"},
			Example: Example{
				Lang: "dart",
				Bad:  "void onLogin() {\n  FirebaseMessaging.onBackgroundMessage(onPush);\n}\n",
				Good: "Future<void> main() async {\n  await Firebase.initializeApp();\n  FirebaseMessaging.onBackgroundMessage(onPush);\n  runApp(const App());\n}\n",
			},
			Check: func(p *Pass) { registeredLate(p, plugins.OnPush) },
		},
		{
			Name: "macos-dispatcher-name", IDs: []string{"E07"}, Group: EntryPoints, Certainty: finding.Error, Platforms: []string{OnMacOS},
			Title:    "dispatcher that macOS does not find",
			Detail:   "On macOS the plugin starts the engine with an entry point by name: it has to be called callbackDispatcher and has to be in the main library.",
			Seen:     "tasks never run on macOS, without an error",
			Fix:      "Name the dispatcher `callbackDispatcher` and declare it in lib/main.dart",
			Versions: []string{"workmanager_apple >=0.9.3"},
			Source:   []string{wmRepo + "/blob/main/docs/quickstart.mdx", "workmanager_apple: BackgroundWorker.swift"},
			Example: Example{
				Lang: "dart",
				Bad:  "// lib/background.dart\n@pragma('vm:entry-point')\nvoid dispatcher() { ... }\n",
				Good: "// lib/main.dart\n@pragma('vm:entry-point')\nvoid callbackDispatcher() { ... }\n",
			},
			Check: macosDispatcherName,
		},
		{
			Name: "web-dispatcher-imports-flutter", IDs: []string{"E08"}, Group: EntryPoints, Certainty: finding.Error, Platforms: []string{OnWeb},
			Title:    "dispatcher for the web that imports Flutter",
			Detail:   "On the web the dispatcher is compiled into a service worker of its own, where there is neither Flutter nor a page.",
			Seen:     "the worker's script does not compile or fails as it is loaded; tasks never run",
			Fix:      "Put the dispatcher and what it needs into files that import neither Flutter nor a plugin",
			Versions: []string{"workmanager_web"},
			Source:   []string{wmRepo + "/blob/main/workmanager_web/DESIGN.md"},
			Example: Example{
				Lang: "dart",
				Bad:  "import 'package:flutter/material.dart';\nimport 'package:workmanager_web/execution.dart';\n\nvoid dispatcher() => WorkmanagerExecution.instance.executeTask(sync);\n",
				Good: "import 'package:workmanager_web/execution.dart';\n\nvoid dispatcher() => WorkmanagerExecution.instance.executeTask(sync);\n",
			},
			Check: webDispatcherImports,
		},
		{
			Name: "linux-main-without-run", IDs: []string{"E09"}, Group: EntryPoints, Certainty: finding.Error, Platforms: []string{OnLinux},
			Title:    "main() for Linux that does not run background tasks",
			Detail:   "On Linux a systemd timer starts the app itself with an argument. main() has to hand that to maybeRunBackgroundTask before it shows a window.",
			Seen:     "the timer opens a window instead of running the task",
			Fix:      "Call `await maybeRunBackgroundTask(args, callbackDispatcher)` first in main(List<String> args), and return if it ran",
			Versions: []string{"workmanager_linux"},
			Source:   []string{wmRepo + "/blob/main/workmanager_linux/DESIGN.md"},
			Example: Example{
				Lang: "dart",
				Bad:  "void main() => runApp(const App());\n",
				Good: "Future<void> main(List<String> args) async {\n  if (await maybeRunBackgroundTask(args, callbackDispatcher)) return;\n  runApp(const App());\n}\n",
			},
			Check: linuxMainWithoutRun,
		},
	}
}

// handles calls visit once for each function that a plugin stores a handle of.
func (p *Pass) handles(visit func(*entry)) {
	type key struct {
		decl *island.Decl
		work *code.Func
		arg  *island.Node
	}
	seen := make(map[key]bool)
	for _, e := range p.entries() {
		k := key{decl: e.To.Decl, work: e.To.Func}
		if e.To.Func == nil {
			k.arg = e.Arg
		}
		if !e.Handle || seen[k] {
			continue
		}
		seen[k] = true
		visit(e)
	}
}

// pragma returns the entry-point pragma of a declaration, and one that may be meant so.
func (p *Pass) pragma(u *code.Unit, d *island.Decl) (good bool, odd *island.Annotation) {
	for i := range d.Annotations {
		a := &d.Annotations[i]
		if a.Name != "pragma" || len(a.Args) == 0 {
			continue
		}
		text, ok := p.dart().Value(nil, u, a.Args[0].Value).String()
		if !ok || text == entryPoint { // one that is not known may be right
			return true, nil
		}
		if like(text, entryPoint) {
			odd = a
		}
	}
	return false, odd
}

// like tells whether two words differ in case, marks or up to two letters.
func like(a, b string) bool {
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' {
				return r
			}
			return -1
		}, strings.ToLower(s))
	}
	return distance(plain(a), plain(b)) <= 2
}

// distance is the number of letters to change, to put in or to take out.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left := row[0]
		row[0] = i + 1
		for j := range len(b) {
			same := left
			if a[i] != b[j] {
				same++
			}
			left = row[j+1]
			row[j+1] = min(same, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func entryPointMissing(p *Pass) {
	v := p.Project.FlutterVersion
	kept := v.Within(flutterBefore("3.3.0"))
	if v.HasMax && kept == yes {
		return // release builds kept what a handle was taken of
	}
	p.handles(func(e *entry) {
		switch e.To.Kind {
		case code.TopLevel, code.StaticMethod:
		case code.Unresolved:
			p.Unchecked(p.Node(e.Call.Unit, e.Arg), "background function of "+e.Class, e.To.Why)
			return
		default:
			return
		}
		u := p.home(e)
		if u == nil {
			return
		}
		if good, odd := p.pragma(u, e.To.Decl); good || odd != nil {
			return
		}
		f := p.Report(p.Name(u, e.To.Decl), "%s is handed to %s but has no @pragma('vm:entry-point')", e.To.Decl.Name, e.api())
		f.Subject = e.To.Decl.Name
		if v.HasMax && kept == pub.Maybe {
			f.Certainty = finding.Warning // no new Flutter builds it
		}
		if e.To.Decl.Parent != nil {
			if good, _ := p.pragma(u, e.To.Decl.Parent); good {
				f.Certainty = finding.Warning
			}
		}
		p.related(f, e.Call.Unit, e.Arg, "handed over here")
		f.Edits = append(f.Edits, p.Above(u, e.To.Decl, "@pragma('"+entryPoint+"')"))
	})
}

// home is the file that declares the function; nil where that is not known.
func (p *Pass) home(e *entry) *code.Unit {
	switch {
	case e.To.Func != nil:
		return e.To.Func.File
	case e.To.Decl != nil:
		return p.unitOf(e.To.Decl)
	}
	return nil
}

// api is what takes the function, in words.
func (e *entry) api() string {
	name := e.Class
	if e.Method != "" {
		name += "." + e.Method
	}
	if e.Label != "" {
		name += "(" + e.Label + ":)"
	}
	return name
}

func callbackNotTopLevel(p *Pass) {
	p.handles(func(e *entry) {
		u, at := e.Call.Unit, e.Arg
		if e.To.Unit != nil && e.To.Arg != nil {
			u, at = e.To.Unit, e.To.Arg
		}
		what := ""
		switch e.To.Kind {
		case code.ClosureKind:
			what = "a closure"
			if e.To.Func != nil && e.To.Func.Closure != nil {
				at = e.To.Func.Closure
				u = e.To.Func.File
			}
		case code.LocalFunc:
			what = "the local function " + e.To.Decl.Name
		case code.InstanceMethod:
			what = "the instance method " + e.To.Decl.Name
		default:
			return
		}
		f := p.Report(p.Node(u, at), "%s is handed to %s, which needs a top-level or static function", what, e.api())
		f.ID = "E02"
		if e.To.Kind == code.InstanceMethod {
			f.ID = "E03"
		}
	})
}

func entryPointMisspelt(p *Pass) {
	p.handles(func(e *entry) {
		if e.To.Decl == nil || e.To.Func == nil {
			return
		}
		u := e.To.Func.File
		good, odd := p.pragma(u, e.To.Decl)
		if good || odd == nil {
			return
		}
		text, _ := p.dart().Value(nil, u, odd.Args[0].Value).String()
		f := p.Report(p.Span(u, odd.Span), "the compiler does not know the pragma '%s' of %s", text, e.To.Decl.Name)
		f.Subject = e.To.Decl.Name
		if odd.Args[0].Value.Kind == island.String {
			f.Edits = append(f.Edits, p.Replace(p.Node(u, odd.Args[0].Value), "'"+entryPoint+"'"))
		}
	})
}

func executeTaskLate(p *Pass) {
	p.handles(func(e *entry) {
		if e.Inner == "" || e.To.Func == nil || e.To.Func.Body() == nil {
			return
		}
		calls := p.inside(e.To.Func, e.Inner)
		if len(calls) == 0 && p.handsOn(e.To.Func) {
			p.Unchecked(p.Node(e.Call.Unit, e.Arg), "dispatcher "+e.name(), "calls what is not here")
			return
		}
		if len(calls) == 0 {
			f := p.Report(p.Node(e.Call.Unit, e.Arg), "%s never calls %s", e.name(), e.Inner)
			f.Certainty = finding.Error
			return
		}
		var awaits *island.Node
		island.Walk(e.To.Func.Body(), func(n *island.Node) bool {
			if n.Kind == island.Closure || n.Kind == island.LocalFn || awaits != nil {
				return false
			}
			if n.Kind == island.Await {
				awaits = n
			}
			return true
		})
		for _, c := range calls {
			if awaits != nil && c.In == e.To.Func && awaits.Start < c.Node.Start && awaits.End <= c.Node.Start {
				f := p.Report(p.Node(c.Unit, awaits), "%s awaits before it calls %s", e.name(), e.Inner)
				p.related(f, c.Unit, c.Node.Kids[0], "announced to the native side here")
				return
			}
		}
	})
}

// handsOn tells whether something that f comes to calls a function of a package that is not
// here, which may do what f has to.
func (p *Pass) handsOn(f *code.Func) bool {
	away := false
	for _, g := range p.dart().Reach(f).Funcs() {
		g.Walk(func(n *island.Node) bool {
			if n.Kind == island.Call {
				name := island.CalleeName(n)
				away = away || receiver(n) == nil && !logs(name) && !classLike(name) && len(p.dart().Resolve(g, g.File, n.Kids[0])) == 0
			}
			return !away
		})
	}
	return away
}

// registeredLate reports registrations in a screen's own code or in a closure of it.
func registeredLate(p *Pass, jobs ...plugins.Job) {
	for _, e := range p.entries() {
		if !e.Handle || !hasJob(jobs, e.Job) || e.again || e.Job == plugins.OnSchedule && e.Inner == "" {
			continue
		}
		in := e.Call.In
		for in != nil && in.Outer != nil {
			in = in.Outer
		}
		if in == nil || in.Decl == nil {
			continue
		}
		if in.Decl.Parent == nil || !isState(in.Decl.Parent) {
			if p.comesLate(e.Call.In, 0) {
				f := p.Report(p.Call(e.Call.Unit, e.Call.Node), "%s is registered in %s, which main() does not come to by itself", e.name(), in.Name())
				f.Subject = e.name()
			}
			continue
		}
		f := p.Report(p.Call(e.Call.Unit, e.Call.Node), "%s is registered in %s.%s, not in main()", e.name(), in.Decl.Parent.Name, in.Decl.Name)
		f.Subject = e.name()
	}
}

// comesLate tells whether only screens, or closures that wait for something, come to a function.
func (p *Pass) comesLate(f *code.Func, depth int) bool {
	out := outermost(f)
	if out == nil || out.Decl == nil || out.Decl.Kind != island.Function || p.startup()[f] || depth > 4 {
		return false
	}
	if f.Closure != nil && p.startup()[f.Outer] && !listens(f) {
		return false // as what a provider creates: when, is not said here
	}
	if out.Decl.Parent != nil && isState(out.Decl.Parent) {
		return out.Decl.Name != "build" // which makes what the app begins with, too
	}
	for _, c := range p.dart().Calls(out.Decl.Name) {
		if p.startup()[c.In] && len(p.dart().Resolve(c.In, c.Unit, c.Node.Kids[0])) == 0 {
			return false // it may be this one
		}
	}
	some := false
	for use := range p.dart().EachUse(out.Decl) {
		if inTests(use.Unit) {
			continue
		}
		if use.In == nil || !p.comesLate(use.In, depth+1) {
			return false
		}
		some = true
	}
	return some
}

// listens tells whether a closure is given to what runs it when something has happened.
func listens(f *code.Func) bool {
	found := false
	f.Outer.Walk(func(n *island.Node) bool {
		for i := range n.Args {
			if n.Args[i].Value == f.Closure {
				name := island.CalleeName(n)
				found = name == "listen" || name == "then" || strings.HasPrefix(n.Args[i].Label, "on")
			}
		}
		return !found
	})
	return found
}

func hasJob(jobs []plugins.Job, j plugins.Job) bool {
	for _, x := range jobs {
		if x == j {
			return true
		}
	}
	return false
}

// isState tells whether a class is a widget or its state.
func isState(d *island.Decl) bool {
	for _, s := range d.Supers {
		if strings.HasSuffix(s, "State") || strings.HasSuffix(s, "Widget") {
			return true
		}
	}
	return false
}

func macosDispatcherName(p *Pass) {
	apple := p.Project.Plugins["workmanager_apple"]
	if p.Project.MacOS == nil || !apple.Known || apple.In(">=0.9.3") == no {
		return
	}
	world := code.World{OS: "macos", Build: "release"}
	runs := false
	for _, s := range p.starts() {
		runs = runs || s.Plugin == "workmanager" && p.dart().May(world, s.Unit, s.Node)
	}
	if !runs {
		return
	}
	p.handles(func(e *entry) {
		if e.Plugin != "workmanager" || e.To.Decl == nil || e.To.Func == nil || !p.dart().May(world, e.Call.Unit, e.Call.Node) {
			return
		}
		u, name := e.To.Func.File, e.To.Decl.Name
		if name == "callbackDispatcher" && strings.HasSuffix(u.Path, "lib/main.dart") {
			return
		}
		f := p.Report(p.Name(u, e.To.Decl), "macOS starts callbackDispatcher of the main library, not %s of %s", name, u.Path)
		f.Subject = name
	})
}

func webDispatcherImports(p *Pass) {
	if !p.Project.Web {
		return
	}
	for _, u := range p.dart().Units() {
		p.webDispatcher(u)
	}
	if p.Files == nil {
		return
	}
	for _, file := range p.Files.Under(path.Join(p.Project.Dir, "web")) {
		if path.Ext(file) != ".dart" || p.dart().Unit(file) != nil {
			continue
		}
		if text, err := p.Files.Read(file); err == nil {
			p.webDispatcher(&code.Unit{Path: file, File: island.Parse(island.Dart, text)})
		}
	}
}

// webDispatcher reports a file that is compiled for the service worker and imports what is
// not there.
func (p *Pass) webDispatcher(u *code.Unit) {
	if inTests(u) || !importsURI(u, "package:workmanager_web/execution.dart") && !importsURI(u, "package:workmanager_web/worker.dart") {
		return
	}
	for i := range u.Imports {
		im := &u.Imports[i]
		if im.Kind == island.ImportOf && (strings.HasPrefix(im.URI, "package:flutter/") || im.URI == "dart:ui") {
			f := p.Report(p.Span(u, im.Span), "the dispatcher of the web imports %s", im.URI)
			f.Subject = im.URI
			return
		}
	}
}

func linuxMainWithoutRun(p *Pass) {
	if !p.Project.Linux || !p.Project.Plugins["workmanager_linux"].Known {
		return
	}
	if len(p.dart().Calls("maybeRunBackgroundTask")) > 0 {
		return
	}
	world := code.World{OS: "linux", Build: "release"}
	for _, s := range p.starts() {
		if s.OnlyIOS || !p.dart().May(world, s.Unit, s.Node) {
			continue
		}
		for _, u := range p.dart().Units() {
			if !strings.HasSuffix(u.Path, "lib/main.dart") {
				continue
			}
			for _, d := range u.Decls {
				if d.Kind == island.Function && d.Name == "main" {
					f := p.Report(p.Name(u, d), "main() never calls maybeRunBackgroundTask, but tasks are registered on Linux")
					p.related(f, s.Unit, s.Node.Kids[0], "registered here")
					return
				}
			}
		}
	}
}
