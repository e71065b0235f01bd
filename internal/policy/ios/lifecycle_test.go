package ios

import (
	"slices"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// scene is a phone on Wi-Fi at 80 %, whose user has just opened the app, and the orders
// of its system.
type scene struct {
	*app
	t      *testing.T
	orders []core.Order
}

func newScene(t *testing.T, c Config) *scene {
	s := &scene{app: newApp(t, c), t: t}
	s.now = 100 * day
	for k, v := range map[record.Signal]int64{record.Charging: 0, record.BatteryLevel: 80, record.Connected: 1, record.Metered: 0, record.LowPower: 0} {
		s.facts[k].Value = v
	}
	s.sense(core.SenseScreen, 1)
	s.sense(core.SenseAppOpened, 0)
	return s
}

func (s *scene) collect() { s.orders = append(s.orders, s.sys.Orders()...) }

// sense tells that something happens now.
func (s *scene) sense(k core.SenseKind, value int64) {
	s.sys.Sense(s.now, core.Sense{Kind: k, Value: value}, &s.facts)
	s.collect()
}

func (s *scene) fact(k record.Signal, value int64) {
	s.facts[k].Value = value
	s.sense(core.SenseFacts, 0)
}

// pass lets time pass.
func (s *scene) pass(d int64) {
	for to := s.now + d; ; {
		next := s.sys.Next()
		if next > to {
			s.now = to
			return
		}
		s.now = max(s.now, next)
		s.sys.Tick(s.now, &s.facts)
		s.collect()
	}
}

// add submits a work and reports how the system takes it.
func (s *scene) add(sp *record.Spec) core.Job {
	s.t.Helper()
	j := s.job(sp, s.now)
	if err := s.sys.Admit(s.now, j, &s.facts); err != nil {
		s.t.Fatalf("%s: %v", sp.Task, err)
	}
	s.sys.Waiting(s.now, j)
	s.collect()
	return j
}

// start begins a run that nothing may hold.
func (s *scene) start(j core.Job) core.Terms {
	s.t.Helper()
	if codes := s.codes(j); len(codes) > 0 {
		s.t.Fatalf("%s is held by %v", j.Spec.Task, codes)
	}
	return s.sys.Start(s.now, j, &s.facts)
}

// run submits and starts, whatever holds it.
func (s *scene) run(sp *record.Spec) core.Job {
	j := s.add(sp)
	s.sys.Start(s.now, j, &s.facts)
	return j
}

func (s *scene) codes(j core.Job) (out []work.Code) {
	for _, g := range gatesOf(s.sys, s.now, j, &s.facts) {
		out = append(out, g.Code)
	}
	return out
}

// ordered checks the orders since the last check: kinds and works, with the text.
func (s *scene) ordered(want ...core.Order) {
	s.t.Helper()
	for i := range s.orders {
		if len(want) == len(s.orders) && want[i].Stop == 0 {
			s.orders[i].Stop = 0
		}
	}
	if !slices.Equal(s.orders, want) {
		s.t.Errorf("orders\n%+v, not\n%+v", s.orders, want)
	}
	s.orders = s.orders[:0]
}

func (s *scene) held(j core.Job, want ...work.Code) {
	s.t.Helper()
	if got := s.codes(j); !slices.Equal(got, want) {
		s.t.Errorf("%s is held by %v, not %v", j.Spec.Task, got, want)
	}
}

func (s *scene) leave() {
	s.sense(core.SenseAppLeft, 0)
	s.sense(core.SenseScreen, 0)
}

func drop(j core.Job, text string) core.Order {
	return core.Order{Kind: core.OrderDrop, Work: j.Work.ID, Text: text}
}

func TestProcessingEnds(t *testing.T) {
	for _, power := range []bool{false, true} {
		s := newScene(t, Config{})
		sp := spec(work.KindProcessing)
		sp.Needs.Charging = power
		s.leave()
		s.fact(record.Charging, 1)
		j := s.run(sp)
		s.fact(record.Charging, 0)
		if power {
			s.ordered(core.Order{Kind: core.OrderStop, Work: j.Work.ID, Stop: work.StopCharging, Text: "the charger was unplugged"})
		} else {
			s.ordered()
			s.sense(core.SenseScreen, 1)
			s.ordered(core.Order{Kind: core.OrderStop, Work: j.Work.ID, Stop: work.StopDeviceState, Text: "the user began to use the phone"})
		}
		s.fact(record.Charging, 1)
		s.sense(core.SenseScreen, 0)
		s.sense(core.SenseScreen, 1)
		s.ordered() // once
		ended(s.sys, s.now, j, work.Stopped)
	}
}

func TestProcessingWaits(t *testing.T) {
	s := newScene(t, Config{})
	j := s.add(spec(work.KindProcessing))
	s.pass(460 * second)
	s.held(j, GateForeground, GateInUse, GateNotCharging, GateSlot)
	s.leave()
	s.fact(record.Charging, 1)
	if got := s.codes(j); got[0] != GateInUse {
		t.Errorf("%v: left alone for no time", got)
	}
	if g := gatesOf(s.sys, s.now, j, &s.facts)[0]; g.Until != s.now+2700*second || !g.Assumed {
		t.Errorf("%+v", g)
	}
	s.pass(2700*second - 1)
	if got := s.codes(j); got[0] != GateInUse {
		t.Errorf("%v: left alone for too short a time", got)
	}
	started := false
	for range 200 {
		s.pass(900 * second)
		if got := s.codes(j); len(got) == 0 {
			started = true
			break
		} else if !slices.Equal(got, []work.Code{GateSlot}) {
			t.Fatal(got)
		}
	}
	if !started {
		t.Error("no slot in 200 draws of one in ten")
	}
	s.start(j)
	again := s.add(spec(work.KindProcessing))
	s.pass(20*hour - second)
	if got := s.codes(again); got[0] != GateSpacing {
		t.Errorf("%v less than 20 h after a run", got)
	}
	s.pass(second)
	if slices.Contains(s.codes(again), GateSpacing) {
		t.Error("held 20 h after a run")
	}
}

func TestForceQuit(t *testing.T) {
	s := newScene(t, Config{})
	running := s.run(spec(work.KindPush))
	s.leave()
	refresh, processing := s.add(spec(work.KindRefresh)), s.add(spec(work.KindProcessing))
	transfer, push := s.add(spec(work.KindTransfer)), s.add(spec(work.KindPush))
	note := s.add(spec(work.KindNotification))
	carried := s.run(spec(work.KindTransfer))
	s.ordered()
	s.sense(core.SenseAppSwiped, 0)
	s.ordered(
		drop(refresh, "force_quit"), core.Order{Kind: core.OrderKill, Work: running.Work.ID, Text: "force_quit"},
		drop(transfer, CancelledQuit), core.Order{Kind: core.OrderKill, Work: carried.Work.ID, Text: CancelledQuit},
		drop(push, "force_quit"),
	)
	s.held(refresh, GateNotPending)
	s.held(note)
	s.pass(hour)
	s.ordered()
	if got := s.codes(processing); got[0] != GateForceQuit {
		t.Error(got)
	}
	late := s.add(spec(work.KindPush))
	s.ordered(drop(late, "force_quit"))
	s.sense(core.SenseAppOpened, 0)
	if slices.Contains(s.codes(processing), GateForceQuit) {
		t.Error("still quit")
	}
}

func TestSwitchedOff(t *testing.T) {
	for _, which := range []core.SenseKind{core.SenseRefresh, core.SenseRefreshAll} {
		s := newScene(t, Config{App: App{Entitlements: []string{HealthEntitlement}}})
		first := s.add(spec(work.KindTransfer))
		s.leave()
		refresh, processing, health := s.add(spec(work.KindRefresh)), s.add(spec(work.KindProcessing)), s.add(spec(work.KindHealth))
		transfer, push := s.add(spec(work.KindTransfer)), s.add(spec(work.KindPush))
		s.sense(which, 0)
		s.ordered(
			drop(refresh, "background_refresh_off"), drop(processing, "background_refresh_off"),
			drop(first, CancelledUpdatesOff), drop(transfer, CancelledUpdatesOff), drop(push, "background_refresh_off"),
		)
		s.held(first, GateNotPending)
		s.pass(500 * second)
		s.held(health)
		if err := s.sys.Admit(s.now, s.job(spec(work.KindRefresh), 0), &s.facts); err == nil {
			t.Error("a request while the switch is off")
		}
		s.sense(which, 1)
		s.add(spec(work.KindRefresh))
	}
}

// TestOnWiFiOnly: that setting makes refreshes and silent pushes wait for a network that does
// not cost by volume, and nothing else.
func TestOnWiFiOnly(t *testing.T) {
	s := newScene(t, Config{App: App{Entitlements: []string{HealthEntitlement}}})
	s.leave()
	s.sense(core.SenseRefreshAll, core.OnWiFi)
	s.fact(record.Metered, 1)
	net := spec(work.KindHealth)
	net.Needs.Network = work.Connected
	refresh, health, push := s.add(spec(work.KindRefresh)), s.add(net), s.add(spec(work.KindPush))
	shown := spec(work.KindPush)
	shown.Phone.Visible = true
	alert := s.add(shown)
	s.ordered()
	s.pass(500 * second)
	s.held(health)
	s.held(alert)
	for _, j := range []core.Job{refresh, push} {
		g := gatesOf(s.sys, s.now, j, &s.facts)[0]
		message, _ := s.sys.Explain(s.now, j, g, &s.facts)
		if g.Code != GateNoNetwork || g.Edit.Signal != record.Metered || g.Until != record.Never || !strings.Contains(message, "Wi-Fi only") {
			t.Errorf("%s is held by %+v: %s", j.Spec.Phone.Kind, g, message)
		}
	}
	s.fact(record.Metered, 0)
	s.held(push)
	s.fact(record.Metered, 1)
	s.sense(core.SenseRefreshAll, 1)
	s.held(push)
	if slices.Contains(s.codes(refresh), GateNoNetwork) {
		t.Errorf("on mobile data a refresh is held by %v", s.codes(refresh))
	}
}

func TestUnused(t *testing.T) {
	s := newScene(t, Config{})
	s.leave()
	j := s.add(spec(work.KindRefresh))
	clean := s.add(spec(work.KindProcessing))
	s.pass(14 * day)
	s.ordered()
	if slices.Contains(s.codes(j), GateUnused) {
		t.Error("unused after 14 days")
	}
	s.pass(1)
	if !slices.Contains(s.codes(j), GateUnused) || !slices.Contains(s.codes(clean), GateUnused) {
		t.Error("not unused after more than 14 days")
	}
	s.pass(3 * hour)
	s.ordered(drop(j, "app_unused"))
	if !slices.Contains(s.codes(clean), GateUnused) {
		t.Error("processing is dropped, or goes on")
	}
	s.sense(core.SenseAppOpened, 0)
	if slices.Contains(s.codes(clean), GateUnused) {
		t.Error("unused although it was opened")
	}
}

func TestContinued(t *testing.T) {
	s := newScene(t, Config{})
	named := func(name string) *record.Spec {
		sp := spec(work.KindContinued)
		sp.Task = name
		sp.Phone.Identifier += "." + name
		return sp
	}
	a, b, c := s.add(named("a")), s.add(named("b")), s.add(named("c"))
	if terms := s.start(a); terms.Budget != 0 || terms.Grace != 5*second {
		t.Errorf("%+v", terms)
	}
	s.start(b)
	s.held(c, GateNoRoom)
	failing := named("d")
	failing.Phone.Fail = true
	refusal := func(sp *record.Spec) int {
		r, _ := s.sys.Admit(s.now, s.job(sp, 0), &s.facts).(*core.Refusal)
		if r == nil {
			return 0
		}
		return r.Code
	}
	if code := refusal(failing); code != CodeIneligible {
		t.Errorf("code %d where there is no room", code)
	}
	s.sys.Sense(s.now, core.Sense{Kind: core.SenseStalled, Task: "a"}, &s.facts)
	s.leave()
	if code := refusal(named("e")); code != CodeUnavailable {
		t.Errorf("code %d in the background", code)
	}
	s.pass(60*second - 1)
	s.ordered()
	s.pass(1)
	s.ordered(core.Order{Kind: core.OrderStop, Work: a.Work.ID, Stop: work.StopTimeout, Text: "its time is over"})
	ended(s.sys, s.now, a, work.Stopped)
	s.start(c)
	s.sys.Sense(s.now, core.Sense{Kind: core.SenseUserCancels, Task: "b"}, &s.facts)
	s.collect()
	s.ordered(core.Order{Kind: core.OrderStop, Work: b.Work.ID, Stop: work.StopUser, Text: "the user cancelled it"})
	ended(s.sys, s.now, b, work.Stopped)
	s.pass(hour)
	s.ordered()
	s.sense(core.SenseAppSwiped, 0)
	s.ordered(core.Order{Kind: core.OrderKill, Work: c.Work.ID, Stop: work.StopUser, Text: "force_quit"})
}

func TestHeat(t *testing.T) {
	minutes, ended := int64(0), 0
	for seed := range uint64(200) {
		s := newScene(t, Config{Seed: seed})
		s.run(spec(work.KindContinued))
		s.sense(core.SenseThermal, 1)
		from := s.now
		for len(s.orders) == 0 && s.now < from+2*hour {
			s.pass(minute)
		}
		ended += len(s.orders)
		minutes += (s.now - from) / minute
	}
	if rate := float64(ended) / float64(minutes); rate < 0.015 || rate > 0.025 {
		t.Errorf("%.4f a minute", rate)
	}
}

func TestAssertionsAndTimers(t *testing.T) {
	s := newScene(t, Config{})
	held, waits, goes := s.run(spec(work.KindAssertion)), s.add(spec(work.KindTimer)), s.run(spec(work.KindTimer))
	s.pass(hour)
	s.held(waits)
	s.leave()
	s.pass(30*second - 1)
	s.ordered()
	s.held(waits)
	s.pass(1)
	s.ordered(core.Order{Kind: core.OrderStop, Work: held.Work.ID, Stop: work.StopTimeout, Text: "its time is over"})
	ended(s.sys, s.now, held, work.Stopped)
	s.pass(second)
	s.ordered(core.Order{Kind: core.OrderKill, Work: goes.Work.ID, Text: "suspended"}, drop(waits, "suspended"))
	s.held(s.add(spec(work.KindTimer)), GateSuspended)
	s.sense(core.SenseAppDied, 0)
	s.held(s.add(spec(work.KindAssertion)), GateNotRunning)

	// A run in the background keeps the process from being suspended.
	s = newScene(t, Config{})
	s.leave()
	push := s.add(spec(work.KindPush))
	if terms := s.start(push); terms.Budget != 30*second {
		t.Errorf("%+v", terms)
	}
	late := s.run(spec(work.KindAssertion))
	timer := s.add(spec(work.KindTimer))
	s.held(timer)
	s.pass(20 * second)
	ended(s.sys, s.now, push, work.Success)
	s.pass(10*second - 1)
	s.held(timer)
	s.ordered()
	s.pass(1)
	s.ordered(core.Order{Kind: core.OrderStop, Work: late.Work.ID, Stop: work.StopTimeout, Text: "its time is over"})

	// Back in front, the time of an assertion does not count.
	ended(s.sys, s.now, late, work.Stopped)
	s.sense(core.SenseAppOpened, 0)
	s.run(spec(work.KindAssertion))
	s.sense(core.SenseAppLeft, 0)
	s.pass(20 * second)
	s.orders = s.orders[:0]
	s.sense(core.SenseAppOpened, 0)
	s.pass(hour)
	s.ordered()
}

func TestProcessDies(t *testing.T) {
	for _, k := range []core.SenseKind{core.SenseAppDied, core.SenseAppCrashed, core.SenseUpdated} {
		s := newScene(t, Config{})
		running, timer := s.run(spec(work.KindRefresh)), s.add(spec(work.KindTimer))
		refresh := s.add(spec(work.KindRefresh))
		carried, note := s.run(spec(work.KindTransfer)), s.add(spec(work.KindNotification))
		s.sense(k, 0)
		s.ordered(core.Order{Kind: core.OrderKill, Work: running.Work.ID, Stop: work.StopUnknown, Text: k.String()}, core.Order{Kind: core.OrderDrop, Work: timer.Work.ID, Stop: work.StopSystem, Text: k.String()})
		s.held(note)
		s.pass(hour)
		if slices.Contains(s.codes(refresh), GateNotPending) {
			t.Error("the request is lost")
		}
		ended(s.sys, s.now, carried, work.Success)
	}
}

func TestReboot(t *testing.T) {
	s := newScene(t, Config{})
	refresh, note := s.add(spec(work.KindRefresh)), s.add(spec(work.KindNotification))
	s.sense(core.SenseShutdown, 0)
	s.held(note, GateOff)
	s.pass(hour)
	s.sense(core.SenseBooted, 0)
	s.held(note)
	if !s.sys.FilesLocked() {
		t.Error("files can be read before the first unlock")
	}
	if got := s.sys.Waits[0].App; s.codes(refresh)[0] == GateNotPending || got != one/2 {
		t.Errorf("score %d of the app before the first unlock, held by %v", got, s.codes(refresh))
	}
	s.sense(core.SenseUnlocked, 0)
	if got := s.sys.Waits[0].App; s.sys.FilesLocked() || got == one/2 {
		t.Errorf("score %d of the app after it", got)
	}
}

func TestUnlockEndsRefresh(t *testing.T) {
	s := newScene(t, Config{})
	s.leave()
	j := s.run(spec(work.KindRefresh))
	s.sense(core.SenseUnlocked, 0)
	s.pass(2*second - 1)
	s.ordered()
	s.pass(1)
	s.ordered(core.Order{Kind: core.OrderStop, Work: j.Work.ID, Stop: work.StopTimeout, Text: "its time is over"})
}

func TestDebugger(t *testing.T) {
	s := newScene(t, Config{})
	j := s.add(spec(work.KindRefresh))
	s.sys.Sense(s.now, core.Sense{Kind: core.SenseDebugExpire, Task: "refresh"}, &s.facts)
	s.sys.Sense(s.now, core.Sense{Kind: core.SenseDebugLaunch, Task: "refresh"}, &s.facts)
	s.start(j)
	s.collect()
	s.ordered()
	s.sys.Sense(s.now, core.Sense{Kind: core.SenseDebugExpire, Task: "refresh"}, &s.facts)
	s.collect()
	s.ordered(core.Order{Kind: core.OrderStop, Work: j.Work.ID, Stop: work.StopTimeout, Text: "a debugger expired it"})
	ended(s.sys, s.now, j, work.Stopped)
	s.leave()
	for range 10 {
		s.run(spec(work.KindPush))
	}
	push := s.add(spec(work.KindPush))
	if got := s.codes(push); !slices.Contains(got, GateSpacing) {
		t.Errorf("%v right after a push", got)
	}
	s.sense(core.SenseDebugger, 1)
	s.held(push)
}

func TestNotificationsKept(t *testing.T) {
	s := newScene(t, Config{})
	var latest core.Job
	for i := range int64(65) {
		j := s.job(spec(work.KindNotification), s.now+(1+i*37%65)*minute)
		s.sys.Waiting(s.now, j)
		if latest.Work == nil || j.Due > latest.Due {
			latest = j
		}
	}
	s.collect()
	s.ordered(core.Order{Kind: core.OrderDrop, Work: latest.Work.ID, Stop: work.StopSystem, Text: "not_kept"})
	often := spec(work.KindNotification)
	often.Every = 59 * second
	if r, _ := s.sys.Admit(s.now, s.job(often, 0), &s.facts).(*core.Refusal); r == nil || !r.Fatal || r.Name != FatalRepeatInterval {
		t.Errorf("%+v", r)
	}
	if err := s.sys.Admit(s.now, s.job(&record.Spec{Task: "x"}, 0), &s.facts); err == nil {
		t.Error("work that iOS has none of")
	}
}

func TestTransfers(t *testing.T) {
	s := newScene(t, Config{})
	s.fact(record.Metered, 1)
	front := s.add(spec(work.KindTransfer))
	s.held(front)
	s.start(front)
	s.leave()
	ended(s.sys, s.now, front, work.Success) // resumes the app: the next one waits
	back := s.add(spec(work.KindTransfer))
	s.held(back, GateSpacing, GateNoNetwork, GateNotCharging)
	s.pass(300 * second)
	s.held(back, GateNoNetwork, GateNotCharging)
	s.fact(record.Metered, 0)
	s.held(back, GateNotCharging)
	s.pass(day)
	s.held(back)
	s.start(back)
	ended(s.sys, s.now, back, work.Success)
	s.sense(core.SenseAppOpened, 0)
	s.leave()
	s.held(s.add(spec(work.KindTransfer)), GateNotCharging)
	s.sense(core.SenseAppOpened, 0)
	cancelled := s.run(spec(work.KindTransfer))
	s.leave()
	s.sys.Gone(s.now, cancelled) // resumes nothing
	s.held(s.add(spec(work.KindTransfer)), GateNotCharging)
}

func TestMonitor(t *testing.T) {
	s := newScene(t, Config{})
	for _, c := range []struct {
		kind  work.Kind
		power bool
		share int64
	}{{work.KindRefresh, false, 800_000}, {work.KindProcessing, false, 800_000}, {work.KindProcessing, true, 0}, {work.KindHealth, false, 0}, {work.KindContinued, false, 0}} {
		share, window := s.sys.Monitor(c.kind, c.power)
		if share != c.share || (window == 60*second) != (share > 0) {
			t.Errorf("%s: %d in %d", c.kind, share, window)
		}
	}
}

func TestProcessingLimits(t *testing.T) {
	s := newScene(t, Config{})
	var took []int
	for i := range 4000 {
		took = append(took, int(s.sys.m.processingLimit(s.sys.chance.Fork(uint64(i)))/second))
	}
	least, median, most := quantile(took, 0), quantile(took, 0.5), quantile(took, 1)
	if least < 60 || most > 600 || median < 285 || median > 315 || quantile(took, 0.16) > 200 || quantile(took, 0.84) < 450 {
		t.Errorf("%d to %d, median %d", least, most, median)
	}
}
