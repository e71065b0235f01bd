// Package manifest reads and merges AndroidManifest.xml files.
package manifest

import (
	"github.com/lullwork/lull/internal/check/finding"
)

// Element is an XML element.
type Element struct {
	Name  string        // "service"
	At    finding.Place // from its start tag to its end tag
	Open  finding.Place // its start tag
	Attrs []Attr
	Kids  []*Element
	From  string // of a merged manifest: "" for the app's own, else the plugin or library that brings it
}

// Attr is an attribute. Space is "android", "tools" or "".
type Attr struct {
	Space, Name string
	Value       string
	At          finding.Place
	ValueAt     finding.Place // between the quotes
}

// File is a manifest, or several merged: then each element keeps its own place.
type File struct {
	Path    string
	Root    *Element
	Package string // namespace of relative class names; from the attribute, or given by Gradle
}

// Permission is a uses-permission.
type Permission struct {
	*Element
	Name   string
	MaxSDK int // 0: none
}

// Component is an activity, service, receiver or provider.
type Component struct {
	*Element
	Kind       string // name of its element
	Class      string // full name
	Exported   Bool
	Enabled    Bool
	Permission string
	Types      []string // foregroundServiceType
	Filters    []Filter
	Meta       []Meta
	Process    string
}

// Filter is an intent-filter.
type Filter struct {
	*Element
	Actions []string
}

// Meta is a meta-data element.
type Meta struct {
	*Element
	Name, Value, Resource string
}

// Bool is an attribute that may be absent, or name a resource.
type Bool uint8

// The values of a Bool.
const (
	Unset Bool = iota
	False
	True
	Resource // decided elsewhere
)

// Read reads a manifest. Errors are a *source.Fault.
func Read(path string, src []byte) (*File, error) {
	return &File{Path: path, Root: &Element{Name: "manifest"}}, nil
}

// Merge merges manifests, the strongest first: flavour and build type, main, libraries. It
// keeps what tools:node and tools:replace say, and does not change its arguments.
func Merge(files ...*File) *File { return &File{} }

// Permissions returns the uses-permission elements, also those for newer systems only.
func (f *File) Permissions() []Permission { return nil }

// Permission returns the permission of that name, "RECEIVE_BOOT_COMPLETED" or in full.
func (f *File) Permission(name string) (Permission, bool) { return Permission{}, false }

// Application returns the application element, nil without.
func (f *File) Application() *Element { return nil }

// ApplicationClass returns the full name of the Application class, "" without.
func (f *File) ApplicationClass() string { return "" }

// Components returns the components of the application of that kind ("service", "receiver",
// "provider", "activity"), "" for all.
func (f *File) Components(kind string) []Component { return nil }

// Component returns the component with that class: the full name, or the part after the last dot.
func (f *File) Component(kind, class string) (Component, bool) { return Component{}, false }

// Meta returns the meta-data of the application.
func (f *File) Meta() []Meta { return nil }

// Removes returns the elements under which tools:node says remove or removeAll.
func (f *File) Removes() []*Element { return nil }

// Attr returns an attribute: Attr("android", "name").
func (e *Element) Attr(space, name string) (Attr, bool) { return Attr{}, false }

// Value returns an attribute's value in the namespace of Android, "" without.
func (e *Element) Value(name string) string { return "" }

// Find returns the first element inside with that name, nil without.
func (e *Element) Find(name string) *Element { return nil }
