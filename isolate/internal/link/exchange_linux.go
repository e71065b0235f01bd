//go:build amd64 || arm64 || riscv64

package link

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// exchange is one side of the transfer buffers of a ring. A region belongs to the side
// that made it; both sides keep it mapped while it goes to and fro, so that no page is
// faulted in twice. It never meets another peer.
type exchange struct {
	socket *socket
	wakeUp func()
	broken func(error)
	side   uint32 // the lowest bit of the ids of our regions

	back, forth box // of regions that come back to us, and go back to the peer

	mu      sync.Mutex
	closed  bool
	regions map[uint32]*known
	lastID  uint32
	bytes   [2]int // of the regions that we made and that the peer made
	pooled  int    // bytes of those that are free
	used    uint64
	sweeper *time.Timer // if regions are pooled
}

// known is a region with its whereabouts.
type known struct {
	region
	where  whereabouts
	shared bool   // the peer knows it
	used   uint64 // when, to find the one that is idle the longest
}

type whereabouts uint8

const (
	here  whereabouts = iota // in a live Buffer
	there                    // at the peer
	free                     // ours, for the next NewBuffer
)

const (
	maxPooled  = 64 << 20 // bytes that are kept for later
	poolTime   = 10 * idleTime
	maxRegions = 4096
	maxBuffers = 1 << 30 // bytes in the regions of one side
	idShift    = 36      // an id on the wire is the region's id and the length
)

func newExchange(s *socket, side uint32, boxes [2]box, wakeUp func(), broken func(error)) *exchange {
	return &exchange{
		socket: s, wakeUp: wakeUp, broken: broken, side: side,
		back: boxes[side], forth: boxes[1-side], regions: map[uint32]*known{},
	}
}

// ours is 0 for a region that we made, 1 for one of the peer.
func (x *exchange) owner(id uint32) int { return int(id&1 ^ x.side) }

func (x *exchange) newBuffer(size int) (*Buffer, error) {
	if size < 0 || size > maxBuffers {
		return nil, fmt.Errorf("%w: a buffer of %d bytes", ErrTooLong, size)
	}
	var notes []note
	defer func() { x.sendAll(notes) }()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return nil, ErrClosed
	}
	if notes = x.collect(); x.closed {
		return nil, ErrCorrupt
	}
	want := roundRegion(size)
	id, g := x.fit(want)
	if g == nil {
		if x.bytes[0]+want > maxBuffers || len(x.regions) >= maxRegions || x.lastID >= 1<<(64-idShift-1)-1 {
			return nil, ErrNoRoom
		}
		file, err := newMemory("lull-buffer", want)
		if err != nil {
			return nil, err
		}
		made, err := mapRegion(file, want)
		if err != nil {
			_ = file.Close()
			return nil, err
		}
		x.lastID++
		id, g = x.lastID<<1|x.side, &known{region: *made}
		x.regions[id] = g
		x.bytes[0] += want
	} else {
		x.pooled -= g.size
	}
	g.where = here
	return x.buffer(id, g, size), nil
}

func (x *exchange) buffer(id uint32, g *known, size int) *Buffer {
	return &Buffer{mem: g.bytes(size), live: true, home: x, id: id}
}

// fit finds the smallest free region that is large enough and not far too large, of
// equals the one that was used last.
func (x *exchange) fit(want int) (uint32, *known) {
	var id uint32
	var best *known
	for i, g := range x.regions {
		if g.where == free && g.size >= want && g.size/4 <= want &&
			(best == nil || g.size < best.size || g.size == best.size && g.used > best.used) {
			id, best = i, g
		}
	}
	return id, best
}

func (x *exchange) export(b *Buffer) (uint64, error) {
	if b.home != bufferHome(x) {
		return x.exportCopy(b)
	}
	mem, err := b.take()
	if err != nil {
		return 0, err
	}
	x.mu.Lock()
	g := x.regions[b.id]
	if x.closed || g == nil {
		x.mu.Unlock()
		x.release(b.id)
		return 0, ErrClosed
	}
	if err := g.move(); err != nil {
		x.mu.Unlock()
		x.release(b.id)
		return 0, err
	}
	introduce := !g.shared
	file := g.file
	g.where, g.shared, g.file = there, true, nil
	x.sweepLater()
	x.mu.Unlock()
	if introduce {
		err = x.socket.send(note{kind: noteGive, id: b.id, size: uint64(g.size), file: file})
		_ = file.Close()
	}
	return uint64(b.id)<<idShift | uint64(len(mem)), err
}

// exportCopy moves a buffer that is at home elsewhere.
func (x *exchange) exportCopy(b *Buffer) (uint64, error) {
	copied, err := x.newBuffer(len(b.Bytes()))
	if err != nil {
		return 0, err
	}
	b.mu.Lock()
	live := b.live
	copy(copied.mem, b.mem)
	b.mu.Unlock()
	if live {
		err = b.Release()
	} else {
		err = ErrTransferred
	}
	if err != nil {
		_ = copied.Release()
		return 0, err
	}
	return x.export(copied)
}

func (x *exchange) importBuffer(wire uint64) (*Buffer, error) {
	id, size := uint32(wire>>idShift), int(wire&(1<<idShift-1))
	for range 64 { // its note came before the message did: more than these do not fit in
		if x.knows(id) {
			break
		}
		more, err := x.socket.now(x.drain)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if !more {
			break
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	g := x.regions[id]
	if x.closed {
		return nil, ErrClosed
	}
	if g == nil || g.where != there || size > g.size {
		return nil, fmt.Errorf("%w: no buffer %#x", ErrCorrupt, wire)
	}
	g.where = here
	return x.buffer(id, g, size), nil
}

func (x *exchange) knows(id uint32) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.regions[id] != nil
}

// release implements bufferHome.
func (x *exchange) release(id uint32) {
	x.mu.Lock()
	g := x.regions[id]
	if x.closed || g == nil {
		if g != nil {
			delete(x.regions, id)
			g.unmap()
		}
		x.mu.Unlock()
		return
	}
	var notes []note
	switch err := g.move(); {
	case err != nil && x.owner(id) == 0:
		notes = x.forget(id, notes)
	case err != nil:
		g.where = there
		notes = x.forget(id, notes)
	case x.owner(id) == 0:
		notes = x.pool(g, notes)
	default:
		if g.where = there; !x.forth.put(id) {
			notes = append(notes, note{kind: noteBack, id: id})
		}
	}
	x.mu.Unlock()
	x.sendAll(notes)
}

// pool keeps one of our regions for later, and forgets others if they get too many.
func (x *exchange) pool(g *known, notes []note) []note {
	x.used++
	g.where, g.used = free, x.used
	x.pooled += g.size
	for x.pooled > maxPooled {
		var oldest uint32
		for id, g := range x.regions {
			if g.where == free && (oldest == 0 || g.used < x.regions[oldest].used) {
				oldest = id
			}
		}
		x.pooled -= x.regions[oldest].size
		notes = x.forget(oldest, notes)
	}
	x.sweepLater()
	return notes
}

// sweepLater looks what has come back until then, and forgets what is pooled now and not
// used until then.
func (x *exchange) sweepLater() {
	if x.sweeper != nil || x.pooled == 0 && !x.lent() {
		return
	}
	mark := x.used
	x.sweeper = time.AfterFunc(poolTime, func() { x.sweep(mark) })
}

// lent is true if the peer has a region of ours.
func (x *exchange) lent() bool {
	for id, g := range x.regions {
		if g.where == there && x.owner(id) == 0 {
			return true
		}
	}
	return false
}

// collect takes the regions that came back without a note.
func (x *exchange) collect() (notes []note) {
	var err error
	x.back.each(func(id uint32) {
		if err == nil {
			notes, err = x.cameBack(id, notes)
		}
	})
	if err != nil {
		x.closeLocked()
		x.broken(err)
	}
	return notes
}

func (x *exchange) cameBack(id uint32, notes []note) ([]note, error) {
	g := x.regions[id]
	if g == nil || x.owner(id) != 0 || g.where != there {
		return notes, fmt.Errorf("%w: buffer %d came back", ErrCorrupt, id)
	}
	return x.pool(g, notes), nil
}

func (x *exchange) sweep(mark uint64) {
	x.mu.Lock()
	var notes []note
	if !x.closed {
		notes = x.collect()
	}
	for id, g := range x.regions {
		if !x.closed && g.where == free && g.used <= mark {
			x.pooled -= g.size
			notes = x.forget(id, notes)
		}
	}
	if x.sweeper = nil; !x.closed {
		x.sweepLater()
	}
	x.mu.Unlock()
	x.sendAll(notes)
}

// forget unmaps a region and says so to a peer that knows it.
func (x *exchange) forget(id uint32, notes []note) []note {
	g := x.regions[id]
	delete(x.regions, id)
	x.bytes[x.owner(id)] -= g.size
	g.unmap()
	if g.shared {
		notes = append(notes, note{kind: noteDrop, id: id})
	}
	return notes
}

// sendAll is called without the lock, under which the socket is read: two sides that wait
// for each other's socket would wait for ever.
func (x *exchange) sendAll(notes []note) {
	for _, n := range notes {
		if x.socket.send(n) != nil {
			return // the peer has gone, and its regions with it
		}
	}
}

// drain reads some notes, not without end, so that Close has its turn. Whoever reads a
// note wakes who waits for it.
func (x *exchange) drain(fd int) (more bool, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	defer x.wakeUp()
	for range 64 {
		n, err := receive(fd)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return false, nil
		case err != nil:
			return false, err
		}
		if err := x.take(n); err != nil {
			return false, err
		}
	}
	return true, nil
}

// take takes a note of the peer.
func (x *exchange) take(n note) error {
	if n.kind == noteWake {
		return nil
	}
	bad := fmt.Errorf("%w: note %d about buffer %d of %d bytes", ErrCorrupt, n.kind, n.id, n.size)
	g := x.regions[n.id]
	owner := x.owner(n.id)
	switch n.kind {
	case noteGive:
		if x.closed {
			return n.file.Close()
		}
		if g != nil || owner != 1 || n.size == 0 || n.size > maxBuffers || n.size%hugeSize != 0 ||
			x.bytes[1]+int(n.size) > maxBuffers || len(x.regions) >= maxRegions {
			_ = n.file.Close()
			return bad
		}
		return x.learn(n)
	case noteBack:
		notes, err := x.cameBack(n.id, nil)
		for _, n := range notes {
			go func() { _ = x.socket.send(n) }() // seldom, and this is the reader of the socket
		}
		return err
	case noteDrop:
		if g == nil || g.where != there {
			return bad
		}
		x.forget(n.id, nil)
		return nil
	}
	return bad
}

func (x *exchange) learn(n note) error {
	made, err := mapRegion(n.file, int(n.size))
	_ = n.file.Close()
	if err != nil {
		if errors.Is(err, ErrCorrupt) {
			return err
		}
		return fmt.Errorf("%w: mapping a buffer of the peer: %v", ErrCorrupt, err)
	}
	made.file = nil
	x.regions[n.id] = &known{region: *made, where: there, shared: true}
	x.bytes[1] += made.size
	return nil
}

// close unmaps all but the buffers that are in use, which live until their Release.
func (x *exchange) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.closeLocked()
}

func (x *exchange) closeLocked() {
	x.closed = true
	if x.sweeper != nil {
		x.sweeper.Stop()
	}
	for id, g := range x.regions {
		if g.where != here {
			delete(x.regions, id)
			g.unmap()
		}
	}
}
