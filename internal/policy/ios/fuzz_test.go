package ios_test

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/ios"
	"github.com/lullwork/lull/work"
)

var wellFormed = regexp.MustCompile(`^(handler_called \S+|completed \S+ (success|failure) (app|system)|expiration_called \S+` +
	`|expired_unknown \S+ completed_immediately|task_lost \S+|process_died (background_task_not_ended|expired_task_not_completed)` +
	`|log (released_without_completing|no_request_scheduled|not_being_simulated|no_expiration_handler) \S+` +
	`|push_delivered \S+|push_discarded|push_superseded \S+|push_not_launched \S+ (background_refresh_off|low_power_mode|battery_critical)` +
	`|transfer_cancelled \S+ (userForceQuitApplication|backgroundUpdatesDisabled|insufficientSystemResources)` +
	`|app_resumed_for_transfer \S+|bt_expiration_called \S+)$`)

// walk makes random calls and holds what comes out against what always holds.
type walk struct {
	t        *testing.T
	c        *ios.Contract
	in       []byte
	ids      []string
	open     map[string]bool // tasks that were handed out and are not over
	held     string
	handlers map[string]bool // expiration handlers that may still be called
}

func (w *walk) next() int {
	if len(w.in) == 0 {
		return 0
	}
	b := w.in[0]
	w.in = w.in[1:]
	return int(b)
}

func (w *walk) yes() bool  { return w.next()%2 == 1 }
func (w *walk) id() string { return w.ids[w.next()%len(w.ids)] }

var walkKinds = []work.Kind{work.KindRefresh, work.KindProcessing, work.KindHealth, work.KindContinued, work.KindRefresh, work.KindPush}

// step makes one call.
func (w *walk) step(call int) error {
	c := w.c
	var err error
	switch call % 32 {
	case 0:
		c.Launch()
	case 1:
		err = c.FinishLaunching(w.yes())
	case 2:
		c.EnterBackground()
	case 3:
		c.Backgrounded()
	case 4:
		c.Terminate()
	case 5:
		c.ForceQuit()
	case 6:
		err = c.Open()
	case 7, 8:
		_, err = c.Register(walkKinds[w.next()%len(walkKinds)], w.id())
	case 9, 10, 11:
		err = c.Submit(ios.Request{
			Kind: walkKinds[w.next()%len(walkKinds)], ID: w.id(), Earliest: int64(w.next()-5) * 100 * second,
			Power: w.yes(), Network: w.yes(), Fail: w.yes(),
		})
		if w.yes() {
			err = errors.Join(err, c.Submit(ios.Request{Kind: work.KindRefresh}))
		}
	case 12:
		c.Cancel(w.id())
	case 13:
		if w.yes() {
			c.CancelAll()
		}
	case 14, 15:
		_, err = c.SystemLaunch(w.id(), w.id())
	case 16:
		for _, id := range append(c.Running(), w.id()) {
			w.handlers[id] = slices.Contains(c.Running(), id)
			c.SetExpirationHandler(id)
		}
	case 17:
		c.Expire(w.id())
	case 18:
		c.GraceOver(w.id())
	case 19:
		id, was := w.id(), slices.Clone(c.Running())
		if effect := c.SetTaskCompleted(id, w.yes()); (effect == ios.EffectCompleted) != slices.Contains(was, id) {
			w.t.Errorf("completing %s is %s, %q ran", id, effect, was)
		}
	case 20:
		c.ReleaseTask(w.id())
	case 21:
		c.CancelContinued(w.id())
	case 22:
		d := c.Device()
		d.Pad, d.Charging, d.LowPower, d.InUse = w.yes(), w.yes(), w.yes(), w.yes()
		d.Focal, d.ContinuedBusy, d.Debugger = w.next()%8 == 0, w.yes(), w.next()%8 == 0
		d.Battery, d.Network, d.DaysSinceUse = int64(w.next()), ios.Network(w.next()%3), int64(w.next()-10)
		err = c.SetDevice(d)
	case 23:
		err = c.SetRefresh(w.next()%8 > 0, w.next()%8 > 0)
	case 24:
		c.AdvanceTo(c.Now() + int64(w.next()-3)*int64(w.next())*second)
	case 25:
		_, err = c.SimulateLaunch(w.id())
	case 26:
		c.SimulateExpiration(w.id())
	case 27:
		if err = c.BeginAssertion(w.id()); errors.Is(err, ios.ErrNoProcess) {
			err = nil
		}
	case 28:
		c.EndAssertion(w.id())
		if w.yes() {
			c.Watchdog()
		}
	case 29:
		c.PushArrives(w.id(), []ios.Throttle{ios.ThrottleHold, ios.ThrottleDeliver}[w.next()%2])
	case 30:
		err = c.Notify(w.id(), int64(w.next()-2)*second, w.yes())
	case 31:
		c.StartTransfer(w.id())
		if w.yes() {
			c.TransferDone(w.id())
		}
		if w.next() == 7 {
			c.CancelTransfers(ios.CancelledResources)
		}
	}
	return err
}

// take follows the events of a step.
func (w *walk) take(events []ios.Event) {
	for _, e := range events {
		if !wellFormed.MatchString(e.String()) {
			w.t.Errorf("event %q", e)
		}
		switch e.Kind {
		case ios.HandlerCalled:
			if w.open[e.ID] {
				w.t.Errorf("%s: it runs already", e)
			}
			w.open[e.ID] = true
			delete(w.handlers, e.ID)
		case ios.Completed, ios.TaskLost:
			if !w.open[e.ID] {
				w.t.Errorf("%s: no such task runs", e)
			}
			delete(w.open, e.ID)
			delete(w.handlers, e.ID)
		case ios.ExpirationCalled:
			if !w.open[e.ID] || !w.handlers[e.ID] {
				w.t.Errorf("%s: runs %v, handler %v", e, w.open[e.ID], w.handlers[e.ID])
			}
			delete(w.handlers, e.ID)
		case ios.PushSuperseded:
			if e.ID != w.held {
				w.t.Errorf("%s: %q was held", e, w.held)
			}
			w.held = ""
		case ios.PushDelivered, ios.PushDiscarded:
			w.held = ""
		}
	}
}

// always holds what is true after any step.
func (w *walk) always(err error, events []ios.Event) {
	c, t := w.c, w.t
	var refusal *core.Refusal
	if err != nil && !errors.As(err, &refusal) {
		t.Errorf("error %v", err)
	}
	if refusal != nil && refusal.Fatal != (refusal.Domain == "") {
		t.Errorf("refusal %+v", refusal)
	}
	if refusal != nil && refusal.Fatal && c.State() != ios.ProcessNone {
		t.Errorf("after %v the process is %s", err, c.State())
	}
	if slices.ContainsFunc(events, func(e ios.Event) bool { return e.Kind == ios.ProcessDied }) {
		// What was killed for not being complete is told by that alone.
		if len(w.open) > 1 {
			t.Errorf("killed tasks %v", w.open)
		}
		clear(w.open)
	}
	running := c.Running()
	if len(running) != len(w.open) || c.State() == ios.ProcessNone && len(running) > 0 {
		t.Errorf("%q run, by the events %v", running, w.open)
	}
	if c.Suspended() && (len(running) > 0 || c.State() != ios.ProcessBackground) {
		t.Errorf("suspended with %q, %s", running, c.State())
	}
	w.held = c.Held().ID
	if c.Held().Held != (w.held != "") {
		t.Errorf("held %+v", c.Held())
	}
	w.pending()
	if next := c.Next(); next <= c.Now() {
		t.Errorf("at %d the next instant is %d", c.Now(), next)
	}
	list := c.Notifications()
	if len(list) > 64 || !slices.IsSortedFunc(list, func(a, b ios.Notification) int { return int(a.At - b.At) }) {
		t.Errorf("notifications %+v", list)
	}
}

func (w *walk) pending() {
	c, t := w.c, w.t
	order := []work.Code{
		ios.GateTooEarly, ios.GateForceQuit, ios.GateRefreshOff, ios.GateLowPower, ios.GateForeground, ios.GateNoNetwork, ios.GateUnused,
		ios.GateBattery, ios.GateInUse, ios.GateNotCharging,
	}
	ids, refresh, processing := c.Pending(), 0, 0
	if len(slices.Compact(slices.Clone(ids))) != len(ids) || !slices.IsSorted(ids) {
		t.Errorf("pending %q", ids)
	}
	for _, id := range ids {
		r, ok := c.Request(id)
		switch r.Kind {
		case work.KindRefresh:
			refresh++
		case work.KindProcessing, work.KindHealth:
			processing++
		case work.KindContinued:
		default:
			t.Errorf("a request of kind %q is pending", r.Kind)
		}
		if !ok || r.StartAfter > r.StartBefore {
			t.Errorf("%s: %v %+v", id, ok, r)
		}
		at := -1
		for _, code := range c.BlockedBy(id) {
			i := slices.Index(order, code)
			if i <= at {
				t.Errorf("gates %q", c.BlockedBy(id))
			}
			at = i
		}
	}
	if refresh > 1 || processing > 10 {
		t.Errorf("%d refresh and %d processing requests are pending", refresh, processing)
	}
}

// FuzzContract makes any calls in any order.
func FuzzContract(f *testing.F) {
	f.Add([]byte{0, 0, 7, 0, 0, 1, 0, 9, 0, 0, 9, 14, 0, 0, 16, 0, 24, 33, 1, 18, 0})
	f.Add([]byte{6, 7, 3, 4, 9, 3, 4, 9, 0, 0, 1, 22, 1, 1, 1, 1, 1, 1, 1, 9, 1, 9, 5})
	f.Add([]byte{1, 0, 29, 0, 0, 29, 1, 1, 31, 2, 1, 2, 27, 0, 3, 24, 60, 1, 28, 1, 1})
	f.Fuzz(func(t *testing.T, in []byte) {
		w := newWalk(t, in)
		for len(w.in) > 0 && !t.Failed() {
			w.make(w.next())
		}
	})
}

func newWalk(t *testing.T, in []byte) *walk {
	w := &walk{t: t, in: in, open: map[string]bool{}, handlers: map[string]bool{}, ids: []string{"a", "b", "c", "d", "x.1", "x.2", "com.apple.y"}}
	kinds := []ios.AppKind{ios.KindApp, ios.KindApp, ios.KindApp, ios.KindExtension, ios.KindSimulator, ios.KindShutExtension}
	w.c = ios.New(defaults, ios.App{
		Kind: kinds[w.next()%len(kinds)], Permitted: []string{"a", "b", "c", "x.*"}, Modes: []string{ios.ModeFetch, ios.ModeProcessing},
		Entitlements: []string{ios.HealthEntitlement},
	}, ios.DefaultDevice())
	return w
}

// make makes a call and looks at what came of it.
func (w *walk) make(call int) []ios.Event {
	err := w.step(call)
	events := w.c.Events()
	w.take(events)
	w.always(err, events)
	return events
}

// TestRandomCalls makes random calls of lives that begin as they should.
func TestRandomCalls(t *testing.T) {
	counts := map[ios.EventKind]int{}
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 4))
		in := []byte{0} // an app
		for range 3000 {
			in = append(in, byte(r.IntN(256)))
		}
		w := newWalk(t, in)
		for i := 0; len(w.in) > 0; i++ {
			call := 9 + r.IntN(23) // of those that begin and end no process
			if i%30 == 0 {
				w.c.Launch()
				for _, id := range w.ids {
					if ok, err := w.c.Register(work.KindContinued, id); err != nil || ok == (id == "d" || id == "com.apple.y") {
						t.Fatalf("registering %s: %v, %v", id, ok, err)
					}
				}
				call = 1
			} else if r.IntN(20) == 0 {
				call = r.IntN(9)
			}
			for _, e := range w.make(call) {
				counts[e.Kind]++
			}
			if t.Failed() {
				t.Fatalf("seed %d, call %d", seed, i)
			}
		}
	}
	for kind := ios.HandlerCalled; kind <= ios.AssertionExpired; kind++ {
		if counts[kind] < 100 {
			t.Errorf("%d events as %q", counts[kind], ios.Event{Kind: kind})
		}
	}
	t.Logf("events %v", counts)
}

// FuzzParsePush reads any aps dictionary.
func FuzzParsePush(f *testing.F) {
	f.Add("background", int64(5), []byte(`{"content-available": 1}`))
	f.Add("alert", int64(10), []byte(`{"alert": {"title": "x"}, "badge": null}`))
	f.Add("", int64(-1), []byte(`[1]`))
	f.Fuzz(func(t *testing.T, kind string, priority int64, aps []byte) {
		m, err := ios.ParsePush(kind, priority, aps)
		if err != nil {
			return
		}
		v := m.Validate()
		if v == ios.PushSilent && (m.Shows || !m.ContentAvailable || m.Priority != 5) {
			t.Errorf("%+v is %s", m, v)
		}
	})
}
