package core_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

var utc = calendar.UTC()

// zone gives the machine a time zone.
func zone(r *coretest.Rig, name string, z calendar.Zone) {
	r.TB.Helper()
	b, err := json.Marshal(z)
	if err != nil {
		r.TB.Fatal(err)
	}
	if reply := r.Do(r.At, core.ZoneRead{Zone: record.Zone{Name: name, Table: b}}); reply.Err != nil {
		r.TB.Fatal(reply.Err)
	}
}

// berlin has DST changes on 2026-03-29 and 2026-10-25, at 01:00 UTC.
func berlin() calendar.Zone {
	z := calendar.Fixed("Europe/Berlin", 3600)
	z.Transitions = []calendar.Transition{
		{At: time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC).Unix(), Offset: 7200},
		{At: time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC).Unix(), Offset: 3600},
	}
	return z
}

func date(y int, m time.Month, d, h, min int) int64 {
	return time.Date(y, m, d, h, min, 0, 0, time.UTC).UnixMicro()
}

func TestBetweenAcrossDST(t *testing.T) {
	r := rig(t)
	start := date(2026, 3, 28, 12, 0)
	r.Do(start, core.Tick{})
	zone(r, "Europe/Berlin", berlin())
	add(r, start, work.Request{ID: "a", Every: time.Second, Needs: work.Constraints{Between: "01:30-02:30", Zone: "Europe/Berlin"}})
	wantCodes(r, start, "a", work.ReasonHours)
	if got := r.Explain(start, "a")[0].Until; !got.Equal(time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC)) {
		t.Errorf("until %v", got)
	}
	if r.Wake != date(2026, 3, 29, 0, 30) {
		t.Errorf("woken at %d", r.Wake)
	}
	r.Do(r.Wake-1, core.Tick{})
	wantState(r, "a", work.Enqueued)
	r.Do(r.Wake, core.Tick{})
	wantState(r, "a", work.Running)
	// 02:00 does not exist that day: the window ends with the jump to 03:00.
	if r.Wake != date(2026, 3, 29, 1, 0) {
		t.Errorf("woken at %v", time.UnixMicro(r.Wake).UTC())
	}
	r.Do(r.Wake, core.Tick{})
	if w := r.Row("a"); w.State != work.Enqueued || w.StopReason != work.StopDeviceState {
		t.Errorf("%+v", w)
	}
	r.Reap(r.At, "a")
	wantCodes(r, r.At, "a", work.ReasonHours)
	if r.Wake != date(2026, 3, 29, 23, 30) { // 01:30 in summer
		t.Errorf("woken at %v", time.UnixMicro(r.Wake).UTC())
	}
	r.Do(date(2026, 10, 25, 0, 31), core.Tick{}) // 02:31 in summer: over
	wantState(r, "a", work.Enqueued)
	if r.Wake != date(2026, 10, 25, 1, 0) { // 02:00 comes again
		t.Errorf("woken at %v", time.UnixMicro(r.Wake).UTC())
	}
	r.Do(r.Wake, core.Tick{})
	wantState(r, "a", work.Running)
}

func TestExplainDoesNotDisturb(t *testing.T) {
	r := rig(t)
	zone(r, "Local", utc)
	add(r, 0, work.Request{ID: "a", Needs: work.Constraints{Between: "01:00-02:00", Charging: true}})
	r.Do(0, core.FactsRead{Facts: []record.Fact{{Signal: record.Charging, Value: 0, Next: 1, Settles: hour / 2}}})
	wantCodes(r, 0, "a", work.ReasonSettling, work.ReasonHours)
	wantCodes(r, hour/2, "a", work.ReasonHours)
	wantCodes(r, hour, "a")
	wantCodes(r, 2*hour, "a", work.ReasonHours)
	wantCodes(r, 0, "a", work.ReasonSettling, work.ReasonHours)
	if r.Wake != hour/2 {
		t.Errorf("woken at %d", r.Wake)
	}
	r.Do(hour/2, core.Tick{})
	if r.Wake != hour {
		t.Errorf("woken at %d", r.Wake)
	}
	r.Do(hour, core.Tick{})
	wantState(r, "a", work.Running)
}

func TestSettledFactsSurviveRestart(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "a", Delay: time.Hour, Needs: work.Constraints{Charging: true}})
	r.Do(0, core.FactsRead{Facts: []record.Fact{{Signal: record.Charging, Value: 0, Next: 1, Settles: second}}})
	r.Do(second, core.Tick{})
	lines := len(r.Journal())
	r.Restore()
	wantCodes(r, second, "a", work.ReasonDelay, work.ReasonEngineDown)
	r.Do(2*second, core.Recover{})
	for _, e := range r.Journal()[lines:] {
		if e.Kind == record.EntryCondition && e.Cond == "charging" {
			t.Errorf("told again: %+v", e)
		}
	}
}

func cron(missed work.Missed) work.Request {
	return work.Request{ID: "a", Cron: "0 3 * * *", Missed: missed}
}

func TestCron(t *testing.T) {
	for missed, c := range map[work.Missed]struct {
		runs []int64 // starts, when nothing is there until day 3 12:00
	}{
		work.MissedOnce: {[]int64{3*day + 12*hour, 4*day + 3*hour}},
		work.MissedSkip: {[]int64{4*day + 3*hour, 5*day + 3*hour}},
		work.MissedAll:  {[]int64{3*day + 12*hour, 3*day + 12*hour, 3*day + 12*hour, 3*day + 12*hour, 4*day + 3*hour}},
	} {
		for _, how := range []string{"down", "asleep", "unmet", "full", "clock"} {
			t.Run(string(missed)+"/"+how, func(t *testing.T) {
				r := rig(t)
				zone(r, "Local", utc)
				q := cron(missed)
				q.Needs.Charging = how == "unmet"
				if how == "full" {
					add(r, 0, work.Request{ID: "other"})
					r.Do(0, core.JobsSet{Jobs: 1})
				}
				add(r, 0, q)
				offset := int64(0)
				back := 3*day + 12*hour
				switch how {
				case "down":
					r.Restart(back)
				case "asleep":
					r.Do(hour, core.Suspend{})
					r.Do(back, core.Woke{})
				case "unmet":
					r.Do(back, core.FactsRead{Facts: []record.Fact{{Signal: record.Charging, Value: 1}}})
				case "full":
					r.End(back, "other", work.Success)
				case "clock":
					offset = back
					r.Do(0, core.ClockSet{Offset: offset})
				}
				for i, at := range c.runs {
					at -= offset
					if r.At < at {
						if r.Wake != at {
							t.Fatalf("run %d: woken at %d, want %d", i, r.Wake, at)
						}
						r.Do(at, core.Tick{})
					}
					if w := r.Row("a"); w.State != work.Running || w.Periods != int32(i) {
						t.Fatalf("run %d at %d: %+v", i, at, w)
					}
					r.End(at, "a", work.Success)
				}
			})
		}
	}
}

func TestCronClockBack(t *testing.T) {
	for _, missed := range []work.Missed{work.MissedOnce, work.MissedSkip, work.MissedAll} {
		t.Run(string(missed), func(t *testing.T) {
			r := rig(t)
			zone(r, "Local", utc)
			year := 365 * day
			r.Do(0, core.ClockSet{Offset: 20 * year}) // the clock is far ahead
			add(r, 0, cron(missed))
			r.Do(3*hour, core.Tick{})
			wantState(r, "a", work.Running)
			r.End(3*hour, "a", work.Success)
			want(r, "a", work.Enqueued, 20*year+day+3*hour)
			r.Do(4*hour, core.ClockSet{Offset: 0}) // put right
			want(r, "a", work.Enqueued, day+3*hour)
			// A small step back neither doubles nor skips.
			r.Do(day+3*hour, core.Tick{})
			wantState(r, "a", work.Running)
			r.End(day+3*hour+second, "a", work.Success)
			r.Do(day+3*hour+minute, core.ClockSet{Offset: -hour})
			want(r, "a", work.Enqueued, 2*day+3*hour)
			if r.Wake != 2*day+4*hour {
				t.Errorf("woken at %d", r.Wake)
			}
		})
	}
}

func TestCronClockBackWhileDown(t *testing.T) {
	r := rig(t)
	zone(r, "Local", utc)
	r.Do(0, core.ClockSet{Offset: 9000 * day})
	add(r, 0, cron(work.MissedOnce))
	r.Restore()
	r.Do(hour, core.ClockSet{Offset: 0})
	r.Restore() // a look at the state, without dispatching
	r.Do(hour, core.Recover{})
	want(r, "a", work.Enqueued, 3*hour)
}

func TestCronStopAndLossServeTheTime(t *testing.T) {
	for _, missed := range []work.Missed{work.MissedOnce, work.MissedSkip, work.MissedAll} {
		t.Run(string(missed), func(t *testing.T) {
			r := rig(t)
			zone(r, "Local", utc)
			q := cron(missed)
			q.Needs.Charging = true
			add(r, 0, q)
			charging := func(at, v int64) {
				r.Do(at, core.FactsRead{Facts: []record.Fact{{Signal: record.Charging, Value: v}}})
			}
			charging(0, 1)
			r.Do(3*hour, core.Tick{})
			wantState(r, "a", work.Running)
			charging(4*hour, 0)
			r.Reap(4*hour, "a")
			wantCodes(r, 4*hour, "a", work.ReasonCharging)
			charging(5*hour, 1) // past due stays past due
			wantState(r, "a", work.Running)
			r.Restart(6 * hour) // lost: due at once
			wantState(r, "a", work.Running)
			r.End(7*hour, "a", work.Retry)
			want(r, "a", work.Enqueued, 7*hour+30*second)
			r.Do(7*hour+30*second, core.Tick{})
			r.End(8*hour, "a", work.Success)
			want(r, "a", work.Enqueued, day+3*hour)
		})
	}
}

func TestCronZoneChange(t *testing.T) {
	r := rig(t)
	zone(r, "Local", utc)
	add(r, 0, cron(work.MissedOnce))
	want(r, "a", work.Enqueued, 3*hour)
	zone(r, "Local", calendar.Fixed("Local", 3600))
	want(r, "a", work.Enqueued, 2*hour)
	zone(r, "Local", calendar.Fixed("Local", -3600))
	want(r, "a", work.Enqueued, 4*hour)
}

func TestCronManyReschedule(t *testing.T) {
	r := rig(t)
	zone(r, "Local", utc)
	var nodes []core.Enqueue
	for i := range 3000 {
		q := cron(work.MissedOnce)
		q.ID, q.Task = id("c", i), "t"
		q.Delay = time.Duration(i%7) * 24 * time.Hour // different keys, not in the order of seq
		nodes = append(nodes, core.Enqueue{Nodes: []work.Node{{Request: q}}})
	}
	for _, ev := range nodes {
		r.Do(0, ev)
	}
	zone(r, "Local", calendar.Fixed("Local", 3600))
	for i := range 3000 {
		if want(r, id("c", i), work.Enqueued, int64(i%7)*day+2*hour); t.Failed() {
			break
		}
	}
}

func TestOverrideIsWallTime(t *testing.T) {
	r := rig(t)
	r.Do(0, core.ClockSet{Offset: 100 * day})
	add(r, 0, work.Request{ID: "a", Every: time.Hour, NextRun: time.UnixMicro(100*day + 5*minute)})
	want(r, "a", work.Enqueued, 5*minute)
	q := work.Request{ID: "a", Task: "t", Every: time.Hour, NextRun: time.UnixMicro(100*day + 7*minute)}
	r.Do(0, core.Change{Request: q})
	want(r, "a", work.Enqueued, 7*minute)
}

func TestPeriodsIgnoreTheWallClock(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "a", Every: time.Hour})
	r.End(0, "a", work.Success)
	for _, offset := range []int64{5 * day, -5 * day, 0} {
		r.Do(minute, core.ClockSet{Offset: offset})
		want(r, "a", work.Enqueued, hour)
		if r.Wake != hour {
			t.Errorf("woken at %d", r.Wake)
		}
	}
}

func TestAsleepNothingStarts(t *testing.T) {
	r := rig(t)
	r.Do(0, core.Suspend{})
	add(r, second, work.Request{ID: "a"})
	wantCodes(r, second, "a", work.ReasonAsleep)
	if r.Wake != record.Never {
		t.Errorf("woken at %d though nothing can start", r.Wake)
	}
	r.Do(hour, core.Woke{})
	wantStarts(r, "a")
}

// TestPlatformClockForward: a platform is asked about a calendar work when the clock, set
// forward, says that it is due.
func TestPlatformClockForward(t *testing.T) {
	r, _ := newDoor(t, core.Rules{Name: "door", Calendar: true})
	start := date(2026, 3, 1, 12, 0)
	r.Do(start, core.Tick{})
	zone(r, "UTC", utc)
	r.Do(start, core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "a", Task: "t", Cron: "0 15 * * *", Zone: "UTC"}}}})
	hour := 3600 * sec
	if r.Wake != start+3*hour {
		t.Fatalf("woken at %v", time.UnixMicro(r.Wake).UTC())
	}
	r.Do(start+1, core.ClockSet{Offset: hour})
	if r.Wake != start+2*hour {
		t.Errorf("woken at %v", time.UnixMicro(r.Wake).UTC())
	}
	r.Do(start+2*hour, sense(core.SenseScreen, 0))
	wantState(r, "a", work.Running)
}

// TestPlatformHoldsPastTime: a work that skips the times that it missed waits for its next
// one, when the platform has held it over one.
func TestPlatformHoldsPastTime(t *testing.T) {
	r, _ := newDoor(t, core.Rules{Name: "door", Calendar: true})
	start, day := date(2026, 3, 1, 12, 0), 24*3600*sec
	r.Do(start, core.Tick{})
	zone(r, "UTC", utc)
	for _, id := range []work.ID{"a", "b"} {
		r.Do(start, core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: id, Task: "t", Cron: "0 15 * * *", Zone: "UTC", Missed: work.MissedSkip}}}})
	}
	r.Do(start, sense(core.SenseScreen, 1))
	for r.Wake < start+4*3600*sec {
		r.Do(r.Wake, core.Tick{})
	}
	r.Do(start+4*3600*sec, sense(core.SenseScreen, 0))
	wantCodes(r, r.At, "a", work.ReasonDelay)
	for len(r.Starts()) == 0 && r.Wake < start+30*day {
		r.Do(r.Wake, core.Tick{})
	}
	wantState(r, "a", work.Running)
	if r.At != start+day+3*3600*sec {
		t.Errorf("started at %v", time.UnixMicro(r.At).UTC())
	}
	skipped := 0
	for _, e := range r.Journal() {
		if e.Kind == record.EntrySkipped {
			skipped++
		}
	}
	if skipped != 2 {
		t.Errorf("%d times were skipped", skipped)
	}
}
