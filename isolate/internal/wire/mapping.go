package wire

import (
	"encoding/binary"
	"reflect"
	"unsafe"
)

func (c *compiler) mapping(o *op) error {
	o.min = 1 // before the element's plan, which may read it
	if holdsPointer(o.typ.Key()) {
		return at(refuse(o.typ.Key(), "a copied pointer is another key; use an id"), "[key]")
	}
	key, err := c.plan(o.typ.Key())
	if err != nil {
		return at(err, "[key]")
	}
	elem, err := c.plan(o.typ.Elem())
	if err != nil {
		return at(err, "[]")
	}
	o.form, o.parts = "map", []*op{key, elem}
	if o.typ.Key() == reflect.TypeFor[string]() {
		switch o.typ.Elem() {
		case reflect.TypeFor[string]():
			stringMap[string](o, elem)
			return nil
		case reflect.TypeFor[any]():
			stringMap[any](o, elem)
			return nil
		case reflect.TypeFor[int]():
			stringMap[int](o, elem)
			return nil
		case reflect.TypeFor[float64]():
			stringMap[float64](o, elem)
			return nil
		}
	}
	anyMap(o, key, elem)
	return nil
}

func holdsPointer(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer:
		return !isHandle(t)
	case reflect.Array:
		return holdsPointer(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && holdsPointer(f.Type) {
				return true
			}
		}
	}
	return false
}

// begin writes a map's length. It says whether elements follow.
func (w *writer) begin(o, key, elem *op, m unsafe.Pointer, n int) (bool, error) {
	if m == nil {
		w.buf = append(w.buf, 0)
		return false, nil
	}
	if err := w.room(n, key.min+elem.min); err != nil {
		return false, err
	}
	w.buf = binary.AppendUvarint(w.buf, uint64(n)+1)
	return n > 0, w.enter(m, o, 0)
}

// anyMap is for maps of any type.
func anyMap(o, key, elem *op) {
	o.enc = func(w *writer, p unsafe.Pointer) error {
		m := reflect.NewAt(o.typ, p).Elem()
		id := m.UnsafePointer()
		more, err := w.begin(o, key, elem, id, m.Len())
		if id == nil || err != nil {
			return err
		}
		if more {
			k, v := reflect.New(key.typ), reflect.New(elem.typ)
			for it := m.MapRange(); it.Next(); {
				k.Elem().SetIterKey(it)
				v.Elem().SetIterValue(it)
				if err := key.enc(w, k.UnsafePointer()); err != nil {
					return at(err, "[key]")
				}
				if err := elem.enc(w, v.UnsafePointer()); err != nil {
					return at(err, keySegment(k.Elem()))
				}
			}
		}
		w.leave(id, o, 0)
		return nil
	}
	o.dec = func(r *reader, p unsafe.Pointer) error {
		m := reflect.NewAt(o.typ, p).Elem()
		m.SetZero()
		n, isNil, err := r.lengthOrNil(key.min + elem.min)
		if err != nil || isNil {
			return err
		}
		if err := r.enter(); err != nil {
			return err
		}
		m.Set(reflect.MakeMapWithSize(o.typ, r.hint(n, key.typ.Size()+elem.typ.Size())))
		k, v := reflect.New(key.typ), reflect.New(elem.typ)
		for range n {
			k.Elem().SetZero() // or decoding reuses the memory of the last element
			v.Elem().SetZero()
			if err := key.dec(r, k.UnsafePointer()); err != nil {
				return err
			}
			if !k.Elem().Comparable() {
				return malformed("a key that cannot be compared")
			}
			if err := elem.dec(r, v.UnsafePointer()); err != nil {
				return err
			}
			m.SetMapIndex(k.Elem(), v.Elem())
		}
		r.depth--
		return complete(m.Len(), n)
	}
}

// hint is n, or less if a map of that size were larger than the rest of the message: it
// will grow if the keys are really there.
func (r *reader) hint(n int, size uintptr) int {
	return min(n, 64+len(r.src)/(1+int(size)))
}

func complete(got, want int) error {
	if got != want {
		return malformed("%d keys of a map are there twice", want-got)
	}
	return nil
}

// stringMap is anyMap without reflect, for the maps that are sent most.
func stringMap[V any](o, elem *op) {
	key := o.parts[0]
	o.enc = func(w *writer, p unsafe.Pointer) error {
		m := *(*map[string]V)(p)
		id := *(*unsafe.Pointer)(p)
		more, err := w.begin(o, key, elem, id, len(m))
		if id == nil || err != nil {
			return err
		}
		if more {
			v := new(V)
			for k, value := range m {
				if err := w.room(len(k), 1); err != nil {
					return err
				}
				w.buf = appendString(w.buf, k)
				*v = value
				if err := elem.enc(w, unsafe.Pointer(v)); err != nil {
					return at(err, keySegment(reflect.ValueOf(k)))
				}
			}
		}
		w.leave(id, o, 0)
		return nil
	}
	o.dec = func(r *reader, p unsafe.Pointer) error {
		*(*map[string]V)(p) = nil
		n, isNil, err := r.lengthOrNil(key.min + elem.min)
		if err != nil || isNil {
			return err
		}
		if err := r.enter(); err != nil {
			return err
		}
		m := make(map[string]V, r.hint(n, key.typ.Size()+elem.typ.Size()))
		*(*map[string]V)(p) = m
		v := new(V)
		for range n {
			k, err := r.text()
			if err != nil {
				return err
			}
			if err := elem.dec(r, unsafe.Pointer(v)); err != nil {
				return err
			}
			m[k] = *v
		}
		r.depth--
		return complete(len(m), n)
	}
}
