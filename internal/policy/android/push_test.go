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

func push(task, priority string, visible bool) work.Request {
	return work.Request{Task: task, Phone: work.Traits{Kind: work.KindPush, Priority: priority, Visible: visible}}
}

// checkHighPriorityIsCapped: up to Android 12 an app that is not used much gets only so
// many messages a day that go through Doze.
func checkHighPriorityIsCapped(t coretest.TB, profile maker) {
	for _, c := range []struct {
		version string
		bucket  android.Bucket
		want    int // of 12, in deep Doze
	}{
		{"12", android.Exempted, 12},
		{"12", android.Active, 12},
		{"12", android.WorkingSet, 12},
		{"12", android.Frequent, 10},
		{"12", android.Rare, 5},
		{"12", android.Restricted, 5},
		{"13", android.Frequent, 12},
		{"13", android.Rare, 12},
		{"13", android.Restricted, 12},
		{"16", android.Rare, 12},
	} {
		var set []android.Setting
		if c.bucket == android.Restricted {
			set = []android.Setting{{Name: "standby.elapsed.restricted", Value: "9h"}, {Name: "standby.screen.restricted", Value: "0s"}}
		}
		p := opened(t, profile, c.version, "", set...)
		p.leave(minute)
		p.until(13 * hour)
		switch c.bucket {
		case android.Exempted:
			p.sense(13*hour, core.SenseExempt, 1)
		case android.Restricted:
		default:
			p.sense(13*hour, core.SenseBucket, c.bucket.Number())
		}
		if !p.bucketIs(c.bucket) {
			t.Fatalf("it is not in bucket %s", c.bucket)
		}
		at := p.At + hour
		for p.until(at); !dozesDeep(p); at += minute {
			p.until(at)
		}
		for range 12 {
			p.must(at, push("m", "high", c.version != "12")) // what is seen counts later only
		}
		if got := p.starts("m"); len(got) != c.want {
			t.Errorf("Android %s, %s: %d of 12 messages came through", c.version, c.bucket, len(got))
		}
		if c.want == 12 {
			continue
		}
		last := p.Unfinished()[11].ID
		p.wantCodes(last, android.ReasonPushCapped)
		if r := p.Explain(p.At, last)[0]; r.Until.UnixMicro() != at+day || r.Message == "" {
			t.Errorf("%+v", r)
		}
		p.look(at + minute)
		if got := p.starts("m"); len(got) != 12 {
			t.Errorf("out of Doze %d are delivered", len(got))
		}
	}
}

func dozesDeep(p *phone) bool {
	s := p.state()
	return s.Doze.Deep == android.DeepIdle
}

// checkUnseenMessagesAreDowngraded: from Android 13 on what counts is whether the user
// gets to see something.
func checkUnseenMessagesAreDowngraded(t coretest.TB, profile maker) {
	for seen, visible := range map[int64]bool{12: true, 7: true, 5: false, 0: false} {
		p := opened(t, profile, "16", "")
		p.M.Quiet()
		p.leave(minute)
		for i := range int64(12) {
			p.must(20*minute+i*minute, push("before", "high", i < seen))
		}
		p.until(3 * hour)
		id := p.must(3*hour, push("m", "high", true))
		if came := len(p.starts("m")) == 1; came != visible {
			t.Errorf("visible %v: it came %v", visible, came)
		}
		if !visible {
			p.wantCodes(id, android.ReasonPushCapped)
		}
		// After a week what was is forgotten.
		p.until(9 * day)
		for at := p.At; !dozesDeep(p); at += minute {
			p.until(at)
		}
		p.must(p.At, push("later", "high", true))
		if len(p.starts("later")) != 1 {
			t.Errorf("visible %v: nothing is forgotten", visible)
		}
	}
}

func checkMessagesNeedANetworkAndAnAppThatRuns(t coretest.TB, profile maker) {
	p := opened(t, profile, "16", "")
	p.sense(minute, core.SenseAppLeft)
	p.facts(minute, map[record.Signal]int64{record.Connected: 0})
	id := p.must(minute, push("m", "high", true))
	p.wantCodes(id, work.ReasonNetwork)
	p.sense(2*minute, core.SenseForceStop)
	p.wantCodes(id, android.ReasonForceStopped, work.ReasonNetwork)
	p.facts(3*minute, map[record.Signal]int64{record.Connected: 1})
	p.wantCodes(id, android.ReasonForceStopped)
	p.sense(4*minute, core.SenseAppOpened)
	if got := p.starts("m"); !slices.Equal(got, []int64{4 * minute}) {
		t.Errorf("delivered at %v", clocks(got))
	}
	if p.last().budget != 20*second {
		t.Errorf("it may take %s", clock(p.last().budget))
	}
}

func checkStoredMessagesOverflow(t coretest.TB, profile maker) {
	p := opened(t, profile, "16", "")
	p.facts(minute, map[record.Signal]int64{record.Connected: 0})
	for range 100 {
		p.must(minute, push("m", "normal", false))
	}
	if n := len(p.Unfinished()); n != 100 {
		t.Fatalf("%d wait", n)
	}
	p.must(minute, push("m", "normal", false))
	p.until(minute)
	if n := len(p.Unfinished()); n != 0 {
		t.Errorf("of 101 %d wait", n)
	}
	q := push("kept", "normal", false)
	id := p.must(2*minute, q)
	p.until(28*day + 2*minute - 1)
	if p.gone(id) {
		t.Errorf("gone before four weeks")
	}
	p.until(28*day + 2*minute)
	if !p.gone(id) {
		t.Errorf("kept for more than four weeks")
	}
}

// checkMessageOpensTheDoor: a message of high priority puts the app on the temporary
// allow-list: quota for haste is free, services may start, and jobs go through Doze.
func checkMessageOpensTheDoor(t coretest.TB, profile maker) {
	pr := profile("16", "")
	p := openedWith(t, pr, android.Setting{Name: "expedited.active.time", Value: "0s"}, android.Setting{Name: "expedited.working-set.time", Value: "0s"})
	p.leave(minute)
	p.sense(2*minute, core.SenseAppDied)
	at := 3 * hour
	before := p.must(at, work.Request{Task: "hasty", Expedited: true, DropWithoutQuota: true})
	p.wantCodes(before, android.ReasonExpeditedQuota)
	if _, err := p.ask(at, work.Request{Task: "service", Phone: work.Traits{Kind: work.KindService}}); err == nil {
		t.Errorf("a service starts from the background")
	}
	p.must(at, push("m", "high", true))
	p.must(at+second, work.Request{Task: "service", Phone: work.Traits{Kind: work.KindService}})
	p.must(at+5*second, work.Request{Task: "job"})
	p.must(at+2*minute, work.Request{Task: "hasty", Expedited: true, DropWithoutQuota: true})
	late := p.must(at+4*minute, work.Request{Task: "hasty", Expedited: true, DropWithoutQuota: true})
	p.until(at + 4*minute)
	for task, want := range map[string]int64{"m": at, "service": at + second, "job": at + 5*second} {
		if got := p.starts(task); !slices.Equal(got, []int64{want}) {
			t.Errorf("%s started at %v, want %s", task, clocks(got), clock(want))
		}
	}
	if got := p.starts("hasty"); len(got) == 0 || got[len(got)-1] != at+2*minute {
		t.Errorf("in the grace after the allow-list: started at %v", clocks(got))
	}
	p.wantCodes(late, android.ReasonExpeditedQuota)
}

// checkAllowListLimit: nobody is on the temporary allow-list for more than five minutes.
func checkAllowListLimit(t coretest.TB, profile maker) {
	p := opened(t, profile, "16", "", alone, android.Setting{Name: "push.allow-list", Value: "1h"})
	p.leave(minute)
	at := 3 * hour
	p.must(at, push("m", "high", true))
	p.must(at+4*minute+50*second, work.Request{Task: "t"})
	late := p.must(at+5*minute+10*second, work.Request{Task: "late"})
	if got := p.starts("t"); len(got) != 1 {
		t.Errorf("started at %v", clocks(got))
	}
	p.wantCodes(late, android.ReasonDoze)
}

func checkServiceStartsAndEnds(t coretest.TB, profile maker) {
	service := func(mode string) work.Request {
		return work.Request{Task: "s" + mode, Phone: work.Traits{Kind: work.KindService, Mode: mode}}
	}
	p := opened(t, profile, "16", "")
	p.takes["s"], p.takes["sother"] = 20*hour, 20*hour
	id := p.must(minute, service(""))
	p.must(minute, service("other"))
	p.leave(2 * minute)
	p.until(10 * hour)
	if r := p.runs[0]; r.end != minute+6*hour || r.stop != work.StopForegroundTimeout || p.gone(id) {
		t.Errorf("it ended at %s: %d", clock(r.end), r.stop)
	}
	if r := p.runs[1]; r.stop != 0 {
		t.Errorf("one of another type ended at %s", clock(r.end))
	}
	p.wantCodes(id, android.ReasonBackgroundStart, android.ReasonServiceQuota)
	if r := p.Explain(p.At, id)[1]; r.Until.UnixMicro() != minute+day {
		t.Errorf("its time is said to come back at %s", clock(r.Until.UnixMicro()))
	}
	if _, err := p.ask(p.At, service("data-sync")); err == nil {
		t.Errorf("it starts in the background")
	}
	// Each of the two types has a time of its own.
	media := service("media-processing")
	media.Delay = time.Second
	p.wantCodes(p.must(p.At, media), work.ReasonDelay, android.ReasonBackgroundStart)
	// Who comes back to the app gives it new time.
	p.sense(11*hour, core.SenseScreen, 1)
	p.sense(11*hour, core.SenseAppOpened)
	if got := p.starts("s"); !slices.Equal(got, []int64{minute, 11 * hour}) {
		t.Errorf("started at %v", clocks(got))
	}
	// An app that was built for an older system has no such limit, nor has one on such.
	for _, c := range []struct {
		version string
		target  int
	}{{"16", 34}, {"14", 35}} {
		pr := profile(c.version, "")
		pr.Target = c.target
		p = openedWith(t, pr)
		p.takes["s"] = 20 * hour
		p.must(minute, service(""))
		p.leave(2 * minute)
		p.until(19 * hour)
		if r := p.runs[0]; r.stop != 0 {
			t.Errorf("%+v: it ended at %s", c, clock(r.end))
		}
	}
	// Before Android 12 services start from anywhere.
	pr := profile("11", "")
	pr.Target = 36
	p = openedWith(t, pr)
	p.leave(minute)
	p.must(2*minute, service(""))
	if len(p.starts("s")) != 1 {
		t.Errorf("on Android 11 a service does not start from the background")
	}
}

func checkServiceStartsLater(t coretest.TB, profile maker) {
	q := work.Request{Task: "s", Delay: time.Hour, Phone: work.Traits{Kind: work.KindService}}
	p := opened(t, profile, "16", "")
	id := p.must(minute, q)
	p.sense(2*minute, core.SenseAppLeft)
	p.until(2 * hour)
	p.wantCodes(id, android.ReasonBackgroundStart)
	p.sense(2*hour, core.SenseRestricted, 1)
	p.wantCodes(id, android.ReasonBackgroundStart, android.ReasonRestricted)
	p.sense(2*hour, core.SenseRestricted, 0)
	p.sense(3*hour, core.SenseInteracted)
	if got := p.starts("s"); !slices.Equal(got, []int64{3 * hour}) {
		t.Errorf("started at %v", clocks(got))
	}
}

// checkServiceKeepsTheProcess: while a service runs the process is not frozen, and up to
// Android 15 quota is free.
func checkServiceKeepsTheProcess(t coretest.TB, profile maker) {
	for version, free := range map[string]bool{"15": true, "16": false} {
		p := opened(t, profile, version, "", android.Setting{Name: "quota.active.jobs", Value: "0"}, android.Setting{Name: "greedy.rows", Value: "0"})
		p.takes["s"] = hour
		p.must(minute, work.Request{Task: "s", Phone: work.Traits{Kind: work.KindService}})
		p.sense(2*minute, core.SenseAppLeft)
		id := p.must(10*minute, work.Request{Task: "t"})
		if got := len(p.starts("t")) == 1; got != free {
			t.Errorf("Android %s: it runs %v", version, got)
		}
		if !free {
			p.wantCodes(id, android.ReasonQuota)
		}
	}
	p := opened(t, profile, "16", "", android.Setting{Name: "quota.active.jobs", Value: "0"})
	p.takes["s"] = hour
	p.must(minute, work.Request{Task: "s", Phone: work.Traits{Kind: work.KindService}})
	p.sense(2*minute, core.SenseAppLeft)
	p.must(30*minute, work.Request{Task: "t"})
	if got := p.starts("t"); !slices.Equal(got, []int64{30 * minute}) {
		t.Errorf("in the process that the service keeps: started at %v", clocks(got))
	}
	// Swiping the app away leaves the service alone; ending it takes the process.
	p.sense(31*minute, core.SenseAppSwiped)
	if p.runs[0].stop != 0 {
		t.Errorf("the service has ended")
	}
	p.senseTask(32*minute, core.SenseUserCancels, "s")
	if r := p.runs[0]; r.stop != work.StopUnknown || !r.killed {
		t.Errorf("%+v", r)
	}
}
