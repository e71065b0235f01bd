// Package shipped knows what plugins bring along in their own manifests, by version: for
// projects whose pub cache is not at hand.
package shipped

import (
	"github.com/lullwork/lull/internal/check/gradle"
	"github.com/lullwork/lull/internal/check/manifest"
	"github.com/lullwork/lull/internal/check/pub"
)

// Manifest returns what a plugin's own manifest brings, nil for a plugin that is not known or
// brings nothing. exact is false where the version is not known well enough to tell:
// then it holds what all of the versions bring that may be used.
func Manifest(p pub.Package) (m *manifest.File, exact bool) { return nil, false }

// Known tells whether the table has the plugin.
func Known(name string) bool { return false }

// Libraries returns what the libraries bring that a Gradle build asks for by name.
func Libraries(build *gradle.File) []*manifest.File { return nil }
