package android_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestHourlyJobInDoze: on a phone that lies still, hourly work runs when Doze opens a
// window, and windows come at twice the distance each time. Reported for an hourly job of
// android-job (Evernote/android-job issue 537).
func TestHourlyJobInDoze(t *testing.T) {
	p := opened(t, profiles(t), "13", "")
	p.must(0, work.Request{Task: "hourly", Every: time.Hour})
	p.leave(minute)
	p.until(2 * day)
	starts := p.starts("hourly")
	t.Log(clocks(starts))
	// Deep Doze begins a good hour after the screen went off.
	i := slices.IndexFunc(starts, func(at int64) bool { return at > 2*hour })
	got := gaps(starts[i:])
	if want := []int64{2 * hour, 4 * hour, 6 * hour, 6 * hour}; len(got) < len(want) {
		t.Fatalf("started at %v", clocks(starts))
	} else {
		for k, w := range want {
			if got[k] < w || got[k] > w+10*minute {
				t.Errorf("gap %d is %s, want %s and a little", k, clock(got[k]), clock(w))
			}
		}
	}
}

// living lets days pass: the phone is used in the day, lies still at night, and is on the
// charger for an hour in the evening. The app stays closed.
func (p *phone) living(from, to int64) {
	p.TB.Helper()
	for morning := from + 7*hour; morning < to; morning += day {
		for h := range int64(14) {
			p.look(morning + h*hour)
			p.sense(morning+h*hour+10*minute, core.SenseScreen, 0)
			p.sense(morning+h*hour+20*minute, core.SenseMotion, 1)
			p.sense(morning+h*hour+21*minute, core.SenseMotion, 0)
		}
		p.facts(morning+14*hour, map[record.Signal]int64{record.Charging: 1})
		p.look(morning + 14*hour + minute) // somebody looks at it there, so it never counts as idle
		p.facts(morning+15*hour, map[record.Signal]int64{record.Charging: 0})
		p.sense(morning+15*hour+minute, core.SenseScreen, 0)
	}
	p.until(to)
}

// TestUnopenedApp: an app that was not opened for two weeks runs about once a day or less
// where there is a bucket RESTRICTED, and about three times a day where RARE is the last;
// exempting it brings its rate back at once. Reported for COVID Alert on a Pixel
// (cds-snc/covid-alert-app issue 1313).
func TestUnopenedApp(t *testing.T) {
	for _, c := range []struct {
		version string
		most    float64
	}{{"11", 4.5}, {"13", 1.5}, {"16", 1.5}} {
		t.Run(c.version, func(t *testing.T) {
			p := opened(t, profiles(t), c.version, "")
			p.must(0, work.Request{Task: "hourly", Every: time.Hour})
			p.takes["hourly"] = 20 * second
			p.leave(minute)
			p.living(0, 24*day)
			count := func(from, to int64) float64 {
				n := 0
				for _, at := range p.starts("hourly") {
					if at >= from && at < to {
						n++
					}
				}
				return float64(n) / (float64(to-from) / float64(day))
			}
			before := count(17*day, 24*day)
			p.sense(24*day+minute, core.SenseExempt, 1)
			p.living(24*day, 27*day)
			after := count(24*day, 27*day)
			t.Logf("Android %s: %.1f runs a day unopened, %.1f exempt", c.version, before, after)
			if before > c.most || before == 0 {
				t.Errorf("it runs %.1f times a day", before)
			}
			if after < 8 {
				t.Errorf("when it is exempt it runs %.1f times a day", after)
			}
		})
	}
}

// TestPeriodicJobOfTheSystem: with a flex as long as its period a job may run anywhere in
// each window, so two runs are less than two periods apart, and may be much less than one
// (fluttercommunity/flutter_workmanager issue 177).
func TestPeriodicJobOfTheSystem(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	const period = 10 * hour
	for _, version := range []string{"11", "16"} {
		pr := profile(t, version, "")
		w, last, short := android.Window{Earliest: 0, Latest: period}, int64(0), 0
		for i := range 10_000 {
			now := w.Earliest + rnd.Int64N(w.Latest-w.Earliest)
			if gap := now - last; i > 0 && (gap <= 0 || gap >= 2*period) {
				t.Fatalf("Android %s: a gap of %s", version, clock(gap))
			} else if gap < 7*hour {
				short++
			}
			last = now
			w = pr.NextWindow(period, period, w.Latest, now)
			if w.Latest <= now || w.Earliest >= w.Latest {
				t.Fatalf("Android %s: after a run at %d the window is %+v", version, now, w)
			}
		}
		if short < 1000 {
			t.Errorf("Android %s: only %d of 10,000 gaps are below 7 h", version, short)
		}
	}
}

// TestMessagesInDoze: a message of normal priority waits for a window, where all come
// together; its time to live may run out before (android-developers.googleblog.com,
// 2015-10).
func TestMessagesInDoze(t *testing.T) {
	for _, version := range []string{"12", "16"} {
		p := opened(t, profiles(t), version, "")
		p.leave(minute)
		at := 3 * hour // deep Doze, between two windows
		push := func(priority string, ttl time.Duration) work.ID {
			return p.must(at, work.Request{Task: fmt.Sprint(priority, ttl), Phone: work.Traits{Kind: work.KindPush, Priority: priority, TTL: ttl}})
		}
		p.until(at)
		s := p.state()
		if !s.dozing() {
			t.Fatalf("Android %s: the phone does not doze", version)
		}
		held, short, now := push("normal", 0), push("", time.Minute), push("normal", -1)
		high := push("high", 0)
		p.until(at + 1)
		p.wantCodes(held, android.ReasonDoze)
		if !p.gone(now) || len(p.starts("normal-1ns")) > 0 {
			t.Errorf("Android %s: now or never, and it was neither", version)
		}
		if p.last().id != high {
			t.Errorf("Android %s: high priority does not go through Doze", version)
		}
		reasons := p.Explain(p.At, held)
		window := reasons[0].Until.UnixMicro()
		if window <= at || window > at+6*hour {
			t.Fatalf("Android %s: the window is said to open at %s", version, clock(window))
		}
		p.until(at + minute)
		if !p.gone(short) {
			t.Errorf("Android %s: its time to live is over", version)
		}
		second := p.must(window-minute, work.Request{Task: "second", Phone: work.Traits{Kind: work.KindPush}})
		p.until(window - 1)
		if !p.gone(held) && !p.gone(second) {
			p.until(window)
		}
		if a, b := p.starts("normal0s"), p.starts("second"); !slices.Equal(a, []int64{window}) || !slices.Equal(b, a) {
			t.Errorf("Android %s: delivered at %v and %v, not at %s", version, clocks(a), clocks(b), clock(window))
		}
		if len(p.starts("1m0s")) > 0 {
			t.Errorf("Android %s: delivered after its time", version)
		}
	}
}
