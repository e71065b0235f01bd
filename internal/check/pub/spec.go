package pub

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/lullwork/lull/internal/check/finding"
)

// Spec is a pubspec.yaml.
type Spec struct {
	Path         string
	Name         string
	At           finding.Place // of the name
	Version      Version
	HasVersion   bool
	SDK, Flutter Range        // environment
	UsesFlutter  bool         // depends on the SDK's package flutter
	Dependencies []Dependency // in their order; also dev dependencies and overrides
	Workspace    []string     // folders of its members, relative to the checked folder
	Member       bool         // resolution: workspace
	Plugin       *Plugin      // flutter: plugin:, nil without
}

// Plugin is what a Flutter plugin says of itself.
type Plugin struct {
	Platforms map[string]PluginPlatform // "android"
}

// PluginPlatform is one platform of a plugin.
type PluginPlatform struct {
	Package, Class, DartClass, DefaultPackage string
}

// Section is where a dependency is named.
type Section uint8

// The sections.
const (
	Main Section = iota
	Dev
	Override
)

// Dependency is a dependency in a pubspec.yaml.
type Dependency struct {
	Name    string
	Section Section
	Kind    string // "hosted", "path", "git", "sdk"
	Range   Range
	Path    string        // of a path dependency: relative to the checked folder; "" where it is outside
	At      finding.Place // of the name
}

// ReadSpec reads a pubspec.yaml. Errors are a *source.Fault.
func ReadSpec(file string, src []byte) (*Spec, error) {
	d, err := load(file, src)
	if err != nil {
		return nil, err
	}
	s := &Spec{Path: file, Name: text(get(d.root, "name")), At: d.at(get(d.root, "name"))}
	s.Version, s.HasVersion = ParseVersion(text(get(d.root, "version")))
	s.SDK, _ = ParseRange(text(get(d.root, "environment", "sdk")))
	s.Flutter, _ = ParseRange(text(get(d.root, "environment", "flutter")))
	s.Member = text(get(d.root, "resolution")) == "workspace"
	for section, key := range []string{Main: "dependencies", Dev: "dev_dependencies", Override: "dependency_overrides"} {
		for _, e := range entries(get(d.root, key)) {
			dep := dependency(path.Dir(file), e)
			dep.Section, dep.At = Section(section), d.at(e.key)
			s.Dependencies = append(s.Dependencies, dep)
			if dep.Name == "flutter" && dep.Kind == "sdk" && dep.Section == Main {
				s.UsesFlutter = true
			}
		}
	}
	if members := get(d.root, "workspace"); members != nil && members.Kind == yaml.SequenceNode {
		for _, m := range members.Content {
			if dir := inside(path.Dir(file), text(follow(m))); dir != "" {
				s.Workspace = append(s.Workspace, dir)
			}
		}
	}
	s.Plugin = plugin(get(d.root, "flutter", "plugin"))
	return s, nil
}

func dependency(dir string, e pair) Dependency {
	dep := Dependency{Name: text(e.key), Kind: "hosted"}
	constraint := text(e.val)
	if e.val != nil && e.val.Kind == yaml.MappingNode {
		constraint = text(get(e.val, "version"))
		for _, kind := range []string{"path", "git", "sdk"} {
			if get(e.val, kind) != nil {
				dep.Kind = kind
			}
		}
		if dep.Kind == "path" {
			dep.Path = inside(dir, text(get(e.val, "path")))
		}
	}
	dep.Range, _ = ParseRange(constraint)
	return dep
}

// inside returns a path relative to the checked folder, "" where it leads out of it.
func inside(dir, p string) string {
	p = strings.ReplaceAll(p, `\`, "/")
	if p == "" || path.IsAbs(p) || len(p) > 1 && p[1] == ':' {
		return ""
	}
	p = path.Join(dir, p)
	if p == ".." || strings.HasPrefix(p, "../") {
		return ""
	}
	return p
}

func plugin(n *yaml.Node) *Plugin {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	p := &Plugin{Platforms: map[string]PluginPlatform{}}
	for _, e := range entries(get(n, "platforms")) {
		p.Platforms[e.key.Value] = PluginPlatform{
			Package: text(get(e.val, "package")), Class: text(get(e.val, "pluginClass")),
			DartClass: text(get(e.val, "dartPluginClass")), DefaultPackage: text(get(e.val, "default_package")),
		}
	}
	// The form before there were other platforms.
	if class := text(get(n, "pluginClass")); class != "" && len(p.Platforms) == 0 {
		if pack := text(get(n, "androidPackage")); pack != "" {
			p.Platforms["android"] = PluginPlatform{Package: pack, Class: class}
		}
		p.Platforms["ios"] = PluginPlatform{Class: class}
	}
	return p
}
