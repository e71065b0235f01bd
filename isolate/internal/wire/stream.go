package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"
)

// writer is the state of one Append.
type writer struct {
	buf     []byte
	start   int // of the message in buf
	handles Handles
	depth   int
	inside  map[visit]bool // where the writer is, once it is deep
}

// visit is a pointer that the writer follows, as what it follows it, since a struct and
// its first field share their address.
type visit struct {
	p  unsafe.Pointer
	op *op
	n  int
}

// watchDepth is where the search for cycles begins: few messages are that deep.
const watchDepth = 64

var errCycle = errors.New("cycle")

func (w *writer) enter(p unsafe.Pointer, o *op, n int) error {
	w.depth++
	switch {
	case len(w.buf)-w.start > MaxSize: // values that share a lot double with each level
		return ErrTooLarge
	case w.depth <= watchDepth:
		return nil
	case w.depth > MaxDepth:
		return refuse(o.typ, fmt.Sprintf("it is nested deeper than %d levels; send a long list as a slice", MaxDepth))
	}
	v := visit{p, o, n}
	if w.inside[v] {
		return errCycle
	}
	if w.inside == nil {
		w.inside = map[visit]bool{}
	}
	w.inside[v] = true
	return nil
}

func (w *writer) leave(p unsafe.Pointer, o *op, n int) {
	if w.depth > watchDepth {
		delete(w.inside, visit{p, o, n})
	}
	w.depth--
}

// room refuses n values of at least size bytes that cannot fit.
func (w *writer) room(n, size int) error {
	if n > (MaxSize-(len(w.buf)-w.start))/size {
		return ErrTooLarge
	}
	return nil
}

func appendBytes(dst, b []byte) []byte {
	if b == nil {
		return append(dst, 0)
	}
	return append(binary.AppendUvarint(dst, uint64(len(b))+1), b...)
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// reader is the state of one Decode. It eats src.
type reader struct {
	src     []byte
	handles Handles
	depth   int
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

func (r *reader) enter() error {
	if r.depth++; r.depth > MaxDepth {
		return malformed("nested deeper than %d levels", MaxDepth)
	}
	return nil
}

// take returns the next n bytes. They belong to the sender of the message.
func (r *reader) take(n int) ([]byte, error) {
	if n > len(r.src) {
		return nil, malformed("%d bytes where %d are needed", len(r.src), n)
	}
	b := r.src[:n:n]
	r.src = r.src[n:]
	return b, nil
}

// flag reads a byte that is 0 or 1.
func (r *reader) flag() (bool, error) {
	b, err := r.take(1)
	if err != nil {
		return false, err
	}
	if b[0] > 1 {
		return false, malformed("byte %#x where 0 or 1 is needed", b[0])
	}
	return b[0] == 1, nil
}

func (r *reader) uvarint() (uint64, error) {
	n, size := binary.Uvarint(r.src)
	if size <= 0 {
		return 0, malformed("no number")
	}
	r.src = r.src[size:]
	return n, nil
}

// length reads the length of what has at least size bytes for each.
func (r *reader) length(size int) (int, error) {
	n, err := r.uvarint()
	if err != nil {
		return 0, err
	}
	if n > uint64(len(r.src)/size) {
		return 0, malformed("length %d, and %d bytes are left", n, len(r.src))
	}
	return int(n), nil
}

// lengthOrNil reads a length + 1, or 0 for nil.
func (r *reader) lengthOrNil(size int) (n int, isNil bool, err error) {
	first, err := r.uvarint()
	if err != nil || first == 0 {
		return 0, err == nil, err
	}
	if first-1 > uint64(len(r.src)/size) {
		return 0, false, malformed("length %d, and %d bytes are left", first-1, len(r.src))
	}
	return int(first - 1), false, nil
}

func (r *reader) text() (string, error) {
	n, err := r.length(1)
	if err != nil {
		return "", err
	}
	b, err := r.take(n)
	return string(b), err
}
