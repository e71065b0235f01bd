//go:build amd64 || arm64 || riscv64

package link

import (
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// RingConfig configures a Ring. Memory is taken when it is first used, so an idle ring
// costs two pages, whatever its size.
type RingConfig struct {
	MaxMessage int // largest message in bytes, both ways; default MaxMessage, at most 2 GiB - 1
	ToPeer     int // bytes of the ring to the peer; rounded up to a power of 2; default 1 MiB
	FromPeer   int // the same for the other way
}

const (
	defaultRing = 1 << 20
	leastRing   = 4 << 10
	mostRing    = 1 << 30
	trimAbove   = 64 << 10 // bytes that were written since the last trim
)

func ringSize(configured int) int {
	if configured <= 0 {
		return defaultRing
	}
	n := leastRing
	for n < configured && n < mostRing {
		n *= 2
	}
	return n
}

// Ring is a link in memory that both processes map, with a socket beside it. What it
// holds that the receiver did not ask for is at most the size of the ring and 64 KiB.
//
// The socket carries wake-ups for a side that waits for long, so that no idle link holds
// a thread, and its end tells the peer's death.
type Ring struct {
	limit  int
	socket *socket
	mem    []byte
	closed atomic.Bool
	gone   atomic.Bool // the peer
	broken atomic.Bool // the peer wrote nonsense beside the ring
	breaks sync.Once
	why    error // it is broken

	buffers *exchange

	sendMu  sync.Mutex
	out     *half
	header  []byte
	sendErr error
	trimmer *time.Timer // if pages of the ring are in use
	trimmed uint64      // the place in the stream up to which they were given back
	last    uint64      // the place when trimmer was started

	recvMu      sync.Mutex
	src         *half
	in          reader
	recvErr     error
	interrupted atomic.Bool
}

// NewRing makes a ring and what the peer needs to open the other end of it: the memory
// and the socket. A child inherits them as two descriptors with fixed numbers, next to
// its control pipes; they are closed here after the start, or the child's death would not
// be noticed.
func NewRing(cfg RingConfig) (r *Ring, memory, sock *os.File, err error) {
	sizes := layout{ringSize(cfg.ToPeer), ringSize(cfg.FromPeer)}
	size := headSize + sizes[0] + sizes[1]
	memory, err = newMemory("lull-link", size)
	if err != nil {
		return nil, nil, nil, err
	}
	ours, sock, err := socketPair()
	if err != nil {
		_ = memory.Close()
		return nil, nil, nil, err
	}
	mem, err := mapShared(int(memory.Fd()), size)
	if err != nil {
		_, _, _ = memory.Close(), sock.Close(), ours.Close()
		return nil, nil, nil, err
	}
	sizes.write(mem)
	r = newRing(mem, sizes, newSocket(ours), 0, cfg.MaxMessage)
	r.Attend()
	r.src.patience[0].putOff() // a process has to start before it can write, and many answer once and end
	return r, memory, sock, nil
}

// OpenRing opens the other end of a ring and takes over the files. Of the configuration, only
// MaxMessage counts.
func OpenRing(memory, sock *os.File, cfg RingConfig) (*Ring, error) {
	defer func() { _ = memory.Close() }()
	r, err := openRing(int(memory.Fd()), newSocket(sock), cfg)
	if err == nil {
		r.Attend()
	}
	return r, err
}

// InheritRing is OpenRing with descriptors that this process was started with, for a ring that
// the caller lets Attend.
func InheritRing(memory, sock int, cfg RingConfig) (*Ring, error) {
	defer func() { _ = unix.Close(memory) }()
	unix.CloseOnExec(sock)
	return openRing(memory, &socket{fd: sock}, cfg)
}

func openRing(memory int, sock *socket, cfg RingConfig) (*Ring, error) {
	mem, err := mapRing(memory)
	if err != nil {
		_ = sock.close()
		return nil, err
	}
	sizes, err := readLayout(mem)
	if err != nil {
		unmapShared(mem)
		_ = sock.close()
		return nil, err
	}
	return newRing(mem, sizes, sock, 1, cfg.MaxMessage), nil
}

func newRing(mem []byte, sizes layout, sock *socket, side int, limit int) *Ring {
	w := &watch{}
	first := newHalf(mem[firstBlock:], mem[headSize:headSize+sizes[0]], side == 0, w)
	second := newHalf(mem[secondBlock:], mem[headSize+sizes[0]:], side == 1, w)
	w.halves = [2]*half{first, second}
	r := &Ring{limit: maxLength(limit), mem: mem, out: first, src: second}
	if side == 1 {
		r.out, r.src = second, first
	}
	r.in = reader{src: (*ringReader)(r), coming: r.waiting, limit: r.limit}
	r.src.idle = r.in.shrink
	r.socket = sock
	boxes := [2]box{newBox(mem[firstBox:]), newBox(mem[secondBox:])}
	r.buffers = newExchange(r.socket, uint32(side), boxes, r.rouse, r.breakBy)
	return r
}

// Attend begins to serve the socket, without which the peer's death and wake-ups that come late
// go unheard. It brings up the runtime's poller, which takes a while in a young process.
func (r *Ring) Attend() { go r.listen() }

// Send implements Link.
func (r *Ring) Send(parts ...[]byte) error {
	r.sendMu.Lock()
	defer r.sendMu.Unlock()
	if err := r.sendable(); err != nil {
		return err
	}
	header, left, err := appendLength(r.header[:0], 0, parts, r.limit)
	if err != nil {
		return err
	}
	r.header = header
	if left, err = r.write(header, len(header)+left); err != nil {
		return err
	}
	for _, part := range parts {
		if left, err = r.write(part, left); err != nil {
			return err
		}
	}
	r.out.publish(r.socket.call)
	if r.trimmer == nil && r.out.own-r.trimmed > trimAbove {
		r.last = r.out.own
		r.trimmer = time.AfterFunc(idleTime, r.trim)
	}
	return nil
}

// Nudge wakes the peer if it sleeps for long, so that it is awake when a message comes that is
// about to be made.
func (r *Ring) Nudge() {
	r.sendMu.Lock()
	defer r.sendMu.Unlock()
	if r.stopSend() != nil {
		return
	}
	switch flag := r.out.hisFlag; uint64(atomic.LoadUint32(flag)) {
	case parked:
		r.socket.call()
	case dozing:
		futexWake(flag)
	}
}

// Doze says that the reader, which calls this, waits for its next message only, for as long as
// that takes: it may hold a thread, and is awake in a fraction of the time that the socket
// and the runtime's poller take.
func (r *Ring) Doze() { r.src.doze = true }

// Expect says that the peer is about to send: the next wait for a message lingers longer.
func (r *Ring) Expect() { r.src.soon.Store(true) }

// trim gives the pages of a ring back that is empty and was not written to for a while.
// Only the writer can: nobody else may write while they go.
func (r *Ring) trim() {
	r.sendMu.Lock()
	defer r.sendMu.Unlock()
	switch h := r.out; {
	case r.stopSend() != nil:
	case h.own != r.last || atomic.LoadUint64(h.theirs) != h.own:
		r.last = h.own
		r.trimmer.Reset(idleTime)
	default:
		_ = unix.Madvise(h.data, unix.MADV_REMOVE)
		r.trimmer, r.trimmed = nil, h.own
	}
}

// sendable says whether the link still sends.
func (r *Ring) sendable() error {
	if err := r.stopSend(); err != nil {
		return err
	}
	return r.sendErr
}

// write copies a part of a message of which left bytes are to come, and publishes it when
// the ring is full or a piece is complete. It returns the new left.
func (r *Ring) write(p []byte, left int) (int, error) {
	h := r.out
	length := left
	for len(p) > 0 {
		if h.avail == 0 {
			if h.own != h.done {
				h.publish(r.socket.call)
			}
			if err := h.await(enoughSpace(uint64(left), uint64(len(h.data))), true, r.stopSend); err != nil {
				r.sendErr = err
				return left, err
			}
		}
		piece := h.outPiece(length)
		n := h.copyIn(p[:min(len(p), piece)])
		p, left = p[n:], left-n
		if h.own-h.done >= uint64(piece) && left > 0 {
			h.publish(r.socket.call)
		}
	}
	return left, nil
}

func (r *Ring) stopSend() error {
	switch {
	case r.closed.Load():
		return ErrClosed
	case r.broken.Load():
		return r.why
	case r.gone.Load():
		return ErrGone
	}
	return nil
}

// Recv implements Link.
func (r *Ring) Recv() ([]byte, error) { return r.recv(nil, false) }

// RecvInto implements Taker.
func (r *Ring) RecvInto(buf []byte) ([]byte, error) { return r.recv(buf, true) }

func (r *Ring) recv(buf []byte, take bool) ([]byte, error) {
	r.recvMu.Lock()
	defer r.recvMu.Unlock()
	if r.closed.Load() {
		return nil, ErrClosed
	}
	if r.interrupted.Load() && r.interrupted.Swap(false) {
		return nil, ErrInterrupted
	}
	if r.recvErr != nil {
		return nil, r.recvErr
	}
	msg, err := r.in.next(buf, take)
	switch {
	case err == nil || errors.Is(err, ErrInterrupted):
		return msg, err
	case errors.Is(err, ErrGone):
		err = io.EOF
	}
	r.recvErr = err
	return nil, err
}

// farMessage is the size of a message of which the first bytes have left the caches nearby
// before the last ones come.
const farMessage = 4 << 20

// ringReader reads the ring as a stream.
type ringReader Ring

func (rr *ringReader) Read(p []byte) (int, error) {
	r := (*Ring)(rr)
	h := r.src
	if h.avail == 0 {
		if err := h.await(1, r.in.inside, r.stopRecv); err != nil {
			return 0, err
		}
	}
	n := h.copyOut(p[:min(len(p), h.piece())], r.in.inside && r.in.length >= farMessage)
	h.publish(r.socket.call)
	return n, nil
}

// waiting is what is in the ring. An index that no sound peer has counts for nothing here.
func (r *Ring) waiting() int {
	h := r.src
	w := waiter{own: h.own, size: uint64(len(h.data))}
	if w.judge(atomic.LoadUint64(h.theirs)) {
		return 0
	}
	return int(w.avail)
}

func (r *Ring) stopRecv() error {
	if err := r.stopSend(); err != nil {
		return err
	}
	if r.interrupted.Load() && r.interrupted.Swap(false) {
		return ErrInterrupted
	}
	return nil
}

// Interrupt implements Taker.
func (r *Ring) Interrupt() bool {
	r.interrupted.Store(true)
	r.src.rouse()
	return true
}

// listen serves the socket until its end.
func (r *Ring) listen() {
	if err := r.socket.wait(r.buffers.drain); errors.Is(err, ErrCorrupt) {
		r.breakBy(err)
	}
	r.PeerGone()
}

// breakBy ends a link whose peer wrote nonsense beside the ring.
func (r *Ring) breakBy(err error) {
	r.breaks.Do(func() {
		r.why = err
		r.broken.Store(true)
	})
	r.rouse()
}

// NewBuffer implements Transferrer.
func (r *Ring) NewBuffer(size int) (*Buffer, error) { return r.buffers.newBuffer(size) }

// Export implements Transferrer.
func (r *Ring) Export(b *Buffer) (uint64, error) { return r.buffers.export(b) }

// Import implements Transferrer.
func (r *Ring) Import(id uint64) (*Buffer, error) { return r.buffers.importBuffer(id) }

// PeerGone tells the link that the peer's process has ended. The link notices by itself
// when the socket ends, unless a stranger inherited the peer's end of it.
func (r *Ring) PeerGone() {
	r.gone.Store(true)
	r.rouse()
}

func (r *Ring) rouse() {
	r.src.rouse()
	r.out.rouse()
}

// Close implements Link.
func (r *Ring) Close() error {
	if r.closed.Swap(true) {
		return nil
	}
	err := r.socket.close()
	r.buffers.close()
	r.rouse()
	r.sendMu.Lock()
	defer r.sendMu.Unlock()
	r.recvMu.Lock()
	defer r.recvMu.Unlock()
	if r.trimmer != nil {
		r.trimmer.Stop() // if it runs already, it waits for sendMu and finds the link closed
	}
	r.out.forget()
	r.src.forget()
	unmapShared(r.mem)
	return err
}
