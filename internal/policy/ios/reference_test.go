package ios

import (
	"flag"
	"fmt"
	"slices"
	"testing"

	"github.com/lullwork/lull/work"
)

var long = flag.Bool("long", false, "run slow tests")

// figures are those of the model's reference run.
type figures struct {
	refresh         [3]int // a day: p10, median, p90
	none            float64
	gap             [2]float64 // hours: median, p90
	night           float64
	processing      float64 // a day
	noProcessing    float64
	processingHours [3]float64 // p10, median, p90, from midnight
	mean            float64
}

func quantile[T int | float64](of []T, q float64) T {
	if len(of) == 0 {
		return 0
	}
	slices.Sort(of)
	return of[int(q*float64(len(of)-1)+0.5)]
}

const (
	warmUp  = 28
	counted = 28
)

// measure lets devices of a person live, and counts. Refreshes and processing are of two
// apps, as in the reference.
func measure(t testing.TB, p person, devices int, seed uint64, c Config) figures {
	var perDay []int
	var gaps, hours []float64
	var none, nights, runs, processed, noProcessing int
	for d := range devices {
		c.Seed = seed*1_000_003 + uint64(d)
		events := trace(p, warmUp+counted, c.Seed+77)
		var refreshes, processings [counted]int
		last := int64(-1)
		for _, k := range []work.Kind{work.KindRefresh, work.KindProcessing} {
			a := newApp(t, c, spec(k))
			a.live(t, events)
			for _, r := range a.ran {
				i := int(r.at/day) - warmUp
				clock := float64(r.at%day) / float64(hour)
				switch {
				case i < 0 || i >= counted:
				case k == work.KindProcessing:
					processings[i]++
					processed++
					if clock > 12 {
						clock -= 24
					}
					hours = append(hours, clock)
				default:
					refreshes[i]++
					runs++
					if clock < 6 {
						nights++
					}
					if last >= 0 {
						gaps = append(gaps, float64(r.at-last)/float64(hour))
					}
					last = r.at
				}
			}
		}
		for i := range counted {
			perDay = append(perDay, refreshes[i])
			if refreshes[i] == 0 {
				none++
			}
			if processings[i] == 0 {
				noProcessing++
			}
		}
	}
	days := float64(devices * counted)
	return figures{
		refresh: [3]int{quantile(perDay, 0.1), quantile(perDay, 0.5), quantile(perDay, 0.9)}, none: float64(none) / days,
		gap: [2]float64{quantile(gaps, 0.5), quantile(gaps, 0.9)}, night: float64(nights) / float64(max(runs, 1)),
		processing: float64(processed) / days, noProcessing: float64(noProcessing) / days,
		processingHours: [3]float64{quantile(hours, 0.1), quantile(hours, 0.5), quantile(hours, 0.9)},
		mean:            float64(runs) / days,
	}
}

func (f figures) String() string {
	return fmt.Sprintf("%d / %d / %d | %.1f %% | %.2f / %.2f | %.1f %% | %.2f | %.1f %% | %.1f (%.1f..%.1f) | %.2f",
		f.refresh[0], f.refresh[1], f.refresh[2], 100*f.none, f.gap[0], f.gap[1], 100*f.night, f.processing, 100*f.noProcessing,
		f.processingHours[1], f.processingHours[0], f.processingHours[2], f.mean)
}

// reference is what the figures may be: another stream of chance gives other ones.
var reference = []struct {
	median     [2]int
	none       [2]float64
	gap        [2]float64 // of the median
	processing [2]float64
}{
	{[2]int{8, 20}, [2]float64{0, 0.1}, [2]float64{0.75, 1.5}, [2]float64{0.6, 0.85}},
	{[2]int{4, 9}, [2]float64{0, 0.1}, [2]float64{0.75, 2}, [2]float64{0.6, 0.85}},
	{[2]int{1, 2}, [2]float64{0.03, 0.35}, [2]float64{15, 26}, [2]float64{0.6, 0.85}},
	{[2]int{0, 1}, [2]float64{0.4, 0.8}, [2]float64{20, 30}, [2]float64{0.5, 0.85}},
	{[2]int{0, 0}, [2]float64{1, 1}, [2]float64{0, 0}, [2]float64{0, 0}},
}

func TestReference(t *testing.T) {
	devices := 8
	if *long {
		devices = 120
	}
	t.Log("| archetype | refresh/day p10 / med / p90 | days with none | gap h med / p90 | night share | proc/day | days with no proc | proc hour med (p10..p90) | mean refresh/day |")
	last := 1e9
	for i, p := range people {
		f, want := measure(t, p, devices, 7, Config{}), reference[i]
		t.Logf("| %s | %s |", p.name, f)
		within := func(what string, v float64, r [2]float64) {
			if v < r[0] || v > r[1] {
				t.Errorf("%s: %s is %.2f, not %.2f to %.2f", p.name, what, v, r[0], r[1])
			}
		}
		within("median of refreshes a day", float64(f.refresh[1]), [2]float64{float64(want.median[0]), float64(want.median[1])})
		within("share of days with none", f.none, want.none)
		within("median gap", f.gap[0], want.gap)
		within("processing a day", f.processing, want.processing)
		if f.processing > 0 {
			within("hour of processing", f.processingHours[1], [2]float64{0, 4})
		}
		if i < 2 {
			within("night share", f.night, [2]float64{0, 0.25})
		}
		if f.mean > last {
			t.Errorf("%s: %.2f refreshes a day, and %.2f with more use", p.name, f.mean, last)
		}
		last = f.mean
	}
	unplugged := people[1]
	unplugged.nightly = 0
	f := measure(t, unplugged, devices, 7, Config{})
	t.Logf("| daily, no night charger | %s |", f)
	if f.processing > 0.05 || f.mean > 3 {
		t.Errorf("without a night charger: %s", f)
	}
}

// TestFreshInstall: nothing on the first day, as the system knows nothing of the app,
// and then now and again.
func TestFreshInstall(t *testing.T) {
	for seed := range uint64(10) {
		a := newApp(t, Config{Seed: seed}, spec(work.KindRefresh))
		events := trace(people[1], 7, seed)
		a.live(t, events)
		if len(a.ran) == 0 || a.ran[0].at < day || a.ran[0].at > 3*day {
			t.Errorf("%d refreshes: %+v", len(a.ran), a.ran)
		}
	}
}

// TestExposureNotification compares the profiles with what users of such apps saw:
// gaps of more than 24 h with a median of 28 to 38 h, and 4 to 6 runs a day.
func TestExposureNotification(t *testing.T) {
	for name, want := range map[string][3]float64{"exposure-notification-24h": {24, 28, 38}, "exposure-notification-4h": {4, 4, 6}} {
		var c Config
		if err := c.Params.Apply(name); err != nil {
			t.Fatal(err)
		}
		var gaps []float64
		for seed := range uint64(6) {
			c.Seed = seed
			a := newApp(t, c, spec(work.KindProcessing))
			a.live(t, trace(people[3], 60, seed))
			for i := 1; i < len(a.ran); i++ {
				gaps = append(gaps, float64(a.ran[i].at-a.ran[i-1].at)/float64(hour))
			}
		}
		least, median := quantile(gaps, 0), quantile(gaps, 0.5)
		t.Logf("%s: %d gaps, least %.1f h, median %.1f h, p90 %.1f h, longest %.1f h", name, len(gaps), least, median, quantile(gaps, 0.9), quantile(gaps, 1))
		if least < want[0] || median < want[1] || median > want[2] {
			t.Errorf("%s: least %.1f h, median %.1f h", name, least, median)
		}
	}
}
