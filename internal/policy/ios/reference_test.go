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

// measure lets devices of a person live, and counts.
func measure(t testing.TB, p person, devices int, seed uint64, c Config) figures {
	var perDay []int
	var gaps, hours []float64
	var none, nights, runs, processed, noProcessing int
	for d := range devices {
		c.Seed = seed*1_000_003 + uint64(d)
		a := newApp(t, c, spec(work.KindRefresh), spec(work.KindProcessing))
		a.live(t, trace(p, warmUp+counted, c.Seed+77))
		var refreshes, processings [counted]int
		last := int64(-1)
		for _, r := range a.ran {
			i := int(r.at/day) - warmUp
			clock := float64(r.at%day) / float64(hour)
			if i < 0 || i >= counted {
				continue
			}
			if r.kind == work.KindProcessing {
				processings[i]++
				processed++
				if clock > 12 {
					clock -= 24
				}
				hours = append(hours, clock)
				continue
			}
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
	return fmt.Sprintf("%d / %d / %d | %.1f %% | %.2f / %.2f | %.1f %% | %.2f | %.1f %% | %.1f (%.1f..%.1f) | mean %.2f",
		f.refresh[0], f.refresh[1], f.refresh[2], 100*f.none, f.gap[0], f.gap[1], 100*f.night, f.processing, 100*f.noProcessing,
		f.processingHours[1], f.processingHours[0], f.processingHours[2], f.mean)
}

func TestReference(t *testing.T) {
	devices := 12
	if *long {
		devices = 120
	}
	for _, p := range people {
		f := measure(t, p, devices, 7, Config{})
		t.Logf("| %s | %s", p.name, f)
	}
}
