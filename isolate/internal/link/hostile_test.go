package link_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/lullwork/lull/isolate/internal/link"
)

// receiver is a link that reads data and then sees the end.
func receiver(data []byte, limit int) *link.Pipe {
	return link.NewPipe(bytes.NewReader(data), io.Discard, link.PipeConfig{MaxMessage: limit})
}

func TestPipeRejects(t *testing.T) {
	for _, test := range []struct {
		name string
		data []byte
		want error
	}{
		{"nothing", nil, io.EOF},
		{"half a length", []byte{1, 0}, io.EOF},
		{"half a message", []byte{4, 0, 0, 0, 1, 2}, io.EOF},
		{"one over the limit", []byte{101, 0, 0, 0}, link.ErrCorrupt},
		{"2 GiB", []byte{0xff, 0xff, 0xff, 0x7f}, link.ErrCorrupt},
		{"4 GiB", []byte{0xff, 0xff, 0xff, 0xff}, link.ErrCorrupt},
		{"a buffer without an id", []byte{7, 0, 0, 0x80, 1, 2, 3, 4, 5, 6, 7}, link.ErrCorrupt},
		{"a buffer twice", append([]byte{8, 0, 0, 0x80, 1, 0, 0, 0, 0, 0, 0, 0}, 8, 0, 0, 0x80, 1, 0, 0, 0, 0, 0, 0, 0), link.ErrCorrupt},
	} {
		l := receiver(test.data, 100)
		for range 2 { // and it stays so
			if msg, err := l.Recv(); !errors.Is(err, test.want) {
				t.Errorf("%s: %v, %v, want %v", test.name, msg, err, test.want)
			}
		}
	}
}

// TestLengthIsNoAllocation gives a large length and few bytes.
func TestLengthIsNoAllocation(t *testing.T) {
	data := append([]byte{0, 0, 0, 0x10}, make([]byte, 100_000)...) // says 256 MiB
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := receiver(data, link.MaxMessage).Recv(); err != io.EOF {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 8*uint64(len(data)) {
		t.Errorf("%d bytes were allocated for %d that came", got, len(data))
	}
}

// FuzzPipeReader reads any bytes, cut anyhow: what comes out is what a plain parser gets.
func FuzzPipeReader(f *testing.F) {
	f.Add([]byte{}, uint16(100), false)
	f.Add([]byte{1, 0, 0, 0, 7, 0, 0, 0, 0, 2, 0, 0, 0, 1}, uint16(100), true)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 1}, uint16(65535), false)
	f.Add(append([]byte{0, 0x20, 0, 0}, make([]byte, 0x2003)...), uint16(0x3000), true)
	f.Fuzz(func(t *testing.T, data []byte, limit uint16, slow bool) {
		var src io.Reader = bytes.NewReader(data)
		if slow {
			src = iotest.OneByteReader(src)
		}
		l := link.NewPipe(src, io.Discard, link.PipeConfig{MaxMessage: int(limit) + 1})
		rest := data
		for n := 0; ; n++ {
			var got []byte
			var err error
			if n%2 == 0 {
				got, err = l.Recv()
			} else {
				got, err = l.RecvInto(make([]byte, 0, n))
			}
			if len(rest) < 4 {
				if err != io.EOF {
					t.Fatal(got, err)
				}
				return
			}
			size := int(binary.LittleEndian.Uint32(rest))
			rest = rest[4:]
			if size>>31 != 0 { // transfer buffers have a test of their own
				return
			}
			switch {
			case size > int(limit)+1:
				if !errors.Is(err, link.ErrCorrupt) {
					t.Fatal(got, err)
				}
				return
			case size > len(rest):
				if err != io.EOF {
					t.Fatal(got, err)
				}
				return
			case err != nil || !bytes.Equal(got, rest[:size]):
				t.Fatalf("message %d: %v, %v, want %v", n, got, err, rest[:size])
			}
			rest = rest[size:]
		}
	})
}
