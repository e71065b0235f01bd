package ios_test

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/ios"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestUnscheduledKinds has no gate for what no request is made for.
func TestUnscheduledKinds(t *testing.T) {
	worst := ios.Device{Quit: true, LowPower: true, Focal: true, InUse: true, DaysSinceUse: 100}
	for _, k := range []work.Kind{work.KindTransfer, work.KindAssertion, work.KindNotification, work.KindWidget, work.KindWork} {
		defaults.HardGates(&worst, &ios.Request{Kind: k, Window: ios.Window{StartAfter: 10}}, 0, func(c work.Code) bool {
			t.Errorf("%q is held by %s", k, c)
			return true
		})
	}
}

// TestGatesStop asks for as many gates as it wants.
func TestGatesStop(t *testing.T) {
	worst := ios.Device{Quit: true, LowPower: true, Focal: true, InUse: true, DaysSinceUse: 100}
	for _, k := range []work.Kind{work.KindRefresh, work.KindProcessing, work.KindHealth, work.KindContinued} {
		r := ios.Request{Kind: k, Power: true, Network: true, Window: ios.Window{StartAfter: 10}}
		var all []work.Code
		defaults.HardGates(&worst, &r, 0, func(c work.Code) bool { all = append(all, c); return true })
		for n := 1; n <= len(all); n++ {
			var some []work.Code
			defaults.HardGates(&worst, &r, 0, func(c work.Code) bool { some = append(some, c); return len(some) < n })
			if !slices.Equal(some, all[:n]) {
				t.Errorf("the first %d gates of %s are %q, of %q", n, k, some, all)
			}
		}
		if len(all) < 3 {
			t.Errorf("%s has the gates %q", k, all)
		}
	}
}

func TestGatesDoNotAllocate(t *testing.T) {
	d, r, n := ios.DefaultDevice(), ios.Request{Kind: work.KindProcessing}, 0
	if got := testing.AllocsPerRun(100, func() {
		defaults.HardGates(&d, &r, 0, func(work.Code) bool { n++; return true })
	}); got > 0 {
		t.Errorf("%v allocations", got)
	}
	if n == 0 {
		t.Error("no gate")
	}
}

// TestExtensionThatMayNotSchedule is of a kind that no case names.
func TestExtensionThatMayNotSchedule(t *testing.T) {
	c := ios.New(defaults, ios.App{Kind: ios.KindShutExtension, Permitted: []string{"a"}, Modes: []string{ios.ModeFetch}}, ios.DefaultDevice())
	err := c.Submit(ios.Request{Kind: work.KindRefresh, ID: "a"})
	var r *core.Refusal
	if !errors.As(err, &r) || r.Domain != ios.Domain || r.Code != ios.CodeUnavailable || r.Name != "unavailable" || r.Fatal || r.Text == "" {
		t.Errorf("%#v", err)
	}
}

// TestDebugger is told of no case either: with Xcode attached nothing is held back.
func TestDebugger(t *testing.T) {
	d := ios.Device{Debugger: true, LowPower: true}
	c := ios.New(defaults, ios.App{}, d)
	c.Launch()
	c.PushArrives("p", ios.ThrottleHold)
	c.SetWidget(0)
	if reloaded, counted := c.ReloadWidget(ios.Reload{Reason: ios.ReloadTimeline, Debugger: true}); !reloaded || counted {
		t.Errorf("reload %v, counted %v", reloaded, counted)
	}
	if got := c.Events(); !slices.Equal(got, []ios.Event{{Kind: ios.PushDelivered, ID: "p"}}) {
		t.Errorf("%v", got)
	}
}

// TestResources cancels transfers for the one reason that no call stands for.
func TestResources(t *testing.T) {
	c := ios.New(defaults, ios.App{}, ios.DefaultDevice())
	c.StartTransfer("a")
	c.CancelTransfers(ios.CancelledResources)
	c.TransferDone("a")
	if got := c.Events(); len(got) != 1 || got[0].String() != "transfer_cancelled a insufficientSystemResources" {
		t.Errorf("%v", got)
	}
}

// TestEndOfTime submits, delays and repeats where instants end.
func TestEndOfTime(t *testing.T) {
	c := ios.New(defaults, ios.App{Permitted: []string{"a"}, Modes: []string{ios.ModeFetch}}, ios.DefaultDevice())
	c.AdvanceTo(record.Never - 1)
	c.AdvanceTo(-5)
	if ok, err := c.Register(work.KindRefresh, "a"); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if err := errors.Join(c.FinishLaunching(false), c.Submit(ios.Request{Kind: work.KindRefresh, ID: "a"}), c.Notify("n", math.MaxInt64, true)); err != nil {
		t.Fatal(err)
	}
	if r, _ := c.Request("a"); r.StartAfter != record.Never || r.StartBefore != record.Never {
		t.Errorf("%+v", r)
	}
	if ok, err := c.SystemLaunch("a"); !ok || err != nil {
		t.Fatal(ok, err)
	}
	c.AdvanceTo(record.Never)
	if got := c.Running(); !reflect.DeepEqual(got, []string{"a"}) {
		t.Errorf("running %q", got)
	}
	if list := c.Notifications(); len(list) != 1 || list[0].At != record.Never {
		t.Errorf("%+v", list)
	}
}
