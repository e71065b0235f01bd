package core_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestStopByUser: who stops a run means "not now". The work waits as after a failure,
// of which there is none, and is what it was after the next run.
func TestStopByUser(t *testing.T) {
	for name, c := range map[string]struct {
		q     work.Request
		fail  int   // runs that fail before
		wait  int64 // after the stop
		later int64 // after a success of the next run; 0: it is finished
	}{
		"one-time": {work.Request{}, 0, 30 * second, 0},
		"linear":   {work.Request{Backoff: work.Backoff{Policy: work.Linear, Delay: time.Minute}}, 2, 120 * second, 0},
		"failed":   {work.Request{}, 2, 60 * second, 0},
		"delayed":  {work.Request{Delay: time.Minute}, 0, 30 * second, 0},
		"periodic": {work.Request{Every: time.Hour}, 0, 30 * second, hour},
		"failing":  {work.Request{Every: time.Hour}, 1, 30 * second, hour},
		"calendar": {work.Request{Cron: "0 * * * *", Zone: "UTC"}, 0, 30 * second, -1},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig(t)
			zone(r, "UTC", utc)
			c.q.ID = "w"
			add(r, 0, c.q)
			at := r.Row("w").Due
			for range c.fail {
				r.Do(at, core.Tick{})
				r.End(at, "w", work.Errored)
				at = r.Row("w").Due
			}
			r.Do(at, core.Tick{})
			wantState(r, "w", work.Running)
			before := *r.Row("w")
			at += second
			r.Do(at, core.StopRun{Work: "w", Reason: work.StopUser})
			r.Reap(at, "w")
			want(r, "w", work.Enqueued, at+c.wait)
			if w := r.Row("w"); w.Failures != before.Failures || w.Attempts != before.Attempts || w.StopReason != work.StopUser {
				t.Errorf("%+v", w)
			}
			r.Restart(at)
			why := r.Explain(at, "w")
			if len(why) != 1 || !strings.HasPrefix(why[0].Message, "the user stopped its run") || !why[0].Until.Equal(r.M.Time(at+c.wait)) {
				t.Errorf("%+v", why)
			}
			at += c.wait
			r.Do(at, core.Tick{})
			wantState(r, "w", work.Running)
			r.End(at, "w", work.Success)
			switch w := r.Row("w"); {
			case c.later == 0:
				wantState(r, "w", work.Succeeded)
			case w.Override != record.Never:
				t.Errorf("the hold is still there: %+v", w)
			case c.later > 0:
				want(r, "w", work.Enqueued, at+c.later)
			}
		})
	}
}
