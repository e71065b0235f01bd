package pub

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/finding"
)

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
	Version Version // where Known
	Known   bool
	Range   Range // what may be used: just Version where that is known, else the constraint
	Direct  bool  // named in pubspec.yaml
	Dev     bool  // as a dev dependency only
	Kind    string
	From    From
	Path    string        // folder of a path dependency inside the checked folder
	At      finding.Place // in pubspec.lock, else in pubspec.yaml
}

// In tells whether the package's version is in a range such as "<19.0.0": No for a package
// that is not used (its zero value). It panics on a range that is none: it is ours.
func (p Package) In(constraint string) Answer {
	r, ok := ParseRange(constraint)
	switch {
	case !ok:
		panic("no range of versions: " + constraint)
	case p.Name == "":
		return No
	}
	return p.Range.Within(r)
}

// Resolve joins a pubspec with its lock file (nil without one) by package name. members are the folders
// of the packages of the same workspace; local returns the pubspec in a folder inside the checked one,
// nil without.
func Resolve(s *Spec, l *Lock, members map[string]string, local func(dir string) *Spec) map[string]Package {
	all := map[string]Package{}
	for _, d := range s.Dependencies {
		p, again := all[d.Name]
		if !again {
			p = Package{Name: d.Name, Dev: d.Section == Dev, From: FromConstraint, At: d.At}
		}
		p.Direct = p.Direct || d.Section != Override
		p.Dev = p.Dev && d.Section != Main
		p.Range, p.Kind = d.Range, d.Kind
		dir := d.Path
		if dir == "" && d.Kind == "hosted" {
			dir = members[d.Name]
		}
		all[d.Name] = p.in(dir, local)
	}
	if l == nil {
		return all
	}
	for name, locked := range l.Packages {
		p, named := all[name]
		if !named {
			p = Package{Name: name, Direct: locked.Kind == "direct main" || locked.Kind == "direct dev", Dev: locked.Kind == "direct dev"}
		}
		if s.Outgrown(locked) {
			continue
		}
		p.From, p.At, p.Kind = FromLock, locked.At, locked.Source
		if locked.Path != "" {
			p.Path = locked.Path
		}
		if locked.Known {
			p.Version, p.Known, p.Range = locked.Version, true, Exactly(locked.Version)
		}
		all[name] = p
	}
	return all
}

// Outgrown tells whether the pubspec no longer allows a locked version, so that the next
// `pub get` takes another one.
func (s *Spec) Outgrown(l Locked) bool {
	if s.Member || !l.Known || l.Source != "hosted" || l.Kind == "direct overridden" {
		return false
	}
	at := slices.IndexFunc(s.Dependencies, func(d Dependency) bool { return d.Name == l.Name && d.Kind == "hosted" })
	return at >= 0 && !s.Dependencies[at].Range.Satisfies(l.Version)
}

// in tells that the package is in a folder inside of the checked one, "" for none.
func (p Package) in(dir string, local func(dir string) *Spec) Package {
	p.Path = dir
	if dir != "" && local != nil {
		if spec := local(dir); spec != nil && spec.HasVersion {
			p.Version, p.Known, p.Range, p.From = spec.Version, true, Exactly(spec.Version), FromPath
		}
	}
	return p
}

// FlutterVersion reads Flutter's version out of .fvmrc, .fvm/fvm_config.json, .flutter-version or
// .tool-versions; false where it names none, or a channel only.
func FlutterVersion(file string, src []byte) (Version, bool) {
	version := string(src)
	switch path.Base(file) {
	case ".fvmrc", "fvm_config.json":
		var config struct{ Flutter, FlutterSdkVersion string }
		if err := json.Unmarshal(src, &config); err != nil {
			return Version{}, false
		}
		version = config.Flutter + config.FlutterSdkVersion
	case ".tool-versions":
		version = ""
		for line := range strings.Lines(string(src)) {
			if f := strings.Fields(line); len(f) > 1 && f[0] == "flutter" {
				version = f[1]
			}
		}
	}
	version, _, _ = strings.Cut(strings.TrimSpace(version), "@")
	version = strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(version, "v"), "-stable"), "-beta")
	return ParseVersion(version)
}
