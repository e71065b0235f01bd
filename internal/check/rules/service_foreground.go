package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
)

func serviceForegroundRules() []*Rule {
	return []*Rule{{
		Name: "service-not-in-foreground", Group: Services, Certainty: finding.Error, Platforms: []string{OnAndroid},
		Title:  "a service is started for the foreground and never goes there",
		Detail: "startForegroundService is a promise that the service calls startForeground within some seconds. Android ends the app whose service does not, even if the service has stopped by then.",
		Seen:   "the app crashes some seconds after the service starts: ForegroundServiceDidNotStartInTimeException, \"did not then call Service.startForeground()\"",
		Fix:    "Call startForeground first in onStartCommand, or start the service with startService while the app is visible",
		Source: []string{androidDocs + "develop/background-work/services/fgs/troubleshooting#startForeground-too-slow", androidDocs + "reference/android/content/Context#startForegroundService(android.content.Intent)"},
		Example: Example{
			Lang: "kotlin",
			Bad:  "context.startForegroundService(Intent(context, Sync::class.java))\n\nclass Sync : Service() {\n    override fun onStartCommand(i: Intent?, flags: Int, id: Int): Int { sync(); return START_NOT_STICKY }\n}\n",
			Good: "context.startForegroundService(Intent(context, Sync::class.java))\n\nclass Sync : Service() {\n    override fun onStartCommand(i: Intent?, flags: Int, id: Int): Int { startForeground(1, note()); sync(); return START_NOT_STICKY }\n}\n",
		},
		Check: checkNotInForeground,
	}}
}

// plainServices are the classes of services that go to the foreground only by their own code.
var plainServices = []string{"Service", "LifecycleService", "IntentService"}

func checkNotInForeground(p *Pass) {
	if len(p.androidApps()) == 0 || p.foregroundElsewhere() {
		return
	}
	idle := map[string]finding.Place{} // the services that never go there, by name
	named := map[string]int{}          // of two classes of a name it may be either one
	for _, m := range p.nativeModules() {
		classesOf(m.Code, func(u *code.Unit, d *island.Decl) {
			named[d.Name]++
			if supers(d, plainServices...) && !d.Has(island.Abstract) && !mayGoToForeground(m, u, d) {
				idle[d.Name] = p.Name(u, d)
			}
		})
	}
	for _, m := range p.nativeModules() {
		for _, name := range []string{"startForegroundService", "getForegroundService"} {
			for _, c := range m.Code.Calls(name) {
				if inTests(c.Unit) || c.In == nil || len(m.Code.Resolve(c.In, c.Unit, c.Node.Kids[0])) > 0 {
					continue
				}
				class := intentFor(m.Code, c)
				at, never := idle[class]
				if !never || named[class] > 1 || !p.usedOutside(c.Unit, class) {
					continue
				}
				f := p.Report(p.verb(c.Unit, c.Node), "%s is started for the foreground, but never calls startForeground", class)
				f.Subject = class
				f.Related = []finding.Related{{Place: at, Text: "the service"}}
			}
		}
	}
}

// foregroundElsewhere tells whether code outside of services takes one to the foreground.
func (p *Pass) foregroundElsewhere() bool {
	return slices.ContainsFunc(p.nativeModules(), func(m *project.Module) bool {
		return slices.ContainsFunc(m.Code.Calls("startForeground"), func(c code.Call) bool {
			for d := c.Unit.At(c.Node.Start); d != nil; d = d.Parent {
				if d.Kind == island.Class && superEnds(d, "Service") {
					return false
				}
			}
			return !inTests(c.Unit)
		})
	})
}

// takeContext are calls that take a service for a Context or a listener only, or what else is this there.
var takeContext = []string{
	"Intent", "Builder", "getActivity", "getBroadcast", "getService", "getSystemService", "makeText", "from", "getInstance", "registerReceiver", "unregisterReceiver", "getColor",
	"getDrawable", "getDefaultSharedPreferences", "checkSelfPermission", "Handler", "Geocoder", "ComponentName",
	"register", "unregister", "post", "postDelayed", "removeCallbacks",
}

// mayGoToForeground tells whether a class calls startForeground or what sounds like it, or hands itself
// to what may.
func mayGoToForeground(m *project.Module, u *code.Unit, class *island.Decl) bool {
	var own []*code.Func
	for _, member := range class.Members {
		if f := m.Code.FuncOf(member); f != nil {
			own = append(own, f)
		}
	}
	if len(m.Code.Reach(own...).Calls("startForeground")) > 0 {
		return true
	}
	may := false
	for _, f := range own {
		island.Walk(f.Body(), func(n *island.Node) bool {
			if n.Kind != island.Call || len(n.Kids) == 0 {
				return !may
			}
			switch name := island.CalleeName(n); {
			case strings.Contains(name, "oreground"):
				may = may || !slices.Contains([]string{"startForegroundService", "stopForeground", "getForegroundService"}, name)
			case !slices.Contains(takeContext, name):
				handed := slices.ContainsFunc(n.Args, func(a island.Arg) bool { return a.Value != nil && a.Value.Kind == island.This })
				may = may || handed && len(m.Code.Resolve(f, u, n.Kids[0])) == 0
			}
			return !may
		})
	}
	return may
}
