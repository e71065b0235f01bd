package population

import (
	"context"
	"slices"
	"testing"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/world"
	"github.com/lullwork/lull/work"
)

// TestViews: a widget that the plan says is seen more often is reloaded more often, and
// nothing changes on Android.
func TestViews(t *testing.T) {
	of, err := world.ArchetypeByName("daily")
	if err != nil {
		t.Fatal(err)
	}
	of.Values[world.WidgetOwners] = 1_000_000
	runs := func(platform string, times int64) (n int64) {
		p := example(t)
		p.Tasks = slices.DeleteFunc(p.Tasks, func(t plan.Task) bool { return t.Phone.IOS == nil || t.Phone.IOS.As != work.KindWidget })
		p.Tasks[0].Phone.IOS.Views.Times = times
		p.Tasks[0].Phone.IOS.Entries = 1
		r, err := Run(context.Background(), Config{
			Plan: p, Platforms: []string{platform}, Devices: 6, Days: 7, Settle: 7, Seed: 1,
			Mix: &world.Mix{People: []world.Share{{Of: of, PPM: 1}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range r.Groups {
			for _, x := range r.Groups[i].Tally.Tasks {
				n += x.Runs
			}
		}
		return n
	}
	seldom, often := runs(scenario.IOS, 1), runs(scenario.IOS, 12)
	if seldom == 0 || seldom*2 > often {
		t.Errorf("%d reloads of a widget that is seen once a day, %d of one that is seen 12 times", seldom, often)
	}
	if a, b := runs(scenario.Android, 1), runs(scenario.Android, 12); a != b {
		t.Errorf("on Android %d and %d runs", a, b)
	}
	p := example(t)
	p.Tasks[0].Phone.IOS.Views = plan.Rate{Times: 7, Per: 7 * 24 * 3600 * 1_000_000_000}
	if got := scenario.Views(p); got != 12_000 {
		t.Errorf("%d thousandths a day", got)
	}
}
