package pub

import (
	"path"

	"github.com/lullwork/lull/internal/check/finding"
)

// Lock is a pubspec.lock.
type Lock struct {
	Path          string
	Packages      map[string]Locked
	Dart, Flutter Range // what the packages need
}

// Locked is a resolved package.
type Locked struct {
	Name    string
	Version Version
	Known   bool          // Version is one, and not the 0.0.0 of an SDK's package
	Source  string        // "hosted", "path", "git", "sdk"
	Kind    string        // "direct main", "direct dev", "direct overridden", "transitive"
	Path    string        // of a path source: relative to the checked folder; "" where it is outside
	At      finding.Place // of the version, else of the name
}

// ReadLock reads a pubspec.lock. Errors are a *source.Fault.
func ReadLock(file string, src []byte) (*Lock, error) {
	d, err := load(file, src)
	if err != nil {
		return nil, err
	}
	l := &Lock{Path: file, Packages: map[string]Locked{}}
	for _, e := range entries(get(d.root, "packages")) {
		p := Locked{
			Name: text(e.key), Source: text(get(e.val, "source")), Kind: text(get(e.val, "dependency")), At: d.at(e.key),
		}
		if v := get(e.val, "version"); v != nil {
			p.Version, p.Known = ParseVersion(text(v))
			p.Known = p.Known && p.Source != "sdk"
			p.At = d.at(v)
		}
		if p.Source == "path" {
			p.Path = inside(path.Dir(file), text(get(e.val, "description", "path")))
		}
		l.Packages[p.Name] = p
	}
	l.Dart, _ = ParseRange(text(get(d.root, "sdks", "dart")))
	l.Flutter, _ = ParseRange(text(get(d.root, "sdks", "flutter")))
	return l, nil
}
