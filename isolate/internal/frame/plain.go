package frame

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// The frames of every run are encoded and decoded here, where that is simple: the tables
// of reflection that the CBOR library makes at its first use are a tenth of the time from
// a child's main to its first reply. What is not simple, and what is wrong, is left to
// the library.

// plain is a message that is a map of numbers, texts, bytes and truths.
type plain interface {
	// fields lists those that may be there, in the order of their keys; false if it has
	// others as well.
	fields() ([]field, bool)
}

type field struct {
	key  byte // below 24
	omit bool // if it is zero
	at   any  // *string, *[]byte, *int, *int64 or *bool
}

func (m *Hello) fields() ([]field, bool) {
	return []field{
		{1, false, &m.Magic},
		{2, false, &m.MinVersion},
		{3, false, &m.MaxVersion},
		{4, false, &m.Run},
		{5, false, &m.Name},
		{6, false, &m.Attempt},
		{7, false, &m.ResultLimit},
		{8, true, &m.Warm},
	}, true
}

func (m *Ready) fields() ([]field, bool) {
	return []field{{1, false, &m.Version}, {2, false, &m.Found}}, true
}

func (m *Run) fields() ([]field, bool) {
	return []field{
		{1, false, &m.Input},
		{2, true, &m.DataLimit},
		{5, true, &m.Secrets},
		{6, true, &m.GraceMS},
		{10, true, &m.Link},
		{11, true, &m.KeepAlive},
		{12, true, &m.Pause},
		{13, true, &m.NotFatal},
		{14, true, &m.Listeners},
		{15, true, &m.Name},
		{16, true, &m.ResultLimit},
		{17, true, &m.Whole},
	}, m.Limits == nil && m.Sandbox == nil
}

func (m *Complete) fields() ([]field, bool) {
	return []field{
		{1, false, &m.Outcome},
		{2, true, &m.Message},
		{3, true, &m.Result},
		{4, true, &m.Leaked},
		{5, true, &m.Explicit},
		{6, true, &m.Stopped},
		{7, true, &m.Stack},
		{8, true, &m.NoResult},
	}, true
}

// Major types of RFC 8949, section 3.1, and simple values.
const (
	majorNumber = 0 << 5
	majorBytes  = 2 << 5
	majorText   = 3 << 5
	majorMap    = 5 << 5

	cborFalse = 0xf4
	cborTrue  = 0xf5
	cborNull  = 0xf6
)

// appendPlain appends the encoding of a message; false if it is not plain.
func appendPlain(dst []byte, m Message) ([]byte, bool) {
	var list []field
	var ok bool
	switch m := m.(type) {
	case Hello:
		list, ok = m.fields()
	case Ready:
		list, ok = m.fields()
	case Run:
		list, ok = m.fields()
	case Complete:
		list, ok = m.fields()
	}
	if !ok {
		return dst, false
	}
	start := len(dst)
	dst = append(dst, majorMap)
	for _, f := range list {
		if f.omit && f.zero() {
			continue
		}
		dst[start]++
		dst = append(dst, majorNumber|f.key)
		if dst, ok = f.append(dst); !ok {
			return dst[:start], false
		}
	}
	return dst, true
}

func (f field) zero() bool {
	switch at := f.at.(type) {
	case *string:
		return *at == ""
	case *[]byte:
		return len(*at) == 0
	case *int:
		return *at == 0
	case *int64:
		return *at == 0
	case *bool:
		return !*at
	}
	return false
}

func (f field) append(dst []byte) ([]byte, bool) {
	number := func(n int64) ([]byte, bool) { return appendHead(dst, majorNumber, uint64(n)), n >= 0 }
	switch at := f.at.(type) {
	case *string:
		return append(appendHead(dst, majorText, uint64(len(*at))), *at...), true
	case *[]byte:
		if *at == nil {
			return append(dst, cborNull), true
		}
		return append(appendHead(dst, majorBytes, uint64(len(*at))), *at...), true
	case *int:
		return number(int64(*at))
	case *int64:
		return number(*at)
	case *bool:
		if *at {
			return append(dst, cborTrue), true
		}
		return append(dst, cborFalse), true
	}
	return dst, false
}

// appendHead appends a major type and its number, as short as it can be.
func appendHead(dst []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(dst, major|byte(n))
	case n <= math.MaxUint8:
		return append(dst, major|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, major|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, major|27), n)
}

// decodePlain is true if the payload was the plain encoding of such a message: known
// keys in ascending order, each with the value that belongs there, and nothing after it.
func decodePlain(payload []byte, m plain) bool {
	list, _ := m.fields()
	if len(payload) == 0 || payload[0]&^31 != majorMap || payload[0]&31 > 23 {
		return false
	}
	pairs, rest := payload[0]&31, payload[1:]
	for range pairs {
		if len(rest) == 0 {
			return false
		}
		for len(list) > 0 && majorNumber|list[0].key != rest[0] {
			list = list[1:]
		}
		if len(list) == 0 {
			return false
		}
		var ok bool
		if rest, ok = list[0].take(rest[1:]); !ok {
			return false
		}
		list = list[1:]
	}
	return len(rest) == 0
}

// take decodes one value, and returns what follows.
func (f field) take(src []byte) ([]byte, bool) {
	if len(src) == 0 {
		return nil, false
	}
	switch at := f.at.(type) {
	case *bool:
		*at = src[0] == cborTrue
		return src[1:], src[0] == cborTrue || src[0] == cborFalse
	case *[]byte:
		if src[0] == cborNull {
			*at = nil
			return src[1:], true
		}
	}
	major, n, rest, ok := takeHead(src)
	if !ok {
		return nil, false
	}
	switch at := f.at.(type) {
	case *int:
		*at = int(n)
		return rest, major == majorNumber && n <= math.MaxInt
	case *int64:
		*at = int64(n)
		return rest, major == majorNumber && n <= math.MaxInt64
	}
	if n > uint64(len(rest)) {
		return nil, false
	}
	value, rest := rest[:n], rest[n:]
	switch at := f.at.(type) {
	case *string:
		*at = string(value)
		return rest, major == majorText && utf8.Valid(value)
	case *[]byte:
		*at = append(make([]byte, 0, n), value...)
		return rest, major == majorBytes
	}
	return nil, false
}

// takeHead is appendHead's other way.
func takeHead(src []byte) (major byte, n uint64, rest []byte, ok bool) {
	major, n, rest = src[0]&^31, uint64(src[0]&31), src[1:]
	if n < 24 {
		return major, n, rest, true
	}
	if n > 27 || len(rest) < 1<<(n-24) {
		return 0, 0, nil, false
	}
	switch n {
	case 24:
		return major, uint64(rest[0]), rest[1:], true
	case 25:
		return major, uint64(binary.BigEndian.Uint16(rest)), rest[2:], true
	case 26:
		return major, uint64(binary.BigEndian.Uint32(rest)), rest[4:], true
	}
	return major, binary.BigEndian.Uint64(rest), rest[8:], true
}
