package plist

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"strconv"
	"time"
	"unicode/utf16"

	"github.com/lullwork/lull/internal/check/finding"
)

// binaryReader reads the binary form: objects, a table of their offsets, and a trailer.
type binaryReader struct {
	src     []byte
	at      finding.Place
	offset  int // size of an offset
	ref     int // size of a reference to an object
	count   int // objects
	table   int // where the offsets are
	scalars map[int]*Value
	left    int
}

func readBinary(path string, src []byte) (f *File, err error) {
	defer catch(path, &err)
	const trailer = 32
	end := len(src) - trailer
	if end < 8 {
		fail(1, "is a binary property list that is cut off")
	}
	tail := src[end:]
	r := &binaryReader{
		src: src[:end], at: finding.Place{File: path, Line: 1, Column: 1},
		offset: int(tail[6]), ref: int(tail[7]), scalars: map[int]*Value{}, left: maxValues,
	}
	count, top, table := binary.BigEndian.Uint64(tail[8:]), binary.BigEndian.Uint64(tail[16:]), binary.BigEndian.Uint64(tail[24:])
	if r.offset < 1 || r.offset > 8 || r.ref < 1 || r.ref > 8 || table > uint64(end) || count > uint64(end) ||
		top >= count || count*uint64(r.offset) > uint64(end)-table {
		broken()
	}
	r.count, r.table = int(count), int(table)
	return &File{Path: path, Root: r.value(int(top), 0)}, nil
}

func broken() { fail(1, "is a binary property list that is broken") }

// bytes returns n bytes at an offset.
func (r *binaryReader) bytes(at, n int) []byte {
	if at < 0 || n < 0 || at > len(r.src) || n > len(r.src)-at {
		broken()
	}
	return r.src[at : at+n]
}

// number reads a big-endian number of 1 to 8 bytes that is no bigger than the file.
func (r *binaryReader) number(at, size int) int {
	var n uint64
	for _, b := range r.bytes(at, size) {
		n = n<<8 | uint64(b)
	}
	if n > uint64(len(r.src)) {
		broken()
	}
	return int(n)
}

func (r *binaryReader) value(object, depth int) *Value {
	if r.left--; r.left < 0 {
		fail(1, "has more than %d values", maxValues)
	}
	if depth > maxDepth {
		fail(1, "is nested deeper than %d levels, or inside of itself", maxDepth)
	}
	if object >= r.count {
		broken()
	}
	if v := r.scalars[object]; v != nil {
		return v
	}
	at := r.number(r.table+object*r.offset, r.offset)
	tag := r.bytes(at, 1)[0]
	v := &Value{At: r.at}
	switch kind, size := tag>>4, int(tag&15); {
	case kind == 0xa || kind == 0xc || kind == 0xd:
		r.collection(v, kind == 0xd, at, size, depth)
		return v
	case tag == 8 || tag == 9:
		v.Kind, v.Text = Bool, strconv.FormatBool(tag == 9)
	case kind == 1 && size <= 4:
		b := r.bytes(at+1, 1<<size)
		v.Kind, v.Text = Integer, integer(b)
	case kind == 2 && size == 2:
		f := math.Float32frombits(binary.BigEndian.Uint32(r.bytes(at+1, 4)))
		v.Kind, v.Text = Real, strconv.FormatFloat(float64(f), 'g', -1, 32)
	case kind == 2 && size == 3:
		f := math.Float64frombits(binary.BigEndian.Uint64(r.bytes(at+1, 8)))
		v.Kind, v.Text = Real, strconv.FormatFloat(f, 'g', -1, 64)
	case tag == 0x33:
		v.Kind, v.Text = Date, date(math.Float64frombits(binary.BigEndian.Uint64(r.bytes(at+1, 8))))
	case kind == 4:
		n, from := r.length(at, size)
		v.Kind, v.Text = Data, base64.StdEncoding.EncodeToString(r.bytes(from, n))
	case kind == 5:
		n, from := r.length(at, size)
		v.Kind, v.Text = String, string(r.bytes(from, n))
	case kind == 6:
		n, from := r.length(at, size)
		b := r.bytes(from, 2*n)
		units := make([]uint16, n)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(b[2*i:])
		}
		v.Kind, v.Text = String, string(utf16.Decode(units))
	case kind == 8:
		v.Kind, v.Text = Integer, integer(r.bytes(at+1, size+1))
	default:
		broken()
	}
	r.scalars[object] = v
	return v
}

// integer formats a big-endian integer: from 8 bytes on it has a sign.
func integer(b []byte) string {
	var n uint64
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	if len(b) == 8 {
		return strconv.FormatInt(int64(n), 10)
	}
	return strconv.FormatUint(n, 10)
}

// date formats seconds since 2001 as the XML form does.
func date(seconds float64) string {
	const epoch, centuries = 978307200, 1e11
	if !(math.Abs(seconds) < centuries) {
		return strconv.FormatFloat(seconds, 'g', -1, 64)
	}
	return time.Unix(epoch+int64(seconds), 0).UTC().Format(time.RFC3339)
}

// length returns how long the object is whose tag is at an offset, and where it begins.
func (r *binaryReader) length(at, size int) (n, from int) {
	if size < 15 {
		return size, at + 1
	}
	bits := int(r.bytes(at+1, 1)[0])
	if bits>>4 != 1 || bits&15 > 3 {
		broken()
	}
	width := 1 << (bits & 15)
	return r.number(at+2, width), at + 2 + width
}

func (r *binaryReader) collection(v *Value, dict bool, at, size, depth int) {
	n, from := r.length(at, size)
	v.Kind = Array
	refs := n
	if dict {
		v.Kind = Dict
		refs = 2 * n
	}
	r.bytes(from, refs*r.ref)
	get := func(i int) *Value { return r.value(r.number(from+i*r.ref, r.ref), depth+1) }
	for i := range n {
		if !dict {
			v.Items = append(v.Items, get(i))
			continue
		}
		key := get(i)
		if key.Kind != String {
			fail(1, "has a key that is no string")
		}
		v.Keys = append(v.Keys, Entry{Key: key.Text, KeyAt: r.at, Value: get(n + i)})
	}
}
