package core_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// moody is a platform that holds works by their kind and by their number, and tells its
// answers apart.
type moody struct {
	door
	mood struct {
		Shut  map[work.Kind]bool
		Odd   bool // those with an odd number wait
		Third bool // and so does every third one
	}
}

func newMoody(rules core.Rules) *moody {
	d := &moody{door: door{rules: rules}}
	d.state.Opens = record.Never
	d.mood.Shut = map[work.Kind]bool{}
	return d
}

func (d *moody) Judge(_ core.Need, f *record.Facts) core.Verdict {
	if f[record.Charging].Value == 1 {
		return core.Verdict{State: record.Met, Code: work.ReasonCharging, Stop: work.StopCharging}
	}
	return core.Verdict{Code: work.ReasonCharging, Message: "it is not plugged in", Stop: work.StopCharging}
}

func (d *moody) Load([]byte) error                                   { return nil }
func (d *moody) Save() ([]byte, error)                               { return json.Marshal(d.mood) }
func (d *moody) Admit(int64, core.Job, *record.Facts) error          { return nil }
func (d *moody) Waiting(int64, core.Job)                             {}
func (d *moody) Gone(int64, core.Job)                                {}
func (d *moody) Reaped(_, seq int64) bool                            { return seq%2 == 0 }
func (d *moody) End(int64, core.Job, work.Outcome)                   {}
func (d *moody) Start(int64, core.Job, *record.Facts) (t core.Terms) { return t }

func (d *moody) Tick(at int64, _ *record.Facts) bool {
	if d.state.Opens > at {
		return false
	}
	d.state.Opens, d.mood.Odd = record.Never, !d.mood.Odd
	return true
}

func (d *moody) Sense(at int64, s core.Sense, f *record.Facts) bool {
	switch s.Kind {
	case core.SenseUnlocked:
		if f[record.Idle].Value != 1 {
			return false
		}
		d.mood.Odd = !d.mood.Odd
	case core.SenseScreen:
		k := [...]work.Kind{work.KindWork, work.KindAlarm}[s.Value]
		d.mood.Shut[k] = !d.mood.Shut[k]
	case core.SenseMotion:
		d.mood.Third = s.Value == 1
	case core.SenseThermal:
		d.state.Opens = at + s.Value*sec
		return false
	case core.SenseForceStop:
		d.out = append(d.out, core.Order{Kind: core.OrderDrop, Work: work.ID(s.Task), Text: "dropped"})
	case core.SenseStalled:
		d.out = append(d.out, core.Order{Kind: core.OrderStop, Work: work.ID(s.Task), Stop: work.StopDeviceState})
	default:
		return false
	}
	return true
}

func (d *moody) Gates(_ int64, j core.Job, _ *record.Facts, yield func(core.Gate) bool) {
	for k := d.Mark(0, j); k != 0; k &= k - 1 {
		h, _ := d.Marked(k)
		if !yield(core.Gate{Code: h.Code}) {
			return
		}
	}
}

func (d *moody) Mark(_ int64, j core.Job) (mark uint64) {
	if d.mood.Shut[j.Spec.Phone.Kind] {
		mark++
	}
	if d.mood.Odd && j.Work.Seq%2 == 1 {
		mark += 2
	}
	if d.mood.Third && j.Work.Seq%3 == 0 {
		mark += 4
	}
	return mark
}

func (d *moody) Marked(mark uint64) (core.Hold, bool) {
	for i, c := range []work.Code{"shut", "odd", "third"} {
		if mark>>i&1 == 1 {
			return core.Hold{Code: c}, mark == 1<<i
		}
	}
	panic("nothing holds it")
}

func (d *moody) Free(_ int64, k work.Kind) bool { return !d.mood.Shut[k] }

// moodyRequest draws a request. Those that differ in their ID and their delay only are like
// the same one.
func moodyRequest(rt *rapid.T, id work.ID, like map[string]*work.Request) core.Enqueue {
	q := work.Request{Task: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "task")}
	q.Phone.Kind = rapid.SampledFrom([]work.Kind{work.KindWork, work.KindWork, work.KindAlarm}).Draw(rt, "kind")
	q.Needs.Charging = rapid.IntRange(0, 3).Draw(rt, "charging") == 0
	q.Group = rapid.SampledFrom([]string{"", "", "g"}).Draw(rt, "group")
	switch rapid.IntRange(0, 3).Draw(rt, "when") {
	case 0:
		q.Every = 30 * time.Second
	case 1:
		q.Expedited = !q.Needs.Charging
	}
	key := fmt.Sprint(q)
	if like[key] == nil {
		of := q
		like[key] = &of
	}
	if q.ID = id; rapid.Bool().Draw(rt, "later") {
		q.Delay = time.Duration(rapid.IntRange(-1, 60).Draw(rt, "delay")) * time.Second
	}
	u := work.Unique{
		Name:   rapid.SampledFrom([]string{"", "", "x", "y", "\x00"}).Draw(rt, "name"),
		Policy: rapid.SampledFrom([]work.Policy{work.Replace, work.Replace, work.Keep, work.Update, work.Append, "", "none"}).Draw(rt, "policy"),
	}
	return core.Enqueue{Nodes: []work.Node{{Request: q}}, Unique: u, Fresh: true, Like: like[key]}
}

// heldNow is what one who watches knows of works that are due.
type heldNow struct {
	first core.Hold
	alone bool
}

// moodyRig returns a rig of a machine under a moody platform, and what one who watches was
// told last of the works that are due.
func moodyRig(rt *rapid.T, consumes, quiet bool) (*coretest.Rig, map[work.ID]heldNow) {
	r, told := coretest.New(rt, newMoody(core.Rules{Name: "moody", Consumes: consumes})), map[work.ID]heldNow{}
	if quiet {
		r.M.Quiet()
	}
	r.M.Watch(func(w *record.Work, _ core.Mark, what func() (core.Hold, bool)) {
		if w == nil {
			clear(told)
			return
		}
		first, alone := what()
		told[w.ID] = heldNow{first, alone}
	})
	return r, told
}

// TestWhatIsKept holds what the machine keeps from step to step, where a platform decides,
// against the same found anew: the works that are due, and what those who watch were told.
// The steps of phones, which end early or are two in one, are held against whole ones, and
// requests that are known to be like others against such that are checked.
func TestWhatIsKept(t *testing.T) {
	kept := 0
	rapid.Check(t, func(rt *rapid.T) {
		consumes, quiet := rapid.Bool().Draw(rt, "consumes"), rapid.Bool().Draw(rt, "quiet")
		whole, toldWhole := moodyRig(rt, consumes, quiet)
		r, told := moodyRig(rt, consumes, quiet)
		r.Short = true
		compare := func(at int64, ev core.Event) {
			if r.Wake != whole.Wake || !reflect.DeepEqual(r.Effects, whole.Effects) || !maps.Equal(told, toldWhole) {
				rt.Fatalf("at %d %T in short: wake %d, effects %v, told %v; in whole: wake %d, effects %v, told %v",
					at, ev, r.Wake, r.Effects, told, whole.Wake, whole.Effects, toldWhole)
			}
		}
		do := func(at int64, ev core.Event) {
			whole.Do(at, ev)
			r.Do(at, ev)
			compare(at, ev)
		}
		like := map[string]*work.Request{}
		ask := func(at int64, ev core.Enqueue) {
			got := r.Do(at, ev)
			ev.Like = nil
			if want := whole.Do(at, ev); !reflect.DeepEqual(got, want) {
				rt.Fatalf("at %d %v is answered %v in short, %v in whole", at, ev, got, want)
			}
			compare(at, ev)
		}
		over := func(at int64, ev core.Ended) {
			whole.Do(at, ev)
			r.Do(at, ev)
			reaped := core.Reaped{Work: ev.Work, Epoch: ev.Epoch}
			if x, ok := r.Run(ev.Work); ok && x.Epoch == ev.Epoch {
				r.Do(at, reaped)
			}
			whole.Do(at, reaped)
			compare(at, ev)
		}
		r.Check = func() {
			was, anew, ok := r.M.Due()
			if !ok {
				return
			}
			if kept++; was != anew {
				rt.Fatalf("at %d it keeps %s, and finds %s", r.At, was, anew)
			}
			for id, x := range told {
				holds := r.M.Holds(id)
				if len(holds) == 0 || holds[0] != x.first || len(holds) == 1 != x.alone {
					rt.Fatalf("at %d %s was told to be held by %v, and is by %v", r.At, id, x, holds)
				}
			}
		}
		n := 0
		for range rapid.IntRange(5, 60).Draw(rt, "steps") {
			at := r.At + int64(rapid.IntRange(0, 8).Draw(rt, "wait"))*sec
			late := rapid.IntRange(0, 4).Draw(rt, "late") == 0
			for r.Wake <= at && !late {
				do(r.Wake, core.Tick{})
			}
			r.At, whole.At = at, at
			id := work.ID(fmt.Sprint("w", rapid.IntRange(0, n).Draw(rt, "which")))
			bit := int64(rapid.IntRange(0, 1).Draw(rt, "bit"))
			switch rapid.IntRange(0, 9).Draw(rt, "what") {
			case 0, 1, 2:
				n++
				ask(at, moodyRequest(rt, work.ID(fmt.Sprint("w", n)), like))
			case 3:
				do(at, core.Cancel{ID: id})
			case 4:
				f := record.Fact{Signal: record.Charging, Value: bit}
				if rapid.IntRange(0, 2).Draw(rt, "settles") == 0 {
					s := rapid.SampledFrom([]record.Signal{record.Idle, record.Charging}).Draw(rt, "signal")
					f = record.Fact{Signal: s, Value: bit, Next: 1 - bit, Settles: at + 5*sec}
				}
				do(at, core.FactsRead{Facts: []record.Fact{f}})
			case 5:
				k := rapid.SampledFrom([]core.SenseKind{core.SenseForceStop, core.SenseStalled}).Draw(rt, "order")
				do(at, core.Sensed{Sense: core.Sense{Kind: k, Task: string(id)}})
			case 6:
				k := rapid.SampledFrom([]core.SenseKind{core.SenseScreen, core.SenseMotion, core.SenseThermal, core.SenseUnlocked}).Draw(rt, "mood")
				do(at, core.Sensed{Sense: core.Sense{Kind: k, Value: bit}})
			default:
				for _, x := range r.M.Runs() {
					if rapid.Bool().Draw(rt, "over") {
						out := rapid.SampledFrom([]work.Outcome{work.Success, work.Retry}).Draw(rt, "outcome")
						over(at, core.Ended{Work: x.Work, Epoch: x.Epoch, Outcome: out})
					}
				}
			}
		}
		if got, want := r.Rows(), whole.Rows(); !reflect.DeepEqual(got, want) {
			rt.Fatalf("rows in short: %v, in whole: %v", got, want)
		}
	})
	if kept == 0 {
		t.Error("it never kept anything")
	}
}

// TestOneStandsForAllWhileTheyAllWait shows that works of which only the first was asked
// about, as nothing could let them start, are all asked about when something can.
func TestOneStandsForAllWhileTheyAllWait(t *testing.T) {
	for name, open := range map[string]core.Event{
		"the platform":  sense(core.SenseScreen, 0),
		"the condition": core.FactsRead{Facts: []record.Fact{{Signal: record.Charging, Value: 1}}},
	} {
		d := newMoody(core.Rules{Name: "moody"})
		d.mood.Odd = true // the first one waits on
		r := coretest.New(t, d)
		r.M.Quiet()
		q := work.Request{Task: "t"}
		if name == "the platform" {
			d.mood.Shut[work.KindWork] = true
		} else {
			q.Needs.Charging = true
		}
		for _, q.ID = range []work.ID{"first", "second", "third"} {
			r.Do(sec, core.Enqueue{Nodes: []work.Node{{Request: q}}})
		}
		r.Do(2*sec, core.Tick{})
		if got := r.Starts(); len(got) > 0 {
			t.Fatalf("%s: started: %v", name, got)
		}
		r.Do(3*sec, open)
		if got := r.Starts(); !slices.Equal(got, []work.ID{"second"}) {
			t.Errorf("%s: started: %v", name, got)
		}
	}
}
