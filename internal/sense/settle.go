package sense

import "github.com/lullwork/lull/internal/record"

// good is the value of a signal that lets work run. Only the way there is
// debounced.
var good = [record.Signals]int64{
	record.Charging:     1,
	record.BatteryLevel: record.Unknown, // a number: neither good nor bad
	record.BatteryLow:   0,
	record.Connected:    1,
	record.Validated:    1,
	record.Metered:      0,
	record.Roaming:      0,
	record.Idle:         1,
	record.StorageLow:   0,
	record.LoadHigh:     0,
	record.LowPower:     0,
}

// settler debounces. It is pure: time comes in as engine time.
type settler struct {
	facts record.Facts
	seen  [record.Signals]bool
	delay [record.Signals]int64 // microseconds
}

func newSettler(c Config) *settler {
	net, power := c.Debounce.Network.Microseconds(), c.Debounce.Power.Microseconds()
	return &settler{
		facts: record.NewFacts(),
		delay: [record.Signals]int64{
			record.Charging:   power,
			record.BatteryLow: power,
			record.Connected:  net,
			record.Validated:  net,
			record.Metered:    net,
			record.Roaming:    net,
			record.Idle:       c.IdleAfter.Microseconds(),
			record.StorageLow: c.Debounce.Storage.Microseconds(),
			record.LoadHigh:   c.Debounce.Load.Microseconds(),
			record.LowPower:   power,
		},
	}
}

// apply takes the readings as they are at now and tells whether a fact changed.
// It also settles what is due.
func (t *settler) apply(now int64, raw *readings) bool {
	changed := false
	for i := range t.facts {
		old := t.facts[i]
		f := t.next(old, now, raw[i])
		if raw[i].ok {
			t.seen[i] = true
		}
		if f != old {
			t.facts[i] = f
			changed = true
		}
	}
	return changed
}

func (t *settler) next(f record.Fact, now int64, r reading) record.Fact {
	s := f.Signal
	f.Source, f.Note = r.source, r.note
	if f.Since == 0 {
		f.Since = now
	}
	if r.value == f.Value {
		f.Next, f.Settles = 0, 0
		return f
	}
	since := now
	if r.value == good[s] && s != record.BatteryLevel && t.seen[s] && t.delay[s] > 0 && !r.rare {
		if f.Settles == 0 {
			f.Next, f.Settles = r.value, now+t.delay[s]
		}
		if now < f.Settles {
			return f
		}
		since = f.Settles
	}
	f.Value, f.Since, f.Next, f.Settles = r.value, since, 0, 0
	return f
}

// deadline is the next engine time at which something settles; 0: nothing does.
func (t *settler) deadline() int64 {
	var d int64
	for i := range t.facts {
		if at := t.facts[i].Settles; at != 0 && (d == 0 || at < d) {
			d = at
		}
	}
	return d
}
