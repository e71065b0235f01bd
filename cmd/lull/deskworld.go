package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/world"
)

// noWorld is the name of a world in which nothing happens by itself.
const noWorld = "none"

// deskWorld is what happens, in real time, to a phone that stands on a desk.
type deskWorld struct {
	name   string
	source world.Source // nil: nothing happens by itself
	vendor string

	at    int64 // engine time of the next event
	next  world.Event
	more  bool
	facts record.Facts // as of the events that were taken
}

// happening is an event that is taken: facts, or a sense.
type happening struct {
	core.Sense
	facts bool
}

// checkWorld finds what a word names, before there is a state. App is how a trace calls
// the app; of is what the plan makes of an archetype.
func checkWorld(word, app string, of func(*world.Archetype) *world.Archetype) (open func(seed uint64, now, shift int64) *deskWorld, err error) {
	if app != "" && !isFile(word) {
		return nil, usage("it names the app in a trace", "--trace-app without a trace as --world")
	}
	if word == noWorld {
		return func(uint64, int64, int64) *deskWorld {
			w := &deskWorld{name: word, facts: record.NewFacts()}
			w.quiet()
			return w
		}, nil
	}
	if isFile(word) {
		return checkTrace(word, app)
	}
	a, err := world.ArchetypeByName(word)
	var unknown *world.UnknownError
	if errors.As(err, &unknown) {
		return nil, usage(plan.DidYouMean(word, append(unknown.Known, noWorld))+"; or name a trace (CSV)", "--world: unknown archetype %q", word)
	}
	if err != nil {
		return nil, err
	}
	return func(seed uint64, now, shift int64) *deskWorld {
		// A day ahead, so that the phone is somewhere in its life.
		const day = 24 * 3600 * 1_000_000
		start := now - floorMod(now+shift, day) - day
		w := &deskWorld{name: a.Name, vendor: a.Vendor, facts: record.NewFacts()}
		w.source = world.New(world.Config{Of: of(a), Seed: seed, Start: start, Shift: shift})
		return w
	}, nil
}

func floorMod(x, m int64) int64 {
	if x %= m; x < 0 {
		x += m
	}
	return x
}

// isFile tells a trace's file from an archetype.
func isFile(word string) bool {
	if strings.ContainsRune(word, filepath.Separator) || strings.Contains(word, ".") {
		return true
	}
	info, err := os.Stat(word)
	return err == nil && info.Mode().IsRegular()
}

func checkTrace(file, app string) (func(seed uint64, now, shift int64) *deskWorld, error) {
	read := func(shift int64) (*world.DeviceTrace, error) {
		t, err := world.ReadTraceFile(file, world.TraceConfig{App: app, Shift: shift})
		var bad *world.TraceError
		switch {
		case errors.Is(err, os.ErrNotExist):
			return nil, usage("name a trace (CSV), or an archetype as daily", "--world %s: no such file", file)
		case errors.As(err, &bad):
			return nil, usage(bad.Hint, "%w", err)
		case err != nil:
			return nil, err
		case len(t.Devices) == 0:
			return nil, usage("its first line is followed by events", "--world %s: the trace has no device", file)
		case len(t.Devices) > 1:
			return nil, usage("keep the lines of one device", "--world %s: the trace has %d devices", file, len(t.Devices))
		}
		return t.Devices[0], nil
	}
	if _, err := read(0); err != nil {
		return nil, err
	}
	return func(_ uint64, now, shift int64) *deskWorld {
		w := &deskWorld{name: filepath.Base(file), facts: record.NewFacts()}
		// It was read a moment ago, and what is wrong with it does not hang on the zone.
		if d, err := read(shift); err == nil {
			const day = 24 * 3600 * 1_000_000
			w.source = d.Replay(now - floorMod(now+shift, day))
		}
		return w
	}, nil
}

// quiet makes a phone of the machine with a full battery and no trouble.
func (w *deskWorld) quiet() {
	for s, v := range map[record.Signal]int64{
		record.BatteryLevel: 100, record.BatteryLow: 0, record.LowPower: 0, record.StorageLow: 0, record.LoadHigh: 0, record.Roaming: 0,
		record.Charging: 1, record.Connected: 1, record.Validated: 1, record.Metered: 0, record.Idle: 1,
	} {
		w.facts[s].Value = v
	}
}

// lasting are senses that tell how something is until they tell otherwise, in the order
// in which they are told.
var lasting = []core.SenseKind{
	core.SenseRefresh, core.SenseRefreshAll, core.SenseRestricted, core.SenseExempt, core.SenseScreen, core.SenseMotion,
	core.SenseMedia, core.SenseThermal, core.SenseCPUBusy, core.SenseAlarmClock, core.SenseBucket,
}

// skip passes over what happened before now. It returns how the phone is left by it. The
// app is not open: nobody has seen the user open it.
func (w *deskWorld) skip(now int64) []core.Sense {
	is := map[core.SenseKind]core.Sense{}
	for w.read(); w.more && w.at <= now; w.read() {
		s := w.next.Sense()
		if slices.Contains(lasting, s.Kind) {
			is[s.Kind] = s
		}
		w.next.Apply(w.at, &w.facts)
	}
	var out []core.Sense
	for _, k := range lasting {
		if s, ok := is[k]; ok {
			out = append(out, s)
		}
	}
	return out
}

func (w *deskWorld) read() {
	if w.more = false; w.source != nil {
		w.at, w.next, w.more = w.source.Next()
	}
}

// due returns when the next event happens; record.Never: none does.
func (w *deskWorld) due() int64 {
	if !w.more {
		return record.Never
	}
	return w.at
}

// take takes the next event.
func (w *deskWorld) take() happening {
	s := w.next.Sense()
	w.next.Apply(w.at, &w.facts)
	w.read()
	return happening{s, s.Kind == core.SenseFacts}
}

// deskFacts are what is said of the phone: by the user's command, else by the machine,
// else by the world.
type deskFacts struct {
	mu    sync.Mutex
	world record.Facts
	told  map[record.Signal]int64
	name  string // of the world
}

// lay lays what is said over what was read.
func (d *deskFacts) lay(facts *record.Facts) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for s := range record.Signals {
		if v, ok := d.told[s]; ok {
			facts[s] = record.Fact{Signal: s, Value: v, Source: "lull app"}
		} else if facts[s].Value == record.Unknown && d.world[s].Value != record.Unknown {
			facts[s] = record.Fact{Signal: s, Value: d.world[s].Value, Source: fmt.Sprintf("world %s", d.name)}
		}
	}
}

// set takes in what the world is like now.
func (d *deskFacts) set(facts *record.Facts) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.world = *facts
}

// tell takes in the user's word; forget drops it.
func (d *deskFacts) tell(forget bool, facts ...record.Fact) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range facts {
		if forget {
			delete(d.told, f.Signal)
		} else {
			d.told[f.Signal] = f.Value
		}
	}
}
