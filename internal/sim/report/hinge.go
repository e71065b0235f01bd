package report

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/lullwork/lull/internal/sim/population"
)

// Values are tried at once on a few phones, all and then so many of them, before each is
// tried for itself, on more and more phones.
const (
	hingeGroup  = 5
	hingePhones = 2
)

var hingeSteps = [...]int{4, 8, 12}

// Hinge marks the verdicts as undecided that turn when one assumption is half as large,
// or half as large again. It simulates some phones of the population once more with each
// of them: by how much these differ from what they were, the share may be another one that
// the verdict rests on.
func Hinge(ctx context.Context, r *population.Result, verdicts []Verdict) error {
	all, err := searches(r, verdicts)
	if err != nil {
		return err
	}
	open := make([][]candidate, 2*len(all)) // of each search, by the set of variants
	err = side(r.Config.Workers, len(open), func(i int) (err error) {
		open[i], err = all[i/2].sift(ctx, all[i/2].sets[i%2])
		return err
	})
	if err != nil {
		return err
	}
	var tries []*try
	for i := range open {
		for _, c := range open[i] {
			k := slices.IndexFunc(tries, func(t *try) bool { return t.search == &all[i/2] && t.values[0].Name == c.Name })
			if k < 0 {
				k, tries = len(tries), append(tries, &try{search: &all[i/2]})
			}
			tries[k].values = append(tries[k].values, c)
		}
	}
	if err := side(r.Config.Workers, len(tries), func(i int) error { return tries[i].run(ctx) }); err != nil {
		return err
	}
	for _, t := range tries {
		for _, x := range t.turned {
			x.State, x.Hinges = Undecided, append(x.Hinges, t.values[0].Name)
		}
	}
	return nil
}

// side does things side by side. The error is that of the first of them that has one.
func side(workers, n int, do func(i int) error) error {
	var wg sync.WaitGroup
	var next atomic.Int64
	errs := make([]error, n)
	for range min(workers, n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				errs[i] = do(i)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// search looks for the assumptions that the verdicts of one archetype on one platform hang
// on.
type search struct {
	population.Config
	aims   []aim
	phones []*population.Phone // as they are; those first that show most
	sets   [2][]candidate
}

// candidate is another value, with those phones that have another one by it.
type candidate struct {
	population.Variant
	who []*population.Phone
}

// try tries values of one assumption, each for itself.
type try struct {
	*search
	values []candidate
	turned []*Verdict
}

// searches returns those of the verdicts that are decided, but for chance.
func searches(r *population.Result, verdicts []Verdict) ([]search, error) {
	var out []search
	pasts := new(population.Pasts)
	for _, platform := range r.Config.Platforms {
		c := r.Config
		c.Progress, c.Platforms, c.Workers, c.Pasts = nil, []string{platform}, 1, pasts
		sets, scales := population.Variants(platform), c.Scales(platform)
		from := len(out)
		for i := range verdicts {
			x := &verdicts[i]
			if x.Platform != platform || x.State != Met && x.State != Missed && !x.Few {
				continue
			}
			k := slices.IndexFunc(out[from:], func(s search) bool { return s.aims[0].Archetype == x.Archetype })
			if k < 0 {
				k, out = len(out)-from, append(out, search{Config: c, phones: those(r.Phones, x)})
			}
			s := &out[from+k]
			s.aims = append(s.aims, newAim(x, c.Plan))
		}
		for i := from; i < len(out); i++ {
			if err := out[i].begin(sets, scales); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// those are the phones that a verdict is about.
func those(phones []population.Phone, x *Verdict) (out []*population.Phone) {
	for i := range phones {
		if p := &phones[i]; p.Platform == x.Platform && p.Archetype == x.Archetype {
			out = append(out, p)
		}
	}
	return out
}

// begin orders the phones, and finds which of them the variants make a difference to.
func (s *search) begin(sets [2][]population.Variant, scales population.Scales) error {
	shown := func(p *population.Phone) (n int) {
		for i := range s.aims {
			if s.aims[i].shows(p) {
				n++
			}
		}
		return n
	}
	slices.SortStableFunc(s.phones, func(a, b *population.Phone) int { return shown(b) - shown(a) })
	for i := range s.aims {
		a := &s.aims[i]
		a.far = a.way(s.phones, s.phones)
	}
	for k := range sets[0] {
		var who [2][]*population.Phone
		twice := true
		for _, p := range s.phones {
			is, less, err := scales(p.Vendor, sets[0][k])
			if err != nil {
				return err
			}
			_, more, err := scales(p.Vendor, sets[1][k])
			if err != nil {
				return err
			}
			if less != is {
				who[0] = append(who[0], p)
			}
			if more != is {
				who[1] = append(who[1], p)
			}
			twice = twice && less == more
		}
		for i := range sets {
			if len(who[i]) > 0 && !(twice && i == 1) {
				s.sets[i] = append(s.sets[i], candidate{sets[i][k], who[i]})
			}
		}
	}
	return nil
}

// sift returns those of some values that may turn a verdict. Those that all phones have are
// tried at once, and if together they move a phone by an eighth of the way, in smaller
// groups.
func (s *search) sift(ctx context.Context, set []candidate) ([]candidate, error) {
	var open, wide []candidate
	for _, c := range set {
		switch {
		case !slices.ContainsFunc(s.aims, func(a aim) bool { return s.way(&a, c) >= 0 }):
		case len(c.who) < len(s.phones):
			open = append(open, c)
		default:
			wide = append(wide, c)
		}
	}
	if moves, err := s.moves(ctx, wide); err != nil || !moves {
		return open, err
	}
	for group := range slices.Chunk(wide, hingeGroup) {
		moves := true
		if len(group) > 1 && len(group) < len(wide) {
			var err error
			if moves, err = s.moves(ctx, group); err != nil {
				return nil, err
			}
		}
		if moves {
			open = append(open, group...)
		}
	}
	return open, nil
}

// way is how far values have to move a verdict, see [aim.way].
func (s *search) way(a *aim, c candidate) int64 {
	if len(c.who) == len(s.phones) {
		return a.far
	}
	return a.way(s.phones, c.who)
}

// moves reports whether values together move a phone so far that one of them may turn a
// verdict. If together they contradict each other, they may.
func (s *search) moves(ctx context.Context, set []candidate) (bool, error) {
	if len(set) < 2 {
		return len(set) == 1, nil
	}
	for i := range min(hingePhones, len(s.phones)) {
		one := s.phones[i : i+1]
		now, err := s.again(ctx, one, set...)
		var unfit *population.SettingError
		switch {
		case errors.As(err, &unfit):
			return true, nil
		case err != nil:
			return false, err
		}
		if slices.ContainsFunc(s.aims, func(a aim) bool {
			moved := a.moved(one, now)
			return a.far >= 0 && moved != 0 && max(moved, -moved)*8 >= a.far
		}) {
			return true, nil
		}
	}
	return false, nil
}

// run tries the values on more and more phones, for as long as they move a verdict: with
// each step further, of the way to its limit. The last step has to turn it.
func (t *try) run(ctx context.Context) error {
	for _, v := range t.values {
		open := slices.DeleteFunc(slices.Clone(t.aims), func(a aim) bool {
			return t.way(&a, v) < 0 || slices.Contains(t.turned, a.Verdict)
		})
		var now []population.Phone
		for i, n := range hingeSteps {
			n = min(n, len(v.who))
			if len(open) == 0 || n == len(now) {
				break
			}
			more, err := t.again(ctx, v.who[len(now):n], v)
			if err != nil {
				return err
			}
			now = append(now, more...)
			last := i == len(hingeSteps)-1 || n == len(v.who)
			open = slices.DeleteFunc(open, func(a aim) bool {
				if last {
					return !a.turns(t.phones, v.who, now)
				}
				moved := a.moved(v.who, now)
				return moved <= 0 || moved*int64(len(hingeSteps)+1) < t.way(&a, v)*int64(i+1)
			})
		}
		for _, a := range open {
			t.turned = append(t.turned, a.Verdict)
		}
	}
	return nil
}

// again simulates some phones again, with other values.
func (s *search) again(ctx context.Context, phones []*population.Phone, set ...candidate) ([]population.Phone, error) {
	c := s.Config
	var vs []population.Variant
	for _, v := range set {
		vs = append(vs, v.Variant)
	}
	c.Only, c.Set = nil, c.Set.With(c.Platforms[0], vs...)
	for _, p := range phones {
		c.Only = append(c.Only, p.Device)
	}
	r, err := population.Run(ctx, c)
	if err != nil {
		return nil, err
	}
	return r.Phones, nil
}
