package gradle

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/source"
)

func read(files map[string]string) *File {
	scope := Scope{Catalogs: map[string]*Catalog{}}
	if src, ok := files["gradle.properties"]; ok {
		scope.Properties = ReadProperties("gradle.properties", []byte(src))
	}
	if src, ok := files["libs.versions.toml"]; ok {
		scope.Catalogs["libs"] = ReadCatalog("libs.versions.toml", []byte(src))
	}
	for _, ext := range []string{"gradle", "gradle.kts"} {
		if src, ok := files["root."+ext]; ok {
			scope.Root = Read("root."+ext, []byte(src), scope)
		}
	}
	for _, name := range []string{"build.gradle", "build.gradle.kts"} {
		if src, ok := files[name]; ok {
			return Read(name, []byte(src), scope)
		}
	}
	return nil
}

type dumper struct{ strings.Builder }

func (d *dumper) line(at finding.Place, words ...string) {
	var keep []string
	for _, w := range words {
		if w != "" {
			keep = append(keep, w)
		}
	}
	fmt.Fprintf(d, "%s line %d\n", strings.Join(keep, " "), at.Line)
}

func (l Level) dump(name string) string {
	var parts []string
	if l.Value > 0 {
		parts = append(parts, strconv.Itoa(l.Value))
	}
	if l.Flutter != "" {
		parts = append(parts, "flutter."+l.Flutter)
	}
	if len(parts) == 0 && l.Text != "" {
		parts = append(parts, "?")
	}
	if len(parts) == 0 {
		return ""
	}
	return name + " " + strings.Join(parts, " or ")
}

func (s Switch) dump(name string) string {
	switch {
	case !s.Set:
		return ""
	case !s.Known:
		return name + " ?"
	}
	return name + " " + strconv.FormatBool(s.On)
}

func named(name string, v source.Value) string {
	if v.Text == "" {
		return ""
	}
	return name + " " + v.Text
}

func dump(f *File) string {
	d := &dumper{}
	for _, p := range f.Plugins {
		d.line(p.At, "plugin", p.ID+" "+p.Version)
	}
	for _, v := range []struct {
		name string
		at   source.Value
	}{{"namespace", f.Namespace}, {"id", f.ApplicationID}} {
		if v.at.Text != "" {
			d.line(v.at.At, v.name, v.at.Text)
		}
	}
	for _, l := range []struct {
		name string
		Level
	}{{"compile", f.CompileSDK}, {"min", f.MinSDK}, {"target", f.TargetSDK}} {
		if l.Text != "" {
			d.line(l.At, l.dump(l.name))
		}
	}
	if f.Desugaring.Set {
		d.line(f.Desugaring.At, f.Desugaring.dump("desugaring"))
	}
	for i, list := range [][]Variant{f.BuildTypes, f.Flavors} {
		for _, v := range list {
			proguard := ""
			for _, p := range v.Proguard {
				proguard += " " + p.Text
			}
			if proguard != "" {
				proguard = "proguard" + proguard
			}
			d.line(v.At, []string{"type", "flavor"}[i], v.Name, named("dimension", source.Value{Text: v.Dimension}), named("id", v.ApplicationID), named("suffix", v.Suffix),
				v.MinSDK.dump("min"), v.TargetSDK.dump("target"), v.Minify.dump("minify"), v.Shrink.dump("shrink"), v.Debuggable.dump("debuggable"), proguard)
		}
	}
	for _, p := range f.Dependencies {
		if p.Project != "" {
			d.line(p.At, p.Configuration, "project", p.Project)
		} else {
			d.line(p.At, p.Configuration, p.Group+":"+p.Name+":"+p.Version)
		}
	}
	return d.String()
}

// Each file has a build, what is around it, and what is read of it.
func TestRead(t *testing.T) {
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
			files := map[string]string{}
			for _, f := range a.Files {
				files[f.Name] = string(f.Data)
			}
			if diff := cmp.Diff(files["want"], dump(read(files))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestProperties(t *testing.T) {
	const src = "# a=b\r\n! c\n\na = 1\n  b:two words \nc three\nd.e=x\\\n    y\nf=C\\:\\\\x\\tz\na=2\nempty=\nalone\n"
	p := ReadProperties("gradle.properties", []byte(src))
	got := ""
	for _, e := range p.Entries {
		got += fmt.Sprintf("%s=%q:%d ", e.Key, e.Value, e.At.Line)
	}
	if want := `a="1":4 b="two words":5 c="three":6 d.e="xy":7 f="C:\\x\tz":9 a="2":10 empty="":11 alone="":12 `; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	e, ok := p.Get("a")
	if !ok || e.Value != "2" || src[e.At.Start:e.At.End] != "2" {
		t.Errorf("%+v", e)
	}
	if _, ok := p.Get("none"); ok {
		t.Error("has what it has not")
	}
	if _, ok := (*Properties)(nil).Get("a"); ok {
		t.Error("no file has a property")
	}
}

func FuzzRead(f *testing.F) {
	paths, _ := filepath.Glob("testdata/*.txtar")
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		text := string(src)
		for _, name := range []string{"build.gradle", "build.gradle.kts"} {
			b := read(map[string]string{"gradle.properties": text, "libs.versions.toml": text, "root.gradle.kts": text, name: text})
			if b.Applies("") {
				t.Fatal("applies a plugin without a name")
			}
			for _, d := range b.Dependencies {
				if d.At.End > len(src) || d.Project == "" && d.Name == "" && d.Group == "" {
					t.Fatalf("%+v", d)
				}
			}
			dump(b)
		}
	})
}

// What doubles with each step ends.
func TestValuesDoNotGrow(t *testing.T) {
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, "val s%d = \"$s%d$s%d\"\nval n%d = maxOf(n%d, n%d)\n", i, i+1, i+1, i, i+1, i+1)
	}
	b.WriteString("android { namespace = s0\ncompileSdk = n0 }\n")
	for range 1000 {
		b.WriteString("android { namespace = s0 }\n")
	}
	f := read(map[string]string{"build.gradle.kts": b.String()})
	if f.Namespace.Text != "" || f.CompileSDK.Value != 0 {
		t.Errorf("%+v, %+v", f.Namespace, f.CompileSDK)
	}
}

func TestConventions(t *testing.T) {
	catalog := ReadCatalog("gradle/libs.versions.toml", []byte("[versions]\nmin-sdk = \"26\"\nandroid-target = \"36\"\n"))
	for _, test := range []struct {
		name        string
		files       []string
		target, min int
	}{
		{"numbers", []string{"fun a(e: ApplicationExtension) { e.apply { defaultConfig { targetSdk = 35 }; defaultConfig.minSdk = 24 } }"}, 35, 24},
		{"constants", []string{"object Versions { const val TARGET = 34 }", "fun ApplicationExtension.sdk() { defaultConfig.targetSdk = Versions.TARGET }"}, 34, 0},
		{"constants of one name", []string{"object A { const val TARGET = 34 }", "object B { const val TARGET = 35 }", "fun a() { targetSdk = A.TARGET }"}, 0, 0},
		{"catalog", []string{"fun a() { targetSdk = libs.findVersion(\"android-target\").get().requiredVersion.toInt(); minSdk = own.versions.min.sdk.get().toInt() }"}, 36, 26},
		{"several", []string{"fun phone() { targetSdk = 36 }\nfun watch() { targetSdk = 34 }"}, 0, 0},
		{"lint and tests", []string{"fun a() { lint.targetSdk = 30; testOptions { targetSdk = 31 }; targetSdkVersion(33) }"}, 33, 0},
		{"not known", []string{"fun a(level: Int) { targetSdk = level; minSdk = 21 }"}, 0, 21},
	} {
		var files [][2]string
		for i, src := range test.files {
			files = append(files, [2]string{"build-logic/src/main/kotlin/" + strconv.Itoa(i) + ".kt", src})
		}
		c := ReadConventions(files, Scope{Catalogs: map[string]*Catalog{"libs": catalog}})
		if c.TargetSDK.Value != test.target || c.MinSDK.Value != test.min {
			t.Errorf("%s: target %d, min %d; want %d, %d", test.name, c.TargetSDK.Value, c.MinSDK.Value, test.target, test.min)
		}
	}
	constants := ReadConventions([][2]string{{"buildSrc/src/main/kotlin/Versions.kt", "object Versions { const val target = 34 }"}}, Scope{})
	f := Read("app/build.gradle.kts", []byte("android { defaultConfig { targetSdk = Versions.target } }"), Scope{Conventions: constants})
	if f.TargetSDK.Value != 34 {
		t.Errorf("a constant of buildSrc is %d", f.TargetSDK.Value)
	}
	f = Read("app/build.gradle.kts", []byte("android { defaultConfig { targetSdk = project.libs.versions.android.target.get().toInt() } }"), Scope{Catalogs: map[string]*Catalog{"libs": catalog}})
	if f.TargetSDK.Value != 36 {
		t.Errorf("a version of the project's catalog is %d", f.TargetSDK.Value)
	}
}
