//go:build amd64 || arm64 || riscv64

package link

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// idleTime is after which a link gives back memory that it took when it was busy.
const idleTime = time.Second

// Places within the control block of a direction, each in a cache line of its own, and
// two of them where the processor fetches pairs.
const (
	tailAt       = 0
	headAt       = 128
	writerFlagAt = 256
	readerFlagAt = 384
	controlSize  = 512
)

// half is one direction of a ring, as one of its sides sees it. The shared memory is only
// read through the machines of protocol.go, and the own index is never read back.
type half struct {
	mine, theirs     *uint64 // indices
	ownFlag, hisFlag *uint32
	data             []byte
	writes           bool

	own   uint64 // own index
	done  uint64 // the part of it that is published
	avail uint64 // bytes or space known to be there
	slept bool   // the other side, when it was last told

	patience [2]patience // for a message to begin, and to go on
	doze     bool        // until the next message begins, see [Ring.Doze]
	stores   stores      // of a side that writes
	single   bool        // there is one processor for all goroutines here
	soon     atomic.Bool // a message is about to begin, see [Ring.Expect]

	idle   func()        // called when it has been parked for idleTime
	token  chan struct{} // a wake-up from the socket, or from this process
	watch  *watch
	napper atomic.Bool
	dozer  atomic.Bool
	naps   atomic.Uint64 // that began
	tired  atomic.Bool   // the nap that ends was too long
	mu     sync.Mutex    // rouse against unmap
	mapped bool
}

func newHalf(control, data []byte, writes bool, w *watch) *half {
	index := func(at int) *uint64 { return (*uint64)(unsafe.Pointer(&control[at])) }
	flag := func(at int) *uint32 { return (*uint32)(unsafe.Pointer(&control[at])) }
	h := &half{
		mine: index(headAt), theirs: index(tailAt),
		ownFlag: flag(readerFlagAt), hisFlag: flag(writerFlagAt),
		data: data, writes: writes, token: make(chan struct{}, 1), mapped: true, watch: w,
		single: runtime.GOMAXPROCS(0) == 1,
	}
	for i := range h.patience {
		h.patience[i].never = runtime.NumCPU() == 1
	}
	if writes {
		h.mine, h.theirs = h.theirs, h.mine
		h.ownFlag, h.hisFlag = h.hisFlag, h.ownFlag
		h.avail = uint64(len(data))
	}
	return h
}

// await waits until need bytes are available, inside of a message or for one to begin. stop
// is asked before each sleep.
func (h *half) await(need uint64, inside bool, stop func() error) error {
	p := &h.patience[0]
	if inside {
		p = &h.patience[1]
	}
	w := waiter{
		writes: h.writes, own: h.own, size: uint64(len(h.data)), need: need,
		patient: p.try() || h.soon.Load(), dozes: h.doze,
	}
	for s := w.next(0); ; {
		var result uint64
		switch s.do {
		case loadPeer:
			result = atomic.LoadUint64(h.theirs)
		case linger:
			result = h.linger(w, p)
		case raise:
			atomic.StoreUint32(h.ownFlag, uint32(s.arg))
		case sleep:
			if err := stop(); err != nil {
				// What the peer wrote before its end still counts.
				if w.judge(atomic.LoadUint64(h.theirs)) {
					return ErrCorrupt
				}
				if h.avail = w.avail; h.avail > 0 && !h.writes && err == ErrGone {
					return nil
				}
				return err
			}
			result = h.sleep(s.arg)
		case corrupt:
			return ErrCorrupt
		default:
			h.avail, h.doze = w.avail, false
			return nil
		}
		s = w.next(result)
	}
}

// linger looks until there is enough, or it took too long.
func (h *half) linger(w waiter, p *patience) uint64 {
	if p.never { // even a call is no reason: the peer needs the processor
		return atomic.LoadUint64(h.theirs)
	}
	const between = 128 // looks, a tenth of a microsecond
	most := lingerTime
	if h.soon.Load() && h.soon.Swap(false) {
		most = expectTime
	}
	began := time.Now()
	for n := 1; ; n++ {
		peer := atomic.LoadUint64(h.theirs)
		enough := w.judge(peer) || w.avail >= w.need
		if enough || n%between == 0 && time.Since(began) > most {
			// What came later came because this thread was off its processor.
			p.lingered(enough && time.Since(began) <= most)
			return peer
		}
		if n%between == 0 && h.single {
			runtime.Gosched() // with more, that would wake a thread for nothing
		}
	}
}

func (h *half) sleep(kind uint64) uint64 {
	switch kind {
	case parked:
		h.park()
		return woken
	case dozing:
		h.dozeOff()
		return woken
	}
	h.naps.Add(1)
	h.napper.Store(true)
	h.watch.start()
	futexWait(h.ownFlag, uint32(napping))
	h.napper.Store(false)
	if h.tired.Load() && h.tired.Swap(false) {
		return tired
	}
	return woken
}

// dozeOff has no watch to end it. So it looks for a token that rouse left before it saw the dozer.
func (h *half) dozeOff() {
	h.dozer.Store(true)
	select {
	case <-h.token:
	default:
		futexWait(h.ownFlag, uint32(dozing))
	}
	h.dozer.Store(false)
}

func (h *half) park() {
	if h.idle != nil {
		timer := time.NewTimer(idleTime)
		defer timer.Stop()
		select {
		case <-h.token:
			return
		case <-timer.C:
			h.idle()
		}
	}
	<-h.token
}

// publish tells the other side how far this one is. call wakes it by the socket.
func (h *half) publish(call func()) {
	h.done, h.slept = h.own, false
	n := notifier{index: h.own, quiet: !h.writes && quietRead(h.avail, uint64(len(h.data)))}
	for s := n.next(0); ; {
		var result uint64
		switch s.do {
		case publish:
			atomic.StoreUint64(h.mine, s.arg)
		case peek:
			result = uint64(atomic.LoadUint32(h.hisFlag))
		case take:
			result = uint64(atomic.SwapUint32(h.hisFlag, uint32(nobody)))
		case wake:
			h.slept = true
			if s.arg == parked {
				call()
			} else {
				futexWake(h.hisFlag)
			}
		default:
			return
		}
		s = n.next(result)
	}
}

// rouse ends a sleep of this process.
func (h *half) rouse() {
	select {
	case h.token <- struct{}{}:
	default:
	}
	h.endNap()
}

// endNap ends a nap or a doze. A flag that a hostile peer raises at this very moment delays it until
// the watch comes.
func (h *half) endNap() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.mapped && (h.napper.Load() || h.dozer.Load()) {
		atomic.StoreUint32(h.ownFlag, uint32(nobody))
		futexWake(h.ownFlag)
	}
}

// forget is called when nobody waits any more and the memory is about to go.
func (h *half) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.mapped = false
}

// piece is how much of a long message is copied before the other side hears of it. Small
// pieces let both sides copy at the same time, if both are awake: 1 MiB to and fro takes
// 80 us. If the other one has to be woken for each, large ones are faster.
func (h *half) piece() int {
	if h.slept || h.patience[1].vain > 0 {
		return len(h.data) / 2
	}
	return len(h.data) / 8
}

// pieceTime is what a piece of a short message takes to copy: three times what it takes to tell
// the other side, where that does not share a cache.
const pieceTime = time.Microsecond

// outPiece is piece for a message of so many bytes. In a short one both sides can only copy at
// the same time if its pieces are smaller: 64 KiB to and fro takes a quarter less.
func (h *half) outPiece(length int) int {
	most := h.piece()
	if length > len(h.data) || most > len(h.data)/8 {
		return most
	}
	return min(max(h.stores.within(pieceTime), measured), most)
}

// copyIn and copyOut move what fits, and advance the own index, unpublished. far: to memory
// that is not in a cache.
func (h *half) copyIn(p []byte) int {
	p = p[:min(uint64(len(p)), h.avail)]
	at := h.own & uint64(len(h.data)-1)
	var n int
	if canPast && len(p) >= measured {
		past, began := h.stores.past(), time.Now()
		n = move(h.data[at:], p, past)
		n += move(h.data, p[n:], past)
		h.stores.took(past, n, time.Since(began))
	} else {
		n = copy(h.data[at:], p)
		n += copy(h.data, p[n:])
	}
	h.advance(n)
	return n
}

func (h *half) copyOut(p []byte, far bool) int {
	p = p[:min(uint64(len(p)), h.avail)]
	at := h.own & uint64(len(h.data)-1)
	n := move(p, h.data[at:], far)
	n += move(p[n:], h.data, far)
	h.advance(n)
	return n
}

// move is copy, past the caches if that is wanted.
func move(dst, src []byte, past bool) int {
	if past {
		return copyPast(dst, src)
	}
	return copy(dst, src)
}

func (h *half) advance(n int) {
	h.own += uint64(n)
	h.avail -= uint64(n)
}
