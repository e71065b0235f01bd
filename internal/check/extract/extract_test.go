package extract_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/extract"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/pub"
	"github.com/lullwork/lull/internal/check/source"
	"github.com/lullwork/lull/internal/plan"
)

var update = flag.Bool("update", false, "rewrite the expected plans")

// scan reads the projects in a folder.
func scan(t testing.TB, dir string) *project.Tree {
	t.Helper()
	files, err := source.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	tree, err := project.Scan(context.Background(), files)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// TestPlans compares what is read from small projects with the plan that stands in the same
// file. Each plan must be one that lull reads.
func TestPlans(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no test data", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			want := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == "lull.yaml" })
			if err := txtar.Write(a, dir); err != nil {
				t.Fatal(err)
			}
			tree := scan(t, dir)
			if len(tree.Projects) != 1 {
				t.Fatalf("%d projects", len(tree.Projects))
			}
			got := extract.Of(tree.Projects[0]).YAML()
			if _, err := plan.Parse("lull.yaml", got); err != nil {
				t.Errorf("%v\n%s", err, got)
			}
			if *update {
				a.Files[want].Data = got
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(a.Files[want].Data), string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestProjects reads the plans of the projects with planted mistakes.
func TestProjects(t *testing.T) {
	for _, dir := range []string{"broken", "clean"} {
		for _, p := range scan(t, filepath.Join("../../../testdata/projects", dir)).Projects {
			x := extract.Of(p)
			if _, err := plan.Parse(dir, x.YAML()); err != nil {
				t.Errorf("%s: %v\n%s", p.Dir, err, x.YAML())
			}
			if p.Dir == "." && len(x.Tasks) == 0 {
				t.Errorf("%s: no tasks", dir)
			}
		}
	}
}

// texts are the files of the small projects whose names end in a text.
func texts(t testing.TB, end string) (out []string) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			if strings.HasSuffix(f.Name, end) {
				out = append(out, string(f.Data))
			}
		}
	}
	return out
}

// FuzzPlan reads plans from code that need not even compile. Each must be one that lull reads.
func FuzzPlan(f *testing.F) {
	f.Add("Workmanager().registerPeriodicTask('a: b', '# c', frequency: Duration(minutes: x), initialDelay: const Duration(days: 9999999));")
	f.Add("void main() { Workmanager().registerOneOffTask(\"\\u0000\\n\", '', expedited: true); FirebaseMessaging.onBackgroundMessage(f); }")
	f.Add("f() { AndroidAlarmManager.periodic(Duration(hours: -1), 1, f); p.zonedSchedule(1, matchDateTimeComponents: DateTimeComponents.time); }")
	f.Add("final c = BackgroundFetchConfig(minimumFetchInterval: 0 - 5); TaskConfig(taskId: '[]', delay: 1 << 62, periodic: true)")
	f.Add("f() => BackgroundFetch.scheduleTask(TaskConfig(taskId: 'soon', delay: 1, periodic: true));") // ms
	f.Add("f() => BackgroundFetch.scheduleTask(TaskConfig(taskId: '\\v0', delay: 1));")
	f.Add("f() => Workmanager().registerProcessingTask(' ', 'a');")
	for _, src := range texts(f, ".dart") {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		plugins := map[string]pub.Package{}
		for _, name := range []string{"workmanager", "firebase_messaging", "flutter_local_notifications", "background_fetch", "flutter_background_service", "android_alarm_manager_plus"} {
			plugins[name] = pub.Package{Name: name, Direct: true}
		}
		unit := &code.Unit{Path: "lib/main.dart", File: island.Parse(island.Dart, []byte(src))}
		p := &project.Project{
			Dir: ".", Name: "a", Flutter: true, Plugins: plugins, Dart: code.New([]*code.Unit{unit}, map[string]string{"a": "."}),
			Android: &project.Android{}, IOS: &project.Apple{},
		}
		got := extract.Of(p).YAML()
		if _, err := plan.Parse("lull.yaml", got); err != nil {
			t.Fatalf("%v\n%s", err, got)
		}
	})
}

// FuzzNative is FuzzPlan for the code of both platforms.
func FuzzNative(f *testing.F) {
	f.Add("fun a(c: Context) { WorkManager.getInstance(c).enqueueUniquePeriodicWork(\" \", KEEP, PeriodicWorkRequestBuilder<W>(15, TimeUnit.MINUTES, 99, TimeUnit.DAYS).setInitialDelay(-1, TimeUnit.DAYS).build()) }",
		"func a() { let r = BGAppRefreshTaskRequest(identifier: \" \"); r.earliestBeginDate = Date(timeIntervalSinceNow: -1); try? BGTaskScheduler.shared.submit(r) }")
	f.Add("class A { void a() { new OneTimeWorkRequest.Builder(B.class).setBackoffCriteria(BackoffPolicy.LINEAR, Long.MAX_VALUE, TimeUnit.DAYS).setExpedited(X).build(); } }",
		"func b() { let r = BGProcessingTaskRequest(identifier: \"a\\u{0}\"); r.requiresExternalPower = true; _ = URLSessionConfiguration.background(withIdentifier: \"\") }")
	f.Add("fun j() { JobInfo.Builder(1, c).setPeriodic(1).setRequiredNetworkType(2).setMinimumLatency(1L shl 62).build(); am.setExactAndAllowWhileIdle(0, 1, p) }",
		"struct S: App { var body: some Scene { W {}.backgroundTask(.appRefresh(\"\\n\")) { await f() } } }")
	for _, src := range texts(f, ".kt") {
		f.Add(src, "")
	}
	for _, src := range texts(f, ".swift") {
		f.Add("", src)
	}
	f.Fuzz(func(t *testing.T, kotlin, swift string) {
		droid := &code.Unit{Path: "app/src/main/kotlin/A.kt", File: island.Parse(island.Kotlin, []byte(kotlin))}
		java := &code.Unit{Path: "app/src/main/java/A.java", File: island.Parse(island.Java, []byte(kotlin))}
		apple := &code.Unit{Path: "ios/Runner/A.swift", File: island.Parse(island.Swift, []byte(swift))}
		p := &project.Project{
			Dir: ".", Name: "a",
			Android: &project.Android{Modules: []*project.Module{{Name: ":app", App: true, Code: code.New([]*code.Unit{droid, java}, nil)}}},
			IOS:     &project.Apple{Code: code.New([]*code.Unit{apple}, nil)},
		}
		got := extract.Of(p).YAML()
		if _, err := plan.Parse("lull.yaml", got); err != nil {
			t.Fatalf("%v\n%s", err, got)
		}
	})
}
