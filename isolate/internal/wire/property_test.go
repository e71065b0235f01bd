package wire

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var basicTypes = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](),
	reflect.TypeFor[int64](), reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](),
	reflect.TypeFor[uint64](), reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[complex64](), reflect.TypeFor[complex128](),
	reflect.TypeFor[string](), reflect.TypeFor[level](), reflect.TypeFor[time.Duration](),
}

var namedTypes = []reflect.Type{
	reflect.TypeFor[any](), reflect.TypeFor[chapter](), reflect.TypeFor[*chapter](), reflect.TypeFor[outer](), reflect.TypeFor[words](),
	reflect.TypeFor[private](), reflect.TypeFor[wordy](), reflect.TypeFor[time.Time](), reflect.TypeFor[big.Int](),
}

// drawType makes a type, whole or with parts that exist.
func drawType(t *rapid.T, depth int, key bool) reflect.Type {
	kinds := 7
	if depth == 0 {
		kinds = 1
	}
	switch rapid.IntRange(0, kinds).Draw(t, "kind") {
	case 1:
		if !key {
			return rapid.SampledFrom(namedTypes).Draw(t, "named")
		}
	case 2:
		return reflect.ArrayOf(rapid.IntRange(0, 4).Draw(t, "len"), drawType(t, depth-1, key))
	case 3, 4:
		var fields []reflect.StructField
		for i := range rapid.IntRange(0, 5).Draw(t, "fields") {
			fields = append(fields, reflect.StructField{Name: fmt.Sprint("F", i), Type: drawType(t, depth-1, key)})
		}
		return reflect.StructOf(fields)
	case 5:
		if !key {
			return reflect.SliceOf(drawType(t, depth-1, false))
		}
	case 6:
		if !key {
			return reflect.MapOf(drawType(t, depth-1, true), drawType(t, depth-1, false))
		}
	case 7:
		if !key {
			return reflect.PointerTo(drawType(t, depth-1, false))
		}
	}
	return rapid.SampledFrom(basicTypes).Draw(t, "basic")
}

// fill sets v to something.
func fill(t *rapid.T, v reflect.Value, depth int) {
	some := func() int { return rapid.IntRange(0, 3).Draw(t, "n") }
	switch v.Type() {
	case reflect.TypeFor[private]():
		v.Set(reflect.ValueOf(private{rapid.IntRange(0, 200).Draw(t, "private")}))
		return
	case reflect.TypeFor[wordy]():
		v.Set(reflect.ValueOf(wordy{rapid.String().Draw(t, "wordy")}))
		return
	case reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(rapid.Int64Range(-1<<33, 1<<33).Draw(t, "time"), 5).UTC()))
		return
	case reflect.TypeFor[big.Int]():
		v.Set(reflect.ValueOf(*big.NewInt(rapid.Int64().Draw(t, "big"))))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(t, "uint"))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(rapid.Float64().Draw(t, "float"))
	case reflect.Complex64, reflect.Complex128:
		v.SetComplex(complex(rapid.Float64().Draw(t, "re"), math.Copysign(0, -1)))
	case reflect.String:
		v.SetString(rapid.String().Draw(t, "string"))
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i), depth)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				fill(t, f, depth)
			} else if v.Type().Field(i).Anonymous {
				fillEmbedded(t, f, depth)
			}
		}
	case reflect.Slice:
		if n := some(); n > 0 && depth > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n+2))
			for i := range n - 1 {
				fill(t, v.Index(i), depth-1)
			}
		}
	case reflect.Map:
		if n := some(); n > 0 && depth > 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range n - 1 {
				key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				fill(t, key, depth-1)
				fill(t, elem, depth-1)
				v.SetMapIndex(key, elem)
			}
		}
	case reflect.Pointer:
		if depth > 0 && rapid.Bool().Draw(t, "pointer") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem(), depth-1)
		}
	case reflect.Interface:
		if depth > 0 && rapid.Bool().Draw(t, "any") {
			dynamics()
			typ := rapid.SampledFrom(dynamicOps.ops[:len(dynamicOps.ops)-1]).Draw(t, "dynamic").typ // not the map with keys of any kind
			elem := reflect.New(typ).Elem()
			fill(t, elem, depth-1)
			v.Set(elem)
		}
	}
}

// fillEmbedded sets the promoted fields of an embedded struct that is unexported.
func fillEmbedded(t *rapid.T, v reflect.Value, depth int) {
	for i := range v.NumField() {
		if f := v.Field(i); f.CanSet() {
			fill(t, f, depth)
		}
	}
}

func TestAnyValueOfAnyType(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := drawType(t, 3, false)
		v := reflect.New(typ).Elem()
		fill(t, v, 4)
		c, err := For(typ)
		if err != nil {
			t.Fatal(err)
		}
		msg, err := c.Append(nil, v, nil)
		if err != nil {
			t.Fatal(err)
		}
		into := reflect.New(typ).Elem()
		if err := c.Decode(msg, into, nil); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(into.Interface(), v.Interface()) {
			t.Fatalf("%v:\ngot  %#v\nwant %#v", typ, into, v)
		}
		portable, err := compile(typ, false)
		if err != nil || portable.Fingerprint() != c.Fingerprint() {
			t.Fatal("the portable plan differs:", err)
		}
		into.SetZero()
		if err := portable.Decode(msg, into, nil); err != nil || !reflect.DeepEqual(into.Interface(), v.Interface()) {
			t.Fatalf("portable: %v\ngot  %#v\nwant %#v", err, into, v)
		}
		// Each prefix is an error, and so is one byte more.
		cut := rapid.IntRange(0, len(msg)-1).Draw(t, "cut")
		if c.Decode(msg[:cut], into, nil) == nil || c.Decode(append(msg, 0), into, nil) == nil || !into.IsZero() {
			t.Fatalf("%v: %d of %d bytes, or one more, were accepted", typ, cut, len(msg))
		}
	})
}

func TestArbitraryBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := drawType(t, 3, false)
		c, err := For(typ)
		if err != nil {
			t.Fatal(err)
		}
		msg := rapid.SliceOfN(rapid.ByteRange(0, 8), 0, 60).Draw(t, "message")
		v := reflect.New(typ).Elem()
		if err := c.Decode(msg, v, nil); err != nil {
			return
		}
		again, err := c.Append(nil, v, nil)
		if err != nil {
			t.Fatalf("%v: decoded, and cannot be sent: %v", typ, err)
		}
		into := reflect.New(typ).Elem()
		if err := c.Decode(again, into, nil); err != nil {
			t.Fatal(err)
		}
	})
}
