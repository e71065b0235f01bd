//go:build linux && (amd64 || arm64 || riscv64)

package link

import (
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// hostilePeer is a peer that has the memory and the socket of a ring and no manners.
type hostilePeer struct {
	mem  []byte
	sock *os.File
}

func newHostilePeer(t testing.TB, cfg RingConfig) (*Ring, *hostilePeer) {
	t.Helper()
	r, memory, sock, err := NewRing(cfg)
	if err != nil {
		t.Fatal(err)
	}
	mem, err := mapRing(int(memory.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	memory.Close()
	return r, &hostilePeer{mem, sock}
}

func (h *hostilePeer) end() {
	unmapShared(h.mem)
	_ = h.sock.Close()
}

// cells are the places of the indices and flags of both directions.
var cells = []int{
	firstBlock + tailAt, firstBlock + headAt, firstBlock + writerFlagAt, firstBlock + readerFlagAt,
	secondBlock + tailAt, secondBlock + headAt, secondBlock + writerFlagAt, secondBlock + readerFlagAt,
}

func (h *hostilePeer) store(cell int, value uint64) {
	at := unsafe.Pointer(&h.mem[cells[cell%len(cells)]])
	if cell%4 < 2 {
		atomic.StoreUint64((*uint64)(at), value)
	} else {
		atomic.StoreUint32((*uint32)(at), uint32(value))
		futexWake((*uint32)(at))
	}
}

// use receives and sends until both fail, and checks what can be checked.
func use(t testing.TB, r *Ring) *sync.WaitGroup {
	var all sync.WaitGroup
	all.Go(func() {
		for {
			msg, err := r.Recv()
			if len(msg) > r.limit {
				t.Errorf("a message of %d bytes", len(msg))
			}
			if err != nil {
				if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrClosed) && err != io.EOF {
					t.Error("receive:", err)
				}
				return
			}
		}
	})
	all.Go(func() {
		for n := 0; ; n++ {
			if err := r.Send(make([]byte, n*37%9000)); err != nil {
				if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrClosed) && !errors.Is(err, ErrGone) {
					t.Error("send:", err)
				}
				return
			}
		}
	})
	return &all
}

// endUse closes the ring and waits for its users: nothing may hang.
func endUse(t testing.TB, r *Ring, all *sync.WaitGroup) {
	done := make(chan struct{})
	go func() {
		_ = r.Close()
		all.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		panic("close does not end what waits")
	}
}

// play does what a script says: each step is a cell, how to change it, and a value; or
// bytes for the ring.
func (h *hostilePeer) play(script []byte) {
	for len(script) >= 4 {
		op, amount := script[0], binary.LittleEndian.Uint16(script[1:])
		script = script[3:]
		cell := int(op) % len(cells)
		now := atomic.LoadUint64((*uint64)(unsafe.Pointer(&h.mem[cells[cell]&^7])))
		switch op / 8 % 8 {
		case 0:
			h.store(cell, now+uint64(amount))
		case 1:
			h.store(cell, now-uint64(amount))
		case 2:
			h.store(cell, uint64(amount))
		case 3:
			h.store(cell, uint64(amount)<<48|uint64(amount))
		case 4: // bytes anywhere, the header too
			n := copy(h.mem[int(amount)%len(h.mem):], script[:min(len(script), 16)])
			script = script[n:]
		case 5: // a length at the place of the next message
			tail := atomic.LoadUint64((*uint64)(unsafe.Pointer(&h.mem[secondBlock+tailAt])))
			ring := h.mem[len(h.mem)-leastRing:]
			binary.LittleEndian.PutUint32(ring[tail%(leastRing-4)&^3:], uint32(amount))
		case 6:
			_ = unix.Sendto(int(h.sock.Fd()), script[:min(len(script), int(amount)%24)], unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, nil)
		case 7:
			time.Sleep(time.Duration(amount%300) * time.Microsecond)
		}
	}
}

// FuzzHostileRing lets a peer write anything into the shared memory and the socket while
// both directions are in use.
func FuzzHostileRing(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{4, 100, 0, 4, 255, 255, 56, 10, 0, 12, 255, 255, 0})
	f.Add([]byte{40, 8, 0, 4, 12, 0, 56, 250, 0, 1, 0, 16, 9, 0, 32, 0, 0})
	f.Add([]byte{28, 255, 255, 25, 1, 0, 18, 7, 0, 22, 2, 0, 23, 1, 0, 0})
	f.Add([]byte{32, 0, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 48, 16, 0, 1, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		r, peer := newHostilePeer(t, RingConfig{MaxMessage: 10_000, ToPeer: leastRing, FromPeer: leastRing})
		defer peer.end()
		all := use(t, r)
		peer.play(script)
		endUse(t, r, all)
	})
}

// TestHostileRing is the same with random scripts, and with writes that never pause.
func TestHostileRing(t *testing.T) {
	rounds := 300
	if *long {
		rounds = 20_000
	}
	for round := range rounds {
		random := rand.New(rand.NewPCG(uint64(round), 1))
		r, peer := newHostilePeer(t, RingConfig{MaxMessage: 1 << 20, ToPeer: leastRing, FromPeer: leastRing})
		all := use(t, r)
		if round%2 == 0 {
			script := make([]byte, random.IntN(400))
			for i := range script {
				script[i] = byte(random.Uint32())
			}
			peer.play(script)
		} else { // indices that stay plausible, over content that changes all the time
			tail, head := uint64(0), uint64(0)
			for range 2000 {
				ring := peer.mem[headSize+leastRing:]
				binary.LittleEndian.PutUint32(ring[random.IntN(leastRing-4):], random.Uint32()>>random.IntN(32))
				tail += uint64(random.IntN(64))
				if now := atomic.LoadUint64((*uint64)(unsafe.Pointer(&peer.mem[cells[5]]))); tail > now+leastRing {
					tail = now + leastRing
				}
				peer.store(4, tail)
				peer.store(7, random.Uint64()%4)
				head = max(head, atomic.LoadUint64((*uint64)(unsafe.Pointer(&peer.mem[cells[0]]))))
				peer.store(1, head)
			}
		}
		endUse(t, r, all)
		peer.end()
	}
}

// TestCorruptIndex checks that an impossible index is an error and no hang.
func TestCorruptIndex(t *testing.T) {
	for _, value := range []uint64{leastRing + 1, 1 << 40, 1<<64 - 1} {
		r, peer := newHostilePeer(t, RingConfig{ToPeer: leastRing, FromPeer: leastRing})
		peer.store(4, value) // the tail of what we read
		if msg, err := r.Recv(); !errors.Is(err, ErrCorrupt) {
			t.Errorf("tail %d: %v, %v", value, msg, err)
		}
		peer.store(1, value) // the head of what we write
		if err := r.Send(make([]byte, 2*leastRing)); !errors.Is(err, ErrCorrupt) {
			t.Errorf("head %d: %v", value, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		peer.end()
	}
}

// TestCorruptHeader opens what is not the memory of a ring.
func TestCorruptHeader(t *testing.T) {
	sound := layout{leastRing, leastRing}
	for _, test := range []struct {
		name   string
		size   int
		change func(mem []byte)
	}{
		{"no magic", headSize + 2*leastRing, func(mem []byte) { mem[0]++ }},
		{"no power of 2", headSize + 2*leastRing, func(mem []byte) { mem[8]++ }},
		{"too large", headSize + 2*leastRing, func(mem []byte) { mem[15] = 0x80 }},
		{"does not fit", headSize + 4*leastRing, func([]byte) {}},
		{"too small", headSize + leastRing, func([]byte) {}},
		{"empty", 0, nil},
	} {
		memory, err := newMemory("lull-test", test.size)
		if err != nil {
			t.Fatal(err)
		}
		if test.change != nil {
			mem, err := unix.Mmap(int(memory.Fd()), 0, test.size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
			if err != nil {
				t.Fatal(err)
			}
			sound.write(mem)
			test.change(mem)
			unmapShared(mem)
		}
		ours, theirs, err := socketPair()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := OpenRing(memory, ours, RingConfig{}); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", test.name, err)
		}
		theirs.Close()
	}
}
