package ios

import (
	"slices"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

func TestPushBucket(t *testing.T) {
	for _, charging := range []int64{0, 1} {
		s := newScene(t, Config{})
		s.leave()
		s.fact(record.Charging, charging)
		budget := false
		var at []int64
		from := s.now
		for s.now < from+6*hour {
			j := s.add(spec(work.KindPush))
			codes := s.codes(j)
			budget = budget || slices.Contains(codes, GateBudget)
			if len(codes) == 0 {
				s.start(j)
				at = append(at, (s.now-from)/minute)
				ended(s.sys, s.now, j, work.Success)
			}
			s.pass(minute)
		}
		if want := []int{19, 24}[charging]; len(at) < want || len(at) > want+1 || budget == (charging == 1) {
			t.Errorf("charging %d: at minutes %v, bucket empty: %t", charging, at, budget)
		}
	}
	s := newScene(t, Config{})
	s.leave()
	first, second := s.add(spec(work.KindPush)), s.add(spec(work.KindPush))
	s.ordered(drop(first, "superseded"))
	visible := spec(work.KindPush)
	visible.Phone.Visible = true
	s.held(s.add(visible))
	s.ordered()
	s.fact(record.Connected, 0)
	s.held(second) // it has reached the phone
	third := s.add(spec(work.KindPush))
	s.held(third, GateNoNetwork)
	s.ordered()
	fourth := s.add(spec(work.KindPush))
	s.ordered(drop(third, "superseded"))
	s.sense(core.SenseAppOpened, 0)
	s.held(second)
	s.held(fourth, GateNoNetwork)
	s.fact(record.Connected, 1)
	s.held(fourth)
	s.ordered()
	loud := spec(work.KindPush)
	loud.Phone.Priority = "10"
	if err := s.sys.Admit(s.now, s.job(loud, 0), &s.facts); err == nil || err.(*core.Refusal).Name != string(PushPriority) {
		t.Error(err)
	}
}

// TestPushOnItsWay: what a swipe keeps from the app is decided as it reaches the phone.
func TestPushOnItsWay(t *testing.T) {
	for _, reopened := range []bool{true, false} {
		s := newScene(t, Config{})
		s.leave()
		s.fact(record.Connected, 0)
		j := s.add(spec(work.KindPush))
		s.sense(core.SenseAppSwiped, 0)
		s.held(j, GateForceQuit, GateNoNetwork)
		s.ordered()
		if reopened {
			s.sense(core.SenseAppOpened, 0)
			s.held(j, GateNoNetwork)
		}
		s.fact(record.Connected, 1)
		if reopened {
			s.held(j)
			s.ordered()
		} else {
			s.ordered(drop(j, string(GateForceQuit)))
		}
	}
}
