package app

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/work"
)

// diary is a host that writes down what it is asked.
type diary struct {
	ids   int
	asked []string
	later []int64

	throws, stands int // of the requests; -1: none
}

func newDiary() *diary { return &diary{throws: -1, stands: -1} }

func (d *diary) NewID() work.ID {
	d.ids++
	return work.ID(fmt.Sprint(d.ids))
}

func (d *diary) Ask(_, n int, ev core.Enqueue) error {
	q := ev.Nodes[0].Request
	d.asked = append(d.asked, fmt.Sprint(q.Task, " ", ev.Unique.Name, " ", q.Delay))
	if n == d.throws {
		return &core.Refusal{Name: "thrown"}
	}
	return nil
}

func (d *diary) Stands(_, n int, _ int64) bool { return n == d.stands }

func (d *diary) Later(_ int, at int64) { d.later = append(d.later, at) }

const hour = int64(time.Hour / time.Microsecond)

func task(name string, change func(*Task)) Task {
	t := Task{Name: name, Request: work.Request{Task: name}, When: Foreign}
	change(&t)
	return t
}

func sees(a *App, at int64, kinds ...core.SenseKind) {
	for _, k := range kinds {
		a.Sees(at, core.Sense{Kind: k})
	}
}

func TestWhen(t *testing.T) {
	d := newDiary()
	a := New([]Task{
		task("start", func(t *Task) { t.When = AppStart }),
		task("open", func(t *Task) { t.When = AppOpen }),
		task("once", func(t *Task) { t.When = Once }),
	}, chance.New(1), d)
	for _, step := range []struct {
		kinds []core.SenseKind
		want  []string
	}{
		{[]core.SenseKind{core.SenseScreen}, nil},
		{[]core.SenseKind{core.SenseAppOpened}, []string{"start  0s", "open  0s", "once  0s"}},
		{[]core.SenseKind{core.SenseAppLeft, core.SenseAppOpened}, []string{"open  0s"}},
		{[]core.SenseKind{core.SenseAppDied, core.SenseAppOpened}, []string{"start  0s", "open  0s"}},
		{[]core.SenseKind{core.SenseUpdated}, nil},
	} {
		d.asked = nil
		sees(a, 0, step.kinds...)
		if !slices.Equal(d.asked, step.want) {
			t.Errorf("%v: %q", step.kinds, d.asked)
		}
	}
	if a.Alive || a.Front || a.Handles || !a.Started {
		t.Errorf("after an update: %+v", a)
	}
}

func TestAgain(t *testing.T) {
	d := newDiary()
	a := New([]Task{
		task("first", func(t *Task) { t.Again, t.Delay = AgainFirst, hour }),
		task("last", func(t *Task) { t.Again, t.Delay = AgainLast, hour }),
		task("never", func(*Task) {}),
	}, chance.New(1), d)
	for i := range a.Tasks {
		a.Begun(0, i)
	}
	if !slices.Equal(d.asked, []string{"first  1h0m0s"}) {
		t.Errorf("as runs begin: %q", d.asked)
	}
	d.asked = nil
	for _, out := range []work.Outcome{work.Stopped, work.BudgetExceeded, work.Lost, work.Crashed, work.NotStarted} {
		a.Ended(0, 1, out)
	}
	if d.asked != nil {
		t.Errorf("a run that did not get to its end asked: %q", d.asked)
	}
	for i := range a.Tasks {
		a.Ended(0, i, work.Errored)
	}
	if !slices.Equal(d.asked, []string{"last  1h0m0s"}) {
		t.Errorf("as runs end: %q", d.asked)
	}
}

func TestTimesOfDay(t *testing.T) {
	d := newDiary()
	nine, err := calendar.Parse("0 9 * * *")
	if err != nil {
		t.Fatal(err)
	}
	a := New([]Task{
		task("remind", func(t *Task) { t.At, t.Local, t.Count, t.Unique.Name = &nine, true, 2, "r" }),
		task("fixed", func(t *Task) { t.At = &nine }),
	}, chance.New(1), d)
	a.Ask(0, 0, 0)
	a.Sees(0, core.Sense{Kind: core.SenseLocalTime, Value: 2 * hour})
	a.Ask(0, 0, 0)
	a.Ask(0, 1, 0)
	if want := []string{"remind r/0 9h0m0s", "remind r/1 33h0m0s", "remind r/0 7h0m0s", "remind r/1 31h0m0s", "fixed  9h0m0s"}; !slices.Equal(d.asked, want) {
		t.Errorf("%q", d.asked)
	}
	d.asked, d.stands = nil, 0
	a.Ask(0, 0, 0)
	if want := []string{"remind r/1 31h0m0s"}; !slices.Equal(d.asked, want) {
		t.Errorf("the first one waits: %q", d.asked)
	}
	d.asked, d.stands, d.throws = nil, -1, 0
	a.Ask(0, 0, 0)
	if want := []string{"remind r/0 7h0m0s"}; !slices.Equal(d.asked, want) {
		t.Errorf("the first one throws: %q", d.asked)
	}
}

func TestArrivals(t *testing.T) {
	d := newDiary()
	a := New([]Task{
		task("mail", func(t *Task) { t.When, t.Mean = Arrival, hour }),
		task("photo", func(t *Task) { t.When, t.Mean, t.During = Arrival, hour, true }),
		task("timer", func(t *Task) { t.When, t.Mean = Clock, hour }),
	}, chance.New(1), d)
	sees(a, 0, core.SenseAppOpened, core.SenseAppOpened)
	if len(d.later) != 3 || d.asked != nil {
		t.Fatalf("%v %q", d.later, d.asked)
	}
	sees(a, 0, core.SenseAppDied)
	for i := range a.Tasks {
		a.Arrived(hour, i)
	}
	if !slices.Equal(d.asked, []string{"mail  0s"}) || len(d.later) != 4 {
		t.Errorf("%q %v", d.asked, d.later)
	}
	sees(a, 2*hour, core.SenseAppOpened)
	if !slices.Equal(d.asked, []string{"mail  0s", "photo  0s"}) {
		t.Errorf("as the app is opened: %q", d.asked)
	}
}

// standing is a diary of which what was asked for goes on to stand.
type standing struct {
	*diary
	due map[int]int64
	now int64
}

func (s *standing) Ask(i, n int, ev core.Enqueue) error {
	s.due[n] = s.now + ev.Nodes[0].Request.Delay.Microseconds()
	return s.diary.Ask(i, n, ev)
}

func (s *standing) Stands(_, n int, due int64) bool { return s.due[n] == due }

// TestTimesPass: what an app wants at times of the day is asked for once each, while it
// stands as it is.
func TestTimesPass(t *testing.T) {
	expr, err := calendar.Parse("0 18 * * *")
	if err != nil {
		t.Fatal(err)
	}
	s := &standing{diary: newDiary(), due: map[int]int64{}}
	a := New([]Task{task("remind", func(t *Task) {
		t.When, t.Count, t.At, t.Local, t.Unique = AppOpen, 3, &expr, true, work.Unique{Name: "r"}
	})}, chance.New(1), s)
	for _, step := range []struct {
		hours int64
		shift int64
		want  []string
	}{
		{12, 0, []string{"remind r/0 6h0m0s", "remind r/1 30h0m0s", "remind r/2 54h0m0s"}},
		{13, 0, nil},
		{19, 0, []string{"remind r/0 71h0m0s"}},
		{24 + 17, 0, nil},
		{3*24 + 12, 0, []string{"remind r/1 30h0m0s", "remind r/2 54h0m0s"}},
		{3*24 + 13, 2, []string{"remind r/0 3h0m0s", "remind r/1 27h0m0s", "remind r/2 51h0m0s"}}, // two zones to the east
		{3*24 + 14, -10, []string{"remind r/0 14h0m0s", "remind r/1 38h0m0s", "remind r/2 62h0m0s"}},
		{3*24 + 15, -10, nil},
	} {
		s.asked, s.now = nil, step.hours*hour
		a.Sees(s.now, core.Sense{Kind: core.SenseLocalTime, Value: step.shift * hour})
		sees(a, s.now, core.SenseAppOpened)
		if !slices.Equal(s.asked, step.want) {
			t.Errorf("after %d h, local time %+d h: %q, not %q", step.hours, step.shift, s.asked, step.want)
		}
	}
}
