package promised

import (
	"testing"

	"github.com/lullwork/lull/internal/policy/promise"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/internal/sim/world"
)

// TestSimulationAgrees runs each variation on the phones of people who use them a lot:
// what is promised never to run does not run there, what is promised to be killed is, and
// what is promised is not refused.
func TestSimulationAgrees(t *testing.T) {
	heavy, err := world.ArchetypeByName("heavy")
	if err != nil {
		t.Fatal(err)
	}
	mix := world.DefaultMix()
	mix.People = []world.Share{{Of: heavy, PPM: 1_000_000}}
	text := example(t)
	for _, v := range append([]variation{{name: "example", on: promise.IOS}, {name: "example", on: promise.Android}}, variations...) {
		t.Run(v.on+"/"+v.name, func(t *testing.T) {
			p := parse(t, change(t, text, v.edits))
			said := promises(t, p, v.on, v.android)
			r, err := population.Run(t.Context(), population.Config{
				Plan: p, Platforms: []string{v.on}, Devices: 2, Days: 4, Settle: 2, Seed: 7, Mix: &mix, Set: population.Overrides{Version: v.android},
			})
			if err != nil {
				t.Fatal(err)
			}
			for i := range r.Groups {
				for k := range r.Groups[i].Tally.Tasks {
					x := &r.Groups[i].Tally.Tasks[k]
					s := said[x.Name]
					switch {
					case s.Class == promise.None && x.Runs > 0:
						t.Errorf("%s is never to run, and runs %d times", x.Name, x.Runs)
					case s.denial("cpu") != nil && (x.Runs == 0 || x.Succeeded > 0):
						t.Errorf("%s is killed for what it uses of the processor, and %d of %d runs succeed", x.Name, x.Succeeded, x.Runs)
					case s.Class != promise.None && x.Runs == 0 && x.Refused > 0 && s.denial("too-many") == nil && s.denial("behind") == nil:
						t.Errorf("%s is %s, and always refused: %+v", x.Name, s.Class, x.Refusals)
					}
				}
			}
		})
	}
}
