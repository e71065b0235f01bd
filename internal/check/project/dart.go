package project

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/pub"
	"github.com/lullwork/lull/internal/check/xcode"
)

// readSpecs reads all pubspecs: packages refer to each other.
func (s *scanner) readSpecs() {
	for _, file := range s.files.Files() {
		if path.Base(file) != "pubspec.yaml" {
			continue
		}
		dir := path.Dir(file)
		spec := reading(s, "pubspec", file, pub.ReadSpec)
		if spec == nil {
			spec = &pub.Spec{Path: file} // the rest of the project is still there to look at
		}
		if over := reading(s, "pubspec", join(dir, "pubspec_overrides.yaml"), pub.ReadSpec); over != nil {
			for _, d := range over.Dependencies {
				if d.Section == pub.Override {
					spec.Dependencies = append(spec.Dependencies, d)
				}
			}
		}
		s.specs[dir] = spec
		s.folders = append(s.folders, dir)
	}
	slices.Sort(s.folders)
}

// owner returns the innermost package that a file is in, "" for none.
func (s *scanner) owner(file string) string {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		if s.specs[dir] != nil {
			return dir
		}
		if dir == "." {
			return ""
		}
	}
}

// dart reads the project of a pubspec, nil where there is nothing but the pubspec, as at the root
// of a workspace.
func (s *scanner) dart(dir string) *Project {
	spec := s.specs[dir]
	p := &Project{Dir: dir, Name: spec.Name, Pubspec: spec, Lock: s.lock(dir, spec)}
	if p.Name == "" {
		p.Name = path.Base(dir)
	}
	p.Plugins = pub.Resolve(spec, p.Lock, s.members(dir), func(folder string) *pub.Spec { return s.specs[folder] })
	_, locked := p.Plugins["flutter"]
	p.Flutter = spec.UsesFlutter || spec.Plugin != nil || locked && !spec.Member
	p.FlutterVersion = s.flutterVersion(p)

	sources, tests := s.dartFiles(dir)
	p.Tests = tests
	packages := map[string]string{p.Name: dir}
	for _, used := range s.usedByPath(p) {
		if name := s.specs[used].Name; packages[name] == "" {
			packages[name] = used
			lib, _ := s.dartFiles(used)
			sources = append(sources, lib...)
		}
	}
	s.platforms(p)
	own := p.Android != nil || p.IOS != nil || p.MacOS != nil || p.Web || p.Linux || p.Windows
	if len(sources) == 0 && !own {
		return nil
	}
	p.Dart = s.program(sources, packages)
	p.App = spec.Plugin == nil && (p.hasApp() || p.Web || p.Linux || p.Windows || s.hasMain(dir))
	if p.Flutter && p.App && p.Lock == nil {
		s.skip("versions", spec.Path, 1, "has no pubspec.lock: what depends on the version of a plugin is checked by its constraint only")
	}
	if p.Lock != nil {
		for _, d := range spec.Dependencies {
			if l := p.Lock.Packages[d.Name]; spec.Outgrown(l) {
				s.skip("versions", l.At.File, l.At.Line, fmt.Sprintf("holds %s %s, which pubspec.yaml no longer allows: it is checked by its constraint", l.Name, l.Version))
			}
		}
	}
	return p
}

// hasApp tells whether one of the native sides is an app.
func (p *Project) hasApp() bool {
	if p.Android != nil && slices.ContainsFunc(p.Android.Modules, func(m *Module) bool { return m.App }) {
		return true
	}
	return p.IOS != nil || p.MacOS != nil
}

// hasMain tells whether a package has a program of its own.
func (s *scanner) hasMain(dir string) bool {
	for _, file := range []string{join(dir, "lib/main.dart"), join(dir, "bin/main.dart"), join(dir, "bin/"+s.specs[dir].Name+".dart")} {
		if f := s.parsed[file]; f != nil {
			return slices.ContainsFunc(f.Decls, func(d *island.Decl) bool { return d.Kind == island.Function && d.Name == "main" })
		}
	}
	return false
}

// lock reads the lock file of a package, which is that of its workspace if it is a member.
func (s *scanner) lock(dir string, spec *pub.Spec) *pub.Lock {
	for {
		if l := reading(s, "versions", join(dir, "pubspec.lock"), pub.ReadLock); l != nil || !spec.Member || dir == "." {
			return l
		}
		dir = path.Dir(dir)
	}
}

// members returns the packages of the workspace that a package is in, by name.
func (s *scanner) members(dir string) map[string]string {
	if !s.specs[dir].Member && len(s.specs[dir].Workspace) == 0 {
		return nil
	}
	for root := dir; ; root = path.Dir(root) {
		if spec := s.specs[root]; spec != nil && len(spec.Workspace) > 0 {
			all := map[string]string{}
			for _, pattern := range spec.Workspace {
				for _, folder := range s.folders {
					if ok, _ := path.Match(pattern, folder); ok {
						all[s.specs[folder].Name] = folder
					}
				}
			}
			return all
		}
		if root == "." {
			return nil
		}
	}
}

// usedByPath returns the folders of the packages that a project uses by path, and those that they use.
func (s *scanner) usedByPath(p *Project) []string {
	seen := map[string]bool{p.Dir: true}
	var all []string
	add := func(dir string) {
		if dir != "" && s.specs[dir] != nil && !seen[dir] {
			seen[dir] = true
			all = append(all, dir)
		}
	}
	for _, used := range p.Plugins {
		if !used.Dev {
			add(used.Path)
		}
	}
	slices.Sort(all)
	for i := 0; i < len(all); i++ {
		members := s.members(all[i])
		for _, d := range s.specs[all[i]].Dependencies {
			if d.Section != pub.Dev {
				add(d.Path)
				add(members[d.Name])
			}
		}
	}
	return all
}

// dartFiles returns the files of a package that make its program, and those of its tests.
func (s *scanner) dartFiles(dir string) (program, tests []string) {
	for _, file := range s.files.Under(dir) {
		if !strings.HasSuffix(file, ".dart") || s.owner(file) != dir {
			continue
		}
		rest := file
		if dir != "." {
			rest = file[len(dir)+1:]
		}
		switch folder, _, _ := strings.Cut(rest, "/"); folder {
		case "lib", "bin":
			program = append(program, file)
		case "test", "integration_test", "test_driver":
			tests = append(tests, file)
		}
	}
	return program, tests
}

// platforms finds the platforms of a Flutter project: a folder alone, as some tools leave it, is none.
func (s *scanner) platforms(p *Project) {
	if !p.Flutter {
		return
	}
	p.Android = s.android(p, join(p.Dir, "android"))
	p.IOS = s.apple(join(p.Dir, "ios"), func(*xcode.Target) bool { return true })
	p.MacOS = s.apple(join(p.Dir, "macos"), func(*xcode.Target) bool { return true })
	p.Web = s.files.Has(join(p.Dir, "web/index.html"))
	p.Linux = s.files.Has(join(p.Dir, "linux/CMakeLists.txt"))
	p.Windows = s.files.Has(join(p.Dir, "windows/CMakeLists.txt"))
}
