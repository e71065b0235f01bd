package wire

import (
	"encoding/binary"
	"math"
	"reflect"
	"sync"
	"time"
	"unsafe"
)

// Tags of an any. The types of dynamicTypes follow in their order, which
// formatVersion stands for.
const (
	tagNil = iota
	tagHandle
	tagTypes
)

// Indices of dynamicTypes that have a short way.
const (
	tagBool = tagTypes + iota
	tagString
	tagInt
	tagFloat64
)

// dynamicTypes are what an any may hold, each also as a slice and as a map from string.
var dynamicTypes = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[float64](),
	reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](), reflect.TypeFor[int64](),
	reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](),
	reflect.TypeFor[float32](), reflect.TypeFor[complex64](), reflect.TypeFor[complex128](),
	reflect.TypeFor[time.Time](), reflect.TypeFor[time.Duration](),
}

type dynamic struct {
	ops  []*op // by tag - tagTypes
	tags map[reflect.Type]byte
}

var (
	dynamicOnce sync.Once
	dynamicOps  dynamic
)

// dynamics makes the plans when the first is used: they hold anys too.
func dynamics() *dynamic {
	dynamicOnce.Do(func() {
		types := append([]reflect.Type(nil), dynamicTypes...)
		for _, t := range append(types, reflect.TypeFor[any]()) {
			types = append(types, reflect.SliceOf(t), reflect.MapOf(reflect.TypeFor[string](), t))
		}
		types = append(types, reflect.TypeFor[map[any]any]())
		c := compiler{native: littleEndian, ops: map[reflect.Type]*op{}}
		dynamicOps.tags = map[reflect.Type]byte{}
		for i, t := range types {
			o, err := c.plan(t)
			if err != nil {
				panic(err) // a mistake in dynamicTypes
			}
			dynamicOps.ops = append(dynamicOps.ops, o)
			dynamicOps.tags[t] = byte(tagTypes + i)
		}
	})
	return &dynamicOps
}

func anyOp(o *op) {
	o.form, o.min = "any", 1
	o.enc = func(w *writer, p unsafe.Pointer) error {
		switch v := (*(*any)(p)).(type) {
		case nil:
			w.buf = append(w.buf, tagNil)
		case bool:
			var b byte
			if v {
				b = 1
			}
			w.buf = append(w.buf, tagBool, b)
		case string:
			if err := w.room(len(v), 1); err != nil {
				return err
			}
			w.buf = appendString(append(w.buf, tagString), v)
		case int:
			w.buf = binary.LittleEndian.AppendUint64(append(w.buf, tagInt), uint64(v))
		case float64:
			w.buf = binary.LittleEndian.AppendUint64(append(w.buf, tagFloat64), math.Float64bits(v))
		default:
			return w.dynamic(v)
		}
		return nil
	}
	o.dec = func(r *reader, p unsafe.Pointer) error {
		*(*any)(p) = nil
		tag, err := r.take(1)
		if err != nil {
			return err
		}
		switch tag[0] {
		case tagNil:
			return nil
		case tagHandle:
			return r.importAny((*any)(p))
		}
		d := dynamics()
		i := int(tag[0]) - tagTypes
		if i >= len(d.ops) {
			return malformed("unknown tag %d in an any", tag[0])
		}
		if err := r.enter(); err != nil {
			return err
		}
		v := reflect.New(d.ops[i].typ)
		if err := d.ops[i].dec(r, v.UnsafePointer()); err != nil {
			return err
		}
		*(*any)(p) = v.Elem().Interface()
		r.depth--
		return nil
	}
}

// dynamic encodes what has no short way.
func (w *writer) dynamic(v any) error {
	d := dynamics()
	t := reflect.TypeOf(v)
	if isHandle(t) {
		w.buf = append(w.buf, tagHandle)
		return w.exportAny(v.(Handle))
	}
	tag, ok := d.tags[t]
	if !ok {
		if why := refusal(t); why != "" {
			return refuse(t, why)
		}
		if k := t.Kind(); k == reflect.Chan || k == reflect.Func {
			return kindRefusal(t)
		}
		return refuse(t, "an any carries basic types, slices of them, maps from string to them, and handles; use the type itself for the field")
	}
	o := d.ops[tag-tagTypes]
	w.buf = append(w.buf, tag)
	copied := reflect.New(t)
	copied.Elem().Set(reflect.ValueOf(v))
	return o.enc(w, copied.UnsafePointer())
}
