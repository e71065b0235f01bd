package live

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	kernel    = windows.NewLazySystemDLL("kernelbase.dll")
	interrupt = kernel.NewProc("QueryInterruptTime")
	unbiased  = kernel.NewProc("QueryUnbiasedInterruptTime")
)

// ticksMicros is how many ticks of the clocks, of 100 ns, are a microsecond.
const ticksMicros = 10

// asleepAndAwake counts sleep (QueryInterruptTime, Windows 10), awakeOnly does not
// (QueryUnbiasedInterruptTime).
func asleepAndAwake() int64 { return windowsClock(interrupt) }
func awakeOnly() int64      { return windowsClock(unbiased) }

func windowsClock(p *windows.LazyProc) int64 {
	var ticks uint64
	// Both fill in what they are given; there is no error to look at.
	_, _, _ = p.Call(uintptr(unsafe.Pointer(&ticks)))
	return int64(ticks) / ticksMicros
}
