package link

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// interrupted gives piece bytes, then an interrupt, and so on.
type interrupted struct {
	data  []byte
	piece int
	now   bool
}

func (s *interrupted) Read(b []byte) (int, error) {
	if s.now = !s.now; !s.now {
		return 0, ErrInterrupted
	}
	n := copy(b[:min(len(b), s.piece)], s.data)
	s.data = s.data[n:]
	return n, nil
}

// TestInterruptsCopyOnce interrupts a receiver a thousand times within a message. Were what
// came copied each time, the peer could hardly ever send: on one processor it would have no
// turn.
func TestInterruptsCopyOnce(t *testing.T) {
	const length, piece = 4 << 20, 4 << 10
	want := bytes.Repeat([]byte("interrupted"), length/11+1)[:length]
	stream := append(binary.LittleEndian.AppendUint32(nil, length), want...)
	for _, test := range []struct {
		name string
		take bool
		buf  []byte
	}{
		{"own memory", false, nil},
		{"new memory", true, nil},
		{"memory that is large enough", true, make([]byte, length)},
		{"memory that is too small", true, make([]byte, length/3)},
	} {
		r := reader{src: &interrupted{data: stream, piece: piece}, limit: length}
		places, interrupts := map[*byte]bool{}, 0
		got, err := r.next(test.buf, test.take)
		for ; err != nil; got, err = r.next(test.buf, test.take) {
			if interrupts++; len(r.partial) > 0 {
				places[&r.partial[0]] = true
			}
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: another message came", test.name)
		}
		if cap(test.buf) >= length && &got[0] != &test.buf[0] {
			t.Errorf("%s: it was not used", test.name)
		}
		if interrupts < length/piece || len(places) > 8 {
			t.Errorf("%s: %d interrupts, %d places", test.name, interrupts, len(places))
		}
	}
}
