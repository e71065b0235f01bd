package xcode

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lullwork/lull/internal/check/source"
)

// memory is files that are not on a disk.
type memory map[string]string

func (m memory) Read(path string) ([]byte, error) {
	if src, ok := m[path]; ok {
		return []byte(src), nil
	}
	return nil, &source.Fault{File: path, Why: source.ErrMissing.Error(), Err: source.ErrMissing}
}

func (m memory) Has(path string) bool { _, ok := m[path]; return ok }

func (m memory) Under(dir string) []string {
	var all []string
	for _, path := range slices.Sorted(maps.Keys(m)) {
		if strings.HasPrefix(path, dir+"/") {
			all = append(all, path)
		}
	}
	return all
}

func dump(p *Project, faults []*source.Fault) string {
	var b strings.Builder
	for _, t := range p.Targets {
		b.WriteString(t.Name + " " + []string{"other", "app", "extension", "test", "framework", "watch"}[t.Type])
		if t.IOS {
			b.WriteString(" ios")
		}
		if t.MacOS {
			b.WriteString(" macos")
		}
		fmt.Fprintf(&b, "\n  line %d\n", t.At.Line)
		for _, d := range t.DependsOn {
			b.WriteString("  depends on " + d + "\n")
		}
		for _, s := range t.Sources {
			b.WriteString("  source " + s + "\n")
		}
		for _, c := range t.Configurations {
			for _, name := range c.Names() {
				text, known := c.Setting(name)
				if !known {
					text = "? " + text
				}
				b.WriteString("  " + c.Name + " " + name + " = " + text + "\n")
			}
		}
	}
	for _, f := range faults {
		fmt.Fprintf(&b, "%s:%d: %s\n", f.File, f.Line, f.Why)
	}
	return b.String()
}

// Each file has a project, what is around it, and what is read of it.
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
			files := memory{}
			for _, f := range a.Files {
				files[f.Name] = string(f.Data)
			}
			project := a.Files[0].Name
			p, faults, err := Read(project, []byte(files[project]), files)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(files["want"], dump(p, faults)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestValuesHavePlaces(t *testing.T) {
	files := memory{
		"a/A.xcodeproj/project.pbxproj": `{ objects = { P = {targets = (T); buildConfigurationList = LP; mainGroup = G; };
			G = {children = (F); sourceTree = "<group>"; }; F = {path = a.xcconfig; sourceTree = "<group>"; };
			T = {name = T; buildConfigurationList = L; }; L = {buildConfigurations = (C1, C2, C3); }; LP = {buildConfigurations = (C4); };
			C1 = {name = Debug; buildSettings = {ID = "com.a"; FILE = "$(PROJECT_DIR)/../i.plist"; }; };
			C2 = {name = Profile; buildSettings = {ID = "com.$(X)"; X = a; }; };
			C3 = {name = "Release-prod"; baseConfigurationReference = F; buildSettings = {}; };
		}; rootObject = P; }`,
		"a/a.xcconfig": "\nID = com.b // b\n",
	}
	p, faults, err := Read("a/A.xcodeproj/project.pbxproj", []byte(files["a/A.xcodeproj/project.pbxproj"]), files)
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	values := p.Targets[0].Values("ID")
	if len(values) != 2 || values[0].Text != "com.a" || values[1].Text != "com.b" {
		t.Fatalf("%+v", values)
	}
	for i, want := range []string{`"com.a"`, "com.b"} {
		at := values[i].At
		if got := files[at.File][at.Start:at.End]; got != want {
			t.Errorf("at the place of %s stands %s", want, got)
		}
	}
	if c := p.Targets[0].Configuration(); c.Name != "Release-prod" {
		t.Errorf("released with %s", c.Name)
	}
	file, _ := p.Targets[0].Configurations[0].Setting("FILE")
	for name, want := range map[string]string{file: "i.plist", "b/c": "a/b/c", "/etc/x": "", "": "", "../../x": "", "../x": "x"} {
		if got := p.File(name); got != want {
			t.Errorf("the file %q is %q, want %q", name, got, want)
		}
	}
	if (&Target{}).Configuration() != nil {
		t.Error("a target without configurations has one")
	}
}

// What doubles with each step ends.
func TestExpandDoesNotGrow(t *testing.T) {
	var b strings.Builder
	b.WriteString("{objects={P={targets=(T);};T={name=T;buildConfigurationList=L;};L={buildConfigurations=(C);};C={name=C;buildSettings={")
	for i := range 100 {
		fmt.Fprintf(&b, `X%d="$(X%d)$(X%d)";`, i, i+1, i+1)
	}
	b.WriteString("X100=x;};};};rootObject=P;}")
	p, _, err := Read("A.xcodeproj/project.pbxproj", []byte(b.String()), memory{})
	if err != nil {
		t.Fatal(err)
	}
	c := p.Targets[0].Configurations[0]
	if _, known := c.Setting("X0"); known {
		t.Error("2^100 characters are known")
	}
	if text, known := c.Expand("$(X98)!"); !known || text != "xxxx!" {
		t.Error(text, known)
	}
}

func TestFaults(t *testing.T) {
	for src, why := range map[string]string{
		"":                         "is empty",
		"{}":                       "has no objects",
		"{ objects = (); }":        "has no objects",
		"{\n<<<<<<< HEAD\nobjects": "where a value should be",
	} {
		_, _, err := Read("A.xcodeproj/project.pbxproj", []byte(src), memory{})
		var fault *source.Fault
		if !errors.As(err, &fault) || !strings.Contains(fault.Why, why) || fault.Line < 1 {
			t.Errorf("%q: %v, want %q", src, err, why)
		}
	}
	if _, faults, err := Read("p", []byte("{objects={P={targets=("+strings.Repeat("T,", maxTargets+1)+");};T={name=T;};};rootObject=P;}"), memory{}); err != nil || len(faults) != 1 {
		t.Error("too many targets:", err, faults)
	}
}

func FuzzRead(f *testing.F) {
	for _, path := range []string{"testdata/flutter.txtar", "testdata/synchronized.txtar"} {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(a.Files[0].Data, []byte("#include \"a.xcconfig\"\nA[sdk=*] = $(B:lower)\n"))
	}
	f.Add([]byte("{objects={P={targets=(P);name=P;mainGroup=P;children=(P);exceptions=(P);target=P;buildConfigurations=(P);buildConfigurationList=P;buildSettings={A=(P);};};};rootObject=P;}"), []byte("#include? \"b\""))
	f.Fuzz(func(t *testing.T, src, config []byte) {
		files := memory{"ios/Flutter/Release.xcconfig": string(config), "ios/Flutter/a.xcconfig": string(config), "App/Config/App.xcconfig": string(config), "App/App.swift": ""}
		p, faults, err := Read("ios/Runner.xcodeproj/project.pbxproj", src, files)
		if err != nil {
			var fault *source.Fault
			if !errors.As(err, &fault) || fault.Line < 1 {
				t.Fatalf("error without a line: %v", err)
			}
			return
		}
		dump(p, faults)
		for _, target := range p.Targets {
			for _, v := range target.Values("INFOPLIST_FILE") {
				if file := p.File(v.Text); strings.HasPrefix(file, "/") || strings.HasPrefix(file, "../") || file == ".." {
					t.Fatalf("a file outside: %q", file)
				}
			}
			for _, s := range target.Sources {
				if !files.Has(s) {
					t.Fatalf("a source that is not there: %q", s)
				}
			}
		}
	})
}

func FuzzReadSpec(f *testing.F) {
	f.Add([]byte("name: N\ntargets:\n  A:\n    type: application\n    platform: [iOS]\n    templates: [T]\n    sources: [App, {path: Src, excludes: ['**/*.m', '*']}]\n    info: {path: I, properties: {UIBackgroundModes: [fetch], A: {B: 1}}}\n    settings: {base: {A: $(B)}, configs: {debug: {A: true}}, groups: [G]}\ntargetTemplates:\n  T: {templates: [T, T], platform: iOS}\nsettingGroups:\n  G: {groups: [G, G]}\ninclude: [a.yml, {path: b.yml}]\nconfigs: {Debug: debug}\n"))
	f.Add([]byte("targets:\n  A: &a\n    info: {properties: &p {X: [*p, *p, *p, *p, *p, *p, *p, *p]}}\n    settings: *a\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		files := memory{"ios/a.yml": string(src), "ios/App/A.swift": "", "ios/Src/b/C.m": "", "ios/Src/D.swift": ""}
		p, faults, err := ReadSpec("ios/project.yml", src, files)
		if err != nil {
			var fault *source.Fault
			if !errors.As(err, &fault) || fault.Line < 1 {
				t.Fatalf("error without a line: %v", err)
			}
			return
		}
		if p == nil {
			return
		}
		dump(p, faults)
		for _, target := range p.Targets {
			for _, s := range target.Sources {
				if !files.Has(s) {
					t.Fatalf("a source that is not there: %q", s)
				}
			}
		}
	})
}
