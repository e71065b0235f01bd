// Package frame is the wire format between a host and an isolate: two pipes, on which
// frames travel that are u32 length (little endian, of the rest), u8 type, CBOR payload.
package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// MaxPayload bounds a frame's payload. It is checked before anything is allocated.
const MaxPayload = 1 << 20

// Skippable is the bit that marks a type which an older peer may ignore.
const Skippable = 0x80

const headerSize = 5

// Errors of a broken stream.
var (
	ErrLength  = errors.New("frame length out of range")
	ErrType    = errors.New("unknown frame type")
	ErrPayload = errors.New("bad frame payload")
)

// Reader reads frames. It is for one goroutine.
type Reader struct {
	src    io.Reader
	header [headerSize]byte
}

// NewReader returns a reader of src.
func NewReader(src io.Reader) *Reader { return &Reader{src: src} }

// Next returns the next frame that this version knows: one of the message types, by
// value. io.EOF is a clean end between two frames.
func (r *Reader) Next() (any, error) {
	for {
		if _, err := io.ReadFull(r.src, r.header[:1]); err != nil {
			return nil, err
		}
		if _, err := io.ReadFull(r.src, r.header[1:]); err != nil {
			return nil, noEOF(err)
		}
		size := binary.LittleEndian.Uint32(r.header[:4])
		kind := r.header[4]
		if size < 1 || size > MaxPayload+1 {
			return nil, fmt.Errorf("%w: %d", ErrLength, size)
		}
		size--
		known := kinds(kind)
		if known == nil {
			if kind&Skippable == 0 {
				return nil, fmt.Errorf("%w: %#x", ErrType, kind)
			}
			if _, err := io.CopyN(io.Discard, r.src, int64(size)); err != nil {
				return nil, noEOF(err)
			}
			continue
		}
		payload := make([]byte, size)
		if _, err := io.ReadFull(r.src, payload); err != nil {
			return nil, noEOF(err)
		}
		return known.open(kind, payload)
	}
}

func (d decoder) open(kind byte, payload []byte) (any, error) {
	msg, err := d(payload)
	if err != nil {
		return nil, fmt.Errorf("%w: type %#x: %v", ErrPayload, kind, err)
	}
	return msg, nil
}

// Decode takes what Encode made, and nothing that is to be skipped.
func Decode(frame []byte) (any, error) {
	if len(frame) < headerSize {
		return nil, io.ErrUnexpectedEOF
	}
	size, kind := binary.LittleEndian.Uint32(frame), frame[headerSize-1]
	known := kinds(kind)
	switch {
	case len(frame) > MaxPayload+headerSize || uint32(len(frame)) != size+headerSize-1:
		return nil, fmt.Errorf("%w: %d", ErrLength, size)
	case known == nil:
		return nil, fmt.Errorf("%w: %#x", ErrType, kind)
	}
	return known.open(kind, frame[headerSize:])
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Writer writes frames, each with one Write call. It may be used by many goroutines.
type Writer struct {
	mu  sync.Mutex
	dst io.Writer
}

// NewWriter returns a writer to dst.
func NewWriter(dst io.Writer) *Writer { return &Writer{dst: dst} }

// Encode is what Send writes.
func Encode(m Message) ([]byte, error) { return appendFrame(nil, m) }

// Send writes one message.
func (w *Writer) Send(m Message) error {
	return w.SendAll(m)
}

// SendAll writes messages that follow each other, with one Write call.
func (w *Writer) SendAll(list ...Message) error {
	var buf []byte
	for _, m := range list {
		var err error
		if buf, err = appendFrame(buf, m); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.dst.Write(buf)
	return err
}

func appendFrame(dst []byte, m Message) ([]byte, error) {
	start := len(dst)
	dst = appendMap(append(dst, make([]byte, headerSize)...), fieldsOf(m))
	size := len(dst) - start - headerSize
	if size > MaxPayload {
		return dst, fmt.Errorf("%w: %d", ErrLength, size)
	}
	binary.LittleEndian.PutUint32(dst[start:], uint32(size+1))
	dst[start+4] = m.kind()
	return dst, nil
}
