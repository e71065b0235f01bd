package code

import (
	"path"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// library is a Dart library: a file with its parts.
type library struct {
	main    *Unit
	units   []*Unit
	names   map[string][]*island.Decl
	imports []imported
	exports []imported
	found   map[string][]*island.Decl // by visible
}

// imported is an import or an export of a library that is here.
type imported struct {
	*island.Import
	units []*Unit // more than one where it is conditional
}

// library is the one that a file belongs to.
func (p *Program) library(u *Unit) *library {
	if l := p.libraries[u]; l != nil {
		return l
	}
	main := p.mainOf(u)
	if l := p.libraries[main]; l != nil {
		p.libraries[u] = l
		return l
	}
	l := &library{main: main, names: map[string][]*island.Decl{}, found: map[string][]*island.Decl{}}
	p.libraries[main], p.libraries[u] = l, l
	p.gather(l, main)
	return l
}

// gather adds a file and its parts to a library.
func (p *Program) gather(l *library, u *Unit) {
	if slices.Contains(l.units, u) {
		return
	}
	l.units = append(l.units, u)
	p.libraries[u] = l
	for _, d := range u.Decls {
		l.names[d.Name] = append(l.names[d.Name], d)
	}
	for i := range u.Imports {
		im := &u.Imports[i]
		switch im.Kind {
		case island.ImportOf:
			l.imports = append(l.imports, imported{im, p.imported(u, im)})
		case island.ExportOf:
			l.exports = append(l.exports, imported{im, p.imported(u, im)})
		case island.Part:
			for _, part := range p.imported(u, im) {
				p.gather(l, part)
			}
		}
	}
}

// mainOf is the file that a part belongs to; u itself if it is no part.
func (p *Program) mainOf(u *Unit) *Unit {
	for i := range u.Imports {
		im := &u.Imports[i]
		if im.Kind != island.PartOf {
			continue
		}
		if of := p.imported(u, im); len(of) > 0 {
			return of[0]
		}
		for _, o := range p.units { // by the library's name
			for k := range o.Imports {
				if o.Imports[k].Kind == island.Part && slices.Contains(p.imported(o, &o.Imports[k]), u) {
					return o
				}
			}
		}
	}
	return u
}

// imported are the files of this program that a directive names.
func (p *Program) imported(u *Unit, im *island.Import) []*Unit {
	var units []*Unit
	if f := p.uri(u, im.URI); f != nil {
		units = append(units, f)
	}
	for _, other := range im.Other {
		if f := p.uri(u, other); f != nil {
			units = append(units, f)
		}
	}
	return units
}

// uri is the file that a URI names, seen from a file; nil if it is not here.
func (p *Program) uri(u *Unit, uri string) *Unit {
	if rest, ok := strings.CutPrefix(uri, "package:"); ok {
		name, file, _ := strings.Cut(rest, "/")
		folder, ok := p.packages[name]
		if !ok {
			return nil
		}
		return p.byPath[path.Join(folder, "lib", file)]
	}
	if strings.Contains(uri, ":") {
		return nil
	}
	return p.byPath[path.Join(path.Dir(u.Path), uri)]
}

// shows tells whether an import lets a name through.
func (im imported) shows(name string) bool {
	return (im.Show == nil || slices.Contains(im.Show, name)) && !slices.Contains(im.Hide, name)
}

// find looks a name up in the scope of a library: first its own, then imports. With a
// prefix only in the imports that have it.
func (p *Program) find(l *library, prefix, name string) []*island.Decl {
	if prefix == "" {
		if own := l.names[name]; len(own) > 0 {
			return own
		}
	}
	var found []*island.Decl
	for _, im := range l.imports {
		if im.Prefix != prefix || !im.shows(name) {
			continue
		}
		for _, u := range im.units {
			found = p.exported(found, p.library(u), name, nil)
		}
	}
	return found
}

// exported adds what a library offers under a name.
func (p *Program) exported(found []*island.Decl, l *library, name string, seen []*library) []*island.Decl {
	if slices.Contains(seen, l) {
		return found
	}
	for _, d := range l.names[name] {
		if !slices.Contains(found, d) {
			found = append(found, d)
		}
	}
	seen = append(seen, l)
	for _, ex := range l.exports {
		if !ex.shows(name) {
			continue
		}
		for _, u := range ex.units {
			found = p.exported(found, p.library(u), name, seen)
		}
	}
	return found
}

// hasPrefix tells whether a library imports something under a prefix.
func (l *library) hasPrefix(name string) bool {
	for _, im := range l.imports {
		if im.Prefix == name {
			return true
		}
	}
	return false
}

// visible are the top-level declarations that a name may mean in a file.
func (p *Program) visible(u *Unit, name string) []*island.Decl {
	if name == "" {
		return nil
	}
	if u.Lang == island.Dart {
		l := p.library(u)
		found, ok := l.found[name]
		if !ok {
			found = p.find(l, "", name)
			l.found[name] = found
		}
		return found
	}
	all := p.index().tops[name]
	if len(all) < 2 {
		return all
	}
	// Native files see their whole module. What is nearer wins: the file, the package, an
	// import.
	for _, near := range []func(*island.Decl) bool{
		func(d *island.Decl) bool { return d.File == u.File },
		func(d *island.Decl) bool { return packageOf(d.File) == packageOf(u.File) },
		func(d *island.Decl) bool { return imports(u.File, packageOf(d.File), name) },
	} {
		var some []*island.Decl
		adds := true // to a type that may be declared further away
		for _, d := range all {
			if near(d) {
				some = append(some, d)
				adds = adds && d.Kind == island.Extension
			}
		}
		if !adds {
			return some
		}
	}
	return all
}

// packageOf is the package that a Kotlin or Java file declares.
func packageOf(f *island.File) string {
	for i := range f.Imports {
		if f.Imports[i].Kind == island.PackageOf {
			return f.Imports[i].URI
		}
	}
	return ""
}

// imports tells whether a Kotlin or Java file imports a name of a package.
func imports(f *island.File, from, name string) bool {
	for i := range f.Imports {
		if uri := f.Imports[i].URI; uri == from+"."+name || uri == from+".*" {
			return true
		}
	}
	return false
}

// index holds the declarations of a program by name.
type index struct {
	tops    map[string][]*island.Decl // of files, in native files also nested types
	members map[string][]*island.Decl // of types
	subs    map[string][]*island.Decl // types by a name that they extend
	extends map[string][]*island.Decl // extensions by the type that they extend
}

// index is made when it is first asked for.
func (p *Program) index() *index {
	if p.names != nil {
		return p.names
	}
	x := &index{
		tops:    map[string][]*island.Decl{},
		members: map[string][]*island.Decl{},
		subs:    map[string][]*island.Decl{},
		extends: map[string][]*island.Decl{},
	}
	p.names = x
	for _, u := range p.units {
		for _, d := range u.Decls {
			x.tops[d.Name] = append(x.tops[d.Name], d)
			x.add(d)
		}
	}
	return x
}

func (x *index) add(d *island.Decl) {
	if !isType(d) {
		return
	}
	for _, s := range d.Supers {
		s = bareType(s)
		x.subs[s] = append(x.subs[s], d)
	}
	if d.Kind == island.Extension {
		on := extended(d)
		x.extends[on] = append(x.extends[on], d)
	}
	for _, m := range d.Members {
		x.members[m.Name] = append(x.members[m.Name], m)
		if isType(m) {
			if d.File.Lang != island.Dart {
				x.tops[m.Name] = append(x.tops[m.Name], m)
			}
			x.add(m)
		}
	}
}

// extended is the name of the type that an extension extends.
func extended(d *island.Decl) string {
	if d.Type != "" {
		return bareType(d.Type)
	}
	if d.File.Lang == island.Dart && len(d.Supers) > 0 {
		return bareType(d.Supers[0])
	}
	return bareType(d.Name)
}
