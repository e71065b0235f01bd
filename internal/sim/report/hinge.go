package report

import (
	"context"
	"reflect"
	"slices"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/work"
)

// What is simulated again for each other value is bounded: of each archetype that is judged
// first one phone, and more of those only for which what comes of it may turn a verdict.
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
		if platform == scenario.IOS {
			c.Plan = unshown(c.Plan)
		}
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

// unshown returns a plan without the notifications that nothing is expected of. iOS shows
// them without the app, so that they are nothing to its other tasks; an app that asks for
// many costs as much time as all of those.
func unshown(p *plan.Plan) *plan.Plan {
	q := *p
	q.Tasks = slices.DeleteFunc(slices.Clone(p.Tasks), func(t plan.Task) bool {
		return t.Phone.Expect == nil && As(&t, scenario.IOS) == string(work.KindNotification)
	})
	return &q
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
	first, err := again(ctx, c, few)
	if err != nil {
		return err
	}
	plain, err := again(ctx, c, some(&c, kinds, hingePhones))
	if err != nil {
		return err
	}
	platform, as := c.Platforms[0], c.Set
	for _, v := range population.Variants(platform) {
		c.Set = as.With(platform, v)
		now, err := again(ctx, c, few)
		if err != nil {
			return err
		}
		var open []string
		for i := range verdicts {
			if x := &verdicts[i]; x.Platform == platform && !slices.Contains(open, x.Archetype) && mayTurn(x, first, now) {
				open = append(open, x.Archetype)
			}
		}
		if len(open) == 0 {
			continue
		}
		other, err := again(ctx, c, some(&c, open, hingePhones))
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

// mayTurn reports whether what came of one phone lets a verdict turn on more of them. A
// share of works has to move a quarter of the way to its limit: one phone has many. Of
// phones it is one, so that any difference counts.
func mayTurn(x *Verdict, first, now []tried) bool {
	before, after := find(first, x), find(now, x)
	if before == nil || after == nil || reflect.DeepEqual(before.tally, after.tally) {
		return false
	}
	if x.Share != worksShare || before.Of == 0 || after.Of == 0 {
		return true
	}
	way, moved := x.Want-x.Got, after.Got-before.Got
	if way <= 0 { // it is met
		way, moved = -way, -moved
	}
	return moved*4 >= way
}

// tried is a verdict with all that came of its task.
type tried struct {
	Verdict
	tally *phone.TaskTally
}

// again simulates some phones of a population again.
func again(ctx context.Context, c population.Config, only []int) ([]tried, error) {
	c.Only = only
	r, err := population.Run(ctx, c)
	if err != nil {
		return nil, err
	}
	var out []tried
	for _, v := range Judge(r) {
		for k := range r.Groups {
			if g := &r.Groups[k]; g.Archetype == v.Archetype {
				out = append(out, tried{v, taskOf(&g.Tally, v.Task)})
			}
		}
	}
	return out, nil
}

func find(vs []tried, like *Verdict) *tried {
	for i := range vs {
		if v := &vs[i]; v.Task == like.Task && v.Platform == like.Platform && v.Archetype == like.Archetype {
			return v
		}
	}
	return nil
}
