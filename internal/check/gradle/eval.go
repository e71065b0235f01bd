package gradle

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// What one value may cost: variables may name each other, and themselves.
const (
	maxSteps  = 24
	maxValues = 1000
)

// string returns what an expression is worth, "" where that is not known.
func (r *reader) string(n *island.Node) string {
	s, _ := r.value(n)
	return s
}

// value returns what an expression is worth.
func (r *reader) value(n *island.Node) (text string, known bool) {
	r.left = maxValues
	return r.eval(n, 0)
}

// eval is value at a depth of variables in variables.
func (r *reader) eval(n *island.Node, depth int) (text string, known bool) {
	if r.left--; n == nil || depth > maxSteps || r.left < 0 {
		return "", false
	}
	switch n.Kind {
	case island.String:
		if len(n.Kids) == 0 {
			return n.Text, true
		}
		var b strings.Builder
		for _, part := range n.Kids {
			s, ok := r.eval(part, depth+1)
			if !ok || b.Len() > 4096 {
				return "", false
			}
			b.WriteString(s)
		}
		return b.String(), true
	case island.Number:
		return strings.TrimRight(strings.ReplaceAll(n.Text, "_", ""), "lL"), true
	case island.Bool:
		return n.Name, true
	case island.Ident:
		return r.variable(n.Name, depth)
	case island.Member:
		return r.member(n, depth)
	case island.Index: // ext["a"], properties["a"]
		if name := lastName(n); name != "" {
			return r.variable(name, depth)
		}
	case island.Call:
		return r.result(n, depth)
	case island.Binary:
		return r.binary(n, depth)
	case island.Unary:
		if n.Name != "-" && len(n.Kids) > 0 {
			return r.eval(n.Kids[0], depth+1)
		}
	}
	return "", false
}

func (r *reader) binary(n *island.Node, depth int) (string, bool) {
	if len(n.Kids) != 2 {
		return "", false
	}
	left, known := r.eval(n.Kids[0], depth+1)
	switch n.Name {
	case "?:": // what comes from outside of the project is not there
		if known {
			return left, true
		}
		return r.eval(n.Kids[1], depth+1)
	case "as", "as?":
		return left, known
	case "+":
		right, also := r.eval(n.Kids[1], depth+1)
		_, err := strconv.Atoi(left)
		if err != nil && known && also && len(left)+len(right) < 4096 {
			return left + right, true
		}
	}
	return "", false
}

// variable looks a name up.
func (r *reader) variable(name string, depth int) (string, bool) {
	if v := r.vars[name]; v != nil {
		return r.eval(v, depth+1)
	}
	if root := r.scope.Root; root != nil && root.vars[name] != nil {
		other := &reader{File: root, scope: Scope{Properties: r.scope.Properties, Catalogs: r.scope.Catalogs}, left: r.left}
		defer func() { r.left = other.left }()
		return other.eval(root.vars[name], depth+1)
	}
	if r.scope.Properties != nil {
		if p, ok := r.scope.Properties.Get(name); ok {
			return p.Value, true
		}
	}
	if c := r.scope.Conventions; c != nil && c.constants[name] != nil {
		return r.eval(c.constants[name], depth+1)
	}
	return "", false
}

// member evaluates a.b: a property of a project, or an entry of a version catalog.
func (r *reader) member(n *island.Node, depth int) (string, bool) {
	path := names(n)
	if n.Name == "requiredVersion" && len(n.Kids) > 0 {
		return r.eval(n.Kids[0], depth+1)
	}
	if len(path) > 2 && (path[0] == "project" || path[0] == "rootProject") && path[2] == "versions" {
		path = path[1:] // project.libs.versions
	}
	if len(path) < 2 {
		return "", false
	}
	if c := r.scope.Catalogs[path[0]]; c != nil {
		if len(path) > 2 && path[1] == "versions" {
			v, ok := c.Versions[strings.Join(path[2:], ".")]
			return v.Text, ok
		}
		return "", false
	}
	if len(path) > 2 && path[1] == "versions" { // of a catalog whose file has another name
		return r.inCatalogs(strings.Join(path[2:], "."))
	}
	switch path[len(path)-2] {
	case "ext", "extra", "project", "rootProject", "this", "properties", "parent":
		return r.variable(n.Name, depth)
	}
	if c := r.scope.Conventions; c != nil && c.constants[n.Name] != nil && isUpper(path[len(path)-2]) { // Versions.TARGET
		return r.eval(c.constants[n.Name], depth+1)
	}
	return "", false
}

// inCatalogs returns the version that any catalog has under an alias.
func (r *reader) inCatalogs(alias string) (string, bool) {
	for _, name := range slices.Sorted(maps.Keys(r.scope.Catalogs)) {
		if v, ok := r.scope.Catalogs[name].Versions[alias]; ok {
			return v.Text, true
		}
	}
	return "", false
}

func isUpper(name string) bool { return name != "" && name[0] >= 'A' && name[0] <= 'Z' }

// result evaluates a call: conversions, and lookups of properties.
func (r *reader) result(n *island.Node, depth int) (string, bool) {
	name := island.CalleeName(n)
	called := n.Kids[0]
	switch name {
	case "toInt", "toInteger", "toString", "get", "asInt", "trim", "getOrElse", "orElse", "toIntOrNull", "asProvider", "getOrNull":
		if called.Kind == island.Member && len(called.Kids) > 0 {
			if s, known := r.eval(called.Kids[0], depth+1); known {
				return s, true
			}
			if name == "getOrElse" || name == "orElse" {
				return r.eval(n.Positional(0), depth+1)
			}
		}
	case "parseInt", "valueOf":
		return r.eval(n.Positional(0), depth+1)
	case "property", "findProperty", "gradleProperty", "getProperty", "extra", "prop":
		if key := n.Positional(0); key != nil {
			s, known := r.eval(key, depth+1)
			if known && name == "extra" {
				return s, true
			}
			if known {
				return r.variable(s, depth)
			}
		}
	case "findVersion", "getVersion": // of a catalog
		alias, _ := r.eval(n.Positional(0), depth+1)
		return r.inCatalogs(normal(alias))
	case "max", "maxOf", "coerceAtLeast":
		if l := r.level(n, depth+1); l.Value > 0 && l.Flutter == "" {
			return strconv.Itoa(l.Value), true
		}
	}
	return "", false
}

// level evaluates an API level.
func (r *reader) level(n *island.Node, depth int) Level {
	if r.left--; n == nil || depth > maxSteps || r.left < 0 {
		return Level{}
	}
	switch n.Kind {
	case island.Member:
		if path := names(n); len(path) == 2 && path[0] == "flutter" {
			return Level{Flutter: strings.TrimSuffix(strings.TrimSuffix(path[1], "Version"), "Sdk") + "SdkVersion"}
		}
	case island.Ident:
		if v := r.vars[n.Name]; v != nil {
			return r.level(v, depth+1)
		}
	case island.Binary:
		if len(n.Kids) == 2 && n.Name == "?:" {
			if l := r.level(n.Kids[0], depth+1); l.Value > 0 || l.Flutter != "" {
				return l
			}
			return r.level(n.Kids[1], depth+1)
		}
		if len(n.Kids) == 2 && n.Name == "as" {
			return r.level(n.Kids[0], depth+1)
		}
	case island.Call:
		switch island.CalleeName(n) {
		case "max", "maxOf", "coerceAtLeast":
			return r.greatest(n, depth)
		case "toInt", "toInteger":
			if called := n.Kids[0]; called.Kind == island.Member && len(called.Kids) > 0 {
				return r.level(called.Kids[0], depth+1)
			}
		}
	}
	s, _ := r.eval(n, depth)
	value, err := strconv.Atoi(s)
	if err != nil || value < 0 || value > 999 {
		return Level{}
	}
	return Level{Value: value}
}

// greatest evaluates a maximum: what is known of it is a lower bound.
func (r *reader) greatest(n *island.Node, depth int) Level {
	var best Level
	parts := make([]*island.Node, 0, 1+len(n.Args))
	if called := n.Kids[0]; called.Kind == island.Member && island.CalleeName(n) == "coerceAtLeast" {
		parts = append(parts, called.Kids...)
	}
	for _, a := range n.Args {
		parts = append(parts, a.Value)
	}
	for _, part := range parts {
		l := r.level(part, depth+1)
		best.Value = max(best.Value, l.Value)
		if l.Flutter != "" {
			best.Flutter = l.Flutter
		}
	}
	return best
}
