package report_test

import (
	"fmt"
	"reflect"
	"slices"
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

// bench is a plan with expectations of all kinds.
const bench = `
app:
  via: native
  ios: {modes: [fetch, processing, remote-notification], permitted: [a, b]}
tasks:
  refresh:
    every: 1h
    ios: {as: refresh, id: a, resubmit: first}
    android: {as: periodic}
    expect: {fresh: 8h, devices: 50%}
  clean:
    every: 12h
    needs: {charging: true, idle: true}
    submit: {when: app-start, policy: keep}
    ios: {as: processing, id: b, power: true, resubmit: first}
    android: {as: periodic}
    model: {takes: 3m}
    expect: {runs-per-day: 0.8, devices: 60%}
  news:
    submit: {when: arrival, rate: 12/day}
    ios: {as: push, priority: 5}
    android: {as: push, priority: normal}
    expect: {within: 10m, works: 70%}
`

func searched(tb testing.TB, c population.Config) (*population.Result, []report.Verdict) {
	tb.Helper()
	p, err := plan.Parse("lull.yaml", []byte(bench))
	if err != nil {
		tb.Fatal(err)
	}
	c.Plan, c.Platforms = p, both
	r := simulate(tb, c)
	vs := report.Judge(r)
	if err := report.Hinge(tb.Context(), r, vs); err != nil {
		tb.Fatal(err)
	}
	return r, vs
}

// TestHingeWorkers finds the same whoever simulates what.
func TestHingeWorkers(t *testing.T) {
	c := population.Config{Devices: 40, Days: 2, Settle: 4, Seed: 7, Workers: 1}
	_, one := searched(t, c)
	c.Workers = 8
	if _, many := searched(t, c); !reflect.DeepEqual(one, many) {
		t.Errorf("one worker: %+v\nmany: %+v", one, many)
	}
	if !slices.ContainsFunc(one, func(v report.Verdict) bool { return len(v.Hinges) > 0 }) {
		t.Error("nothing was found")
	}
}

// TestHingeAll simulates the whole population again with each value of each assumption. What
// turns a verdict by far is found, and nothing that is far from turning one.
func TestHingeAll(t *testing.T) {
	if !*long {
		t.Skip("simulates a population about eighty times")
	}
	const far = 50_000 // millionths
	var kinds []world.Share
	for _, name := range []string{"heavy", "daily", "few-per-week"} {
		who, err := world.ArchetypeByName(name)
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, world.Share{Of: who, PPM: 1})
	}
	mix := world.DefaultMix()
	mix.People = kinds
	r, vs := searched(t, population.Config{Devices: 180, Seed: 3, Mix: &mix})
	turn, found, missed := 0, 0, 0
	for _, platform := range both {
		sets := population.Variants(platform)
		for k := range sets[0] {
			name := sets[0][k].Name
			nearest := map[int]int64{} // by how much each verdict is turned; below zero: it is not
			for _, set := range sets {
				c := r.Config
				c.Platforms, c.Set = []string{platform}, c.Set.With(platform, set[k])
				for _, v := range report.Judge(simulate(t, c)) {
					i := slices.IndexFunc(vs, func(x report.Verdict) bool {
						return x.Task == v.Task && x.Platform == v.Platform && x.Archetype == v.Archetype
					})
					over := v.Got - v.Want
					if vs[i].Got >= vs[i].Want {
						over = -over
					}
					if old, ok := nearest[i]; !ok || over > old {
						nearest[i] = over
					}
				}
			}
			for i, over := range nearest {
				has := slices.Contains(vs[i].Hinges, name)
				switch {
				case over > far:
					if turn++; has {
						found++
					} else {
						missed++
						t.Logf("%s turns %s of %s on %s by %d", name, vs[i].Task, vs[i].Archetype, platform, over)
					}
				case over < -far && has:
					t.Errorf("%s is %d from turning %s of %s on %s", name, -over, vs[i].Task, vs[i].Archetype, platform)
				}
			}
		}
	}
	t.Logf("%d turn, %d of them are found", turn, found)
	if missed*5 > turn {
		t.Errorf("%d of %d are missed", missed, turn)
	}
}
