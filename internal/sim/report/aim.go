package report

import (
	"slices"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/sim/population"
)

// aim is a verdict that may turn. What it rests on moves: a share of works, or what decides
// whether a phone counts, the oldest that the data was and how often a task ran. How far
// that has to move follows from how far it has to on each of the phones.
type aim struct {
	*Verdict
	fresh int64 // no older, µs; 0: not expected
	often int64 // runs a day, millionths; 0: not expected
	far   int64 // way of all phones
}

func newAim(x *Verdict, p *plan.Plan) aim {
	k := slices.IndexFunc(p.Tasks, func(t plan.Task) bool { return t.Name == x.Task })
	e := p.Tasks[k].Phone.Expect
	switch {
	case e.Fresh > 0:
		return aim{Verdict: x, fresh: e.Fresh.Microseconds()}
	case e.Within > 0:
		return aim{Verdict: x}
	default:
		return aim{Verdict: x, often: e.PerDay * million / 1000}
	}
}

// shows reports whether a phone shows anything of it.
func (a *aim) shows(p *population.Phone) bool {
	t := p.Of(a.Task)
	return t != nil && (a.fresh > 0 && t.Seen || a.often > 0 || t.InTimeOf > 0)
}

// spare is by how much a phone counts: below zero it does not.
func (a *aim) spare(p *population.Phone) int64 {
	t := p.Of(a.Task)
	if a.fresh > 0 {
		return a.fresh - t.Oldest
	}
	return t.Runs*million/max(1, t.Days) - a.often
}

// toward is a difference, positive if it is one that can turn the verdict.
func (a *aim) toward(d int64) int64 {
	if a.Got >= a.Want {
		return -d
	}
	return d
}

// of counts, of phones or works, those that show something and those that are as expected.
func (a *aim) of(phones []*population.Phone) (got, of int64) {
	for _, p := range phones {
		switch {
		case !a.shows(p):
		case a.Share == worksShare:
			t := p.Of(a.Task)
			got, of = got+t.InTime, of+t.InTimeOf
		default:
			if of++; a.spare(p) >= 0 {
				got++
			}
		}
	}
	return got, of
}

// way returns how far all that some phones come to has to move for the verdict to turn;
// below zero: it does not, whatever they come to.
func (a *aim) way(all, some []*population.Phone) int64 {
	_, of := a.of(all)
	got, n := a.of(some)
	if n == 0 {
		return -1
	}
	short := a.toward(a.Want - a.Got)
	if a.Share == worksShare {
		room := million - share(got, n)
		if a.Got >= a.Want {
			room = share(got, n)
		}
		if way := short * of / n; way <= room {
			return way
		}
		return -1
	}
	k := (short*of + million - 1) / million // so many phones have to change
	if a.Got >= a.Want {
		k = short*of/million + 1
	}
	var ways []int64
	for _, p := range some {
		if a.shows(p) && (a.spare(p) >= 0) == (a.Got >= a.Want) {
			ways = append(ways, a.toward(-a.spare(p)))
		}
	}
	if k > int64(len(ways)) {
		return -1
	}
	slices.Sort(ways)
	return ways[k-1]
}

// moved returns how far that has moved on phones that were simulated again, toward the
// other verdict: on the mean.
func (a *aim) moved(were []*population.Phone, now []population.Phone) int64 {
	if a.Share == worksShare {
		return a.toward(a.gained(were, now))
	}
	sum, n := int64(0), int64(0)
	for i := range now {
		if p := &now[i]; a.shows(p) && a.shows(were[i]) {
			sum, n = sum+a.spare(p)-a.spare(were[i]), n+1
		}
	}
	return a.toward(sum) / max(1, n)
}

// gained is by how much the share is another one on phones that were simulated again.
func (a *aim) gained(were []*population.Phone, now []population.Phone) int64 {
	var are []*population.Phone
	for i := range now {
		are = append(are, &now[i])
	}
	before, n := a.of(were[:len(now)])
	after, m := a.of(are)
	if n == 0 || m == 0 {
		return 0
	}
	return share(after, m) - share(before, n)
}

// turns reports whether the verdict is another one if those who have another value change
// as the first of them did.
func (a *aim) turns(all, who []*population.Phone, now []population.Phone) bool {
	_, of := a.of(all)
	_, n := a.of(who)
	return a.Got+a.gained(who, now)*n/of >= a.Want != (a.Got >= a.Want)
}
