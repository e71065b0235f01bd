package population_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/sim/population"
)

func example(tb testing.TB) *plan.Plan {
	tb.Helper()
	p, err := plan.Read(filepath.Join("..", "..", "..", "examples", "mobile", "lull.yaml"))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// BenchmarkPopulation is people and phones of all kinds with the tasks of the example,
// one phone at a time: what comes out is events that reached the machine, a second, and
// how long one phone's year takes.
func BenchmarkPopulation(b *testing.B) {
	for _, platform := range []string{"android", "ios"} {
		b.Run(platform, func(b *testing.B) {
			c := population.Config{Plan: example(b), Platforms: []string{platform}, Devices: 20, Days: 14, Settle: 28, Seed: 1, Workers: 1}
			var events, days int64
			b.ReportAllocs()
			for b.Loop() {
				r, err := population.Run(context.Background(), c)
				if err != nil {
					b.Fatal(err)
				}
				events += r.Events
				days += int64(c.Devices) * int64(c.Days+c.Settle)
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(events)/float64(days), "events/day")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds()/days*365)/float64(time.Millisecond), "ms/device-year")
		})
	}
}
