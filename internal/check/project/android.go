package project

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/gradle"
	"github.com/lullwork/lull/internal/check/manifest"
	"github.com/lullwork/lull/internal/check/plugins/shipped"
	"github.com/lullwork/lull/internal/check/pub"
	"github.com/lullwork/lull/internal/check/source"
)

// android reads the Gradle build in a folder, nil where there is none.
func (s *scanner) android(p *Project, dir string) *Android {
	a := &Android{Dir: dir}
	scope := gradle.Scope{Catalogs: map[string]*gradle.Catalog{}}
	if file := join(dir, "gradle.properties"); s.files.Has(file) {
		if src, err := s.files.Read(file); err == nil {
			a.Properties = gradle.ReadProperties(file, src)
			scope.Properties = a.Properties
		}
	}
	for _, file := range s.files.Under(join(dir, "gradle")) {
		if name, ok := strings.CutSuffix(path.Base(file), ".versions.toml"); ok {
			if src, err := s.files.Read(file); err == nil {
				scope.Catalogs[name] = gradle.ReadCatalog(file, src)
			}
		}
	}
	scope.Conventions = s.conventions(dir, scope)
	scope.Root = s.gradle(dir, scope)
	sources := map[*Module][]string{}
	for _, folder := range s.gradleFolders(dir) {
		if m, files := s.module(p, a, folder, scope); m != nil {
			a.Modules, sources[m] = append(a.Modules, m), files
		}
	}
	if len(a.Modules) == 0 {
		return nil
	}
	slices.SortStableFunc(a.Modules, func(x, y *Module) int {
		switch {
		case x.App == y.App:
			return strings.Compare(x.Dir, y.Dir)
		case x.App:
			return -1
		}
		return 1
	})
	s.install(p, a, sources)
	return a
}

// conventions reads what a build's own plugins say, nil without any.
func (s *scanner) conventions(dir string, scope gradle.Scope) *gradle.Conventions {
	folders := []string{join(dir, "buildSrc")}
	if src, err := s.files.Read(s.firstOf(join(dir, "settings.gradle.kts"), join(dir, "settings.gradle"))); err == nil {
		for _, rest := range strings.Split(string(src), "includeBuild")[1:] {
			rest = strings.TrimLeft(rest, "( ")
			if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
				if name, _, ok := strings.Cut(rest[1:], rest[:1]); ok {
					folders = append(folders, join(dir, name))
				}
			}
		}
	}
	var sources [][2]string
	for _, folder := range folders {
		for _, file := range s.files.Under(folder) {
			if src, err := s.files.Read(file); gradle.IsConvention(file) && err == nil {
				sources = append(sources, [2]string{file, string(src)})
			}
		}
	}
	if len(sources) == 0 {
		return nil
	}
	return gradle.ReadConventions(sources, scope)
}

// gradleFolders returns the folders with a build script inside of a folder, but for those of packages
// that are inside of it too.
func (s *scanner) gradleFolders(dir string) []string {
	owner := s.owner(join(dir, "build.gradle"))
	var all []string
	for _, file := range s.files.Under(dir) {
		switch path.Base(file) {
		case "build.gradle", "build.gradle.kts":
			if folder := path.Dir(file); s.owner(file) == owner && !s.claimed(file) && !slices.Contains(all, folder) {
				all = append(all, folder)
			}
		}
	}
	return all
}

// gradle reads the build script in a folder, nil without.
func (s *scanner) gradle(dir string, scope gradle.Scope) *gradle.File {
	file := s.firstOf(join(dir, "build.gradle"), join(dir, "build.gradle.kts"))
	return reading(s, "Gradle build", file, func(path string, src []byte) (*gradle.File, error) {
		return gradle.Read(path, src, scope), nil
	})
}

// module reads a Gradle module and names its sources, nil where it is none for Android.
func (s *scanner) module(p *Project, a *Android, dir string, scope gradle.Scope) (*Module, []string) {
	m := &Module{Dir: dir, Overlays: map[string]*manifest.File{}}
	m.Name = ":" + strings.ReplaceAll(strings.Trim(strings.TrimPrefix(dir, a.Dir), "/"), "/", ":")
	m.Gradle = s.gradle(dir, scope)
	if m.Gradle == nil {
		m.Gradle = &gradle.File{}
	}
	sources, found := s.sourceSets(m)
	if !found && (len(sources) == 0 || !m.isAndroid()) {
		return nil, nil
	}
	for _, f := range append(slices.Collect(maps.Values(m.Overlays)), m.Manifest) {
		if f != nil && f.Package == "" {
			f.Package = m.Gradle.Namespace.Text
		}
	}
	m.App = m.isApp()
	common := scope.Conventions
	if common == nil {
		common = &gradle.Conventions{}
	}
	m.TargetSDK = m.sdk(p, func(v *gradle.Variant) gradle.Level { return v.TargetSDK }, m.Gradle.TargetSDK, common.TargetSDK)
	m.MinSDK = m.sdk(p, func(v *gradle.Variant) gradle.Level { return v.MinSDK }, m.Gradle.MinSDK, common.MinSDK)
	for _, v := range m.Gradle.BuildTypes {
		for _, rules := range v.Proguard {
			if file := join(dir, rules.Text); s.files.Has(file) && !slices.Contains(m.Proguard, file) {
				m.Proguard = append(m.Proguard, file)
			}
		}
	}
	return m, sources
}

// sourceSets reads the manifests of a module, and returns its sources without those of tests.
func (s *scanner) sourceSets(m *Module) (sources []string, found bool) {
	for _, file := range s.files.Under(join(m.Dir, "src")) {
		rest := strings.TrimPrefix(file, join(m.Dir, "src")+"/")
		set, rest, _ := strings.Cut(rest, "/")
		if isTestSet(set) {
			continue
		}
		if rest == "AndroidManifest.xml" {
			found = true
			f := reading(s, "manifest", file, manifest.Read)
			switch {
			case f == nil:
			case set == "main" || set == "androidMain":
				m.Manifest = f
			default:
				m.Overlays[set] = f
			}
		}
		if ext := path.Ext(file); ext == ".kt" || ext == ".java" {
			sources = append(sources, file)
		}
	}
	return sources, found
}

func isTestSet(set string) bool {
	return strings.HasPrefix(set, "test") || strings.HasPrefix(set, "androidTest") || strings.HasSuffix(set, "Test")
}

// isAndroid tells by its build script whether a module is one for Android: not all of them have a
// manifest.
func (m *Module) isAndroid() bool {
	return m.Gradle.Namespace.Text != "" || slices.ContainsFunc(m.Gradle.Plugins, func(p gradle.Plugin) bool {
		return slices.Contains(strings.FieldsFunc(p.ID, func(r rune) bool { return r == '.' || r == '-' || r == '_' }), "android")
	})
}

// isApp tells whether a module makes an app.
func (m *Module) isApp() bool {
	g := m.Gradle
	switch {
	case g.Applies("com.android.library"), g.Applies("com.android.test"):
		return false
	case g.Applies("com.android.application"), g.Applies("dev.flutter.flutter-gradle-plugin"), g.ApplicationID.Text != "":
		return true
	}
	for _, plugin := range g.Plugins { // of the build's own
		if strings.HasSuffix(plugin.ID, "android.application") {
			return true
		}
	}
	for _, c := range m.Manifest.Components("activity") {
		if c.Receives("android.intent.action.MAIN") {
			return true
		}
	}
	return false
}

// sdk returns an API level of a module: the lowest that one of its flavours has; by convention
// where it says none itself.
func (m *Module) sdk(p *Project, of func(*gradle.Variant) gradle.Level, all, convention gradle.Level) int {
	known := func(l gradle.Level) int {
		if l.Value == 0 && l.Flutter != "" {
			return level(p.FlutterVersion, l.Flutter)
		}
		return l.Value
	}
	n := known(all)
	if all.Text == "" {
		n = convention.Value
	}
	for i := range m.Gradle.Flavors {
		if l := of(&m.Gradle.Flavors[i]); l.Text != "" {
			if own := known(l); own == 0 || n == 0 || own < n {
				n = own
			}
		}
	}
	return n
}

// merge merges the manifests of a module and of others that get into it.
func (s *scanner) merge(p *Project, a *Android, of []*Module) {
	var layers []*manifest.File
	for _, part := range of {
		layers = append(layers, part.installed()...)
	}
	m := of[0]
	for _, name := range slices.Sorted(maps.Keys(p.Plugins)) {
		used := p.Plugins[name]
		switch {
		case used.Dev || name == p.Name:
		case used.Path != "" && s.specs[used.Path] != nil:
			layers = append(layers, s.ownManifest(used.Path, name))
		default:
			// The table also has what a plugin gets through Gradle, which no cache of pub has.
			layers = append(layers, s.cached(used), shipped.Manifest(used, func(key string) string { return a.Flag(key).Text }))
		}
	}
	for _, part := range of {
		layers = append(layers, shipped.Libraries(part.Gradle)...)
	}
	known := map[string]string{}
	if id := m.Gradle.ApplicationID.Text; id != "" {
		known["applicationId"], known["packageName"] = id, id
	}
	if p.Flutter {
		known["applicationName"] = "android.app.Application" // what its Gradle plugin sets
	}
	m.Merged = manifest.Merge(layers...).Substitute(known)
}

// cached reads the manifest of a plugin in the cache of pub, nil where it is not there. Its
// elements have no places: they are outside of the checked folder.
func (s *scanner) cached(p pub.Package) *manifest.File {
	if s.cache == nil || !p.Known || p.Kind != "hosted" {
		return nil
	}
	dir := "hosted/pub.dev/" + p.Name + "-" + p.Version.String() + "/android/"
	src, err := s.cache.Read(dir + "src/main/AndroidManifest.xml")
	if err != nil {
		return nil
	}
	f, err := manifest.Read("", src)
	if err != nil {
		return nil
	}
	f.From = p.Name
	for _, name := range []string{"build.gradle", "build.gradle.kts"} {
		if src, err := s.cache.Read(dir + name); err == nil && f.Package == "" {
			f.Package = gradle.Read(name, src, gradle.Scope{}).Namespace.Text
		}
	}
	return f
}

// ownManifest reads the manifest of a plugin inside of the checked folder, nil without.
func (s *scanner) ownManifest(dir, name string) *manifest.File {
	f := reading(s, "manifest", join(dir, "android/src/main/AndroidManifest.xml"), manifest.Read)
	if f == nil {
		return nil
	}
	if g := s.gradle(join(dir, "android"), gradle.Scope{}); f.Package == "" && g != nil {
		f.Package = g.Namespace.Text
	}
	f.From = name
	return f
}

// Flag returns a setting of gradle.properties, "" without.
func (a *Android) Flag(key string) source.Value {
	if a == nil || a.Properties == nil {
		return source.Value{}
	}
	p, _ := a.Properties.Get(key)
	return source.Value{Text: p.Value, At: p.At}
}

// Application returns the first module that makes an app, nil without.
func (a *Android) Application() *Module {
	if a == nil || len(a.Modules) == 0 || !a.Modules[0].App {
		return nil
	}
	return a.Modules[0]
}
