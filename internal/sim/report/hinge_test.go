package report_test

import (
	"fmt"
	"testing"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/internal/sim/report"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/world"
)

// TestHinge lets a verdict hang on what nobody knows: how often a refresh runs follows from
// assumed values, and so does whether that is often enough. That it runs at all, or once a
// minute, does not.
func TestHinge(t *testing.T) {
	const text = `
app: {via: native, ios: {modes: [fetch], permitted: [a]}}
tasks:
  refresh:
    every: 1h
    submit: {when: app-start}
    ios: {as: refresh, id: a, resubmit: first}
    expect: {runs-per-day: %s, devices: 60%%}
`
	who, err := world.ArchetypeByName("daily")
	if err != nil {
		t.Fatal(err)
	}
	judged := func(often string) report.Verdict {
		p, err := plan.Parse("lull.yaml", fmt.Appendf(nil, text, often))
		if err != nil {
			t.Fatal(err)
		}
		r := simulate(t, population.Config{
			Plan: p, Platforms: []string{scenario.IOS}, Devices: 12, Days: 2, Settle: 6, Seed: 1,
			Mix: &world.Mix{People: []world.Share{{Of: who, PPM: 1_000_000}}},
		})
		vs := report.Judge(r)
		if err := report.Hinge(t.Context(), r, vs); err != nil {
			t.Fatal(err)
		}
		if len(vs) != 1 {
			t.Fatalf("%+v", vs)
		}
		return vs[0]
	}
	if v := judged("0.1"); v.State != report.Met || len(v.Hinges) > 0 {
		t.Errorf("at all: %+v", v)
	}
	if v := judged("1000"); v.State != report.Missed || len(v.Hinges) > 0 {
		t.Errorf("once a minute: %+v", v)
	}
	if v := judged("4"); v.State != report.Undecided || len(v.Hinges) == 0 {
		t.Errorf("as often as it runs: %+v", v)
	}
}
