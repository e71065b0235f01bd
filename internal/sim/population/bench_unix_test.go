//go:build unix

package population

import (
	"context"
	"slices"
	"syscall"
	"testing"

	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/plan"
)

// spent is the time of processors that this process has used, µs.
func spent() int64 {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return (r.Utime.Nano() + r.Stime.Nano()) / 1000
}

// BenchmarkPopulation is people and phones of all kinds with five tasks of the example,
// one phone at a time: events that reached the machine for each second of a processor,
// and how much of one a phone's year takes.
func BenchmarkPopulation(b *testing.B) {
	for _, platform := range []string{"android", "ios"} {
		b.Run(platform, func(b *testing.B) {
			p := example(b)
			p.Tasks = slices.DeleteFunc(p.Tasks, func(t plan.Task) bool { return t.Name == "reminder" })
			c := Config{Plan: p, Platforms: []string{platform}, Devices: 50, Days: 88, Settle: -1, Seed: 1, Workers: 1}
			var events, days int64
			b.ReportAllocs()
			before := spent()
			for b.Loop() {
				r, err := Run(context.Background(), c)
				if err != nil {
					b.Fatal(err)
				}
				events += r.Events
				days += int64(c.Devices) * int64(c.Days+c.Settle)
			}
			µs := float64(spent() - before)
			b.ReportMetric(float64(events)/µs*1e6, "events/cpu-s")
			b.ReportMetric(float64(events)/float64(days), "events/day")
			b.ReportMetric(µs/1000/float64(days)*365, "cpu-ms/device-year")
		})
	}
}

// BenchmarkBare is the yardstick beside it: what a processor gives if there is nothing but a
// heap of values for each device, with 64 events, of which the first comes again some time
// later.
func BenchmarkBare(b *testing.B) {
	const pending, turn = 64, 1000
	dice := chance.New(1)
	heap := make([]int64, pending)
	var events int64
	before := spent()
	for b.Loop() {
		for i := range heap {
			heap[i] = int64(i)
		}
		for range turn {
			at, i := heap[0]+dice.Below(2*pending), 0
			for {
				next := 2*i + 1
				if next >= pending {
					break
				}
				if next+1 < pending && heap[next+1] < heap[next] {
					next++
				}
				if heap[next] >= at {
					break
				}
				heap[i], i = heap[next], next
			}
			heap[i] = at
		}
		events += turn
	}
	b.ReportMetric(float64(events)/float64(spent()-before)*1e6, "events/cpu-s")
}
