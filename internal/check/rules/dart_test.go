package rules

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/source"
)

// TestDart checks small Flutter projects. An archive in testdata/dart holds several, each in
// a folder of its own; its comment names the rules that look at them on a line that begins
// with "rules:". A line of a source that ends in "// want RULE ..." has to be found by these
// rules, and no other line. What each project needs besides its sources is filled in.
func TestDart(t *testing.T) {
	archives, err := filepath.Glob("testdata/dart/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	tried := map[string]bool{}
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		rules := rulesOf(string(archive.Comment))
		for _, rule := range rules {
			tried[rule] = true
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			want, found := wanted(archive), findings(t, archive, rules)
			for _, rule := range rules {
				if !slices.ContainsFunc(want, func(w string) bool { return strings.HasSuffix(w, " "+rule) }) {
					t.Errorf("no line wants %s", rule)
				}
			}
			if diff := cmp.Diff(want, found); diff != "" {
				t.Errorf("-want +found:\n%s", diff)
			}
		})
	}
	for _, list := range dartRules() {
		for _, r := range list {
			if !tried[r.Name] {
				t.Errorf("no archive tries %s", r.Name)
			}
		}
	}
}

func rulesOf(comment string) []string {
	for line := range strings.Lines(comment) {
		if list, ok := strings.CutPrefix(line, "rules:"); ok {
			return strings.Fields(list)
		}
	}
	return nil
}

var wantMark = regexp.MustCompile(`(?://|#|<!--) want ([a-z0-9 -]+?)(?: -->)?$`)

func wanted(archive *txtar.Archive) []string {
	var out []string
	for _, f := range archive.Files {
		for i, line := range strings.Split(string(f.Data), "\n") {
			if m := wantMark.FindStringSubmatch(line); m != nil {
				for _, rule := range strings.Fields(m[1]) {
					out = append(out, fmt.Sprintf("%s:%d %s", f.Name, i+1, rule))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

func findings(t *testing.T, archive *txtar.Archive, names []string) []string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if _, err := os.Stat(file); err == nil {
			return
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	apps := map[string]bool{}
	for _, f := range archive.Files {
		write(f.Name, string(f.Data))
		app, _, _ := strings.Cut(f.Name, "/")
		apps[app] = true
	}
	for app := range apps {
		write(path.Join(app, "pubspec.yaml"), pubspec(app))
		write(path.Join(app, "pubspec.lock"), lock)
		write(path.Join(app, "android/app/src/main/AndroidManifest.xml"), androidManifest)
		write(path.Join(app, "android/settings.gradle"), "include ':app'\n")
		write(path.Join(app, "android/app/build.gradle"), "apply plugin: 'com.android.application'\nandroid { compileSdk 35 }\n")
		write(path.Join(app, "ios/Runner/Info.plist"), infoPlist)
		write(path.Join(app, "ios/Runner/AppDelegate.swift"), "import Flutter\n\n@main class AppDelegate: FlutterAppDelegate {}\n")
	}
	files, err := source.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	tree, err := project.Scan(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range tree.Projects {
		memo := new(Memo)
		for _, r := range All() {
			if !slices.Contains(names, r.Name) {
				continue
			}
			pass := &Pass{Rule: r, Tree: tree, Project: p, Files: files, Memo: memo}
			r.Check(pass)
			for _, f := range pass.found {
				out = append(out, fmt.Sprintf("%s:%d %s", f.Place.File, f.Place.Line, f.Rule))
				t.Logf("%s:%d:%d %s %s", f.Place.File, f.Place.Line, f.Place.Column, f.Certainty, f.Message)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func pubspec(name string) string {
	text := "name: " + name + "\nenvironment:\n  sdk: '>=3.5.0 <4.0.0'\ndependencies:\n  flutter:\n    sdk: flutter\n"
	for _, p := range packages {
		text += "  " + strings.Fields(p)[0] + ": any\n"
	}
	return text
}

var packages = []string{
	"workmanager 0.9.0", "workmanager_apple 0.9.1", "firebase_core 4.0.0", "firebase_messaging 16.0.0", "flutter_local_notifications 19.0.0",
	"background_fetch 1.5.0", "flutter_background_service 5.1.0", "android_alarm_manager_plus 5.0.0", "home_widget 0.8.0",
	"hive 2.2.3", "timezone 0.10.0", "shared_preferences 2.5.0", "http 1.5.0", "objectbox 4.3.0",
}

var lock = func() string {
	text := "packages:\n"
	for _, p := range packages {
		name, version, _ := strings.Cut(p, " ")
		text += "  " + name + ":\n    dependency: \"direct main\"\n    source: hosted\n    version: \"" + version + "\"\n"
	}
	return text + "sdks:\n  dart: \">=3.5.0 <4.0.0\"\n  flutter: \">=3.24.0\"\n"
}()

const androidManifest = `<manifest xmlns:android="http://schemas.android.com/apk/res/android">
  <application android:name="${applicationName}"/>
</manifest>
`

const infoPlist = `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>LSRequiresIPhoneOS</key><true/></dict></plist>
`
