// Package gradle reads what matters of Gradle builds: build.gradle in Groovy and Kotlin,
// gradle.properties and version catalogs. Nothing is run: what a script computes is unknown.
package gradle

import (
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
	Extra         map[string]source.Value
}

// Level is an API level.
type Level struct {
	Value   int    // 0: not known
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
	Proguard      []source.Value // files, relative to the module; getDefaultProguardFile(...) as its argument
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
	Root       *File               // build script of the root project: ext
	Catalogs   map[string]*Catalog // "libs"
}

// Read reads a build script: Kotlin where path ends in .kts. Errors are a *source.Fault.
func Read(path string, src []byte, scope Scope) (*File, error) { return &File{Path: path}, nil }

// Applies tells whether the build applies a plugin.
func (f *File) Applies(id string) bool { return false }

// Properties is a properties file.
type Properties struct {
	Path    string
	Entries []Property
}

// Property is a line of a properties file.
type Property struct {
	Key, Value string
	At         finding.Place // of the value
}

// ReadProperties reads a properties file.
func ReadProperties(path string, src []byte) *Properties { return &Properties{Path: path} }

// Get returns a property: the last one wins.
func (p *Properties) Get(key string) (Property, bool) { return Property{}, false }

// Catalog is a version catalog.
type Catalog struct {
	Path      string
	Versions  map[string]source.Value
	Libraries map[string]Dependency // by alias, dots for dashes
	Plugins   map[string]Plugin
}

// ReadCatalog reads libs.versions.toml, as far as it is made of plain tables.
func ReadCatalog(path string, src []byte) *Catalog { return &Catalog{Path: path} }

// Settings is settings.gradle.
type Settings struct {
	Path    string
	Modules []Module
}

// Module is an included project.
type Module struct {
	Name string // ":app"
	Dir  string // relative to the checked folder
	At   finding.Place
}

// ReadSettings reads settings.gradle(.kts).
func ReadSettings(path string, src []byte) *Settings { return &Settings{Path: path} }
