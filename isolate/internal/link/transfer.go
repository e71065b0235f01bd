package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
)

// Transferrer moves large buffers to the peer. Pipe and Ring are Transferrers: a ring moves
// them without a copy, a pipe copies.
type Transferrer interface {
	Link
	// NewBuffer returns a buffer for this peer. Its content is not defined: it may be what
	// this peer has seen before, but nothing of anybody else. Export or Release must follow.
	NewBuffer(size int) (*Buffer, error)
	// Export gives the buffer to the peer, which can Import it, once, under the id. To be
	// called before the message that carries the id is sent. The slice of Bytes must not be
	// used any more: in a ring that faults, in a pipe nobody sees it. A buffer of another
	// link is copied.
	Export(b *Buffer) (id uint64, err error)
	// Import takes the buffer that a message of the peer has named. The peer may be able to
	// write to it still, if it is hostile: what is checked must be copied first.
	Import(id uint64) (*Buffer, error)
}

var (
	// ErrTransferred is returned for a buffer that was exported or released before.
	ErrTransferred = errors.New("buffer was transferred before")
	// ErrNoRoom is returned when buffers with the peer take up all the memory they may.
	ErrNoRoom = errors.New("too many bytes in transfer buffers")
)

// Buffer is memory that can be moved to another process, once.
type Buffer struct {
	mu   sync.Mutex
	mem  []byte
	live bool
	home bufferHome // nil: memory of the Go heap
	id   uint32     // at home
}

// bufferHome is where the memory of a buffer is from.
type bufferHome interface{ release(id uint32) }

// Bytes is the buffer's memory; nil after Export or Release.
func (b *Buffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.mem
}

// take ends the life of the buffer here.
func (b *Buffer) take() ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.live {
		return nil, ErrTransferred
	}
	mem := b.mem
	b.live, b.mem = false, nil
	return mem, nil
}

// Release gives the memory back for other buffers of the same link. The slice of Bytes
// must not be used any more.
func (b *Buffer) Release() error {
	if _, err := b.take(); err != nil {
		return err
	}
	b.drop()
	return nil
}

func (b *Buffer) drop() {
	if b.home != nil {
		b.home.release(b.id)
	}
}

// arrived holds the buffers that came through a pipe.
type arrived struct {
	mu      sync.Mutex
	limit   int
	held    int
	content map[uint64][]byte
	next    uint64 // id of the next one that is sent
}

const bufferIDSize = 8

// put takes the content of a frame: the id and the bytes.
func (a *arrived) put(frame []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(frame) < bufferIDSize {
		return fmt.Errorf("%w: a buffer without an id", ErrCorrupt)
	}
	id, content := binary.LittleEndian.Uint64(frame), frame[bufferIDSize:]
	if _, twice := a.content[id]; twice || len(frame) > a.limit-a.held {
		return fmt.Errorf("%w: buffer %d of %d bytes: known, or too many bytes", ErrCorrupt, id, len(content))
	}
	if a.content == nil {
		a.content = map[uint64][]byte{}
	}
	a.content[id] = content
	a.held += len(frame)
	return nil
}

// NewBuffer implements Transferrer.
func (p *Pipe) NewBuffer(size int) (*Buffer, error) {
	if size < 0 || size > p.limit-bufferIDSize {
		return nil, fmt.Errorf("%w: a buffer of %d bytes", ErrTooLong, size)
	}
	return &Buffer{mem: make([]byte, size), live: true}, nil
}

// Export implements Transferrer.
func (p *Pipe) Export(b *Buffer) (uint64, error) {
	mem, err := b.take()
	if err != nil {
		return 0, err
	}
	defer b.drop()
	p.in.buffers.mu.Lock()
	p.in.buffers.next++
	id := p.in.buffers.next
	p.in.buffers.mu.Unlock()
	return id, p.send(bufferFrame, binary.LittleEndian.AppendUint64(nil, id), mem)
}

// Import implements Transferrer.
func (p *Pipe) Import(id uint64) (*Buffer, error) {
	a := &p.in.buffers
	a.mu.Lock()
	defer a.mu.Unlock()
	content, ok := a.content[id]
	if !ok {
		return nil, fmt.Errorf("%w: no buffer %d", ErrCorrupt, id)
	}
	delete(a.content, id)
	a.held -= len(content) + bufferIDSize
	return &Buffer{mem: content, live: true}, nil
}
