package phone

import (
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/work"
)

// counted is a phone that is counted from an instant on.
func counted(t *testing.T, o *open, s Source, count, end int64, tasks ...app.Task) *Tally {
	t.Helper()
	var out Tally
	p := New(Config{Platform: platform{o}, Source: s, Tasks: tasks, Chance: chance.New(1), Count: count, End: end})
	if err := p.Run(&out); err != nil {
		t.Fatal(err)
	}
	return &out
}

func waited(x *TaskTally, code work.Code) (first, alone int64) {
	for _, w := range x.Waits {
		if w.Code == code {
			return w.First, w.Alone
		}
	}
	return 0, 0
}

// idle is an app that is opened once, for a second.
func idle() *script {
	return &script{left: []event{{0, sense(core.SenseAppOpened, 0)}, {second, sense(core.SenseAppLeft, 0)}}}
}

func once(every int64) app.Task {
	return app.Task{
		Name: "sync", Request: work.Request{Task: "sync"}, Unique: work.Unique{Name: "sync", Policy: work.Replace},
		Period: every, Takes: 10 * second, Succeeds: million, When: app.Once,
	}
}

// TestWhatWaitsIsPending asks again at the end of each run: the request waits from then
// on, though the machine asks the platform about nothing until it is due.
func TestWhatWaitsIsPending(t *testing.T) {
	task := once(hour)
	task.Again, task.Delay = app.AgainLast, hour
	x := &counted(t, &open{Rules: core.Rules{Consumes: true}}, idle(), 0, 2*day, task).Tasks[0]
	if x.Runs < 47 || x.Waited != second { // the app is in front for one
		t.Errorf("%d runs, waited %v: %+v", x.Runs, time.Duration(x.Waited)*time.Microsecond, x.Waits)
	}
}

// TestNotPendingBegins is charged from when the next run should have been.
func TestNotPendingBegins(t *testing.T) {
	x := &counted(t, &open{Rules: core.Rules{Consumes: true}}, idle(), 0, 2*day, once(6*hour)).Tasks[0]
	first, alone := waited(x, NotPending)
	if want := 2*day - 6*hour - second; x.Runs != 1 || first != want || alone != want {
		t.Errorf("%d runs, %+v, want %d", x.Runs, x.Waits, want)
	}
	// One that is never taken is missed from the start.
	x = &counted(t, &open{dead: true}, idle(), 0, 2*day, once(6*hour)).Tasks[0]
	if first, _ = waited(x, NotPending); first != 2*day {
		t.Errorf("%+v", x.Waits)
	}
	// Nobody expects one that was meant to run once.
	if x = &counted(t, &open{}, idle(), 0, 2*day, once(0)).Tasks[0]; x.Runs != 1 || x.Waited != second {
		t.Errorf("%+v", x)
	}
}

// TestCountingBegins in the middle of a run, of a wait, and on a phone on which nothing
// happens any more.
func TestCountingBegins(t *testing.T) {
	long := once(0)
	long.Takes = 20 * second
	x := &counted(t, &open{}, idle(), 10*second, 10*second+day, long).Tasks[0]
	if x.Runs != 0 || x.Succeeded != 0 || x.Idle != 1 || x.Days != 1 || x.IdleDays != 1 || x.CPU != 0 {
		t.Errorf("a run from before is counted: %+v", x)
	}
	out := counted(t, &open{}, idle(), 3*day, 5*day, once(0))
	if x = &out.Tasks[0]; out.Days != 2 || x.Days != 2 || x.IdleDays != 2 || x.Longest.Max != 2*day || out.Opens != 0 {
		t.Errorf("days from before are counted: %+v of %d", x, out.Days)
	}
	shut := &script{left: []event{{0, sense(core.SenseScreen, 1)}, {0, sense(core.SenseAppOpened, 0)}}}
	x = &counted(t, &open{}, shut, day, 2*day, once(0)).Tasks[0]
	if first, alone := waited(x, "screen"); first != day || alone != 0 || x.Waited != day {
		t.Errorf("a wait from before goes on: %+v", x.Waits)
	}
}

// TestDaysEnd counts runs on their days: at midnight sharp begins a new one.
func TestDaysEnd(t *testing.T) {
	task := once(day)
	task.Again, task.Delay = app.AgainFirst, day
	task.Takes = second
	x := &counted(t, &open{Rules: core.Rules{Consumes: true}}, &script{left: []event{{0, sense(core.SenseAppOpened, 0)}, {0, sense(core.SenseAppLeft, 0)}}}, 0, 5*day, task).Tasks[0]
	if x.Runs != 5 || x.IdleDays != 0 || x.PerDay.Max != 1 || x.Longest.Max != day {
		t.Errorf("%+v", x)
	}
}

// TestBudget ends a run that takes a moment too long, and one that never ends.
func TestBudget(t *testing.T) {
	for takes, cut := range map[int64]int64{30 * second: 0, 30*second + 1: 1} {
		task := once(0)
		task.Takes = takes
		if x := &counted(t, &open{Rules: core.Rules{Consumes: true}}, idle(), 0, day, task).Tasks[0]; x.Cut != cut || x.Succeeded != 1-cut {
			t.Errorf("of %d µs: %+v", takes, x)
		}
	}
	task := once(0)
	task.Forgets, task.CPU = million, million
	x := &counted(t, &open{Rules: core.Rules{Consumes: true}}, idle(), 0, day, task).Tasks[0]
	if x.Runs != 1 || x.Cut != 1 || x.CPU != 35*second { // its budget and its grace
		t.Errorf("%+v", x)
	}
}

// TestAskedAgain replaces what waits: it is one work, which waits since it was asked for first.
func TestAskedAgain(t *testing.T) {
	s := &script{left: []event{
		{0, sense(core.SenseScreen, 1)},
		{0, sense(core.SenseAppOpened, 0)},
		{hour, sense(core.SenseAppLeft, 0)},
		{2 * hour, sense(core.SenseAppOpened, 0)},
		{3 * hour, sense(core.SenseAppLeft, 0)},
		{4 * hour, sense(core.SenseScreen, 0)},
	}}
	task := once(0)
	task.When, task.Within = app.AppOpen, 3*hour
	x := &counted(t, &open{}, s, 0, day, task).Tasks[0]
	if x.Asked != 1 || x.Done != 1 || x.InTimeOf != 1 || x.InTime != 0 || x.Took.Max != 4*hour+10*second {
		t.Errorf("%+v", x)
	}
	// What ends too early to be judged is not, however quick it was.
	task.Within = 30 * hour
	if x = &counted(t, &open{}, idle(), 0, day, task).Tasks[0]; x.Done != 1 || x.InTimeOf != 0 {
		t.Errorf("%+v", x)
	}
}

// TestArrivalsWait for the app, however short it is in front.
func TestArrivalsWait(t *testing.T) {
	var s script
	for d := range int64(10) {
		s.left = append(s.left, event{d*day + hour, sense(core.SenseAppOpened, 0)}, event{d*day + hour + second, sense(core.SenseAppLeft, 0)})
	}
	task := app.Task{Name: "photo", Request: work.Request{Task: "photo"}, When: app.Arrival, During: true, Mean: hour, Takes: second, Succeeds: million}
	out := counted(t, &open{}, &s, 0, 10*day, task)
	if x := &out.Tasks[0]; x.Asked != 9 || x.Done != 9 || out.Opens != 10 {
		t.Errorf("%+v", x)
	}
}

// TestFailedChain appends to what has failed, for good: the rows do not pile up.
func TestFailedChain(t *testing.T) {
	var s script
	for d := range int64(200) {
		s.left = append(s.left, event{d * hour, sense(core.SenseAppOpened, 0)}, event{d*hour + second, sense(core.SenseAppLeft, 0)})
	}
	task := once(0)
	task.When, task.Succeeds, task.Unsuccessful, task.Unique.Policy = app.AppOpen, 0, work.Failure, work.Append
	var out Tally
	p := New(Config{Platform: platform{&open{}}, Source: &s, Tasks: []app.Task{task}, Chance: chance.New(1), End: 9 * day})
	if err := p.Run(&out); err != nil {
		t.Fatal(err)
	}
	if x := &out.Tasks[0]; x.Runs != 1 || x.Asked != 200 || len(p.rows.works) > 3 {
		t.Errorf("%d rows, %+v", len(p.rows.works), x)
	}
}

// TestTimesOfDay follow the phone, or stay where they are.
func TestTimesOfDay(t *testing.T) {
	at, err := calendar.Parse("0 9 * * *")
	if err != nil {
		t.Fatal(err)
	}
	for _, local := range []bool{true, false} {
		s := &script{left: []event{{0, sense(core.SenseLocalTime, 2*hour)}, {second, sense(core.SenseAppOpened, 0)}, {2 * second, sense(core.SenseAppLeft, 0)}}}
		task := once(0)
		task.At, task.Local, task.Count = &at, local, 3
		var starts []int64
		o := &open{}
		p := New(Config{Platform: watched{platform{o}, &starts}, Source: s, Tasks: []app.Task{task}, Chance: chance.New(1), End: 5 * day})
		var out Tally
		if err := p.Run(&out); err != nil {
			t.Fatal(err)
		}
		first := 9 * hour
		if local {
			first = 7 * hour
		}
		if len(starts) != 3 || starts[0] != first || starts[2] != first+2*day {
			t.Errorf("local %v: %v", local, starts)
		}
	}
}

// watched notes when works start.
type watched struct {
	platform
	starts *[]int64
}

func (w watched) Start(at int64, j core.Job, f *record.Facts) core.Terms {
	*w.starts = append(*w.starts, at)
	return w.platform.Start(at, j, f)
}

// throws refuses all, for good.
type throws struct{ platform }

func (throws) Admit(int64, core.Job, *record.Facts) error {
	return &core.Refusal{Name: "SecurityException"}
}

// TestThrown ends the loop in which an app asks for many.
func TestThrown(t *testing.T) {
	task := once(0)
	task.Count = 70
	var out Tally
	p := New(Config{Platform: throws{platform{&open{}}}, Source: idle(), Tasks: []app.Task{task}, Chance: chance.New(1), End: day})
	if err := p.Run(&out); err != nil {
		t.Fatal(err)
	}
	if x := &out.Tasks[0]; x.Refused != 1 || x.Refusals[0] != (Count{Name: "SecurityException", N: 1}) {
		t.Errorf("%+v", x)
	}
}

// TestHandleLost fails runs from an update of the app until it is opened.
func TestHandleLost(t *testing.T) {
	s := idle()
	s.left = append(s.left, event{day, sense(core.SenseUpdated, 0)}, event{2 * day, sense(core.SenseAppOpened, 0)}, event{2*day + second, sense(core.SenseAppLeft, 0)})
	task := hourly()
	task.HandleLost = true
	x := &counted(t, &open{}, s, 0, 3*day, task).Tasks[0]
	if lost := x.Runs - x.Succeeded; x.Runs < 70 || lost < 23 || lost > 25 {
		t.Errorf("%d of %d runs succeeded", x.Succeeded, x.Runs)
	}
}

// TestHangs: what does not succeed and never says so is killed, and is no other share than
// that which does not succeed.
func TestHangs(t *testing.T) {
	task := once(hour)
	task.Again, task.Delay, task.Hangs, task.Succeeds = app.AgainFirst, hour, true, million/2
	x := &counted(t, &open{Rules: core.Rules{Consumes: true}}, idle(), 0, 40*day, task).Tasks[0]
	if x.Runs < 900 || x.Cut+x.Succeeded != x.Runs || x.Cut < x.Runs*45/100 || x.Cut > x.Runs*55/100 {
		t.Errorf("of %d runs %d succeeded, %d were cut short", x.Runs, x.Succeeded, x.Cut)
	}
}
