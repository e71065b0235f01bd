package hub

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/lullwork/lull/isolate/internal/link"
)

// A message on an edge ends with its trailer, so that the payload begins where the
// receiver's buffer begins:
//
//	payload, refs (word u64, fingerprint u64), buffers u64,
//	id u64, number of buffers u16, number of refs u16, kind u8
//
// all little endian. Notes have a list of u64 as payload, no refs, and id 0.
const (
	kindData   = 1
	kindCredit = 2 // payload: (id, bytes, messages)...
	kindClosed = 3 // payload: id...
	kindNil    = 4 // data, of no bytes, that stands for nil

	tailSize   = 8 + 2 + 2 + 1
	refSize    = 16
	bufferSize = 8
	maxRefs    = math.MaxUint16
	maxBuffers = math.MaxUint16
	// maxNote is more than a sound peer has to say about its ports at once.
	maxNote = 2 * 24 * MaxNamed
)

// A word names a port on an edge: its number in the sender's table, or, with the lowest
// bit set, in the receiver's. 0 is a port that is closed, or none.
const theirs = 1

func cost(payload, refs int, buffers []*link.Buffer) int {
	n := payload + refs*refSize + tailSize
	for _, b := range buffers {
		n += len(b.Bytes()) + bufferSize
	}
	return n
}

type named struct{ word, print uint64 }

// parsed is a message taken apart. Its slices are parts of the message.
type parsed struct {
	kind    byte
	id      uint64
	payload []byte
	refs    []byte
	buffers []byte
}

func parse(msg []byte) (m parsed, err error) {
	n := len(msg) - tailSize
	if n < 0 {
		return m, fmt.Errorf("%w: %d bytes", ErrPeer, len(msg))
	}
	m.id = binary.LittleEndian.Uint64(msg[n:])
	buffers := int(binary.LittleEndian.Uint16(msg[n+8:])) * bufferSize
	refs := int(binary.LittleEndian.Uint16(msg[n+10:])) * refSize
	m.kind = msg[n+12]
	data := n - refs - buffers
	switch {
	case data < 0:
		return m, fmt.Errorf("%w: %d bytes with %d bytes of ports", ErrPeer, len(msg), refs+buffers)
	case m.kind == kindData, m.kind == kindNil && data == 0:
	case data == n && n <= maxNote && (m.kind == kindCredit && n%24 == 0 || m.kind == kindClosed && n%8 == 0):
	default:
		return m, fmt.Errorf("%w: kind %d of %d bytes", ErrPeer, m.kind, len(msg))
	}
	m.payload, m.refs, m.buffers = msg[:data], msg[data:data+refs], msg[data+refs:n]
	if len(m.payload) > MaxMessage {
		return m, fmt.Errorf("%w: payload of %d bytes", ErrPeer, len(m.payload))
	}
	return m, nil
}

// ref is the i-th port that the message carries.
func (m *parsed) ref(i int) named {
	b := m.refs[i*refSize:]
	return named{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
}

func appendRef(dst []byte, n named) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, n.word)
	return binary.LittleEndian.AppendUint64(dst, n.print)
}

func dataKind(isNil bool) byte {
	if isNil {
		return kindNil
	}
	return kindData
}

func appendTail(dst []byte, id uint64, buffers, refs int, kind byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, id)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(buffers))
	dst = binary.LittleEndian.AppendUint16(dst, uint16(refs))
	return append(dst, kind)
}

// number is the i-th u64 of a note.
func (m *parsed) number(i int) uint64 { return binary.LittleEndian.Uint64(m.payload[8*i:]) }
