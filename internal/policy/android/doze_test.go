package android_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
)

// beat is one step of a story of Doze: at a time something may change, and then its
// machines are in these states.
type beat struct {
	at          string
	change      func(*android.DozeSenses)
	deep, light string
}

func on(b func(*android.DozeSenses) *bool) func(*android.DozeSenses) {
	return func(s *android.DozeSenses) { *b(s) = true }
}

func off(b func(*android.DozeSenses) *bool) func(*android.DozeSenses) {
	return func(s *android.DozeSenses) { *b(s) = false }
}

func screen(s *android.DozeSenses) *bool   { return &s.Screen }
func unlocked(s *android.DozeSenses) *bool { return &s.Unlocked }
func charging(s *android.DozeSenses) *bool { return &s.Charging }
func moving(s *android.DozeSenses) *bool   { return &s.Moving }
func network(s *android.DozeSenses) *bool  { return &s.Network }
func saver(s *android.DozeSenses) *bool    { return &s.Saver }
func busy(s *android.DozeSenses) *bool     { return &s.Busy }

func put(s *android.DozeSenses) { s.Screen, s.Unlocked = false, false }

func alarmClock(in string) func(*android.DozeSenses) {
	d, err := time.ParseDuration(in)
	if err != nil {
		panic(err)
	}
	return func(s *android.DozeSenses) { s.AlarmClock = day + d.Microseconds() }
}

// tell plays a story that begins with a phone in use, online, at day 1.
func tell(tb coretest.TB, name string, p *android.Profile, beats []beat) *android.Doze {
	tb.Helper()
	d := android.NewDoze(p)
	s := d.Seen
	s.Network = true
	d.Sense(day, &s)
	for _, b := range beats {
		in, err := time.ParseDuration(b.at)
		if err != nil {
			tb.Fatal(err)
		}
		at := day + in.Microseconds()
		d.Tick(at)
		if b.change != nil {
			b.change(&s)
			d.Sense(at, &s)
		}
		if d.Deep.String() != b.deep || d.Light.String() != b.light {
			tb.Errorf("%s: after %s it is %v and %v, not %s and %s", name, b.at, d.Deep, d.Light, b.deep, b.light)
		}
	}
	return d
}

func checkDozeStories(tb coretest.TB, profile maker) {
	for _, c := range []struct {
		name, version string
		set           map[string]int64
		beats         []beat
	}{
		{name: "a night", version: "16", beats: []beat{
			{"0s", put, "INACTIVE", "INACTIVE"},
			{"59s", nil, "INACTIVE", "INACTIVE"},
			{"60s", nil, "INACTIVE", "IDLE"},
			{"6m", nil, "INACTIVE", "IDLE_MAINTENANCE"},
			{"6m5s", nil, "INACTIVE", "IDLE"},
			{"30m", nil, "IDLE_PENDING", "IDLE"},
			{"60m", nil, "SENSING", "IDLE"},
			{"60m39s", nil, "SENSING", "IDLE"},
			{"60m40s", nil, "IDLE", "OVERRIDE"},
			{"120m39s", nil, "IDLE", "OVERRIDE"},
			{"120m40s", nil, "IDLE_MAINTENANCE", "OVERRIDE"},
			{"121m9s", nil, "IDLE_MAINTENANCE", "OVERRIDE"},
			{"121m10s", nil, "IDLE", "OVERRIDE"},
			{"200m", on(screen), "IDLE", "OVERRIDE"},
			{"201m", on(unlocked), "ACTIVE", "ACTIVE"},
			{"202m", put, "INACTIVE", "INACTIVE"},
			{"204m", on(charging), "ACTIVE", "ACTIVE"},
			{"300m", nil, "ACTIVE", "ACTIVE"},
			{"300m", off(charging), "INACTIVE", "INACTIVE"},
		}},
		{name: "the screen ends it where no unlocking is waited for", version: "16", set: map[string]int64{"doze.wait-for-unlock": 0}, beats: []beat{
			{"0s", put, "INACTIVE", "INACTIVE"},
			{"2h", nil, "IDLE", "OVERRIDE"},
			{"2h", on(screen), "ACTIVE", "ACTIVE"},
		}},
		{name: "sensing and locating have limits", version: "16", set: map[string]int64{"doze.sensing": hour, "doze.locating": hour}, beats: []beat{
			{"0s", put, "INACTIVE", "INACTIVE"},
			{"64m29s", nil, "SENSING", "IDLE"},
			{"64m30s", nil, "IDLE", "OVERRIDE"},
		}},
		{name: "locating takes its time", version: "16", set: map[string]int64{"doze.locating.max": hour}, beats: []beat{
			{"0s", put, "INACTIVE", "INACTIVE"},
			{"60m39s", nil, "SENSING", "IDLE"},
			{"60m40s", nil, "IDLE", "OVERRIDE"},
		}},
		{name: "moved early: nobody watches", version: "16", beats: []beat{
			{"0s", put, "INACTIVE", "INACTIVE"},
			{"10m", on(moving), "INACTIVE", "IDLE"},
			{"20m", off(moving), "INACTIVE", "IDLE"},
			{"30m", nil, "IDLE_PENDING", "IDLE"},
			{"40m", on(moving), "INACTIVE", "IDLE"},
			{"49m", off(moving), "INACTIVE", "IDLE"},
			{"50m", nil, "IDLE_PENDING", "IDLE"},
			{"80m", nil, "SENSING", "IDLE"},
			{"80m10s", on(moving), "INACTIVE", "IDLE"},
			{"90m9s", nil, "INACTIVE", "IDLE"},
			{"90m10s", nil, "INACTIVE", "IDLE"},
			{"99m", off(moving), "INACTIVE", "IDLE"},
			{"100m10s", nil, "IDLE_PENDING", "IDLE"},
			{"130m50s", nil, "IDLE", "OVERRIDE"},
			{"140m", on(moving), "INACTIVE", "INACTIVE"},
			{"140m59s", nil, "INACTIVE", "INACTIVE"},
			{"141m", nil, "INACTIVE", "IDLE"},
			{"141m", off(moving), "INACTIVE", "IDLE"},
			{"150m", nil, "IDLE_PENDING", "IDLE"},
			{"160m", on(unlocked), "IDLE_PENDING", "IDLE"},
			{"160m", on(screen), "ACTIVE", "ACTIVE"},
			{"161m", put, "INACTIVE", "INACTIVE"},
			{"190m59s", nil, "INACTIVE", "IDLE"},
			{"191m", nil, "IDLE_PENDING", "IDLE"},
		}},
		{name: "battery saver", version: "16", beats: []beat{
			{"0s", on(saver), "ACTIVE", "ACTIVE"},
			{"1s", put, "QUICK_DOZE_DELAY", "INACTIVE"},
			{"60s", nil, "QUICK_DOZE_DELAY", "INACTIVE"},
			{"61s", nil, "IDLE", "OVERRIDE"},
			{"10m", on(moving), "IDLE", "OVERRIDE"},
			{"61m1s", nil, "IDLE_MAINTENANCE", "OVERRIDE"},
			{"61m31s", nil, "IDLE", "OVERRIDE"},
			{"62m", off(saver), "IDLE", "OVERRIDE"},
			{"63m", on(saver), "IDLE", "OVERRIDE"},
			{"64m", on(charging), "ACTIVE", "ACTIVE"},
			{"65m", off(charging), "QUICK_DOZE_DELAY", "INACTIVE"},
		}},
		{name: "battery saver that began in Doze ends with motion", version: "16", beats: []beat{
			{"0s", put, "INACTIVE", "INACTIVE"},
			{"2h", on(saver), "IDLE", "OVERRIDE"},
			{"2h1m", on(moving), "QUICK_DOZE_DELAY", "INACTIVE"},
			{"2h2m", nil, "IDLE", "OVERRIDE"},
			{"2h3m", off(moving), "IDLE", "OVERRIDE"},
			{"2h4m", on(moving), "IDLE", "OVERRIDE"},
		}},
		{name: "battery saver begins while inactive", version: "16", beats: []beat{
			{"0s", put, "INACTIVE", "INACTIVE"},
			{"10m", on(saver), "QUICK_DOZE_DELAY", "IDLE"},
			{"11m", nil, "IDLE", "OVERRIDE"},
		}},
		{name: "an alarm clock", version: "16", beats: []beat{
			{"0s", alarmClock("80m"), "ACTIVE", "ACTIVE"},
			{"0s", put, "INACTIVE", "INACTIVE"},
			{"30m", nil, "IDLE_PENDING", "IDLE"},
			{"59m59s", nil, "IDLE_PENDING", "IDLE"},
			{"60m", nil, "INACTIVE", "INACTIVE"}, // it rings within 30 min: from the beginning, 30 min after it
			{"61m", nil, "INACTIVE", "IDLE"},
			{"80m", alarmClock("0s"), "INACTIVE", "IDLE"},
			{"109m59s", nil, "INACTIVE", "IDLE"},
			{"110m", nil, "IDLE_PENDING", "IDLE"},
		}},
		{name: "an alarm clock far away", version: "16", beats: []beat{
			{"0s", alarmClock("60m1s"), "ACTIVE", "ACTIVE"},
			{"0s", put, "INACTIVE", "INACTIVE"},
			{"30m", nil, "IDLE_PENDING", "IDLE"},
		}},
		{name: "an alarm clock and battery saver", version: "16", beats: []beat{
			{"0s", alarmClock("20m"), "ACTIVE", "ACTIVE"},
			{"0s", on(saver), "ACTIVE", "ACTIVE"},
			{"0s", put, "QUICK_DOZE_DELAY", "INACTIVE"},
			{"20m59s", nil, "QUICK_DOZE_DELAY", "IDLE"},
			{"21m", nil, "IDLE", "OVERRIDE"},
		}},
		{name: "jobs may end before light Doze", version: "11", beats: []beat{
			{"0s", on(busy), "ACTIVE", "ACTIVE"},
			{"0s", put, "INACTIVE", "INACTIVE"},
			{"3m", nil, "INACTIVE", "PRE_IDLE"},
			{"5m59s", nil, "INACTIVE", "PRE_IDLE"},
			{"6m", nil, "INACTIVE", "IDLE"},
		}},
		{name: "jobs end before light Doze", version: "11", beats: []beat{
			{"0s", on(busy), "ACTIVE", "ACTIVE"},
			{"0s", put, "INACTIVE", "INACTIVE"},
			{"3m", nil, "INACTIVE", "PRE_IDLE"},
			{"4m", off(busy), "INACTIVE", "IDLE"},
			{"9m", nil, "INACTIVE", "IDLE_MAINTENANCE"},
		}},
		{name: "since Android 13 nothing waits for jobs", version: "13", beats: []beat{
			{"0s", on(busy), "ACTIVE", "ACTIVE"},
			{"0s", put, "INACTIVE", "INACTIVE"},
			{"60s", nil, "INACTIVE", "IDLE"},
		}},
		{name: "windows of light Doze save time", version: "16", set: map[string]int64{"doze.deep": 0}, beats: []beat{
			{"0s", put, "ACTIVE", "INACTIVE"},
			{"6m", nil, "ACTIVE", "IDLE_MAINTENANCE"},    // 60 s, 55 saved
			{"16m5s", nil, "ACTIVE", "IDLE_MAINTENANCE"}, // 115 s, 55 saved
			{"31m10s", on(busy), "ACTIVE", "IDLE_MAINTENANCE"},
			{"33m59s", nil, "ACTIVE", "IDLE_MAINTENANCE"},
			{"34m", nil, "ACTIVE", "IDLE"}, // 170 s, 110 of them from what was saved
			{"49m", nil, "ACTIVE", "IDLE_MAINTENANCE"},
			{"49m59s", nil, "ACTIVE", "IDLE_MAINTENANCE"},
			{"50m", nil, "ACTIVE", "IDLE"},
		}},
		{name: "light Doze saves 5 min at most", version: "16", set: map[string]int64{"doze.deep": 0}, beats: []beat{
			{"0s", put, "ACTIVE", "INACTIVE"},
			{"121m40s", on(busy), "ACTIVE", "IDLE_MAINTENANCE"}, // the ninth window
			{"126m39s", nil, "ACTIVE", "IDLE_MAINTENANCE"},
			{"126m40s", nil, "ACTIVE", "IDLE"},
		}},
		{name: "a network opens the window", version: "16", set: map[string]int64{"doze.deep": 0}, beats: []beat{
			{"0s", put, "ACTIVE", "INACTIVE"},
			{"1m", off(network), "ACTIVE", "IDLE"},
			{"6m", nil, "ACTIVE", "WAITING_FOR_NETWORK"},
			{"8m", on(network), "ACTIVE", "IDLE_MAINTENANCE"},
		}},
		{name: "work ends a window of deep Doze", version: "16", beats: []beat{
			{"0s", put, "INACTIVE", "INACTIVE"},
			{"120m40s", on(busy), "IDLE_MAINTENANCE", "OVERRIDE"},
			{"121m10s", nil, "IDLE_MAINTENANCE", "OVERRIDE"},
			{"122m", off(busy), "IDLE", "OVERRIDE"},
			{"242m", on(busy), "IDLE_MAINTENANCE", "OVERRIDE"},
			{"251m59s", nil, "IDLE_MAINTENANCE", "OVERRIDE"},
			{"252m", nil, "IDLE", "OVERRIDE"},
		}},
	} {
		p := profile(c.version, "")
		for name, v := range c.set {
			p.Set(param(tb, name), v)
		}
		tell(tb, c.name, p, c.beats)
	}
}

func checkDozeDelaysJobs(tb coretest.TB, profile maker) {
	d := tell(tb, "jobs", profile("16", ""), []beat{
		{"0s", put, "INACTIVE", "INACTIVE"},
		{"30s", nil, "INACTIVE", "INACTIVE"},
	})
	if d.Held() || d.JobsFrom() != 0 {
		tb.Errorf("not in Doze: held %v, jobs from %d", d.Held(), d.JobsFrom())
	}
	d.Tick(day + 60*second)
	if !d.Held() {
		tb.Errorf("nothing is held in light Doze")
	}
	d.Tick(day + 6*minute)
	if d.Held() || d.JobsFrom() != day+6*minute+3*second {
		tb.Errorf("in a window: held %v, jobs from %d", d.Held(), d.JobsFrom())
	}
	d.Tick(day + 2*hour)
	if !d.Held() || d.Deep != android.DeepIdle {
		tb.Errorf("in deep Doze: held %v", d.Held())
	}
}

func anySenses(t *rapid.T, at int64, s *android.DozeSenses) {
	switch rapid.IntRange(0, 8).Draw(t, "what") {
	case 0:
		s.Screen, s.Unlocked = true, rapid.Bool().Draw(t, "unlocked")
	case 1, 2:
		s.Screen, s.Unlocked = false, false
	case 3:
		s.Charging = rapid.IntRange(0, 3).Draw(t, "charging") == 0
	case 4:
		s.Moving = rapid.Bool().Draw(t, "moving")
	case 5:
		s.Network = rapid.Bool().Draw(t, "network")
	case 6:
		s.Saver = rapid.Bool().Draw(t, "saver")
	case 7:
		s.Busy = rapid.Bool().Draw(t, "busy")
	case 8:
		s.AlarmClock = at + rapid.Int64Range(0, 2*hour).Draw(t, "alarm")
	}
}

// Whatever happens, time goes on, nothing is held while the phone is used or charged,
// idle times and windows keep their bounds, being asked more often changes nothing,
// and a stored state goes on alike.
func TestDozeMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProfile(t)
		d, often := android.NewDoze(p), android.NewDoze(p)
		s := d.Seen
		var at, since int64
		deep, light := d.Deep, d.Light
		look := func() {
			if d.Next() <= at {
				t.Fatalf("at %d it asks for %d", at, d.Next())
			}
			if d.Held() && (s.Charging || s.Screen && s.Unlocked) {
				t.Fatalf("it holds things in %v and %v of a phone with %+v", d.Deep, d.Light, s)
			}
			if deep != d.Deep || deep < android.DeepIdle && light != d.Light {
				deep, light, since = d.Deep, d.Light, at
			}
			window := d.Deep == android.DeepMaintenance && at-since >= 10*minute
			if window || d.Deep == android.DeepIdle && at-since >= 6*hour || d.Light == android.LightMaintenance && at-since >= 5*minute {
				t.Fatalf("at %d in %v and %v since %d", at, d.Deep, d.Light, since)
			}
			if (d.Light == android.LightOverride) != (d.Deep == android.DeepIdle || d.Deep == android.DeepMaintenance) {
				t.Fatalf("%v and %v", d.Deep, d.Light)
			}
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			target := at + rapid.OneOf(step, rapid.Int64Range(0, 12*hour)).Draw(t, "later")
			for d.Next() <= target {
				at = d.Next()
				d.Tick(at)
				look()
			}
			at = target
			if rapid.Bool().Draw(t, "more often") {
				often.Tick(at)
				continue
			}
			anySenses(t, at, &s)
			d.Sense(at, &s)
			often.Sense(at, &s)
			look()
			if rapid.IntRange(0, 4).Draw(t, "store") == 0 {
				d = reload(t, d, p)
			}
			if *d != *often {
				t.Fatalf("asked more often it is another: %+v, %+v", d, often)
			}
		}
	})
}

// The events of a device left alone are in order, and no state follows itself.
func TestDozeRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProfile(t)
		p.Set(param(t, "doze.deep"), rapid.Int64Range(0, 1).Draw(t, "deep"))
		alone := android.Alone{
			Offline: rapid.Bool().Draw(t, "offline"), Work: rapid.OneOf(rapid.Just(int64(-1)), step).Draw(t, "work"), Until: 2 * day,
		}
		last, windows := int64(0), 0
		alone.Run(p, func(at int64, d *android.Doze) bool {
			if at < last || at > alone.Until {
				t.Fatalf("an event at %d after one at %d", at, last)
			}
			last = at
			if !d.Held() && d.Left == at && at > 0 {
				windows++
			}
			return true
		})
		if windows < 2 {
			t.Fatalf("%d windows in two days", windows)
		}
	})
}

// The phone of a public bug report: a Trimble T70 with Android 15 that lay still on
// battery for 144.6 h with the screen on 14 times for 8 m 43 s in all (2026-02-24).
func TestDozeOfAStillPhone(t *testing.T) {
	p := profile(t, "15", "")
	for name, v := range map[string]int64{"doze.idle": 15 * minute, "doze.inactive": minute, "doze.idle-after-inactive": minute} {
		p.Set(param(t, name), v)
	}
	d := android.NewDoze(p)
	const whole, times = 1446 * hour / 10, 14
	const each = 523 * second / times
	s := android.DozeSenses{Network: true}
	var at, deep, longest, since int64
	cycles := 0
	was := d.Deep
	account := func() {
		if was == android.DeepIdle {
			deep, longest = deep+at-since, max(longest, at-since)
		}
		if d.Deep == android.DeepIdle && was != d.Deep {
			cycles++
		}
		was, since = d.Deep, at
	}
	advance := func(until int64) {
		for d.Next() <= until {
			at = d.Next()
			d.Tick(at)
			account()
		}
		at = until
	}
	for i := range int64(times) {
		s.Screen, s.Unlocked = false, false
		d.Sense(at, &s)
		account()
		advance((i + 1) * whole / times)
		s.Screen, s.Unlocked = true, true
		d.Sense(at, &s)
		account()
		advance(at + each)
	}
	share := deep * 1000 / whole
	if share < 950 || longest > 6*hour+5*minute || cycles < 28 || cycles > 90 {
		t.Errorf("deep %d per mille, longest %d s, %d cycles", share, longest/second, cycles)
	}
	t.Logf("deep %d per mille of the time (976 were measured), longest %d s (21602), %d cycles (74)", share, longest/second, cycles)
}

// The windows of light Doze in a public dumpsys deviceidle of HyperOS (2026-06).
func TestDozeOfXiaomi(t *testing.T) {
	var starts, lengths []int64
	var idle, window int64
	last := android.LightActive
	android.Alone{Until: 30 * minute}.Run(profile(t, "15", "xiaomi"), func(at int64, d *android.Doze) bool {
		if d.Light == last {
			return true
		}
		switch last = d.Light; last {
		case android.LightIdle:
			if idle = at; window > 0 {
				lengths = append(lengths, (at-window)/second)
			}
		case android.LightMaintenance:
			window = at
			starts = append(starts, (at-idle)/second)
		}
		return len(starts) < 2
	})
	if len(starts) != 2 || starts[0] < 300 || starts[0] > 360 || starts[1] < 600 || starts[1] > 720 || lengths[0] < 5 || lengths[0] > 7 {
		t.Errorf("windows after %d s, for %d s", starts, lengths)
	}
}

func TestDozeRunStops(t *testing.T) {
	n := 0
	android.Alone{Until: day}.Run(profile(t, "16", ""), func(int64, *android.Doze) bool { n++; return n < 3 })
	if n != 3 {
		t.Errorf("%d steps", n)
	}
}

func BenchmarkDozeSense(b *testing.B) {
	d := android.NewDoze(profile(b, "16", ""))
	s := d.Seen
	at := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		at += minute
		s.Moving = !s.Moving
		d.Sense(at, &s)
	}
}

func BenchmarkDozeTickNothing(b *testing.B) {
	d := android.NewDoze(profile(b, "16", ""))
	at := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		at += minute
		d.Tick(at)
	}
}

// BenchmarkDozeNight is one step of a night.
func BenchmarkDozeNight(b *testing.B) {
	d := android.NewDoze(profile(b, "16", ""))
	s := d.Seen
	s.Screen, s.Unlocked = false, false
	d.Sense(0, &s)
	b.ReportAllocs()
	for b.Loop() {
		d.Tick(d.Next())
	}
}
