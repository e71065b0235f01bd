package linktest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate/internal/link"
)

// Bench measures a kind between two processes: p50 of the round trip, and one way.
func Bench(b *testing.B, k Kind) {
	for _, size := range []int{64, 64 << 10, 1 << 20, 16 << 20} {
		b.Run(fmt.Sprintf("RoundTrip/%d", size), func(b *testing.B) {
			l, _ := Start(b, k, "echo")
			msg, buf := make([]byte, size), make([]byte, size)
			Median(b, func() {
				if err := l.Send(msg); err != nil {
					b.Fatal(err)
				}
				if _, err := l.RecvInto(buf); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
	for _, size := range []int{64, 64 << 10, 1 << 20, 16 << 20} {
		b.Run(fmt.Sprintf("OneWay/%d", size), func(b *testing.B) {
			l, _ := Start(b, k, "sink")
			msg := make([]byte, size)
			flush(b, l)
			b.SetBytes(int64(size))
			for b.Loop() {
				if err := l.Send(msg); err != nil {
					b.Fatal(err)
				}
			}
			flush(b, l)
		})
	}
}

// BenchTransfer measures the way of a buffer to the peer and of an answer back, without
// the filling.
func BenchTransfer(b *testing.B, k Kind) {
	for _, size := range []int{64 << 10, 1 << 20, 16 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			l, _ := Start(b, k, "release")
			Median(b, func() {
				buf, err := l.NewBuffer(size)
				if err == nil {
					err = sendBuffer(l, buf)
				}
				if err == nil {
					_, err = l.Recv()
				}
				if err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

func flush(b *testing.B, l link.Link) {
	b.Helper()
	if err := l.Send(); err != nil {
		b.Fatal(err)
	}
	if _, err := l.Recv(); err != nil {
		b.Fatal(err)
	}
}

// Median times each call of f and reports the median and the 99th percentile.
func Median(b *testing.B, f func()) {
	for range 20 { // first use of memory
		f()
	}
	var times []time.Duration
	for b.Loop() {
		start := time.Now()
		f()
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1000, "p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds())/1000, "p99-µs")
}
