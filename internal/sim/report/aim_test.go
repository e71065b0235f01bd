package report

import (
	"testing"

	"github.com/lullwork/lull/internal/sim/population"
)

func phones(ts ...population.Own) (out []*population.Phone) {
	for i, t := range ts {
		t.Name = "t"
		out = append(out, &population.Phone{Device: i, Tasks: []population.Own{t}})
	}
	return out
}

func copies(ps []*population.Phone) (out []population.Phone) {
	for _, p := range ps {
		out = append(out, *p)
	}
	return out
}

// old are phones with data that was so old at most.
func old(ages ...int64) []*population.Phone {
	var ts []population.Own
	for _, a := range ages {
		ts = append(ts, population.Own{Seen: a >= 0, Oldest: a})
	}
	return phones(ts...)
}

// often are phones on which a task ran so often in ten days.
func often(runs ...int64) []*population.Phone {
	var ts []population.Own
	for _, r := range runs {
		ts = append(ts, population.Own{Runs: r, Days: 10})
	}
	return phones(ts...)
}

// done are phones with ten works each, of which so many were in time.
func done(works ...int64) []*population.Phone {
	var ts []population.Own
	for _, n := range works {
		ts = append(ts, population.Own{InTime: n, InTimeOf: 10})
	}
	return phones(ts...)
}

// TestWay tells how far a verdict is from another one.
func TestWay(t *testing.T) {
	fresh := func(want, got int64) aim {
		return aim{Verdict: &Verdict{Task: "t", Want: want, Got: got}, fresh: 100}
	}
	runs := func(want, got int64) aim {
		return aim{Verdict: &Verdict{Task: "t", Want: want, Got: got}, often: 2 * million}
	}
	works := func(want, got int64) aim {
		return aim{Verdict: &Verdict{Task: "t", Share: worksShare, Want: want, Got: got}}
	}
	for _, c := range []struct {
		name string
		a    aim
		all  []*population.Phone
		some []*population.Phone
		want int64
	}{
		{"one more phone has to be fresher by 10", fresh(750_000, 500_000), old(50, 60, 110, 300), nil, 10},
		{"two more", fresh(million, 500_000), old(50, 60, 110, 300), nil, 200},
		{"the next one has to be staler by 40", fresh(500_000, 500_000), old(50, 60, 110, 300), nil, 40},
		{"and another one", fresh(500_000, 750_000), old(50, 60, 70, 300), nil, 40},
		{"a phone that nobody looked at does not count", fresh(750_000, 500_000), old(50, -1, 60, 110, 300), nil, 10},
		{"these alone cannot", fresh(million, 500_000), old(50, 60, 110, 300), old(50, 300), -1},
		{"one run a day more", runs(500_000, 0), often(10, 5, 0), nil, 3 * million / 2},
		{"half a run a day less", runs(million, million), often(25, 30), nil, million / 2},
		{"a tenth of the works", works(600_000, 500_000), done(5, 5, 5, 5), nil, 100_000},
		{"a fifth of half of them", works(600_000, 500_000), done(5, 5, 5, 5), done(5, 5), 200_000},
		{"not even all of a quarter", works(700_000, 500_000), done(5, 5, 5, 5), done(5), -1},
		{"nothing is seen", works(700_000, 500_000), done(5, 5), phones(population.Own{}), -1},
	} {
		some := c.some
		if some == nil {
			some = c.all
		}
		if got := c.a.way(c.all, some); got != c.want {
			t.Errorf("%s: %d", c.name, got)
		}
	}
}

// TestMoved moves phones, and turns verdicts by it.
func TestMoved(t *testing.T) {
	fresh := aim{Verdict: &Verdict{Task: "t", Want: 750_000, Got: 500_000}, fresh: 100}
	met := aim{Verdict: &Verdict{Task: "t", Want: 500_000, Got: 500_000}, fresh: 100}
	works := aim{Verdict: &Verdict{Task: "t", Share: worksShare, Want: 600_000, Got: 500_000}}
	for _, c := range []struct {
		name  string
		a     aim
		all   []*population.Phone
		who   int // so many of them have another value
		now   []*population.Phone
		moved int64
		turns bool
	}{
		{"fresher, not by enough", fresh, old(110, 50, 60, 300), 4, old(102, 48), 5, false},
		{"one of two is fresh", fresh, old(110, 50, 60, 300), 4, old(100, 50), 5, true},
		{"the only one that can be is", fresh, old(110, 50, 60, 300), 1, old(100), 10, true},
		{"staler is the other direction", fresh, old(110, 50, 60, 300), 4, old(110, 150), -50, false},
		{"which counts for one that is met", met, old(110, 50, 60, 300), 4, old(110, 150), 50, true},
		{"who does not show it is nothing to the mean", fresh, old(110, 50, 60, 300), 4, old(90, -1), 20, true},
		{"a tenth of the works", works, done(5, 5, 5, 5), 4, done(6), 100_000, true},
		{"of half of the phones", works, done(5, 5, 5, 5), 2, done(6), 100_000, false},
		{"two tenths are enough there", works, done(5, 5, 5, 5), 2, done(6, 8), 200_000, true},
	} {
		now := copies(c.now)
		if got := c.a.moved(c.all, now); got != c.moved {
			t.Errorf("%s: moved by %d", c.name, got)
		}
		if got := c.a.turns(c.all, c.all[:c.who], now); got != c.turns {
			t.Errorf("%s: turns: %t", c.name, got)
		}
	}
}
