package report

import (
	"context"
	"reflect"
	"slices"

	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/internal/sim/population"
)

// What is simulated again for each other value is bounded: first a few phones, and the
// rest only where something comes of it for them.
const (
	hingeDevices = 40
	firstDevices = 12
	hingeSettle  = 14
)

// Hinge marks the verdicts as undecided that turn when one assumption is half as large,
// or half as large again. It simulates a smaller population with each of them, and looks
// at those verdicts only that are the same in it with no other value.
func Hinge(ctx context.Context, r *population.Result, verdicts []Verdict) error {
	open := func(platform string) bool {
		return slices.ContainsFunc(verdicts, func(v Verdict) bool {
			return v.Platform == platform && (v.State == Met || v.State == Missed)
		})
	}
	small := r.Config
	small.Devices = min(small.Devices, hingeDevices)
	if small.Settle = min(small.Settle, hingeSettle); small.Settle == 0 {
		small.Settle = -1 // none: 0 stands for the default
	}
	small.Progress = nil
	for _, platform := range r.Config.Platforms {
		if !open(platform) {
			continue
		}
		small.Platforms = []string{platform}
		first := small
		first.Devices = min(small.Devices, firstDevices)
		same, _, err := again(ctx, first)
		if err != nil {
			return err
		}
		_, plain, err := again(ctx, small)
		if err != nil {
			return err
		}
		for _, v := range population.Variants(platform) {
			first.Set = r.Config.Set.With(platform, v)
			if now, _, err := again(ctx, first); err != nil {
				return err
			} else if reflect.DeepEqual(now, same) {
				continue
			}
			cfg := small
			cfg.Set = first.Set
			_, other, err := again(ctx, cfg)
			if err != nil {
				return err
			}
			for i := range verdicts {
				x := &verdicts[i]
				before, after := find(plain, x), find(other, x)
				if before == nil || after == nil || before.State == after.State || after.State == Unseen || before.State == Unseen {
					continue
				}
				if !slices.Contains(x.Hinges, v.Name) {
					x.Hinges = append(x.Hinges, v.Name)
				}
			}
		}
	}
	for i := range verdicts {
		if x := &verdicts[i]; len(x.Hinges) > 0 && (x.State == Met || x.State == Missed) {
			x.State = Undecided
		}
	}
	return nil
}

// again simulates a population again: what came of the tasks that are judged, and the
// verdicts.
func again(ctx context.Context, c population.Config) ([]phone.TaskTally, []Verdict, error) {
	r, err := population.Run(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	var judged []phone.TaskTally
	for i := range c.Plan.Tasks {
		for k := range r.Groups {
			if x := taskOf(&r.Groups[k].Tally, c.Plan.Tasks[i].Name); x != nil && c.Plan.Tasks[i].Phone.Expect != nil {
				judged = append(judged, *x)
			}
		}
	}
	return judged, Judge(r), nil
}

func find(vs []Verdict, like *Verdict) *Verdict {
	for i := range vs {
		if v := &vs[i]; v.Task == like.Task && v.Platform == like.Platform && v.Archetype == like.Archetype {
			return v
		}
	}
	return nil
}
