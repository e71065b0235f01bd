package gradle

import (
	"strings"

	"github.com/lullwork/lull/internal/check/source"
)

// Catalog is a version catalog. Its aliases have dots where the file may have dashes.
type Catalog struct {
	Path      string
	Versions  map[string]source.Value
	Libraries map[string]Dependency
	Plugins   map[string]Plugin
}

// ReadCatalog reads libs.versions.toml, as far as each entry stands on one line.
func ReadCatalog(path string, src []byte) *Catalog {
	c := &Catalog{Path: path, Versions: map[string]source.Value{}, Libraries: map[string]Dependency{}, Plugins: map[string]Plugin{}}
	text := source.NewText(path, src)
	type entry struct {
		alias  string
		fields map[string]string
		at     source.Value
	}
	var libraries, plugins []entry // versions may stand below them
	section := ""
	for n, at := 1, 0; at < len(src); n++ {
		start, end := text.Line(n)
		at = lineEnd(src, end)
		line := strings.TrimSpace(uncomment(string(src[start:end])))
		if strings.HasPrefix(line, "[") {
			section = strings.Trim(line, "[] \t")
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		alias := normal(strings.Trim(strings.TrimSpace(key), `"'`))
		place := source.Value{At: text.Place(start, end)}
		fields := fields(strings.TrimSpace(value))
		switch section {
		case "versions":
			place.Text = fields[""]
			for _, strict := range []string{"strictly", "require", "prefer"} {
				if place.Text == "" {
					place.Text = fields[strict]
				}
			}
			c.Versions[alias] = place
		case "libraries":
			libraries = append(libraries, entry{alias, fields, place})
		case "plugins":
			plugins = append(plugins, entry{alias, fields, place})
		}
	}
	version := func(fields map[string]string) string {
		if ref := fields["version.ref"]; ref != "" {
			return c.Versions[normal(ref)].Text
		}
		return fields["version"]
	}
	for _, e := range libraries {
		d := coordinates(e.fields[""])
		if module := e.fields["module"]; module != "" {
			d = coordinates(module)
		}
		if d.Name == "" {
			d.Group, d.Name = e.fields["group"], e.fields["name"]
		}
		if v := version(e.fields); v != "" {
			d.Version = v
		}
		d.At = e.at.At
		c.Libraries[e.alias] = d
	}
	for _, e := range plugins {
		p := Plugin{ID: e.fields["id"], Version: version(e.fields), At: e.at.At}
		if id, v, ok := strings.Cut(e.fields[""], ":"); ok {
			p.ID, p.Version = id, v
		}
		c.Plugins[e.alias] = p
	}
	return c
}

// normal returns an alias as scripts write it.
func normal(alias string) string { return strings.NewReplacer("-", ".", "_", ".").Replace(alias) }

// uncomment drops what stands behind a # outside of quotes.
func uncomment(line string) string {
	quote := byte(0)
	for i := range len(line) {
		switch c := line[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '#':
			return line[:i]
		}
	}
	return line
}

// fields reads "text" as the field "", and { a = "x", b.c = "y", d = { e = "z" } } as a, b.c and d.e.
func fields(s string) map[string]string {
	all := map[string]string{}
	var path []string
	var key strings.Builder
	name := func() string {
		parts := path
		if key.Len() > 0 {
			parts = append(parts[:len(parts):len(parts)], key.String())
		}
		key.Reset()
		return strings.Join(parts, ".")
	}
	for i := 0; i < len(s) && len(path) < maxDepth; i++ {
		switch c := s[i]; c {
		case '"', '\'':
			end := strings.IndexByte(s[i+1:], c)
			if end < 0 {
				return all
			}
			all[name()] = s[i+1 : i+1+end]
			i += end + 1
		case '{':
			if outer := key.String(); outer != "" {
				path = append(path, outer)
			}
			key.Reset()
		case '}':
			path = path[:max(len(path)-1, 0)]
		case ' ', '\t', '=', ',':
		default:
			key.WriteByte(c)
		}
	}
	return all
}
