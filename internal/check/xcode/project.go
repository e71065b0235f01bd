// Package xcode reads Xcode projects, the specs that XcodeGen makes them from, and xcconfig files.
package xcode

import (
	"path"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/plist"
	"github.com/lullwork/lull/internal/check/source"
)

// Project is a project.pbxproj, or a spec for one.
type Project struct {
	Path    string // of project.pbxproj, or of the spec
	Dir     string // folder that holds the .xcodeproj; paths in the project begin here
	Targets []*Target
}

// Type is what a target makes.
type Type uint8

// The types.
const (
	Other Type = iota
	App
	Extension
	Test
	Framework
	WatchApp
)

// Target is a target.
type Target struct {
	Name           string
	Type           Type
	IOS, MacOS     bool          // what it is built for, among others
	At             finding.Place // its name in the project file
	Configurations []*Configuration
	Sources        []string    // files that it compiles and that are there, relative to the checked folder; sorted
	DependsOn      []string    // targets, by name
	Info, Entitled *plist.File // that a spec writes; nil where it does not, and in a project of Xcode
}

// Files reads other files of the checked folder.
type Files interface {
	Read(path string) ([]byte, error)
	Has(path string) bool
	Under(dir string) []string
}

// reader reads one project.
type reader struct {
	*Project
	files   Files
	objects *plist.Value
	byID    map[string]*plist.Value
	places  map[string]string // folder or file of a group or a reference
	synced  []syncedFolder
	configs map[string]*xcconfig
	faults  []*source.Fault
}

// Read reads a project. Errors are a *source.Fault; faults are what was left out, such as
// an xcconfig file that is not there.
func Read(file string, src []byte, files Files) (p *Project, faults []*source.Fault, err error) {
	f, err := plist.Read(file, src)
	if err != nil {
		return nil, nil, err
	}
	r := &reader{
		Project: &Project{Path: file, Dir: path.Dir(path.Dir(file))}, files: files, objects: f.Find("objects"),
		byID: map[string]*plist.Value{}, places: map[string]string{}, configs: map[string]*xcconfig{},
	}
	if r.objects == nil || r.objects.Kind != plist.Dict {
		return nil, nil, &source.Fault{File: file, Line: 1, Why: "is no Xcode project: it has no objects"}
	}
	for _, e := range r.objects.Keys {
		r.byID[e.Key] = e.Value
	}
	root := r.object(f.Find("rootObject"))
	r.locate(root)
	r.syncedFolders()
	for _, item := range items(root.Get("targets")) {
		if len(r.Targets) == maxTargets {
			r.faults = append(r.faults, &source.Fault{File: file, Line: item.At.Line, Why: "has more than 500 targets: the others are not looked at"})
			break
		}
		if t := r.object(item); t != nil {
			r.Targets = append(r.Targets, r.target(root, item.Text, t))
		}
	}
	return r.Project, r.faults, nil
}

// object returns what an id stands for, nil where it is nothing.
func (r *reader) object(id *plist.Value) *plist.Value {
	if id == nil || id.Kind != plist.String {
		return nil
	}
	return r.byID[id.Text]
}

func items(v *plist.Value) []*plist.Value {
	if v == nil {
		return nil
	}
	return v.Items
}

// text returns a string under a key, "" without.
func text(v *plist.Value, key string) string {
	if v = v.Get(key); v != nil && v.Kind == plist.String {
		return v.Text
	}
	return ""
}

const maxTargets = 500

const outside = "\x00" // the place of what is not in the checked folder

// locate finds out where groups and files are.
func (r *reader) locate(root *plist.Value) {
	type step struct {
		id, in string
	}
	start := path.Join(r.Dir, text(root, "projectDirPath"))
	todo := []step{{text(root, "mainGroup"), start}}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		v := r.byID[s.id]
		if _, seen := r.places[s.id]; seen || v == nil {
			continue
		}
		at := s.in
		switch text(v, "sourceTree") {
		case "<group>":
		case "SOURCE_ROOT":
			at = start
		default:
			at = outside
		}
		if at != outside {
			if at = path.Join(at, text(v, "path")); at == ".." || strings.HasPrefix(at, "../") {
				at = outside
			}
		}
		r.places[s.id] = at
		for _, kid := range items(v.Get("children")) {
			todo = append(todo, step{kid.Text, at})
		}
	}
}

// types are the kinds of products, without "com.apple.product-type.".
var types = map[string]Type{
	"application": App, "application.on-demand-install-capable": Extension, "application.messages": App,
	"application.watchapp": WatchApp, "application.watchapp2": WatchApp, "application.watchapp2-container": WatchApp,
	"app-extension": Extension, "extensionkit-extension": Extension, "app-extension.messages": Extension,
	"watchkit-extension": Extension, "watchkit2-extension": Extension, "tv-app-extension": Extension,
	"app-extension.intents-service": Extension, "xpc-service": Extension, "system-extension": Extension,
	"bundle.unit-test": Test, "bundle.ui-testing": Test, "bundle.ocunit-test": Test,
	"framework": Framework, "framework.static": Framework, "library.static": Framework, "library.dynamic": Framework,
}

func (r *reader) target(root *plist.Value, id string, v *plist.Value) *Target {
	t := &Target{Name: text(v, "name"), Type: types[strings.TrimPrefix(text(v, "productType"), "com.apple.product-type.")]}
	if name := v.Get("name"); name != nil {
		t.At = name.At
	} else {
		t.At = v.At
	}
	t.Configurations = r.configurations(root, v, t.Name)
	t.platforms()
	for _, phase := range items(v.Get("buildPhases")) {
		if p := r.object(phase); text(p, "isa") == "PBXSourcesBuildPhase" {
			for _, file := range items(p.Get("files")) {
				r.compiles(t, text(r.object(file), "fileRef"))
			}
		}
	}
	r.synchronized(t, id, v)
	slices.Sort(t.Sources)
	t.Sources = slices.Compact(t.Sources)
	for _, dep := range items(v.Get("dependencies")) {
		if name := text(r.object(r.object(dep).Get("target")), "name"); name != "" {
			t.DependsOn = append(t.DependsOn, name)
		}
	}
	return t
}

// platforms finds out what a target is built for.
func (t *Target) platforms() {
	for _, c := range t.Configurations {
		sdk, _ := c.Setting("SDKROOT")
		if sdk == "auto" || sdk == "" {
			sdk, _ = c.Setting("SUPPORTED_PLATFORMS")
		}
		t.IOS = t.IOS || strings.Contains(sdk, "iphone")
		t.MacOS = t.MacOS || strings.Contains(sdk, "macosx")
		if strings.HasPrefix(sdk, "watchos") && t.Type == App {
			t.Type = WatchApp
		}
	}
}

// compiles adds a file of a sources phase.
func (r *reader) compiles(t *Target, id string) {
	if at, ok := r.places[id]; ok && at != outside && r.files.Has(at) {
		t.Sources = append(t.Sources, at)
	}
}

// syncedFolder is a folder all of whose files belong to the targets that name it, but for exceptions.
type syncedFolder struct {
	id, dir string
	except  map[string]map[string]bool // by target: left out of one that names the folder, added to others
}

func (r *reader) syncedFolders() {
	for _, e := range r.objects.Keys {
		dir, ok := r.places[e.Key]
		if !ok || dir == outside || text(e.Value, "isa") != "PBXFileSystemSynchronizedRootGroup" {
			continue
		}
		f := syncedFolder{e.Key, dir, map[string]map[string]bool{}}
		for _, id := range items(e.Value.Get("exceptions")) {
			set := r.object(id)
			target := text(set, "target")
			if f.except[target] == nil {
				f.except[target] = map[string]bool{}
			}
			for _, file := range items(set.Get("membershipExceptions")) {
				f.except[target][path.Join(dir, file.Text)] = true
			}
		}
		r.synced = append(r.synced, f)
	}
}

// synchronized adds the files of such folders to the target with that id.
func (r *reader) synchronized(t *Target, id string, v *plist.Value) {
	named := map[string]bool{}
	for _, group := range items(v.Get("fileSystemSynchronizedGroups")) {
		named[group.Text] = true
	}
	for _, f := range r.synced {
		except := f.except[id]
		if !named[f.id] && len(except) == 0 {
			continue
		}
		for _, file := range r.files.Under(f.dir) {
			if isSource(file) && except[file] != named[f.id] {
				t.Sources = append(t.Sources, file)
			}
		}
	}
}

func isSource(file string) bool {
	switch path.Ext(file) {
	case ".swift", ".m", ".mm", ".c", ".cpp":
		return true
	}
	return false
}

// File returns the file that a setting names, relative to the checked folder; "" where it is outside.
func (p *Project) File(name string) string {
	if rest, ok := strings.CutPrefix(name, sourceRoot); ok {
		name = "." + rest
	}
	if name == "" || path.IsAbs(name) {
		return ""
	}
	if name = path.Join(p.Dir, name); name == ".." || strings.HasPrefix(name, "../") {
		return ""
	}
	return name
}
