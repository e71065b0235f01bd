package wire

import (
	"fmt"
	"reflect"
)

// cycleError finds the shortest way round of a value that is known to have a cycle.
func cycleError(v reflect.Value) error {
	path, t, ok := cycleFinder{}.find(v)
	if !ok {
		t = v.Type() // it was changed meanwhile
	}
	return &UnsendableError{
		Path: path, Type: t,
		Why: "it leads back to a value that holds it; send a tree, and indices or names in place of what points up",
	}
}

type place struct {
	p uintptr
	n int
	t reflect.Type
}

// cycleFinder holds the places on the way from the root.
type cycleFinder map[place]bool

func (f cycleFinder) find(v reflect.Value) (path string, t reflect.Type, ok bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		if v.IsNil() {
			return "", nil, false
		}
		here := place{v.Pointer(), 0, v.Type()}
		if v.Kind() == reflect.Slice {
			here.n = v.Len()
		}
		if f[here] {
			return "", v.Type(), true
		}
		f[here] = true
		defer delete(f, here)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return f.find(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if path, t, ok = f.find(v.Field(i)); ok {
				return "." + v.Type().Field(i).Name + path, t, true
			}
		}
	case reflect.Slice, reflect.Array:
		if leaf(v.Type().Elem()) {
			return "", nil, false
		}
		for i := range v.Len() {
			if path, t, ok = f.find(v.Index(i)); ok {
				return fmt.Sprintf("[%d]%s", i, path), t, true
			}
		}
	case reflect.Map:
		if leaf(v.Type().Elem()) {
			return "", nil, false
		}
		for it := v.MapRange(); it.Next(); {
			if path, t, ok = f.find(it.Value()); ok {
				return keySegment(it.Key()) + path, t, true
			}
		}
	}
	return "", nil, false
}

func leaf(t reflect.Type) bool { return t.Kind() <= reflect.Complex128 || t.Kind() == reflect.String }

// keySegment is the path's segment for the value of a map's key.
func keySegment(key reflect.Value) string {
	if key.Kind() == reflect.Interface {
		key = key.Elem()
	}
	switch {
	case key.Kind() == reflect.String:
		return fmt.Sprintf("[%.40q]", key.String())
	case key.IsValid() && leaf(key.Type()):
		return fmt.Sprintf("[%v]", key)
	}
	return "[]"
}
