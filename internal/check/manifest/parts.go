package manifest

import "strings"

// Permission is a uses-permission.
type Permission struct {
	*Element
	Name   string
	MinSDK int // 23 for uses-permission-sdk-23, else 0
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
	Process    string
	Types      []string // foregroundServiceType
	Filters    []Filter
	Meta       []Meta
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

// Permissions returns the uses-permission elements.
func (f *File) Permissions() []Permission {
	var all []Permission
	if f == nil || f.Root == nil {
		return nil
	}
	for _, e := range f.Root.Kids {
		p := Permission{Element: e, Name: e.Value("name"), MaxSDK: e.int("maxSdkVersion")}
		switch e.Name {
		case "uses-permission":
		case "uses-permission-sdk-23", "uses-permission-sdk-m":
			p.MinSDK = 23
		default:
			continue
		}
		if !e.takesAway() {
			all = append(all, p)
		}
	}
	return all
}

// Permission returns the permission of that name: "RECEIVE_BOOT_COMPLETED", or in full.
func (f *File) Permission(name string) (Permission, bool) {
	if !strings.Contains(name, ".") {
		name = "android.permission." + name
	}
	for _, p := range f.Permissions() {
		if p.Name == name {
			return p, true
		}
	}
	return Permission{}, false
}

// Application returns the application element, nil without.
func (f *File) Application() *Element {
	if f == nil {
		return nil
	}
	return f.Root.Find("application")
}

// ApplicationClass returns the full name of the Application class, "" without.
func (f *File) ApplicationClass() string {
	if name := f.Application().Value("name"); name != "" {
		return f.class(name)
	}
	return ""
}

// class returns the full name of a class.
func (f *File) class(name string) string {
	switch {
	case f.Package == "":
		return name
	case strings.HasPrefix(name, "."):
		return f.Package + name
	case !strings.ContainsAny(name, ".$"):
		return f.Package + "." + name
	}
	return name
}

// components are the elements whose names are classes.
var components = map[string]bool{"activity": true, "activity-alias": true, "service": true, "receiver": true, "provider": true}

// Components returns the components of the application of that kind ("service", "receiver",
// "provider", "activity"), "" for all.
func (f *File) Components(kind string) []Component {
	app := f.Application()
	if app == nil {
		return nil
	}
	var all []Component
	for _, e := range app.Kids {
		if components[e.Name] && (kind == "" || e.Name == kind) && !e.takesAway() {
			all = append(all, f.component(e))
		}
	}
	return all
}

func (f *File) component(e *Element) Component {
	c := Component{
		Element: e, Kind: e.Name, Exported: e.Bool("exported"), Enabled: e.Bool("enabled"),
		Permission: e.Value("permission"), Process: e.Value("process"), Meta: metas(e),
	}
	if name := e.Value("name"); name != "" {
		c.Class = f.class(name)
	}
	for _, t := range strings.Split(e.Value("foregroundServiceType"), "|") {
		if t = strings.TrimSpace(t); t != "" {
			c.Types = append(c.Types, t)
		}
	}
	for _, kid := range e.Kids {
		if kid.Name != "intent-filter" || kid.takesAway() {
			continue
		}
		filter := Filter{Element: kid}
		for _, action := range kid.Kids {
			if action.Name == "action" {
				filter.Actions = append(filter.Actions, action.Value("name"))
			}
		}
		c.Filters = append(c.Filters, filter)
	}
	return c
}

// Receives tells whether one of the filters has an action.
func (c Component) Receives(action string) bool {
	for _, f := range c.Filters {
		for _, a := range f.Actions {
			if a == action {
				return true
			}
		}
	}
	return false
}

// Component returns the component with that class: the full name, or what follows the last dot.
func (f *File) Component(kind, class string) (Component, bool) {
	for _, c := range f.Components(kind) {
		if c.Class == class || !strings.Contains(class, ".") && strings.HasSuffix(c.Class, "."+class) {
			return c, true
		}
	}
	return Component{}, false
}

// Meta returns the meta-data of the application.
func (f *File) Meta() []Meta { return metas(f.Application()) }

func metas(e *Element) []Meta {
	if e == nil {
		return nil
	}
	var all []Meta
	for _, kid := range e.Kids {
		if kid.Name == "meta-data" && !kid.takesAway() {
			all = append(all, Meta{kid, kid.Value("name"), kid.Value("value"), kid.Value("resource")})
		}
	}
	return all
}

// takesAway tells whether an element is there only to remove what weaker manifests have.
func (e *Element) takesAway() bool {
	node := e.attr("tools", "node")
	return node == "remove" || node == "removeAll"
}

// Removes returns the elements that take away what weaker manifests have: of a file those that
// it has, of a merged one those that found something to take away, or that stand in a file of
// the app.
func (f *File) Removes() []*Element {
	if f == nil || f.Root == nil {
		return nil
	}
	all := f.removed
	var visit func(e *Element)
	visit = func(e *Element) {
		for _, kid := range e.Kids {
			if kid.takesAway() {
				all = append(all, kid)
			}
			visit(kid)
		}
	}
	visit(f.Root)
	return all
}
