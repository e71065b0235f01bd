package report

import (
	"context"
	"reflect"
	"slices"

	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/internal/sim/population"
)

// What is simulated again for each other value is bounded: of each archetype that is judged
// first one phone, and more of those only for which something comes of it.
const (
	firstPhones = 1
	hingePhones = 8
)

// Hinge marks the verdicts as undecided that turn when one assumption is half as large,
// or half as large again. It simulates some phones of the population once more with each
// of them, and some with no other value: by how much these differ, the share may be another
// one that the verdict rests on.
func Hinge(ctx context.Context, r *population.Result, verdicts []Verdict) error {
	for _, platform := range r.Config.Platforms {
		var kinds []string
		for i := range verdicts {
			if v := &verdicts[i]; v.Platform == platform && (v.State == Met || v.State == Missed) && !slices.Contains(kinds, v.Archetype) {
				kinds = append(kinds, v.Archetype)
			}
		}
		if len(kinds) == 0 {
			continue
		}
		c := r.Config
		c.Progress, c.Platforms = nil, []string{platform}
		if err := hinge(ctx, c, kinds, verdicts); err != nil {
			return err
		}
	}
	for i := range verdicts {
		if x := &verdicts[i]; len(x.Hinges) > 0 && (x.State == Met || x.State == Missed) {
			x.State = Undecided
		}
	}
	return nil
}

// some returns the numbers of the first phones of each of some archetypes.
func some(c *population.Config, kinds []string, each int) (out []int) {
	count := make([]int, len(kinds))
	left := len(kinds)
	for n := 0; n < c.Devices && left > 0; n++ {
		k := slices.Index(kinds, c.Mix.Member(c.Seed, n).Of.Name)
		if k < 0 || count[k] == each {
			continue
		}
		out = append(out, n)
		if count[k]++; count[k] == each {
			left--
		}
	}
	return out
}

// hinge tries every other value on one platform, on phones of some archetypes.
func hinge(ctx context.Context, c population.Config, kinds []string, verdicts []Verdict) error {
	few := some(&c, kinds, firstPhones)
	same, _, err := again(ctx, c, few)
	if err != nil {
		return err
	}
	_, plain, err := again(ctx, c, some(&c, kinds, hingePhones))
	if err != nil {
		return err
	}
	platform, as := c.Platforms[0], c.Set
	for _, v := range population.Variants(platform) {
		c.Set = as.With(platform, v)
		now, _, err := again(ctx, c, few)
		if err != nil {
			return err
		}
		others := slices.DeleteFunc(slices.Clone(kinds), func(k string) bool { return reflect.DeepEqual(now[k], same[k]) })
		if len(others) == 0 {
			continue
		}
		_, other, err := again(ctx, c, some(&c, others, hingePhones))
		if err != nil {
			return err
		}
		for i := range verdicts {
			x := &verdicts[i]
			before, after := find(plain, x), find(other, x)
			if before == nil || after == nil || before.Of == 0 || after.Of == 0 || x.Of == 0 {
				continue
			}
			turns := x.Got+after.Got-before.Got >= x.Want != (x.Got >= x.Want)
			if turns && !slices.Contains(x.Hinges, v.Name) {
				x.Hinges = append(x.Hinges, v.Name)
			}
		}
	}
	return nil
}

// again simulates some phones of a population again: what came of the tasks that are
// judged, by archetype, and the verdicts.
func again(ctx context.Context, c population.Config, only []int) (map[string][]phone.TaskTally, []Verdict, error) {
	c.Only = only
	r, err := population.Run(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	judged := map[string][]phone.TaskTally{}
	for i := range c.Plan.Tasks {
		for k := range r.Groups {
			g := &r.Groups[k]
			if x := taskOf(&g.Tally, c.Plan.Tasks[i].Name); x != nil && c.Plan.Tasks[i].Phone.Expect != nil {
				judged[g.Archetype] = append(judged[g.Archetype], *x)
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
