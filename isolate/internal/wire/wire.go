// Package wire is how values travel between isolates: copied by construction.
//
// A [Codec] is the compiled plan of one Go type. What cannot be copied into another
// process is refused when the plan is made, with the path of the field; what only the
// value shows (a cycle, what an any holds) is refused when it is appended.
//
// # The copy
//
// It equals the original as reflect.DeepEqual sees it: nil and empty stay apart, NaN and
// -0 keep their bits. Two pointers to one value become two values. A slice's spare
// capacity stays behind. A type with unexported fields travels by its own MarshalBinary
// or MarshalText and is what that makes of it: a time.Time loses its monotonic reading
// and the name of its zone.
//
// # The format
//
// There are no names or types in it: both sides have the same plan, which
// [Codec.Fingerprint] is there to check. Numbers are little endian in their natural
// width, int and uint have 8 bytes. A string is its length (uvarint) and its bytes; a
// slice or map its length + 1 (0 is nil) and its elements; a pointer 0, or 1 and its
// value; an any a tag and its value. Every value has at least one byte, so a length can
// be checked against the bytes that are left before anything is allocated.
package wire

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unsafe"
)

const (
	// MaxSize is the largest encoding of a message, in bytes.
	MaxSize = 1 << 30
	// MaxDepth is how deep pointers, slices, maps and anys may be nested.
	MaxDepth = 10_000
)

var (
	// ErrMalformed is in every error about bytes that are no message of the type.
	ErrMalformed = errors.New("malformed message")
	// ErrTooLarge: the encoding would be larger than MaxSize.
	ErrTooLarge = errors.New("message is larger than 1 GiB")
)

// A Handle is a value that travels by reference: a port, a capability, a transfer
// buffer. A zero Handle needs no reference and arrives as a zero Handle. WireKind
// depends on the type only, and must work on its zero value.
type Handle interface{ WireKind() string }

// Handles is one link's table of references. Append calls Export also for a message
// that turns out to be unsendable in a later field: undo what a failed message exported.
type Handles interface {
	// Export returns the reference that stands for v, a Handle, on this link.
	Export(v any) (id uint64, err error)
	// Import sets into, which is of the Handle's type or an any, to what id stands for.
	Import(kind string, id uint64, into reflect.Value) error
}

// Codec encodes and decodes the values of one type. It may be used by many goroutines.
type Codec struct {
	root  *op
	print uint64
}

type cached struct {
	codec *Codec
	err   error
}

var codecs sync.Map // reflect.Type: cached

// For returns the codec of a type, cached. The error is an [*UnsendableError].
func For(t reflect.Type) (*Codec, error) {
	if c, ok := codecs.Load(t); ok {
		c := c.(cached)
		return c.codec, c.err
	}
	codec, err := compile(t, littleEndian)
	c, _ := codecs.LoadOrStore(t, cached{codec, err})
	return c.(cached).codec, c.(cached).err
}

// Type is the type that the codec is for.
func (c *Codec) Type() reflect.Type { return c.root.typ }

// Fingerprint is a hash of the type's shape: the kinds and the names of its fields, all
// the way down, and the names of the types that encode themselves. Two processes may
// exchange messages if theirs are equal.
func (c *Codec) Fingerprint() uint64 { return c.print }

// Append appends the encoding of v to dst. The error is an [*UnsendableError], or
// ErrTooLarge; dst is returned as it was then. With nil Handles, a Handle is an error.
func (c *Codec) Append(dst []byte, v reflect.Value, h Handles) ([]byte, error) {
	if !v.IsValid() || v.Type() != c.root.typ {
		return dst, fmt.Errorf("wire: the codec of %v was given a %s", c.root.typ, v.Kind())
	}
	if !v.CanAddr() {
		copied := reflect.New(c.root.typ).Elem()
		copied.Set(v)
		v = copied
	}
	return c.append(dst, v.Addr().UnsafePointer(), h)
}

var writers = sync.Pool{New: func() any { return new(writer) }}

func (c *Codec) append(dst []byte, p unsafe.Pointer, h Handles) ([]byte, error) {
	if c.root.flat {
		return append(dst, memory(p, c.root.typ.Size())...), nil
	}
	w := writers.Get().(*writer)
	*w = writer{buf: dst, start: len(dst), handles: h}
	err := c.root.enc(w, p)
	if err == nil && len(w.buf)-w.start > MaxSize {
		err = ErrTooLarge
	}
	buf := w.buf
	*w = writer{}
	writers.Put(w)
	if err == nil {
		return buf, nil
	}
	if errors.Is(err, errCycle) {
		err = cycleError(reflect.NewAt(c.root.typ, p).Elem())
	}
	return dst, named(err, c.root.typ)
}

// Decode sets into, which is of the codec's type and can be set, to the message in src.
// Nothing of src is kept. It allocates what src holds, in Go's form: at most some 24
// times len(src), for a slice of nil slices. What into points to is not written to, with one exception:
// slices of numbers, such as []byte, reuse the memory that into has for them, if it is
// large enough; give it a zero value to get a fresh one. After an error, which is
// ErrMalformed or a Handle's, into is zero.
func (c *Codec) Decode(src []byte, into reflect.Value, h Handles) error {
	if !into.IsValid() || into.Type() != c.root.typ || !into.CanSet() {
		return fmt.Errorf("wire: the codec of %v cannot decode into a %s", c.root.typ, into.Kind())
	}
	return c.decode(src, into.Addr().UnsafePointer(), h)
}

var readers = sync.Pool{New: func() any { return new(reader) }}

func (c *Codec) decode(src []byte, p unsafe.Pointer, h Handles) error {
	r := readers.Get().(*reader)
	*r = reader{src: src, handles: h}
	err := c.root.dec(r, p)
	if err == nil && len(r.src) > 0 {
		err = malformed("%d bytes too many", len(r.src))
	}
	at := len(src) - len(r.src)
	*r = reader{}
	readers.Put(r)
	if err != nil {
		reflect.NewAt(c.root.typ, p).Elem().SetZero()
		return fmt.Errorf("message for %s: at byte %d of %d: %w", rootName(c.root.typ), at, len(src), err)
	}
	return nil
}

// rootName is how a path begins.
func rootName(t reflect.Type) string {
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	if name == "" {
		return "message"
	}
	return name
}
