package validate

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim"
	"github.com/lullwork/lull/internal/sim/world"
)

// TestTraces holds what the logs of P2 come to, where they are, against the ranges that
// are cited.
func TestTraces(t *testing.T) {
	dir := os.Getenv("LULL_TRACES")
	files, _ := filepath.Glob(filepath.Join(dir, "*.csv.gz"))
	if dir == "" || len(files) == 0 {
		if slices.Contains(strings.Split(os.Getenv("LULL_REQUIRE"), ","), "traces") {
			t.Fatalf("traces are required by LULL_REQUIRE, and there are none in LULL_TRACES=%q", dir)
		}
		t.Skipf("SKIPPED, not tested: no *.csv.gz in LULL_TRACES=%q (LULL_REQUIRE=traces makes this a failure)", dir)
	}
	compared := 0
	for _, file := range files {
		tr, err := world.ReadTraceFile(file, world.TraceConfig{Skip: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tr.Devices {
			const from = sim.DefaultStart
			var h habits
			s := d.Replay(from)
			h.observe(s, from, from+max(1, (d.Last-d.First)/day)*day)
			// A log has what it has: without the charger its figures mean nothing, and likewise
			// without the screen, as where that was logged for two days of many.
			charger := !slices.Contains(d.Missing(), record.Charging)
			screen := h.perDay(h.lit) > 2000
			for i, m := range ranges {
				chargers, screens := i < 3 || i >= 5, i >= 3
				if chargers && !charger || screens && !screen {
					continue
				}
				got := m.of(&h)
				t.Logf("%s: %-40s %7s (%s to %s)", d.Name, m.name, places(got, m.unit), places(m.low, m.unit), places(m.high, m.unit))
				// The cited ones leave out days with gaps.
				if got < m.low*8/10 || got > m.high*12/10 {
					t.Errorf("%s: %s", d.Name, m.name)
				}
				compared++
			}
		}
	}
	if compared < 12 {
		t.Errorf("%d figures compared", compared)
	}
}
