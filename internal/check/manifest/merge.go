package manifest

import (
	"slices"
	"strings"
)

// Merge merges manifests, the strongest first: flavour and build type, main, libraries. It
// does what tools:node, tools:remove and tools:replace say, and does not change its arguments.
// Class names are full ones in the result.
func Merge(files ...*File) *File {
	m := &File{Root: &Element{Name: "manifest"}}
	for _, f := range slices.Backward(files) {
		if f == nil || f.Root == nil {
			continue
		}
		weak := m.Root
		m.Root = f.full(f.Root)
		m.Path, m.From = f.Path, f.From
		if f.Package != "" {
			m.Package = f.Package
		}
		merge(m.Root, weak)
		m.sweep(m.Root)
	}
	return m
}

// Substitute returns the file with its ${placeholders} replaced in attributes.
func (f *File) Substitute(values map[string]string) *File {
	c := *f
	c.Root = f.full(f.Root)
	pairs := make([]string, 0, 2*len(values))
	for name, value := range values {
		pairs = append(pairs, "${"+name+"}", value)
	}
	c.Root.substitute(strings.NewReplacer(pairs...))
	return &c
}

func (e *Element) substitute(r *strings.Replacer) {
	for i := range e.Attrs {
		e.Attrs[i].Value = r.Replace(e.Attrs[i].Value)
	}
	for _, kid := range e.Kids {
		kid.substitute(r)
	}
}

// full returns a copy of an element with full class names.
func (f *File) full(e *Element) *Element {
	c := *e
	if c.From == "" {
		c.From = f.From
	}
	c.Attrs = slices.Clone(e.Attrs)
	if components[e.Name] || e.Name == "application" {
		for i, a := range c.Attrs {
			if a.Space == "android" && a.Name == "name" && a.Value != "" {
				c.Attrs[i].Value = f.class(a.Value)
			}
		}
	}
	c.Kids = make([]*Element, len(e.Kids))
	for i, kid := range e.Kids {
		c.Kids[i] = f.full(kid)
	}
	return &c
}

// key is what elements of one parent are matched by.
func (e *Element) key() string {
	switch e.Name {
	case "application", "uses-sdk", "supports-screens", "queries", "compatible-screens":
		return e.Name
	}
	if name := e.Value("name"); name != "" {
		return e.Name + " " + name
	}
	var b strings.Builder
	e.write(&b)
	return b.String()
}

// write writes what an element says, whatever it is written like.
func (e *Element) write(b *strings.Builder) {
	b.WriteString("<" + e.Name)
	attrs := slices.Clone(e.Attrs)
	slices.SortFunc(attrs, func(x, y Attr) int {
		return strings.Compare(x.Space+" "+x.Name, y.Space+" "+y.Name)
	})
	for _, a := range attrs {
		if a.Space != "tools" {
			b.WriteString(" " + a.Space + ":" + a.Name + "=" + a.Value)
		}
	}
	for _, kid := range e.Kids {
		kid.write(b)
	}
	b.WriteByte('>')
}

// merge adds what a weaker element has.
func merge(e, weak *Element) {
	node := e.attr("tools", "node")
	if node == "replace" {
		return
	}
	barred := map[string]bool{}
	for _, name := range strings.Split(e.attr("tools", "remove"), ",") {
		barred[strings.TrimSpace(name)] = true
	}
	for _, a := range weak.Attrs {
		_, has := e.Attr(a.Space, a.Name)
		if !has && a.Space != "tools" && !barred[a.Space+":"+a.Name] {
			e.Attrs = append(e.Attrs, a)
		}
	}
	if node == "merge-only-attributes" {
		return
	}
	have := make(map[string]*Element, len(e.Kids))
	all := map[string]*Element{} // what removes all elements of a name
	for _, kid := range e.Kids {
		if key := kid.key(); have[key] == nil {
			have[key] = kid
		}
		if kid.attr("tools", "node") == "removeAll" {
			all[kid.Name] = kid
		}
	}
	for _, kid := range weak.Kids {
		key := kid.key()
		switch mine := have[key]; {
		case all[kid.Name] != nil && kid != all[kid.Name]:
		case mine == nil:
			e.Kids = append(e.Kids, kid)
			have[key] = kid
		case mine.attr("tools", "node") == "remove":
		default:
			merge(mine, kid)
		}
	}
}

// sweep drops the elements that were there to take others away, and keeps them in mind.
func (f *File) sweep(e *Element) {
	e.Kids = slices.DeleteFunc(e.Kids, func(kid *Element) bool {
		if kid.takesAway() {
			f.removed = append(f.removed, kid)
			return true
		}
		f.sweep(kid)
		return false
	})
}
