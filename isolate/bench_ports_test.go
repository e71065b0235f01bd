//go:build linux

package isolate_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

type benchIn struct {
	Mine isolate.SendPort[bytesPort]
	Out  bytesPort
	Drop bool // answer only empty messages
}

var bencher = isolate.Named[benchIn, int]("bencher")

// doBench sends back what it gets.
func doBench(ctx context.Context, in benchIn) (int, error) {
	rp := isolate.NewReceivePort[[]byte](ctx)
	defer rp.Close()
	if err := in.Mine.Send(ctx, rp.SendPort()); err != nil {
		return 0, err
	}
	var buf []byte
	for n := 0; ; n++ {
		if err := rp.ReceiveInto(ctx, &buf); err != nil {
			return n, nil
		}
		if in.Drop && len(buf) > 0 {
			continue
		}
		if err := in.Out.Send(ctx, buf); err != nil {
			return n, err
		}
	}
}

type bench struct {
	to   bytesPort
	from *isolate.ReceivePort[[]byte]
}

func newBench(b *testing.B, s *isolate.Spawner, drop bool) bench {
	ctx, cancel := context.WithCancel(context.Background())
	hello := isolate.NewReceivePort[bytesPort](ctx)
	from := isolate.NewReceivePort[[]byte](ctx)
	iso, err := isolate.Spawn(ctx, bencher, benchIn{hello.SendPort(), from.SendPort(), drop}, isolate.SpawnConfig{Spawner: s})
	if err != nil {
		b.Fatal(err)
	}
	to, err := hello.Receive(ctx)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		cancel()
		hello.Close()
		from.Close()
		<-iso.Done()
	})
	return bench{to, from}
}

func p50(times []time.Duration) (p50, p99 time.Duration) {
	slices.Sort(times)
	return times[len(times)/2], times[len(times)*99/100]
}

func links(b *testing.B) map[string]*isolate.Spawner {
	pipes := newSpawner(b, isolate.Config{})
	isolate.PipesOnly(pipes)
	return map[string]*isolate.Spawner{"ring": nil, "pipe": pipes}
}

// BenchmarkRoundTrip sends a message to an isolate and gets it back, both through ports.
func BenchmarkRoundTrip(b *testing.B) {
	for name, s := range links(b) {
		for _, size := range []int{64, 64 << 10, 1 << 20, 16 << 20} {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				p := newBench(b, s, false)
				ctx := context.Background()
				msg := make([]byte, size)
				var buf []byte
				times := make([]time.Duration, 0, b.N)
				for b.Loop() {
					start := time.Now()
					if err := p.to.Send(ctx, msg); err != nil {
						b.Fatal(err)
					}
					if err := p.from.ReceiveInto(ctx, &buf); err != nil || len(buf) != size {
						b.Fatal(len(buf), err)
					}
					times = append(times, time.Since(start))
				}
				m, high := p50(times)
				b.ReportMetric(float64(m.Nanoseconds())/1e3, "p50-µs")
				b.ReportMetric(float64(high.Nanoseconds())/1e3, "p99-µs")
			})
		}
	}
}

// BenchmarkReceive is a round trip of 1 MiB that comes back in memory that is used again,
// or in a fresh slice each time.
func BenchmarkReceive(b *testing.B) {
	for _, fresh := range []bool{false, true} {
		b.Run(map[bool]string{false: "ReceiveInto", true: "Receive"}[fresh], func(b *testing.B) {
			p := newBench(b, nil, false)
			ctx := context.Background()
			msg := make([]byte, 1<<20)
			var buf []byte
			times := make([]time.Duration, 0, b.N)
			for b.Loop() {
				start := time.Now()
				err := p.to.Send(ctx, msg)
				if fresh {
					buf = nil
				}
				if err == nil {
					err = p.from.ReceiveInto(ctx, &buf)
				}
				if err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(start))
			}
			m, high := p50(times)
			b.ReportMetric(float64(m.Nanoseconds())/1e3, "p50-µs")
			b.ReportMetric(float64(high.Nanoseconds())/1e3, "p99-µs")
		})
	}
}

// BenchmarkOneWay streams messages into an isolate.
func BenchmarkOneWay(b *testing.B) {
	for name, s := range links(b) {
		for _, size := range []int{64, 64 << 10, 1 << 20, 16 << 20} {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				p := newBench(b, s, true)
				ctx := context.Background()
				msg := make([]byte, size)
				b.SetBytes(int64(size))
				for b.Loop() {
					if err := p.to.Send(ctx, msg); err != nil {
						b.Fatal(err)
					}
				}
				if err := p.to.Send(ctx, nil); err != nil {
					b.Fatal(err)
				}
				if _, err := p.from.Receive(ctx); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

// BenchmarkSpawn is the time from Spawn to the first reply.
func BenchmarkSpawn(b *testing.B) {
	for name, cfg := range map[string]isolate.Config{"cold": {}, "warm": {Warm: 4}} {
		b.Run(name, func(b *testing.B) {
			s := newSpawner(b, cfg)
			ctx := context.Background()
			hello := isolate.NewReceivePort[bytesPort](ctx)
			defer hello.Close()
			times := make([]time.Duration, 0, b.N)
			for b.Loop() {
				if cfg.Warm > 0 {
					isolate.AwaitWarm(s)
				}
				start := time.Now()
				iso, err := isolate.Spawn(ctx, bencher, benchIn{Mine: hello.SendPort()}, isolate.SpawnConfig{Spawner: s})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := hello.Receive(ctx); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(start))
				_ = iso.Kill(isolate.Immediate)
				<-iso.Done()
			}
			m, high := p50(times)
			b.ReportMetric(float64(m.Nanoseconds())/1e3, "p50-µs")
			b.ReportMetric(float64(high.Nanoseconds())/1e3, "p99-µs")
		})
	}
}

// BenchmarkTransfer moves a buffer into an isolate and back.
func BenchmarkTransfer(b *testing.B) {
	for name, s := range links(b) {
		b.Run(name+"/16MB", func(b *testing.B) {
			c := hire(b, kind{worker, s}, isolate.SpawnConfig{})
			ctx := context.Background()
			back := isolate.NewReceivePort[isolate.Transfer](ctx)
			defer back.Close()
			times := make([]time.Duration, 0, b.N)
			for b.Loop() {
				t, err := isolate.NewTransfer(c.orders, 16<<20)
				if err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				if err := c.orders.Send(ctx, order{Do: "hand back", Big: t, Back: back.SendPort()}); err != nil {
					b.Fatal(err)
				}
				got, err := back.Receive(ctx)
				if err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(start))
				_ = got.Release()
			}
			m, high := p50(times)
			b.ReportMetric(float64(m.Nanoseconds())/1e3, "p50-µs")
			b.ReportMetric(float64(high.Nanoseconds())/1e3, "p99-µs")
		})
	}
}

// BenchmarkMemory is what a live isolate takes of the machine's memory, and of this process's.
func BenchmarkMemory(b *testing.B) {
	const isolates = 100
	for b.Loop() {
		before := residentKiB()
		var pss int
		var all []*crew
		for range isolates {
			c := hire(b, child, isolate.SpawnConfig{})
			c.order(order{Do: "say"})
			c.expect("")
			all = append(all, c)
		}
		for _, c := range all {
			data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", c.Pid()))
			if err != nil {
				b.Fatal(err)
			}
			_, rest, _ := strings.Cut(string(data), "Pss:")
			kib := 0
			_, _ = fmt.Sscan(rest, &kib)
			pss += kib
		}
		b.ReportMetric(float64(pss)/isolates, "KiB/isolate")
		b.ReportMetric(float64(residentKiB()-before)/isolates, "KiB-here/isolate")
		for _, c := range all {
			_ = c.Kill(isolate.Immediate)
			<-c.Done()
		}
	}
}
