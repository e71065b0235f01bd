package ios

import (
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// settled is a device after a month, with a refresh and a processing request pending.
func settled(b *testing.B) *app {
	a := newApp(b, Config{Seed: 1}, spec(work.KindRefresh), spec(work.KindProcessing))
	a.live(b, trace(people[1], 30, 1))
	for k, v := range map[record.Signal]int64{record.Charging: 1, record.BatteryLevel: 90, record.Connected: 1, record.Metered: 0} {
		a.facts[k].Value = v
	}
	a.sys.Sense(a.now, core.Sense{}, &a.facts)
	a.sys.Sense(a.now, core.Sense{Kind: core.SenseScreen}, &a.facts)
	return a
}

func BenchmarkSense(b *testing.B) {
	for _, pending := range []bool{true, false} {
		name := "nothing-pending"
		if pending {
			name = "pending"
		}
		for _, c := range []struct {
			name   string
			on, of core.Sense
		}{
			{"app-opened-left", core.Sense{Kind: core.SenseAppOpened}, core.Sense{Kind: core.SenseAppLeft}},
			{"screen", core.Sense{Kind: core.SenseScreen, Value: 1}, core.Sense{Kind: core.SenseScreen}},
			{"motion", core.Sense{Kind: core.SenseMotion}, core.Sense{Kind: core.SenseMotion}},
			{"facts", core.Sense{}, core.Sense{}},
		} {
			b.Run(name+"/"+c.name, func(b *testing.B) {
				a := settled(b)
				if !pending {
					for _, j := range a.jobs {
						a.sys.Gone(a.now, j)
					}
				}
				b.ReportAllocs()
				at := a.now
				for b.Loop() {
					at += 20 * second
					a.sys.Sense(at, c.on, &a.facts)
					a.sys.Sense(at, c.of, &a.facts)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(2*b.N), "ns/event")
			})
		}
	}
}

func BenchmarkTick(b *testing.B) {
	for _, idle := range []bool{true, false} {
		name := "rescoring"
		if idle {
			name = "nothing-due"
		}
		b.Run(name, func(b *testing.B) {
			a := settled(b)
			b.ReportAllocs()
			at := a.now
			for b.Loop() {
				if !idle {
					at += a.sys.m.Rescore
					a.sys.LastUse = at // or the request would be dropped
				}
				a.sys.Tick(at, &a.facts)
			}
		})
	}
}

func BenchmarkGates(b *testing.B) {
	a := settled(b)
	for _, j := range a.jobs {
		for _, all := range []bool{false, true} {
			name := "first"
			if all {
				name = "all"
			}
			b.Run(string(j.Spec.Phone.Kind)+"/"+name, func(b *testing.B) {
				n := 0
				yield := func(core.Gate) bool {
					n++
					return all
				}
				b.ReportAllocs()
				for b.Loop() {
					a.sys.Gates(a.now, j, &a.facts, yield)
				}
				b.ReportMetric(float64(n)/float64(b.N), "gates")
			})
		}
	}
}

// BenchmarkMonth is what a device's month costs with an hourly refresh and a nightly
// processing, the driver of these tests included.
func BenchmarkMonth(b *testing.B) {
	events := trace(people[1], 30, 1)
	b.ResetTimer()
	for b.Loop() {
		a := newApp(b, Config{Seed: 1}, spec(work.KindRefresh), spec(work.KindProcessing))
		a.live(b, events)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
}
