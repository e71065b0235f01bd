package sense

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/record"
)

const second = int64(time.Second / time.Microsecond)

func allReadings(v int64) (r readings) {
	for i := range r {
		r[i] = known(v, "test")
	}
	return r
}

// TestSettleDirections: towards good is debounced, towards bad and unknown is not.
func TestSettleDirections(t *testing.T) {
	cfg := Config{}
	if err := cfg.check(); err != nil {
		t.Fatal(err)
	}
	delays := map[record.Signal]int64{
		record.Charging: 10, record.BatteryLow: 10, record.Connected: 5, record.Validated: 5, record.Metered: 5, record.Roaming: 5,
		record.Idle: 60, record.StorageLow: 10, record.LoadHigh: 10, record.LowPower: 10,
	}
	yesIsGood := map[record.Signal]bool{record.Charging: true, record.Connected: true, record.Validated: true, record.Idle: true}
	if len(delays) != int(record.Signals)-1 {
		t.Fatal("a signal is not tested")
	}
	for sig, d := range delays {
		goodValue := int64(0)
		if yesIsGood[sig] {
			goodValue = 1
		}
		s := newSettler(cfg)
		say := func(at, v int64) record.Fact {
			var r readings
			r[sig] = known(v, "test")
			s.apply(at*second, &r)
			return s.facts[sig]
		}
		want := func(step string, got record.Fact, value, next, settles, since int64) {
			t.Helper()
			if got.Value != value || got.Next != next || got.Settles != settles*second || got.Since != since*second {
				t.Errorf("%v %s: %+v, want value %d, next %d, settles %d s, since %d s", sig, step, got, value, next, settles, since)
			}
		}
		want("first value", say(1, goodValue), goodValue, 0, 0, 1)
		want("loss", say(2, 1-goodValue), 1-goodValue, 0, 0, 2)
		want("good", say(10, goodValue), 1-goodValue, goodValue, 10+d, 2)
		if s.deadline() != (10+d)*second {
			t.Errorf("%v: deadline %d", sig, s.deadline())
		}
		want("still good", say(10+d-1, goodValue), 1-goodValue, goodValue, 10+d, 2)
		want("flap", say(10+d-1, 1-goodValue), 1-goodValue, 0, 0, 2)
		want("good again", say(100, goodValue), 1-goodValue, goodValue, 100+d, 2)
		want("settled", say(100+d, goodValue), goodValue, 0, 0, 100+d)
		want("unknown", say(300, record.Unknown), record.Unknown, 0, 0, 300)
		want("known and bad", say(301, 1-goodValue), 1-goodValue, 0, 0, 301)
		want("unknown again", say(302, record.Unknown), record.Unknown, 0, 0, 302)
		want("known and good", say(400, goodValue), record.Unknown, goodValue, 400+d, 302)
		want("late to settle", say(900, goodValue), goodValue, 0, 0, 400+d)
		if s.deadline() != 0 {
			t.Errorf("%v: deadline %d with nothing pending", sig, s.deadline())
		}
	}
}

func TestSettleDefaults(t *testing.T) {
	cfg := Config{Debounce: Debounce{Network: -1, Load: time.Second}, IdleAfter: -1}
	if err := cfg.check(); err != nil {
		t.Fatal(err)
	}
	s := newSettler(cfg)
	bad, fine := allReadings(0), allReadings(1)
	s.apply(1*second, &bad)
	s.apply(2*second, &fine)
	if f := s.facts[record.Connected]; f.Value != 1 || f.Settles != 0 {
		t.Errorf("no debounce: %+v", f)
	}
	if f := s.facts[record.Idle]; f.Value != 1 || f.Settles != 0 {
		t.Errorf("no idle time: %+v", f)
	}
	if f := s.facts[record.BatteryLevel]; f.Value != 1 || f.Settles != 0 {
		t.Errorf("a level is not debounced: %+v", f)
	}
	fine[record.LowPower], fine[record.LoadHigh] = known(0, "test"), reading{ok: true, rare: true}
	s.apply(3*second, &fine)
	if f := s.facts[record.LoadHigh]; f.Value != 0 || f.Settles != 0 {
		t.Errorf("nobody waits for it: %+v", f)
	}
	fine = allReadings(1)
	s.apply(3*second, &fine)
	s.apply(3*second, &bad)
	if f := s.facts[record.LoadHigh]; f.Value != 1 || f.Next != 0 || f.Settles != 4*second {
		t.Errorf("own debounce: %+v", f)
	}
}

// TestSettleModel compares with the plain statement of the rule: a fact is good
// if its readings have been good without a gap for the delay, or since the first.
func TestSettleModel(t *testing.T) {
	cfg := Config{}
	if err := cfg.check(); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := newSettler(cfg)
		type model struct {
			everRead  bool
			value     int64
			goodSince int64
			goodFirst bool
		}
		var m [record.Signals]model
		var raw readings
		now := int64(1)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now += rapid.Int64Range(0, 20*second).Draw(t, "pause")
			sig := rapid.IntRange(0, int(record.Signals)-1).Draw(t, "signal")
			v := rapid.Int64Range(-1, 1).Draw(t, "value")
			raw[sig] = known(v, "test")
			before := s.facts
			changed := s.apply(now, &raw)
			if changed != (s.facts != before) {
				t.Fatalf("changed is %v", changed)
			}
			for i := range m {
				if !raw[i].ok {
					continue
				}
				if v := raw[i].value; !m[i].everRead || v != m[i].value {
					m[i].goodFirst = !m[i].everRead
					m[i].everRead, m[i].value, m[i].goodSince = true, v, now
				}
				f := s.facts[i]
				pending := m[i].value == good[i] && record.Signal(i) != record.BatteryLevel &&
					!m[i].goodFirst && now-m[i].goodSince < s.delay[i]
				if pending {
					if f.Value == good[i] || f.Next != good[i] || f.Settles != m[i].goodSince+s.delay[i] {
						t.Fatalf("at %d pending since %d: %+v", now, m[i].goodSince, f)
					}
				} else if f.Value != m[i].value || f.Settles != 0 {
					t.Fatalf("at %d: %+v, want %d", now, f, m[i].value)
				}
			}
		}
	})
}

func TestMerge(t *testing.T) {
	var said [ranks]readings
	said[byKernel][record.Charging] = yes(false, "sysfs AC online=0")
	said[byKernel][record.Metered] = unknown("", "nothing tells")
	merge(&said)[record.Charging].check(t, "service absent", 0, "sysfs AC online=0", "")
	said[byService][record.Charging] = reading{note: "UPower does not answer", hung: true}
	said[byService][record.Metered] = reading{note: "NetworkManager does not answer", hung: true}
	merge(&said)[record.Charging].check(t, "service hangs", 0, "sysfs AC online=0 (UPower does not answer)", "")
	merge(&said)[record.Metered].check(t, "unknown", record.Unknown, "", "NetworkManager does not answer; nothing tells")
	said[byService][record.Charging] = yes(true, "UPower OnBattery")
	merge(&said)[record.Charging].check(t, "service answers", 1, "UPower OnBattery", "")
	if r := merge(&said)[record.Idle]; r.value != record.Unknown || r.note == "" {
		t.Errorf("nothing said: %+v", r)
	}
}

func TestDrift(t *testing.T) {
	d := drift{wall: 1000 * time.Second}
	for _, c := range []struct {
		name       string
		wall, mono time.Duration
		want       bool
	}{
		{"a minute", 1060 * time.Second, 60 * time.Second, false},
		{"slewed", 1120*time.Second + 60*time.Millisecond, 120 * time.Second, false},
		{"set ahead", 5000 * time.Second, 180 * time.Second, true},
		{"nothing since", 5060 * time.Second, 240 * time.Second, false},
		{"set back", 1300 * time.Second, 300 * time.Second, true},
		{"suspended for an hour", 4960 * time.Second, 360 * time.Second, true},
	} {
		if got := d.jumped(c.wall, c.mono); got != c.want {
			t.Errorf("%s: jumped is %v", c.name, got)
		}
	}
}
