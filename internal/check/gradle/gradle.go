// Package gradle reads what matters of Gradle builds: build.gradle in Groovy and Kotlin,
// gradle.properties and version catalogs. Nothing is run: what a script computes is unknown.
package gradle

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/source"
)

// File is a build script.
type File struct {
	Path   string
	Script *island.File

	Plugins       []Plugin
	Namespace     source.Value
	ApplicationID source.Value
	CompileSDK    Level
	MinSDK        Level
	TargetSDK     Level
	BuildTypes    []Variant
	Flavors       []Variant
	Dependencies  []Dependency
	Desugaring    Switch // coreLibraryDesugaringEnabled

	vars map[string]*island.Node // val, def and ext
}

// Level is an API level.
type Level struct {
	Value   int    // 0: not known; of a maximum of several the greatest that is known
	Flutter string // of flutter.targetSdkVersion: "targetSdkVersion"; Flutter's version decides
	Text    string // as written, "" where it is not set
	At      finding.Place
}

// Switch is a true or false that may be absent or computed.
type Switch struct {
	Set   bool
	Known bool
	On    bool
	At    finding.Place
}

// Plugin is a plugin that the build applies.
type Plugin struct {
	ID, Version string
	At          finding.Place
}

// Variant is a build type or a product flavour.
type Variant struct {
	Name          string
	At            finding.Place
	Dimension     string
	ApplicationID source.Value
	Suffix        source.Value // applicationIdSuffix
	MinSDK        Level
	TargetSDK     Level
	Minify        Switch
	Shrink        Switch
	Debuggable    Switch
	Proguard      []source.Value // files, relative to the module; not getDefaultProguardFile(...)
}

// Dependency is a dependency.
type Dependency struct {
	Configuration        string // "implementation"
	Group, Name, Version string // Version is "" where it is not known
	Project              string // of project(":a"): ":a"
	At                   finding.Place
}

// Scope is what a script may refer to.
type Scope struct {
	Properties *Properties         // of gradle.properties
	Root       *File               // build script of the root project, for ext
	Catalogs   map[string]*Catalog // "libs"

	Conventions *Conventions // nil without
}

// Read reads a build script: Kotlin where path ends in .kts, else Groovy.
func Read(path string, src []byte, scope Scope) *File {
	lang := island.Groovy
	if strings.HasSuffix(path, ".kts") {
		lang = island.Kotlin
	}
	f := &File{Path: path, Script: island.Parse(lang, src), vars: map[string]*island.Node{}}
	r := &reader{File: f, text: source.NewText(path, src), scope: scope}
	for _, d := range f.Script.Decls {
		r.declare(d)
	}
	r.collect(f.Script.Body())
	r.block(f.Script.Body(), nil, false)
	return f
}

// Applies tells whether the build applies a plugin.
func (f *File) Applies(id string) bool {
	return f != nil && slices.ContainsFunc(f.Plugins, func(p Plugin) bool { return p.ID == id })
}

// BuildType returns the build type with that name, nil without.
func (f *File) BuildType(name string) *Variant {
	if f == nil {
		return nil
	}
	return find(f.BuildTypes, name)
}

func find(all []Variant, name string) *Variant {
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	return nil
}
