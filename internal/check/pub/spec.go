package pub

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/source"
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
	d, err := source.ReadYAML(file, src)
	if err != nil {
		return nil, err
	}
	s := &Spec{Path: file, Name: source.Scalar(source.Under(d.Root, "name")), At: d.Node(source.Under(d.Root, "name"))}
	s.Version, s.HasVersion = ParseVersion(source.Scalar(source.Under(d.Root, "version")))
	s.SDK, _ = ParseRange(source.Scalar(source.Under(d.Root, "environment", "sdk")))
	s.Flutter, _ = ParseRange(source.Scalar(source.Under(d.Root, "environment", "flutter")))
	s.Member = source.Scalar(source.Under(d.Root, "resolution")) == "workspace"
	for section, key := range []string{Main: "dependencies", Dev: "dev_dependencies", Override: "dependency_overrides"} {
		for _, e := range source.Entries(source.Under(d.Root, key)) {
			dep := dependency(path.Dir(file), e)
			dep.Section, dep.At = Section(section), d.Node(e.Key)
			s.Dependencies = append(s.Dependencies, dep)
			if dep.Name == "flutter" && dep.Kind == "sdk" && dep.Section == Main {
				s.UsesFlutter = true
			}
		}
	}
	if members := source.Under(d.Root, "workspace"); members != nil && members.Kind == yaml.SequenceNode {
		for _, m := range members.Content {
			if dir := inside(path.Dir(file), source.Scalar(source.Follow(m))); dir != "" {
				s.Workspace = append(s.Workspace, dir)
			}
		}
	}
	s.Plugin = plugin(source.Under(d.Root, "flutter", "plugin"))
	return s, nil
}

func dependency(dir string, e source.Pair) Dependency {
	dep := Dependency{Name: source.Scalar(e.Key), Kind: "hosted"}
	constraint := source.Scalar(e.Val)
	if e.Val != nil && e.Val.Kind == yaml.MappingNode {
		constraint = source.Scalar(source.Under(e.Val, "version"))
		for _, kind := range []string{"path", "git", "sdk"} {
			if source.Under(e.Val, kind) != nil {
				dep.Kind = kind
			}
		}
		if dep.Kind == "path" {
			dep.Path = inside(dir, source.Scalar(source.Under(e.Val, "path")))
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
	for _, e := range source.Entries(source.Under(n, "platforms")) {
		p.Platforms[e.Key.Value] = PluginPlatform{
			Package: source.Scalar(source.Under(e.Val, "package")), Class: source.Scalar(source.Under(e.Val, "pluginClass")),
			DartClass: source.Scalar(source.Under(e.Val, "dartPluginClass")), DefaultPackage: source.Scalar(source.Under(e.Val, "default_package")),
		}
	}
	// The form before there were other platforms.
	if class := source.Scalar(source.Under(n, "pluginClass")); class != "" && len(p.Platforms) == 0 {
		if pack := source.Scalar(source.Under(n, "androidPackage")); pack != "" {
			p.Platforms["android"] = PluginPlatform{Package: pack, Class: class}
		}
		p.Platforms["ios"] = PluginPlatform{Class: class}
	}
	return p
}
