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

// FuzzPlan reads plans from code that need not even compile. Each must be one that lull reads.
func FuzzPlan(f *testing.F) {
	f.Add("Workmanager().registerPeriodicTask('a: b', '# c', frequency: Duration(minutes: x), initialDelay: const Duration(days: 9999999));")
	f.Add("void main() { Workmanager().registerOneOffTask(\"\\u0000\\n\", '', expedited: true); FirebaseMessaging.onBackgroundMessage(f); }")
	f.Add("f() { AndroidAlarmManager.periodic(Duration(hours: -1), 1, f); p.zonedSchedule(1, matchDateTimeComponents: DateTimeComponents.time); }")
	f.Add("final c = BackgroundFetchConfig(minimumFetchInterval: 0 - 5); TaskConfig(taskId: '[]', delay: 1 << 62, periodic: true)")
	f.Add("f() => BackgroundFetch.scheduleTask(TaskConfig(taskId: 'soon', delay: 1, periodic: true));") // ms
	f.Add("f() => BackgroundFetch.scheduleTask(TaskConfig(taskId: '\\v0', delay: 1));")
	f.Add("f() => Workmanager().registerProcessingTask(' ', 'a');")
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
