package gradle

import (
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// plugin reads a line of plugins { }: id("a") version "1" apply false.
func (r *reader) plugin(n *island.Node) {
	p := Plugin{At: r.at(n)}
	applied := true
	island.Walk(n, func(n *island.Node) bool {
		switch n.Kind {
		case island.Binary:
			if len(n.Kids) == 2 {
				r.option(&p, &applied, n.Name, n.Kids[1])
			}
		case island.Call:
			value := n.Positional(0)
			switch name := island.CalleeName(n); name {
			case "id":
				p.ID = r.string(value)
				p.At = r.at(n)
			case "kotlin":
				p.ID = "org.jetbrains.kotlin." + r.string(value)
			case "alias":
				r.alias(&p, value)
			default:
				r.option(&p, &applied, name, value)
			}
			if n.Kids[0].Kind == island.Member && len(n.Kids[0].Kids) > 0 {
				return true
			}
		}
		return true
	})
	if p.ID != "" && applied {
		r.Plugins = append(r.Plugins, p)
	}
}

// option reads what follows a plugin's name.
func (r *reader) option(p *Plugin, applied *bool, name string, value *island.Node) {
	switch name {
	case "version":
		p.Version = r.string(value)
	case "apply":
		*applied = r.string(value) != "false"
	}
}

// alias reads a plugin of a version catalog.
func (r *reader) alias(p *Plugin, n *island.Node) {
	if n == nil {
		return
	}
	path := names(n)
	if len(path) < 3 || path[1] != "plugins" {
		return
	}
	alias := strings.Join(path[2:], ".")
	p.ID = alias // where the catalog is not there, its name is the best guess
	if c := r.scope.Catalogs[path[0]]; c != nil {
		if known, ok := c.Plugins[alias]; ok {
			p.ID, p.Version = known.ID, known.Version
		}
	}
}

// apply reads apply plugin: "a" and apply(plugin = "a").
func (r *reader) apply(n *island.Node) {
	if id := r.string(n.Arg("plugin")); id != "" {
		r.Plugins = append(r.Plugins, Plugin{ID: id, At: r.at(n)})
	}
}

// dependency reads a line of dependencies { }.
func (r *reader) dependency(n *island.Node) {
	configuration := island.CalleeName(n)
	if n.Kids[0].Kind == island.String {
		configuration = n.Kids[0].Text
	}
	if name := r.string(n.Arg("name")); name != "" {
		r.Dependencies = append(r.Dependencies, Dependency{
			Configuration: configuration, Group: r.string(n.Arg("group")), Name: name, Version: r.string(n.Arg("version")), At: r.at(n),
		})
		return
	}
	for _, a := range n.Args {
		if a.Value == nil {
			continue
		}
		d := r.notation(a.Value, 0)
		if d.Name != "" || d.Project != "" {
			d.Configuration, d.At = configuration, r.at(a.Value)
			r.Dependencies = append(r.Dependencies, d)
		}
	}
}

// notation reads what stands for a dependency.
func (r *reader) notation(n *island.Node, depth int) Dependency {
	if depth > maxSteps {
		return Dependency{}
	}
	switch n.Kind {
	case island.Call:
		switch island.CalleeName(n) {
		case "project":
			path := r.string(n.Positional(0))
			if path == "" {
				path = r.string(n.Arg("path"))
			}
			return Dependency{Project: path}
		case "platform", "enforcedPlatform", "kotlin":
			return Dependency{}
		}
		if value := n.Positional(0); value != nil {
			return r.notation(value, depth+1)
		}
		return Dependency{}
	case island.Member:
		path := names(n)
		if len(path) > 1 {
			if path[0] == "projects" { // projects.core.util is made of ":core:util"
				return Dependency{Project: ":" + strings.Join(path[1:], ":")}
			}
			if c := r.scope.Catalogs[path[0]]; c != nil {
				return c.Libraries[strings.Join(path[1:], ".")]
			}
		}
	case island.String:
		return coordinates(r.loose(n))
	}
	return coordinates(r.string(n))
}

// loose evaluates a string of which the end may not be known: "a:b:$version".
func (r *reader) loose(n *island.Node) string {
	if len(n.Kids) == 0 {
		return n.Text
	}
	var b strings.Builder
	for _, part := range n.Kids {
		s, known := r.value(part)
		if !known {
			break
		}
		b.WriteString(s)
	}
	return b.String()
}

// coordinates splits group:name:version, with a classifier or a type behind.
func coordinates(s string) Dependency {
	s, _, _ = strings.Cut(s, "@")
	parts := strings.Split(s, ":")
	if len(parts) < 2 || parts[0] == "" {
		return Dependency{}
	}
	d := Dependency{Group: parts[0], Name: parts[1]}
	if len(parts) > 2 {
		d.Version = parts[2]
	}
	return d
}
