package wire

import (
	"reflect"
	"unsafe"
)

// step is a field, or with a nil op a run of fields that are flat and adjacent.
type step struct {
	offset, size uintptr
	op           *op
	name         string
}

func (c *compiler) record(o *op) error {
	o.form, o.names = "struct", []string{}
	var steps []step
	for i := range o.typ.NumField() {
		f := o.typ.Field(i)
		if f.Name == "_" {
			if reflect.PointerTo(f.Type).Implements(typeLocker) {
				return at(refuse(f.Type, "it marks its struct as one that must not be copied"), "._")
			}
			continue
		}
		part, err := c.plan(f.Type)
		if err != nil {
			return at(err, "."+f.Name)
		}
		if !f.IsExported() && !promotes(f) {
			return at(refuse(f.Type, "an unexported field would be lost; export it, or give "+o.typ.String()+
				" MarshalBinary and UnmarshalBinary"), "."+f.Name)
		}
		o.parts, o.names = append(o.parts, part), append(o.names, f.Name)
		if part.min > MaxSize-o.min {
			return refuse(o.typ, ErrTooLarge.Error())
		}
		o.min += part.min
		s := step{f.Offset, f.Type.Size(), part, f.Name}
		if part.flat {
			s.op = nil
			if n := len(steps); n > 0 && steps[n-1].op == nil && steps[n-1].offset+steps[n-1].size == s.offset {
				steps[n-1].size += s.size
				continue
			}
		}
		steps = append(steps, s)
	}
	switch {
	case len(steps) == 0:
		emptyOp(o)
	case len(steps) == 1 && steps[0].op == nil && steps[0].size == o.typ.Size():
		flatOp(o)
	default:
		recordOp(o, steps)
	}
	return nil
}

// promotes tells whether the exported fields of an embedded, unexported struct are
// fields of the outer one.
func promotes(f reflect.StructField) bool {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return f.Anonymous && t.Kind() == reflect.Struct
}

func recordOp(o *op, steps []step) {
	o.enc = func(w *writer, p unsafe.Pointer) error {
		for i := range steps {
			s := &steps[i]
			if s.op == nil {
				w.buf = append(w.buf, memory(unsafe.Add(p, s.offset), s.size)...)
			} else if err := s.op.enc(w, unsafe.Add(p, s.offset)); err != nil {
				return at(err, "."+s.name)
			}
		}
		return nil
	}
	o.dec = func(r *reader, p unsafe.Pointer) error {
		for i := range steps {
			s := &steps[i]
			if s.op == nil {
				b, err := r.take(int(s.size))
				if err != nil {
					return err
				}
				copy(memory(unsafe.Add(p, s.offset), s.size), b)
			} else if err := s.op.dec(r, unsafe.Add(p, s.offset)); err != nil {
				return err
			}
		}
		return nil
	}
}

// emptyOp is for what holds nothing: a byte that stands for it bounds how many there are.
func emptyOp(o *op) {
	o.min = 1
	o.enc = func(w *writer, _ unsafe.Pointer) error {
		w.buf = append(w.buf, 0)
		return nil
	}
	o.dec = func(r *reader, _ unsafe.Pointer) error {
		b, err := r.take(1)
		if err == nil && b[0] != 0 {
			err = malformed("byte %#x where 0 is needed", b[0])
		}
		return err
	}
}

func (c *compiler) pointer(o *op) error {
	o.min = 1 // before the element's plan, which may read it
	elem, err := c.plan(o.typ.Elem())
	if err != nil {
		return err
	}
	o.form, o.parts = "pointer", []*op{elem}
	o.enc = func(w *writer, p unsafe.Pointer) error {
		q := *(*unsafe.Pointer)(p)
		if q == nil {
			w.buf = append(w.buf, 0)
			return nil
		}
		if err := w.enter(q, o, 0); err != nil {
			return err
		}
		w.buf = append(w.buf, 1)
		err := elem.enc(w, q)
		w.leave(q, o, 0)
		return err
	}
	o.dec = func(r *reader, p unsafe.Pointer) error {
		*(*unsafe.Pointer)(p) = nil
		set, err := r.flag()
		if err != nil || !set {
			return err
		}
		if len(r.src) < elem.min {
			return malformed("%d bytes where %d are needed", len(r.src), elem.min)
		}
		if err := r.enter(); err != nil {
			return err
		}
		q := reflect.New(elem.typ).UnsafePointer()
		*(*unsafe.Pointer)(p) = q
		err = elem.dec(r, q)
		r.depth--
		return err
	}
	return nil
}
