package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plugins"
)

const concurrencyDoc = "https://dart.dev/language/concurrency"

func callbackStateRules() []*Rule {
	return []*Rule{
		{
			Name: "plugin-not-initialised", IDs: []string{"P03"}, Group: Initialising, Certainty: finding.Warning,
			Title:  "used in the background before it is initialised there",
			Detail: "A background function runs in an engine of its own, often in a process where main() has never run. What main() has initialised is not initialised there: each isolate has its own top-level and static variables.",
			Seen:   "an exception in the background function, seen in no log of the app; or nothing happens",
			Fix:    "Initialise it inside of the background function, before its first use",
			Source: []string{concurrencyDoc, wmRepo + "/issues/513", fcmGuide},
			Example: Example{
				Lang: "dart",
				Bad:  "Workmanager().executeTask((task, input) async {\n  final box = await Hive.openBox('jobs');\n  return true;\n});\n",
				Good: "Workmanager().executeTask((task, input) async {\n  await Hive.initFlutter();\n  final box = await Hive.openBox('jobs');\n  return true;\n});\n",
			},
			Check: pluginNotInitialised,
		},
		{
			Name: "firebase-not-initialised", IDs: []string{"P03"}, Group: Push, Certainty: finding.Warning,
			Title:  "Firebase is used in the background without initializeApp",
			Detail: "The isolate of a background function knows nothing of the Firebase app that main() has made. A handler that only reads the message needs none; every other service of Firebase does.",
			Seen:   "[core/no-app] in the background, printed to the device's log only",
			Fix:    "Call `await Firebase.initializeApp(...)` first in the background function",
			Source: []string{fcmGuide},
			Example: Example{
				Lang: "dart",
				Bad:  "Future<void> onPush(RemoteMessage m) async {\n  await FirebaseFirestore.instance.collection('seen').add(m.data);\n}\n",
				Good: "Future<void> onPush(RemoteMessage m) async {\n  await Firebase.initializeApp();\n  await FirebaseFirestore.instance.collection('seen').add(m.data);\n}\n",
			},
			Check: firebaseNotInitialised,
		},
		{
			Name: "main-state-in-callback", IDs: []string{"P04"}, Group: Initialising, Certainty: finding.Warning,
			Title:  "background function reads what only the app's own isolate has set",
			Detail: "Top-level and static variables exist once in each isolate. In that of a background function they hold their first values: null, or for a late variable an error. The same holds for boxes that main() has opened.",
			Seen:   "LateInitializationError, or the first value (null, false, an empty text), with which the function does nothing or the wrong thing",
			Fix:    "Load the value again in the background function, or hand it over as input data",
			Source: []string{concurrencyDoc},
			Example: Example{
				Lang: "dart",
				Bad:  "late Api api; // set in main()\n\n@pragma('vm:entry-point')\nFuture<void> onPush(RemoteMessage m) => api.fetch();\n",
				Good: "@pragma('vm:entry-point')\nFuture<void> onPush(RemoteMessage m) async {\n  final api = await Api.load();\n  await api.fetch();\n}\n",
			},
			Check: mainStateInCallback,
		},
		{
			Name: "ui-in-callback", IDs: []string{"P10"}, Group: Initialising, Certainty: finding.Warning,
			Title:  "screen work in a background function",
			Detail: "There is no screen, no navigator and no activity where a background function runs. A question for a permission is answered by nobody, a toast or a page is shown by nobody.",
			Seen:   "nothing is shown; a missing context or activity throws",
			Fix:    "Post a notification or write state that the app reads when it is opened",
			Source: []string{wmRepo + "/issues/363"},
			Example: Example{
				Lang: "dart",
				Bad:  "@pragma('vm:entry-point')\nvoid onAction(NotificationResponse r) {\n  navigatorKey.currentState?.pushNamed('/details');\n}\n",
				Good: "@pragma('vm:entry-point')\nFuture<void> onAction(NotificationResponse r) async {\n  await remember(r.payload);\n}\n",
			},
			Check: uiInCallback,
		},
		{
			Name: "stale-preferences", IDs: []string{"P11"}, Group: Initialising, Certainty: finding.Warning,
			Title:  "the app reads a cached value that the background writes",
			Detail: "SharedPreferences.getInstance() keeps a copy of all values in each isolate. What a background function writes is on the disk, but the app's own copy does not change until reload() or the next start.",
			Seen:   "the app shows old values after a background run, until it is started anew",
			Fix:    "Call `await prefs.reload()` before reading, or use SharedPreferencesAsync",
			Source: []string{"https://pub.dev/packages/shared_preferences", "firebase/flutterfire#199"},
			Example: Example{
				Lang: "dart",
				Bad:  "final last = prefs.getInt('last_sync'); // written by the task\n",
				Good: "await prefs.reload();\nfinal last = prefs.getInt('last_sync');\n",
			},
			Check: stalePreferences,
		},
		{
			Name: "registrant-not-run", IDs: []string{"P12"}, Group: Initialising, Certainty: finding.Hint,
			Title:    "plugins written in Dart are not registered in the background on this Flutter",
			Detail:   "Before Flutter 2.11 an engine that runs a background function did not call the registrant of plugins that have a Dart part.",
			Seen:     "MissingPluginException in the background",
			Fix:      "Upgrade Flutter, or call `DartPluginRegistrant.ensureInitialized()` first",
			Versions: []string{"Flutter <2.11"},
			Source:   []string{"flutter/flutter#98473", "flutter/flutter#101635"},
			Example: Example{
				Lang: "dart",
				Bad:  "@pragma('vm:entry-point')\nvoid dispatcher() {\n  Workmanager().executeTask(run);\n}\n",
				Good: "@pragma('vm:entry-point')\nvoid dispatcher() {\n  DartPluginRegistrant.ensureInitialized();\n  Workmanager().executeTask(run);\n}\n",
			},
			Check: registrantNotRun,
		},
	}
}

// alone are the entries that run in an isolate of their own.
func (p *Pass) alone() []*entry {
	return slices.DeleteFunc(p.working(), func(e *entry) bool { return !e.Fresh })
}

// sure are the uses of a name on the ways from an entry that are no guess, the nearest
// first.
func (p *Pass) sure(e *entry, name string) []code.Use {
	var out []code.Use
	for _, use := range e.Reach().Mentions(name) {
		if e.certain(use.In) && p.release(use.Unit, use.Node) && !p.bySwitch(e, use.In, use.Node) {
			out = append(out, use)
		}
	}
	slices.SortStableFunc(out, func(a, b code.Use) int { return e.Reach().Depth(a.In) - e.Reach().Depth(b.In) })
	return out
}

// sureCalls are the calls of a name on the ways from an entry that are no guess, the
// nearest first.
func (p *Pass) sureCalls(e *entry, name string) []code.Call {
	var out []code.Call
	for _, c := range e.Reach().Calls(name) {
		if e.certain(c.In) && p.release(c.Unit, c.Node) && !p.bySwitch(e, c.In, c.Node) {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b code.Call) int { return e.Reach().Depth(a.In) - e.Reach().Depth(b.In) })
	return out
}

func pluginNotInitialised(p *Pass) {
	p.services()
	for _, row := range plugins.Uses() {
		if !p.uses(row.Package) {
			continue
		}
		for _, e := range p.alone() {
			if p.initialised(e, row) {
				continue
			}
			u, n, f := p.firstUse(e, row)
			if n == nil {
				continue
			}
			at, node := p.place(e, f, n)
			if p.reported(at, node) {
				continue
			}
			r := p.Report(p.Node(at, node), "%s uses %s, which is not initialised in its isolate: %s is missing", e.name(), row.What, row.How)
			r.Subject = e.name() + " " + row.What
			if at != u || node != n {
				p.related(r, u, n, "used here")
			}
		}
	}
}

// services reports services of GetIt that nothing registers on the way from an entry.
func (p *Pass) services() {
	registers := []string{"registerSingleton", "registerLazySingleton", "registerFactory", "registerSingletonAsync", "registerFactoryParam", "registerSingletonWithDependencies"}
	if !p.uses("get_it") {
		return
	}
	for _, e := range p.alone() {
		filled := false
		for _, name := range registers {
			filled = filled || len(e.Reach().Calls(name)) > 0
		}
		// A generated function registers in a file that may not be there.
		if filled || len(e.Reach().Mentions("allReady"))+len(e.Reach().Calls("configureDependencies")) > 0 {
			continue
		}
		for _, f := range e.Reach().Funcs() {
			n := p.located(e, f)
			if n == nil {
				continue
			}
			at, node := p.place(e, f, n)
			if !p.reported(at, node) {
				r := p.Report(p.Node(at, node), "%s asks GetIt for a service, but registers none in its isolate", e.name())
				r.Subject = e.name() + " GetIt"
			}
			break
		}
	}
}

// located is a call of f that asks GetIt for a service, nil without.
func (p *Pass) located(e *entry, f *code.Func) *island.Node {
	if !e.certain(f) {
		return nil
	}
	var found *island.Node
	f.Walk(func(n *island.Node) bool {
		if n.Kind == island.Binary && n.Name == "??" {
			return false // what is handed in comes first
		}
		if found != nil || n.Kind != island.Call || len(n.TypeArgs) == 0 || !p.release(f.File, n) {
			return found == nil
		}
		at := n.Kids[0]
		if at.Kind == island.Member && at.Name == "get" {
			at = at.Kids[0]
		}
		is := named(at) == "GetIt"
		for _, d := range p.dart().Resolve(f, f.File, at) {
			is = is || d.Kind == island.Variable && (bareType(d.Type) == "GetIt" || d.Init() != nil && named(d.Init()) == "GetIt")
		}
		if is && !p.bySwitch(e, f, n) {
			found = n
		}
		return true
	})
	return found
}

// initialised tells whether one of the calls comes on some way from an entry.
func (p *Pass) initialised(e *entry, row plugins.Use) bool {
	for _, name := range row.Before {
		for _, c := range e.Reach().Calls(name) {
			if row.Class == "" || row.Class == "local" || p.on(c, row.Package, row.Class) {
				if row.Type == "" || p.initialises(c, row) {
					return true
				}
			}
		}
	}
	return false
}

// initialises tells whether a call named initialize may be the plugin's.
func (p *Pass) initialises(c code.Call, row plugins.Use) bool {
	if len(p.dart().Resolve(c.In, c.Unit, c.Node.Kids[0])) > 0 && p.dart().TypeName(c.Unit, receiver(c.Node)) != row.Type {
		return false
	}
	return imports(c.Unit, row.Package) || p.on(c, row.Package, row.Type)
}

// receiver is what a method is called on, nil without.
func receiver(call *island.Node) *island.Node {
	if callee := call.Kids[0]; callee.Kind == island.Member && len(callee.Kids) > 0 {
		return callee.Kids[0]
	}
	return nil
}

// firstUse is the first use of what a row is about that an entry comes to for certain.
func (p *Pass) firstUse(e *entry, row plugins.Use) (*code.Unit, *island.Node, *code.Func) {
	if row.Class == "local" { // tz.local
		for _, use := range p.sure(e, "local") {
			if use.Node.Kind == island.Member && imports(use.Unit, row.Package) && prefixOf(use.Unit, use.Node.Kids[0], row.Package) {
				return use.Unit, use.Node, use.In
			}
		}
		return nil, nil, nil
	}
	if len(row.Members) == 0 {
		for _, c := range p.sureCalls(e, row.Class) {
			return c.Unit, c.Node.Kids[0], c.In
		}
	}
	for _, m := range row.Members {
		for _, use := range p.sure(e, m) {
			if use.Node.Kind != island.Member || len(use.Node.Kids) == 0 {
				continue
			}
			on := use.Node.Kids[0]
			if row.Type != "" {
				if use.Called && p.typeOf(use.Unit, on) == row.Type && !p.ownIcon(use.In) {
					return use.Unit, use.Node, use.In
				}
				continue
			}
			if named(on) == row.Class && len(p.dart().Resolve(use.In, use.Unit, on)) == 0 {
				return use.Unit, use.Node, use.In
			}
		}
	}
	return nil, nil, nil
}

// typeOf is the type of an expression: by its declaration, else by the class it names.
func (p *Pass) typeOf(u *code.Unit, n *island.Node) string {
	if t := p.dart().TypeName(u, n); t != "" {
		return strings.TrimSuffix(t, "?")
	}
	if n.Kind == island.Call {
		return named(n)
	}
	return ""
}

// ownIcon tells whether a function gives a notification its own icon: then Android needs
// no initialised plugin to show it.
func (p *Pass) ownIcon(f *code.Func) bool {
	if f == nil || p.Project.IOS != nil {
		return false
	}
	own := false
	island.Walk(f.Body(), func(n *island.Node) bool {
		if n.Kind == island.Call && island.CalleeName(n) == "AndroidNotificationDetails" && n.Arg("icon") != nil {
			own = true
		}
		return !own
	})
	return own
}

// prefixOf tells whether a node is the prefix of an import of a package.
func prefixOf(u *code.Unit, n *island.Node, pkg string) bool {
	if n == nil || n.Kind != island.Ident {
		return false
	}
	for i := range u.Imports {
		im := &u.Imports[i]
		if im.Prefix == n.Name && strings.HasPrefix(im.URI, "package:"+pkg+"/") {
			return true
		}
	}
	return false
}

func firebaseNotInitialised(p *Pass) {
	if !p.uses("firebase_core") && !p.uses("firebase_messaging") {
		return
	}
	for _, e := range p.alone() {
		done := false
		for _, c := range e.Reach().Calls("initializeApp") {
			done = done || p.on(c, "firebase_core", "Firebase")
		}
		if done {
			continue
		}
		for _, class := range append(plugins.FirebaseServices(), "FirebaseMessaging") {
			use, ok := p.service(e, class)
			if !ok {
				continue
			}
			u, n := p.place(e, use.In, use.Node)
			if p.reported(u, n) {
				break
			}
			f := p.Report(p.Node(u, n), "%s uses %s, but Firebase.initializeApp is not called in its isolate", e.name(), class)
			f.Subject = e.name() + " " + class
			if n != use.Node {
				p.related(f, use.Unit, use.Node, "used here")
			}
			break
		}
	}
}

// service is the first sure use of a Firebase class.
func (p *Pass) service(e *entry, class string) (code.Use, bool) {
	for _, use := range p.sure(e, class) {
		if class == "FirebaseMessaging" && !strings.HasPrefix(use.Unit.Text(island.Span{Start: use.Node.End, End: len(use.Unit.Src)}), ".instance") {
			continue // its static members need no app
		}
		if !strings.HasSuffix(use.Unit.Path, ".g.dart") && len(p.dart().Resolve(use.In, use.Unit, use.Node)) == 0 {
			return use, true
		}
	}
	return code.Use{}, false
}

func uiInCallback(p *Pass) {
	calls := []struct{ class, method, what string }{
		{"", "showDialog", "a dialog"},
		{"", "showModalBottomSheet", "a sheet"},
		{"ScaffoldMessenger", "showSnackBar", "a snack bar"},
		{"Fluttertoast", "showToast", "a toast"},
		{"Get", "to", "a page"},
		{"Get", "toNamed", "a page"},
		{"Get", "snackbar", "a snack bar"},
		{"Get", "dialog", "a dialog"},
		{"Navigator", "push", "a page"},
		{"Navigator", "pushNamed", "a page"},
		{"", "runApp", "the app's screen"},
	}
	asks := []string{"requestExactAlarmsPermission", "requestNotificationsPermission", "requestFullScreenIntentPermission"}
	for _, e := range p.alone() {
		if e.Job == plugins.AsService {
			continue
		}
		if u, n, in, what := p.screenUse(e); n != nil {
			p.reportUI(e, u, n, in, what)
			continue
		}
		found := false
		for _, row := range calls {
			for _, c := range p.sureCalls(e, row.method) {
				on := receiver(c.Node)
				if c.In != e.Work && !p.ownWork(c.In) {
					continue // the app's own code asks whether there is a screen
				}
				if len(p.dart().Resolve(c.In, c.Unit, c.Node.Kids[0])) > 0 || row.class != "" && (on == nil || named(on) != row.class) || row.class == "" && on != nil {
					continue
				}
				p.reportUI(e, c.Unit, c.Node.Kids[0], c.In, row.what)
				found = true
				break
			}
			if found {
				break
			}
		}
		for _, name := range asks {
			if found {
				break
			}
			for _, c := range p.sureCalls(e, name) {
				if len(p.dart().Resolve(c.In, c.Unit, c.Node.Kids[0])) == 0 && !p.reported(c.Unit, c.Node.Kids[0]) {
					f := p.Report(p.Node(c.Unit, c.Node.Kids[0]), "%s asks for a permission, but runs without an activity", e.name())
					f.Subject, f.Certainty = e.name()+" "+name, finding.Hint
					found = true
					break
				}
			}
		}
	}
}

func (p *Pass) reportUI(e *entry, u *code.Unit, n *island.Node, in *code.Func, what string) {
	at, node := p.place(e, in, n)
	if p.reported(at, node) {
		return
	}
	f := p.Report(p.Node(at, node), "%s wants to show %s, but runs without a screen", e.name(), what)
	f.Subject = e.name() + " " + what
	if node != n {
		p.related(f, u, n, "here")
	}
}

// screenUse is a use of a navigator's or a scaffold's key.
func (p *Pass) screenUse(e *entry) (*code.Unit, *island.Node, *code.Func, string) {
	for _, name := range []string{"currentState", "currentContext"} {
		for _, use := range p.sure(e, name) {
			if use.Node.Kind != island.Member || len(use.Node.Kids) == 0 {
				continue
			}
			if use.In != e.Work && !p.ownWork(outermost(use.In)) {
				continue // the app's own code asks whether there is a screen
			}
			for _, d := range p.dart().Resolve(use.In, use.Unit, use.Node.Kids[0]) {
				if strings.HasPrefix(d.Type, "GlobalKey") || d.Init() != nil && named(d.Init()) == "GlobalKey" {
					return use.Unit, use.Node, use.In, "a page"
				}
			}
		}
	}
	return nil, nil, nil, ""
}

func stalePreferences(p *Pass) {
	if !p.uses("shared_preferences") || len(p.calls("shared_preferences", "", "reload")) > 0 {
		return
	}
	for _, u := range p.dart().Units() {
		if len(u.Uses("SharedPreferencesAsync")) > 0 {
			return
		}
	}
	written := make(map[string]code.Call)
	behind := make(map[*code.Func]bool)
	for _, e := range p.alone() {
		for _, kind := range []string{"String", "Int", "Bool", "Double", "StringList"} {
			for _, c := range p.sureCalls(e, "set"+kind) {
				if key, ok := p.value(c, c.Node.Positional(0)).String(); ok && len(p.dart().Resolve(c.In, c.Unit, c.Node.Kids[0])) == 0 {
					if _, known := written[key]; !known {
						written[key] = c
					}
				}
			}
		}
		for _, f := range e.Reach().Funcs() {
			behind[f] = true
		}
	}
	if len(written) == 0 {
		return
	}
	for _, kind := range []string{"String", "Int", "Bool", "Double", "StringList"} {
		for _, c := range p.dart().Calls("get" + kind) {
			if inTests(c.Unit) || c.In == nil || behind[c.In] || !imports(c.Unit, "shared_preferences") {
				continue
			}
			key, ok := p.value(c, c.Node.Positional(0)).String()
			by, hit := written[key]
			if !ok || !hit {
				continue
			}
			if p.onlyInMain(c.In, 3) { // the copy is as old as the app's isolate
				continue
			}
			f := p.Report(p.Node(c.Unit, c.Node.Kids[0]), "%q is written in the background, and read here from a copy that is never reloaded", key)
			f.Subject = key
			p.related(f, by.Unit, by.Node.Kids[0], "written here")
			delete(written, key)
		}
	}
}

func registrantNotRun(p *Pass) {
	old := p.Project.FlutterVersion
	if !old.HasMax || old.Within(flutterBefore("2.11.0")) != yes {
		return
	}
	for _, e := range p.alone() {
		if len(e.Reach().Mentions("DartPluginRegistrant")) > 0 || e.To.Decl == nil {
			continue
		}
		f := p.Report(p.Name(e.To.Func.File, e.To.Decl), "%s does not register the plugins that are written in Dart", e.name())
		f.Subject = e.name()
	}
}
