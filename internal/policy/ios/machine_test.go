package ios

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// phone is a machine whose platform is iOS: a phone at 80 % on Wi-Fi, with the app in
// front.
type phone struct {
	*coretest.Rig
	sys *System
	ids int
}

const start = 20_000 * int64(day)

func newPhone(t testing.TB, seed uint64) *phone {
	sys, err := NewSystem(Config{Seed: seed, App: App{Entitlements: []string{HealthEntitlement}}})
	if err != nil {
		t.Fatal(err)
	}
	p := &phone{coretest.New(t, sys), sys, 0}
	p.fact(start, record.Charging, 0)
	for s, v := range map[record.Signal]int64{record.BatteryLevel: 80, record.Connected: 1, record.Metered: 0, record.LowPower: 0} {
		p.fact(start, s, v)
	}
	p.feel(start, core.SenseScreen, 1)
	p.feel(start, core.SenseAppOpened, 0)
	return p
}

func (p *phone) fact(at int64, s record.Signal, v int64) {
	p.Do(at, core.FactsRead{Facts: []record.Fact{{Signal: s, Value: v}}})
}

func (p *phone) feel(at int64, k core.SenseKind, v int64) {
	p.Do(at, core.Sensed{Sense: core.Sense{Kind: k, Value: v}})
}

// ask hands in a request of a kind.
func (p *phone) ask(at int64, k work.Kind, id string) (work.ID, error) {
	p.ids++
	q := work.Request{ID: work.ID(fmt.Sprint("w", p.ids)), Task: string(k), Phone: work.Traits{Kind: k, Identifier: id}}
	reply := p.Do(at, core.Enqueue{Nodes: []work.Node{{Request: q}}, Unique: work.Unique{Name: id, Policy: work.Replace}})
	return q.ID, reply.Err
}

// until steps what is due until a time, or until a work has started.
func (p *phone) until(to int64, id work.ID) bool {
	for p.Wake <= to {
		p.Do(p.Wake, core.Tick{})
		if w := p.Row(id); w != nil && w.State == work.Running {
			return true
		}
	}
	return false
}

func TestMachineLaunches(t *testing.T) {
	p := newPhone(t, 1)
	first, err := p.ask(start, work.KindRefresh, "sync")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.ask(start, work.KindRefresh, "other"); err == nil {
		t.Error("two refresh requests are pending")
	} else if no := (*core.Refusal)(nil); !errors.As(err, &no) || no.Code != CodeTooMany {
		t.Error(err)
	}
	p.feel(start+minute, core.SenseAppLeft, 0)
	p.feel(start+minute, core.SenseScreen, 0)
	if codes := p.Codes(p.At, first); codes[0] != GateTooEarly || slices.Contains(codes, work.ReasonDelay) {
		t.Errorf("held by %v", codes)
	}
	if w := p.Row(first); w.Due != start+450*second {
		t.Errorf("due at %d", w.Due-start)
	}
	if !p.until(start+3*day, first) {
		t.Fatalf("not launched in three days: %v", p.Codes(p.At, first))
	}
	if e := p.Effects[len(p.Effects)-1]; e.Kind != core.StartRun || e.Budget != 30*second || e.Grace != 5*second {
		t.Errorf("%+v", e)
	}
	next, err := p.ask(p.At, work.KindRefresh, "sync")
	if err != nil || p.Row(first).State != work.Running || p.Row(next).State != work.Enqueued {
		t.Errorf("asked again from the run: %v, %v, %v", err, p.Row(first), p.Row(next))
	}
	p.End(p.At+second, first, work.Failure)
	if w := p.Row(first); w.State != work.Failed {
		t.Errorf("tried again: %+v", w)
	}

	before := p.Codes(p.At, next)
	p.Restart(p.At)
	if after := p.Codes(p.At, next); !slices.Equal(before, after) || len(before) == 0 {
		t.Errorf("held by %v, and by %v after a restart", before, after)
	}
	at := p.At + 500*second
	p.feel(at, core.SenseAppSwiped, 0)
	if w := p.Row(next); w.State != work.Cancelled || w.Last.Message != "force_quit" {
		t.Errorf("after a force quit: %+v", w)
	}
}

func TestMachineKills(t *testing.T) {
	p := newPhone(t, 1)
	run, err := p.ask(start, work.KindContinued, "export")
	if err != nil || p.Row(run).State != work.Running {
		t.Fatalf("%v, held by %v", err, p.Codes(p.At, run))
	}
	timer, err := p.ask(start, work.KindTimer, "poll")
	if err != nil || p.Row(timer).State != work.Running {
		t.Fatalf("%v, held by %v", err, p.Codes(p.At, timer))
	}
	p.feel(start+second, core.SenseAppLeft, 0)
	if !p.sys.executes() {
		t.Error("suspended although continued work goes on")
	}
	p.Do(start+2*second, core.Cancel{ID: run})
	p.until(start+hour, "")
	if p.sys.executes() {
		t.Error("not suspended although its last work was cancelled")
	}
	if w := p.Row(timer); w.State != work.Failed || w.Last.Outcome != work.Lost || w.Last.Message != "suspended" {
		t.Errorf("a timer of a suspended process: %+v", w)
	}
}

// TestMachineClearing is promise 7 through the machine: with all that holds a work
// cleared it starts at the next step, with all but one it is held by that one.
func TestMachineClearing(t *testing.T) {
	scenes, tried := 60, 0
	if *long {
		scenes = 1000
	}
	for seed := range uint64(scenes) {
		holds := wildPhone(t, seed, -2)
		if holds == 0 {
			continue
		}
		tried++
		for but := -1; but < holds; but++ {
			wildPhone(t, seed, but)
		}
	}
	if tried < scenes/3 {
		t.Errorf("works were held in %d of %d scenes only", tried, scenes)
	}
}

// wildPhone lets much happen, and clears all gates of the first work that waits but
// one; -1: all; -2: none. It returns how many there are.
func wildPhone(t *testing.T, seed uint64, but int) int {
	p := newPhone(t, seed)
	c := chance.New(seed)
	at := start
	for range 40 {
		at += c.Below(3 * hour)
		p.until(at, "")
		switch c.Below(4) {
		case 0:
			signals := [...]record.Signal{record.Charging, record.BatteryLevel, record.Connected, record.Metered, record.LowPower}
			s := signals[c.Below(5)]
			v := c.Below(2)
			if s == record.BatteryLevel {
				v = c.Below(101)
			}
			p.fact(at, s, v)
		case 1:
			senses := [...]core.SenseKind{core.SenseScreen, core.SenseAppOpened, core.SenseAppLeft, core.SenseAppDied, core.SenseUnlocked, core.SenseBooted}
			p.feel(at, senses[c.Below(6)], c.Below(2))
		case 2:
			k := kinds[c.Below(10)]
			_, _ = p.ask(at, k, string(k)) // it may be refused
		case 3:
			if runs := p.M.Runs(); len(runs) > 0 {
				p.End(at, runs[0].Work, work.Success)
			}
		}
	}
	for _, w := range p.Unfinished() {
		if w.State != work.Enqueued || p.M.DueAt(w) > at {
			continue
		}
		for _, other := range p.Unfinished() { // which might start instead
			if other.ID != w.ID {
				p.Do(at, core.Cancel{ID: other.ID})
			}
		}
		p.Do(at, core.Tick{})
		if w = p.Row(w.ID); w.State != work.Enqueued {
			return 0
		}
		j := core.Job{Work: w, Spec: p.M.SpecOf(w), Due: w.Due}
		facts := record.NewFacts()
		gates := gatesOf(p.sys, at, j, &facts)
		if but == -2 {
			return len(gates)
		}
		for i, g := range gates {
			if i != but {
				if g.Edit.Kind == core.EditFact {
					p.fact(at, g.Edit.Signal, g.Edit.Value)
				}
				p.sys.Clear(at, j, g.Edit)
			}
		}
		p.Do(at, core.Tick{})
		switch now := p.Row(w.ID); {
		case but < 0 && now.State != work.Running:
			t.Fatalf("scene %d: %s has %+v; with all of them cleared it is held by %v", seed, j.Spec.Task, gates, p.Codes(at, w.ID))
		case but >= 0 && now.State != work.Enqueued:
			t.Fatalf("scene %d: %s has %+v; with all but %s cleared it is %s", seed, j.Spec.Task, gates, gates[but].Code, now.State)
		case but >= 0:
			if codes := p.Codes(at, w.ID); !slices.Equal(codes, []work.Code{gates[but].Code}) {
				t.Fatalf("scene %d: %s has %+v; with all but %s cleared it has %v", seed, j.Spec.Task, gates, gates[but].Code, codes)
			}
		}
		return len(gates)
	}
	return 0
}

// BenchmarkMachineDay is a phone's day through the machine: 90 changes of the screen,
// ten openings of the app, a refresh and a processing request that are asked for again.
func BenchmarkMachineDay(b *testing.B) {
	events := trace(people[1], 60, 1)
	n := 0
	for b.Loop() {
		p := newPhone(b, 1)
		p.M.Quiet()
		for i := range events {
			e := &events[i]
			at := start + e.at
			p.until(at, "")
			if e.sense.Kind == core.SenseFacts {
				p.Do(at, core.FactsRead{Facts: []record.Fact{{Signal: record.Charging, Value: e.facts[0]}, {Signal: record.BatteryLevel, Value: e.facts[1]}}})
			} else {
				p.feel(at, e.sense.Kind, e.sense.Value)
			}
			for _, r := range p.M.Runs() {
				p.End(at, r.Work, work.Success)
			}
			if e.sense.Kind == core.SenseAppOpened {
				_, _ = p.ask(at, work.KindRefresh, "sync")
				_, _ = p.ask(at, work.KindProcessing, "clean")
			}
			n++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/event")
	b.ReportMetric(float64(b.Elapsed()/time.Microsecond)/float64(60*b.N), "µs/day")
}

// TestJournalTellsAllThatHolds: of a work that goes on to be held by the same gate at first,
// the journal tells what else holds it now.
func TestJournalTellsAllThatHolds(t *testing.T) {
	p := newPhone(t, 1)
	p.feel(start, core.SenseAppLeft, 0)
	id, err := p.ask(start, work.KindProcessing, "p")
	if err != nil {
		t.Fatal(err)
	}
	p.fact(start, record.LowPower, 1)
	p.fact(start, record.BatteryLevel, 20)
	for i, charging := range []int64{0, 1, 0} {
		at := start + hour + int64(i)*second
		p.until(at, id)
		p.fact(at, record.Charging, charging)
		var told []string
		for _, e := range p.Journal() {
			if e.Kind == record.EntryHeld && e.Work == id {
				told = e.Conds
			}
		}
		held := p.Codes(at, id)
		if want := fmt.Sprint(held); len(held) < 2 || fmt.Sprint(told) != want {
			t.Errorf("charging %d: held by %s, told %s", charging, want, told)
		}
	}
}
