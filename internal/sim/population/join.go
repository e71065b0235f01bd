package population

import (
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/work"
)

// joinDays are the days before counting in which the app has works at the least: quotas
// and budgets of both platforms reach back for one day, and those of retries for less.
const joinDays = 2

// reviewDays is how far back Android looks at messages that nobody saw (policy/android,
// pushReview).
const reviewDays = 8

// join returns by when the app of a phone has works; 0: from the first day on. Before, the
// platform gets to know the user alone: that takes weeks, but whatever works leave behind
// is gone after days. The app comes in as the user starts it, when it asks anew for all
// that it wants.
//
// What it asks for once and never again is as old as the app: then there is no short way.
func (s *stage) join(start, count int64) int64 {
	days := int64(joinDays)
	for i := range s.tasks {
		t := &s.tasks[i]
		if t.When == app.Once {
			return 0
		}
		longest := max(t.Period, t.Request.Every.Microseconds(), t.Delay)
		days = max(days, 2*((longest+day-1)/day))
		if x := &t.Request.Phone; s.platform == scenario.Android && x.Kind == work.KindPush && !x.Visible {
			days = max(days, reviewDays)
		}
	}
	if at := count - days*day; !s.c.Whole && at > start {
		return at
	}
	return 0
}
