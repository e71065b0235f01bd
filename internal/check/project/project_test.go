package project

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/pub"
	"github.com/lullwork/lull/internal/check/source"
	"github.com/lullwork/lull/internal/check/xcode"
)

// unpack writes the files of an archive, and returns the folder and what is wanted of it.
func unpack(t testing.TB, a *txtar.Archive) (dir, want string) {
	t.Helper()
	dir = t.TempDir()
	for _, f := range a.Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		full := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, want
}

func scan(t testing.TB, dir string) (*Tree, *source.Set) {
	t.Helper()
	files, err := source.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { files.Close() })
	tree, err := Scan(context.Background(), files)
	if err != nil {
		t.Fatal(err)
	}
	return tree, files
}

// Each file has a folder and what is read of it.
func TestScan(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			dir, want := unpack(t, a)
			tree, files := scan(t, dir)
			if diff := cmp.Diff(want, dump(tree, files)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestScanStopsWithItsContext(t *testing.T) {
	dir, _ := unpack(t, &txtar.Archive{Files: []txtar.File{{Name: "pubspec.yaml", Data: []byte("name: a")}, {Name: "lib/a.dart"}}})
	files, err := source.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Scan(ctx, files); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestCacheOfPub(t *testing.T) {
	const xmlns = `xmlns:android="http://schemas.android.com/apk/res/android"`
	dir, _ := unpack(t, &txtar.Archive{Files: []txtar.File{
		{Name: "pubspec.yaml", Data: []byte("name: a\ndependencies: {flutter: {sdk: flutter}, siren: any, ../../etc: any}\n")},
		{Name: "pubspec.lock", Data: []byte("packages:\n  siren: {source: hosted, version: 1.0.0+2}\n  ../../etc: {source: hosted, version: 1.0.0}\n")},
		{Name: "lib/main.dart", Data: []byte("main() {}")},
		{Name: "android/app/build.gradle", Data: []byte("plugins { id 'com.android.application' }")},
		{Name: "android/app/src/main/AndroidManifest.xml", Data: []byte("<manifest/>")},
	}})
	home, _ := unpack(t, &txtar.Archive{Files: []txtar.File{
		{Name: "hosted/pub.dev/siren-1.0.0+2/android/build.gradle", Data: []byte("android { namespace 'com.siren' }")},
		{Name: "hosted/pub.dev/siren-1.0.0+2/android/src/main/AndroidManifest.xml", Data: []byte(`<manifest ` + xmlns + `><application><service android:name=".S"/></application></manifest>`)},
	}})
	cache, err := source.OpenFolder(home)
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	files, err := source.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	tree, err := ScanWith(context.Background(), files, cache)
	if err != nil {
		t.Fatal(err)
	}
	c, ok := tree.Projects[0].Android.Application().Merged.Component("service", "com.siren.S")
	if !ok || c.From != "siren" || c.At.File != "" {
		t.Errorf("%+v", c)
	}
	if _, err := cache.Read("hosted/none"); !errors.Is(err, source.ErrMissing) {
		t.Error(err)
	}
	if _, err := cache.Read("../etc/passwd"); err == nil {
		t.Error("read outside of the cache")
	}
}

func TestLevels(t *testing.T) {
	for _, c := range []struct {
		flutter     string
		target, min int
	}{
		{"any", 0, 0}, {"<3.0.0", 0, 0}, {"3.24.5", 34, 21}, {">=3.24.0", 34, 21}, {"3.22.0", 34, 21}, {"3.19.6", 33, 19}, {"^3.35.0", 36, 24}, {"3.47.0", 36, 24}, {"2.0.0", 0, 0},
	} {
		r, ok := pub.ParseRange(c.flutter)
		if !ok {
			t.Fatal(c.flutter)
		}
		if target, least := level(r, "targetSdkVersion"), level(r, "minSdkVersion"); target != c.target || least != c.min {
			t.Errorf("Flutter %s targets %d from %d, want %d from %d", c.flutter, target, least, c.target, c.min)
		}
	}
	if level(pub.Exactly(pub.Version{Major: 3}), "compileSdkVersion") != 0 {
		t.Error("knows a level that it does not")
	}
}

// FuzzScan puts one text into all of the files that are read.
func FuzzScan(f *testing.F) {
	names := []string{
		"pubspec.yaml", "pubspec.lock", "pubspec_overrides.yaml", ".fvmrc", "lib/main.dart", "android/gradle.properties", "android/gradle/libs.versions.toml",
		"android/app/build.gradle.kts", "android/build.gradle", "android/app/src/main/AndroidManifest.xml", "android/app/src/main/kotlin/A.kt",
		"ios/Runner.xcodeproj/project.pbxproj", "ios/Runner/Info.plist", "ios/Runner/AppDelegate.swift", "ios/Flutter/Release.xcconfig",
		"native/App.xcodeproj/project.pbxproj", "native/settings.gradle", "native/build.gradle",
	}
	paths, _ := filepath.Glob("testdata/*.txtar")
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			for i, name := range names {
				if strings.HasSuffix(name, filepath.Base(file.Name)) {
					f.Add(uint8(i), file.Data)
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, src []byte) {
		a := &txtar.Archive{}
		for i, name := range names {
			data := []byte("name: a\ndependencies: {flutter: {sdk: flutter}, workmanager: any}\n")
			if i == int(which)%len(names) || name != "pubspec.yaml" {
				data = src
			}
			a.Files = append(a.Files, txtar.File{Name: name, Data: data})
		}
		dir, _ := unpack(t, a)
		tree, files := scan(t, dir)
		dump(tree, files)
		for _, p := range tree.Projects {
			p.Android.Application()
			p.Android.Flag("a")
			p.IOS.Application()
		}
	})
}

type dumper struct{ strings.Builder }

func (d *dumper) line(indent int, words ...any) {
	d.WriteString(strings.Repeat("  ", indent))
	d.WriteString(strings.TrimSpace(fmt.Sprintln(words...)) + "\n")
}

func dump(t *Tree, files *source.Set) string {
	d := &dumper{}
	for _, p := range t.Projects {
		flags := ""
		for _, f := range []struct {
			on   bool
			name string
		}{{p.Flutter, " flutter"}, {p.App, " app"}, {p.Web, " web"}, {p.Linux, " linux"}, {p.Windows, " windows"}} {
			if f.on {
				flags += f.name
			}
		}
		d.line(0, "project", p.Dir, p.Name+flags)
		if p.Pubspec != nil && p.Flutter {
			d.line(1, "built by Flutter", p.FlutterVersion)
		}
		for _, name := range slices.Sorted(maps.Keys(p.Plugins)) {
			if q := p.Plugins[name]; q.Kind != "sdk" {
				d.line(1, "uses", name, q.Range, q.At.File, q.Path)
			}
		}
		if p.Dart != nil {
			for _, u := range p.Dart.Units() {
				d.line(1, "dart", u.Path)
			}
		}
		for _, file := range p.Tests {
			d.line(1, "test", file)
		}
		d.android(p.Android)
		for _, a := range []*Apple{p.IOS, p.MacOS} {
			d.apple(a, a == p.MacOS)
		}
	}
	unchecked := append(t.Unchecked, files.Unchecked()...)
	slices.SortFunc(unchecked, finding.CompareUnchecked)
	for _, u := range unchecked {
		d.line(0, "unchecked", u.What, fmt.Sprintf("%s:%d", u.File, u.Line), u.Why)
	}
	return d.String()
}

func (d *dumper) android(a *Android) {
	if a == nil {
		return
	}
	for _, m := range a.Modules {
		kind := "library"
		if m.App {
			kind = "app"
		}
		d.line(1, "android", kind, m.Name, m.Dir, m.Gradle.ApplicationID.Text, "from", m.MinSDK, "targets", m.TargetSDK)
		if class := m.Merged.ApplicationClass(); class != "" {
			d.line(2, "application", class)
		}
		for _, p := range m.Merged.Permissions() {
			d.line(2, "permission", strings.TrimPrefix(p.Name, "android.permission."), p.At.File, p.From)
		}
		for _, c := range m.Merged.Components("") {
			d.line(2, c.Kind, c.Class, strings.Join(c.Types, "|"), c.At.File, c.From)
		}
		for _, file := range m.Proguard {
			d.line(2, "proguard", file)
		}
		if m.Code != nil {
			for _, u := range m.Code.Units() {
				d.line(2, "code", u.Path)
			}
		}
	}
}

func (d *dumper) apple(a *Apple, mac bool) {
	if a == nil {
		return
	}
	name := "ios"
	if mac {
		name = "macos"
	}
	for _, t := range a.Targets {
		info := "no Info.plist"
		if t.InfoPlist != nil {
			info = t.InfoPlist.Path
		}
		d.line(1, name, map[xcode.Type]string{xcode.App: "app", xcode.Extension: "extension"}[t.Type], t.Name, info)
		for _, id := range t.BundleIDs {
			d.line(2, "bundle", id.Text)
		}
		for _, e := range t.Entitlements {
			d.line(2, "entitlements", e.Path)
		}
		if t.Delegate != nil {
			d.line(2, "delegate", t.Delegate.Decl.Name, t.Delegate.File)
		}
		for _, key := range []string{"BGTaskSchedulerPermittedIdentifiers", "UIBackgroundModes"} {
			items, known := t.List(key)
			for _, item := range items {
				d.line(2, key, item.Text, known, fmt.Sprintf("%s:%d", item.At.File, item.At.Line))
			}
		}
	}
	if a.Code != nil {
		for _, u := range a.Code.Units() {
			d.line(2, "code", u.Path)
		}
	}
}
