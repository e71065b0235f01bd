package wasm_test

import (
	"slices"
	"testing"
	"time"
)

// percentiles reports how long things took.
func percentiles(b *testing.B, all []time.Duration) {
	slices.Sort(all)
	at := func(share float64) float64 { return float64(all[int(share*float64(len(all)-1))]) / 1e3 }
	b.ReportMetric(at(0.5), "p50-µs")
	b.ReportMetric(at(0.99), "p99-µs")
}
