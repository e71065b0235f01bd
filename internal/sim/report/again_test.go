package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/internal/sim/report"
	"github.com/lullwork/lull/internal/sim/scenario"
)

var both = []string{scenario.Android, scenario.IOS}

func example(tb testing.TB) *plan.Plan {
	tb.Helper()
	p, err := plan.Read(filepath.Join("..", "..", "..", "examples", "mobile", "lull.yaml"))
	if err != nil {
		tb.Fatal(err)
	}
	p.File = "examples/mobile/lull.yaml"
	return p
}

func simulate(tb testing.TB, c population.Config) *population.Result {
	tb.Helper()
	r, err := population.Run(context.Background(), c)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// written is a report as JSON, with its verdicts.
func written(tb testing.TB, r *population.Result) []byte {
	tb.Helper()
	rep := report.New(r)
	rep.Expect = report.Judge(r)
	var b bytes.Buffer
	if err := rep.Write(&b, "json"); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// TestOneIsAsCounted simulates each phone of a population once more, with its journal: it
// tells of the runs that were counted, and of no others, for every task.
func TestOneIsAsCounted(t *testing.T) {
	c := population.Config{Plan: example(t), Platforms: both, Devices: 25, Days: 3, Settle: 4, Seed: 3}
	if *long {
		c.Devices = 100
	}
	bulk := simulate(t, c)
	again := population.Result{Config: bulk.Config, Events: bulk.Events}
	for i := range bulk.Groups {
		g := &bulk.Groups[i]
		again.Groups = append(again.Groups, population.Group{Platform: g.Platform, Archetype: g.Archetype})
	}
	from, runs := population.Counted(c), int64(0)
	for _, platform := range both {
		for n := range c.Devices {
			told := map[string]int64{}
			one, err := population.One(c, platform, n, func(lines []byte) {
				for line := range bytes.Lines(lines) {
					if !bytes.Contains(line, []byte(`"`+string(record.EntryStarted)+`"`)) {
						continue
					}
					var e record.Entry
					if err := json.Unmarshal(line, &e); err != nil {
						t.Fatal(err)
					}
					if e.Kind == record.EntryStarted && e.At >= from {
						told[e.Task]++
					}
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			for i := range one.Tally.Tasks {
				x := &one.Tally.Tasks[i]
				if runs += x.Runs; told[x.Name] != x.Runs {
					t.Errorf("%s on %s phone %d: the journal tells of %d runs, %d were counted", x.Name, platform, n, told[x.Name], x.Runs)
				}
			}
			for i := range again.Groups {
				if g := &again.Groups[i]; g.Platform == platform && g.Archetype == one.Archetype {
					g.Tally.Merge(&one.Tally)
				}
			}
		}
	}
	if a, b := written(t, bulk), written(t, &again); !bytes.Equal(a, b) {
		t.Errorf("one after the other they come to something else:\n%s", firstDifference(a, b))
	}
	t.Logf("%d runs on %d phones", runs, 2*c.Devices)
}

func firstDifference(a, b []byte) string {
	x, y := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return strings.Join(x[max(0, i-5):i+1], "\n") + "\nnot\n" + y[i]
		}
	}
	return "one is longer"
}

// TestSameBytes: neither the day nor the number of workers changes a byte.
func TestSameBytes(t *testing.T) {
	c := population.Config{Plan: example(t), Platforms: both, Devices: 15, Days: 3, Settle: 4, Seed: 9, Workers: 1}
	one := written(t, simulate(t, c))
	if again := written(t, simulate(t, c)); !bytes.Equal(one, again) {
		t.Errorf("the second time it is another one:\n%s", firstDifference(one, again))
	}
	c.Workers = 8
	if eight := written(t, simulate(t, c)); !bytes.Equal(one, eight) {
		t.Errorf("with eight workers it is another one:\n%s", firstDifference(one, eight))
	}
	c.Seed = 10
	if bytes.Equal(one, written(t, simulate(t, c))) {
		t.Error("another seed changes nothing")
	}
}

// TestSharesAddUp holds the rows of a report against what they mean.
func TestSharesAddUp(t *testing.T) {
	r := report.New(simulate(t, population.Config{Plan: example(t), Platforms: both, Devices: 40, Days: 5, Settle: 5, Seed: 2}))
	for i := range r.Rows {
		x := &r.Rows[i]
		name := x.Task + " on " + x.Platform + ", " + x.Archetype
		var first int64
		for _, w := range x.Waiting {
			first += w.Share
			if w.Alone > w.Share || w.Share < 0 {
				t.Errorf("%s: %s alone for %d of %d", name, w.Code, w.Alone, w.Share)
			}
		}
		if len(x.Waiting) > 0 && first != 1_000_000 {
			t.Errorf("%s: the reasons add up to %d", name, first)
		}
		if x.Waited > 1_000_000 || (x.Waited > 0) != (len(x.Waiting) > 0) {
			t.Errorf("%s: waited for %d", name, x.Waited)
		}
		for what, n := range map[string]int64{"succeeded": x.Succeeded, "cut": x.Cut, "idle days": x.IdleDays, "idle devices": x.IdleDevices} {
			if n < 0 || n > 1_000_000 {
				t.Errorf("%s: share %s is %d", name, what, n)
			}
		}
		if x.Succeeded+x.Cut > 1_000_000 || x.Done > x.Asked || x.PerDay.P10 > x.PerDay.Median || x.PerDay.Median > x.PerDay.P90 || x.LongestGap.P90 > 5*86400 {
			t.Errorf("%s: %+v", name, x)
		}
	}
}
