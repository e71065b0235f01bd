package report_test

import (
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/page"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/internal/sim/report"
	"github.com/lullwork/lull/internal/sim/scenario"
)

func parsed(tb testing.TB, text string) *plan.Plan {
	tb.Helper()
	p, err := plan.Parse("lull.yaml", []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// TestStories are told of every task, with the runs that were counted.
func TestStories(t *testing.T) {
	p := example(t)
	c := population.Config{Plan: p, Platforms: both, Devices: 3, Days: 3, Settle: 3, Seed: 1}
	for i := range p.Tasks {
		for _, platform := range both {
			var b strings.Builder
			if err := report.Story(&b, c, platform, 2, p.Tasks[i].Name); err != nil {
				t.Errorf("%s on %s: %v", p.Tasks[i].Name, platform, err)
			}
			if !strings.Contains(b.String(), "device 2 on "+report.PlatformName(platform)) {
				t.Errorf("%s on %s:\n%s", p.Tasks[i].Name, platform, b.String())
			}
			// A phone of three days is not without its process coming to an end.
			if !strings.Contains(b.String(), "the app's process is gone: ") {
				t.Errorf("%s on %s tells of no process that ended:\n%s", p.Tasks[i].Name, platform, b.String())
			}
		}
	}
	for _, n := range []int{-1, 3} {
		if err := report.Story(&strings.Builder{}, c, scenario.IOS, n, "sync"); err == nil || !strings.Contains(err.Error(), "from 0 to 2") {
			t.Errorf("device %d: %v", n, err)
		}
	}
}

// TestStoryOfNothing tells why there was no run: requests that were refused stand in no
// journal.
func TestStoryOfNothing(t *testing.T) {
	p := parsed(t, `
app: {via: native, ios: {modes: [], permitted: []}}
tasks:
  sync: {every: 1h, ios: {as: refresh, id: com.ex.sync}}
`)
	c := population.Config{Plan: p, Platforms: []string{scenario.IOS}, Devices: 1, Days: 14, Seed: 1}
	var b strings.Builder
	if err := report.Story(&b, c, scenario.IOS, 0, "sync"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"0 runs in 14 days\n", "  refused ", "notPermitted: ", "100%   100%  not_pending  nothing asks for it"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// TestStoryOfTurns sums up reasons that come and go, and stays narrow.
func TestStoryOfTurns(t *testing.T) {
	p := parsed(t, `
app: {via: native}
tasks:
  sync: {every: 15m, needs: {network: connected}, android: {as: periodic}}
`)
	c := population.Config{Plan: p, Platforms: []string{scenario.Android}, Devices: 1, Days: 7, Seed: 3}
	var b strings.Builder
	if err := report.Story(&b, c, scenario.Android, 0, "sync"); err != nil {
		t.Fatal(err)
	}
	held := 0
	for line := range strings.Lines(b.String()) {
		if n := len(line); n > page.Width+1 {
			t.Errorf("%d columns: %s", n, line)
		}
		if held++; !strings.Contains(line, "  held: ") && !strings.HasPrefix(line, "  ") {
			held = 0
		}
		if held > 8 {
			t.Fatalf("held, line by line:\n%s", b.String())
		}
	}
	if !strings.Contains(b.String(), " by turns for ") {
		t.Errorf("nothing by turns:\n%s", b.String())
	}
}
