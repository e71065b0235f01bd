package pub

import (
	"path"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/source"
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
	d, err := source.ReadYAML(file, src)
	if err != nil {
		return nil, err
	}
	l := &Lock{Path: file, Packages: map[string]Locked{}}
	for _, e := range source.Entries(source.Under(d.Root, "packages")) {
		p := Locked{
			Name: source.Scalar(e.Key), Source: source.Scalar(source.Under(e.Val, "source")), Kind: source.Scalar(source.Under(e.Val, "dependency")), At: d.Node(e.Key),
		}
		if v := source.Under(e.Val, "version"); v != nil {
			p.Version, p.Known = ParseVersion(source.Scalar(v))
			p.Known = p.Known && p.Source != "sdk"
			p.At = d.Node(v)
		}
		if p.Source == "path" {
			p.Path = inside(path.Dir(file), source.Scalar(source.Under(e.Val, "description", "path")))
		}
		l.Packages[p.Name] = p
	}
	l.Dart, _ = ParseRange(source.Scalar(source.Under(d.Root, "sdks", "dart")))
	l.Flutter, _ = ParseRange(source.Scalar(source.Under(d.Root, "sdks", "flutter")))
	return l, nil
}
