package android_test

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestClockMovesAll sets the clock under more works than a page holds.
func TestClockMovesAll(t *testing.T) {
	const many, day = 2500, 24 * int64(time.Hour/time.Microsecond)
	r := coretest.New(t, android.Policy{})
	ask := func(q work.Request, after ...int) work.Node {
		q.Task = noTask
		return work.Node{Request: q, After: after}
	}
	r.Do(day, core.Enqueue{Nodes: []work.Node{ask(work.Request{ID: "head"}), ask(work.Request{ID: "tail", Delay: time.Minute}, 0)}})
	var nodes []work.Node
	for i := range many {
		nodes = append(nodes, ask(work.Request{ID: work.ID(strconv.Itoa(i)), Delay: time.Duration(many-i) * time.Second}))
	}
	r.Do(day, core.Enqueue{Nodes: nodes})
	r.Do(day, core.Enqueue{Nodes: []work.Node{ask(work.Request{ID: "period", Every: time.Hour, NextRun: time.UnixMicro(2 * day)})}})
	r.Do(day, core.Offer{Work: "head"})

	for _, shift := range []int64{-3 * day / 2, day / 4, day} {
		before := map[work.ID]record.Work{}
		for _, w := range r.Rows() {
			before[w.ID] = *w
		}
		r.Do(r.At, core.ClockSet{Offset: r.M.Meta().Offset + shift})
		r.Restore()
		for _, w := range r.Rows() {
			was := before[w.ID]
			want := was
			if was.LastEnqueue != record.NotEnqueued {
				want.LastEnqueue -= shift
			}
			if was.Override != record.Never {
				want.Override -= shift
			}
			if was.State == work.Enqueued {
				want.Due -= shift
			}
			if w.LastEnqueue != want.LastEnqueue || w.Override != want.Override || w.Due != want.Due || w.State != was.State {
				t.Fatalf("clock set by %d µs: %s is\n%+v, want\n%+v", shift, w.ID, *w, want)
			}
		}
		r.Do(r.At, core.Recover{Alive: aliveRuns(r)})
	}
	r.End(r.At, "head", work.Success)
	if w := r.Row("tail"); w.State != work.Enqueued || w.Due != r.At+int64(time.Minute/time.Microsecond) {
		t.Errorf("what came after it: %+v", w)
	}
}

func aliveRuns(r *coretest.Rig) []record.RunKey {
	var alive []record.RunKey
	for _, x := range r.M.Runs() {
		alive = append(alive, record.RunKey{Seq: x.Seq, Epoch: x.Epoch})
	}
	return alive
}

// TestClockOnAPhone sets the clock while the system has the jobs.
func TestClockOnAPhone(t *testing.T) {
	p := opened(t, profiles(t), "15", "")
	p.sense(minute, core.SenseAppLeft)
	later := p.must(2*minute, work.Request{Task: "later", Delay: time.Hour})
	p.must(2*minute, work.Request{Task: "sooner", Delay: 3 * time.Hour})
	set := func(at, shift int64) {
		p.until(at)
		p.do(at, core.ClockSet{Offset: p.M.Meta().Offset + shift})
	}
	set(10*minute, -2*hour)
	p.until(2*hour + 50*minute)
	p.wantCodes(later, work.ReasonDelay)
	p.until(4 * hour)
	if got := p.starts("later"); len(got) != 1 || got[0] < 3*hour+2*minute || got[0] > 3*hour+3*minute {
		t.Errorf("set back by 2 h: started at %v", clocks(got))
	}
	set(4*hour, hour)
	p.until(4*hour + minute)
	if got := p.starts("sooner"); len(got) != 0 {
		t.Errorf("started at %v, two minutes too soon", clocks(got))
	}
	p.until(5 * hour)
	if got := p.starts("sooner"); len(got) != 1 || got[0] > 4*hour+3*minute {
		t.Errorf("put forward by 1 h: started at %v", clocks(got))
	}
}

// TestClockEndsHours sets the clock to an hour in which a run must stop: its work waits
// from then on.
func TestClockEndsHours(t *testing.T) {
	r := coretest.New(t, android.Policy{})
	table, err := json.Marshal(calendar.Fixed(core.LocalZone, 0))
	if err != nil {
		t.Fatal(err)
	}
	r.Do(0, core.ZoneRead{Zone: record.Zone{Name: core.LocalZone, Table: table}})
	q := work.Request{ID: theWork, Task: noTask, Needs: work.Constraints{Between: "01:00-02:00"}, BackoffOnInterruption: true}
	r.Do(90*minute, core.Enqueue{Nodes: []work.Node{{Request: q}}})
	r.Do(90*minute, core.Offer{Work: theWork})
	r.Do(100*minute, core.ClockSet{Offset: 3 * hour})
	if w := r.Row(theWork); w.State != work.Enqueued || w.LastEnqueue != 100*minute || w.Due != 100*minute+30*second {
		t.Errorf("stopped at %s: %s since %s, due at %s", clock(100*minute), w.State, clock(w.LastEnqueue), clock(w.Due))
	}
}

// TestClockMovesWhatMindsIt sets the clock back under works of all kinds.
func TestClockMovesWhatMindsIt(t *testing.T) {
	r := coretest.New(t, android.Policy{})
	for k, due := range map[work.Kind]int64{
		work.KindWork: 3 * hour, work.KindAlarm: 3 * hour, work.KindNotification: 3 * hour,
		work.KindPush: hour, work.KindTimer: hour, work.KindService: hour, work.KindWidget: hour, work.KindUserInitiated: hour,
	} {
		id := work.ID("a" + k)
		r.Do(0, core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: id, Task: noTask, Delay: time.Hour, Phone: work.Traits{Kind: k}}}}})
		r.Do(0, core.ClockSet{Offset: r.M.Meta().Offset - 2*hour})
		if w := r.Row(id); w.Due != due {
			t.Errorf("%q is due at %s, want %s", k, clock(w.Due), clock(due))
		}
	}
}

// TestClockMovesToNoTime moves a work to the instant that stands for none.
func TestClockMovesToNoTime(t *testing.T) {
	r := coretest.New(t, android.Policy{})
	r.Do(0, core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: theWork, Task: noTask, Delay: time.Minute}}}})
	for _, offset := range []int64{-record.NotEnqueued, hour} {
		r.Do(0, core.ClockSet{Offset: offset})
		if due := r.Row(theWork).Due; due < minute-offset-1 || due > minute-offset {
			t.Errorf("clock set by %d µs: due at %d µs", offset, due)
		}
	}
}
