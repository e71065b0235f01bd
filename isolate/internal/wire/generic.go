package wire

import (
	"encoding/binary"
	"reflect"
	"unsafe"
)

// Encode is [Codec.Append] for a type that is known when the program is compiled.
// Bytes, strings and ints take no detour through a plan.
func Encode[T any](dst []byte, v T, h Handles) ([]byte, error) {
	switch p := any(&v).(type) { // not any(v): T may be an interface
	case *[]byte:
		if len(*p) < MaxSize {
			return appendBytes(dst, *p), nil
		}
	case *string:
		if len(*p) < MaxSize {
			return appendString(dst, *p), nil
		}
	case *int:
		return binary.LittleEndian.AppendUint64(dst, uint64(*p)), nil
	case *int64:
		return binary.LittleEndian.AppendUint64(dst, uint64(*p)), nil
	case *uint64:
		return binary.LittleEndian.AppendUint64(dst, *p), nil
	}
	return encodePlanned(dst, v, h)
}

// encodePlanned is apart, because v moves to the heap here.
func encodePlanned[T any](dst []byte, v T, h Handles) ([]byte, error) {
	c, err := For(reflect.TypeFor[T]())
	if err != nil {
		return dst, err
	}
	return c.append(dst, unsafe.Pointer(&v), h)
}

// Decode is [Codec.Decode] into a fresh value of a type that is known when the program
// is compiled.
func Decode[T any](src []byte, h Handles) (T, error) {
	var v T
	if decodeSimple(src, any(&v)) {
		return v, nil
	}
	return decodePlanned[T](src, h)
}

// decodeSimple does what needs no plan. What does not fit is left to the plan, which
// makes the error.
func decodeSimple(src []byte, v any) bool {
	switch p := v.(type) {
	case *[]byte:
		n, size := binary.Uvarint(src)
		if size <= 0 || n == 0 || n-1 != uint64(len(src)-size) {
			return false
		}
		*p = append([]byte{}, src[size:]...)
	case *string:
		n, size := binary.Uvarint(src)
		if size <= 0 || n != uint64(len(src)-size) {
			return false
		}
		*p = string(src[size:])
	case *int:
		if len(src) != 8 {
			return false
		}
		n := int64(binary.LittleEndian.Uint64(src))
		*p = int(n)
		return int64(*p) == n
	case *int64:
		if len(src) != 8 {
			return false
		}
		*p = int64(binary.LittleEndian.Uint64(src))
	case *uint64:
		if len(src) != 8 {
			return false
		}
		*p = binary.LittleEndian.Uint64(src)
	default:
		return false
	}
	return true
}

func decodePlanned[T any](src []byte, h Handles) (T, error) {
	var v T
	c, err := For(reflect.TypeFor[T]())
	if err != nil {
		return v, err
	}
	err = c.decode(src, unsafe.Pointer(&v), h)
	return v, err
}
