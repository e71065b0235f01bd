package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
)

func bootAlarmRules() []*Rule {
	return []*Rule{{
		Name: "boot-receiver-idle", Group: NativeAndroid, Certainty: finding.Warning, Platforms: []string{OnAndroid},
		Title:  "a receiver hears of the start of the phone and sets no alarm again",
		Detail: "Android forgets all alarms when the phone is switched off. The app sets them again as it is told of BOOT_COMPLETED; a receiver that only logs it leaves the app without any.",
		Seen:   "after a restart of the phone no alarm goes off, until the app is opened",
		Fix:    "Read the stored alarms in onReceive and set each of them again, or enqueue work that does",
		Source: []string{androidDocs + "develop/background-work/services/alarms#boot", androidDocs + "reference/android/app/AlarmManager"},
		Example: Example{
			Lang: "kotlin",
			Bad:  "class Boot : BroadcastReceiver() {\n    override fun onReceive(c: Context, i: Intent) { Log.d(TAG, \"booted\") }\n}\n",
			Good: "class Boot : BroadcastReceiver() {\n    override fun onReceive(c: Context, i: Intent) {\n        Store(c).alarms().forEach { setAlarm(c, it) }\n    }\n}\n",
		},
		Check: checkBootAlarms,
	}}
}

func checkBootAlarms(p *Pass) {
	for _, app := range p.androidApps() {
		var exact []code.Call
		for _, m := range p.partsOf(app) {
			exact = append(exact, exactCalls(m)...)
		}
		if len(exact) == 0 {
			continue
		}
		if p.startsMore(app) {
			continue // it may set them whenever its process starts, also for a receiver
		}
		var idle []*island.Decl
		var at []finding.Place
		p.receivers(func(m *project.Module, u *code.Unit, class *island.Decl, f *code.Func) {
			if c, ok := app.Merged.Component("receiver", class.Name); ok && boots(c) && supers(class, "BroadcastReceiver") && m.Merged == app.Merged && doesNothing(m.Code, f, harmless) && !assigns(f) {
				idle, at = append(idle, class), append(at, p.Name(u, class))
			}
		})
		hears := 0
		for _, c := range app.Merged.Components("receiver") {
			if startsWithPhone(c) {
				hears++
			}
		}
		if len(idle) == 0 || hears > len(idle) {
			continue // another one may set them
		}
		for i, class := range idle {
			f := p.Report(at[i], "%s hears that the phone has started, and sets no alarm again", class.Name)
			f.Subject = class.Name
			f.Related = []finding.Related{{Place: p.verb(exact[0].Unit, exact[0].Node), Text: "an exact alarm is set here"}}
		}
	}
}

// startsMore tells whether an app does more as its process starts than to set up what is known.
func (p *Pass) startsMore(app *project.Module) bool {
	more := false
	p.classesIn(app, func(native *code.Program, _ *code.Unit, d *island.Decl) {
		for _, m := range d.Members {
			starts := m.Name == "onCreate" && (superEnds(d, "Application") || superEnds(d, "ContentProvider")) || m.Name == "create" && supers(d, "Initializer")
			if f := native.FuncOf(m); starts && f != nil {
				more = more || !doesNothing(native, f, setUps)
			}
		}
	})
	return more
}

// harmless are calls of Kotlin and Android that set nothing.
var harmless = []string{
	"wtf", "println", "tag", "equals", "let", "run", "also", "apply", "takeIf", "contentEquals", "getAction", "getStringExtra", "getIntExtra", "getBooleanExtra", "toString", "format", "makeText", "show",
}

// setUps are those, and calls by which an app sets up libraries that set no alarm.
var setUps = append(slices.Clip(harmless),
	"plant", "DebugTree", "startKoin", "androidContext", "androidLogger", "modules", "module", "initializeApp", "getInstance", "getSystemService", "NotificationChannel",
	"createNotificationChannel", "createNotificationChannels", "setDefaultNightMode", "applyToActivitiesIfAvailable", "getString", "from",
)

// doesNothing tells whether a function does nothing but to log and to call what is known, by all that
// it comes to.
func doesNothing(native *code.Program, f *code.Func, known []string) bool {
	nothing := true
	for _, in := range native.Reach(f).Funcs() {
		in.Walk(func(n *island.Node) bool {
			if n.Kind != island.Call || len(n.Kids) == 0 {
				return nothing
			}
			name := island.CalleeName(n)
			ofSuper := n.Kids[0].Kind == island.Member && n.Kids[0].Kids[0].Kind == island.Super
			decls := native.Resolve(in, in.File, n.Kids[0])
			if len(decls) == 0 {
				nothing = nothing && (ofSuper || logs(name) || slices.Contains(known, name) || strings.HasPrefix(name, "Log"))
			}
			nothing = nothing && !slices.ContainsFunc(decls, func(d *island.Decl) bool { return d.Kind == island.Function && d.Body() == nil })
			return nothing
		})
	}
	return nothing
}

// assigns tells whether a function writes to a variable: that may have effects elsewhere.
func assigns(f *code.Func) bool {
	some := false
	f.Walk(func(n *island.Node) bool {
		some = some || n.Kind == island.Assign
		return !some
	})
	return some
}
