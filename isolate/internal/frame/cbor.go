package frame

import (
	"encoding/binary"
	"errors"
	"math"
	"unicode/utf8"

	"github.com/lullwork/lull/isolate/internal/confine"
)

// The part of CBOR that frames need is encoded and decoded here. A library that can do all
// of it makes tables when a program starts, which every cold isolate does, and more of them
// at the first use: a tenth of the time to the first reply.

// record is a message, or a part of one, that is a map of fields.
type record interface {
	// fields lists those that may be there, in the order of their keys.
	fields() []field
}

type field struct {
	key  byte // below 24
	omit bool // if it is zero
	at   any  // *string, *[]byte, *[]string, *int, *int64, *uint32, *uint64, *bool, or the address of a pointer to a part
}

func (m *Hello) fields() []field {
	return []field{
		{1, false, &m.Magic},
		{2, false, &m.MinVersion},
		{3, false, &m.MaxVersion},
		{4, false, &m.Run},
		{5, false, &m.Name},
		{6, false, &m.Attempt},
		{7, false, &m.ResultLimit},
		{8, true, &m.Warm},
	}
}

func (m *Ready) fields() []field { return []field{{1, false, &m.Version}, {2, false, &m.Found}} }

func (m *Run) fields() []field {
	return []field{
		{1, false, &m.Input},
		{2, true, &m.DataLimit},
		{3, true, &m.Limits},
		{4, true, &m.Sandbox},
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
	}
}

func (m *Pause) fields() []field    { return []field{{1, false, &m.Capability}, {2, true, &m.Resume}} }
func (m *Ping) fields() []field     { return []field{{1, false, &m.Seq}} }
func (m *Pong) fields() []field     { return []field{{1, false, &m.Seq}} }
func (m *Refused) fields() []field  { return []field{{1, false, &m.Message}} }
func (m *Progress) fields() []field { return []field{{1, false, &m.Value}} }

func (m *Stop) fields() []field {
	return []field{{1, false, &m.Reason}, {2, false, &m.GraceMS}, {3, true, &m.Deaf}}
}

func (m *Complete) fields() []field {
	return []field{
		{1, false, &m.Outcome},
		{2, true, &m.Message},
		{3, true, &m.Result},
		{4, true, &m.Leaked},
		{5, true, &m.Explicit},
		{6, true, &m.Stopped},
		{7, true, &m.Stack},
		{8, true, &m.NoResult},
	}
}

func (m *Exited) fields() []field {
	return []field{{1, false, &m.Status}, {2, true, &m.Errno}, {3, true, &m.Leaked}}
}

func limitFields(l *confine.Limits) []field {
	return []field{{1, true, &l.CPUSoft}, {2, true, &l.CPUHard}, {3, true, &l.OpenFiles}, {4, true, &l.FileSize}}
}

func sandboxFields(s *confine.Sandbox) []field {
	return []field{
		{1, true, &s.Landlock},
		{2, true, &s.Read},
		{3, true, &s.Write},
		{4, true, &s.Devices},
		{5, true, &s.Seccomp},
		{6, true, &s.NoNetwork},
		{7, true, &s.ReadOnly},
	}
}

// Major types of RFC 8949, section 3.1, and simple values.
const (
	majorNumber   = 0 << 5
	majorNegative = 1 << 5
	majorBytes    = 2 << 5
	majorText     = 3 << 5
	majorList     = 4 << 5
	majorMap      = 5 << 5
	majorSimple   = 7 << 5

	cborFalse = 0xf4
	cborTrue  = 0xf5
	cborNull  = 0xf6
)

// What a peer may send at most, in one value.
const (
	mostElements = 1 << 16
	mostPairs    = 256
	mostNested   = 8
)

func appendMap(dst []byte, list []field) []byte {
	start := len(dst)
	dst = append(dst, majorMap) // and the number of pairs: all keys are below 24
	for _, f := range list {
		if !f.omit || !f.zero() {
			dst[start]++
			dst = f.append(append(dst, majorNumber|f.key))
		}
	}
	return dst
}

func (f field) zero() bool {
	switch at := f.at.(type) {
	case *string:
		return *at == ""
	case *[]byte:
		return len(*at) == 0
	case *[]string:
		return len(*at) == 0
	case *int:
		return *at == 0
	case *int64:
		return *at == 0
	case *bool:
		return !*at
	case **confine.Limits:
		return *at == nil
	case **confine.Sandbox:
		return *at == nil
	}
	return false
}

func (f field) append(dst []byte) []byte {
	switch at := f.at.(type) {
	case *string:
		return appendText(dst, *at)
	case *[]byte:
		if *at == nil {
			return append(dst, cborNull)
		}
		return append(appendHead(dst, majorBytes, uint64(len(*at))), *at...)
	case *[]string:
		dst = appendHead(dst, majorList, uint64(len(*at)))
		for _, s := range *at {
			dst = appendText(dst, s)
		}
	case *int:
		return appendNumber(dst, int64(*at))
	case *int64:
		return appendNumber(dst, *at)
	case *uint32:
		return appendHead(dst, majorNumber, uint64(*at))
	case *uint64:
		return appendHead(dst, majorNumber, *at)
	case *bool:
		if *at {
			return append(dst, cborTrue)
		}
		return append(dst, cborFalse)
	case **confine.Limits:
		return appendMap(dst, limitFields(*at))
	case **confine.Sandbox:
		return appendMap(dst, sandboxFields(*at))
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(appendHead(dst, majorText, uint64(len(s))), s...)
}

func appendNumber(dst []byte, n int64) []byte {
	if n < 0 {
		return appendHead(dst, majorNegative, uint64(^n))
	}
	return appendHead(dst, majorNumber, uint64(n))
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

var errPayload = errors.New("not the CBOR of such a message")

// decodeMap decodes a payload that is a map. Its keys ascend; those of a later version are
// skipped.
func decodeMap(payload []byte, list []field) error {
	if rest, ok := takeMap(payload, list); !ok || len(rest) > 0 {
		return errPayload
	}
	return nil
}

// takeMap decodes a map, and returns what follows.
func takeMap(src []byte, list []field) ([]byte, bool) {
	major, pairs, src, ok := takeHead(src)
	if !ok || major != majorMap || pairs > mostPairs {
		return nil, false
	}
	for least := uint64(0); pairs > 0; pairs-- {
		var key uint64
		major, key, src, ok = takeHead(src)
		if !ok || major != majorNumber || key < least || key == math.MaxUint64 {
			return nil, false
		}
		least = key + 1
		for len(list) > 0 && uint64(list[0].key) < key {
			list = list[1:]
		}
		if len(list) > 0 && uint64(list[0].key) == key {
			src, ok = list[0].take(src)
		} else {
			src, ok = skip(src, mostNested)
		}
		if !ok {
			return nil, false
		}
	}
	return src, true
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
		value, rest, ok := takeString(src, majorBytes)
		*at = append(make([]byte, 0, len(value)), value...)
		return rest, ok
	case *string:
		value, rest, ok := takeString(src, majorText)
		*at = string(value)
		return rest, ok && utf8.Valid(value)
	case *[]string:
		return takeTexts(src, at)
	case **confine.Limits:
		*at = new(confine.Limits)
		return takeMap(src, limitFields(*at))
	case **confine.Sandbox:
		*at = new(confine.Sandbox)
		return takeMap(src, sandboxFields(*at))
	}
	return f.takeNumber(src)
}

func (f field) takeNumber(src []byte) ([]byte, bool) {
	major, n, rest, ok := takeHead(src)
	if !ok || major != majorNumber && major != majorNegative {
		return nil, false
	}
	signed := int64(n)
	if major == majorNegative {
		signed = ^signed
	}
	switch at := f.at.(type) {
	case *int:
		*at = int(signed)
		return rest, n <= math.MaxInt
	case *int64:
		*at = signed
		return rest, n <= math.MaxInt64
	case *uint32:
		*at = uint32(n)
		return rest, n <= math.MaxUint32 && major == majorNumber
	case *uint64:
		*at = n
		return rest, major == majorNumber
	}
	return nil, false
}

func takeTexts(src []byte, into *[]string) ([]byte, bool) {
	major, n, src, ok := takeHead(src)
	if !ok || major != majorList || n > mostElements {
		return nil, false
	}
	*into = []string{}
	for ; n > 0; n-- {
		var value []byte
		if value, src, ok = takeString(src, majorText); !ok || !utf8.Valid(value) {
			return nil, false
		}
		*into = append(*into, string(value))
	}
	return src, true
}

// takeString decodes bytes or a text, without a copy.
func takeString(src []byte, want byte) (value, rest []byte, ok bool) {
	major, n, rest, ok := takeHead(src)
	if !ok || major != want || n > uint64(len(rest)) {
		return nil, nil, false
	}
	return rest[:n], rest[n:], true
}

// skip passes over a value of any kind that a library may send: no tag, no indefinite length.
func skip(src []byte, nested int) ([]byte, bool) {
	major, n, rest, ok := takeHead(src)
	if !ok || nested == 0 {
		return nil, false
	}
	switch major {
	case majorNumber, majorNegative:
		return rest, true
	case majorSimple: // one byte more is for values from 32 on
		return rest, src[0] != majorSimple|24 || n >= 32
	case majorBytes, majorText:
		_, rest, ok = takeString(src, major)
		return rest, ok
	case majorMap:
		if n > mostPairs {
			return nil, false
		}
		n *= 2
	case majorList:
		if n > mostElements {
			return nil, false
		}
	default:
		return nil, false
	}
	for ; n > 0 && ok; n-- {
		rest, ok = skip(rest, nested-1)
	}
	return rest, ok
}

// takeHead is appendHead's other way.
func takeHead(src []byte) (major byte, n uint64, rest []byte, ok bool) {
	if len(src) == 0 {
		return 0, 0, nil, false
	}
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
