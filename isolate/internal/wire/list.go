package wire

import (
	"encoding/binary"
	"reflect"
	"strconv"
	"unsafe"
)

// header is a slice of any type.
type header struct {
	data     unsafe.Pointer
	len, cap int
}

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

func (c *compiler) array(o *op) error {
	elem, err := c.plan(o.typ.Elem())
	if err != nil {
		return at(err, "[]")
	}
	n := o.typ.Len()
	o.form, o.parts = "array"+strconv.Itoa(n), []*op{elem}
	switch {
	case n == 0:
		emptyOp(o)
		return nil
	case n > MaxSize/elem.min:
		return refuse(o.typ, ErrTooLarge.Error())
	case elem.flat:
		flatOp(o)
		return nil
	}
	size := elem.typ.Size()
	o.min = n * elem.min
	o.enc = func(w *writer, p unsafe.Pointer) error {
		for i := range n {
			if err := elem.enc(w, unsafe.Add(p, uintptr(i)*size)); err != nil {
				return at(err, index(i))
			}
		}
		return nil
	}
	o.dec = func(r *reader, p unsafe.Pointer) error {
		for i := range n {
			if err := elem.dec(r, unsafe.Add(p, uintptr(i)*size)); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}

func (c *compiler) list(o *op) error {
	o.min = 1 // before the element's plan, which may read it
	elem, err := c.plan(o.typ.Elem())
	if err != nil {
		return at(err, "[]")
	}
	o.form, o.parts = "slice", []*op{elem}
	if elem.flat {
		flatList(o, elem)
		return nil
	}
	size := elem.typ.Size()
	o.enc = func(w *writer, p unsafe.Pointer) error {
		s := *(*header)(p)
		if s.data == nil {
			w.buf = append(w.buf, 0)
			return nil
		}
		if err := w.room(s.len, elem.min); err != nil {
			return err
		}
		w.buf = binary.AppendUvarint(w.buf, uint64(s.len)+1)
		if s.len == 0 {
			return nil
		}
		if err := w.enter(s.data, o, s.len); err != nil {
			return err
		}
		for i := range s.len {
			if err := elem.enc(w, unsafe.Add(s.data, uintptr(i)*size)); err != nil {
				return at(err, index(i))
			}
		}
		w.leave(s.data, o, s.len)
		return nil
	}
	o.dec = func(r *reader, p unsafe.Pointer) error {
		n, isNil, err := r.lengthOrNil(elem.min)
		if err != nil {
			return err
		}
		if isNil || n == 0 {
			setEmpty(p, isNil)
			return nil
		}
		if err := r.enter(); err != nil {
			return err
		}
		s := reflect.NewAt(o.typ, p).Elem()
		s.SetZero()
		s.Grow(n)
		s.SetLen(n)
		data := s.UnsafePointer()
		for i := range n {
			if err := elem.dec(r, unsafe.Add(data, uintptr(i)*size)); err != nil {
				return err
			}
		}
		r.depth--
		return nil
	}
	return nil
}

func setEmpty(p unsafe.Pointer, isNil bool) {
	*(*header)(p) = header{}
	if !isNil {
		(*header)(p).data = unsafe.Pointer(unsafe.SliceData([]byte{}))
	}
}

// flatList copies all elements at once.
func flatList(o, elem *op) {
	size := elem.typ.Size()
	align := elem.typ.Align()
	o.enc = func(w *writer, p unsafe.Pointer) error {
		s := *(*header)(p)
		if s.data == nil {
			w.buf = append(w.buf, 0)
			return nil
		}
		if err := w.room(s.len, int(size)); err != nil {
			return err
		}
		w.buf = binary.AppendUvarint(w.buf, uint64(s.len)+1)
		w.buf = append(w.buf, memory(s.data, uintptr(s.len)*size)...)
		return nil
	}
	o.dec = func(r *reader, p unsafe.Pointer) error {
		n, isNil, err := r.lengthOrNil(int(size))
		if err != nil {
			return err
		}
		s := (*header)(p)
		if isNil || n == 0 && s.cap == 0 {
			setEmpty(p, isNil)
			return nil
		}
		b, err := r.take(n * int(size))
		if err != nil {
			return err
		}
		if n <= s.cap {
			s.len = n
			copy(memory(s.data, uintptr(len(b))), b)
			return nil
		}
		switch align {
		case 1:
			*s = cloned[byte](b, size)
		case 2:
			*s = cloned[uint16](b, size)
		case 4:
			*s = cloned[uint32](b, size)
		default:
			*s = cloned[uint64](b, size)
		}
		return nil
	}
}

// cloned copies b, which is not empty, into new memory that is aligned for W and holds
// elements of the given size. Append does not clear that memory first, as make would.
func cloned[W any](b []byte, size uintptr) header {
	var word W
	n := len(b) / int(unsafe.Sizeof(word))
	c := append([]W(nil), unsafe.Slice((*W)(unsafe.Pointer(unsafe.SliceData(b))), n)...)
	return header{
		data: unsafe.Pointer(unsafe.SliceData(c)),
		len:  len(b) / int(size),
		cap:  cap(c) * int(unsafe.Sizeof(word)) / int(size),
	}
}
