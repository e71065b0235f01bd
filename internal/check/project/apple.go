package project

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plist"
	"github.com/lullwork/lull/internal/check/source"
	"github.com/lullwork/lull/internal/check/xcode"
)

// Delegate is the class that starts an app.
type Delegate struct {
	Decl *island.Decl
	File string
}

// apple reads the Xcode projects of a folder, nil where there is nothing that makes an app. wanted
// chooses among targets of several platforms.
func (s *scanner) apple(dir string, wanted func(*xcode.Target) bool) *Apple {
	a := &Apple{Dir: dir, Podfile: s.firstOf(join(dir, "Podfile"))}
	for _, file := range s.files.Under(dir) {
		if path.Base(file) == "project.pbxproj" && path.Dir(path.Dir(file)) == dir {
			s.xcode(a, file, xcode.Read)
		}
	}
	if len(a.Projects) == 0 { // else a spec has been made into one
		for _, file := range s.files.Under(dir) {
			if xcode.IsSpec(file) && path.Dir(file) == dir && s.isSpec(file) {
				s.xcode(a, file, xcode.ReadSpec)
			}
		}
	}
	sources := map[string]bool{}
	for _, p := range a.Projects {
		for _, native := range p.Targets {
			if native.Type == xcode.Test || !wanted(native) {
				continue
			}
			for _, file := range native.Sources {
				sources[file] = sources[file] || isNative(file)
			}
			if native.Type == xcode.App || native.Type == xcode.Extension {
				a.Targets = append(a.Targets, s.target(p, native))
			}
		}
	}
	if len(a.Projects) == 0 && wanted(&xcode.Target{IOS: path.Base(dir) != "macos", MacOS: path.Base(dir) == "macos"}) {
		s.withoutProject(a, sources)
	}
	if len(a.Targets) == 0 {
		return nil
	}
	s.localPackages(dir, sources)
	a.finish(s.program(sorted(sources), nil))
	return a
}

// xcode adds a project.
func (s *scanner) xcode(a *Apple, file string, read func(string, []byte, xcode.Files) (*xcode.Project, []*source.Fault, error)) {
	p := reading(s, "Xcode project", file, func(path string, src []byte) (*xcode.Project, error) {
		p, faults, err := read(path, src, s.files)
		for _, f := range faults {
			s.unchecked = append(s.unchecked, f.Unchecked("Xcode settings"))
			s.incomplete = append(s.incomplete, path)
		}
		return p, err
	})
	if p != nil {
		a.Projects = append(a.Projects, p)
	}
}

func sorted(set map[string]bool) []string {
	all := make([]string, 0, len(set))
	for file, is := range set {
		if is {
			all = append(all, file)
		}
	}
	slices.Sort(all)
	return all
}

// target reads what a target's settings name.
func (s *scanner) target(p *xcode.Project, native *xcode.Target) *Target {
	t := &Target{Name: native.Name, Type: native.Type, Native: native, BundleIDs: native.Values("PRODUCT_BUNDLE_IDENTIFIER")}
	release := native.Configuration()
	if t.InfoPlist = native.Info; t.InfoPlist == nil && release != nil {
		if name, known := release.Setting("INFOPLIST_FILE"); known {
			file := p.File(name)
			t.InfoPlist = reading(s, "Info.plist", file, plist.Read)
			if at, _ := release.Raw("INFOPLIST_FILE"); file == "" || !s.files.Has(file) {
				s.skip("Info.plist", at.At.File, at.At.Line, "the Info.plist of "+native.Name+" is not there: "+name)
			}
		}
	}
	for _, c := range native.Configurations {
		generate, _ := c.Setting("GENERATE_INFOPLIST_FILE")
		t.Generated = t.Generated || generate == "YES"
	}
	if at, named := t.Setting("GENERATE_INFOPLIST_FILE"); named && t.Generated && t.Type == xcode.App && t.InfoPlist == nil && s.onlySettings(p, t) {
		t.InfoPlist = &plist.File{Path: p.Path, Root: &plist.Value{Kind: plist.Dict, At: at.At}}
	}
	if native.Entitled != nil {
		t.Entitlements = append(t.Entitlements, native.Entitled)
		return t
	}
	for _, v := range native.Values("CODE_SIGN_ENTITLEMENTS") {
		if f := reading(s, "entitlements", p.File(v.Text), plist.Read); f != nil {
			t.Entitlements = append(t.Entitlements, f)
		}
	}
	return t
}

// onlySettings tells whether the Info.plist of a target is made of build settings alone: no file
// is named, and no script looks as if it wrote one.
func (s *scanner) onlySettings(p *xcode.Project, t *Target) bool {
	if _, named := t.Setting("INFOPLIST_FILE"); named || slices.Contains(s.incomplete, p.Path) {
		return false
	}
	src, err := s.files.Read(p.Path)
	return err == nil && !bytes.Contains(src, []byte("PlistBuddy")) && !bytes.Contains(src, []byte("plutil"))
}

// withoutProject makes a target of a folder that has an Info.plist of an app and sources, but no
// project file: some tools make that one when it is needed.
func (s *scanner) withoutProject(a *Apple, sources map[string]bool) {
	var entitlements []*plist.File
	var tuist []string
	for _, file := range s.files.Under(a.Dir) {
		switch {
		case inTests(file, a.Dir) || s.claimed(file):
		case s.isTuist(file):
			tuist = append(tuist, file)
		case path.Base(file) == "Package.swift": // is no code of the app
		case isNative(file):
			sources[file] = true
		case strings.HasSuffix(file, "Info.plist"):
			if f := reading(s, "Info.plist", file, plist.Read); f != nil && isApp(f) {
				a.Targets = append(a.Targets, &Target{Name: path.Base(path.Dir(file)), Type: xcode.App, InfoPlist: f})
			}
		case path.Ext(file) == ".entitlements":
			if f := reading(s, "entitlements", file, plist.Read); f != nil {
				entitlements = append(entitlements, f)
			}
		}
	}
	if len(sources) == 0 {
		a.Targets = nil
	}
	if len(tuist) > 0 && len(a.Targets) == 0 && len(sources) > 0 { // which may describe its Info.plist too
		t := &Target{Name: path.Base(path.Dir(tuist[0])), Type: xcode.App, InfoPlist: s.tuist(a.Dir), Entitlements: entitlements}
		a.Targets = append(a.Targets, t)
		what := ""
		if t.InfoPlist == nil {
			what = "what that writes into Info.plist is not read, and "
		}
		s.skip("Xcode project", tuist[0], 1, "describes it to Tuist: "+what+"which files are part of the app is guessed")
		return
	}
	for _, t := range a.Targets {
		t.Entitlements = entitlements
		if t.InfoPlist == nil {
			continue
		}
		s.skip("Xcode project", t.InfoPlist.Path, 1, "there is none around it: which files are part of the app is guessed")
	}
}

func isNative(file string) bool {
	switch path.Ext(file) {
	case ".swift", ".m", ".mm":
		return true
	}
	return false
}

// isApp tells whether an Info.plist is that of an app.
func isApp(f *plist.File) bool {
	for _, key := range []string{"NSExtension", "EXAppExtensionAttributes", "NSAppClip"} {
		if f.Find(key) != nil {
			return false
		}
	}
	for _, key := range []string{"UIBackgroundModes", "BGTaskSchedulerPermittedIdentifiers", "UILaunchStoryboardName", "UILaunchScreen", "LSRequiresIPhoneOS", "UIApplicationSceneManifest"} {
		if f.Find(key) != nil {
			return true
		}
	}
	return false
}

// inTests tells whether a file is in a folder of tests inside of dir.
func inTests(file, dir string) bool {
	for _, part := range strings.Split(strings.TrimPrefix(file, dir+"/"), "/") {
		if strings.HasSuffix(part, "Tests") || strings.HasPrefix(part, "UITests") {
			return true
		}
	}
	return false
}

// localPackages adds the sources of Swift packages that are inside of the folder.
func (s *scanner) localPackages(dir string, sources map[string]bool) {
	for _, file := range s.files.Under(dir) {
		if path.Base(file) != "Package.swift" {
			continue
		}
		for _, inner := range s.files.Under(join(path.Dir(file), "Sources")) {
			if path.Ext(inner) == ".swift" && !inTests(inner, dir) {
				sources[inner] = true
			}
		}
	}
}

// finish joins the apps with their code.
func (a *Apple) finish(program *code.Program) {
	a.Code = program
	slices.SortStableFunc(a.Targets, func(x, y *Target) int { return int(x.Type) - int(y.Type) })
	if program == nil {
		return
	}
	for _, t := range a.Targets {
		if t.Type == xcode.App {
			t.Delegate = delegate(program, t.Native)
		}
	}
}

// delegates are the types of classes that start an app.
var delegates = []string{"FlutterAppDelegate", "UIApplicationDelegate", "NSApplicationDelegate"}

// delegate finds the class that starts an app among the sources of a target, all where that is not known.
func delegate(program *code.Program, native *xcode.Target) *Delegate {
	name := "AppDelegate"
	var classes []Delegate
	for _, u := range program.Units() {
		if native != nil {
			if _, compiled := slices.BinarySearch(native.Sources, u.Path); !compiled {
				continue
			}
		}
		for _, d := range u.Decls {
			starts := slices.ContainsFunc(d.Supers, func(super string) bool { return slices.Contains(delegates, super) })
			switch d.Kind {
			case island.Class:
				if starts {
					return &Delegate{d, u.Path}
				}
				classes = append(classes, Delegate{d, u.Path})
			case island.Extension:
				if starts {
					name = d.Name
				}
			}
		}
	}
	for i, c := range classes {
		if c.Decl.Name == name {
			return &classes[i]
		}
	}
	return nil
}

// Application returns the first target that makes an app, nil without.
func (a *Apple) Application() *Target {
	if a == nil || len(a.Targets) == 0 || a.Targets[0].Type != xcode.App {
		return nil
	}
	return a.Targets[0]
}

// Expand expands the build settings in a text from the target's Info.plist: one result for each
// that its configurations lead to. known is false where a variable is not known.
func (t *Target) Expand(text string) (values []string, known bool) {
	if t.Native == nil || len(t.Native.Configurations) == 0 {
		return []string{text}, !strings.Contains(text, "$(") && !strings.Contains(text, "${")
	}
	known = true
	for _, c := range t.Native.Configurations {
		value, ok := c.Expand(text)
		known = known && ok
		if !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	return values, known
}

// Setting returns a build setting in the build that is released.
func (t *Target) Setting(name string) (source.Value, bool) {
	if t.Native == nil {
		return source.Value{}, false
	}
	c := t.Native.Configuration()
	if c == nil {
		return source.Value{}, false
	}
	raw, ok := c.Raw(name)
	if text, known := c.Setting(name); known {
		raw.Text = text
	}
	return raw, ok
}

// List returns the strings of an array in the Info.plist with their variables expanded. known is
// false where one of them is not known.
func (t *Target) List(key string) (items []source.Value, known bool) {
	known = true
	v := t.InfoPlist.Find(key)
	list, _ := v.Strings()
	for _, item := range list {
		values, ok := t.Expand(item.Text)
		known = known && ok
		for _, value := range values {
			items = append(items, source.Value{Text: value, At: item.At})
		}
	}
	return items, known
}
