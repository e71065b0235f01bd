package wire

import (
	"encoding"
	"encoding/binary"
	"reflect"
	"unsafe"
)

// ownOp is for a type that encodes itself, if it can be decoded too. Binary comes
// before text, as it is the smaller one.
func ownOp(o *op) bool {
	p := reflect.PointerTo(o.typ) // has the methods of both
	has := func(iface reflect.Type) bool { return p.Implements(iface) }
	var enc func(v any, dst []byte) ([]byte, error)
	binaryForm := has(reflect.TypeFor[encoding.BinaryUnmarshaler]())
	switch {
	case binaryForm && has(reflect.TypeFor[encoding.BinaryAppender]()):
		enc = func(v any, dst []byte) ([]byte, error) { return v.(encoding.BinaryAppender).AppendBinary(dst) }
	case binaryForm && has(reflect.TypeFor[encoding.BinaryMarshaler]()):
		enc = func(v any, dst []byte) ([]byte, error) {
			b, err := v.(encoding.BinaryMarshaler).MarshalBinary()
			return append(dst, b...), err
		}
	case has(reflect.TypeFor[encoding.TextUnmarshaler]()) && has(reflect.TypeFor[encoding.TextAppender]()):
		binaryForm = false
		enc = func(v any, dst []byte) ([]byte, error) { return v.(encoding.TextAppender).AppendText(dst) }
	case has(reflect.TypeFor[encoding.TextUnmarshaler]()) && has(reflect.TypeFor[encoding.TextMarshaler]()):
		binaryForm = false
		enc = func(v any, dst []byte) ([]byte, error) {
			b, err := v.(encoding.TextMarshaler).MarshalText()
			return append(dst, b...), err
		}
	default:
		return false
	}
	o.form, o.min = "own "+o.typ.PkgPath()+"."+o.typ.Name(), 1
	o.enc = func(w *writer, p unsafe.Pointer) error {
		v := reflect.NewAt(o.typ, p).Interface()
		mark := len(w.buf)
		buf, err := enc(v, append(w.buf, 0)) // most need one byte for their length
		if err != nil {
			return refuseBecause(o.typ, err)
		}
		if len(buf) <= mark {
			return refuse(o.typ, "its append method returned less than it was given")
		}
		w.buf = buf
		w.setLength(mark)
		return nil
	}
	o.dec = func(r *reader, p unsafe.Pointer) error {
		n, err := r.length(1)
		if err != nil {
			return err
		}
		b, err := r.take(n)
		if err != nil {
			return err
		}
		at := reflect.NewAt(o.typ, p)
		at.Elem().SetZero()
		if binaryForm {
			err = at.Interface().(encoding.BinaryUnmarshaler).UnmarshalBinary(b)
		} else {
			err = at.Interface().(encoding.TextUnmarshaler).UnmarshalText(b)
		}
		if err != nil {
			return malformed("%v: %v", o.typ, err)
		}
		return nil
	}
	return true
}

// setLength writes the length of what follows the byte at mark, where it may need more
// than that byte.
func (w *writer) setLength(mark int) {
	n := uint64(len(w.buf) - mark - 1)
	if n < 0x80 {
		w.buf[mark] = byte(n)
		return
	}
	var length [binary.MaxVarintLen64]byte
	size := binary.PutUvarint(length[:], n)
	w.buf = append(w.buf, length[1:size]...) // room
	copy(w.buf[mark+size:], w.buf[mark+1:])
	copy(w.buf[mark:], length[:size])
}
