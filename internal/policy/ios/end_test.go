package ios

import (
	"errors"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// expire starts a refresh and a push, and lets the time of the refresh be up.
func (s *scene) expire() (refresh, push, held core.Job) {
	s.leave()
	refresh, push = s.run(spec(work.KindRefresh)), s.run(spec(work.KindPush))
	held = s.add(spec(work.KindPush))
	s.orders = s.orders[:0]
	s.sys.End(s.now, refresh, work.BudgetExceeded)
	s.collect()
	s.ordered(core.Order{Kind: core.OrderExpire, Work: refresh.Work.ID, Stop: work.StopTimeout, Text: textLimit})
	return refresh, push, held
}

// TestNotCompletedInTime: a task that is not complete when its grace is over takes the
// process with it, the other runs in there and the push that is held.
func TestNotCompletedInTime(t *testing.T) {
	for _, by := range []string{"time", "reaped late"} {
		s := newScene(t, Config{})
		refresh, push, held := s.expire()
		s.pass(5*second - 1)
		s.ordered()
		if !s.sys.executes() {
			t.Error("suspended before its grace is over")
		}
		if by == "time" {
			s.pass(1)
		} else {
			s.now++
			if !s.sys.Reaped(s.now, refresh.Work.Seq) {
				t.Error("nothing new")
			}
			s.collect()
		}
		s.ordered(core.Order{Kind: core.OrderKill, Work: push.Work.ID, Stop: work.StopUnknown, Text: DiedGrace}, core.Order{Kind: core.OrderDrop, Work: held.Work.ID, Stop: work.StopSystem, Text: DiedGrace})
		if s.sys.Alive() || len(s.sys.Runs) > 0 {
			t.Errorf("by %s: alive %t, %+v", by, s.sys.Alive(), s.sys.Runs)
		}
		if s.sys.Reaped(s.now, refresh.Work.Seq) {
			t.Error("reaped twice")
		}
	}
	s := newScene(t, Config{})
	refresh, _, held := s.expire()
	s.pass(5*second - 1)
	if !s.sys.Reaped(s.now, refresh.Work.Seq) {
		t.Error("nothing new")
	}
	s.pass(second)
	s.collect()
	if len(s.orders) > 0 || !s.sys.Alive() || s.codes(held)[0] != GateSpacing || s.sys.running(refresh.Spec.Phone.Identifier) != nil {
		t.Errorf("completed in time: %+v, held by %v", s.orders, s.codes(held))
	}
}

// TestLimitsEndByTime: the limit of a run is the contract's, whether or not the machine
// counts it as well.
func TestLimitsEndByTime(t *testing.T) {
	s := newScene(t, Config{})
	s.leave()
	j := s.run(spec(work.KindRefresh))
	s.pass(30*second - 1)
	s.ordered()
	s.pass(1)
	s.ordered(core.Order{Kind: core.OrderExpire, Work: j.Work.ID, Stop: work.StopTimeout, Text: textLimit})
	s.sys.End(s.now, j, work.BudgetExceeded)
	s.sys.Reaped(s.now, j.Work.Seq)
	s.pass(hour)
	s.ordered()
}

func TestAssertionNotEnded(t *testing.T) {
	s := newScene(t, Config{})
	held, push := s.run(spec(work.KindAssertion)), s.add(spec(work.KindPush))
	s.start(push)
	s.leave()
	s.pass(30 * second)
	s.orders = s.orders[:0]
	s.sys.End(s.now, held, work.Stopped)
	s.pass(5 * second)
	if s.sys.Alive() || len(s.sys.Process.Assertions) > 0 {
		t.Error("the process goes on")
	}
}

// TestCrashes: what ends the process ends all that runs in it, and nothing else.
func TestCrashes(t *testing.T) {
	for _, how := range []string{"a run", "a submit"} {
		s := newScene(t, Config{App: App{Late: []string{"com.ex.processing"}}})
		crashing, other, carried := s.run(spec(work.KindRefresh)), s.run(spec(work.KindContinued)), s.run(spec(work.KindTransfer))
		want := []core.Order{{Kind: core.OrderKill, Work: other.Work.ID, Stop: work.StopUnknown, Text: "app-crashed"}}
		if how == "a run" {
			s.sys.End(s.now, crashing, work.Signalled)
		} else {
			refusal := (*core.Refusal)(nil)
			if err := s.sys.Admit(s.now, s.job(spec(work.KindProcessing), s.now), &s.facts); !errors.As(err, &refusal) || refusal.Name != FatalNoHandler {
				t.Error(err)
			}
			want = append([]core.Order{{Kind: core.OrderKill, Work: crashing.Work.ID, Stop: work.StopUnknown, Text: "app-crashed"}}, want...)
		}
		s.collect()
		s.ordered(want...)
		if s.sys.Alive() || s.sys.Dev.Focal || len(s.sys.Runs) != 1 || s.sys.Runs[0].Seq != carried.Work.Seq {
			t.Errorf("%s: %+v", how, s.sys.Runs)
		}
	}
	s := newScene(t, Config{})
	j := s.run(spec(work.KindRefresh))
	s.sys.End(s.now, j, work.Failure)
	if !s.sys.Alive() {
		t.Error("a run that failed ended the process")
	}
}

// TestReplaced: a request takes the place of the one of its identifier, which is gone
// even if the new one then finds no room.
func TestReplaced(t *testing.T) {
	s := newScene(t, Config{})
	first, second := s.add(spec(work.KindRefresh)), s.add(spec(work.KindRefresh))
	s.ordered(drop(first, "replaced"))
	s.held(first, GateNotPending)
	other := spec(work.KindProcessing)
	other.Phone.Identifier = "com.ex.other"
	was := s.add(other)
	as := spec(work.KindRefresh)
	as.Phone.Identifier = "com.ex.other"
	if r, _ := s.sys.Admit(s.now, s.job(as, s.now), &s.facts).(*core.Refusal); r == nil || r.Code != CodeTooMany {
		t.Errorf("%+v", r)
	}
	s.collect()
	s.ordered(drop(was, "replaced"))
	if codes := s.codes(second); codes[0] != GateTooEarly {
		t.Error(codes)
	}
}

// TestStillRunning: a request waits for the last run of its identifier.
func TestStillRunning(t *testing.T) {
	s := newScene(t, Config{})
	j := s.run(spec(work.KindContinued))
	again := s.add(spec(work.KindContinued))
	s.held(again, GateRunning)
	ended(s.sys, s.now, j, work.Success)
	s.held(again)
}

// TestOfflinePush: what was sent while there was no network is not on the phone yet.
func TestOfflinePush(t *testing.T) {
	s := newScene(t, Config{})
	s.leave()
	s.fact(record.Connected, 0)
	j := s.add(spec(work.KindPush))
	s.sense(core.SenseAppDied, 0)
	s.ordered()
	s.held(j, GateNoNetwork)
	s.sense(core.SenseRefresh, 0)
	s.ordered()
	s.fact(record.Connected, 1)
	s.ordered(drop(j, "background_refresh_off"))
}

// TestWidgetWindow: whatever a widget has earned, it gets the reloads of a window at
// most.
func TestWidgetWindow(t *testing.T) {
	s := newScene(t, Config{})
	s.leave()
	n := 0
	for range 24 * 12 {
		j := s.add(spec(work.KindWidget))
		s.sys.widget(j.Spec.Task).Balance = 100 * one
		if codes := s.codes(j); len(codes) == 0 {
			s.start(j)
			ended(s.sys, s.now, j, work.Success)
			n++
		} else {
			s.held(j, GateBudget)
			s.sys.Gone(s.now, j)
		}
		s.pass(5 * minute)
	}
	if n != 72 {
		t.Errorf("%d reloads in a day", n)
	}
	s.held(s.add(spec(work.KindWidget)))
}

// TestMachineExpires is the same through the machine, which need not count the time of a
// run to end it.
func TestMachineExpires(t *testing.T) {
	p := newPhone(t, 1)
	first, err := p.ask(start, work.KindRefresh, "sync")
	if err != nil {
		t.Fatal(err)
	}
	p.feel(start+minute, core.SenseAppLeft, 0)
	p.feel(start+minute, core.SenseScreen, 0)
	if !p.until(start+3*day, first) {
		t.Fatal("not launched in three days")
	}
	at := p.At
	p.feel(at, core.SenseDebugger, 1)
	push, err := p.ask(at+27*second, work.KindPush, "")
	if err != nil || p.Row(push).State != work.Running {
		t.Fatalf("%v, held by %v", err, p.Codes(p.At, push))
	}
	p.until(at+30*second, "")
	if w := p.Row(first); w.State != work.Failed || w.Last.Outcome != work.BudgetExceeded {
		t.Errorf("after 30 s: %+v", w)
	}
	p.until(at+35*second, "")
	if w := p.Row(push); w.State != work.Failed || w.Last.Outcome != work.Lost || w.Last.Message != DiedGrace {
		t.Errorf("after the grace: %+v", w)
	}
	p.Do(at+36*second, core.Reaped{Work: first, Epoch: 1})
	if p.sys.Alive() {
		t.Error("the process goes on")
	}
}

// TestMediaEnds: what plays ends with the process, and with it free reloads of widgets.
func TestMediaEnds(t *testing.T) {
	s := newScene(t, Config{})
	s.sense(core.SenseMedia, 1)
	s.leave()
	if !s.sys.timeline().Free() {
		t.Error("a reload costs something while the app plays")
	}
	s.sense(core.SenseAppDied, 0)
	s.sense(core.SenseAppOpened, 0)
	s.leave()
	if s.sys.timeline().Free() {
		t.Error("the app of a new process plays")
	}
}

// TestDebuggedRun: a run that a debugger began has all the time it wants.
func TestDebuggedRun(t *testing.T) {
	s := newScene(t, Config{})
	j := s.add(spec(work.KindRefresh))
	s.leave()
	s.sys.Sense(s.now, core.Sense{Kind: core.SenseDebugLaunch, Task: "refresh"}, &s.facts)
	if terms := s.start(j); terms.Budget != 0 {
		t.Errorf("%+v", terms)
	}
	s.pass(hour)
	s.sense(core.SenseUnlocked, 0)
	s.pass(hour)
	s.ordered()
	if !s.sys.executes() || s.sys.Launched != never {
		t.Error("suspended, or counted as a launch")
	}
}

// TestToldOnce: a run whose time is up does not get away with it because conditions
// change once more.
func TestToldOnce(t *testing.T) {
	s := newScene(t, Config{})
	s.leave()
	s.sense(core.SenseScreen, 0)
	j := s.run(spec(work.KindProcessing))
	s.sense(core.SenseScreen, 1)
	s.pass(second)
	s.sense(core.SenseScreen, 0)
	s.sense(core.SenseScreen, 1)
	if r := s.sys.runOf(j.Work.Seq); r == nil || !r.Expired {
		t.Fatalf("%+v", r)
	}
	if s.pass(4 * second); s.sys.Alive() {
		t.Error("the process goes on after the grace")
	}
}

// TestExtensionOutlives: what a push shows is made by an extension, whose end is not the
// app's.
func TestExtensionOutlives(t *testing.T) {
	s := newScene(t, Config{})
	shown := spec(work.KindPush)
	shown.Phone.Visible = true
	j := s.run(shown)
	s.pass(35 * second)
	if !s.sys.Alive() || s.sys.runOf(j.Work.Seq) != nil {
		t.Errorf("alive %t, %+v", s.sys.Alive(), s.sys.Runs)
	}
}

// TestCrashAtSubmit: what holds a work after the app has crashed is not what held it before,
// even where the call that crashed it was the first to see that the phone has changed.
func TestCrashAtSubmit(t *testing.T) {
	s := newScene(t, Config{App: App{Late: []string{"com.ex.processing"}}})
	j := s.add(spec(work.KindRefresh))
	s.pass(hour)
	s.facts[record.Connected].Value = 0
	if err := s.sys.Admit(s.now, s.job(spec(work.KindProcessing), s.now), &s.facts); err == nil {
		t.Fatal("no crash")
	}
	want := s.codes(j)[0]
	if first, _ := s.sys.Marked(s.sys.Mark(s.now, j)); first.Code != want || want != GateNoNetwork {
		t.Errorf("marked %s, and held by %s", first.Code, want)
	}
}

// TestProcessorUsedTooMuch: such a run takes the process with it, as a crash does, and the
// journal says by what.
func TestProcessorUsedTooMuch(t *testing.T) {
	for out, why := range map[work.Outcome]string{work.CPUExceeded: "a task used too much of the processor", work.Crashed: "it crashed"} {
		s := newScene(t, Config{})
		s.leave()
		j, push := s.run(spec(work.KindProcessing)), s.run(spec(work.KindPush))
		s.orders = s.orders[:0]
		s.sys.End(s.now, j, out)
		s.collect()
		var told []string
		s.sys.Told(func(text string) { told = append(told, text) })
		if s.sys.Alive() || len(s.orders) != 1 || s.orders[0].Kind != core.OrderKill || s.orders[0].Work != push.Work.ID || len(told) == 0 || told[len(told)-1] != "the app's process is gone: "+why {
			t.Errorf("%s: alive %t, %+v, told %q", out, s.sys.Alive(), s.orders, told)
		}
	}
}
