package wasm_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate/wasm"
)

// percentiles reports how long things took.
func percentiles(b *testing.B, all []time.Duration) {
	slices.Sort(all)
	at := func(share float64) float64 { return float64(all[int(share*float64(len(all)-1))]) / 1e3 }
	b.ReportMetric(at(0.5), "p50-µs")
	b.ReportMetric(at(0.99), "p99-µs")
}

// BenchmarkLoop is what the checks cost that end a loop, where a loop does little else: ten
// million rounds.
func BenchmarkLoop(b *testing.B) {
	const rounds = 10_000_000
	binary := text{functions: []function{{
		export: "f", params: one,
		code: code(opLoop, void, opGet, 0, constant(1), 0x6b, 0x22, 0, 0x0d, 0, end), // until --n is 0
	}}}.assemble()
	for _, plain := range []bool{false, true} {
		b.Run(map[bool]string{false: "stoppable", true: "unstoppable"}[plain], func(b *testing.B) {
			m := compile(b, binary, wasm.Config{Unstoppable: plain})
			took := make([]time.Duration, b.N)
			for n := range b.N {
				begin := time.Now()
				run(b, m, wasm.Call{Export: "f", Input: []byte(strconv.Itoa(rounds))})
				took[n] = time.Since(begin)
			}
			percentiles(b, took)
		})
	}
}
