// Package manifest reads and merges AndroidManifest.xml files.
package manifest

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/source"
)

const maxDepth = 128

// Element is an XML element.
type Element struct {
	Name  string        // "service"
	At    finding.Place // from its start tag to its end tag
	Open  finding.Place // its start tag
	Close finding.Place // its end tag; File is "" for <a/>
	Attrs []Attr
	Kids  []*Element
	From  string // the plugin or library that brings it; "" for the app's own
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
	From    string // the plugin or library that brings it; "" for the app's own

	removed []*Element // of merged files: what took something away
}

// Read reads a manifest. Errors are a *source.Fault.
func Read(path string, src []byte) (*File, error) {
	r := source.NewXML(path, src)
	f := &File{Path: path}
	var open []*Element
	for {
		tok, start, end, err := r.Next()
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case nil:
			if f.Root == nil {
				return nil, &source.Fault{File: path, Line: 1, Why: "has no <manifest>"}
			}
			f.Package = f.Root.attr("", "package")
			return f, nil
		case xml.StartElement:
			e := &Element{Name: tok.Name.Local, Open: r.Place(start, end), Attrs: attrs(r.Text, tok, start, end)}
			e.At = e.Open
			switch {
			case len(open) == maxDepth:
				return nil, &source.Fault{File: path, Line: e.At.Line, Why: "is nested deeper than 128 levels"}
			case len(open) > 0:
				in := open[len(open)-1]
				in.Kids = append(in.Kids, e)
			case f.Root != nil || e.Name != "manifest":
				return nil, &source.Fault{File: path, Line: e.At.Line, Why: "has <" + e.Name + "> where <manifest> should be"}
			default:
				f.Root = e
			}
			open = append(open, e)
		case xml.EndElement:
			e := open[len(open)-1]
			open = open[:len(open)-1]
			e.At.End = end
			if start != end {
				e.Close = r.Place(start, end)
			}
		}
	}
}

// spaces are the names that attributes' namespaces have here.
var spaces = map[string]string{
	"http://schemas.android.com/apk/res/android": "android",
	"http://schemas.android.com/tools":           "tools",
}

// attrs returns a tag's attributes with their places, which the XML reader does not tell.
func attrs(text *source.Text, tag xml.StartElement, start, end int) []Attr {
	if len(tag.Attr) == 0 {
		return nil
	}
	all := make([]Attr, 0, len(tag.Attr))
	at := start + 1
	skip := func(set string, in bool) {
		for at < end && strings.IndexByte(set, text.Src[at]) >= 0 == in {
			at++
		}
	}
	const space = " \t\r\n"
	skip(space+"/>", false)
	for _, a := range tag.Attr {
		skip(space, true)
		from := at
		skip("=", false)
		at++
		skip(space, true)
		quote := text.Src[min(at, end-1)]
		at++
		value := at
		skip(string(quote), false)
		attr := Attr{Space: spaces[a.Name.Space], Name: a.Name.Local, Value: a.Value, ValueAt: text.Place(value, at)}
		if attr.Space == "" {
			attr.Space = a.Name.Space
		}
		at++
		attr.At = text.Place(from, min(at, end))
		all = append(all, attr)
	}
	return all
}

// Attr returns an attribute: Attr("android", "name").
func (e *Element) Attr(space, name string) (Attr, bool) {
	if e != nil {
		for _, a := range e.Attrs {
			if a.Name == name && a.Space == space {
				return a, true
			}
		}
	}
	return Attr{}, false
}

func (e *Element) attr(space, name string) string {
	a, _ := e.Attr(space, name)
	return a.Value
}

// Value returns an attribute's value in the namespace of Android, "" without.
func (e *Element) Value(name string) string { return e.attr("android", name) }

// Find returns the first element inside with that name, nil without.
func (e *Element) Find(name string) *Element {
	if e != nil {
		for _, kid := range e.Kids {
			if kid.Name == name {
				return kid
			}
		}
	}
	return nil
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

// Bool returns an attribute of Android as a Bool.
func (e *Element) Bool(name string) Bool {
	switch a, ok := e.Attr("android", name); {
	case !ok:
		return Unset
	case a.Value == "true":
		return True
	case a.Value == "false":
		return False
	}
	return Resource
}

// int returns an attribute of Android as a number, 0 without.
func (e *Element) int(name string) int {
	n, _ := strconv.Atoi(e.Value(name))
	return n
}
