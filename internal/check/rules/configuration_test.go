package rules_test

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

	"github.com/lullwork/lull/internal/check"
	"github.com/lullwork/lull/internal/check/mend"
	"github.com/lullwork/lull/internal/check/rules"
)

// TestConfiguration checks small projects. An archive in testdata/config holds several, each
// in a folder of its own; its comment names the rules that look at them on a line that
// begins with "rules:". What ends in "want RULE ..." in a comment of its language has to
// be found on its line by these rules, and nothing else. Of a Flutter project the files
// that it has in common with others are filled in.
func TestConfiguration(t *testing.T) {
	archives, err := filepath.Glob("testdata/config/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	tried := map[string]bool{}
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		looking := rules.RulesOf(string(archive.Comment))
		for _, rule := range looking {
			tried[rule] = true
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			want := rules.Wanted(archive)
			for _, rule := range looking {
				if !slices.ContainsFunc(want, func(w string) bool { return strings.HasSuffix(w, " "+rule) }) {
					t.Errorf("no line wants %s", rule)
				}
			}
			dir := unpack(t, archive)
			if diff := cmp.Diff(want, places(t, run(t, dir, looking))); diff != "" {
				t.Errorf("-want +found:\n%s", diff)
			}
			mends(t, dir, looking)
		})
	}
	for _, r := range rules.Configuration() {
		if !tried[r.Name] {
			t.Errorf("no archive tries %s", r.Name)
		}
	}
}

func run(t *testing.T, dir string, looking []string) *check.Report {
	t.Helper()
	report, err := check.Run(t.Context(), dir, check.Config{Rules: looking})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Broken) > 0 {
		t.Fatal(report.Broken)
	}
	return report
}

func places(t *testing.T, r *check.Report) []string {
	var out []string
	for _, f := range r.Findings {
		t.Logf("%s:%d:%d %s %s", f.Place.File, f.Place.Line, f.Place.Column, f.Certainty, f.Message)
		out = append(out, fmt.Sprintf("%s:%d %s", f.Place.File, f.Place.Line, f.Rule))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// mends looks that each edit that is offered makes its finding go.
func mends(t *testing.T, dir string, looking []string) {
	t.Helper()
	m, err := mend.Plan(t.Context(), dir, check.Config{Rules: looking})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range m.Left {
		t.Errorf("%s %s is still there when its edits are made", f.Place.File, f.Rule)
	}
	t.Logf("%s", m.Diff(func(file string) string { return file }))
}

func unpack(t *testing.T, archive *txtar.Archive) string {
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
		apps[app] = apps[app] || strings.HasSuffix(f.Name, ".dart") || strings.HasSuffix(f.Name, "pubspec.lock")
	}
	for app, flutter := range apps {
		if !flutter {
			continue
		}
		for name, text := range common {
			write(path.Join(app, name), strings.ReplaceAll(text, "APP", app))
		}
		lock, err := os.ReadFile(filepath.Join(dir, app, "pubspec.lock"))
		if err != nil {
			t.Fatal(err)
		}
		spec := "name: " + app + "\nenvironment:\n  sdk: '>=3.5.0 <4.0.0'\ndependencies:\n  flutter:\n    sdk: flutter\n"
		for _, m := range regexp.MustCompile(`(?m)^  (\w+):$`).FindAllStringSubmatch(string(lock), -1) {
			spec += "  " + m[1] + ": any\n"
		}
		write(path.Join(app, "pubspec.yaml"), spec)
	}
	return dir
}

// common are the files of a Flutter project that an archive need not have.
var common = map[string]string{
	"pubspec.lock": `packages:
` + locked("workmanager", "0.9.0") + locked("workmanager_android", "0.9.0") + locked("workmanager_apple", "0.9.4") +
		locked("flutter_local_notifications", "19.0.0") + locked("firebase_messaging", "16.0.0") + locked("shared_preferences", "2.5.0") +
		locked("flutter_background_service", "5.1.0") + locked("flutter_foreground_task", "9.0.0") + locked("background_fetch", "1.5.0") +
		locked("flutter_background_service_android", "6.3.0") + locked("permission_handler", "12.0.0"),
	"android/settings.gradle":      "include ':app'\n",
	"android/app/build.gradle":     "apply plugin: 'com.android.application'\nandroid { defaultConfig { minSdkVersion 24; targetSdkVersion 35 } }\n",
	"ios/Runner/AppDelegate.swift": "import Flutter\n\n@main class AppDelegate: FlutterAppDelegate {}\n",
	"android/app/src/main/AndroidManifest.xml": `<manifest xmlns:android="http://schemas.android.com/apk/res/android">
  <application android:name="${applicationName}"><activity android:name=".MainActivity"/></application>
</manifest>
`,
	"ios/Runner/Info.plist": `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0">
<dict>
	<key>LSRequiresIPhoneOS</key>
	<true/>
</dict>
</plist>
`,
}

func locked(name, version string) string {
	return "  " + name + ":\n    dependency: \"direct main\"\n    source: hosted\n    version: \"" + version + "\"\n"
}
