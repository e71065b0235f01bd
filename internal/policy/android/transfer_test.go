package android_test

import (
	"errors"
	"fmt"
	"slices"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/work"
)

func transfer() work.Request {
	return work.Request{Task: "up", Needs: work.Constraints{Network: work.Connected}, Phone: work.Traits{Kind: work.KindUserInitiated}}
}

func mayTransfer(profile maker, version string) *android.Profile {
	p := profile(version, "")
	p.Permissions |= android.RunUserInitiatedJobs
	return p
}

func checkTransfersAreRefused(t coretest.TB, profile maker) {
	refused := func(p *phone, q work.Request, name string, fatal bool) {
		t.Helper()
		_, err := p.ask(minute, q)
		var no *core.Refusal
		if !errors.As(err, &no) || no.Name != name || no.Fatal != fatal || no.Text == "" {
			t.Errorf("%v, want %s", err, name)
		}
	}
	p := openedWith(t, mayTransfer(profile, "13"))
	if _, err := p.ask(minute, transfer()); !errors.Is(err, work.ErrUnsupported) {
		t.Errorf("Android 13: %v", err)
	}
	refused(opened(t, profile, "16", ""), transfer(), "SecurityException", true)
	p = openedWith(t, mayTransfer(profile, "16"))
	offline := transfer()
	offline.Needs.Network = work.NoNetwork
	refused(p, offline, "IllegalArgumentException", true)
	p.sense(minute, core.SenseAppLeft)
	refused(p, transfer(), "RESULT_FAILURE", false)
	p = openedWith(t, mayTransfer(profile, "16"), android.Setting{Name: "schedule.rate", Value: "2"})
	p.must(minute, transfer())
	p.must(minute, transfer())
	refused(p, transfer(), "IllegalStateException", true)
	p.must(2*minute, transfer())
	for _, c := range []struct {
		version string
		jobs    int
	}{{"11", 100}, {"12", 150}, {"16", 150}} {
		p := openedWith(t, mayTransfer(profile, c.version), android.Setting{Name: "user-initiated.jobs", Value: "yes"})
		p.M.Quiet()
		for range c.jobs {
			p.must(minute, transfer())
		}
		refused(p, transfer(), "IllegalStateException", true)
	}
	p = openedWith(t, mayTransfer(profile, "16"), android.Setting{Name: "schedule.jobs", Value: "1000"})
	p.M.Quiet()
	for i := range int64(250) {
		p.must(minute+i*59*second/250, transfer())
	}
	if _, err := p.ask(minute+59*second, transfer()); err == nil {
		t.Errorf("251 calls within a minute")
	}
	p.must(2*minute, transfer())
	for _, k := range []work.Kind{work.KindRefresh, work.KindProcessing, work.KindHealth, work.KindContinued, work.KindTransfer, work.KindAssertion} {
		if _, err := p.ask(minute, work.Request{Task: "t", Phone: work.Traits{Kind: k}}); !errors.Is(err, work.ErrUnsupported) {
			t.Errorf("%s: %v", k, err)
		}
	}
}

// checkTransferRuns on through Doze and out of quota, for 12 h at a time and 24 h in all;
// then it is an ordinary job.
func checkTransferRuns(t coretest.TB, profile maker) {
	p := openedWith(t, mayTransfer(profile, "16"), android.Setting{Name: "quota.active.jobs", Value: "0"}, android.Setting{Name: "quota.working-set.jobs", Value: "0"})
	p.takes["up"] = 40 * hour
	id := p.must(minute, transfer())
	p.leave(2 * minute)
	p.until(20 * hour)
	if r := p.runs[0]; r.end != minute+12*hour || r.stop != work.StopTimeout {
		t.Errorf("it ended at %s: %d", clock(r.end), r.stop)
	}
	if r := p.runs[1]; r.at != minute+12*hour || r.stop != 0 {
		t.Errorf("%+v", r)
	}
	p.until(26 * hour)
	if r := p.runs[1]; r.end != minute+24*hour || len(p.runs) != 2 {
		t.Errorf("it ended at %s: %d", clock(r.end), r.stop)
	}
	if codes := p.Codes(p.At, id); !slices.Contains(codes, android.ReasonQuota) {
		t.Errorf("held by %v", codes)
	}
}

func checkUserEndsATransfer(t coretest.TB, profile maker) {
	p := openedWith(t, mayTransfer(profile, "16"))
	p.takes["up"] = hour
	id := p.must(minute, transfer())
	p.senseTask(2*minute, core.SenseUserCancels, "up")
	if w := p.Row(id); !p.gone(id) || p.runs[0].stop != work.StopUser {
		t.Errorf("%+v", w)
	}
	// Other work that the user ends is tried again.
	p.takes["t"] = hour
	id = p.must(3*minute, work.Request{Task: "t"})
	p.senseTask(4*minute, core.SenseUserCancels, "t")
	if r := p.runs[1]; r.stop != work.StopUser || r.end != 4*minute || p.gone(id) {
		t.Errorf("%+v", r)
	}
}

func checkTransfersAreForgottenAtABoot(t coretest.TB, profile maker) {
	p := openedWith(t, mayTransfer(profile, "16"))
	p.takes["up"] = hour
	id := p.must(minute, transfer())
	p.sense(2*minute, core.SenseShutdown)
	if p.gone(id) {
		t.Errorf("gone too early")
	}
	p.sense(3*minute, core.SenseBooted)
	if !p.gone(id) {
		t.Errorf("it is still there")
	}
}

// checkParallel looks at the limits by memory, screen and pressure.
func checkParallel(t coretest.TB, profile maker) {
	for _, c := range []struct {
		version  string
		mib      int64
		screen   bool
		pressure android.Pressure
		want     android.Parallel
	}{
		{"16", 2 << 10, true, android.PressureNormal, android.Parallel{Limit: 8, Total: 6, Background: 3}},
		{"16", 6 << 10, true, android.PressureNormal, android.Parallel{Limit: 16, Total: 12, Background: 6}},
		{"16", 8 << 10, true, android.PressureNormal, android.Parallel{Limit: 20, Total: 15, Background: 7}},
		{"16", 12 << 10, true, android.PressureNormal, android.Parallel{Limit: 32, Total: 24, Background: 12}},
		{"16", 16 << 10, true, android.PressureNormal, android.Parallel{Limit: 40, Total: 30, Background: 15}},
		{"16", 16 << 10, true, android.PressureModerate, android.Parallel{Limit: 40, Total: 20, Background: 8}},
		{"16", 16 << 10, true, android.PressureLow, android.Parallel{Limit: 40, Total: 16, Background: 5}},
		{"16", 16 << 10, true, android.PressureCritical, android.Parallel{Limit: 40, Total: 16, Background: 2}},
		{"16", 16 << 10, false, android.PressureNormal, android.Parallel{Limit: 40, Total: 40, Background: 24}},
		{"16", 16 << 10, false, android.PressureModerate, android.Parallel{Limit: 40, Total: 36, Background: 18}},
		{"16", 16 << 10, false, android.PressureLow, android.Parallel{Limit: 40, Total: 24, Background: 6}},
		{"16", 16 << 10, false, android.PressureCritical, android.Parallel{Limit: 40, Total: 16, Background: 1}},
		{"12", 2 << 10, true, android.PressureNormal, android.Parallel{Limit: 8, Total: 6, Background: 3}},
		{"12", 6 << 10, true, android.PressureNormal, android.Parallel{Limit: 16, Total: 12, Background: 6}},
		{"12", 8 << 10, true, android.PressureNormal, android.Parallel{Limit: 16, Total: 12, Background: 6}},
		{"12", 12 << 10, true, android.PressureNormal, android.Parallel{Limit: 16, Total: 12, Background: 6}},
		{"12", 16 << 10, true, android.PressureNormal, android.Parallel{Limit: 16, Total: 12, Background: 6}},
	} {
		p := profile(c.version, "")
		p.Set(param(t, "device.ram"), c.mib)
		if got := p.Parallel(c.screen, c.pressure); got != c.want {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

func checkJobsOfOneAppAtOnce(t coretest.TB, profile maker) {
	p := opened(t, profile, "16", "", plenty...)
	for i := range 30 {
		p.takes[fmt.Sprint("t", i)] = 5 * hour
	}
	for i := range 14 {
		p.must(minute, work.Request{Task: fmt.Sprint("t", i)})
	}
	// 8 GB allow 20 jobs, of which one app has half.
	if len(p.runs) != 10 {
		t.Errorf("%d run", len(p.runs))
	}
	p.wantCodes("t10-11", android.ReasonConcurrency)
	p.until(31*minute - 1)
	if len(p.runs) != 10 {
		t.Errorf("%d run", len(p.runs))
	}
	p.until(31 * minute) // who waited for half an hour goes all the same
	if n := len(p.runs); n < 14 {
		t.Errorf("%d run", n)
	}

	// In the background fewer run, until the screen has been off for a while.
	p = opened(t, profile, "16", "", append(plenty, android.Setting{Name: "doze.light", Value: "no"})...)
	p.takes["t"] = 5 * hour
	p.leave(minute)
	for range 12 {
		p.must(minute+second, work.Request{Task: "t"})
	}
	for at, want := range []int{20: 7, 29: 7, 30: 10, 60: 10} {
		if want == 0 {
			continue
		}
		if p.until(minute + int64(at)*second); len(p.runs) != want {
			t.Errorf("%d s after the screen went off %d run, want %d", at, len(p.runs), want)
		}
	}

	p = opened(t, profile, "16", "", plenty...)
	p.takes["e"] = 5 * hour
	for range 5 {
		p.must(minute, work.Request{Task: "e", Expedited: true})
	}
	if len(p.runs) != 3 {
		t.Errorf("%d expedited jobs run", len(p.runs))
	}
	p.until(6 * minute)
	if len(p.runs) != 5 {
		t.Errorf("after 5 min %d expedited jobs run", len(p.runs))
	}
}
