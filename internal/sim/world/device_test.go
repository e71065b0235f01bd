package world

import (
	"fmt"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

const monday int64 = 1_767_571_200_000_000 // 2026-01-05 00:00 UTC

// sound follows a stream and says what cannot be.
type sound struct {
	at                                      int64
	on, lit, unlocked, front, recent, moved bool
	facts                                   record.Facts
}

func newSound(at int64) *sound { return &sound{at: at, on: true, facts: record.NewFacts()} }

func (s *sound) see(at int64, ev Event) error {
	if at < s.at {
		return fmt.Errorf("time goes back by %d", s.at-at)
	}
	s.at = at
	if !s.on && ev.Kind != core.SenseBooted {
		return fmt.Errorf("%v while the phone is off", ev.Kind)
	}
	turn := func(is *bool) error {
		if now := ev.Value == 1; now != *is || s.at == monday {
			*is = now
			return nil
		}
		return fmt.Errorf("%v %d again", ev.Kind, ev.Value)
	}
	need := func(is bool, what string) error {
		if !is {
			return fmt.Errorf("%v, but %s", ev.Kind, what)
		}
		return nil
	}
	switch ev.Kind {
	case core.SenseFacts:
		return s.change(at, ev)
	case core.SenseScreen:
		s.unlocked = false
		if s.front {
			return fmt.Errorf("the app is in front, and the screen turns %d", ev.Value)
		}
		return turn(&s.lit)
	case core.SenseUnlocked:
		if s.unlocked {
			return fmt.Errorf("unlocked again")
		}
		s.unlocked = true
		return need(s.lit, "the screen is off")
	case core.SenseMotion:
		return turn(&s.moved)
	case core.SenseAppOpened:
		if s.front {
			return fmt.Errorf("opened again")
		}
		s.front, s.recent = true, true
		return need(s.unlocked, "the phone is locked")
	case core.SenseAppLeft:
		err := need(s.front, "it was not in front")
		s.front = false
		return err
	case core.SenseAppSwiped:
		err := need(s.recent && !s.front && s.unlocked, "there was nothing to swipe")
		s.recent = false
		return err
	case core.SenseAppDied, core.SenseUpdated, core.SenseForceStop:
		return need(!s.front, "it is in front")
	case core.SenseNotified, core.SenseInteracted:
		return need(s.lit, "the screen is off")
	case core.SenseWidgetSeen:
		return need(s.unlocked, "the phone is locked")
	case core.SenseShutdown:
		s.on, s.moved, s.recent = false, true, false
		return need(!s.lit, "the screen is on")
	case core.SenseBooted:
		err := need(!s.on, "it was on")
		s.on, s.facts = true, record.NewFacts()
		return err
	case core.SenseAlarmClock:
		return need(ev.Value > at, "that is past")
	}
	return nil
}

func (s *sound) change(at int64, ev Event) error {
	if ev.Changes() == 0 {
		return fmt.Errorf("no fact changes")
	}
	was := s.facts
	ev.Apply(at, &s.facts)
	for i := range ev.Changes() {
		sig, v := ev.Change(i)
		if top := int64(1); v < 0 || sig != record.BatteryLevel && v > top || v > 100 {
			return fmt.Errorf("%v is %d", sig, v)
		}
		if v == was[sig].Value && sig != record.BatteryLevel {
			return fmt.Errorf("%v is %d again", sig, v)
		}
	}
	level, before := s.facts[record.BatteryLevel].Value, was[record.BatteryLevel].Value
	if was[record.Charging].Value == 0 && before >= 0 && level > before {
		return fmt.Errorf("the level rises from %d to %d off the charger", before, level)
	}
	if s.facts[record.Metered].Value == 1 && s.facts[record.Connected].Value == 0 {
		return fmt.Errorf("metered without a connection")
	}
	return nil
}

// follow runs a device and checks what it tells.
func follow(d *Device, most int) (n int, err error) {
	s := newSound(monday)
	for ; n < most; n++ {
		at, ev, ok := d.Next()
		if !ok {
			return n, nil
		}
		if at >= d.end {
			return n, fmt.Errorf("event %d is after the end", n)
		}
		if err := s.see(at, ev); err != nil {
			return n, fmt.Errorf("event %d at %d: %w", n, at, err)
		}
	}
	return n, nil
}

func TestSound(t *testing.T) {
	for _, a := range Archetypes() {
		for seed := range uint64(8) {
			n, err := follow(New(Config{Of: a, Seed: seed, Start: monday, End: monday + 120*day, Shift: int64(seed) * hour}), 1<<30)
			if err != nil {
				t.Errorf("%s, seed %d: %v", a.Name, seed, err)
			}
			if n < 5_000 {
				t.Errorf("%s, seed %d: only %d events", a.Name, seed, n)
			}
		}
	}
}

// TestAnyParameters lets each parameter be anything that it may be.
func TestAnyParameters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &Archetype{Values: Defaults()}
		for i, s := range Specs() {
			switch rapid.IntRange(0, 3).Draw(t, s.Name+"?") {
			case 0:
				a.Values[i] = rapid.SampledFrom([]int64{s.Min, s.Max}).Draw(t, s.Name)
			case 1:
				a.Values[i] = rapid.Int64Range(s.Min, s.Max).Draw(t, s.Name)
			}
		}
		d := New(Config{Of: a, Seed: rapid.Uint64().Draw(t, "seed"), Start: monday, End: monday + 60*day})
		if _, err := follow(d, 20_000); err != nil {
			t.Fatal(err)
		}
	})
}

func TestEnd(t *testing.T) {
	d := New(Config{Start: monday, End: monday})
	if at, ev, ok := d.Next(); ok {
		t.Errorf("%v at %d", ev, at)
	}
	d = New(Config{Start: monday, End: monday + 1})
	for {
		at, _, ok := d.Next()
		if !ok {
			break
		}
		if at != monday {
			t.Fatalf("an event at %d", at)
		}
	}
	if _, _, ok := d.Next(); ok {
		t.Error("it goes on after the end")
	}
}

// TestPrefix: where a device ends does not change what comes before.
func TestPrefix(t *testing.T) {
	short := New(Config{Seed: 3, Start: monday, End: monday + 9*day})
	long := New(Config{Seed: 3, Start: monday})
	for {
		at, ev, ok := short.Next()
		at2, ev2, _ := long.Next()
		if !ok {
			if at2 < monday+9*day {
				t.Error("the shorter one ends early")
			}
			return
		}
		if at != at2 || ev != ev2 {
			t.Fatalf("%v at %d, and %v at %d", ev, at, ev2, at2)
		}
	}
}

// TestSmallAndFree: a device is small, and an event costs no memory.
func TestSmallAndFree(t *testing.T) {
	if size := unsafe.Sizeof(Device{}); size > 2048 {
		t.Errorf("a device needs %d bytes", size)
	}
	d := New(Config{Seed: 1, Start: monday})
	if n := testing.AllocsPerRun(10, func() {
		for range 20_000 {
			d.Next()
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestEvent(t *testing.T) {
	var ev Event
	ev.put(record.Charging, 1)
	ev.put(record.BatteryLevel, 100)
	ev.put(record.Metered, int8(record.Unknown))
	ev.put(record.LowPower, 0)
	f := record.NewFacts()
	ev.Apply(5, &f)
	for s, want := range map[record.Signal]int64{record.Charging: 1, record.BatteryLevel: 100, record.Metered: record.Unknown, record.LowPower: 0} {
		if f[s].Value != want {
			t.Errorf("%v is %d", s, f[s].Value)
		}
	}
	if f[record.Charging].Since != 5 || f[record.Metered].Since != 0 {
		t.Errorf("%+v", f)
	}
	if s := (Event{Kind: core.SenseScreen, Value: 1}).Sense(); s != (core.Sense{Kind: core.SenseScreen, Value: 1}) {
		t.Errorf("%+v", s)
	}
}

// TestUnsound lets follow see what cannot be.
func TestUnsound(t *testing.T) {
	ev := func(k core.SenseKind, v int64) Event { return Event{Kind: k, Value: v} }
	put := func(s record.Signal, v int8) (e Event) {
		e.put(s, v)
		return e
	}
	on, off := ev(core.SenseScreen, 1), ev(core.SenseScreen, 0)
	unlocked, opened, left := ev(core.SenseUnlocked, 0), ev(core.SenseAppOpened, 0), ev(core.SenseAppLeft, 0)
	for name, list := range map[string][]Event{
		"on twice": {on, on}, "unlocked in the dark": {unlocked}, "opened while locked": {on, opened},
		"opened twice": {on, unlocked, opened, opened}, "left before": {on, unlocked, left}, "dark over the app": {on, unlocked, opened, off},
		"swiped from nowhere": {on, unlocked, ev(core.SenseAppSwiped, 0)}, "seen in the dark": {ev(core.SenseNotified, 0)},
		"told while off": {ev(core.SenseShutdown, 0), ev(core.SenseMotion, 1)}, "booted twice": {ev(core.SenseBooted, 0)},
		"the alarm is past": {ev(core.SenseAlarmClock, monday)}, "no change": {{}}, "too full": {put(record.BatteryLevel, 101)},
		"not yes or no": {put(record.Charging, 2)}, "the same again": {put(record.Charging, 1), put(record.Charging, 1)},
		"power from nowhere": {put(record.Charging, 0), put(record.BatteryLevel, 50), put(record.BatteryLevel, 51)},
		"dies in front":      {on, unlocked, opened, ev(core.SenseAppDied, 0)},
	} {
		s := newSound(monday)
		var err error
		for i, e := range list {
			if err != nil {
				t.Errorf("%s: at once: %v", name, err)
			}
			err = s.see(monday+int64(i+1)*second, e)
		}
		if err == nil {
			t.Errorf("%s is not seen", name)
		}
	}
}
