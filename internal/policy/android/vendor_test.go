package android_test

import (
	"slices"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

func checkVendorKillsWithTheScreenOff(t coretest.TB, profile maker) {
	p := opened(t, profile, "14", "xiaomi", android.Setting{Name: "doze.light", Value: "no"})
	p.takes["long"] = 20 * hour
	p.must(minute, work.Request{Task: "long", Phone: work.Traits{Kind: work.KindService}})
	id := p.must(minute, work.Request{Task: "t", Every: 15 * time.Minute})
	p.leave(2 * minute)
	p.until(hour)
	if r := p.runs[0]; r.end != 12*minute || !r.killed {
		t.Errorf("the service ended at %s", clock(r.end))
	}
	p.wantCodes(id, android.ReasonVendorKilled)
	held := p.must(hour, push("m", "normal", true))
	p.wantCodes(held, android.ReasonVendorKilled)
	p.must(hour, push("high", "high", true))
	if got := p.starts("high"); !slices.Equal(got, []int64{hour}) {
		t.Errorf("high priority: delivered at %v", clocks(got))
	}
	p.sense(hour, core.SenseScreen, 1)
	if got := p.starts("t"); !slices.Equal(got, []int64{minute, hour}) {
		t.Errorf("started at %v", clocks(got))
	}
	// Who is exempt is spared, and so is who plays music.
	p.sense(hour+minute, core.SenseExempt, 1)
	p.sense(hour+2*minute, core.SenseScreen, 0)
	p.until(3 * hour)
	if n := len(p.starts("t")); n < 8 {
		t.Errorf("exempt: %d runs", n)
	}
	// AOSP does none of this.
	p = opened(t, profile, "14", "", android.Setting{Name: "doze.light", Value: "no"}, android.Setting{Name: "doze.deep", Value: "no"})
	p.must(minute, work.Request{Task: "t", Every: 15 * time.Minute})
	p.leave(2 * minute)
	p.until(10 * hour)
	if n := len(p.starts("t")); n < 30 {
		t.Errorf("AOSP: %d runs", n)
	}
}

func checkVendorForceStops(t coretest.TB, profile maker) {
	pr := profile("14", "huawei")
	pr.Permissions |= android.UseExactAlarm
	p := openedWith(t, pr)
	id := p.must(minute, work.Request{Task: "t", Every: time.Hour})
	ring := p.must(minute, alarm("exact", 10*hour))
	p.leave(2 * minute)
	p.until(2*hour + minute)
	if !p.gone(ring) {
		t.Errorf("its alarm is still there")
	}
	p.look(11 * hour)
	p.until(11*hour + 10*second)
	p.wantCodes(id, android.ReasonVendorKilled)
	p.sense(12*hour, core.SenseAppOpened)
	if got := p.starts("t"); got[len(got)-1] != 12*hour {
		t.Errorf("started at %v", clocks(got))
	}
}

func checkVendorKillsOnSwipe(t coretest.TB, profile maker) {
	for vendor, killed := range map[string]bool{"": false, "xiaomi": true} {
		p := opened(t, profile, "14", vendor)
		p.takes["s"] = hour
		p.must(minute, work.Request{Task: "s", Phone: work.Traits{Kind: work.KindService}})
		p.sense(2*minute, core.SenseAppSwiped)
		if r := p.runs[0]; r.killed != killed {
			t.Errorf("%q: %+v", vendor, r)
		}
	}
	p := opened(t, profile, "14", "")
	p.takes["t"] = hour
	id := p.must(minute, work.Request{Task: "t"})
	p.sense(2*minute, core.SenseAppSwiped)
	if r := p.runs[0]; !r.killed || p.gone(id) {
		t.Errorf("without a service its process goes: %+v", r)
	}
}

func checkVendorKeepsFromStartingAfterABoot(t coretest.TB, profile maker) {
	for _, c := range []struct {
		vendor string
		exempt int64
		starts bool
	}{{"", 0, true}, {"xiaomi", 0, false}, {"xiaomi", 1, true}} {
		p := opened(t, profile, "14", c.vendor)
		p.until(2 * minute)
		p.sense(2*minute, core.SenseExempt, c.exempt)
		id := p.must(3*minute, work.Request{Task: "t", Delay: time.Hour})
		p.sense(4*minute, core.SenseShutdown)
		p.sense(2*hour, core.SenseBooted)
		p.look(2*hour + minute)
		p.until(3 * hour)
		if got := p.gone(id); got != c.starts {
			t.Errorf("%q, exempt %d: it ran %v", c.vendor, c.exempt, got)
		}
		if !c.starts {
			p.wantCodes(id, android.ReasonVendorKilled)
			p.sense(4*hour, core.SenseAppOpened)
			if got := p.starts("t"); !slices.Equal(got, []int64{4 * hour}) {
				t.Errorf("started at %v", clocks(got))
			}
		}
	}
}

func checkVendorPutsUnusedAppsToSleep(t coretest.TB, profile maker) {
	p := opened(t, profile, "14", "samsung", android.Setting{Name: "doze.light", Value: "no"}, android.Setting{Name: "doze.deep", Value: "no"})
	p.must(minute, work.Request{Task: "t", Every: 6 * time.Hour})
	p.leave(2 * minute)
	p.until(5 * day)
	got := p.starts("t")
	if last := got[len(got)-1]; last > 3*day || last < 2*day {
		t.Errorf("started at %v", clocks(got))
	}
	p.wantCodes("t-1", android.ReasonVendorKilled, android.ReasonBatching)
	p.sense(5*day, core.SenseExempt, 1) // does not wake it
	p.wantCodes("t-1", android.ReasonVendorKilled)
	p.sense(5*day, core.SenseScreen, 1)
	p.sense(5*day, core.SenseAppOpened)
	p.leave(5*day + minute)
	p.until(10 * day)
	if got := p.starts("t"); got[len(got)-1] < 9*day {
		t.Errorf("exempt: started at %v", clocks(got))
	}
	// The vendor takes the exemption back after a month, and when the system is updated.
	p.until(35 * day)
	if p.state().App.Exempt {
		t.Errorf("still exempt after a month")
	}
	p.sense(36*day, core.SenseExempt, 1)
	p.sense(37*day, core.SenseSystemUpdated)
	if p.state().App.Exempt {
		t.Errorf("still exempt after an update")
	}
}

func checkHibernation(t coretest.TB, profile maker) {
	for _, c := range []struct {
		version  string
		target   int
		exempt   int64
		sleeping bool
	}{{"16", 36, 0, true}, {"16", 29, 0, false}, {"11", 30, 0, false}, {"16", 36, 1, false}} {
		pr := profile(c.version, "")
		pr.Target, pr.Permissions = c.target, pr.Permissions|android.UseExactAlarm
		p := openedWith(t, pr, android.Setting{Name: "doze.light", Value: "no"}, android.Setting{Name: "doze.deep", Value: "no"})
		p.M.Quiet()
		p.sense(minute, core.SenseExempt, c.exempt)
		p.must(minute, work.Request{Task: "t", Every: 24 * time.Hour})
		ring := p.must(minute, alarm("exact", 100*day))
		p.leave(2 * minute)
		p.until(95 * day)
		if got := p.starts("t"); (got[len(got)-1] <= 90*day) != c.sleeping || p.gone(ring) != c.sleeping {
			t.Errorf("%+v: last started at %s", c, clock(got[len(got)-1]))
		}
		if !c.sleeping {
			continue
		}
		p.wantCodes("t-1", android.ReasonHibernation, android.ReasonBatching)
		m := p.must(95*day, push("m", "high", true))
		p.wantCodes(m, android.ReasonHibernation)
		p.sense(96*day, core.SenseAppOpened)
		if got := p.starts("t"); got[len(got)-1] != 96*day {
			t.Errorf("opened: started at %s", clock(got[len(got)-1]))
		}
	}
}

func checkForceStop(t coretest.TB, profile maker) {
	p := opened(t, profile, "16", "")
	p.takes["t"] = hour
	id := p.must(minute, work.Request{Task: "t"})
	p.sense(2*minute, core.SenseForceStop)
	if r := p.runs[0]; !r.killed || r.stop != work.StopUnknown {
		t.Errorf("%+v", r)
	}
	p.facts(3*minute, map[record.Signal]int64{record.Charging: 1})
	p.sense(hour, core.SenseNotified)
	p.sense(2*hour, core.SenseUpdated)
	p.until(5 * day)
	p.wantCodes(id, android.ReasonForceStopped)
	if r := p.Explain(p.At, id)[0]; r.Android != -2 || r.Fix != "open the app" {
		t.Errorf("%+v", r)
	}
	p.sense(5*day, core.SenseAppOpened)
	if got := p.starts("t"); !slices.Equal(got, []int64{minute, 5 * day}) {
		t.Errorf("started at %v", clocks(got))
	}
}

func checkBackgroundUseIsASwitchToo(t coretest.TB, profile maker) {
	p := opened(t, profile, "16", "")
	p.sense(minute, core.SenseAppLeft)
	p.sense(2*minute, core.SenseRefresh, 0)
	id := p.must(3*minute, work.Request{Task: "t"})
	p.wantCodes(id, android.ReasonRestricted)
	p.sense(4*minute, core.SenseRefresh, 1)
	if got := p.starts("t"); !slices.Equal(got, []int64{4 * minute}) {
		t.Errorf("started at %v", clocks(got))
	}
	// Restricting an app takes its exemption, and the other way round.
	p.sense(5*minute, core.SenseExempt, 1)
	p.sense(6*minute, core.SenseRestricted, 1)
	if p.state().App.Exempt {
		t.Errorf("restricted and exempt")
	}
	p.sense(7*minute, core.SenseExempt, 1)
	id = p.must(8*minute, work.Request{Task: "u"})
	p.until(9 * minute)
	if !p.gone(id) {
		p.TB.Errorf("exempt again, and held by %v", p.Codes(p.At, id))
	}
}

func checkTimers(t coretest.TB, profile maker) {
	timer := work.Request{Task: "timer", Delay: time.Minute, Phone: work.Traits{Kind: work.KindTimer}}
	p := opened(t, profile, "16", "")
	p.must(minute, timer)
	p.until(3 * minute)
	if got := p.starts("timer"); !slices.Equal(got, []int64{2 * minute}) {
		t.Errorf("started at %v", clocks(got))
	}
	p.sense(3*minute, core.SenseAppLeft)
	frozen := p.must(3*minute, timer)
	p.until(5 * minute)
	p.wantCodes(frozen, android.ReasonProcessFrozen)
	p.sense(6*minute, core.SenseAppOpened)
	if got := p.starts("timer"); !slices.Equal(got[1:], []int64{6 * minute}) {
		t.Errorf("started at %v", clocks(got))
	}
	lost := p.must(7*minute, timer)
	p.sense(7*minute, core.SenseAppDied)
	if !p.gone(lost) {
		t.Errorf("a timer outlives its process")
	}
	if _, err := p.ask(8*minute, timer); err == nil {
		t.Errorf("a timer without a process")
	}
}

func checkWidgets(t coretest.TB, profile maker) {
	p := opened(t, profile, "16", "", android.Setting{Name: "doze.light", Value: "no"}, android.Setting{Name: "doze.deep", Value: "no"})
	p.must(minute, work.Request{Task: "w", Every: 15 * time.Minute, Phone: work.Traits{Kind: work.KindWidget}})
	p.leave(2 * minute)
	p.until(5 * hour)
	if got := gaps(p.starts("w")); len(got) < 8 || slices.Min(got) < 30*minute || slices.Max(got) > 31*minute {
		t.Errorf("updated every %v", clocks(got))
	}
	p = opened(t, profile, "16", "")
	p.must(minute, work.Request{Task: "w", Every: time.Hour, Phone: work.Traits{Kind: work.KindWidget}})
	p.leave(2 * minute)
	p.until(day)
	if n := len(p.starts("w")); n < 4 || n > 8 {
		t.Errorf("in Doze updated %d times", n)
	}
}

func checkHeatHoldsJobs(t coretest.TB, profile maker) {
	p := opened(t, profile, "16", "", alone)
	p.sense(minute, core.SenseAppLeft)
	p.sense(minute, core.SenseThermal, 1)
	id := p.must(2*minute, work.Request{Task: "t"})
	p.wantCodes(id, android.ReasonThermal)
	p.sense(3*minute, core.SenseThermal, 0)
	if got := p.starts("t"); !slices.Equal(got, []int64{3 * minute}) {
		t.Errorf("started at %v", clocks(got))
	}
}

// checkIdleAndCharging are what the system makes of them, which is more than facts tell.
func checkIdleAndCharging(t coretest.TB, profile maker) {
	p := opened(t, profile, "16", "", android.Setting{Name: "doze.light", Value: "no"})
	p.leave(minute)
	p.facts(minute, map[record.Signal]int64{record.Charging: 1})
	idle := p.must(2*minute, work.Request{Task: "idle", Needs: work.Constraints{Idle: true}})
	charging := p.must(2*minute, work.Request{Task: "charging", Needs: work.Constraints{Charging: true}})
	p.wantCodes(idle, work.ReasonIdle)
	p.wantCodes(charging, work.ReasonCharging)
	if r := p.Explain(p.At, charging)[0]; r.Android != 5 || r.Until.UnixMicro() != 16*minute {
		t.Errorf("%+v", r)
	}
	p.until(16 * minute)
	if got := p.starts("charging"); !slices.Equal(got, []int64{16 * minute}) {
		t.Errorf("charging: started at %v", clocks(got))
	}
	p.until(2 * hour)
	if got := p.starts("idle"); len(got) != 1 || got[0] < 32*minute || got[0] > 37*minute {
		t.Errorf("idle: started at %v", clocks(got))
	}
	// When the device counts as idle is up to a window of five minutes.
	latest := int64(0)
	for i := range int64(25) {
		p := opened(t, profile, "16", "", alone, android.Setting{Name: "doze.light", Value: "no"})
		at := minute + i*second
		p.leave(at)
		p.must(at, work.Request{Task: "idle", Needs: work.Constraints{Idle: true}})
		p.until(hour)
		latest = max(latest, p.starts("idle")[0]-at)
	}
	if latest < 35*minute || latest > 36*minute {
		t.Errorf("idle after up to %s", clock(latest))
	}
	// A battery that is nearly full counts as charging at once.
	p.facts(3*hour, map[record.Signal]int64{record.Charging: 0, record.BatteryLevel: 95})
	p.facts(4*hour, map[record.Signal]int64{record.Charging: 1})
	p.must(4*hour, work.Request{Task: "full", Needs: work.Constraints{Charging: true}})
	if got := p.starts("full"); !slices.Equal(got, []int64{4 * hour}) {
		t.Errorf("full: started at %v", clocks(got))
	}
}

// checkVendors shows what each vendor does to an app with a service and an alarm.
func checkVendors(t coretest.TB, profile maker) {
	const none = -1
	type saver struct {
		killAfter          int64 // after the screen went off
		stops              bool  // and then nothing runs until the app is opened
		swipe, noAutostart bool
		sleepAfter         int64 // that the app was not used
		revertsAfter       int64 // that the user exempted it
	}
	aosp := saver{none, false, false, false, none, none}
	want := map[string]saver{
		"aosp": aosp, "google": aosp, "htc": aosp, "nokia": aosp, "sony": aosp,
		"asus":      {minute, false, false, true, none, none},
		"blackview": {none, false, false, true, none, none},
		"huawei":    {hour, true, false, true, none, none},
		"lenovo":    {none, false, true, false, none, none},
		"meizu":     {30 * minute, false, false, true, none, none},
		"motorola":  {hour, false, false, false, none, none},
		"oneplus":   {hour, false, true, true, none, 14 * day},
		"oppo":      {0, false, true, true, none, none},
		"realme":    {30 * minute, false, false, true, none, none},
		"samsung":   {none, false, false, false, 3 * day, 30 * day},
		"tecno":     {none, false, false, true, day, none},
		"unihertz":  {30 * minute, false, false, true, none, none},
		"vivo":      {hour, false, false, true, none, none},
		"wiko":      {30 * minute, false, false, false, none, none},
		"xiaomi":    {10 * minute, false, true, true, none, none},
	}
	if n := len(android.Vendors()); n != len(want) {
		t.Errorf("%d vendors", n)
	}
	with := func(vendor string) *phone {
		pr := profile("14", vendor)
		pr.Permissions |= android.UseExactAlarm
		p := openedWith(t, pr, android.Setting{Name: "doze.light", Value: "no"}, android.Setting{Name: "doze.deep", Value: "no"}, android.Setting{Name: "standby.check", Value: "3d"})
		p.M.Quiet()
		p.takes["s"] = 900 * day
		p.must(minute, work.Request{Task: "s", Phone: work.Traits{Kind: work.KindService}})
		p.must(minute, alarm("exact", 2*day))
		return p
	}
	for _, vendor := range android.Vendors() {
		got := aosp
		p := with(vendor)
		p.leave(2 * minute)
		p.until(3 * hour)
		if r := p.runs[0]; r.killed {
			got.killAfter, got.stops = r.end-2*minute, p.gone("exact-2")
		}
		p = with(vendor)
		p.sense(2*minute, core.SenseAppSwiped)
		got.swipe = p.runs[0].killed
		p = with(vendor)
		p.sense(2*minute, core.SenseShutdown)
		p.sense(3*minute, core.SenseBooted)
		p.look(4 * minute)
		id := p.must(5*minute, push("m", "high", true))
		p.until(6 * minute)
		got.noAutostart = !p.gone(id)
		p = with(vendor)
		p.sense(2*minute, core.SenseAppLeft)
		p.until(5 * day)
		if r := p.runs[0]; r.killed {
			got.sleepAfter = r.end
		}
		p = with(vendor)
		p.sense(minute, core.SenseExempt, 1)
		p.leave(2 * minute)
		for _, at := range []int64{14 * day, 30 * day, 40 * day} {
			p.until(minute + at - 1)
			before := p.state().App.Exempt
			if p.until(minute + at); before && !p.state().App.Exempt {
				got.revertsAfter = at
			}
		}
		if got != want[vendor] {
			t.Fatalf("%s: %+v, want %+v", vendor, got, want[vendor])
		}
	}
}
