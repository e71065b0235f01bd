// Package shipped knows what plugins bring along in their own manifests, by version: for
// projects whose pub cache is not at hand.
package shipped

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/gradle"
	"github.com/lullwork/lull/internal/check/manifest"
	"github.com/lullwork/lull/internal/check/pub"
)

// Known tells whether the table has the plugin.
func Known(name string) bool {
	return slices.ContainsFunc(table, func(r row) bool { return r.plugin == name })
}

// Manifest returns what a plugin and the libraries that it needs bring, nil for a plugin that is
// not known. Where the plugin's version is not known it has all that those versions bring that
// may be used. flag is a setting of gradle.properties, "" where it is not set.
func Manifest(p pub.Package, flag func(key string) string) *manifest.File {
	var files []*manifest.File
	for i := range table {
		r := &table[i]
		if r.plugin != p.Name || p.In(r.versions) == pub.No {
			continue
		}
		if r.plugin == "workmanager_android" && p.In(">=0.10.6") != pub.No && flag(dataSync) == "true" {
			r = &row{
				plugin: r.plugin, needs: r.needs, permissions: r.permissions + " FOREGROUND_SERVICE_DATA_SYNC",
				parts: []part{{kind: "service", class: system, types: "dataSync|shortService"}},
			}
		}
		files = append(files, r.file(p.Name))
		if library, ok := libraries[r.needs]; ok {
			files = append(files, library.file(r.needs))
		}
	}
	if len(files) == 0 {
		return nil
	}
	return manifest.Merge(files...)
}

// Libraries returns what the libraries bring that a Gradle build asks for by name.
func Libraries(build *gradle.File) []*manifest.File {
	var all []*manifest.File
	for name, library := range libraries {
		if slices.ContainsFunc(build.Dependencies, func(d gradle.Dependency) bool {
			return d.Group == name && !strings.HasPrefix(d.Configuration, "test") && !strings.HasPrefix(d.Configuration, "androidTest")
		}) {
			all = append(all, library.file(name))
		}
	}
	return all
}

// file makes a manifest of a row.
func (r *row) file(from string) *manifest.File {
	root := &manifest.Element{Name: "manifest"}
	for _, name := range strings.Fields(r.permissions) {
		if !strings.Contains(name, ".") {
			name = "android.permission." + name
		}
		root.Kids = append(root.Kids, element("uses-permission", "name", name))
	}
	app := &manifest.Element{Name: "application"}
	for _, p := range r.parts {
		e := element(p.kind, "name", p.class, "permission", p.permission, "foregroundServiceType", p.types)
		exported := "false"
		if p.exported {
			exported = "true"
		}
		e.Attrs = append(e.Attrs, manifest.Attr{Space: "android", Name: "exported", Value: exported})
		if p.actions != "" {
			filter := &manifest.Element{Name: "intent-filter"}
			for _, action := range strings.Fields(p.actions) {
				filter.Kids = append(filter.Kids, element("action", "name", action))
			}
			e.Kids = append(e.Kids, filter)
		}
		app.Kids = append(app.Kids, e)
	}
	root.Kids = append(root.Kids, app)
	return &manifest.File{Root: root, From: from}
}

// element makes an element of attributes that are not empty.
func element(name string, attrs ...string) *manifest.Element {
	e := &manifest.Element{Name: name}
	for i := 0; i < len(attrs); i += 2 {
		if attrs[i+1] != "" {
			e.Attrs = append(e.Attrs, manifest.Attr{Space: "android", Name: attrs[i], Value: attrs[i+1]})
		}
	}
	return e
}
