package android_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// alone is a setting under which only the system starts jobs.
var alone = android.Setting{Name: "greedy.rows", Value: "0"}

// plenty is one under which quota does not matter either.
var plenty = []android.Setting{
	alone,
	{Name: "quota.active.time", Value: "20h"},
	{Name: "quota.active.window", Value: "24h"},
	{Name: "quota.day.time", Value: "20h"},
	{Name: "standby.hold.opened", Value: "20h"},
}

func checkHowLongJobsMayRun(t coretest.TB, profile maker) {
	for _, c := range []struct {
		name      string
		version   string
		set       []android.Setting
		before    func(*phone)
		expedited bool
		want      int64
	}{
		{"what is left of the quota", "16", nil, func(p *phone) { p.sense(minute, core.SenseAppLeft) }, false, 20 * minute},
		{"at least 10 min", "16", []android.Setting{{Name: "quota.active.time", Value: "2m"}}, func(p *phone) { p.sense(minute, core.SenseAppLeft) }, false, 10 * minute},
		{"on the charger", "16", nil, func(p *phone) {
			p.sense(minute, core.SenseAppLeft)
			p.facts(minute, map[record.Signal]int64{record.Charging: 1})
			p.until(17 * minute)
		}, false, 30 * minute},
		{"on Android 11", "11", []android.Setting{{Name: "run.free.max", Value: "1h"}}, func(p *phone) {}, false, 10 * minute},
		{"on Android 11, on the charger", "11", []android.Setting{{Name: "run.regular.max", Value: "1h"}}, func(p *phone) {
			p.facts(minute, map[record.Signal]int64{record.Charging: 1})
			p.until(17 * minute)
		}, false, 10 * minute},
		{"on Android 12 there is no other limit", "12", []android.Setting{{Name: "run.free.max", Value: "3h"}}, func(p *phone) {
			p.facts(minute, map[record.Signal]int64{record.Charging: 1})
			p.until(17 * minute)
		}, false, 3 * hour},
		{"expedited, what is left", "16", nil, func(p *phone) { p.sense(minute, core.SenseAppLeft) }, true, 30 * minute},
		{"expedited, of little", "16", []android.Setting{{Name: "expedited.active.time", Value: "5m"}}, func(p *phone) {
			p.sense(minute, core.SenseAppLeft)
			p.until(20 * minute)
		}, true, 5 * minute},
		{"expedited, at least 3 min", "16", []android.Setting{{Name: "expedited.active.time", Value: "1m"}}, func(p *phone) {
			p.sense(minute, core.SenseAppLeft)
			p.until(20 * minute)
		}, true, 3 * minute},
		{"expedited, in front, with little left", "16", []android.Setting{{Name: "expedited.active.time", Value: "20m"}}, func(p *phone) {
			p.sense(minute, core.SenseAppLeft)
			p.takes["first"] = 18 * minute
			p.must(20*minute, work.Request{Task: "first", Expedited: true})
			p.until(40 * minute)
			p.runs = nil
			p.sense(40*minute, core.SenseAppOpened)
		}, true, 10 * minute},
	} {
		p := opened(t, profile, c.version, "", append(c.set, alone)...)
		c.before(p)
		p.must(p.At, work.Request{Task: "t", Expedited: c.expedited})
		if len(p.runs) != 1 {
			t.Errorf("%s: %d run, held by %v", c.name, len(p.runs), p.Codes(p.At, "t-1"))
			continue
		}
		if b := p.last().budget; b != c.want {
			t.Errorf("%s: it may run %s, want %s", c.name, clock(b), clock(c.want))
		}
		if g := p.Effects[len(p.Effects)-1].Grace; g != 8*second {
			t.Errorf("%s: it has %s to stop", c.name, clock(g))
		}
	}
}

// checkRestrictedJobsOnTheCharger shows when jobs of the bucket RESTRICTED do without
// quota, and how long they may run then.
func checkRestrictedJobsOnTheCharger(t coretest.TB, profile maker) {
	set := []android.Setting{{Name: "quota.restricted.jobs", Value: "0"}, {Name: "batch.ready", Value: "1"}, {Name: "doze.deep", Value: "no"}, alone}
	facts := func(online, metered, low int64) map[record.Signal]int64 {
		return map[record.Signal]int64{record.Connected: online, record.Validated: online, record.Metered: metered, record.BatteryLow: low}
	}
	for _, c := range []struct {
		name  string
		facts map[record.Signal]int64
		held  []work.Code
	}{
		{"all hold", facts(1, 0, 0), nil},
		{"metered", facts(1, 1, 0), []work.Code{android.ReasonQuota}},
		{"offline", facts(0, 0, 0), []work.Code{android.ReasonQuota}},
		{"battery low", facts(1, 0, 1), []work.Code{android.ReasonQuota}},
	} {
		p := opened(t, profile, "16", "", set...)
		p.sense(minute, core.SenseAppLeft)
		p.sense(22*hour, core.SenseScreen, 0)
		p.until(9 * day)
		p.facts(p.At, map[record.Signal]int64{record.Charging: 1})
		p.facts(p.At+16*minute, c.facts)
		if !p.bucketIs(android.Restricted) {
			t.Fatal("it is not restricted")
		}
		id := p.must(p.At+minute, work.Request{Task: "t"})
		if c.held != nil {
			p.wantCodes(id, c.held...)
		} else if len(p.runs) != 1 || p.last().budget != 30*minute {
			t.Errorf("%s: %+v, held by %v", c.name, p.runs, p.Codes(p.At, id))
		}
	}
}

// checkWhoTheSaverSpares shows what lets jobs and alarms through while the battery saver
// is on.
func checkWhoTheSaverSpares(t coretest.TB, profile maker) {
	for _, c := range []struct {
		name string
		then func(*phone)
	}{
		{"the app is in front", func(p *phone) { p.sense(p.At, core.SenseAppOpened) }},
		{"it plays", func(p *phone) { p.sense(p.At, core.SenseMedia, 1) }},
		{"it is exempt", func(p *phone) { p.sense(p.At, core.SenseExempt, 1) }},
		{"the phone charges", func(p *phone) { p.facts(p.At, map[record.Signal]int64{record.Charging: 1}) }},
	} {
		p := openedWith(t, allowed(profile, "16"), alone)
		p.sense(minute, core.SenseAppLeft)
		p.facts(minute, map[record.Signal]int64{record.LowPower: 1})
		job, ring := p.must(minute, work.Request{Task: "t"}), p.must(minute, alarm("exact", 10*second))
		p.until(2 * minute)
		p.wantCodes(job, android.ReasonBatterySaver)
		p.wantCodes(ring, android.ReasonBatterySaver)
		if c.then(p); len(p.runs) != 2 {
			t.Errorf("%s: held by %v and %v", c.name, p.Codes(p.At, job), p.Codes(p.At, ring))
		}
	}
}

// checkJobStops when what let it start is no longer so.
func checkJobStops(t coretest.TB, profile maker) {
	charger := func(on int64) map[record.Signal]int64 { return map[record.Signal]int64{record.Charging: on} }
	for _, c := range []struct {
		name   string
		needs  work.Constraints
		before func(*phone)
		then   func(*phone, int64)
		stop   work.StopReason
	}{
		{name: "quota", stop: work.StopQuota, then: func(p *phone, at int64) { p.until(at + 20*minute) }},
		{name: "Doze", stop: work.StopDeviceState, then: func(p *phone, at int64) {
			p.sense(at, core.SenseScreen, 0)
			p.until(at + minute)
		}},
		{name: "restriction", stop: work.StopBackgroundRestriction, then: func(p *phone, at int64) { p.sense(at, core.SenseRestricted, 1) }},
		{name: "battery saver", stop: work.StopDeviceState, then: func(p *phone, at int64) {
			p.facts(at, map[record.Signal]int64{record.LowPower: 1})
		}},
		{name: "heat", stop: work.StopDeviceState, then: func(p *phone, at int64) { p.sense(at, core.SenseThermal, 1) }},
		{name: "idle", stop: work.StopDeviceIdle, needs: work.Constraints{Idle: true}, before: func(p *phone) {
			p.facts(p.At, charger(1))
			p.sense(p.At, core.SenseScreen, 0)
			p.until(p.At + 40*minute)
		}, then: func(p *phone, at int64) { p.sense(at, core.SenseScreen, 1) }},
		{name: "charger", stop: work.StopCharging, needs: work.Constraints{Charging: true}, before: func(p *phone) {
			p.facts(p.At, charger(1))
			p.until(p.At + 20*minute)
		}, then: func(p *phone, at int64) { p.facts(at, charger(0)) }},
		{name: "battery on the charger", stop: work.StopCharging, needs: work.Constraints{Charging: true}, before: func(p *phone) {
			p.facts(p.At, charger(1))
			p.until(p.At + 20*minute)
		}, then: func(p *phone, at int64) { p.facts(at, map[record.Signal]int64{record.BatteryLow: 1}) }},
		{name: "debugger", stop: work.StopTimeout, then: func(p *phone, at int64) { p.senseTask(at, core.SenseDebugExpire, "t") }},
	} {
		p := opened(t, profile, "16", "", alone, android.Setting{Name: "run.regular.min", Value: "5h"})
		p.sense(minute, core.SenseAppLeft)
		if c.before != nil {
			c.before(p)
		}
		p.takes["t"] = 3 * hour
		id := p.must(p.At, work.Request{Task: "t", Needs: c.needs})
		if len(p.runs) != 1 {
			t.Errorf("%s: held by %v", c.name, p.Codes(p.At, id))
			continue
		}
		at := p.At + 10*second
		c.then(p, at)
		if r := p.runs[0]; r.stop != c.stop || p.gone(id) {
			t.Errorf("%s: stopped by %d at %s", c.name, r.stop, clock(r.end))
		}
	}
	for version, stop := range map[string]work.StopReason{"11": work.StopUnknown, "12": work.StopBackgroundRestriction} {
		p := opened(t, profile, version, "", alone)
		p.takes["t"] = hour
		id := p.must(minute, work.Request{Task: "t"})
		p.sense(2*minute, core.SenseAppLeft)
		if p.sense(3*minute, core.SenseRestricted, 1); p.runs[0].stop != stop || p.Row(id).StopReason != stop {
			t.Errorf("Android %s: stopped by %d, the row says %d", version, p.runs[0].stop, p.Row(id).StopReason)
		}
	}
}

// checkDozeSparesSome jobs: expedited ones, those of exempt apps, and what an edit cleared.
func checkDozeSparesSome(t coretest.TB, profile maker) {
	p := opened(t, profile, "16", "", alone)
	p.takes["e"], p.takes["t"] = 20*minute, 20*minute
	p.must(minute, work.Request{Task: "e", Expedited: true})
	p.must(minute, work.Request{Task: "t"})
	p.leave(2 * minute)
	p.until(4 * minute)
	if e, r := p.runs[0], p.runs[1]; e.stop != 0 || r.stop != work.StopDeviceState {
		t.Errorf("%+v, %+v", e, r)
	}
	p.sense(5*minute, core.SenseExempt, 1)
	if got := p.starts("t"); !slices.Equal(got, []int64{minute, 5 * minute}) {
		t.Errorf("exempt: started at %v", clocks(got))
	}
	p.sense(6*minute, core.SenseExempt, 0)
	if r := p.runs[2]; r.stop != work.StopDeviceState {
		t.Errorf("exempt no longer: %+v", r)
	}
	p.senseTask(7*minute, core.SenseDebugLaunch, "t")
	p.until(9 * minute)
	if r := p.last(); r.task != "t" || r.at != 7*minute || r.stop != 0 {
		t.Errorf("launched by a debugger: %+v", r)
	}
}

// checkRetryIsNeverExpedited: only the first attempt of expedited work goes through Doze.
func checkRetryIsNeverExpedited(t coretest.TB, profile maker) {
	p := opened(t, profile, "16", "")
	p.leave(minute)
	p.sense(2*minute, core.SenseAppDied)
	id := p.must(3*hour, work.Request{Task: "e", Expedited: true})
	if len(p.runs) != 1 {
		t.Fatalf("held by %v", p.Codes(p.At, id))
	}
	p.runs[0].stop = work.NotStopped
	p.do(p.At, core.Ended{Work: id, Epoch: 1, Outcome: work.Retry})
	p.do(p.At, core.Reaped{Work: id, Epoch: 1})
	p.until(p.At + minute)
	p.wantCodes(id, android.ReasonDoze)
}

// checkTimeoutsRestrictTheApp: an app whose jobs run too long ends in the bucket RESTRICTED
// from Android 14 on.
func checkTimeoutsRestrictTheApp(t coretest.TB, profile maker) {
	for version, restricts := range map[string]bool{"13": false, "14": true} {
		p := opened(t, profile, version, "", alone, android.Setting{Name: "quota.day.time", Value: "24h"}, android.Setting{Name: "standby.hold.opened", Value: "10h"})
		p.facts(0, map[record.Signal]int64{record.Charging: 1})
		p.sense(minute, core.SenseAppLeft)
		for i := range 12 {
			task := fmt.Sprint("t", i)
			p.takes[task] = 10 * minute
			p.must(20*minute+int64(i)*11*minute, work.Request{Task: task})
		}
		p.until(4 * hour)
		restricted := bucketOf(p) == android.Restricted
		if restricted != restricts {
			t.Errorf("Android %s: restricted %v", version, restricted)
		}
	}
}

// checkTimeoutsInADay: ten of them, of jobs of any kind.
func checkTimeoutsInADay(t coretest.TB, profile maker) {
	for _, c := range []struct {
		every      int64
		restricted bool
	}{{2 * hour, true}, {150 * minute, true}, {3 * hour, false}} {
		p := opened(t, profile, "16", "", append(plenty, android.Setting{Name: "standby.hold.opened", Value: "90h"})...)
		p.facts(0, map[record.Signal]int64{record.Charging: 1})
		p.sense(minute, core.SenseAppLeft)
		for i := range int64(10) {
			task := fmt.Sprint("t", i)
			p.takes[task] = 11 * minute
			p.must(20*minute+i*c.every, work.Request{Task: task})
		}
		p.until(p.At + hour)
		if got := p.bucketIs(android.Restricted); got != c.restricted {
			t.Errorf("one every %s: restricted %v", clock(c.every), got)
		}
	}
	// A transfer may take six hours before it counts.
	for takes, restricted := range map[int64]bool{5 * hour: false, 7 * hour: true, 11 * hour: true} {
		p := openedWith(t, mayTransfer(profile, "16"), append(plenty, android.Setting{Name: "guard.timeouts", Value: "1"})...)
		p.takes["up"] = takes
		p.must(minute, transfer())
		p.sense(2*minute, core.SenseAppLeft)
		p.until(14 * hour)
		if got := p.bucketIs(android.Restricted); got != restricted {
			t.Errorf("a transfer of %s: restricted %v", clock(takes), got)
		}
	}
}

// checkANRsInSixHours are three.
func checkANRsInSixHours(t coretest.TB, profile maker) {
	for _, c := range []struct {
		version    string
		every      int64
		restricted bool
	}{{"16", 160 * minute, true}, {"16", 190 * minute, false}, {"13", minute, false}} {
		p := opened(t, profile, c.version, "", plenty...)
		p.sense(minute, core.SenseAppLeft)
		for i := range int64(3) {
			task := fmt.Sprint("t", i)
			p.takes[task] = minute
			p.must(70*minute+i*c.every, work.Request{Task: task})
			p.senseTask(p.At+second, core.SenseStalled, task)
		}
		p.until(p.At + hour)
		if got := p.bucketIs(android.Restricted); got != c.restricted {
			t.Errorf("%+v: restricted %v", c, got)
		}
	}
}

func bucketOf(p *phone) android.Bucket {
	var b android.Bucket
	for b = android.Exempted; b < android.Never; b++ {
		if p.bucketIs(b) {
			return b
		}
	}
	return b
}

// checkANRsRestrictTheApp: so do jobs that do not answer, three in six hours.
func checkANRsRestrictTheApp(t coretest.TB, profile maker) {
	p := opened(t, profile, "16", "", plenty...)
	p.sense(minute, core.SenseAppLeft)
	p.takes["t"] = 20 * hour
	id := p.must(70*minute, work.Request{Task: "t"})
	for i := range int64(3) {
		if p.bucketIs(android.Restricted) {
			t.Errorf("restricted after %d", i)
		}
		p.until(70*minute + i*hour)
		if _, runs := p.Run(id); !runs {
			t.Fatalf("it waits for %v", p.Codes(p.At, id))
		}
		p.senseTask(71*minute+i*hour, core.SenseStalled, "t")
		if !slices.ContainsFunc(p.runs, func(r ranOnce) bool { return r.killed && r.end == p.At }) {
			t.Errorf("the process goes on: %+v", p.last())
		}
	}
	if !p.bucketIs(android.Restricted) {
		t.Errorf("not restricted after 3")
	}
}

// checkLostJobsBackOff: a job that was lost with its process is a system stop to the
// system, three of which count as a failure; before Android 14 each did.
func checkLostJobsBackOff(t coretest.TB, profile maker) {
	for version, free := range map[string]int{"11": 0, "16": 2} {
		p := opened(t, profile, version, "", plenty...)
		p.sense(minute, core.SenseAppLeft)
		p.takes["t"] = hour
		// The library's own backoff, counted from when the row was enqueued, is long over.
		id := p.must(minute, work.Request{Task: "t", Backoff: work.Backoff{Policy: work.Linear, Delay: 20 * time.Second}})
		for i := range 3 {
			p.sense(p.At+5*minute, core.SenseAppDied)
			if _, runs := p.Run(id); runs != (i < free) {
				t.Errorf("Android %s: lost %d times, it runs %v: %v", version, i+1, runs, p.Codes(p.At, id))
			}
			if i >= free {
				p.wantCodes(id, work.ReasonBackoff)
				at, wait := p.At, 20*second*int64(1+i-free)
				p.until(at + wait)
				if got := p.starts("t"); got[len(got)-1] != at+wait {
					t.Errorf("Android %s: lost %d times, it starts at %v", version, i+1, clocks(got))
				}
			}
		}
	}
}
