package plist

import (
	"bytes"
	"encoding/xml"
	"strings"

	"github.com/lullwork/lull/internal/check/source"
)

// kinds are the elements of values.
var kinds = map[string]Kind{
	"dict": Dict, "array": Array, "string": String, "true": Bool, "false": Bool,
	"integer": Integer, "real": Real, "date": Date, "data": Data,
}

type xmlReader struct{ *source.XML }

func readXML(path string, src []byte) (f *File, err error) {
	defer catch(path, &err)
	r := &xmlReader{source.NewXML(path, src)}
	var root *Value
	for {
		tok, at, end := r.next()
		switch tok := tok.(type) {
		case nil:
			if root == nil {
				fail(1, "is empty")
			}
			return &File{Path: path, Root: root, Lines: true}, nil
		case xml.StartElement:
			switch {
			case tok.Name.Local == "plist":
			case root != nil:
				fail(r.line(at), "has a second value <%s> after its first", tok.Name.Local)
			default:
				root = r.value(tok, at, end, 0)
			}
		case xml.CharData:
			r.blank(tok, at)
		}
	}
}

// next returns the next token and its place; nil at the end.
func (r *xmlReader) next() (tok xml.Token, start, end int) {
	tok, start, end, err := r.Next()
	if err != nil {
		panic(err)
	}
	return tok, start, end
}

func (r *xmlReader) line(at int) int { return r.Place(min(at, len(r.Src)), at).Line }

// blank refuses text where only values may stand.
func (r *xmlReader) blank(text []byte, at int) {
	if text := bytes.TrimSpace(bytes.TrimPrefix(text, bom)); len(text) > 0 {
		fail(r.line(at), "has the text %.40q outside of a value", text)
	}
}

// value reads the value whose start tag stands from at to open.
func (r *xmlReader) value(tag xml.StartElement, at, open, depth int) *Value {
	v := &Value{Kind: kinds[tag.Name.Local]}
	switch {
	case depth == maxDepth:
		fail(r.line(at), "is nested deeper than %d levels", maxDepth)
	case v.Kind == 0:
		fail(r.line(at), "has an element <%s>, which no property list has", tag.Name.Local)
	case v.Kind == Bool:
		v.Text = tag.Name.Local
	}
	var text []byte
	var key *Entry
	for {
		tok, here, end := r.next()
		switch tok := tok.(type) {
		case nil:
			fail(r.line(at), "ends inside of <%s>", tag.Name.Local)
		case xml.CharData:
			if v.Kind == Dict || v.Kind == Array {
				r.blank(tok, here)
			} else {
				text = append(text, tok...)
			}
		case xml.StartElement:
			switch {
			case v.Kind == Array:
				v.Items = append(v.Items, r.value(tok, here, end, depth+1))
			case v.Kind != Dict:
				fail(r.line(here), "has <%s> inside of <%s>", tok.Name.Local, tag.Name.Local)
			case key == nil && tok.Name.Local != "key":
				fail(r.line(here), "has a value without a key")
			case key == nil:
				key = r.key(here)
			case tok.Name.Local == "key":
				fail(r.line(here), "has no value for the key %q", key.Key)
			default:
				key.Value = r.value(tok, here, end, depth+1)
				v.Keys = append(v.Keys, *key)
				key = nil
			}
		case xml.EndElement:
			if key != nil {
				fail(key.KeyAt.Line, "has no value for the key %q", key.Key)
			}
			v.At = r.Place(at, end)
			if here > open || r.Src[open-2] != '/' {
				v.Inner = r.Place(open, here)
			}
			if v.Kind != Bool {
				v.Text = string(text)
			}
			if v.Kind == Integer || v.Kind == Real || v.Kind == Date {
				v.Text = strings.TrimSpace(v.Text)
			}
			return v
		}
	}
}

// key reads the rest of <key>.
func (r *xmlReader) key(at int) *Entry {
	var text []byte
	for {
		tok, here, end := r.next()
		switch tok := tok.(type) {
		case nil:
			fail(r.line(at), "ends inside of <key>")
		case xml.CharData:
			text = append(text, tok...)
		case xml.StartElement:
			fail(r.line(here), "has <%s> inside of <key>", tok.Name.Local)
		case xml.EndElement:
			return &Entry{Key: string(text), KeyAt: r.Place(at, end)}
		}
	}
}
