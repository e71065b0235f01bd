package phone

import (
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/work"
)

// open is a platform whose works start while the screen is off and the app is not in
// front, for half a minute at most.
type open struct {
	core.Rules
	screen, front bool
	dead          bool
	reaped        []int64
}

func (o *open) next() int64 { return record.Never }

func (o *open) Judge(core.Need, *record.Facts) core.Verdict { return core.Verdict{State: record.Met} }
func (o *open) Tick(int64, *record.Facts) bool              { return false }
func (o *open) Next() int64                                 { return o.next() }
func (o *open) Admit(int64, core.Job, *record.Facts) error {
	if o.dead {
		return &core.Refusal{Name: "dead"}
	}
	return nil
}
func (o *open) Waiting(int64, core.Job)           {}
func (o *open) End(int64, core.Job, work.Outcome) {}
func (o *open) Gone(int64, core.Job)              {}
func (o *open) Orders() []core.Order              { return nil }
func (o *open) Clear(int64, core.Job, core.Edit)  {}
func (o *open) Save() ([]byte, error)             { return nil, nil }
func (o *open) Load([]byte) error                 { return nil }
func (o *open) Start(int64, core.Job, *record.Facts) core.Terms {
	return core.Terms{Budget: 30 * second, Grace: 5 * second}
}

func (o *open) Reaped(at, _ int64) bool {
	o.reaped = append(o.reaped, at)
	return false
}

func (o *open) Explain(int64, core.Job, core.Gate, *record.Facts) (message, fix string) {
	return "in use", "put it away"
}

func (o *open) Sense(_ int64, s core.Sense, _ *record.Facts) bool {
	switch s.Kind {
	case core.SenseScreen:
		o.screen = s.Value == 1
	case core.SenseAppOpened:
		o.front = true
	case core.SenseAppLeft:
		o.front = false
	default:
		return false
	}
	return true
}

func (o *open) Gates(_ int64, _ core.Job, _ *record.Facts, yield func(core.Gate) bool) {
	if o.screen && !yield(core.Gate{Code: "screen"}) {
		return
	}
	if o.front {
		yield(core.Gate{Code: "front", Assumed: true})
	}
}

type platform struct{ *open }

func (p platform) Rules() core.Rules { return p.open.Rules }

const (
	second = int64(time.Second / time.Microsecond)
	hour   = 3600 * second
)

type event struct {
	at int64
	s  core.Sense
}

// script is a source from a list.
type script struct{ left []event }

func (s *script) Next() *Happening {
	if len(s.left) == 0 {
		return nil
	}
	e := s.left[0]
	s.left = s.left[1:]
	return &Happening{At: e.at, Sense: e.s}
}

func sense(k core.SenseKind, v int64) core.Sense { return core.Sense{Kind: k, Value: v} }

// week is a phone whose app is opened at noon for an hour each day, with the screen on
// for two.
func week() *script {
	var s script
	for d := range int64(7) {
		at := d * day
		if d == 0 {
			s.left = append(s.left, event{0, sense(core.SenseAppOpened, 0)}, event{second, sense(core.SenseAppLeft, 0)})
		}
		s.left = append(s.left,
			event{at + 11*hour, sense(core.SenseScreen, 1)}, event{at + 12*hour, sense(core.SenseAppOpened, 0)},
			event{at + 13*hour, sense(core.SenseAppLeft, 0)}, event{at + 13*hour, sense(core.SenseScreen, 0)},
		)
	}
	return &s
}

func run(t testing.TB, o *open, tasks ...app.Task) *Tally {
	t.Helper()
	if o.Name == "" {
		o.Name = "open"
	}
	p := New(Config{Platform: platform{o}, Source: week(), Tasks: tasks, Chance: chance.New(1), End: 7 * day})
	var out Tally
	if err := p.Run(&out); err != nil {
		t.Fatal(err)
	}
	return &out
}

func hourly() app.Task {
	return app.Task{
		Name: "sync", Request: work.Request{Task: "sync", Every: time.Hour}, Unique: work.Unique{Name: "sync"},
		Period: hour, Takes: 10 * second, Succeeds: million,
	}
}

func TestPeriodic(t *testing.T) {
	out := run(t, &open{}, hourly())
	x := &out.Tasks[0]
	// Held for two hours a day, and drifting by its own ten seconds.
	if x.Runs < 150 || x.Runs > 160 || x.Succeeded != x.Runs || x.IdleDays != 0 || x.Days != 7 || x.Devices != 1 || x.Idle != 0 {
		t.Errorf("%+v", x)
	}
	if h := x.Longest.Max; h < 2*hour || h > 3*hour+hour/2 {
		t.Errorf("longest gap %v", time.Duration(h)*time.Microsecond)
	}
	var first int64
	for _, w := range x.Waits {
		first += w.First
	}
	if first != x.Waited || len(x.Waits) != 2 {
		t.Errorf("waits do not add up: %+v of %d", x.Waits, x.Waited)
	}
	front, screen := x.Waits[0], x.Waits[1]
	if front.Code != "front" || screen.Code != "screen" || front.First != second || !front.Assumed || screen.First < 7*hour || screen.Alone > screen.First {
		t.Errorf("%+v", x.Waits)
	}
	if out.Opens != 8 || x.Stale.Count != 8 {
		t.Errorf("%d openings, %+v", out.Opens, x.Stale)
	}
}

func TestConsumed(t *testing.T) {
	for _, again := range []app.Again{app.AgainNever, app.AgainFirst, app.AgainLast} {
		task := hourly()
		task.Request.Every, task.Unique.Policy = 0, work.Replace
		task.Again, task.Delay, task.When = again, hour, app.Once
		out := run(t, &open{Rules: core.Rules{Consumes: true}}, task)
		x := &out.Tasks[0]
		if again == app.AgainNever && x.Runs != 1 || again != app.AgainNever && x.Runs < 140 {
			t.Errorf("again %d: %d runs", again, x.Runs)
		}
	}
	task := hourly()
	task.Request.Every, task.Again, task.Forgets, task.Delay, task.When = 0, app.AgainLast, million, hour, app.Once
	x := &run(t, &open{Rules: core.Rules{Consumes: true}}, task).Tasks[0]
	if x.Runs != 1 || x.Cut != 1 || len(x.Waits) == 0 || !slices.ContainsFunc(x.Waits, func(w Wait) bool { return w.Code == NotPending && w.First > 6*day }) {
		t.Errorf("forgetful: %+v", x)
	}
}

// TestDeaf: a run whose time is up after half a minute stops then, or, if it is not told
// so, when it is done, or is killed after five seconds.
func TestDeaf(t *testing.T) {
	for _, c := range []struct {
		takes  int64
		deaf   bool
		lasted int64
	}{{60, false, 30}, {33, false, 30}, {33, true, 33}, {60, true, 35}, {20, true, 20}} {
		task := hourly()
		task.Request.Every, task.When, task.Takes, task.Deaf = 0, app.Once, c.takes*second, c.deaf
		o := &open{Rules: core.Rules{Consumes: true}}
		x := &run(t, o, task).Tasks[0]
		if want := second + c.lasted*second; !slices.Equal(o.reaped, []int64{want}) || x.Cut != min(1, c.takes/30) {
			t.Errorf("%+v: reaped at %d, not %d; %d cut short", c, o.reaped, want, x.Cut)
		}
	}
}

// jealous is a platform that kills an app of which a run without power uses more than
// half of the processor for 20 s.
type jealous struct {
	platform
	ended []work.Outcome
}

func (j *jealous) End(_ int64, _ core.Job, o work.Outcome) { j.ended = append(j.ended, o) }

func (*jealous) Monitor(_ work.Kind, power bool) (share, window int64) {
	if power {
		return 0, 0
	}
	return million / 2, 20 * second
}

// TestMonitor: what uses too much of the processor is killed when that is known, also if it
// would never say that it is done.
func TestMonitor(t *testing.T) {
	for _, c := range []struct {
		takes, cpu int64
		power      bool
		lasted     int64
		out        work.Outcome
	}{
		{25, million/2 + 1, false, 20, work.CPUExceeded},
		{20, million, false, 20, work.CPUExceeded},
		{19, million, false, 19, work.Success},
		{25, million / 2, false, 25, work.Success},
		{25, million, true, 25, work.Success},
	} {
		task := hourly()
		task.Request.Every, task.When, task.Takes, task.CPU, task.Request.Needs.Charging = 0, app.Once, c.takes*second, c.cpu, c.power
		if c.out == work.CPUExceeded {
			task.Forgets = million
		}
		pf := &jealous{platform: platform{&open{Rules: core.Rules{Consumes: true}}}}
		var out Tally
		if err := New(Config{Platform: pf, Source: week(), Tasks: []app.Task{task}, Chance: chance.New(1), End: 7 * day}).Run(&out); err != nil {
			t.Fatal(err)
		}
		if want := second + c.lasted*second; !slices.Equal(pf.reaped, []int64{want}) || !slices.Equal(pf.ended, []work.Outcome{c.out}) || out.Tasks[0].Cut > 0 != (c.out == work.CPUExceeded) {
			t.Errorf("%+v: reaped at %d, %v, %d cut short", c, pf.reaped, pf.ended, out.Tasks[0].Cut)
		}
	}
}

// mortal is a platform that ends the app's process as soon as it is asked for something.
type mortal struct {
	platform
	alive *bool
}

func (m mortal) Alive() bool { return *m.alive }

func (m mortal) Waiting(at int64, j core.Job) {
	*m.alive = false
	m.platform.Waiting(at, j)
}

func (m mortal) Sense(at int64, s core.Sense, f *record.Facts) bool {
	*m.alive = *m.alive || s.Kind == core.SenseAppOpened
	return m.platform.Sense(at, s, f)
}

// TestProcessEnds: an app whose process the platform has ended starts anew when it is
// opened, and asks for nothing after what has ended it.
func TestProcessEnds(t *testing.T) {
	first := hourly()
	first.Request.Every, first.When = 0, app.AppStart
	second := first
	second.Name, second.Request.Task, second.Unique.Name = "after", "after", "after"
	for _, dies := range []bool{false, true} {
		var pf core.Platform = platform{&open{Rules: core.Rules{Name: "open", Consumes: true}}}
		if dies {
			pf = mortal{pf.(platform), new(bool)}
		}
		var out Tally
		if err := New(Config{Platform: pf, Source: week(), Tasks: []app.Task{first, second}, Chance: chance.New(1), End: 7 * day}).Run(&out); err != nil {
			t.Fatal(err)
		}
		want := []int64{1, 1}
		if dies {
			want = []int64{8, 0}
		}
		if got := []int64{out.Tasks[0].Runs, out.Tasks[1].Runs}; !slices.Equal(got, want) {
			t.Errorf("dies %t: %d runs, not %d", dies, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	x := &run(t, &open{dead: true}, hourly()).Tasks[0]
	if x.Runs != 0 || x.Idle != 1 || x.IdleDays != 7 || x.Refused == 0 || x.Refusals[0].Name != "dead" {
		t.Errorf("%+v", x)
	}
}

func TestArrivals(t *testing.T) {
	task := app.Task{
		Name: "upload", Request: work.Request{Task: "upload"}, When: app.Arrival, Mean: day / 24, Takes: second,
		Succeeds: million / 2, Unsuccessful: work.Retry, Thrown: work.Failure, Within: hour, Up: 7,
	}
	x := &run(t, &open{}, task).Tasks[0]
	if x.Asked < 130 || x.Asked > 210 || x.Done < x.Asked*9/10 || x.InTime > x.InTimeOf || x.InTimeOf < x.Done || x.Up != 7*x.Succeeded {
		t.Errorf("%+v", x)
	}
	task.During = true
	if y := &run(t, &open{}, task).Tasks[0]; y.Asked == 0 || y.Asked > 20 {
		t.Errorf("only while it is in front: %d", y.Asked)
	}
}

// random is a source of endless screen events.
type random struct {
	chance.Stream
	at int64
	on int64
}

func (r *random) Next() *Happening {
	h := &Happening{At: r.at, Sense: core.Sense{Kind: core.SenseAppOpened}}
	at := r.at
	r.at += chance.Exponential(&r.Stream, day/190)
	r.on = 1 - r.on
	if at == 0 {
		return h
	}
	switch {
	case r.on == 1 && r.Chance(30_000):
		return h
	case r.on == 0 && r.Chance(60_000):
		h.Sense.Kind = core.SenseAppLeft
	default:
		h.Sense = core.Sense{Kind: core.SenseMotion, Value: r.on}
	}
	return h
}

// BenchmarkYear is a device-year with five tasks on a platform that does nothing: what
// the machine and the phone cost.
func BenchmarkYear(b *testing.B) {
	var tasks []app.Task
	for i := range 5 {
		t := hourly()
		t.Name = string(rune('a' + i))
		t.Request.Task, t.Unique.Name = t.Name, t.Name
		t.Request.Every = time.Duration(i+1) * 4 * time.Hour
		tasks = append(tasks, t)
	}
	var out Tally
	for b.Loop() {
		o := &open{Rules: core.Rules{Name: "open"}}
		p := New(Config{Platform: platform{o}, Source: &random{Stream: chance.New(3)}, Tasks: tasks, Chance: chance.New(1), End: 365 * day})
		if err := p.Run(&out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(out.Events)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(out.Tasks[0].Runs)/float64(b.N), "runs")
}
