package android_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

func alarm(mode string, delay int64) work.Request {
	return work.Request{Task: mode, Delay: time.Duration(delay) * time.Microsecond, Phone: work.Traits{Kind: work.KindAlarm, Mode: mode}}
}

// allowed is a profile of an app that may set exact alarms.
func allowed(profile maker, version string) *android.Profile {
	p := profile(version, "")
	p.Permissions |= android.UseExactAlarm | android.PostNotifications
	return p
}

func checkAlarmsInDoze(t coretest.TB, profile maker) {
	p := openedWith(t, allowed(profile, "16"))
	p.leave(minute)
	for _, mode := range []string{"exact", "inexact", "exact-idle", "inexact-idle", "alarm-clock"} {
		p.must(minute, alarm(mode, 150*minute))
	}
	// Deep Doze is from about 1:02 to 2:02 and from 2:02:30 to 4:02.
	p.until(5 * hour)
	due := minute + 150*minute
	for mode, within := range map[string][2]int64{
		"exact":        {4 * hour, 4*hour + 3*minute},
		"inexact":      {4 * hour, 4*hour + 3*minute},
		"exact-idle":   {due, due},
		"inexact-idle": {due, due + hour},
		"alarm-clock":  {due, due},
	} {
		if got := p.starts(mode); len(got) != 1 || got[0] < within[0] || got[0] > within[1] {
			t.Errorf("%s rang at %v, want %s to %s", mode, clocks(got), clock(within[0]), clock(within[1]))
		}
	}
	// What is exempt from battery optimisation rings in time.
	p.sense(5*hour, core.SenseExempt, 1)
	p.must(5*hour, alarm("exact", 10*minute))
	p.until(6 * hour)
	if got := p.starts("exact"); got[len(got)-1] != 5*hour+10*minute {
		t.Errorf("exempt, it rang at %v", clocks(got))
	}
}

func checkAlarmsWhileIdleHaveQuota(t coretest.TB, profile maker) {
	for _, c := range []struct {
		mode  string
		saver bool // instead of Doze
		count int
	}{{"inexact-idle", false, 7}, {"exact-idle", false, 72}, {"inexact-idle", true, 7}, {"exact-idle", true, 72}} {
		p := openedWith(t, allowed(profile, "16"), android.Setting{Name: "alarm.active.count", Value: "1000"}, android.Setting{Name: "alarm.working-set.count", Value: "1000"})
		p.M.Quiet()
		if c.saver {
			p.sense(minute, core.SenseAppLeft)
			p.facts(minute, map[record.Signal]int64{record.LowPower: 1})
		} else {
			p.leave(minute)
		}
		at := 130 * minute
		for i := range 100 {
			p.must(at, alarm(c.mode, int64(i)*20*second+5*second))
		}
		p.until(at + 55*minute)
		if got := p.starts(c.mode); len(got) != c.count {
			t.Errorf("%d %s rang in an hour, want %d", len(got), c.mode, c.count)
		}
		p.wantCodes(p.Unfinished()[0].ID, android.ReasonAlarmQuota)
	}
}

// checkAlarmQuota adds up alarms in every window of each bucket.
func checkAlarmQuota(t coretest.TB, profile maker) {
	for _, c := range []struct {
		bucket        android.Bucket
		count, window int64
	}{
		{android.Active, 720, hour}, {android.WorkingSet, 10, hour}, {android.Frequent, 2, hour}, {android.Rare, 1, hour}, {android.Restricted, 1, day},
	} {
		p := openedWith(t, allowed(profile, "16"), android.Setting{Name: "doze.deep", Value: "no"}, android.Setting{Name: "alarm.max", Value: "5000"})
		p.M.Quiet()
		p.sense(minute, core.SenseAppLeft)
		at := 14 * hour
		if c.bucket == android.Restricted {
			p.must(minute, alarm("exact", 10*day))
			at = 10 * day
			for h := range int64(8) { // the screen is on for long enough
				p.sense(2*minute+h*day, core.SenseScreen, 1)
				p.sense(2*minute+h*day+hour, core.SenseScreen, 0)
			}
		} else {
			p.sense(at, core.SenseBucket, c.bucket.Number())
		}
		n, step := int(c.count)+20, c.window/(c.count+20)
		for i := range n {
			p.must(at, work.Request{Task: "ring", Delay: time.Duration(int64(i)*step+10*second) * time.Microsecond, Phone: work.Traits{Kind: work.KindAlarm, Mode: "exact"}})
		}
		p.until(at + 3*c.window)
		rang := p.starts("ring")
		if c.bucket == android.Restricted {
			rang = append(p.starts("exact"), rang...)
		}
		slices.Sort(rang)
		most := int64(0)
		for i := range rang {
			k := int64(0)
			for _, at := range rang[i:] {
				if at < rang[i]+c.window {
					k++
				}
			}
			most = max(most, k)
		}
		if most != c.count {
			t.Errorf("%s: up to %d alarms ring in %s, want %d", c.bucket, most, clock(c.window), c.count)
		}
	}
}

// checkAlarmsOutsideOfBuckets shows which alarms the quota of a bucket does not count.
func checkAlarmsOutsideOfBuckets(t coretest.TB, profile maker) {
	for _, c := range []struct {
		version string
		target  int
		mode    string
		rings   int // of three in half an hour
	}{
		{"16", 36, "exact", 1},
		{"16", 36, "inexact-idle", 1},
		{"16", 36, "exact-idle", 3},
		{"16", 36, "alarm-clock", 3},
		{"16", 30, "exact-idle", 1},
		{"11", 30, "exact-idle", 1},
	} {
		pr := allowed(profile, c.version)
		pr.Target = c.target
		p := openedWith(t, pr, android.Setting{Name: "doze.deep", Value: "no"})
		p.sense(minute, core.SenseAppLeft)
		p.sense(14*hour, core.SenseBucket, android.Rare.Number())
		for i := range 3 {
			p.must(14*hour, alarm(c.mode, int64(i+1)*10*minute))
		}
		p.until(14*hour + 50*minute)
		if got := len(p.starts(c.mode)); got != c.rings {
			t.Errorf("Android %s, target %d: %d %s ring, want %d", c.version, c.target, got, c.mode, c.rings)
		}
		p.must(p.At, work.Request{Task: "next", Delay: 10 * time.Second, Phone: work.Traits{Kind: work.KindAlarm, Mode: "exact"}})
		p.until(p.At + minute)
		if rang := len(p.starts("next")) == 1; rang != (c.rings == 3) {
			t.Errorf("Android %s, target %d, after three %s: one that is counted rings: %v", c.version, c.target, c.mode, rang)
		}
	}
}

func checkAlarmsOnTheCharger(t coretest.TB, profile maker) {
	p := openedWith(t, allowed(profile, "16"))
	p.sense(minute, core.SenseAppLeft)
	p.sense(14*hour, core.SenseBucket, android.Rare.Number())
	p.facts(14*hour, map[record.Signal]int64{record.Charging: 1})
	for i := range 5 {
		p.must(14*hour+16*minute, alarm("exact", int64(i)*minute+10*second))
	}
	p.until(15 * hour)
	if got := p.starts("exact"); len(got) != 5 || got[4] > 14*hour+21*minute {
		t.Errorf("%v", clocks(got))
	}
}

func checkInexactAlarmRingsInItsWindow(t coretest.TB, profile maker) {
	for _, c := range []struct{ delay, window int64 }{
		{4 * minute, 10 * minute}, // three quarters of it are less than the least window
		{40 * minute, 30 * minute},
		{5 * hour, hour}, // the widest
	} {
		p := openedWith(t, allowed(profile, "16"), android.Setting{Name: "doze.deep", Value: "no"})
		p.leave(minute)
		var first, last int64
		for i := range int64(40) {
			at := 2*minute + i*second
			p.must(at, work.Request{Task: fmt.Sprint("t", i), Delay: time.Duration(c.delay) * time.Microsecond, Phone: work.Traits{Kind: work.KindAlarm}})
		}
		p.until(c.delay + 3*hour)
		for i := range int64(40) {
			got := p.starts(fmt.Sprint("t", i))
			if len(got) != 1 {
				t.Fatalf("rang at %v", clocks(got))
			}
			after := got[0] - (2*minute + i*second + c.delay)
			first, last = min(first, after), max(last, after)
		}
		if first < 0 || last > c.window || last < c.window*8/10 {
			t.Errorf("after %s they ring from %s to %s late, want up to %s", clock(c.delay), clock(first), clock(last), clock(c.window))
		}
	}
	p := openedWith(t, allowed(profile, "16"))
	p.sense(minute, core.SenseAppLeft)
	id := p.must(minute, alarm("inexact", 80*minute))
	p.until(81 * minute)
	if reasons := p.Explain(p.At, id); len(reasons) == 1 && (reasons[0].Code != android.ReasonBatching || reasons[0].Until.UnixMicro() > 141*minute) {
		t.Errorf("%+v", reasons)
	}
}

func checkExactAlarmsNeedPermission(t coretest.TB, profile maker) {
	for _, c := range []struct {
		version string
		target  int
		held    android.Permission
		may     bool
	}{
		{"11", 30, 0, true},
		{"11", 33, 0, true},
		{"12", 30, 0, true}, // the app does not know of the permission
		{"12", 31, 0, false},
		{"12", 31, android.ScheduleExactAlarm, true},
		{"12", 31, android.UseExactAlarm, false}, // there is none yet
		{"13", 33, android.UseExactAlarm, true},
		{"13", 33, android.ScheduleExactAlarm, true}, // granted when it is installed
		{"14", 33, android.ScheduleExactAlarm, false},
		{"14", 31, android.ScheduleExactAlarm, true},
		{"16", 36, android.ScheduleExactAlarm, false},
		{"16", 36, android.UseExactAlarm, true},
	} {
		pr := profile(c.version, "")
		pr.Target, pr.Permissions = c.target, pr.Permissions|c.held|android.PostNotifications
		p := openedWith(t, pr)
		for _, kind := range []work.Kind{work.KindAlarm, work.KindNotification} {
			q := alarm("exact", hour)
			q.Phone.Kind = kind
			_, err := p.ask(minute, q)
			var no *core.Refusal
			if errors.As(err, &no) == c.may || !c.may && (no.Name != "SecurityException" || no.Fatal != (kind == work.KindAlarm)) {
				t.Errorf("Android %s, target %d, permissions %b, %s: %v", c.version, c.target, c.held, kind, err)
			}
			if _, err := p.ask(minute, work.Request{Task: "n", Phone: work.Traits{Kind: kind, Mode: "inexact"}}); err != nil {
				t.Errorf("inexact: %v", err)
			}
		}
	}
}

func checkNotificationsNeedPermission(t coretest.TB, profile maker) {
	for version, may := range map[string]bool{"12": true, "13": false} {
		pr := profile(version, "")
		pr.Permissions |= android.ScheduleExactAlarm
		p := openedWith(t, pr)
		q := alarm("exact", hour)
		q.Phone.Kind = work.KindNotification
		id := p.must(minute, q)
		p.until(2 * hour)
		if got := len(p.starts("exact")) == 1; got != may {
			t.Errorf("Android %s: shown: %v", version, got)
		}
		if !may {
			p.wantCodes(id, android.ReasonPermission)
		}
	}
}

func checkTooManyAlarms(t coretest.TB, profile maker) {
	p := openedWith(t, allowed(profile, "16"))
	p.M.Quiet()
	for range 500 {
		p.must(minute, alarm("exact", day))
	}
	_, err := p.ask(minute, alarm("exact", day))
	var no *core.Refusal
	if !errors.As(err, &no) || no.Name != "IllegalStateException" || !no.Fatal || no.Error() == "" {
		t.Errorf("%v", err)
	}
	p.do(p.At, core.Cancel{ID: "exact-1"})
	if _, err := p.ask(minute, alarm("exact", day)); err != nil {
		t.Errorf("after one was cancelled: %v", err)
	}
}

func checkAlarmRingsNoSooner(t coretest.TB, profile maker) {
	p := openedWith(t, allowed(profile, "16"))
	id := p.must(minute, alarm("exact", 0))
	p.wantCodes(id, work.ReasonDelay)
	p.until(2 * minute)
	if got := p.starts("exact"); !slices.Equal(got, []int64{minute + 5*second}) {
		t.Errorf("rang at %v", clocks(got))
	}
}

// checkAlarmsOfARestrictedApp never ring, and those of others wait for the battery saver.
func checkAlarmsOfARestrictedApp(t coretest.TB, profile maker) {
	p := openedWith(t, allowed(profile, "16"))
	p.sense(minute, core.SenseAppLeft)
	p.facts(minute, map[record.Signal]int64{record.LowPower: 1})
	saved := p.must(minute, alarm("exact", minute))
	p.until(3 * minute)
	p.wantCodes(saved, android.ReasonBatterySaver)
	p.sense(3*minute, core.SenseRestricted, 1)
	p.wantCodes(saved, android.ReasonRestricted, android.ReasonBatterySaver)
	p.facts(4*minute, map[record.Signal]int64{record.LowPower: 0})
	p.wantCodes(saved, android.ReasonRestricted)
	p.sense(5*minute, core.SenseRestricted, 0)
	if got := p.starts("exact"); !slices.Equal(got, []int64{5 * minute}) {
		t.Errorf("rang at %v", clocks(got))
	}
	// One that may ring in Doze does so, and puts the app on the temporary allow-list, where
	// the others are let through as well.
	p.facts(10*minute, map[record.Signal]int64{record.LowPower: 1})
	p.must(10*minute, alarm("exact-idle", minute))
	p.must(10*minute, alarm("exact", minute+5*second))
	p.until(20 * minute)
	if a, b := p.starts("exact-idle"), p.starts("exact"); !slices.Equal(a, []int64{11 * minute}) || !slices.Equal(b[1:], []int64{11*minute + 5*second}) {
		t.Errorf("while idle: rang at %v and %v", clocks(a), clocks(b))
	}
}

// checkAlarmsAndBoots: an alarm outlives a boot only if the app sets it again.
func checkAlarmsAndBoots(t coretest.TB, profile maker) {
	for _, rearm := range []bool{false, true} {
		p := openedWith(t, allowed(profile, "16"))
		q := alarm("exact", 2*hour)
		q.Phone.Rearm = rearm
		id := p.must(minute, q)
		p.leave(2 * minute)
		p.sense(hour, core.SenseShutdown)
		p.sense(3*hour, core.SenseBooted)
		p.until(4 * hour)
		if p.gone(id) == rearm {
			t.Fatalf("set again %v: %+v", rearm, p.Row(id))
		}
		if !rearm {
			continue
		}
		p.wantCodes(id, android.ReasonBoot, android.ReasonDoze)
		p.look(4 * hour)
		p.until(5 * hour)
		if got := p.starts("exact"); !slices.Equal(got, []int64{4*hour + 30*second}) {
			t.Errorf("rang at %v", clocks(got))
		}
	}
	p := openedWith(t, allowed(profile, "16"))
	q := alarm("exact", 2*hour)
	q.Phone.Rearm = true
	id := p.must(minute, q)
	p.sense(hour, core.SenseForceStop)
	if !p.gone(id) {
		t.Errorf("an alarm outlives a force-stop")
	}
}

func checkAlarmIsNotRepeated(t coretest.TB, profile maker) {
	p := openedWith(t, allowed(profile, "16"))
	p.takes["exact"] = hour
	id := p.must(minute, alarm("exact", minute))
	p.must(minute, work.Request{Task: "repeats", Every: 20 * time.Minute, Phone: work.Traits{Kind: work.KindAlarm, Mode: "exact"}})
	p.until(2*minute + 3*second)
	p.sense(p.At, core.SenseAppDied)
	if !p.gone(id) || p.runs[len(p.runs)-1].stop != work.StopUnknown {
		t.Errorf("%+v", p.Row(id))
	}
	p.until(3 * hour)
	if got := p.starts("exact"); len(got) != 1 {
		t.Errorf("rang at %v", clocks(got))
	}
	if got := p.starts("repeats"); len(got) < 8 || slices.Max(gaps(got)) > 21*minute {
		t.Errorf("rings at %v", clocks(got))
	}
	if r := p.runs[0]; r.budget != 10*second {
		t.Errorf("it may take %s", fmt.Sprint(clock(r.budget)))
	}
}

// checkAlarmOpensTheDoor: an exact alarm puts the app on the temporary allow-list, and
// lets it start services, for a moment.
func checkAlarmOpensTheDoor(t coretest.TB, profile maker) {
	service := work.Request{Task: "s", Phone: work.Traits{Kind: work.KindService}}
	for _, c := range []struct {
		after      int64
		may, spare bool
	}{{9 * second, true, true}, {11 * second, false, false}} {
		p := openedWith(t, allowed(profile, "16"))
		p.leave(minute)
		at := 150 * minute
		p.must(minute, alarm("exact-idle", at-minute))
		p.until(at)
		job := p.must(at+c.after, work.Request{Task: "t"})
		if _, runs := p.Run(job); runs != c.spare {
			t.Errorf("%s after the alarm a job runs %v: %v", clock(c.after), runs, p.Codes(p.At, job))
		}
		if _, err := p.ask(at+c.after, service); (err == nil) != c.may {
			t.Errorf("%s after the alarm a service starts: %v", clock(c.after), err)
		}
	}
	// A touch allows services only, and as shortly.
	for after, may := range map[int64]bool{9 * second: true, 11 * second: false} {
		p := opened(t, profile, "16", "")
		p.sense(minute, core.SenseAppLeft)
		p.sense(2*minute, core.SenseInteracted)
		if _, err := p.ask(2*minute+after, service); (err == nil) != may {
			t.Errorf("%s after a touch: %v", clock(after), err)
		}
	}
}
