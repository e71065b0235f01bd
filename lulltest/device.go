package lulltest

import (
	"fmt"
	"sync"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/record"
)

// Device is a device whose signals a test sets. It begins with external power, an
// unmetered and validated network, nobody at it, enough storage and no load.
type Device struct {
	mu      sync.Mutex
	facts   record.Facts
	changes chan struct{}
	steps   chan struct{}
	sleep   chan bool
	release chan struct{}
}

// NewDevice returns a device on which every constraint but metered and roaming is
// met.
func NewDevice() *Device {
	d := &Device{
		facts: record.NewFacts(), changes: make(chan struct{}, 1), steps: make(chan struct{}, 1),
		sleep: make(chan bool), release: make(chan struct{}, 1),
	}
	for s, v := range map[record.Signal]int64{
		record.Charging: 1, record.BatteryLevel: 100, record.BatteryLow: 0, record.Connected: 1, record.Validated: 1,
		record.Metered: 0, record.Roaming: 0, record.Idle: 1, record.StorageLow: 0, record.LoadHigh: 0, record.LowPower: 0,
	} {
		d.facts[s] = record.Fact{Signal: s, Value: v, Source: "lulltest"}
	}
	return d
}

// Set changes signals, in the words of a plan: Set("charging", "no"), Set("network",
// "metered"). The value "unknown" makes signals unreadable. Changes settle at once.
func (d *Device) Set(key, value string) error {
	var facts []record.Fact
	var err error
	if value == "unknown" {
		s, ok := record.SignalByName(key)
		if !ok {
			return fmt.Errorf("no signal is called %q", key)
		}
		facts = []record.Fact{{Signal: s, Value: record.Unknown}}
	} else if facts, err = plan.FactsOf(key, value); err != nil {
		return err
	}
	d.mu.Lock()
	for _, f := range facts {
		f.Source = "lulltest"
		d.facts[f.Signal] = f
	}
	d.mu.Unlock()
	select {
	case d.changes <- struct{}{}:
	default:
	}
	return nil
}

// Facts is part of [lull.Device].
func (d *Device) Facts() record.Facts {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.facts
}

// Changes is part of [lull.Device].
func (d *Device) Changes() <-chan struct{} { return d.changes }

// ClockSteps is part of [lull.Device].
func (d *Device) ClockSteps() <-chan struct{} { return d.steps }

// Sleep is part of [lull.Device].
func (d *Device) Sleep() <-chan bool { return d.sleep }

// ReleaseSleep is part of [lull.Device].
func (d *Device) ReleaseSleep() {
	select {
	case d.release <- struct{}{}:
	default:
	}
}

// Close is part of [lull.Device].
func (d *Device) Close() error { return nil }
