package project

import (
	"path"

	"github.com/lullwork/lull/internal/check/pub"
)

// flutterVersion finds out what is known of the version of Flutter: what a version manager pins,
// else what the project and its packages ask for.
func (s *scanner) flutterVersion(p *Project) pub.Range {
	for dir := p.Dir; ; dir = path.Dir(dir) {
		for _, name := range []string{".fvmrc", ".fvm/fvm_config.json", ".flutter-version", ".tool-versions"} {
			file := join(dir, name)
			if !s.files.Has(file) {
				continue
			}
			if src, err := s.files.Read(file); err == nil {
				if v, ok := pub.FlutterVersion(file, src); ok {
					return pub.Exactly(v)
				}
			}
		}
		if dir == "." {
			break
		}
	}
	r, dart := p.Pubspec.Flutter, p.Pubspec.SDK
	if p.Lock != nil {
		r, dart = r.Intersect(p.Lock.Flutter), dart.Intersect(p.Lock.Dart)
	}
	if dart.HasMin {
		for _, release := range releases {
			if dart.Min.Compare(first(release.dart)) >= 0 {
				r = r.Intersect(pub.Range{Min: first(release.flutter), HasMin: true, IncludesMin: true})
			}
		}
	}
	if sdk := p.Pubspec.SDK; sdk.HasMin && sdk.Min.Compare(pub.Version{Major: 2, Minor: 12}) < 0 {
		r = r.Intersect(pub.Range{Max: pub.Version{Major: 3, Minor: 10}, HasMax: true}) // Dart 3 takes sound null safety only
	}
	if r.Empty() {
		return pub.Range{}
	}
	return r
}

// release is what one release of Flutter brings: the version of Dart, and what it hands to Gradle.
// Sources: flutter/flutter pull requests 91719 (target 31), 116146 (33), 144641 (34), 168577 (36), 125515
// (minimum 19); docs.flutter.dev, breaking changes, "Set default of SystemUiMode to edge-to-edge" (target 35 from
// 3.27); dart-lang/sdk issue 61664 (minimum 24 from 3.35).
type release struct {
	flutter, dart [2]int
	target, min   int
}

var releases = []release{
	{[2]int{2, 8}, [2]int{2, 15}, 31, 16},
	{[2]int{2, 10}, [2]int{2, 16}, 31, 16},
	{[2]int{3, 0}, [2]int{2, 17}, 31, 16},
	{[2]int{3, 3}, [2]int{2, 18}, 31, 16},
	{[2]int{3, 7}, [2]int{2, 19}, 33, 16},
	{[2]int{3, 10}, [2]int{3, 0}, 33, 16},
	{[2]int{3, 13}, [2]int{3, 1}, 33, 19},
	{[2]int{3, 16}, [2]int{3, 2}, 33, 19},
	{[2]int{3, 19}, [2]int{3, 3}, 33, 19},
	{[2]int{3, 22}, [2]int{3, 4}, 34, 21},
	{[2]int{3, 24}, [2]int{3, 5}, 34, 21},
	{[2]int{3, 27}, [2]int{3, 6}, 35, 21},
	{[2]int{3, 29}, [2]int{3, 7}, 35, 21},
	{[2]int{3, 32}, [2]int{3, 8}, 35, 21},
	{[2]int{3, 35}, [2]int{3, 9}, 36, 24},
	{[2]int{3, 38}, [2]int{3, 10}, 36, 24},
}

func first(v [2]int) pub.Version { return pub.Version{Major: v[0], Minor: v[1]} }

// level returns the API level that a release at the lower end of a range hands to Gradle, 0 where
// there is no such end. Later releases only go up.
func level(r pub.Range, name string) int {
	if !r.HasMin {
		return 0
	}
	n := 0
	for _, release := range releases {
		if r.Min.Compare(first(release.flutter)) < 0 {
			break
		}
		switch name {
		case "targetSdkVersion":
			n = release.target
		case "minSdkVersion":
			n = release.min
		}
	}
	return n
}
