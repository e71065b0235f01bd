//go:build amd64 || arm64 || riscv64

package link

import (
	"sync/atomic"
	"unsafe"
)

// box is where the ids of buffers lie that go back to their owner, in memory that both sides
// map. Nobody is woken for them: the owner looks when it needs a buffer. A note on the
// socket, which is what is left if the box is full, wakes a thread of the owner that takes
// a processor from those who work.
type box []uint32

const boxSize = 64 // ids

func newBox(mem []byte) box {
	return unsafe.Slice((*uint32)(unsafe.Pointer(&mem[0])), boxSize)
}

// put is false if the box is full. One goroutine at a time.
func (b box) put(id uint32) bool {
	for i := range b {
		if atomic.LoadUint32(&b[i]) == 0 {
			atomic.StoreUint32(&b[i], id)
			return true
		}
	}
	return false
}

// each takes all ids out.
func (b box) each(take func(id uint32)) {
	for i := range b {
		if atomic.LoadUint32(&b[i]) != 0 {
			take(atomic.SwapUint32(&b[i], 0))
		}
	}
}
