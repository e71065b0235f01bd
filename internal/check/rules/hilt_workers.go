package rules

import (
	"slices"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/manifest"
	"github.com/lullwork/lull/internal/check/project"
)

func hiltRules() []*Rule {
	return []*Rule{{
		Name: "hilt-factory-unused", Group: Android, Certainty: finding.Error, Platforms: []string{OnAndroid},
		Title: "workers of Hilt, and WorkManager does not use Hilt's factory",
		Detail: "Only HiltWorkerFactory can make a @HiltWorker that takes more than a Context and WorkerParameters. WorkManager uses it where the Application class implements Configuration.Provider with setWorkerFactory, " +
			"and the manifest takes away WorkManager's own initialiser: this sets WorkManager up with the default factory as the app starts, before anyone asks the Application.",
		Seen:   "\"Could not instantiate\" and NoSuchMethodException in the log; the work fails each time and its code never runs",
		Fix:    "Remove WorkManagerInitializer in AndroidManifest.xml (tools:node=\"remove\"), and implement Configuration.Provider in the Application class with the injected HiltWorkerFactory",
		Source: []string{androidDocs + "training/dependency-injection/hilt-jetpack#workmanager", workDocs + "configuration/custom-configuration"},
		Lint:   "androidx.work lint: RemoveWorkManagerInitializer (only where the Application implements Configuration.Provider), BadConfigurationProvider",
		Example: Example{
			Lang: "xml",
			Bad:  "<application android:name=\".App\"/>\n<!-- @HiltWorker class Sync @AssistedInject constructor(..., val api: Api) -->\n",
			Good: "<application android:name=\".App\"> <!-- implements Configuration.Provider -->\n  <provider android:name=\"androidx.startup.InitializationProvider\"\n      android:authorities=\"${applicationId}.androidx-startup\" tools:node=\"merge\">\n    <meta-data android:name=\"androidx.work.WorkManagerInitializer\" tools:node=\"remove\"/>\n  </provider>\n</application>\n",
		},
		Check: checkHiltFactory,
	}}
}

func checkHiltFactory(p *Pass) {
	for _, app := range p.androidApps() {
		var worker *island.Decl
		var at finding.Place
		p.classesIn(app, func(_ *code.Program, u *code.Unit, d *island.Decl) {
			injected := slices.ContainsFunc(d.Annotations, func(a island.Annotation) bool { return a.Name == "HiltWorker" })
			if worker == nil && injected && takesMore(d) && p.namedElsewhere(app, d) {
				worker, at = d, p.Name(u, d)
			}
		})
		has := func(has func(m *project.Module) bool) bool { return slices.ContainsFunc(p.partsOf(app), has) }
		if worker == nil || has(func(m *project.Module) bool { return len(m.Code.Calls("createWorker")) > 0 }) {
			continue // one worker makes the others
		}
		provided := has(func(m *project.Module) bool { return implements(m, "Configuration.Provider") })
		sets := has(func(m *project.Module) bool { return len(m.Code.Mentions("setWorkerFactory")) > 0 })
		switch removed := p.removesInitialiser(app); {
		case !removed && has(func(m *project.Module) bool { return len(nativeCalls(m.Code, "initialize", "WorkManager")) > 0 }):
		case !removed:
			f := p.Report(finding.Whole(app.Manifest.Path), "WorkManager's own initialiser sets it up with the default factory, which cannot make %s", worker.Name)
			f.Subject = worker.Name
			if !provided {
				f.Message += "; no class implements Configuration.Provider either"
			}
			f.Related = []finding.Related{{Place: at, Text: "only HiltWorkerFactory can make this worker"}}
		case provided && !sets:
			f := p.Report(at, "only HiltWorkerFactory can make %s, and no configuration of WorkManager sets a factory", worker.Name)
			f.Subject = worker.Name
			f.Fix = "Call setWorkerFactory with the injected HiltWorkerFactory in the Application's Configuration"
		}
	}
}

// takesMore tells whether a worker's constructor takes more than WorkManager's default factory gives it.
func takesMore(worker *island.Decl) bool {
	return len(worker.Params) > 2 || slices.ContainsFunc(worker.Members, func(d *island.Decl) bool { return d.Kind == island.Constructor && len(d.Params) > 2 })
}

// namedElsewhere tells whether code of an app names a class outside of its declaration, as one that
// enqueues it does.
func (p *Pass) namedElsewhere(app *project.Module, class *island.Decl) bool {
	return slices.ContainsFunc(p.partsOf(app), func(m *project.Module) bool {
		return slices.ContainsFunc(m.Code.Units(), func(u *code.Unit) bool {
			return !inTests(u) && slices.ContainsFunc(u.Uses(class.Name), func(at int) bool {
				imported := slices.ContainsFunc(u.Imports, func(i island.Import) bool { return i.Start <= at && at < i.End })
				return !imported && (u.File != class.File || at != class.NameAt)
			})
		})
	})
}

// removesInitialiser tells whether any manifest of an app takes WorkManager's own initialiser away.
func (p *Pass) removesInitialiser(app *project.Module) bool {
	removes := func(f *manifest.File) bool {
		return slices.ContainsFunc(f.Removes(), func(e *manifest.Element) bool {
			switch e.Value("name") {
			case workInitializer, startupProvider, "androidx.work.impl.WorkManagerInitializer":
				return true
			}
			return false
		})
	}
	return removes(app.Merged) || slices.ContainsFunc(p.Project.Android.Modules, func(m *project.Module) bool {
		for _, f := range m.Overlays {
			if removes(f) {
				return true
			}
		}
		return removes(m.Manifest)
	})
}
