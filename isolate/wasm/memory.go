package wasm

import (
	"sync"

	"github.com/tetratelabs/wazero/experimental"
)

// memory is the linear memory of one instance. It is told of each growth within the
// module's own maximum, and so knows which ones the limit refused.
type memory struct {
	limit   uint64 // bytes
	spare   *spare
	buf     []byte
	peak    uint64
	refused bool // the last growth was
}

var (
	_ experimental.MemoryAllocator = (*memory)(nil)
	_ experimental.LinearMemory    = (*memory)(nil)
)

// Allocate is called once, before the first instruction of the guest.
func (m *memory) Allocate(_, _ uint64) experimental.LinearMemory { return m }

// Reallocate returns nil if the size is over the limit.
func (m *memory) Reallocate(size uint64) []byte {
	if m.refused = size > m.limit; m.refused {
		return nil
	}
	m.peak = max(m.peak, size)
	if m.buf == nil {
		m.buf = m.spare.get(size)
	}
	if size <= uint64(cap(m.buf)) && m.buf != nil {
		m.buf = m.buf[:size]
		return m.buf
	}
	// Guests grow by a page at a time: room ahead keeps that from being quadratic.
	room := size
	if m.buf != nil {
		room = min(size+size/4, m.limit)
	}
	grown := make([]byte, size, room)
	copy(grown, m.buf)
	m.buf = grown
	return grown
}

// Free is called while the guest may still be on the stack; release comes later.
func (m *memory) Free() {}

// release gives the buffer back when the instance is gone.
func (m *memory) release() {
	m.spare.put(m.buf)
	m.buf = nil
}

// spare keeps a few buffers of small instances, wiped: making one of 128 KiB costs more
// than all the rest of a short run.
type spare struct{ pool sync.Pool }

// maxSpare is the largest buffer that is kept.
const maxSpare = 1 << 20

// get returns a buffer whose bytes are zero up to its capacity; nil if there is none.
func (s *spare) get(size uint64) []byte {
	b, _ := s.pool.Get().(*[]byte)
	if b == nil || uint64(cap(*b)) < size {
		return nil
	}
	return (*b)[:0]
}

// put wipes a buffer. What lies behind its length was never written.
func (s *spare) put(b []byte) {
	if cap(b) == 0 || cap(b) > maxSpare {
		return
	}
	clear(b)
	s.pool.Put(&b)
}
