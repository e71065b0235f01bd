package core

import (
	"reflect"
	"testing"

	"github.com/lullwork/lull/internal/record"
)

// TestSameSpec changes one field after the other: no difference may be overlooked.
func TestSameSpec(t *testing.T) {
	var change func(v reflect.Value)
	change = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			v.SetString("x")
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		case reflect.Struct:
			change(v.Field(v.NumField() - 1))
		case reflect.Uint8:
			v.SetUint(1)
		default:
			v.SetInt(1)
		}
	}
	a := &record.Spec{Task: "t"}
	if !sameSpec(a, &record.Spec{Task: "t"}) {
		t.Error("equal ones differ")
	}
	for i := range reflect.TypeFor[record.Spec]().NumField() {
		f := reflect.TypeFor[record.Spec]().Field(i)
		if f.Name == "ID" {
			continue
		}
		b := &record.Spec{Task: "t"}
		change(reflect.ValueOf(b).Elem().Field(i))
		if sameSpec(a, b) {
			t.Errorf("a difference in %s is overlooked", f.Name)
		}
	}
}
