package report

import (
	"context"
	"slices"

	"github.com/lullwork/lull/internal/sim/population"
)

// hingeDevices and hingeSettle bound what is simulated again for each other value.
const (
	hingeDevices = 40
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
		plain, err := again(ctx, small)
		if err != nil {
			return err
		}
		for _, v := range population.Variants(platform) {
			cfg := small
			cfg.Set = small.Set.With(platform, v)
			other, err := again(ctx, cfg)
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

func again(ctx context.Context, c population.Config) ([]Verdict, error) {
	r, err := population.Run(ctx, c)
	if err != nil {
		return nil, err
	}
	return Judge(r), nil
}

func find(vs []Verdict, like *Verdict) *Verdict {
	for i := range vs {
		if v := &vs[i]; v.Task == like.Task && v.Platform == like.Platform && v.Archetype == like.Archetype {
			return v
		}
	}
	return nil
}
