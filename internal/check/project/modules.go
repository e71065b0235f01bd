package project

import (
	"maps"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/gradle"
	"github.com/lullwork/lull/internal/check/manifest"
)

// install has the modules of an app make one program and one manifest. A library that several apps
// use is seen as part of the first.
func (s *scanner) install(p *Project, a *Android, sources map[*Module][]string) {
	done := map[*Module]bool{}
	for _, app := range a.Modules { // apps come first
		if done[app] {
			continue
		}
		of := []*Module{app}
		if app.App {
			of = append(of, a.libraries(app)...)
		}
		s.merge(p, a, of)
		var all []string
		for _, m := range of {
			all = append(all, sources[m]...)
		}
		program := s.program(all, nil)
		for _, m := range of {
			if done[m] {
				continue
			}
			done[m] = true
			if m.Code = partOf(program, sources[m]); m != app {
				m.Merged, m.TargetSDK, m.MinSDK = app.Merged, app.TargetSDK, max(m.MinSDK, app.MinSDK)
			}
		}
	}
}

// partOf is what some files see of a program, nil without any of them.
func partOf(all *code.Program, files []string) *code.Program {
	if all == nil {
		return nil
	}
	var own []*code.Unit
	for _, file := range files {
		if u := all.Unit(file); u != nil {
			own = append(own, u)
		}
	}
	switch len(own) {
	case 0:
		return nil
	case len(all.Units()):
		return all
	}
	return all.Part(own)
}

// installed are the manifests of a module that get into what is installed.
func (m *Module) installed() []*manifest.File {
	var layers []*manifest.File
	for _, set := range slices.Sorted(maps.Keys(m.Overlays)) {
		if set != "debug" && set != "profile" && !strings.HasSuffix(set, "Debug") && !strings.HasSuffix(set, "Profile") {
			layers = append(layers, m.Overlays[set])
		}
	}
	return append(layers, m.Manifest)
}

// libraries are the modules that get into an app: of an only app all of the build.
func (a *Android) libraries(app *Module) []*Module {
	only := !slices.ContainsFunc(a.Modules, func(m *Module) bool { return m.App && m != app })
	in := []*Module{app}
	for i := 0; i < len(in); i++ {
		for _, m := range a.Modules {
			uses := slices.ContainsFunc(in[i].Gradle.Dependencies, func(d gradle.Dependency) bool { return d.Project != "" && named(d.Project) == named(m.Name) })
			if (uses || only) && !m.App && !m.Gradle.Applies("com.android.test") && !slices.Contains(in, m) {
				in = append(in, m)
			}
		}
	}
	return in[1:]
}

// named is the path of a module as it is compared: Gradle makes projects.fooBar of ":foo-bar".
func named(path string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(path))
}
