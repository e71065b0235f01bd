package wire

import (
	"encoding/binary"
	"reflect"
	"unsafe"
)

var typeHandle = reflect.TypeFor[Handle]()

// isHandle is also false for the pointer to a Handle: that is a pointer like others.
func isHandle(t reflect.Type) bool {
	if t.Kind() == reflect.Interface || !t.Implements(typeHandle) {
		return false
	}
	return t.Kind() != reflect.Pointer || !t.Elem().Implements(typeHandle)
}

func kindOf(t reflect.Type) string {
	zero := reflect.Zero(t)
	if t.Kind() == reflect.Pointer {
		zero = reflect.New(t.Elem())
	}
	return zero.Interface().(Handle).WireKind()
}

func handleOp(o *op) {
	kind := kindOf(o.typ)
	o.form, o.min = "handle "+kind, 1
	o.enc = func(w *writer, p unsafe.Pointer) error {
		v := reflect.NewAt(o.typ, p).Elem()
		if v.IsZero() {
			w.buf = append(w.buf, 0)
			return nil
		}
		w.buf = append(w.buf, 1)
		return w.export(v.Interface())
	}
	o.dec = func(r *reader, p unsafe.Pointer) error {
		into := reflect.NewAt(o.typ, p).Elem()
		into.SetZero()
		set, err := r.flag()
		if err != nil || !set {
			return err
		}
		return r.importTo(kind, into)
	}
}

func (w *writer) export(v any) error {
	if w.handles == nil {
		return refuse(reflect.TypeOf(v), "it travels by reference, and there is no link to the receiver here")
	}
	id, err := w.handles.Export(v)
	if err != nil {
		return refuseBecause(reflect.TypeOf(v), err)
	}
	w.buf = binary.AppendUvarint(w.buf, id)
	return nil
}

func (r *reader) importTo(kind string, into reflect.Value) error {
	id, err := r.uvarint()
	if err != nil {
		return err
	}
	if r.handles == nil {
		return malformed("it holds a %.40q, which needs a link", kind)
	}
	return r.handles.Import(kind, id, into)
}

// exportAny also writes the kind: an any does not say it.
func (w *writer) exportAny(v Handle) error {
	if reflect.ValueOf(v).IsZero() {
		return refuse(reflect.TypeOf(v), "it is zero, and an any cannot say which type of handle is not there; leave the any nil")
	}
	w.buf = appendString(w.buf, v.WireKind())
	return w.export(v)
}

func (r *reader) importAny(into *any) error {
	kind, err := r.text()
	if err != nil {
		return err
	}
	return r.importTo(kind, reflect.ValueOf(into).Elem())
}
