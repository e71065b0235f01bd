// Package xcode reads Xcode projects and xcconfig files.
package xcode

import (
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/source"
)

// Project is a project.pbxproj.
type Project struct {
	Path    string // of project.pbxproj
	Dir     string // folder that holds the .xcodeproj
	Targets []*Target
}

// Type is what a target makes.
type Type uint8

// The types.
const (
	Other Type = iota
	App
	Extension
	Test
	Framework
	WatchApp
)

// Target is a target.
type Target struct {
	Name           string
	Type           Type
	At             finding.Place // its name in the project file
	Configurations []Configuration
	Sources        []string // files that it compiles and that are known, relative to the checked folder
	Embeds         []string // targets that it depends on, by name
}

// Configuration is one build configuration of a target, with what it inherits.
type Configuration struct {
	Name   string // "Release"
	levels []level
}

// level is one set of settings; the first one wins.
type level struct {
	settings map[string]source.Value
}

// Files reads other files of the checked folder.
type Files interface {
	Read(path string) ([]byte, error)
	Has(path string) bool
	Under(dir string) []string
}

// Read reads a project. Errors are a *source.Fault; faults are what was left out, such as
// an xcconfig file that is not there.
func Read(path string, src []byte, files Files) (p *Project, faults []*source.Fault, err error) {
	return &Project{Path: path}, nil, nil
}

// Setting returns a build setting with its variables expanded. known is false where it
// is not set, or refers to something that is not.
func (c *Configuration) Setting(name string) (text string, known bool) { return "", false }

// Raw returns a build setting as it is written, and where; the strongest one.
func (c *Configuration) Raw(name string) (source.Value, bool) { return source.Value{}, false }

// Names returns the names of all settings that are set, sorted.
func (c *Configuration) Names() []string { return nil }

// Values returns the different values that a setting has in the target's configurations.
func (t *Target) Values(name string) []source.Value { return nil }
