package wire

import (
	"encoding/binary"
	"reflect"
	"unsafe"
)

// littleEndian is true if numbers lie in memory as they are encoded.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// memory is n bytes from p.
func memory(p unsafe.Pointer, n uintptr) []byte { return unsafe.Slice((*byte)(p), n) }

func (c *compiler) number(o *op) {
	kind := o.typ.Kind()
	size := int(o.typ.Size())
	o.form, o.min = kind.String(), size
	if kind == reflect.Int || kind == reflect.Uint {
		o.min = 8
		if size != 8 {
			shortInt(o, kind == reflect.Int)
			return
		}
	}
	if c.native || size == 1 {
		flatOp(o)
		return
	}
	half := size
	if kind == reflect.Complex64 || kind == reflect.Complex128 {
		half = size / 2
	}
	swapped(o, half)
}

// flatOp is for what only needs to be copied.
func flatOp(o *op) {
	size := o.typ.Size()
	o.flat, o.min = true, int(size)
	o.enc = func(w *writer, p unsafe.Pointer) error {
		w.buf = append(w.buf, memory(p, size)...)
		return nil
	}
	o.dec = func(r *reader, p unsafe.Pointer) error {
		b, err := r.take(int(size))
		copy(memory(p, size), b)
		return err
	}
}

// swapped is for numbers of one or two words of another byte order.
func swapped(o *op, word int) {
	size := o.typ.Size()
	o.enc = func(w *writer, p unsafe.Pointer) error {
		for b := memory(p, size); len(b) > 0; b = b[word:] {
			switch word {
			case 2:
				w.buf = binary.LittleEndian.AppendUint16(w.buf, binary.NativeEndian.Uint16(b))
			case 4:
				w.buf = binary.LittleEndian.AppendUint32(w.buf, binary.NativeEndian.Uint32(b))
			case 8:
				w.buf = binary.LittleEndian.AppendUint64(w.buf, binary.NativeEndian.Uint64(b))
			}
		}
		return nil
	}
	o.dec = func(r *reader, p unsafe.Pointer) error {
		src, err := r.take(int(size))
		if err != nil {
			return err
		}
		for b := memory(p, size); len(b) > 0; b, src = b[word:], src[word:] {
			switch word {
			case 2:
				binary.NativeEndian.PutUint16(b, binary.LittleEndian.Uint16(src))
			case 4:
				binary.NativeEndian.PutUint32(b, binary.LittleEndian.Uint32(src))
			case 8:
				binary.NativeEndian.PutUint64(b, binary.LittleEndian.Uint64(src))
			}
		}
		return nil
	}
}

// shortInt is for int and uint where they have 32 bits.
func shortInt(o *op, signed bool) {
	o.enc = func(w *writer, p unsafe.Pointer) error {
		n := uint64(*(*uint)(p))
		if signed {
			n = uint64(*(*int)(p))
		}
		w.buf = binary.LittleEndian.AppendUint64(w.buf, n)
		return nil
	}
	o.dec = func(r *reader, p unsafe.Pointer) error {
		b, err := r.take(8)
		if err != nil {
			return err
		}
		n := binary.LittleEndian.Uint64(b)
		if signed && int64(int(n)) != int64(n) || !signed && uint64(uint(n)) != n {
			return malformed("%d does not fit %v", n, o.typ)
		}
		*(*uint)(p) = uint(n)
		return nil
	}
}

func boolOp(o *op) {
	o.form, o.min = "bool", 1
	o.enc = func(w *writer, p unsafe.Pointer) error {
		var b byte
		if *(*bool)(p) {
			b = 1
		}
		w.buf = append(w.buf, b)
		return nil
	}
	o.dec = func(r *reader, p unsafe.Pointer) (err error) {
		*(*bool)(p), err = r.flag()
		return err
	}
}

func stringOp(o *op) {
	o.form, o.min = "string", 1
	o.enc = func(w *writer, p unsafe.Pointer) error {
		s := *(*string)(p)
		if err := w.room(len(s), 1); err != nil {
			return err
		}
		w.buf = appendString(w.buf, s)
		return nil
	}
	o.dec = func(r *reader, p unsafe.Pointer) (err error) {
		*(*string)(p), err = r.text()
		return err
	}
}
