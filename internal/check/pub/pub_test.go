package pub

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/check/source"
)

func version(t testing.TB, s string) Version {
	t.Helper()
	v, ok := ParseVersion(s)
	if !ok {
		t.Fatalf("%q is no version", s)
	}
	return v
}

func TestVersionsInOrder(t *testing.T) {
	// The order of the specification, and pub's for builds.
	order := []string{
		"0.0.1", "0.9.10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
		"1.0.0-beta.11", "1.0.0-rc.1", "1.0.0-rc.1+build.1", "1.0.0", "1.0.0+0.3.7", "1.0.0+1", "1.0.0+2", "1.0.0+10", "1.0.0+b", "1.0.1-0", "1.0.1",
		"1.2.0", "1.10.0", "2.0.0",
	}
	for i, a := range order {
		for j, b := range order {
			got := version(t, a).Compare(version(t, b))
			if (got < 0) != (i < j) || (got == 0) != (i == j) {
				t.Errorf("%s against %s is %d", a, b, got)
			}
		}
		if got := version(t, a).String(); got != a {
			t.Errorf("%s is written %s", a, got)
		}
	}
	for _, bad := range []string{"", "1", "1.2", "1.2.3.4", "a.b.c", "-1.2.3", "1.2.x", "v1.2.3", "99999999999.0.0", "1.2.3-ä", "1.2.3+a b"} {
		if v, ok := ParseVersion(bad); ok {
			t.Errorf("%q is the version %v", bad, v)
		}
	}
}

func TestRangesAllow(t *testing.T) {
	for constraint, versions := range map[string]string{
		"any": "0.0.1 3.4.5-dev", "": "1.0.0",
		"^1.2.3":           "1.2.3 1.9.0 !1.2.2 !2.0.0 !2.0.0-dev !1.2.3-dev 1.3.0-dev",
		"^0.9.3":           "0.9.3 0.9.3+1 !0.10.0 !0.9.2 !1.0.0 !0.10.0-1",
		"^0.0.3":           "0.0.3 0.0.9 !0.1.0",
		"^1.0.0-dev.2":     "1.0.0-dev.2 1.0.0-dev.10 1.0.0 !1.0.0-dev.1 !2.0.0-dev",
		">=1.0.0 <2.0.0":   "1.0.0 1.9.9 !2.0.0 !2.0.0-dev !0.9.0",
		">=2.0.0-a <2.0.0": "2.0.0-a 2.0.0-z !2.0.0",
		"<2.0.0 >=1.0.0":   "1.0.0 !2.0.0 !2.0.0-rc.1",
		">=1.0.0<2.0.0":    "1.5.0 !2.0.0",
		"> 1.0.0 <= 2.0.0": "!1.0.0 1.0.1 2.0.0 !2.0.1 2.0.0-dev",
		"1.2.3":            "1.2.3 !1.2.4 !1.2.3+1",
		"1.2.3+1":          "!1.2.3 1.2.3+1",
		"<=1.2.3":          "1.2.3 0.0.0",
		">1.2.3 <1.2.3":    "!1.2.3",
		"<0.9.3+1":         "0.9.3 !0.9.3+1 !0.9.3+2",
	} {
		r, ok := ParseRange(constraint)
		if !ok {
			t.Errorf("%q is no range", constraint)
			continue
		}
		for _, v := range strings.Fields(versions) {
			v, refused := strings.CutPrefix(v, "!")
			if r.Satisfies(version(t, v)) == refused {
				t.Errorf("%q allows %s: %v", constraint, v, !refused == false)
			}
		}
		if again, ok := ParseRange(r.String()); !ok || !r.Empty() && again != r {
			t.Errorf("%q is written %q, which is %+v, not %+v", constraint, r, again, r)
		}
	}
	for _, bad := range []string{"1.0", "^", ">=", ">=1.0.0 foo", "^1.0.0 || ^2.0.0", "latest", "1.0.0-$"} {
		if r, ok := ParseRange(bad); ok {
			t.Errorf("%q is the range %v", bad, r)
		}
	}
}

func TestPackageIn(t *testing.T) {
	for _, c := range []struct {
		have, in string
		want     Answer
	}{
		{"18.0.1", "<19.0.0", Yes},
		{"19.0.0", "<19.0.0", No},
		{"^18.0.0", "<19.0.0", Yes},
		{"^19.0.0", "<19.0.0", No},
		{">=18.0.0 <20.0.0", "<19.0.0", Maybe},
		{"any", "<19.0.0", Maybe},
		{"any", "any", Yes},
		{">=2.0.0 <1.0.0", "<19.0.0", Maybe},
		{"^0.9.0", ">=0.9.3+1", Maybe},
		{"0.9.3+1", ">=0.9.3+1", Yes},
		{"0.9.3", ">=0.9.3+1", No},
	} {
		r, _ := ParseRange(c.have)
		if got := (Package{Name: "p", Range: r}).In(c.in); got != c.want {
			t.Errorf("%s in %s: %v, want %v", c.have, c.in, got, c.want)
		}
	}
	if (Package{}).In("any") != No {
		t.Error("a package that is not used has a version")
	}
}

// What Within says holds for each version.
func TestWithinHolds(t *testing.T) {
	part := rapid.IntRange(0, 3)
	versions := rapid.Custom(func(t *rapid.T) Version {
		return Version{part.Draw(t, "major"), part.Draw(t, "minor"), part.Draw(t, "patch"), rapid.SampledFrom([]string{"", "", "0", "dev.1"}).Draw(t, "pre"), rapid.SampledFrom([]string{"", "", "1"}).Draw(t, "build")}
	})
	ranges := rapid.Custom(func(t *rapid.T) Range {
		s := ""
		for range rapid.IntRange(0, 2).Draw(t, "parts") {
			s += rapid.SampledFrom([]string{"^", "<", "<=", ">", ">=", ""}).Draw(t, "op") + versions.Draw(t, "version").String() + " "
		}
		r, ok := ParseRange(s)
		if !ok {
			t.Fatalf("%q is no range", s)
		}
		return r
	})
	rapid.Check(t, func(t *rapid.T) {
		r, o, v := ranges.Draw(t, "r"), ranges.Draw(t, "o"), versions.Draw(t, "v")
		in, other := r.Satisfies(v), o.Satisfies(v)
		if got := r.Intersect(o).Satisfies(v); got != (in && other) {
			t.Fatalf("%v and %v: %v is %v", r, o, v, got)
		}
		if in && r.Empty() {
			t.Fatalf("%v is empty and allows %v", r, v)
		}
		switch r.Within(o) {
		case Yes:
			if in && !other {
				t.Fatalf("%v is within %v, but not %v", r, o, v)
			}
		case No:
			if in && other {
				t.Fatalf("nothing of %v is within %v, but %v is", r, o, v)
			}
		}
	})
}

const pubspec = `name: "app"
version: 1.2.3+4
environment:
  sdk: ">=3.0.0 <4.0.0"
  flutter: 3.24.0
dependencies:
  flutter:
    sdk: flutter
  workmanager: ^0.9.0 # comment
  ünïcode: any
  shared: {path: ../shared, version: "^1.0.0"}
  away:
    path: ../../away
  forked:
    git:
      url: https://example.com/x.git
      ref: main
  hosted: {hosted: https://example.com, version: 2.0.0}
  nothing:
dev_dependencies:
  lints: &v ^1.0.0
  aliased: *v
dependency_overrides:
  workmanager: 0.8.0
workspace: [packages/a, ../b, /c]
resolution: workspace
flutter:
  plugin:
    platforms:
      android: {package: com.a, pluginClass: P}
      ios: {default_package: app_ios, dartPluginClass: D}
`

func TestSpec(t *testing.T) {
	s, err := ReadSpec("apps/one/pubspec.yaml", []byte(pubspec))
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "app" || s.At.Line != 1 || pubspec[s.At.Start:s.At.End] != `"app"` || s.Version.String() != "1.2.3+4" || !s.HasVersion || !s.UsesFlutter || !s.Member {
		t.Errorf("%+v", s)
	}
	if s.SDK.String() != ">=3.0.0 <4.0.0" || s.Flutter.String() != "3.24.0" {
		t.Errorf("environment %v, %v", s.SDK, s.Flutter)
	}
	var got []string
	for _, d := range s.Dependencies {
		got = append(got, strings.Join([]string{[]string{"main", "dev", "override"}[d.Section], d.Name, d.Kind, d.Range.String(), d.Path}, " "))
		if pubspec[d.At.Start:d.At.End] != d.Name {
			t.Errorf("at the place of %s stands %q", d.Name, pubspec[d.At.Start:d.At.End])
		}
	}
	want := []string{
		"main flutter sdk any ", "main workmanager hosted >=0.9.0 <0.10.0 ", "main ünïcode hosted any ", "main shared path >=1.0.0 <2.0.0 apps/shared",
		"main away path any away", "main forked git any ", "main hosted hosted 2.0.0 ", "main nothing hosted any ",
		"dev lints hosted >=1.0.0 <2.0.0 ", "dev aliased hosted >=1.0.0 <2.0.0 ", "override workmanager hosted 0.8.0 ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("dependencies\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !slices.Equal(s.Workspace, []string{"apps/one/packages/a", "apps/b"}) {
		t.Errorf("workspace %q", s.Workspace)
	}
	if s.Plugin == nil || s.Plugin.Platforms["android"].Package != "com.a" || s.Plugin.Platforms["ios"].DefaultPackage != "app_ios" {
		t.Errorf("plugin %+v", s.Plugin)
	}
	old, err := ReadSpec("pubspec.yaml", []byte("flutter:\n  plugin:\n    androidPackage: com.a\n    pluginClass: P\n"))
	if err != nil || old.Plugin.Platforms["android"].Class != "P" || old.Plugin.Platforms["ios"].Class != "P" {
		t.Errorf("the old form of a plugin: %+v, %v", old.Plugin, err)
	}
}

const lockfile = `packages:
  workmanager:
    dependency: "direct overridden"
    description:
      name: workmanager
      url: "https://pub.dev"
    source: hosted
    version: "0.9.0+3"
  shared:
    dependency: "direct main"
    description: {path: "../shared", relative: true}
    source: path
    version: "1.1.0"
  workmanager_apple:
    dependency: transitive
    source: hosted
    version: "0.9.1+2"
  flutter:
    dependency: "direct main"
    description: flutter
    source: sdk
    version: "0.0.0"
  hosted:
    dependency: "direct main"
    source: hosted
    version: "1.9.0"
  lints:
    dependency: "direct dev"
    source: hosted
    version: "1.0.1"
sdks:
  dart: ">=3.5.0 <4.0.0"
  flutter: ">=3.24.0"
`

func TestResolve(t *testing.T) {
	s, err := ReadSpec("apps/one/pubspec.yaml", []byte(pubspec))
	if err != nil {
		t.Fatal(err)
	}
	l, err := ReadLock("apps/one/pubspec.lock", []byte(lockfile))
	if err != nil {
		t.Fatal(err)
	}
	if l.Flutter.String() != ">=3.24.0" || l.Dart.String() != ">=3.5.0 <4.0.0" {
		t.Errorf("SDKs %v, %v", l.Flutter, l.Dart)
	}
	local := func(dir string) *Spec {
		if dir == "away" {
			return &Spec{Version: Version{Minor: 7}, HasVersion: true}
		}
		return nil
	}
	type short struct {
		version     string
		direct, dev bool
		from        From
		file        string
		line        int
	}
	for _, c := range []struct {
		lock *Lock
		name string
		want short
	}{
		{l, "workmanager", short{"0.9.0+3", true, false, FromLock, "apps/one/pubspec.lock", 8}},
		{l, "workmanager_apple", short{"0.9.1+2", false, false, FromLock, "apps/one/pubspec.lock", 17}},
		{l, "flutter", short{"any", true, false, FromLock, "apps/one/pubspec.lock", 22}},
		{l, "lints", short{"1.0.1", true, true, FromLock, "apps/one/pubspec.lock", 30}},
		{l, "hosted", short{"1.9.0", true, false, FromLock, "apps/one/pubspec.lock", 26}}, // its workspace may override it
		{nil, "lints", short{">=1.0.0 <2.0.0", true, true, FromConstraint, "apps/one/pubspec.yaml", 21}},
		{nil, "workmanager", short{"0.8.0", true, false, FromConstraint, "apps/one/pubspec.yaml", 9}},
		{nil, "away", short{"0.7.0", true, false, FromPath, "apps/one/pubspec.yaml", 12}},
		{nil, "workmanager_apple", short{"any", false, false, 0, "", 0}},
	} {
		p := Resolve(s, c.lock, nil, local)[c.name]
		if got := (short{p.Range.String(), p.Direct, p.Dev, p.From, p.At.File, p.At.Line}); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	alone := *s
	alone.Member = false
	if p := Resolve(&alone, l, nil, local)["hosted"]; p.Range.String() != "2.0.0" || p.From != FromConstraint || p.At.Line != 18 {
		t.Errorf("a lock that is older than the pubspec: %+v", p)
	}
	if p := Resolve(&alone, l, nil, local)["workmanager"]; p.Range.String() != "0.9.0+3" || p.From != FromLock {
		t.Errorf("an override: %+v", p)
	}
	if p := Resolve(s, l, nil, local)["shared"]; p.Path != "apps/shared" || !p.Known || p.Kind != "path" {
		t.Errorf("a path dependency: %+v", p)
	}
	if p := Resolve(s, l, nil, local)["flutter"]; p.Known || p.In(">=1.0.0") != Maybe {
		t.Errorf("an SDK's package has a version: %+v", p)
	}
}

func TestFlutterVersion(t *testing.T) {
	for _, c := range [][3]string{
		{".fvmrc", `{"flutter": "3.24.5", "flavors": {}}`, "3.24.5"},
		{"a/.fvmrc", `{"flutter": "3.35.0@beta"}`, "3.35.0"},
		{".fvmrc", `{"flutter": "stable"}`, ""},
		{".fvmrc", `{`, ""},
		{".fvm/fvm_config.json", `{"flutterSdkVersion": "3.7.0", "flavors": {}}`, "3.7.0"},
		{".flutter-version", "3.7.12\n", "3.7.12"},
		{".flutter-version", "v3.7.12-stable", "3.7.12"},
		{".flutter-version", "", ""},
		{".tool-versions", "ruby 3.0.0\nflutter 3.29.1-stable\n", "3.29.1"},
		{".tool-versions", "ruby 3.0.0", ""},
	} {
		v, ok := FlutterVersion(c[0], []byte(c[1]))
		if ok != (c[2] != "") || ok && v.String() != c[2] {
			t.Errorf("%s with %q: %v, %v", c[0], c[1], v, ok)
		}
	}
}

func TestFaultsNameALine(t *testing.T) {
	for name, c := range map[string]struct {
		src  string
		line int
		why  string
	}{
		"empty":   {"", 1, "no mapping"},
		"list":    {"- a", 1, "no mapping"},
		"tab":     {"a:\n\tb: c", 2, "no YAML"},
		"deep":    {"a: " + strings.Repeat("[", 1e5), 1, "no YAML"},
		"bracket": {"a: [b\nc: d", 2, "no YAML"},
		"binary":  {"a: \x00", 1, "no YAML"},
	} {
		for _, read := range []func(string, []byte) error{
			func(p string, src []byte) error { _, err := ReadSpec(p, src); return err },
			func(p string, src []byte) error { _, err := ReadLock(p, src); return err },
		} {
			err := read("p", []byte(c.src))
			var fault *source.Fault
			if !errors.As(err, &fault) || fault.Line != c.line || !strings.Contains(fault.Why, c.why) {
				t.Errorf("%s: %v at line %d, want line %d with %q", name, err, fault.Line, c.line, c.why)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(pubspec))
	f.Add([]byte(lockfile))
	f.Add([]byte("a: &a [*a, *a]\ndependencies: {a: {path: C:\\x}, ? [b] : c}\nworkspace: {}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, file := range []string{".fvmrc", ".tool-versions", ".flutter-version"} {
			FlutterVersion(file, src)
		}
		s, err := ReadSpec("a/pubspec.yaml", src)
		l, err2 := ReadLock("a/pubspec.lock", src)
		var fault *source.Fault
		if err != nil && (!errors.As(err, &fault) || fault.Line < 1) || (err == nil) != (err2 == nil) {
			t.Fatalf("%v, %v", err, err2)
		}
		if err != nil {
			return
		}
		for _, p := range Resolve(s, l, map[string]string{"workmanager": "w"}, func(string) *Spec { return s }) {
			if p.Path == ".." || strings.HasPrefix(p.Path, "../") || strings.HasPrefix(p.Path, "/") || p.At.End > len(src) || p.At.Start > p.At.End {
				t.Fatalf("%+v", p)
			}
			p.In("^1.2.3")
		}
	})
}
