package report

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/work"
)

// What is simulated again for other values is bounded: of each archetype that is judged
// first one phone, with many of them at once. Only those that make a difference to it are
// tried on more phones, each for itself.
const (
	firstPhones = 1
	hingePhones = 8
	hingeGroup  = 5 // values that are tried at once, after all
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
			c.Plan = relevant(c.Plan)
		}
		h := hinges{Config: c, verdicts: verdicts}
		if err := h.find(ctx, kinds); err != nil {
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

// relevant returns a plan without the notifications and widgets that nothing is expected
// of. iOS shows them without the app, so that they are nothing to its other tasks.
func relevant(p *plan.Plan) *plan.Plan {
	q := *p
	q.Tasks = slices.DeleteFunc(slices.Clone(p.Tasks), func(t plan.Task) bool {
		as := work.Kind(As(&t, scenario.IOS))
		return t.Phone.Expect == nil && (as == work.KindNotification || as == work.KindWidget)
	})
	return &q
}

// hinges looks for the assumptions that verdicts of one platform hang on.
type hinges struct {
	population.Config
	verdicts []Verdict
	first    []tried // what came of the first phone of each archetype
	plain    []tried // and of more of them, as far as that was asked for
}

// find tries every other value, on phones of some archetypes.
func (h *hinges) find(ctx context.Context, kinds []string) (err error) {
	if h.first, err = h.again(ctx, kinds, firstPhones); err != nil {
		return err
	}
	platform := h.Platforms[0]
	for _, set := range population.Variants(platform) {
		if err := h.sift(ctx, set, kinds); err != nil {
			return err
		}
	}
	return nil
}

// sift tries values at once, and those that make a difference to an archetype again in
// smaller groups, down to each for itself.
func (h *hinges) sift(ctx context.Context, set []population.Variant, kinds []string) error {
	now, err := h.again(ctx, kinds, firstPhones, set...)
	var unfit *population.SettingError // together they contradict each other
	if err != nil && (len(set) == 1 || !errors.As(err, &unfit)) {
		return err
	}
	var open []string
	for i := range h.verdicts {
		x := &h.verdicts[i]
		if x.Platform != h.Platforms[0] || !slices.Contains(kinds, x.Archetype) || slices.Contains(open, x.Archetype) {
			continue
		}
		if unfit != nil || mayTurn(x, h.first, now, len(set) == 1) {
			open = append(open, x.Archetype)
		}
	}
	switch {
	case len(open) == 0:
		return nil
	case len(set) == 1:
		return h.weigh(ctx, set[0], open)
	}
	size := 1
	if len(set) > hingeGroup {
		size = hingeGroup
	}
	for part := range slices.Chunk(set, size) {
		if err := h.sift(ctx, part, open); err != nil {
			return err
		}
	}
	return nil
}

// weigh tries one value on more phones of some archetypes, and notes the verdicts that it
// turns.
func (h *hinges) weigh(ctx context.Context, v population.Variant, kinds []string) error {
	for _, k := range kinds {
		if slices.ContainsFunc(h.plain, func(t tried) bool { return t.Archetype == k }) {
			continue
		}
		plain, err := h.again(ctx, []string{k}, hingePhones)
		if err != nil {
			return err
		}
		h.plain = append(h.plain, plain...)
	}
	other, err := h.again(ctx, kinds, hingePhones, v)
	if err != nil {
		return err
	}
	for i := range h.verdicts {
		x := &h.verdicts[i]
		before, after := find(h.plain, x), find(other, x)
		if before == nil || after == nil || before.Of == 0 || after.Of == 0 || x.Of == 0 {
			continue
		}
		turns := x.Got+after.Got-before.Got >= x.Want != (x.Got >= x.Want)
		if turns && !slices.Contains(x.Hinges, v.Name) {
			x.Hinges = append(x.Hinges, v.Name)
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

// mayTurn reports whether what came of one phone lets a verdict turn on more of them. A
// share of works has to move a quarter of the way to its limit, if one value has moved it:
// one phone has many. Of phones it is one, so that any difference counts.
func mayTurn(x *Verdict, first, now []tried, one bool) bool {
	before, after := find(first, x), find(now, x)
	if before == nil || after == nil || reflect.DeepEqual(before.tally, after.tally) {
		return false
	}
	if !one || x.Share != worksShare || before.Of == 0 || after.Of == 0 {
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

// again simulates so many phones of each of some archetypes again, with other values.
func (h *hinges) again(ctx context.Context, kinds []string, each int, set ...population.Variant) ([]tried, error) {
	c := h.Config
	c.Only, c.Set = some(&c, kinds, each), c.Set.With(c.Platforms[0], set...)
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
