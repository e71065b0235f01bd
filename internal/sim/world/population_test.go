package world

import (
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

// tally is what one device did.
type tally struct {
	days                               float64
	events, counted                    int
	plugIns, long, screenOn, breaks    int
	plugged, screen, idle, idlePlugged int64 // µs
	kinds                              [core.SenseKinds]int
	facts                              record.Facts
}

// restBegins is how long the screen must be off to count as idle.
const restBegins = 30 * minute

func measure(d *Device, from, to int64) (y tally) {
	y.facts = record.NewFacts()
	y.days = float64(to-from) / float64(day)
	last, lit, off, plug, rest := from, false, from, int64(0), from
	plugged := false
	for {
		at, ev, ok := d.Next()
		if !ok {
			at = to
		}
		if plugged {
			y.plugged += at - last
			if !lit {
				y.idlePlugged += max(0, at-max(last, off+restBegins))
			}
		} else if !lit {
			y.idle += max(0, at-max(last, rest+restBegins))
		}
		if lit {
			y.screen += at - last
		}
		last = at
		if !ok {
			return y
		}
		y.events++
		y.kinds[ev.Kind]++
		ev.Apply(at, &y.facts)
		switch ev.Kind {
		case core.SenseScreen, core.SenseUnlocked:
			y.counted++
		case core.SenseFacts:
			y.counted++
		}
		if ev.Kind == core.SenseScreen {
			if lit = ev.Value == 1; lit {
				y.screenOn++
				if at-off > restBegins {
					y.breaks++
				}
			} else {
				off, rest = at, at
			}
		}
		if is := y.facts[record.Charging].Value == 1; is != plugged {
			plugged = is
			if is {
				y.plugIns++
				plug = at
			} else {
				rest = at
				if at-plug > 4*hour {
					y.long++
				}
			}
		}
	}
}

// TestPopulation holds the default population to the published figures that the
// parameters are fitted to: 189 events a day, and the ranges of single phones.
func TestPopulation(t *testing.T) {
	const devices, days = 600, 28
	mix := DefaultMix()
	var all tally
	for i := range devices {
		who := mix.Member(1, i)
		y := measure(New(Config{Of: who.Of, Seed: who.Seed, Start: monday, End: monday + days*day}), monday, monday+days*day)
		all.add(&y)
	}
	for _, x := range []struct {
		name     string
		got      float64
		low, top float64
	}{
		{"charging, screen, network and battery events a day", float64(all.counted) / all.days, 180, 198},
		{"plug-ins a day", float64(all.plugIns) / all.days, 2.15, 2.71},
		{"charged for over 4 h a day", float64(all.long) / all.days, 0.76, 1.32},
		{"share of time plugged", float64(all.plugged) / all.days / float64(day), 0.274, 0.528},
		{"screen on a day", float64(all.screenOn) / all.days, 49, 119},
		{"screen off for over 30 min a day", float64(all.breaks) / all.days, 3.8, 8.2},
		{"share of time off and unplugged for over 30 min", float64(all.idle) / all.days / float64(day), 0.028, 0.203},
		{"share of time off for over 30 min and plugged", float64(all.idlePlugged) / all.days / float64(day), 0.35, 0.382},
	} {
		t.Logf("%-52s %7.3f (%g to %g)", x.name, x.got, x.low, x.top)
		if x.got < x.low || x.got > x.top {
			t.Errorf("%s: %.3f is not in %g to %g", x.name, x.got, x.low, x.top)
		}
	}
	t.Logf("%.1f events a day; screen on %.3f of the time", float64(all.events)/all.days, float64(all.screen)/all.days/float64(day))
	for k, n := range all.kinds {
		t.Logf("%-15s %8.3f a day", core.SenseKind(k), float64(n)/all.days)
	}
}

func (y *tally) add(o *tally) {
	y.days += o.days
	y.events += o.events
	y.counted += o.counted
	y.plugIns += o.plugIns
	y.long += o.long
	y.screenOn += o.screenOn
	y.breaks += o.breaks
	y.plugged += o.plugged
	y.screen += o.screen
	y.idle += o.idle
	y.idlePlugged += o.idlePlugged
	for k, n := range o.kinds {
		y.kinds[k] += n
	}
}

func BenchmarkDevice(b *testing.B) {
	b.ReportAllocs()
	d := New(Config{Seed: 1, Start: monday})
	n := 0
	for b.Loop() {
		_, ev, _ := d.Next()
		n += int(ev.Kind)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mevents/s")
}

// BenchmarkPopulation is 30 days of a device of the default population, its beginning
// included.
func BenchmarkPopulation(b *testing.B) {
	b.ReportAllocs()
	mix := DefaultMix()
	events, i := 0, 0
	for b.Loop() {
		who := mix.Member(1, i)
		i++
		for d := New(Config{Of: who.Of, Seed: who.Seed, Start: monday, End: monday + 30*day}); ; events++ {
			if _, _, ok := d.Next(); !ok {
				break
			}
		}
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds()/1e6, "Mevents/s")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(i*30), "ns/device-day")
}
