package core_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// door is a platform that lets works start while the screen is off, one at a time, and
// only works that were admitted while the app was in front.
type door struct {
	core.Policy
	rules core.Rules
	state doorState
	out   []core.Order
	heard []string
}

type doorState struct {
	Screen, Front bool
	Opens         int64
	Running       work.ID
}

func (d *door) Rules() core.Rules                           { return d.rules }
func (d *door) Judge(core.Need, *record.Facts) core.Verdict { return core.Verdict{State: record.Met} }
func (d *door) Next() int64                                 { return d.state.Opens }
func (d *door) Start(_ int64, j core.Job, _ *record.Facts) core.Terms {
	d.hear("start", j)
	d.state.Running = j.Work.ID
	return core.Terms{Budget: 30 * sec, Grace: sec}
}
func (d *door) Waiting(_ int64, j core.Job) { d.hear("waiting", j) }
func (d *door) Gone(_ int64, j core.Job) {
	d.hear("gone", j)
	if d.state.Running == j.Work.ID {
		d.state.Running = ""
	}
}

func (d *door) Reaped(_, seq int64) bool {
	d.heard = append(d.heard, fmt.Sprint("reaped ", seq))
	return false
}
func (d *door) Save() ([]byte, error)        { return json.Marshal(d.state) }
func (d *door) hear(what string, j core.Job) { d.heard = append(d.heard, what+" "+string(j.Work.ID)) }

func (d *door) Explain(int64, core.Job, core.Gate, *record.Facts) (m, f string) {
	return "the screen is on", "turn it off"
}
func (d *door) Clear(int64, core.Job, core.Edit) { d.state.Screen = false }

func (d *door) Tick(at int64, _ *record.Facts) bool {
	if d.state.Opens > at {
		return false
	}
	d.state.Opens, d.state.Screen = record.Never, false
	return true
}

func (d *door) Sense(_ int64, s core.Sense, _ *record.Facts) bool {
	switch s.Kind {
	case core.SenseScreen:
		d.state.Screen = s.Value == 1
		if d.state.Screen && d.state.Running != "" {
			d.out = append(d.out, core.Order{Kind: core.OrderStop, Work: d.state.Running, Stop: work.StopDeviceState, Text: "somebody looks"})
		}
	case core.SenseAppOpened:
		d.state.Front = true
	case core.SenseAppDied:
		d.out = append(d.out, core.Order{Kind: core.OrderKill, Work: d.state.Running, Stop: work.StopUnknown, Text: "the process died"})
	case core.SenseStalled:
		d.out = append(d.out, core.Order{Kind: core.OrderExpire, Work: work.ID(s.Task)})
	case core.SenseForceStop:
		d.out = append(d.out, core.Order{Kind: core.OrderDrop, Work: work.ID(s.Task), Text: "dropped"})
	default:
		return false
	}
	return true
}

func (d *door) Admit(_ int64, j core.Job, _ *record.Facts) error {
	d.hear("admit", j)
	if !d.state.Front {
		return &core.Refusal{Domain: "Door", Code: 1, Name: "notInFront", Text: "the app is not in front"}
	}
	j.Work.InitialDelay = max(j.Work.InitialDelay, 5*sec)
	return nil
}

func (d *door) Gates(_ int64, _ core.Job, _ *record.Facts, yield func(core.Gate) bool) {
	if d.state.Screen && !yield(core.Gate{Code: "screen", Until: d.state.Opens}) {
		return
	}
	if d.state.Running != "" {
		yield(core.Gate{Code: "one-at-a-time", Until: record.Never, Assumed: true})
	}
}

func (d *door) End(_ int64, j core.Job, o work.Outcome) {
	d.hear("end "+string(o), j)
	d.state.Running = ""
}

func (d *door) Orders() []core.Order {
	out := d.out
	d.out = nil
	return out
}

func (d *door) Load(b []byte) error {
	d.state = doorState{Opens: record.Never}
	if len(b) == 0 {
		return nil
	}
	return json.Unmarshal(b, &d.state)
}

const sec = int64(time.Second / time.Microsecond)

func newDoor(tb testing.TB, rules core.Rules) (*coretest.Rig, *door) {
	d := &door{rules: rules}
	if err := d.Load(nil); err != nil {
		tb.Fatal(err)
	}
	r := coretest.New(tb, d)
	r.Do(0, sense(core.SenseAppOpened, 0))
	return r, d
}

func sense(k core.SenseKind, v int64) core.Sensed {
	return core.Sensed{Sense: core.Sense{Kind: k, Value: v}}
}

func ask(r *coretest.Rig, id work.ID, name string) core.Reply {
	return r.Do(r.At, core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: id, Task: "t"}}}, Unique: work.Unique{Name: name, Policy: work.Replace}})
}

func TestPlatformHolds(t *testing.T) {
	r, d := newDoor(t, core.Rules{Name: "door"})
	var seen []string
	r.M.Watch(func(w *record.Work, _ core.Mark, what func() (core.Hold, bool)) {
		if w == nil {
			seen = seen[:0]
			return
		}
		first, alone := what()
		seen = append(seen, fmt.Sprint(w.ID, " ", first.Code, " ", first.Assumed, " ", alone))
	})
	r.Do(0, sense(core.SenseScreen, 1))
	ask(r, "a", "")
	ask(r, "b", "")
	if r.Wake != 5*sec {
		t.Errorf("the raised delay ends at %d, not %d", 5*sec, r.Wake)
	}
	r.Do(5*sec, core.Tick{})
	if got := r.Codes(r.At, "a"); !slices.Equal(got, []work.Code{"screen"}) || len(r.Starts()) > 0 {
		t.Fatalf("a waits for %v, %v started", got, r.Starts())
	}
	d.state.Opens = 60 * sec
	r.Do(6*sec, sense(core.SenseMotion, 1)) // nothing is new
	if r.Wake != 60*sec {
		t.Errorf("wakes at %d", r.Wake)
	}
	r.Do(60*sec, core.Tick{})
	if got := r.Starts(); !slices.Equal(got, []work.ID{"a"}) {
		t.Fatalf("started: %v", got)
	}
	if e := r.Effects[0]; e.Budget != 30*sec || e.Grace != sec {
		t.Errorf("terms: %+v", e)
	}
	if want := []string{"b one-at-a-time true true"}; !slices.Equal(seen, want) {
		t.Errorf("watched: %q", seen)
	}
	r.End(61*sec, "a", work.Success)
	if got := r.Starts(); !slices.Equal(got, []work.ID{"a", "b"}) {
		t.Errorf("started: %v", got)
	}
	var held []string
	for _, e := range r.Journal() {
		if e.Kind == record.EntryHeld {
			held = append(held, string(e.Work)+" "+string(e.Code)+": "+e.Text)
		}
	}
	if want := []string{"a screen: the screen is on", "b screen: the screen is on", "b one-at-a-time: the screen is on"}; !slices.Equal(held, want) {
		t.Errorf("journaled: %q", held)
	}
	want := []string{"admit a", "waiting a", "admit b", "waiting b", "start a", "end success a", "gone a", "start b", "reaped 1"}
	if !slices.Equal(d.heard, want) {
		t.Errorf("heard: %q", d.heard)
	}
}

func TestPlatformOrders(t *testing.T) {
	for _, consumes := range []bool{false, true} {
		r, d := newDoor(t, core.Rules{Name: "door", Consumes: consumes})
		ask(r, "a", "n")
		r.Do(5*sec, core.Tick{})
		reply := ask(r, "b", "n")
		switch w := r.Row("a"); {
		case consumes && (w == nil || w.State != work.Running || w.Name != ""):
			t.Errorf("the next request has replaced a running one: %+v", w)
		case !consumes && w != nil:
			t.Errorf("a is still there: %+v", w)
		}
		if reply.Err != nil || r.Row("b").State != work.Enqueued {
			t.Errorf("%+v", reply)
		}
		if !consumes {
			r.Reap(r.At, "a")
			r.Do(20*sec, core.Tick{})
		}
		running := d.state.Running
		r.Do(21*sec, sense(core.SenseScreen, 1))
		if w := r.Row(running); consumes && w.State != work.Failed || !consumes && (w.State != work.Enqueued || w.StopReason != work.StopDeviceState) {
			t.Errorf("consumes %v: after the stop %s: %+v", consumes, running, w)
		}
		r.Reap(r.At, running)
		r.Do(22*sec, sense(core.SenseScreen, 0))
		running = d.state.Running
		r.Do(23*sec, sense(core.SenseAppDied, 0))
		if w := r.Row(running); w.Last.Outcome != work.Lost || consumes != w.State.Finished() {
			t.Errorf("consumes %v: after the process died %s: %+v", consumes, running, w)
		}
		if e := r.Effects[len(r.Effects)-1]; e.Kind != core.RequestEnd || !e.Killed {
			t.Errorf("%+v", e)
		}
		ask(r, "c", "")
		r.Do(r.At, core.Sensed{Sense: core.Sense{Kind: core.SenseForceStop, Task: "c"}})
		if w := r.Row("c"); w.State != work.Cancelled {
			t.Errorf("dropped: %+v", w)
		}
	}
}

// TestPlatformExpires: a platform that counts the time of a run ends it as the driver
// does that counts it too, once.
func TestPlatformExpires(t *testing.T) {
	r, _ := newDoor(t, core.Rules{Name: "door", Consumes: true})
	ask(r, "a", "n")
	r.Do(5*sec, core.Tick{})
	for range 2 {
		r.Do(35*sec, core.Sensed{Sense: core.Sense{Kind: core.SenseStalled, Task: "a"}})
		r.Do(35*sec, core.BudgetSpent{Work: "a", Epoch: 1})
	}
	r.Do(35*sec, core.Sensed{Sense: core.Sense{Kind: core.SenseStalled, Task: "none"}})
	if w := r.Row("a"); w.State != work.Failed || w.Last.Outcome != work.BudgetExceeded {
		t.Errorf("%+v", w)
	}
	ends := 0
	for _, e := range r.Effects {
		if e.Kind == core.RequestEnd && e.Stop == work.StopTimeout && e.Grace == sec {
			ends++
		}
	}
	if ends != 1 {
		t.Errorf("asked to end %d times: %+v", ends, r.Effects)
	}
}

// TestConditionsStir shows that works which a condition held are asked about when it is
// met, though nothing is new for the platform.
func TestConditionsStir(t *testing.T) {
	d := &door{rules: core.Rules{Name: "door"}}
	if err := d.Load(nil); err != nil {
		t.Fatal(err)
	}
	d.state.Front = true
	r := coretest.New(t, judging{d})
	r.Do(0, core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "a", Task: "t", Needs: work.Constraints{Charging: true}}}}})
	r.Do(10*sec, core.Tick{})
	if len(r.Starts()) > 0 {
		t.Fatal("started without a charger")
	}
	r.Do(20*sec, core.FactsRead{Facts: []record.Fact{{Signal: record.Charging, Value: 1}}})
	if len(r.Starts()) != 1 {
		t.Errorf("held by %v", r.Codes(r.At, "a"))
	}
}

// TestSettlingIsTold shows that who watches, and the journal, hear at once that what was
// lost is back and must hold for a while.
func TestSettlingIsTold(t *testing.T) {
	d := &door{rules: core.Rules{Name: "door"}}
	if err := d.Load(nil); err != nil {
		t.Fatal(err)
	}
	d.state.Front = true
	r := coretest.New(t, judging{d})
	var told []work.Code
	r.M.Watch(func(w *record.Work, _ core.Mark, what func() (core.Hold, bool)) {
		if w != nil {
			first, _ := what()
			told = append(told, first.Code)
		}
	})
	r.Do(0, core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "a", Task: "t", Needs: work.Constraints{Charging: true}}}}})
	r.Do(10*sec, core.Tick{})
	r.Do(20*sec, core.FactsRead{Facts: []record.Fact{{Signal: record.Charging, Value: 0, Next: 1, Settles: 30 * sec}}})
	want := []work.Code{work.ReasonCharging, work.ReasonSettling}
	if !slices.Equal(told, want) {
		t.Errorf("told: %q", told)
	}
	var held []work.Code
	for _, e := range r.Journal() {
		if e.Kind == record.EntryHeld {
			held = append(held, e.Code)
		}
	}
	if !slices.Equal(held, want) {
		t.Errorf("journaled: %q", held)
	}
	if r.Do(30*sec, core.Tick{}); len(r.Starts()) != 1 {
		t.Errorf("held by %v", r.Codes(r.At, "a"))
	}
}

// judging is a door whose works wait for what they need.
type judging struct{ *door }

func (judging) Judge(n core.Need, f *record.Facts) core.Verdict {
	if f[record.Charging].Value == 1 {
		return core.Verdict{State: record.Met}
	}
	return core.Verdict{Code: work.ReasonCharging}
}

func TestPlatformRefuses(t *testing.T) {
	d := &door{rules: core.Rules{Name: "door"}}
	r := coretest.New(t, d)
	reply := ask(r, "a", "n")
	var no *core.Refusal
	if !errors.As(reply.Err, &no) || no.Code != 1 || r.Row("a") != nil {
		t.Errorf("%+v", reply)
	}
}

func TestPlatformStateSurvives(t *testing.T) {
	r, d := newDoor(t, core.Rules{Name: "door"})
	d.state.Opens = 90 * sec
	r.Do(sec, sense(core.SenseScreen, 1))
	ask(r, "a", "")
	r.Restart(10 * sec)
	if d.state.Opens != 90*sec || !d.state.Screen {
		t.Errorf("%+v", d.state)
	}
	if got := r.Codes(r.At, "a"); !slices.Equal(got, []work.Code{"screen"}) {
		t.Errorf("held by %v", got)
	}
	r.Do(90*sec, core.Tick{})
	if len(r.Starts()) != 1 {
		t.Errorf("%v", r.Starts())
	}
}

// silent is a door that says of nothing that it is new.
type silent struct{ *door }

func (d silent) Tick(at int64, f *record.Facts) bool {
	d.door.Tick(at, f)
	return false
}

// TestTicksSurvive shows that what a tick did is stored, though no answer is new.
func TestTicksSurvive(t *testing.T) {
	d := silent{&door{rules: core.Rules{Name: "door"}}}
	if err := d.Load(nil); err != nil {
		t.Fatal(err)
	}
	d.state.Opens = 10 * sec
	r := coretest.New(t, d)
	r.Do(0, sense(core.SenseMotion, 1))
	r.Do(10*sec, core.Tick{})
	if r.Restore(); d.state.Opens != record.Never {
		t.Errorf("it ticks for %d again", d.state.Opens)
	}
}

// TestDropsOfWhatIsNotInMemory shows that a platform may drop a work whose row was not read
// yet, as while an engine begins.
func TestDropsOfWhatIsNotInMemory(t *testing.T) {
	r, d := newDoor(t, core.Rules{Name: "door"})
	ask(r, "a", "n")
	d.state.Opens = 2 * sec
	r.Do(sec, sense(core.SenseMotion, 1))
	r.Restore()
	for _, id := range []work.ID{"a", "nobody"} {
		d.out = append(d.out, core.Order{Kind: core.OrderDrop, Work: id, Text: "dropped"})
	}
	r.Do(2*sec, core.Recover{}) // with a tick
	if w := r.Row("a"); w.State != work.Cancelled || w.Last.Message != "dropped" {
		t.Errorf("%+v", w)
	}
	if r.Do(60*sec, core.Tick{}); len(r.Starts()) > 0 {
		t.Errorf("started %v", r.Starts())
	}
}

func TestSenseWithoutPlatform(t *testing.T) {
	r := coretest.New(t, plainPolicy{})
	if reply := r.Do(0, sense(core.SenseScreen, 1)); !errors.Is(reply.Err, work.ErrUnsupported) {
		t.Errorf("%+v", reply)
	}
}

type plainPolicy struct{}

func (plainPolicy) Rules() core.Rules { return core.Rules{Name: "plain"} }
func (plainPolicy) Judge(core.Need, *record.Facts) core.Verdict {
	return core.Verdict{State: record.Met}
}

// TestRunsOfOneRequestOnly shows that what is delivered is delivered once, or once in its
// period.
func TestRunsOfOneRequestOnly(t *testing.T) {
	for _, how := range []string{"stop", "kill", "retry", "budget"} {
		d := &door{rules: core.Rules{Name: "door", BudgetStops: true}}
		if err := d.Load(nil); err != nil {
			t.Fatal(err)
		}
		d.state.Front = true
		r := coretest.New(t, d)
		push, widget := work.Traits{Kind: work.KindPush}, work.Traits{Kind: work.KindWidget}
		r.Do(0, core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "one", Task: "t", Phone: push}}}})
		r.Do(0, core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "every", Task: "t", Every: time.Hour, Phone: widget}}}})
		at := 5 * sec
		for range 2 {
			r.Do(at, core.Tick{})
			id := d.state.Running
			if id == "" {
				t.Fatalf("%s: nothing runs", how)
			}
			switch how {
			case "stop":
				r.Do(at, sense(core.SenseScreen, 1))
				r.Reap(at, id)
				r.Do(at, sense(core.SenseScreen, 0))
			case "kill":
				r.Do(at, sense(core.SenseAppDied, 0))
				r.Reap(at, id)
			case "retry":
				r.End(at, id, work.Retry)
			case "budget":
				r.Do(at, core.BudgetSpent{Work: id, Epoch: 1})
				r.Reap(at, id)
			}
		}
		if w := r.Row("one"); !w.State.Finished() {
			t.Errorf("%s: %+v", how, w)
		}
		if w := r.Row("every"); w.State != work.Enqueued || w.Periods != 1 || w.Due < at+3600*sec {
			t.Errorf("%s: %+v", how, w)
		}
	}
}
