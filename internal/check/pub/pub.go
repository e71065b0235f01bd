// Package pub reads what Dart packages say of themselves: pubspec.yaml, pubspec.lock, and
// versions and ranges of versions as pub compares them.
package pub

import (
	"github.com/lullwork/lull/internal/check/finding"
)

// Version is a version, as in semantic versioning; pub compares builds too.
type Version struct {
	Major, Minor, Patch int
	Pre, Build          string
}

// ParseVersion reads a version.
func ParseVersion(s string) (Version, bool) { return Version{}, false }

// Compare returns a number below, equal to or above 0.
func (v Version) Compare(w Version) int { return 0 }

func (v Version) String() string { return "" }

// Range is a range of versions. The zero Range allows every version.
type Range struct {
	Min, Max                 Version
	HasMin, HasMax           bool
	IncludesMin, IncludesMax bool
}

// ParseRange reads a constraint: "^1.2.3", ">=1.0.0 <2.0.0", "1.2.3", "any" or "".
func ParseRange(s string) (Range, bool) { return Range{}, false }

// Satisfies tells whether v is in r, by pub's rule for pre-releases: <2.0.0 does not allow 2.0.0-dev.
func (r Range) Satisfies(v Version) bool { return false }

// Answer is yes, no, or not known.
type Answer uint8

// The answers.
const (
	Maybe Answer = iota
	No
	Yes
)

// Within tells whether each version that r allows is in o (Yes), none (No), or some (Maybe).
func (r Range) Within(o Range) Answer { return Maybe }

// From is where a version is known from.
type From uint8

// From weak to strong.
const (
	FromConstraint From = 1 + iota
	FromPath            // its pubspec.yaml is there
	FromLock
)

// Package is a package that a project uses.
type Package struct {
	Name    string
	Version Version // where it is known: From is FromPath or FromLock, and it has one
	Range   Range   // what may be used: just Version where that is known, else the constraint
	Known   bool    // Version is known
	Direct  bool    // named in pubspec.yaml
	Dev     bool    // as a dev dependency only
	From    From
	Path    string        // folder of a path dependency inside the checked folder
	At      finding.Place // in pubspec.lock, else in pubspec.yaml
}

// In tells whether the package's version is in a range such as "<19.0.0": No for a package
// that is not used (its zero value). It panics on a range that is none: it is ours.
func (p Package) In(r string) Answer { return Maybe }

// Spec is a pubspec.yaml.
type Spec struct {
	Path         string
	Name         string
	Version      Version
	At           finding.Place // of the name
	SDK, Flutter Range         // environment
	UsesFlutter  bool          // depends on the SDK package flutter
	Dependencies []Dependency  // in their order; also dev dependencies and overrides
	Workspace    []string      // folders of its members, relative to the checked folder
	Member       bool          // resolution: workspace
	Plugin       *Plugin       // flutter: plugin:
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
	Path    string // of a path dependency: relative to the checked folder; "" where it is outside
	At      finding.Place
}

// ReadSpec reads a pubspec.yaml. Errors are a *source.Fault.
func ReadSpec(path string, src []byte) (*Spec, error) { return &Spec{Path: path}, nil }

// Lock is a pubspec.lock.
type Lock struct {
	Path     string
	Packages map[string]Locked
	Dart     Range // what the packages need
	Flutter  Range
}

// Locked is a resolved package.
type Locked struct {
	Name    string
	Version Version
	Known   bool   // Version is one
	Source  string // "hosted", "path", "git", "sdk"
	Kind    string // "direct main", "direct dev", "direct overridden", "transitive"
	Path    string // of a path source: relative to the checked folder; "" where it is outside
	At      finding.Place
}

// ReadLock reads a pubspec.lock. Errors are a *source.Fault.
func ReadLock(path string, src []byte) (*Lock, error) { return &Lock{Path: path}, nil }

// Resolve joins a pubspec with its lock file (nil without one) by package name.
func Resolve(s *Spec, l *Lock) map[string]Package { return nil }

// FlutterVersion reads Flutter's version out of .fvmrc, .fvm/fvm_config.json, .flutter-version or
// .tool-versions; false where it names a channel only.
func FlutterVersion(path string, src []byte) (Version, bool) { return Version{}, false }
