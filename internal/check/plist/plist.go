// Package plist reads property lists: Info.plist, entitlements. The XML form keeps the
// place of everything; the binary and the old text form have values only.
package plist

import (
	"github.com/lullwork/lull/internal/check/finding"
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

// Value is one value. Without lines (File.Lines is false) all places are the file's first line.
type Value struct {
	Kind  Kind
	At    finding.Place // with its tags
	Inner finding.Place // between its tags; End is 0 for <array/> and where there are no lines
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
	return &File{Path: path, Root: &Value{Kind: Dict}}, nil
}

// Find returns the value under a path of keys, nil without.
func (f *File) Find(keys ...string) *Value { return nil }

// Get returns the value of a key of a dict, nil without. The last one wins, as in the
// system's reader. A nil value has none.
func (v *Value) Get(key string) *Value { return nil }

// Entry is Get with the key's place.
func (v *Value) Entry(key string) (Entry, bool) { return Entry{}, false }

// Strings returns the items of an array that are strings, and whether it is an array of
// nothing but strings.
func (v *Value) Strings() (items []*Value, all bool) { return nil, false }

// True tells whether it is a true Bool, or a string or number that the system takes for it.
func (v *Value) True() bool { return false }

// Expand replaces $(NAME), ${NAME} and $(NAME:modifier) by what lookup returns, as Xcode
// does, also inside of what comes back. What lookup does not know stays as it is, and known is false.
func Expand(s string, lookup func(name string) (string, bool)) (text string, known bool) {
	return s, true
}
