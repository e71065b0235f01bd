package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A message in a stream of bytes is a u32 length, little endian, and so many bytes. The
// top bit of the length marks the content of a transfer buffer, see bufferFrame.
const (
	lengthSize  = 4
	bufferFrame = 1 << 31

	firstAhead = 4 << 10 // of a link that is hardly used
	maxAhead   = 64 << 10

	// A buffer of more than keepBody bytes that the last keepFor messages did not need is
	// given back to the garbage collector.
	keepBody = 1 << 20
	keepFor  = 64

	// After a message of so many bytes nothing is read ahead: to copy it twice would cost
	// more than a second read.
	noAhead = 16 << 10
)

// maxLength makes the limit of a message from a configured one.
func maxLength(configured int) int {
	if configured <= 0 {
		return MaxMessage
	}
	return min(configured, bufferFrame-1)
}

// appendLength appends the header of a message, or says that it is too long.
func appendLength(dst []byte, mark uint32, parts [][]byte, limit int) ([]byte, int, error) {
	total := 0
	for _, p := range parts {
		if len(p) > limit-total {
			return dst, 0, fmt.Errorf("%w: more than %d bytes", ErrTooLong, limit)
		}
		total += len(p)
	}
	return binary.LittleEndian.AppendUint32(dst, uint32(total)|mark), total, nil
}

// reader takes a stream of bytes apart. Its state survives an error of src, so that a
// read may be interrupted anywhere.
type reader struct {
	src   io.Reader
	limit int
	// coming is how many bytes are known to have come that were not read; nil: src cannot tell.
	coming func() int
	// buffers gets the transfer buffers. With a limit of 0 such a frame is an error.
	buffers arrived

	ahead    []byte // ahead[from:to] is read, but not yet returned
	from, to int

	inside   bool // a length was read
	isBuffer bool
	length   int    // of this message, or of the last one
	partial  []byte // of the message that was interrupted

	body   []byte // kept for large messages
	unused int    // messages since body was needed
}

// next returns the next message: in its own memory, valid until the next call, or, if
// take is true, in that of buf or new memory.
func (r *reader) next(buf []byte, take bool) ([]byte, error) {
	for {
		if !r.inside {
			if err := r.readLength(); err != nil {
				return nil, err
			}
		}
		if r.isBuffer {
			content, err := r.readBody(nil)
			if err != nil {
				return nil, err
			}
			if err := r.buffers.put(content); err != nil {
				return nil, err
			}
			continue
		}
		if take {
			return r.readBody(buf)
		}
		if r.partial == nil && r.length <= r.to-r.from {
			msg := r.ahead[r.from : r.from+r.length : r.from+r.length]
			r.from += r.length
			r.inside = false
			r.rest()
			return msg, nil
		}
		msg, err := r.readBody(r.body)
		if err == nil {
			r.body, r.unused = msg[:0], 0
		}
		return msg, err
	}
}

// rest counts a message that did not need body.
func (r *reader) rest() {
	if r.unused++; r.unused >= keepFor && cap(r.body) > keepBody {
		r.body = nil
	}
}

// shrink gives body back while the reader waits for a message.
func (r *reader) shrink() {
	if !r.inside {
		r.body = nil
	}
}

func (r *reader) readLength() error {
	for r.to-r.from < lengthSize {
		if err := r.fill(); err != nil {
			return err
		}
	}
	n := binary.LittleEndian.Uint32(r.ahead[r.from:])
	isBuffer := n&bufferFrame != 0
	if n &^= bufferFrame; n > uint32(r.limit) || isBuffer && r.buffers.limit == 0 {
		return fmt.Errorf("%w: a message of %d bytes, the limit is %d", ErrCorrupt, n, r.limit)
	}
	r.from += lengthSize
	r.inside, r.isBuffer, r.length = true, isBuffer, int(n)
	return nil
}

// fill reads more ahead. It is called with less than one length there.
func (r *reader) fill() error {
	if r.ahead == nil {
		r.ahead = make([]byte, firstAhead)
	}
	if r.from == r.to {
		r.from, r.to = 0, 0
	} else if len(r.ahead)-r.from < lengthSize {
		r.to = copy(r.ahead, r.ahead[r.from:r.to])
		r.from = 0
	}
	space := r.ahead[r.to:]
	if r.length >= noAhead {
		space = space[:lengthSize-(r.to-r.from)]
	}
	n, err := r.src.Read(space)
	r.to += n
	if r.to == len(r.ahead) && len(r.ahead) < maxAhead { // a busy link
		r.ahead = append(make([]byte, 0, maxAhead), r.ahead...)[:maxAhead]
	}
	if n > 0 {
		return nil
	}
	return err
}

func (r *reader) waiting() int {
	if r.coming == nil {
		return 0
	}
	return r.coming()
}

// readBody reads the message whose length is known into dst or into new memory, of which
// it takes at most four times of what came.
func (r *reader) readBody(dst []byte) ([]byte, error) {
	msg, own := dst[:0], false // own: it is not in the memory of dst
	if r.partial != nil {
		msg, own, r.partial = r.partial, true, nil
	}
	for len(msg) < r.length {
		if len(msg) == cap(msg) {
			grown := make([]byte, len(msg), min(r.length, max(maxAhead, 4*(len(msg)+r.waiting()))))
			copy(grown, msg)
			msg, own = grown, true
		}
		free := msg[len(msg):min(r.length, cap(msg))]
		if r.from < r.to {
			n := copy(free, r.ahead[r.from:r.to])
			r.from += n
			msg = msg[:len(msg)+n]
			continue
		}
		n, err := r.src.Read(free)
		msg = msg[:len(msg)+n]
		if err != nil && n == 0 {
			if !errors.Is(err, io.EOF) {
				r.interrupt(msg, own)
			}
			return nil, err
		}
	}
	r.inside = false
	switch {
	case msg == nil:
		msg = []byte{}
	case own && cap(dst) >= r.length:
		msg = append(dst[:0], msg...)
	}
	return msg, nil
}

// interrupt keeps what came of a message. A receiver may be interrupted many times within a
// large one, so that is copied no more than once.
func (r *reader) interrupt(msg []byte, own bool) {
	if !own {
		msg = append(make([]byte, 0, len(msg)), msg...)
	}
	r.partial = msg
}
