//go:build amd64 || arm64 || riscv64

package link

import (
	"sync"
	"sync/atomic"
	"time"
)

// napTime is how long a side naps in a futex, at least, before it parks. A nap ends within
// 2 us of the wake-up, against 10 for a side that is parked; but it occupies a thread, and
// at first also a processor of the runtime, until that takes it away.
const napTime = 2 * time.Millisecond

// watch ends the naps of a ring that are too long. It runs only while there are naps.
type watch struct {
	halves  [2]*half
	seen    [2]uint64 // the naps that had begun when it last looked
	running atomic.Bool
	once    sync.Once // makes the timer: many a link ends before its first nap
	timer   *time.Timer
}

// start is called after a nap was counted.
func (w *watch) start() {
	if !w.running.Load() && w.running.CompareAndSwap(false, true) {
		w.once.Do(w.make)
		w.timer.Reset(napTime)
	}
}

func (w *watch) make() {
	w.timer = time.AfterFunc(time.Hour, w.look)
	w.timer.Stop()
}

func (w *watch) look() {
	quiet := true
	for i, h := range w.halves {
		naps := h.naps.Load()
		if h.napper.Load() && naps == w.seen[i] {
			h.tired.Store(true)
			h.endNap()
		}
		if h.napper.Load() || naps != w.seen[i] {
			quiet = false
		}
		w.seen[i] = naps
	}
	if quiet {
		w.running.Store(false)
		if !w.halves[0].napper.Load() && !w.halves[1].napper.Load() || !w.running.CompareAndSwap(false, true) {
			return
		}
	}
	w.timer.Reset(napTime)
}
