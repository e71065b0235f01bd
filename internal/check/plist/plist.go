// Package plist reads property lists: Info.plist, entitlements, project.pbxproj. The XML
// form and the old text form keep the place of everything; the binary form has none.
package plist

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/source"
)

// What a list may cost to read: binary lists can name one value in many places, and so be
// much bigger than their file.
const (
	maxDepth  = 128
	maxValues = 1 << 20
)

// Kind is a kind of value.
type Kind uint8

// The kinds.
const (
	Dict Kind = 1 + iota
	Array
	String
	Bool
	Integer
	Real
	Date
	Data
)

func (k Kind) String() string {
	return [...]string{"", "dict", "array", "string", "bool", "integer", "real", "date", "data"}[k]
}

// Value is one value. Without lines (File.Lines is false) all places are the file's first line.
type Value struct {
	Kind  Kind
	At    finding.Place // with its tags, brackets or quotes
	Inner finding.Place // between them; File is "" for <array/>, and where there are no lines
	Text  string        // of a string as it is meant, of numbers as written; "true" or "false"
	Keys  []Entry       // of a dict, in their order
	Items []*Value      // of an array
}

// Entry is a key of a dict and its value.
type Entry struct {
	Key   string
	KeyAt finding.Place
	Value *Value
}

// File is a property list.
type File struct {
	Path  string
	Root  *Value
	Lines bool // places are known
}

// Read reads any form of property list. Errors are a *source.Fault.
func Read(path string, src []byte) (*File, error) {
	switch head := bytes.TrimLeft(bytes.TrimPrefix(src[:min(len(src), 4<<10)], bom), " \t\r\n"); {
	case bytes.HasPrefix(src, []byte("bplist")):
		return readBinary(path, src)
	case bytes.HasPrefix(head, []byte("<?xml")), bytes.HasPrefix(head, []byte("<!")), bytes.HasPrefix(head, []byte("<plist")):
		return readXML(path, src)
	default:
		return readText(path, src)
	}
}

var bom = []byte("\xef\xbb\xbf")

// Find returns the value under a path of keys, nil without.
func (f *File) Find(keys ...string) *Value {
	if f == nil {
		return nil
	}
	v := f.Root
	for _, key := range keys {
		v = v.Get(key)
	}
	return v
}

// Get returns the value of a key of a dict, nil without. The last one wins, as in the
// system's reader. A nil value has none.
func (v *Value) Get(key string) *Value {
	e, _ := v.Entry(key)
	return e.Value
}

// Entry is Get with the key's place.
func (v *Value) Entry(key string) (Entry, bool) {
	if v == nil {
		return Entry{}, false
	}
	for i := len(v.Keys) - 1; i >= 0; i-- {
		if v.Keys[i].Key == key {
			return v.Keys[i], true
		}
	}
	return Entry{}, false
}

// Strings returns the items of an array that are strings, and whether it is an array of
// nothing but strings.
func (v *Value) Strings() (items []*Value, all bool) {
	if v == nil || v.Kind != Array {
		return nil, false
	}
	for _, item := range v.Items {
		if item.Kind == String {
			items = append(items, item)
		}
	}
	return items, len(items) == len(v.Items)
}

// True tells whether it is a true Bool, or a string or number that the system takes for it.
func (v *Value) True() bool {
	if v == nil {
		return false
	}
	switch v.Kind {
	case Bool:
		return v.Text == "true"
	case Integer:
		return strings.Trim(v.Text, "0") != ""
	case String:
		return v.Text != "" && strings.ContainsRune("YyTt123456789", rune(v.Text[0]))
	}
	return false
}

// fault is thrown while reading.
type fault struct {
	line int
	why  string
}

func fail(line int, format string, args ...any) {
	panic(fault{line, fmt.Sprintf(format, args...)})
}

// catch turns a thrown fault into an error.
func catch(path string, err *error) {
	switch p := recover().(type) {
	case nil:
	case *source.Fault:
		*err = p
	case fault:
		*err = &source.Fault{File: path, Line: p.line, Why: p.why}
	default:
		panic(p)
	}
}
