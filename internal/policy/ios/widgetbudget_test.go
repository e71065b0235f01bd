package ios

import (
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/work"
)

// reloads is how often a widget is reloaded in a day on average that is looked at so
// often, and asks for a reload every so many minutes.
func reloads(t *testing.T, views float64, every int64, front bool) float64 {
	s := newScene(t, Config{})
	s.now = 100 * day
	if !front {
		s.leave()
	}
	l := &luck{s.sys.chance.Fork(3)}
	const days = 28
	n := 0
	for d := range days {
		looks := map[int64]bool{}
		for range l.poisson(views) {
			looks[int64(l.clock()*60)] = true
		}
		for m := range int64(24 * 60) {
			if looks[m] {
				s.sense(core.SenseWidgetSeen, 0)
			}
			if m%every == 0 && len(s.jobs) == 0 {
				s.jobs = append(s.jobs, s.add(spec(work.KindWidget)))
			}
			if len(s.jobs) > 0 && len(s.codes(s.jobs[0])) == 0 {
				j := s.jobs[0]
				s.jobs = s.jobs[:0]
				s.start(j)
				ended(s.sys, s.now, j, work.Success)
				if d >= days/2 {
					n++
				}
			}
			s.pass(minute)
		}
	}
	return float64(n) / (days / 2)
}

func TestWidgetBudget(t *testing.T) {
	often, seldom, never := reloads(t, 20, 15, false), reloads(t, 3, 15, false), reloads(t, 0, 15, false)
	t.Logf("seen 20 times a day: %.1f reloads, 3 times: %.1f, never: %.1f", often, seldom, never)
	if often < 40 || often > 72 {
		t.Errorf("a widget that is seen often is reloaded %.1f times a day", often)
	}
	if seldom >= often/2 || never >= seldom || never > 5 {
		t.Errorf("seen 3 times a day: %.1f reloads, never: %.1f", seldom, never)
	}
	if half := reloads(t, 20, 30, false); half < 36 || half > 48 {
		t.Errorf("asked every half hour: %.1f a day", half)
	}
	if free := reloads(t, 0, 15, true); free != 96 {
		t.Errorf("with the app in front: %.1f a day", free)
	}
}
